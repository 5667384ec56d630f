"""radie-convert verify on a small random checkpoint of every layout, and on one with other weights
than the model.

usage: verify_parity.py RADIE_COMMAND      exit 1 where a number, a tag or a relation differs
"""

import contextlib
import io
import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import safetensors.torch
import torch
from radie_convert import BuildOptions, build_model
from radie_convert.cli import main as radie_convert_main
from radie_convert.schema import default_schema, entity_types
from radie_convert.verify import Comparison, verify_model
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
)

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


@dataclass
class Layout:
    """One checkpoint: what it is called, how it is made, what is said when it is converted."""

    name: str
    kind: str = "bert"
    head: str = "softmax"
    scheme: str = "iob2"
    entities: dict = field(default_factory=dict)
    relations: dict | None = None
    words: bool = False
    prefix: str = ""
    file: str = "model.safetensors"
    dtype: torch.dtype = torch.float32
    old_names: bool = False
    position_offset: int | None = None
    markers: str = "<TYPE>"
    architecture: str | None = None


LAYOUTS = [
    Layout("BertForTokenClassification, IOB2"),
    Layout("RobertaForTokenClassification, IO", "roberta", scheme="io"),
    Layout("RobertaForTokenClassification, positions from 0", "roberta", position_offset=0),
    Layout("DistilBertForTokenClassification, IOB2", "distilbert"),
    Layout("ElectraForTokenClassification, BIOES", "electra", scheme="bioes"),
    Layout("BERT, pytorch-crf, IOB2", head="pytorch-crf"),
    Layout(
        "BERT, pytorch-crf, [CLS] and [SEP] in the path",
        head="pytorch-crf",
        entities={"special_tokens_in_path": True},
    ),
    Layout("BERT, TorchCRF, BIOES", head="TorchCRF", scheme="bioes"),
    Layout(
        "DistilBERT, AllenNLP CRF, BIOES",
        "distilbert",
        "AllenNLP",
        "bioes",
        entities={"constrained": False},
    ),
    Layout(
        "ELECTRA, pytorch-crf, IOB1", "electra", "pytorch-crf", "iob1", entities={"scheme": "iob1"}
    ),
    Layout(
        "RoBERTa, TorchCRF, unconstrained", "roberta", "TorchCRF", entities={"constrained": False}
    ),
    Layout(
        "BERT, words, first sub-word",
        head="pytorch-crf",
        entities={"subwords": "first"},
        words=True,
    ),
    Layout("BERT, words, last sub-word", entities={"subwords": "last"}, words=True),
    Layout("BERT, words, all sub-words", scheme="bioes", words=True),
    Layout(
        "Lightning .ckpt, names under model.", head="pytorch-crf", prefix="model.", file="last.ckpt"
    ),
    Layout(
        "pytorch_model.bin, bf16, names under module., gamma and beta",
        prefix="module.",
        file="pytorch_model.bin",
        dtype=torch.bfloat16,
        old_names=True,
    ),
    Layout("ELECTRA, fp16 shards", "electra", file="shards", dtype=torch.float16),
    Layout("BertForSequenceClassification", relations={"pooling": "cls"}),
    Layout("RobertaForSequenceClassification", "roberta", relations={"pooling": "cls"}),
    Layout("BERT, markers, layout pair", relations={"pooling": "both", "combine": "mean"}),
    Layout(
        "ELECTRA, markers, layout tail",
        "electra",
        relations={"layout": "tail", "pooling": "start", "combine": "concat"},
    ),
    Layout(
        "BERT, token types, layout shared",
        relations={"layout": "shared", "pooling": "both", "combine": "concat_product"},
    ),
    Layout("DistilBertForSequenceClassification", "distilbert", relations={"pooling": "cls"}),
    Layout("ElectraForSequenceClassification", "electra", relations={"pooling": "cls"}),
    Layout("BERT, PURE, unused tokens by type", head="PURE", relations={}),
    Layout(
        "BERT, PURE, `<S:TYPE>` and `<O:TYPE>`, layout tail",
        head="PURE",
        relations={"layout": "tail"},
        markers="<S:TYPE>",
    ),
    Layout("BERT, R-BERT", head="R-BERT", relations={}),
    Layout(
        "RoBERTa, a linear layer on [CLS] and mentions' means",
        "roberta",
        head="linear",
        relations={"pooling": "mention", "combine": "cls_concat"},
    ),
    Layout(
        "BERT, token types, layout shared, linear on means",
        head="linear",
        relations={"layout": "shared", "pooling": "span", "combine": "concat"},
    ),
    Layout(
        "BERT, PURE's approximation, unused tokens by type",
        head="PURE",
        relations={},
        architecture="BertForRelationApprox",
    ),
    Layout(
        "RoBERTa, PURE's approximation, `<S:TYPE>` and `<O:TYPE>`, with context",
        "roberta",
        "PURE",
        relations={"context_tokens": 60},
        markers="<S:TYPE>",
        architecture="BertForRelationApprox",
    ),
    Layout(
        "ELECTRA, levitated markers, both of a mention",
        "electra",
        relations={"layout": "levitated", "pooling": "both", "combine": "mean"},
    ),
]


