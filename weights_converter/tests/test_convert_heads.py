"""Tagging heads of other libraries, label schemes, and what the command says of a checkpoint."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from convert_support import (
    ENTITY_LABELS,
    TYPES,
    VOCAB,
    encoder_tensors,
    tagger_tensors,
    write_checkpoint,
    write_relation,
    write_tagger,
)

from radie_convert import BuildOptions, ConversionError, build_model, read_model
from radie_convert.arrays import Tensors
from radie_convert.cli import main
from radie_convert.labels import canonical_labels
from radie_convert.tagger_heads import canonical_head

COUNT = len(ENTITY_LABELS)
CRF = ("start_transitions", "end_transitions", "transitions")


def _renamed(tensors: Tensors, names: dict[str, str]) -> Tensors:
    return {names.get(name, name): tensor for name, tensor in tensors.items()}


def test_torchcrf_names() -> None:
    names = {
        "crf.start_transitions": "crf_layer.start_trans",
        "crf.end_transitions": "crf_layer.end_trans",
        "crf.transitions": "crf_layer.trans_matrix",
    }
    head = canonical_head(_renamed(tagger_tensors(), names), "x")
    assert head.kind == "TorchCRF"
    for name in CRF:
        np.testing.assert_array_equal(head.tensors[f"crf.{name}"], tagger_tensors()[f"crf.{name}"])


def test_a_linear_layer_of_any_name() -> None:
    for stem in ("hidden2tag", "tag_projection_layer._module", "fc"):
        names = {f"classifier.{p}": f"{stem}.{p}" for p in ("weight", "bias")}
        for crf in (True, False):
            head = canonical_head(_renamed(tagger_tensors(crf), names), "x")
            np.testing.assert_array_equal(
                head.tensors["classifier.weight"], tagger_tensors()["classifier.weight"]
            )
            assert stem in head.notes[0]
    without = tagger_tensors()
    del without["classifier.bias"]
    found = canonical_head(without, "x").tensors["classifier.bias"]
    np.testing.assert_array_equal(found, np.zeros(COUNT))


def test_two_linear_layers_are_not_guessed() -> None:
    tensors = tagger_tensors()
    tensors |= {"other.weight": np.zeros((3, 8), np.float32), "other.bias": np.zeros(3, np.float32)}
    head = canonical_head(tensors, "x")
    assert "other.weight" in head.tensors


def _with_mask(mask: Any) -> Tensors:
    return {**tagger_tensors(), "crf._constraint_mask": np.asarray(mask, np.float32)}


def test_allennlp_constraints_are_put_into_the_scores() -> None:
    rng = np.random.default_rng(4)
    mask = (rng.random((COUNT + 2, COUNT + 2)) < 0.6).astype(np.float32)
    plain = tagger_tensors()
    head = canonical_head(_with_mask(mask), "x")
    assert head.kind == "AllenNLP CRF"
    for i in range(COUNT):
        for j in range(COUNT):
            wanted = plain["crf.transitions"][i, j] if mask[i, j] else -10000
            assert head.tensors["crf.transitions"][i, j] == wanted
        wanted = plain["crf.start_transitions"][i] if mask[COUNT, i] else -10000
        assert head.tensors["crf.start_transitions"][i] == wanted
        wanted = plain["crf.end_transitions"][i] if mask[i, COUNT + 1] else -10000
        assert head.tensors["crf.end_transitions"][i] == wanted


def _broken(change: str) -> Tensors:
    tensors = tagger_tensors()
    if change == "lacks":
        del tensors["crf.end_transitions"]
    elif change == "sizes":
        tensors["crf.transitions"] = tensors["crf.transitions"][:, :-1]
    elif change == "two":
        tensors["other.transitions"] = tensors["crf.transitions"]
    elif change == "mask size":
        return _with_mask(np.ones((COUNT, COUNT)))
    else:
        return _with_mask(np.full((COUNT + 2, COUNT + 2), 0.5))
    return tensors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("lacks", "its CRF lacks end_transitions"),
        ("sizes", r"do not fit each other: start \[15\], end \[15\], steps \[15, 14\]"),
        ("two", "more than one CRF: 'crf', 'other'"),
        ("mask size", r"_constraint_mask has shape \[15, 15\], expected \[17, 17\]"),
        ("mask values", "other numbers than 0 and 1"),
    ],
)
def test_broken_crfs_are_named(change: str, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        canonical_head(_broken(change), "x")


@pytest.mark.parametrize(
    ("labels", "scheme", "found", "expected"),
    [
        ("O B-A I-A", None, "iob2", "O B-A I-A"),
        ("O B-A I-A", "iob1", "iob1", "O B-A I-A"),
        ("O I-A I-B", None, "io", "O I-A I-B"),
        ("O A B", None, "io", "O I-A I-B"),
        ("O B-A I-A E-A S-A", None, "bioes", "O B-A I-A E-A S-A"),
        ("O B-A I-A L-A U-A", None, "bioes", "O B-A I-A E-A S-A"),
        ("O B-A M-A E-A S-A", None, "bioes", "O B-A I-A E-A S-A"),
        ("PAD O B-A I-A X [CLS] [SEP]", None, "iob2", "[PAD] O B-A I-A [X] [CLS] [SEP]"),
    ],
)
def test_schemes(labels: str, scheme: str | None, found: str, expected: str) -> None:
    names, kind = canonical_labels(labels.split(), scheme, "x")
    assert (names, kind) == (expected.split(), found)


def _schemed(tmp_path: Path, labels: list[str], **settings: Any) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    tensors = encoder_tensors()
    tensors["classifier.weight"] = rng.normal(size=(len(labels), 8)).astype(np.float32)
    tensors["classifier.bias"] = rng.normal(size=len(labels)).astype(np.float32)
    sidecar = {"tokenizer": {"profile": "char"}, "entities": settings}
    folder = write_checkpoint(tmp_path / "ner", tensors, labels, sidecar)
    build_model(tmp_path / "m.radie", tagger=folder)
    found: dict[str, Any] = read_model(tmp_path / "m.radie")[0]["entities"]
    return found


def test_schemes_and_settings_reach_the_file(tmp_path: Path) -> None:
    plain = _schemed(tmp_path, ["O", *(f"{p}-{t}" for t in TYPES for p in "BI")])
    assert not {"scheme", "subwords", "special_tokens_in_path"} & plain.keys()
    found = _schemed(tmp_path, ["O", *TYPES])
    assert (found["scheme"], found["labels"][1]) == ("io", f"I-{TYPES[0]}")
    found = _schemed(tmp_path, ["O", *(f"{p}-{t}" for t in TYPES for p in "BILU")])
    assert (found["scheme"], found["labels"][4]) == ("bioes", f"S-{TYPES[0]}")
    found = _schemed(tmp_path, ["O", f"I-{TYPES[0]}", f"B-{TYPES[0]}"], scheme="iob1")
    assert found["scheme"] == "iob1"
    found = _schemed(tmp_path, ["O", TYPES[0], "[SEP]"], special_tokens_in_path=True)
    assert found["special_tokens_in_path"] is True
    with pytest.raises(ConversionError, match="has no pieces that begin with ##"):
        _schemed(tmp_path, ["O", TYPES[0]], subwords="first")
    with pytest.raises(ConversionError, match="subwords is 'middle'"):
        _schemed(tmp_path, ["O", TYPES[0]], subwords="middle")


# --- what is asked, and with which option ---------------------------------------------------------


def test_made_up_label_names_are_asked_for(tmp_path: Path) -> None:
    labels = [f"LABEL_{i}" for i in range(COUNT)]
    folder = write_checkpoint(tmp_path / "ner", tagger_tensors(), labels)
    with pytest.raises(ConversionError, match=r"LABEL_0.*--labels"):
        build_model(tmp_path / "m.radie", tagger=folder)
    build_model(
        tmp_path / "m.radie", tagger=folder, options=BuildOptions(entity_labels=ENTITY_LABELS)
    )


def test_a_missing_vocabulary_line(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "ner", vocab=[t for t in VOCAB if t != "肝"])
    with pytest.raises(ConversionError, match=r"a line may be missing.*--cut-embeddings"):
        build_model(tmp_path / "m.radie", tagger=folder)
    build_model(tmp_path / "m.radie", tagger=folder, options=BuildOptions(cut_embeddings=True))
    metadata, tensors = read_model(tmp_path / "m.radie")
    assert metadata["entities"]["encoder"]["vocab_size"] == len(VOCAB) - 1
    words = "bert.embeddings.word_embeddings.weight"
    np.testing.assert_array_equal(tensors[f"entities.{words}"], encoder_tensors()[words][:-1])


def test_a_vocabulary_without_unk(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "ner", vocab=["?" if t == "[UNK]" else t for t in VOCAB])
    with pytest.raises(ConversionError, match=r"unk_token '\[UNK\]' is not in the vocabulary"):
        build_model(tmp_path / "m.radie", tagger=folder)


def test_no_vocabulary(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "ner", vocab=None)
    with pytest.raises(ConversionError, match="--base"):
        build_model(tmp_path / "m.radie", tagger=folder)


@pytest.mark.parametrize("name", ["bert.embeddings.LayerNorm.weight", "classifier.bias"])
def test_nan_is_named(tmp_path: Path, name: str) -> None:
    tensors = tagger_tensors()
    tensors[name][1] = np.nan
    folder = write_checkpoint(tmp_path / "ner", tensors, ENTITY_LABELS)
    with pytest.raises(ConversionError, match=f"tensor {name} holds a number that is not finite"):
        build_model(tmp_path / "m.radie", tagger=folder)


def test_inspect_says_what_a_checkpoint_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_tagger(tmp_path / "ner")
    assert main(["inspect", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "encoder: bert, names under 'bert.': hidden_size 8" in text
    assert "tagger: pytorch-crf; 15 labels, scheme iob2: O, B-Imaging_observation" in text
    assert "assumed: [CLS] and [SEP] have no part in the CRF (--special-tokens-in-path)" in text
    assert f"convert with: radie-convert build --tagger {folder}" in text
    assert "would ask" not in text

    assert main(["inspect", str(write_relation(tmp_path / "re"))]) == 0
    text = capsys.readouterr().out
    assert "relation classifier: two layers: classifier.dense.bias [6]" in text
    assert "build --relation" in text

    bare = write_checkpoint(tmp_path / "e", encoder_tensors(), vocab=None)
    assert main(["inspect", "--tensors", str(bare)]) == 0
    text = capsys.readouterr().out
    assert "vocabulary: none" in text
    assert "build --encoder" in text
    assert "bert.embeddings.LayerNorm.weight [8]" in text


def test_inspect_says_what_it_would_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_checkpoint(tmp_path / "ner", tagger_tensors())
    assert main(["inspect", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "labels are not named" in text
    assert "would ask: " in text
    assert "--labels" in text


def test_inspect_still_shows_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "m.safetensors"
    build_model(output, tagger=write_tagger(tmp_path / "ner"))
    assert main(["inspect", str(output)]) == 0
    assert "radie model, format version 1" in capsys.readouterr().out


def test_options_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_tagger(tmp_path / "ner")
    (folder / "config.json").rename(tmp_path / "config.json")
    command = ["build", "--tagger", str(folder), "--output", str(tmp_path / "m.radie")]
    assert main(command) == 1
    assert "--base" in capsys.readouterr().err
    more = ["--base", str(tmp_path), "--scheme", "iob1", "--special-tokens-in-path"]
    assert main([*command, *more, "--unconstrained"]) == 0
    stage = read_model(tmp_path / "m.radie")[0]["entities"]
    assert (stage["scheme"], stage["constrained"]) == ("iob1", False)
    assert stage["special_tokens_in_path"] is True
    assert json.loads((folder / "radie.json").read_text()) == {"tokenizer": {"profile": "char"}}
