"""Reading checkpoints in their various wrappers, vocabularies, and model files."""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from convert_support import VOCAB, encoder_tensors, tagger_tensors, write_checkpoint, write_tagger

from radie_convert import ConversionError, read_model, write_model
from radie_convert.arrays import Tensors, as_stored, decode_tensor, widened
from radie_convert.checkpoint import read_checkpoint
from radie_convert.model_file import read_header, read_unpacked_model
from radie_convert.names import canonical_names
from radie_convert.vocab import read_vocab


def _bare(name: str) -> str:
    return name.removeprefix("bert.")


@pytest.mark.parametrize("prefix", ["", "bert.", "encoder.", "module.bert.", "model.bert."])
def test_encoder_prefixes(prefix: str) -> None:
    tensors = encoder_tensors()
    wrapped: Tensors = {prefix + _bare(name): t for name, t in tensors.items()}
    assert canonical_names(wrapped).tensors.keys() == tensors.keys()


def test_wrapped_heads_old_names_and_buffers() -> None:
    tensors = tagger_tensors()
    wrapped: Tensors = {}
    for name, tensor in tensors.items():
        old = name.replace("LayerNorm.weight", "LayerNorm.gamma")
        wrapped["module." + old.replace("LayerNorm.bias", "LayerNorm.beta")] = tensor
    wrapped["module.bert.embeddings.position_ids"] = np.arange(20)
    wrapped["module.cls.predictions.bias"] = np.zeros(3, np.float32)
    assert canonical_names(wrapped).tensors.keys() == tensors.keys()


def test_one_encoder_only() -> None:
    tensors = encoder_tensors()
    twice = {**tensors, **{"other." + _bare(n): t for n, t in tensors.items()}}
    with pytest.raises(ConversionError, match="exactly one encoder"):
        canonical_names(twice)
    with pytest.raises(ConversionError, match="exactly one encoder"):
        canonical_names({"classifier.weight": np.zeros((1, 1), np.float32)})


def test_half_precision_is_widened() -> None:
    values = np.array([1.0, -2.5, 3.140625, 0.0], dtype=np.float32)
    upper = (values.view(np.uint32) >> 16).astype("<u2").tobytes()
    np.testing.assert_array_equal(decode_tensor("x", "BF16", [2, 2], upper), values.reshape(2, 2))
    with pytest.raises(ConversionError, match="x has dtype F8_E4M3"):
        decode_tensor("x", "F8_E4M3", [1], b"\0")


def test_fp16_checkpoint(tmp_path: Path) -> None:
    halves = {n: t.astype(np.float16) for n, t in encoder_tensors().items()}
    checkpoint = read_checkpoint(write_checkpoint(tmp_path / "e", halves))
    for name, tensor in checkpoint.tensors.items():
        assert tensor.dtype == np.float32
        np.testing.assert_array_equal(tensor, halves[name].astype(np.float32))


def test_shards(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "ner")
    whole = read_checkpoint(folder).tensors
    (folder / "model.safetensors").unlink()
    names = sorted(whole)
    weight_map: dict[str, str] = {}
    for shard, part in (("a.safetensors", names[::2]), ("b.safetensors", names[1::2])):
        safetensors.numpy.save_file({n: whole[n] for n in part}, str(folder / shard))
        weight_map |= dict.fromkeys(part, shard)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}))
    checkpoint = read_checkpoint(folder)
    assert checkpoint.tensors.keys() == whole.keys()
    assert [source.name for source in checkpoint.sources] == ["a.safetensors", "b.safetensors"]
    index.write_text(json.dumps({"weight_map": {"x": "../ner/a.safetensors"}}))
    with pytest.raises(ConversionError, match="no file beside it"):
        read_checkpoint(folder)


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="neither a folder nor a file"):
        read_checkpoint(tmp_path / "nothing")
    folder = write_tagger(tmp_path / "ner")
    (folder / "model.safetensors").write_bytes(b"no")
    with pytest.raises(ConversionError, match="is not a safetensors file"):
        read_checkpoint(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ConversionError, match="holds neither"):
        read_checkpoint(folder)
    (folder / "config.json").write_text("{")
    with pytest.raises(ConversionError, match=r"config\.json is not JSON"):
        read_checkpoint(folder)


