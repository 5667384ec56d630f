"""A small checkpoint of a layout with random weights, written as its training leaves it, and texts
that its vocabulary spells."""

import json
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from radie_convert.schema import default_schema, entity_types
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    DistilBertForTokenClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
    ElectraForTokenClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
    RobertaForTokenClassification,
    RoFormerConfig,
    RoFormerForSequenceClassification,
    RoFormerForTokenClassification,
)

from support.checkpoint_layouts import Layout

TYPES = entity_types(default_schema())
RELATIONS = ["none", "modify", "evidence"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TEXTS = [
    "右肺上葉に12mm大の不整形結節を認めます。原発性肺癌を疑います。",
    "肝S6に20×15mmの低吸収域があり、増大しています。転移の可能性があります。",
    "胸水は認めません。縦隔リンパ節の腫大なし。",
    "ﾘﾝﾊﾟ節は短径８㎜。前回と著変ありません。",
    "左腎に嚢胞を認めますが、変化はありません。",
    "A 9 mm nodule in the right upper lobe, unchanged. No pleural effusion.",
]
WORDS = (
    "a nodule in the right upper lobe unchanged no pleural effusion mm nod ##ule up ##per "
    "un ##changed pleur ##al eff ##us ##ion 9 , ."
)
MARKERS = [f"{opening}{kind}>" for kind in TYPES for opening in ("<", "</")]


def labels_of(scheme: str) -> list[str]:
    if scheme == "io":
        return ["O", *TYPES]
    letters = {"bioes": "BIES"}.get(scheme, "BI")
    return ["O", *(f"{letter}-{kind}" for kind in TYPES for letter in letters)]


def vocabulary(layout: Layout) -> list[str]:
    tokens = WORDS.split() if layout.words else sorted(set("".join(TEXTS)))
    pure = [
        f"{opening}{side}:{kind}>" for side in "SO" for kind in TYPES for opening in ("<", "</")
    ]
    unused = [f"[unused{i}]" for i in range(1, 4 * len(TYPES) + 1)]
    own = {"PURE": pure if layout.markers == "<S:TYPE>" else unused, "R-BERT": ["$", "#"]}
    return [*SPECIAL, *own.get(layout.head, MARKERS), *dict.fromkeys([*tokens, *"0123456789mm"])]


def model_of(layout: Layout, vocab: list[str], outputs: int) -> Any:
    """One of transformers' models, which are untyped here."""
    size = {"vocab_size": len(vocab), "max_position_embeddings": 130}
    common = size | {
        "hidden_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 40,
    }
    sequence = layout.relations is not None and layout.relations.get("pooling") == "cls"
    types = (
        1 + 2 * len(TYPES) if layout.relations and layout.relations.get("layout") == "shared" else 2
    )
    if layout.kind == "distilbert":
        return (
            DistilBertForSequenceClassification if sequence else DistilBertForTokenClassification
        )(
            DistilBertConfig(
                dim=24,
                n_layers=2,
                n_heads=3,
                hidden_dim=40,
                num_labels=outputs,
                activation="relu",
                **size,
            )
        )
    if layout.kind == "roberta":
        config = RobertaConfig(num_labels=outputs, type_vocab_size=1, pad_token_id=0, **common)
        return (RobertaForSequenceClassification if sequence else RobertaForTokenClassification)(
            config
        )
    if layout.kind == "electra":
        config = ElectraConfig(num_labels=outputs, embedding_size=16, **common)
        return (ElectraForSequenceClassification if sequence else ElectraForTokenClassification)(
            config
        )
    if layout.kind == "roformer":
        config = RoFormerConfig(num_labels=outputs, embedding_size=16, **common)
        return (RoFormerForSequenceClassification if sequence else RoFormerForTokenClassification)(
            config
        )
    config = BertConfig(num_labels=outputs, type_vocab_size=types, hidden_act="gelu_new", **common)
    return (BertForSequenceClassification if sequence else BertForTokenClassification)(config)


def crf_tensors(head: str, count: int, labels: list[str]) -> dict[str, torch.Tensor]:
    if head in ("softmax", "linear", "PURE", "R-BERT"):
        return {}
    scores = [torch.randn(count), torch.randn(count), torch.randn(count, count)]
    names = {"TorchCRF": ("start_trans", "end_trans", "trans_matrix")}.get(
        head, ("start_transitions", "end_transitions", "transitions")
    )
    found = {f"crf.{name}": score for name, score in zip(names, scores, strict=True)}
    if head == "AllenNLP":
        mask = torch.zeros(count + 2, count + 2)
        for i, before in enumerate(labels):
            inner = before[0] in "BI"
            for j, after in enumerate(labels):
                goes_on = after[0] in "IE"
                mask[i, j] = float(before[2:] == after[2:] and goes_on if inner else not goes_on)
            mask[count, i] = float(before[0] not in "IE")
            mask[i, count + 1] = float(not inner)
        found["crf._constraint_mask"] = mask
    return found


def relation_tensors(layout: Layout) -> dict[str, torch.Tensor]:
    """A relation head of 24 hidden units and three labels, under the names that its code gives
    it."""
    if layout.head == "PURE":
        layers = {"layer_norm": (48,), "classifier": (3, 48)}
    elif layout.head == "R-BERT":
        layers = {
            "cls_fc_layer.linear": (24, 24),
            "entity_fc_layer.linear": (24, 24),
            "label_classifier.linear": (3, 72),
        }
    else:
        assert layout.relations is not None
        width = (
            24
            * {"mean": 1, "concat": 2, "concat_product": 3, "cls_concat": 3}[
                layout.relations["combine"]
            ]
        )
        layers = {"classifier": (3, width)}
        if layout.head != "linear":
            layers = {"classifier.dense": (24, width), "classifier.out_proj": (3, 24)}
    tensors = {}
    for name, shape in layers.items():
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = (
            0.5 * torch.randn(shape),
            torch.randn(shape[:1]),
        )
    return tensors


def write_pure_files(folder: Path, layout: Layout) -> None:
    """What PURE's training leaves beside the weights."""
    (folder / "label_list.json").write_text(json.dumps(["no_relation", *RELATIONS[1:]]))
    if layout.markers == "<TYPE>":
        keys = [
            f"{side}_{edge}={kind}"
            for kind in TYPES
            for side in ("SUBJ", "OBJ")
            for edge in ("START", "END")
        ]
        (folder / "special_tokens.json").write_text(
            json.dumps({key: f"[unused{i + 1}]" for i, key in enumerate(keys)})
        )


def write_checkpoint(folder: Path, layout: Layout, seed: int) -> Path:
    """The folder, or the file in it, that is converted."""
    torch.manual_seed(seed)
    folder.mkdir()
    vocab, labels = (
        vocabulary(layout),
        RELATIONS if layout.relations is not None else labels_of(layout.scheme),
    )
    model = model_of(layout, vocab, len(labels)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue  # RoFormer's angles are no weights
            norm = "norm" in name.lower() and name.endswith("weight")
            parameter.copy_((1.0 if norm else 0.0) + 0.3 * torch.randn(parameter.shape))
    state = dict(model.state_dict()) | crf_tensors(layout.head, len(labels), labels)
    if layout.relations is not None and layout.relations.get("pooling") != "cls":
        for name in ("classifier.weight", "classifier.bias"):
            del state[name]
        state |= relation_tensors(layout)
    if layout.old_names:
        state = {
            n.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
                "LayerNorm.bias", "LayerNorm.beta"
            ): t
            for n, t in state.items()
        }
    state = {
        layout.prefix + name: tensor.to(layout.dtype).contiguous() for name, tensor in state.items()
    }
    config = model.config.to_dict() | {"id2label": dict(enumerate(labels))}
    if layout.relations is not None and layout.relations.get("pooling") == "cls":
        config["architectures"] = [type(model).__name__]
    if layout.architecture is not None:
        config["architectures"] = [layout.architecture]
    if layout.rope_theta is not None:
        config["rope_theta"] = layout.rope_theta
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", "utf-8")
    sidecar: dict[str, Any] = {
        "text": {"normalization": "radiology-ja", "sentences": "radiology-ja"}
    }
    if layout.position_offset is not None:
        sidecar["encoder"] = {"position_offset": layout.position_offset}
    if layout.words:
        tokenizer = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
        (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    else:
        sidecar["tokenizer"] = {"profile": "char"}
    (folder / "radie.json").write_text(json.dumps(sidecar))
    if layout.head == "PURE":
        write_pure_files(folder, layout)
    return write_weights(folder, layout, state)


def write_weights(folder: Path, layout: Layout, state: dict[str, torch.Tensor]) -> Path:
    if layout.file == "shards":
        names = sorted(state)
        parts = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
        for file, part in parts.items():
            safetensors.torch.save_file({name: state[name] for name in part}, str(folder / file))
        weight_map = {name: file for file, part in parts.items() for name in part}
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    elif layout.file.endswith(".safetensors"):
        safetensors.torch.save_file(state, str(folder / layout.file))
    else:
        torch.save({"state_dict": state, "epoch": 1}, folder / layout.file)
        if layout.file.endswith(".ckpt"):
            return folder / layout.file
    return folder


def texts_file(folder: Path, layout: Layout) -> Path:
    """Texts as lines; for relations with two dozen mentions put where they may."""
    texts = TEXTS[-1:] if layout.words else TEXTS
    file = folder / "texts.jsonl"
    records = []
    for text in texts:
        record: dict[str, Any] = {"text": text}
        if layout.relations is not None:
            spans = [(start, start + 2) for start in range(0, len(text) - 2, 5)]
            record["entities"] = [
                {"start": a, "end": b, "type": TYPES[i % len(TYPES)]}
                for i, (a, b) in enumerate(spans)
            ]
        records.append(json.dumps(record, ensure_ascii=False) + "\n")
    file.write_text("".join(records), "utf-8")
    return file
