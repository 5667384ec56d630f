"""Relation heads of other code: what is recognised, what is taken from where, what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from convert_support import RELATION_LABELS, SPECIAL, TYPES, encoder_tensors, write_checkpoint

from radie_convert import ConversionError, build_model, read_model
from radie_convert.arrays import Tensors
from radie_convert.cli import main
from radie_convert.inspect_checkpoint import describe_checkpoint
from radie_convert.relation_heads import canonical_relation_head

UNUSED = [f"[unused{i}]" for i in range(1, 29)]
PURE = [f"{opening}{side}:{kind}>" for side in "SO" for kind in TYPES for opening in ("<", "</")]
SEQUENCE = {"architectures": ["BertForSequenceClassification"]}


def _layers(vocab: list[str], layers: dict[str, tuple[int, ...]]) -> Tensors:
    rng = np.random.default_rng(4)
    tensors = encoder_tensors(len(vocab))
    for name, shape in layers.items():
        tensors[f"{name}.weight"] = rng.normal(size=shape).astype(np.float32)
        tensors[f"{name}.bias"] = rng.normal(size=shape[:1]).astype(np.float32)
    return tensors


def _pure(folder: Path, own: list[str], labels: list[str] | None = None, **more: Any) -> Path:
    vocab = [*SPECIAL, "肺", *own]
    tensors = _layers(vocab, {"layer_norm": (16,), "classifier": (3, 16)})
    return write_checkpoint(folder, tensors, labels, vocab=vocab, **more)


def _special_tokens() -> dict[str, str]:
    sides = ("SUBJ_START", "SUBJ_END", "OBJ_START", "OBJ_END")
    keys = [f"{side}={kind}" for kind in TYPES for side in sides]
    return dict(zip(keys, UNUSED, strict=True))


def _r_bert(folder: Path, **more: Any) -> Path:
    vocab = [*SPECIAL, "肺", "$", "#"]
    layers: dict[str, tuple[int, ...]] = {
        "cls_fc_layer.linear": (6, 8),
        "entity_fc_layer.linear": (5, 8),
    }
    tensors = _layers(vocab, layers | {"label_classifier.linear": (3, 16)})
    return write_checkpoint(folder, tensors, RELATION_LABELS, vocab=vocab, **more)


def _stage(tmp_path: Path, checkpoint: Path) -> tuple[dict[str, Any], Tensors]:
    build_model(tmp_path / "m.radie", relation=checkpoint)
    metadata, tensors = read_model(tmp_path / "m.radie")
    return metadata["relations"], tensors


def test_pure_with_its_own_files(tmp_path: Path) -> None:
    folder = _pure(tmp_path / "re", UNUSED)
    (folder / "label_list.json").write_text(json.dumps(["no_relation", "modify", "evidence"]))
    (folder / "special_tokens.json").write_text(json.dumps(_special_tokens()))
    stage, tensors = _stage(tmp_path, folder)
    assert stage["labels"] == ["none", "modify", "evidence"]
    assert (stage["head"], stage["head_layer_norm_eps"]) == ("linear", 1e-5)
    assert (stage["pooling"], stage["combine"]) == ("start", "concat")
    assert stage["markers"]["tail_end"][TYPES[1]] == "[unused8]"
    assert tensors["relations.classifier.layer_norm.weight"].shape == (16,)
    assert tensors["relations.classifier.out_proj.weight"].shape == (3, 16)


def test_pure_markers_by_the_vocabulary(tmp_path: Path) -> None:
    stage, _ = _stage(tmp_path, _pure(tmp_path / "re", PURE, RELATION_LABELS))
    assert stage["markers"]["head_start"] == "<S:{type}>"
    assert stage["markers"]["tail_end"] == "</O:{type}>"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("special_tokens.json", {"SUBJ_START=Organ": "[unused1]"}, "'SUBJ_START=Organ' stands for"),
        ("special_tokens.json", {f"OBJ_END={TYPES[0]}": 3}, "stands for 3"),
        ("special_tokens.json", {f"OBJ_END={TYPES[0]}": "[unused1]"}, "head_start has no marker"),
        ("label_list.json", {"none": 0}, "expected an array of strings"),
        ("label_list.json", ["no_relation", "modify"], "relation labels are ['none', 'modify']"),
    ],
)
def test_pure_files_are_checked(tmp_path: Path, name: str, content: Any, message: str) -> None:
    folder = _pure(tmp_path / "re", UNUSED, RELATION_LABELS)
    (folder / name).write_text(json.dumps(content))
    with pytest.raises(ConversionError) as caught:
        build_model(tmp_path / "m.radie", relation=folder)
    assert message in str(caught.value)


def test_r_bert(tmp_path: Path) -> None:
    stage, tensors = _stage(tmp_path, _r_bert(tmp_path / "re"))
    assert (stage["head"], stage["pooling"], stage["combine"]) == ("r_bert", "span", "cls_concat")
    assert stage["separator"] is False
    assert stage["markers"]["head_start"] == stage["markers"]["head_end"] == "$"
    assert tensors["relations.classifier.cls.weight"].shape == (6, 8)
    assert tensors["relations.classifier.entity.bias"].shape == (5,)


def test_settings_go_before_what_is_known_of_a_head(tmp_path: Path) -> None:
    sidecar = {
        "tokenizer": {"profile": "char"},
        "relations": {"separator": True, "pooling": "mention"},
    }
    stage, _ = _stage(tmp_path, _r_bert(tmp_path / "re", sidecar=sidecar))
    assert "separator" not in stage  # as models say that have one
    assert stage["pooling"] == "mention"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"head": "biaffine"}, "head is 'biaffine'"),
        ({"combine": "concat"}, "head r_bert reads [CLS]"),
        ({"pooling": "cls"}, "head r_bert reads [CLS]"),
        ({"head_activation": "relu"}, "head_activation is only of head mlp"),
        ({"head_layer_norm_eps": 1e-5}, "head_layer_norm_eps is only of head linear"),
        ({"separator": 1}, "separator is 1"),
        ({"head": "linear", "head_layer_norm_eps": 2.0}, "head_layer_norm_eps is 2.0"),
        ({"head": "linear"}, "classifier.out_proj.weight has shape [3, 16], expected [3, 24]"),
    ],
)
def test_settings_that_do_not_fit(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    sidecar = {"tokenizer": {"profile": "char"}, "relations": settings}
    with pytest.raises(ConversionError) as caught:
        build_model(tmp_path / "m.radie", relation=_r_bert(tmp_path / "re", sidecar=sidecar))
    assert message in str(caught.value)


def test_pures_approximation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = {"architectures": ["BertForRelationApprox"]}
    folder = _pure(tmp_path / "re", PURE, RELATION_LABELS, config=config)
    stage, tensors = _stage(tmp_path, folder)
    assert (stage["layout"], stage["pooling"], stage["combine"]) == ("levitated", "start", "concat")
    assert (stage["scope"], stage["context_tokens"]) == ({"kind": "sentence"}, 0)
    assert (stage["head"], stage["head_layer_norm_eps"]) == ("linear", 1e-5)
    assert stage["markers"]["head_start"] == "<S:{type}>"
    assert tensors["relations.classifier.layer_norm.bias"].shape == (16,)
    assert main(["inspect", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "relation classifier: PURE's approximation: LayerNorm and a linear layer" in text
    assert "assumed: layout levitated (--relation-settings)" in text
    assert "assumed: scope sentence (--relation-settings)" in text
    assert "assumed: context_tokens 0 (--relation-settings)" in text
    assert "full model" not in text


def test_an_approximation_that_does_not_say_so(tmp_path: Path) -> None:
    """Its tensors are those of the full model: the settings tell it."""
    sidecar = {"tokenizer": {"profile": "char"}, "relations": {"layout": "levitated"}}
    folder = _pure(tmp_path / "re", PURE, RELATION_LABELS, sidecar=sidecar)
    stage, _ = _stage(tmp_path, folder)
    assert (stage["layout"], stage["pooling"]) == ("levitated", "start")
    assert "full model" not in describe_checkpoint(folder)


@pytest.mark.parametrize(
    ("own", "settings", "message"),
    [
        (PURE, {"pooling": "mention"}, "with layout levitated no token stands between"),
        (PURE, {"pooling": "span"}, "pooling must be start, end or both"),
        (PURE, {"pooling": "cls"}, "pooling cannot be cls"),
        (PURE[:-1], {}, "head_start marker '<Imaging_observation>' is not in the vocabulary"),
        (PURE, {"combine": "cls_concat"}, "classifier.layer_norm.weight has shape [16], expected"),
    ],
)
def test_pures_approximation_with_pieces_missing(
    tmp_path: Path, own: list[str], settings: dict[str, Any], message: str
) -> None:
    config = {"architectures": ["BertForRelationApprox"]}
    sidecar = {"tokenizer": {"profile": "char"}, "relations": settings}
    folder = _pure(tmp_path / "re", own, RELATION_LABELS, config=config, sidecar=sidecar)
    with pytest.raises(ConversionError) as caught:
        build_model(tmp_path / "m.radie", relation=folder)
    assert message in str(caught.value)


def test_pures_approximation_without_its_norm(tmp_path: Path) -> None:
    vocab = [*SPECIAL, "肺", *PURE]
    config = {"architectures": ["BertForRelationApprox"]}
    folder = write_checkpoint(
        tmp_path / "re", _layers(vocab, {"classifier": (3, 16)}), RELATION_LABELS,
        vocab=vocab, config=config,
    )  # fmt: skip
    with pytest.raises(ConversionError, match="BertForRelationApprox has no layer_norm"):
        build_model(tmp_path / "m.radie", relation=folder)


def test_sequence_classification_reads_cls() -> None:
    tensors = _layers(SPECIAL, {"bert.pooler.dense": (8, 8), "classifier": (3, 8)})
    head = canonical_relation_head(tensors, SEQUENCE, None, "x")
    assert head.implied == {"pooling": "cls"}
    np.testing.assert_array_equal(
        head.tensors["classifier.dense.weight"], tensors["bert.pooler.dense.weight"]
    )
    with pytest.raises(ConversionError, match="BertForSequenceClassification reads"):
        canonical_relation_head(tensors, SEQUENCE, "both", "x")
    marked = canonical_relation_head(tensors, {}, "both", "x")  # the pooler is not read then
    assert marked.settings == {"head": "linear"}
    assert not any("pooler" in name for name in marked.tensors)


def test_inspect_says_how_a_head_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _r_bert(tmp_path / "re")
    assert main(["inspect", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "relation classifier: R-BERT: cls_fc_layer.linear.bias [6]" in text
    assert "assumed: markers $ $ # # (--relation-settings)" in text
    assert "assumed: separator False (--relation-settings)" in text
    assert f"convert with: radie-convert build --relation {folder}" in text
    assert main(["inspect", str(_pure(tmp_path / "pure", PURE, RELATION_LABELS))]) == 0
    text = capsys.readouterr().out
    assert "relation classifier: PURE" in text
    assert "assumed: this is PURE's full model, not its approximation, which has the same" in text
    assert "assumed: head_layer_norm_eps 1e-05 (--relation-settings)" in text
    assert "head_activation" not in text


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "DistilBert", "Electra", "RoFormer"])
def test_transformers_own_heads(tmp_path: Path, kind: str) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from radie_convert.checkpoint import read_checkpoint
    from radie_convert.reference import ReferenceEncoder, relation_logits

    torch.manual_seed(1)
    sizes = {"vocab_size": 12, "num_labels": 3, "max_position_embeddings": 20}
    names = ("dim", "n_layers", "n_heads", "hidden_dim")
    if kind != "DistilBert":
        names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")
    sizes |= dict(zip(names, (8, 1, 2, 12), strict=True))
    config = getattr(transformers, f"{kind}Config")(**sizes)
    model = getattr(transformers, f"{kind}ForSequenceClassification")(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:  # RoFormer's angles are no weights
                parameter.add_(0.5 * torch.randn(parameter.shape))
    model.save_pretrained(tmp_path)
    checkpoint = read_checkpoint(tmp_path)
    head = canonical_relation_head(checkpoint.tensors, checkpoint.config, None, "x")
    ids = [5, 7, 2, 9]
    with torch.no_grad():
        wanted = model(torch.tensor([ids])).logits.numpy()
    cls = ReferenceEncoder(checkpoint, None).states(ids)[:1]
    found = relation_logits(head.tensors, head.implied | head.settings, cls, cls)
    np.testing.assert_allclose(found, wanted, atol=1e-5)