def test_vocabularies(tmp_path: Path) -> None:
    assert read_vocab(tmp_path) is None
    text = tmp_path / "vocab.txt"
    text.write_text("[UNK]\n \n\u2028\n肺\n", encoding="utf-8")
    assert read_vocab(tmp_path) == ["[UNK]", " ", "\u2028", "肺"]
    (tmp_path / "added_tokens.json").write_text(json.dumps({"</x>": 5, "<x>": 4, "肺": 3}))
    assert read_vocab(tmp_path) == ["[UNK]", " ", "\u2028", "肺", "<x>", "</x>"]
    (tmp_path / "added_tokens.json").write_text(json.dumps({"<x>": 6}))
    with pytest.raises(ConversionError, match="run on from 4"):
        read_vocab(tmp_path)
    (tmp_path / "added_tokens.json").unlink()
    (tmp_path / "vocab.json").write_text(json.dumps(VOCAB))
    assert read_vocab(tmp_path) == VOCAB
    (tmp_path / "vocab.json").write_text(json.dumps(["a", "b", "a"]))
    with pytest.raises(ConversionError, match="'a' stands at 0 and at 2"):
        read_vocab(tmp_path)


def test_tokenizer_json(tmp_path: Path) -> None:
    value = {
        "model": {"type": "WordPiece", "vocab": {"b": 1, "a": 0}},
        "added_tokens": [{"id": 0, "content": "a"}, {"id": 2, "content": "<x>"}],
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(value))
    assert read_vocab(tmp_path) == ["a", "b", "<x>"]


def test_model_file_bytes(tmp_path: Path) -> None:
    path = tmp_path / "m.radie"
    tensors: Tensors = {"b": np.arange(6, dtype=np.float32).reshape(2, 3), "a": np.ones(1, "<f2")}
    write_model(path, {"z": "last", "text": {"normalization": "none"}, "a": "first"}, tensors)
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    assert length % 8 == 0
    header = read_header(data)
    assert list(header) == sorted(header)
    assert list(header["__metadata__"]) == sorted(header["__metadata__"])
    buffer = data[8 + length :]
    assert header["__metadata__"]["tensors_sha256"] == hashlib.sha256(buffer).hexdigest()
    metadata, found = read_model(path)
    write_model(path, metadata, {**found, "c": np.zeros(3, np.int8)})  # not with the old digest
    again, _ = read_model(path)
    assert again["tensors_sha256"] == hashlib.sha256(buffer + bytes(3)).hexdigest()
    assert metadata["text"] == {"normalization": "none"}
    assert (metadata["a"], metadata["z"]) == ("first", "last")
    assert safetensors.numpy.load_file(str(path)).keys() == {*found, "c"}
    np.testing.assert_array_equal(found["b"], tensors["b"])


def test_packed_models_have_no_matrices_to_give(tmp_path: Path) -> None:
    path = tmp_path / "m.radie"
    write_model(path, {"packed": {"version": 1}}, {"a.panels": np.ones(1, np.float32)})
    assert "packed" in read_model(path)[0]
    with pytest.raises(ConversionError, match="is packed"):
        read_unpacked_model(path)
    write_model(path, {}, {"a.weight": np.ones(1, np.float32)})
    assert read_unpacked_model(path)[1].keys() == {"a.weight"}


def test_other_files_are_no_models(tmp_path: Path) -> None:
    path = tmp_path / "m.radie"
    safetensors.numpy.save_file({"a": np.ones(1, np.float32)}, str(path))
    with pytest.raises(ConversionError, match="no radie model"):
        read_model(path)
    safetensors.numpy.save_file(
        {"a": np.ones(1, np.float32)}, str(path), {"format": "radie", "format_version": "2"}
    )
    with pytest.raises(ConversionError, match="format version '2'"):
        read_model(path)
    with pytest.raises(ConversionError, match="holds float32, float16, bfloat16"):
        write_model(path, {}, {"a": np.ones(1, np.int32)})


def test_every_stored_type_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    name = "encoder.bert.encoder.layer.0.output.dense.weight"
    values = rng.normal(size=(7, 33)).astype(np.float32)
    values[3] = 0
    for dtype, tolerance in (("fp32", 0.0), ("fp16", 2e-3), ("bf16", 1.6e-2), ("int8", 2e-2)):
        stored = as_stored(name, values, dtype) | as_stored("encoder.other", values[0], dtype)
        assert (name + "_scale" in stored) == (dtype == "int8")
        path = tmp_path / f"{dtype}.radie"
        write_model(path, {}, stored)
        _, found = read_model(path)
        back = widened(found)
        assert set(back) == {name, "encoder.other"}
        np.testing.assert_allclose(back[name], values, atol=tolerance * 4, rtol=0)
        np.testing.assert_allclose(back["encoder.other"], values[0], atol=tolerance * 4, rtol=0)


def test_bfloat16_rounds_to_nearest_even() -> None:
    bits = np.array([0x3F808000, 0x3F818000, 0x3F808001, 0x3F807FFF], np.uint32)
    stored = as_stored("x", bits.view(np.float32), "bf16")["x"]
    assert [hex(v) for v in stored] == ["0x3f80", "0x3f82", "0x3f81", "0x3f80"]