SECOND_STAGES = [
    Layout(
        "BERT with markers", relations={"layout": "tail", "pooling": "both", "combine": "concat"}
    ),
    Layout("PURE's approximation", head="PURE", relations={}, architecture="BertForRelationApprox"),
    Layout(
        "levitated markers over the whole report",
        head="PURE",
        relations={"layout": "levitated", "scope": {"kind": "report"}, "context_tokens": 60},
    ),
]


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


def model_of(layout: Layout, vocab: list[str], outputs: int) -> torch.nn.Module:
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
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", "utf-8")
    sidecar: dict = {"text": {"normalization": "radiology-ja", "sentences": "radiology-ja"}}
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
        record: dict = {"text": text}
        if layout.relations is not None:
            spans = [(start, start + 2) for start in range(0, len(text) - 2, 5)]
            record["entities"] = [
                {"start": a, "end": b, "type": TYPES[i % len(TYPES)]}
                for i, (a, b) in enumerate(spans)
            ]
        records.append(json.dumps(record, ensure_ascii=False) + "\n")
    file.write_text("".join(records), "utf-8")
    return file


def compare(command: str, work: Path, layout: Layout, seed: int) -> list[Comparison]:
    folder = work / f"c{seed}"
    checkpoint = write_checkpoint(folder, layout, seed)
    if layout.relations is None:
        options = BuildOptions(entity_settings=layout.entities)
        build_model(folder / "m.radie", tagger=checkpoint, options=options)
    else:
        options = BuildOptions(relation_settings={"context_tokens": 30, **layout.relations})
        build_model(folder / "m.radie", relation=checkpoint, options=options)
    return verify_model(folder / "m.radie", [checkpoint], texts_file(folder, layout), radie=command)


def both_stages(command: str, work: Path, relation: Layout) -> list[Comparison]:
    """One model of two checkpoints of other kinds; relations on the mentions that the tagger
    finds."""
    tagger = Layout("tagger", "electra", "pytorch-crf")
    work.mkdir()
    checkpoints = [
        write_checkpoint(work / f"both{i}", layout, 3 + i)
        for i, layout in enumerate((tagger, relation))
    ]
    options = BuildOptions(relation_settings={"context_tokens": 20, **(relation.relations or {})})
    build_model(
        work / "both.radie", tagger=checkpoints[0], relation=checkpoints[1], options=options
    )
    return verify_model(work / "both.radie", checkpoints, texts_file(work, tagger), radie=command)


def row(layout: Layout, comparisons: list[Comparison]) -> str:
    largest: dict[str, float] = {}
    decisions: dict[str, list[int]] = {}
    for comparison in comparisons:
        for what, value in comparison.largest.items():
            largest[what] = max(value, largest.get(what, 0.0))
        for what, (same, total) in comparison.decisions.items():
            counts = decisions.setdefault(what, [0, 0])
            counts[0], counts[1] = counts[0] + same, counts[1] + total
    numbers = ", ".join(f"{what} {value:.1e}" for what, value in largest.items())
    shares = ", ".join(f"{what} {same}/{total}" for what, (same, total) in decisions.items())
    return f"| {layout.name} | {numbers} | {shares} |"


def other_weights_are_told(command: str, work: Path) -> int:
    """The command passes a model against its own checkpoint, and not against one with other
    weights."""
    layout = Layout("other", head="pytorch-crf")
    mine = write_checkpoint(work / "mine", layout, 1)
    other = write_checkpoint(work / "other", layout, 2)
    build_model(work / "m.radie", tagger=mine)
    texts = str(texts_file(work, layout))
    arguments = ["verify", str(work / "m.radie"), "--text", texts, "--radie", command, "--against"]
    with contextlib.redirect_stdout(io.StringIO()):
        statuses = [radie_convert_main([*arguments, str(folder)]) for folder in (mine, other)]
    return int(statuses != [0, 1])


def main() -> int:
    command = sys.argv[1]
    torch.set_num_threads(1)
    failed = 0
    print("| layout | largest difference | identical decisions |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for seed, layout in enumerate(LAYOUTS):
            comparisons = compare(command, Path(name), layout, seed)
            compared = sum(total for c in comparisons for _, total in c.decisions.values())
            failed += not all(c.agrees(1e-4) for c in comparisons) or not compared
            print(row(layout, comparisons), flush=True)
        for number, relation in enumerate(SECOND_STAGES):
            comparisons = both_stages(command, Path(name) / f"both{number}", relation)
            failed += not all(c.agrees(1e-4) for c in comparisons) or len(comparisons) != 3
            print(
                row(Layout(f"ELECTRA with a CRF, then {relation.name}, both stages"), comparisons)
            )
        failed += other_weights_are_told(command, Path(name))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
