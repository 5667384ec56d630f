"""From checkpoints to model files: what is written, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from convert_support import (
    ENTITY_LABELS,
    RELATION_LABELS,
    SPECIAL,
    VOCAB,
    encoder_tensors,
    relation_tensors,
    tagger_tensors,
    write_checkpoint,
    write_relation,
    write_tagger,
)

from radie_convert import BuildOptions, ConversionError, build_model, read_model
from radie_convert.cli import main
from radie_convert.schema import default_schema

CHAR = {"profile": "char"}


def test_full_model(tmp_path: Path) -> None:
    tagger, relation = write_tagger(tmp_path / "ner"), write_relation(tmp_path / "re")
    output = tmp_path / "m.radie"
    options = BuildOptions(name="m", license="CC0", description="tiny")
    build_model(output, tagger=tagger, relation=relation, options=options)
    metadata, tensors = read_model(output)

    assert metadata["format"] == "radie"
    assert metadata["format_version"] == "1"
    assert metadata["model"]["name"] == "m"
    assert [s["role"] for s in metadata["model"]["sources"]] == ["entities", "relations"]
    assert [s["file"] for s in metadata["model"]["sources"]] == ["model.safetensors"] * 2
    assert metadata["text"] == {"normalization": "radiology-ja", "sentences": "radiology-ja"}
    assert metadata["schema"] == default_schema()
    entities, relations = metadata["entities"], metadata["relations"]
    assert entities["labels"] == ENTITY_LABELS
    assert (entities["head"], entities["constrained"]) == ("crf", True)
    assert entities["encoder"]["vocab_size"] == len(VOCAB)
    assert relations["labels"] == RELATION_LABELS
    assert (relations["layout"], relations["pooling"]) == ("pair", "both")
    # Equal vocabularies are stored once.
    assert entities["tokenizer"]["vocab"] == relations["tokenizer"]["vocab"] == "entities"
    assert metadata["vocab.entities"] == VOCAB
    assert "vocab.relations" not in metadata
    expected = {f"entities.{n}": t for n, t in tagger_tensors().items()}
    expected |= {f"relations.{n}": t for n, t in relation_tensors().items()}
    assert tensors.keys() == expected.keys()
    for name, tensor in expected.items():
        np.testing.assert_array_equal(tensors[name], tensor)


def test_equal_inputs_give_equal_bytes(tmp_path: Path) -> None:
    tagger = write_tagger(tmp_path / "ner")
    for name in ("a.radie", "b.radie"):
        build_model(tmp_path / name, tagger=tagger)
    assert (tmp_path / "a.radie").read_bytes() == (tmp_path / "b.radie").read_bytes()
    assert not list(tmp_path.glob("*.partial"))


def test_single_stages(tmp_path: Path) -> None:
    output = tmp_path / "m.radie"
    build_model(output, tagger=write_tagger(tmp_path / "ner"))
    assert not {"relations", "encoder"} & read_model(output)[0].keys()
    build_model(output, relation=write_relation(tmp_path / "re"))
    metadata, _ = read_model(output)
    assert metadata["relations"]["tokenizer"]["vocab"] == "relations"
    bare = {n.removeprefix("bert."): t for n, t in encoder_tensors().items()}
    build_model(output, encoder=write_checkpoint(tmp_path / "e", bare, vocab=None))
    metadata, tensors = read_model(output)
    assert "schema" not in metadata
    assert "tokenizer" not in metadata["encoder"]
    assert tensors.keys() == {f"encoder.{n}" for n in encoder_tensors()}


def test_softmax_head_has_no_crf(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "ner", tagger_tensors(crf=False), ENTITY_LABELS)
    build_model(tmp_path / "m.radie", tagger=folder)
    assert read_model(tmp_path / "m.radie")[0]["entities"]["head"] == "softmax"


def test_fp16(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "ner")
    build_model(tmp_path / "m.radie", tagger=folder, options=BuildOptions(dtype="fp16"))
    for name, tensor in read_model(tmp_path / "m.radie")[1].items():
        assert tensor.dtype == np.float16
        wanted = tagger_tensors()[name.removeprefix("entities.")].astype(np.float16)
        np.testing.assert_array_equal(tensor, wanted)


def test_fp16_overflow_is_refused(tmp_path: Path) -> None:
    tensors = tagger_tensors()
    tensors["classifier.bias"] = tensors["classifier.bias"] + np.float32(1e5)
    folder = write_checkpoint(tmp_path / "ner", tensors, ENTITY_LABELS)
    with pytest.raises(ConversionError, match=r"entities\.classifier\.bias.*--dtype fp32"):
        build_model(tmp_path / "m.radie", tagger=folder, options=BuildOptions(dtype="fp16"))
    assert not (tmp_path / "m.radie").exists()


def test_sequence_classifier_becomes_a_cls_relation_stage(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    tensors = encoder_tensors()
    tensors["bert.pooler.dense.weight"] = rng.normal(size=(8, 8)).astype(np.float32)
    tensors["bert.pooler.dense.bias"] = rng.normal(size=8).astype(np.float32)
    tensors["classifier.weight"] = rng.normal(size=(3, 8)).astype(np.float32)
    tensors["classifier.bias"] = rng.normal(size=3).astype(np.float32)
    sidecar = {"tokenizer": CHAR, "relations": {"pooling": "cls"}}
    folder = write_checkpoint(tmp_path / "re", tensors, RELATION_LABELS, sidecar)
    build_model(tmp_path / "m.radie", relation=folder)
    found = read_model(tmp_path / "m.radie")[1]
    for new, old in (("classifier.dense", "bert.pooler.dense"), ("classifier.out_proj",) * 2):
        old = "classifier" if old == new else old
        np.testing.assert_array_equal(found[f"relations.{new}.weight"], tensors[f"{old}.weight"])


@pytest.mark.parametrize(
    ("combine", "width"), [("mean", 8), ("concat", 16), ("concat_product", 24)]
)
def test_classifier_width_follows_combine(tmp_path: Path, combine: str, width: int) -> None:
    sidecar = {"tokenizer": CHAR, "relations": {"combine": combine, "pooling": "start"}}
    good = write_checkpoint(tmp_path / "a", relation_tensors(width), RELATION_LABELS, sidecar)
    build_model(tmp_path / "m.radie", relation=good)
    bad = write_checkpoint(tmp_path / "b", relation_tensors(7), RELATION_LABELS, sidecar)
    with pytest.raises(ConversionError) as caught:
        build_model(tmp_path / "m.radie", relation=bad)
    assert f"classifier.dense.weight has shape [6, 7], expected [6, {width}]" in str(caught.value)


def test_every_wrong_tensor_is_named(tmp_path: Path) -> None:
    tensors = tagger_tensors()
    del tensors["bert.encoder.layer.0.output.dense.bias"]
    tensors["classifier.weight"] = np.zeros((15, 9), np.float32)
    tensors["surplus"] = np.zeros(2, np.float32)
    folder = write_checkpoint(tmp_path / "ner", tensors, ENTITY_LABELS)
    with pytest.raises(ConversionError) as caught:
        build_model(tmp_path / "m.radie", tagger=folder)
    message = str(caught.value)
    assert "bert.encoder.layer.0.output.dense.bias is missing, expected shape [8]" in message
    assert "classifier.weight has shape [15, 9], expected [15, 8]" in message
    assert "surplus, shape [2], is not part of such a model" in message


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_are_finite(tmp_path: Path, value: float) -> None:
    tensors = tagger_tensors()
    tensors["crf.transitions"][3, 4] = value
    folder = write_checkpoint(tmp_path / "ner", tensors, ENTITY_LABELS)
    with pytest.raises(ConversionError, match=r"crf\.transitions"):
        build_model(tmp_path / "m.radie", tagger=folder)


@pytest.mark.parametrize(
    ("sidecar", "message"),
    [
        ({"relations": {"layout": "triple"}}, "layout is 'triple'"),
        ({"relations": {"layout": "tail", "pooling": "cls"}}, "pooling cannot be cls"),
        ({"relations": {"pooling": "max"}}, "pooling is 'max'"),
        ({"relations": {"combine": "sum"}}, "combine is 'sum'"),
        ({"relations": {"context_tokens": -1}}, "context_tokens is -1"),
        ({"relations": {"scope": {"kind": "tokens"}}}, "scope limit is None"),
        ({"relations": {"scope": "report"}}, "scope is 'report'"),
        ({"relations": {"markers": {"head_start": "<x>"}}}, "markers needs"),
        ({"relations": {"labels": ["none", "modify"]}}, "relation labels are"),
        ({"text": {"normalization": "nfd"}}, "normalization is 'nfd'"),
        ({"tokenizer": {"profile": "bpe"}}, "profile is 'bpe'"),
        ({"tokenizer": {"profile": "char", "cls_token": "<s>"}}, "cls_token '<s>'"),
        ({"schema": {"name": "x"}}, "entity_types"),
        ({"schema": []}, "schema of radie.json must be a JSON object"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, sidecar: dict[str, Any], message: str) -> None:
    folder = write_relation(tmp_path / "re", sidecar={"tokenizer": CHAR, **sidecar})
    with pytest.raises(ConversionError) as caught:
        build_model(tmp_path / "m.radie", relation=folder)
    assert message in str(caught.value)


def test_missing_marker_is_named(tmp_path: Path) -> None:
    vocab = [t if t != "</Size_descriptor>" else "x" for t in VOCAB]
    folder = write_relation(tmp_path / "re", vocab=vocab)
    with pytest.raises(ConversionError, match="head_end marker '</Size_descriptor>'"):
        build_model(tmp_path / "m.radie", relation=folder)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["Y", *ENTITY_LABELS[1:]], "'Y' is none of"),
        (["B-Organ", *ENTITY_LABELS[1:]], "'B-Organ' is none of"),
        (["O", "O", *ENTITY_LABELS[2:]], "has no B-Imaging_observation"),
        (["[SEP]", *ENTITY_LABELS[1:]], "need one O"),
        (ENTITY_LABELS[1:], "14 labels, but classifier.weight has 15 rows; --labels"),
    ],
)
def test_wrong_entity_labels_are_named(tmp_path: Path, labels: list[str], message: str) -> None:
    folder = write_tagger(tmp_path / "ner")
    with pytest.raises(ConversionError) as caught:
        build_model(tmp_path / "m.radie", tagger=folder, options=BuildOptions(entity_labels=labels))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model_type": "luke"}, "model_type is 'luke'"),
        ({"hidden_act": "silu"}, "hidden_act is 'silu'"),
        ({"num_attention_heads": 3}, "no multiple of num_attention_heads 3"),
        ({"num_attention_heads": "2"}, "num_attention_heads is '2'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"num_hidden_layers": 2}, "bert.encoder.layer.1."),
    ],
)
def test_wrong_config_is_named(tmp_path: Path, config: dict[str, Any], message: str) -> None:
    folder = write_tagger(tmp_path / "ner", config=config)
    with pytest.raises(ConversionError) as caught:
        build_model(tmp_path / "m.radie", tagger=folder)
    assert message in str(caught.value)


def test_vocabulary_has_the_embeddings_size(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "ner", vocab=[*VOCAB, "more"])
    with pytest.raises(
        ConversionError, match=rf"holds {len(VOCAB) + 1} tokens.* {len(VOCAB)} rows"
    ):
        build_model(tmp_path / "m.radie", tagger=folder)


def test_stages_agree_on_shared_settings(tmp_path: Path) -> None:
    texts = [{"normalization": n, "sentences": "none"} for n in ("none", "nfkc")]
    tagger = write_tagger(tmp_path / "ner", sidecar={"tokenizer": CHAR, "text": texts[0]})
    relation = write_relation(tmp_path / "re", sidecar={"tokenizer": CHAR, "text": texts[1]})
    with pytest.raises(ConversionError, match=r"differ in text"):
        build_model(tmp_path / "m.radie", tagger=tagger, relation=relation)


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tagger, relation = write_tagger(tmp_path / "ner"), write_relation(tmp_path / "re")
    settings = tmp_path / "relation.json"
    settings.write_text(json.dumps({"context_tokens": 5}), encoding="utf-8")
    output = tmp_path / "tiny.radie"
    arguments = ["build", "--tagger", tagger, "--relation", relation, "--output", output]
    arguments += ["--license", "CC0", "--normalization", "nfkc", "--relation-settings", settings]
    assert main([str(a) for a in arguments]) == 0
    metadata, _ = read_model(output)
    assert metadata["model"]["name"] == "tiny"
    assert metadata["text"]["normalization"] == "nfkc"
    assert metadata["relations"]["context_tokens"] == 5

    assert main(["inspect", "--tensors", str(output)]) == 0
    shown = capsys.readouterr().out
    assert "license: CC0" in shown
    assert "relation evidence: Imaging_observation -> Clinical_finding" in shown
    assert f"entities.bert.embeddings.word_embeddings.weight float32 [{len(VOCAB)}, 8]" in shown

    assert main(["build", "--output", str(output)]) == 1
    assert main(["inspect", str(tmp_path / "nothing")]) == 1
    wrong = [str(a) for a in arguments] + ["--encoder", str(tagger)]
    assert main(wrong) == 1
    assert "or else an encoder alone" in capsys.readouterr().err


def test_special_tokens_come_from_the_tokenizer_config(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "ner", sidecar={})
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps({"tokenizer_class": "BertTokenizerFast", "do_lower_case": False}))
    build_model(tmp_path / "m.radie", tagger=folder)
    tokenizer = read_model(tmp_path / "m.radie")[0]["entities"]["tokenizer"]
    assert tokenizer == {
        "profile": "bert-basic",
        "vocab": "entities",
        "unk_token": SPECIAL[1],
        "cls_token": SPECIAL[2],
        "sep_token": SPECIAL[3],
        "do_lower_case": False,
        "strip_accents": None,
        "tokenize_chinese_chars": True,
        "max_input_chars_per_word": 100,
    }
    file.write_text(json.dumps({"tokenizer_class": "CanineTokenizer"}))
    with pytest.raises(ConversionError, match="say which profile to use"):
        build_model(tmp_path / "m.radie", tagger=folder)
