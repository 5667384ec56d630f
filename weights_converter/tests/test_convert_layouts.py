"""Every kind of encoder, wrapper and file format comes out as the same canonical tensors."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from convert_support import CONFIG, ENTITY_LABELS, VOCAB, encoder_tensors, write_checkpoint

from radie_convert import ConversionError, build_model, read_model
from radie_convert.arrays import Tensors
from radie_convert.checkpoint import Checkpoint, read_checkpoint

torch: Any = pytest.importorskip("torch")
transformers: Any = pytest.importorskip("transformers")

_SIZES = {"vocab_size": len(VOCAB), "max_position_embeddings": 20}
_BERT_SIZES = {
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    **_SIZES,
}


def _model(kind: str) -> Any:
    torch.manual_seed(3)
    if kind == "distilbert":
        config = transformers.DistilBertConfig(
            dim=8, n_layers=2, n_heads=2, hidden_dim=12, activation="relu", **_SIZES
        )
        return transformers.DistilBertForTokenClassification(config)
    names = {"bert": "Bert", "roberta": "Roberta", "electra": "Electra", "roformer": "RoFormer"}
    name = names[kind]
    more = {"embedding_size": 6} if kind in ("electra", "roformer") else {}
    config = getattr(transformers, f"{name}Config")(**_BERT_SIZES, **more)
    return getattr(transformers, f"{name}ForTokenClassification")(config)


def _complete(folder: Path, model: Any, labels: list[str] | None = None) -> Path:
    """What a checkpoint folder of such a model has beside the weights."""
    folder.mkdir(exist_ok=True)
    config = model.config.to_dict() | {"id2label": dict(enumerate(labels or ["O", "B-Obj"]))}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.json").write_text(json.dumps(VOCAB))
    (folder / "radie.json").write_text(json.dumps({"tokenizer": {"profile": "char"}}))
    return folder


@pytest.mark.parametrize("kind", ["bert", "roberta", "distilbert", "electra", "roformer"])
def test_kinds(tmp_path: Path, kind: str) -> None:
    model = _model(kind)
    model.save_pretrained(tmp_path / "m")
    folder = _complete(tmp_path / "m", model)
    checkpoint = read_checkpoint(folder)
    assert (checkpoint.kind, checkpoint.prefix) == (kind, kind + ".")
    build_model(tmp_path / "e.radie", encoder=_without_head(tmp_path / "bare", model))
    metadata, tensors = read_model(tmp_path / "e.radie")
    settings = metadata["encoder"]["encoder"]
    assert settings["hidden_size"] == 8
    assert settings["num_hidden_layers"] == 2
    assert settings["max_position_embeddings"] == (18 if kind == "roberta" else 20)
    assert settings["type_vocab_size"] == (1 if kind == "distilbert" else 2)
    assert settings.get("embedding_size") == (6 if kind in ("electra", "roformer") else None)
    assert settings["hidden_act"] == ("relu" if kind == "distilbert" else "gelu")
    assert settings.get("rope_theta") == (10000 if kind == "roformer" else None)
    table = tensors["encoder.bert.embeddings.position_embeddings.weight"]
    if kind == "roformer":
        assert table.shape == (20, 6)
        assert not table.any()
        return
    rows = getattr(model, kind).embeddings.position_embeddings.weight.detach().numpy()
    np.testing.assert_array_equal(table, rows[2:] if kind == "roberta" else rows)


def _without_head(folder: Path, model: Any) -> Path:
    model.base_model.save_pretrained(folder)
    return _complete(folder, model)


@pytest.mark.parametrize("kind", ["roberta", "distilbert", "electra", "roformer"])
def test_the_kind_is_told_without_a_config_entry(tmp_path: Path, kind: str) -> None:
    model = _model(kind)
    model.save_pretrained(tmp_path / "m")
    folder = _complete(tmp_path / "m", model)
    config = json.loads((folder / "config.json").read_text())
    del config["model_type"]
    (folder / "config.json").write_text(json.dumps(config))
    assert read_checkpoint(folder).kind == kind


@pytest.mark.parametrize(
    "prefix", ["module.", "model.", "model.encoder.", "bert.", "module.model.", "net.encoder."]
)
@pytest.mark.parametrize("kind", ["bert", "roberta", "distilbert", "electra", "roformer"])
def test_wrappers(tmp_path: Path, kind: str, prefix: str) -> None:
    model = _model(kind)
    model.save_pretrained(tmp_path / "m")
    plain = read_checkpoint(_complete(tmp_path / "m", model))
    state = {prefix + name: tensor for name, tensor in model.state_dict().items()}
    if prefix == "net.encoder.":  # its head has a name that no wrapper of ours explains
        state["classifier.weight"] = state.pop(prefix + "classifier.weight")
        state["classifier.bias"] = state.pop(prefix + "classifier.bias")
    torch.save({"state_dict": state, "epoch": 2}, tmp_path / "m" / "last.ckpt")
    found = read_checkpoint(tmp_path / "m" / "last.ckpt")
    assert found.prefix == f"{prefix}{kind}."
    _equal(found.tensors, plain.tensors)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("safe", [True, False])
def test_shards_in_short_types(tmp_path: Path, dtype: str, safe: bool) -> None:
    model = _model("electra").to(getattr(torch, dtype))
    folder = _complete(tmp_path / "m", model)
    names = sorted(model.state_dict())
    weight_map: dict[str, str] = {}
    for shard, part in (("a", names[::2]), ("b", names[1::2])):
        file = folder / (shard + (".safetensors" if safe else ".bin"))
        tensors = {name: model.state_dict()[name].contiguous() for name in part}
        if safe:
            import safetensors.torch

            safetensors.torch.save_file(tensors, str(file))
        else:
            torch.save(tensors, file)
        weight_map |= dict.fromkeys(part, file.name)
    stem = "model.safetensors" if safe else "pytorch_model.bin"
    (folder / f"{stem}.index.json").write_text(json.dumps({"weight_map": weight_map}))
    checkpoint = read_checkpoint(folder)
    assert len(checkpoint.sources) == 2
    for name, tensor in model.state_dict().items():
        canonical = name.replace("electra.", "bert.")
        np.testing.assert_array_equal(checkpoint.tensors[canonical], tensor.float().numpy())


def test_a_file_takes_what_it_lacks_from_the_base(tmp_path: Path) -> None:
    model = _model("bert")
    base = _complete(tmp_path / "base", model)
    torch.save({"state_dict": model.state_dict()}, tmp_path / "x.ckpt")
    with pytest.raises(ConversionError, match=r"config\.json is missing.*--base"):
        read_checkpoint(tmp_path / "x.ckpt")
    checkpoint = read_checkpoint(tmp_path / "x.ckpt", base)
    assert checkpoint.vocab == VOCAB
    assert checkpoint.sources[0].name == "x.ckpt"
    assert checkpoint.sidecar == {}


def test_a_grown_vocabulary_is_taken_along(tmp_path: Path) -> None:
    tokens = [*VOCAB, "more"]
    tensors = encoder_tensors(len(tokens))
    config = {"vocab_size": len(VOCAB), "hidden_size": 99, "type_vocab_size": 77}
    folder = write_checkpoint(tmp_path / "e", tensors, vocab=tokens, config=config)
    build_model(tmp_path / "m.radie", encoder=folder)
    metadata, _ = read_model(tmp_path / "m.radie")
    found = metadata["encoder"]["encoder"]
    assert found["vocab_size"] == len(tokens)
    assert found["hidden_size"] == CONFIG["hidden_size"]
    assert found["type_vocab_size"] == CONFIG["type_vocab_size"]
    assert metadata["vocab.encoder"] == tokens


def test_pretraining_heads_are_left_out_and_named(tmp_path: Path) -> None:
    zeros = np.zeros(3, np.float32)
    extra = {"cls.predictions.bias": zeros, "loss_fct.weight": zeros}
    folder = write_checkpoint(tmp_path / "e", encoder_tensors() | extra)
    assert read_checkpoint(folder).dropped == tuple(sorted(extra))


def test_several_files_are_ambiguous(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "e", encoder_tensors())
    (folder / "model.safetensors").rename(folder / "a.safetensors")
    assert read_checkpoint(folder).sources[0].name == "a.safetensors"
    safetensors.numpy.save_file(encoder_tensors(), str(folder / "b.safetensors"))
    with pytest.raises(ConversionError, match=r"a\.safetensors, b\.safetensors: name the one"):
        read_checkpoint(folder)


def test_the_padding_row_fits_the_table(tmp_path: Path) -> None:
    config = {"model_type": "roberta", "pad_token_id": 40}
    folder = write_checkpoint(tmp_path / "e", encoder_tensors(), ENTITY_LABELS, config=config)
    with pytest.raises(ConversionError, match="positions begin at row 41"):
        read_checkpoint(folder)


def test_positions_of_ones_own(tmp_path: Path) -> None:
    model = _model("roberta")
    folder = _without_head(tmp_path / "m", model)
    sidecar: dict[str, dict[str, object]] = {
        "tokenizer": {"profile": "char"},
        "encoder": {"position_offset": 0},
    }
    (folder / "radie.json").write_text(json.dumps(sidecar))
    build_model(tmp_path / "e.radie", encoder=folder)
    settings = read_model(tmp_path / "e.radie")[0]["encoder"]["encoder"]
    assert settings["max_position_embeddings"] == 20
    for bad in ("0", -1, 20, True):
        sidecar["encoder"]["position_offset"] = bad
        (folder / "radie.json").write_text(json.dumps(sidecar))
        with pytest.raises(ConversionError, match="position_offset"):
            read_checkpoint(folder)


def test_a_roformer_without_its_angles(tmp_path: Path) -> None:
    model = _model("roformer")
    folder = _without_head(tmp_path / "m", model)
    state = {n: t for n, t in model.base_model.state_dict().items() if "embed_positions" not in n}
    torch.save(state, folder / "x.bin")
    with pytest.raises(ConversionError, match="rotary_value is set"):
        _with_config(folder, {"rotary_value": True})
    checkpoint = _with_config(folder, {"rotary_value": False})
    assert checkpoint.tensors["bert.embeddings.position_embeddings.weight"].shape == (20, 6)
    state["encoder.embed_positions.weight"] = torch.zeros(20, 4)
    torch.save(state, folder / "x.bin")
    with pytest.raises(ConversionError, match="embed_positions does not hold"):
        _with_config(folder, {})
    (folder / "radie.json").write_text(json.dumps({"encoder": {"position_offset": 2}}))
    with pytest.raises(ConversionError, match="counts from 0"):
        _with_config(folder, {}, "model.safetensors")


def _with_config(folder: Path, change: dict[str, object], file: str = "x.bin") -> Checkpoint:
    config = json.loads((folder / "config.json").read_text()) | change
    (folder / "config.json").write_text(json.dumps(config))
    return read_checkpoint(folder / file)


@pytest.mark.parametrize("theta", [10000, 500.5])
def test_a_bert_with_rotary_positions(tmp_path: Path, theta: float) -> None:
    folder = write_checkpoint(tmp_path / "e", encoder_tensors(), config={"rope_theta": theta})
    build_model(tmp_path / "m.radie", encoder=folder)
    assert read_model(tmp_path / "m.radie")[0]["encoder"]["encoder"]["rope_theta"] == theta


def test_rotary_positions_that_are_none(tmp_path: Path) -> None:
    for bad in (1, 0.5, "10000", True, 2e9, float("nan")):
        folder = write_checkpoint(tmp_path / "e", encoder_tensors(), config={"rope_theta": bad})
        with pytest.raises(ConversionError, match=r"rope_theta is .*above 1 and at most 1e9"):
            build_model(tmp_path / "m.radie", encoder=folder)
    config: dict[str, object] = {"rope_theta": 10000, "num_attention_heads": CONFIG["hidden_size"]}
    folder = write_checkpoint(tmp_path / "e", encoder_tensors(), config=config)
    with pytest.raises(ConversionError, match="head's size is 1, which is odd"):
        build_model(tmp_path / "m.radie", encoder=folder)
    config = {"rope_theta": 10000, "model_type": "electra"}
    folder = write_checkpoint(tmp_path / "e", encoder_tensors(), config=config)
    with pytest.raises(ConversionError, match="beside model_type 'electra'"):
        build_model(tmp_path / "m.radie", encoder=folder)
    folder = write_checkpoint(tmp_path / "e", encoder_tensors(), config={"rope_theta": None})
    build_model(tmp_path / "m.radie", encoder=folder)
    assert "rope_theta" not in read_model(tmp_path / "m.radie")[0]["encoder"]["encoder"]


def test_the_reference_turns_as_roformer_does(tmp_path: Path) -> None:
    from radie_convert.reference import ReferenceEncoder

    # The same weights as a RoFormer, and as a BERT with a table of zeros.
    torch.manual_seed(4)
    plain = transformers.RoFormerConfig(**_BERT_SIZES)
    roformer = transformers.RoFormerModel(plain)
    with torch.no_grad():
        for parameter in roformer.parameters():
            if parameter.requires_grad:  # the angles are no weights
                parameter.add_(0.5 * torch.randn(parameter.shape))
    roformer.save_pretrained(tmp_path / "plain")
    wanted = ReferenceEncoder(
        read_checkpoint(_complete(tmp_path / "plain", roformer)), None
    ).states([1, 5, 2, 2, 7])
    state = {n: t for n, t in roformer.state_dict().items() if "embed_positions" not in n}
    state["embeddings.position_embeddings.weight"] = torch.zeros(20, 8)
    bert = transformers.BertModel(transformers.BertConfig(**_BERT_SIZES))
    folder = _complete(tmp_path / "b", bert)
    torch.save(state, folder / "x.bin")
    unturned = ReferenceEncoder(_with_config(folder, {}), None).states([1, 5, 2, 2, 7])
    reference = ReferenceEncoder(_with_config(folder, {"rope_theta": 10000}), None)
    np.testing.assert_allclose(reference.states([1, 5, 2, 2, 7]), wanted, atol=1e-5)
    assert np.abs(unturned - wanted).max() > 1e-3
    # A marker at the position of a token, with its id, reads what the token reads and its group.
    beside = reference.states_beside([1, 5, 2, 2, 7, 2, 2, 2, 2], [0, 1, 2, 3, 4, 2, 2, 2, 2], 5)
    np.testing.assert_allclose(beside[:5], wanted, atol=1e-5)
    np.testing.assert_allclose(beside[5:], np.broadcast_to(beside[5], (4, 8)), atol=1e-5)


def test_a_refused_pickle_says_how_to_save_it(tmp_path: Path) -> None:
    folder = _complete(tmp_path / "m", _model("bert"))
    torch.save({"state_dict": {}, "hyper_parameters": Path("x")}, folder / "x.ckpt")
    with pytest.raises(ConversionError) as caught:
        read_checkpoint(folder)
    message = str(caught.value)
    assert "weights_only=True" in message
    assert "safetensors.torch.save_file" in message


def _equal(found: Tensors, wanted: Tensors) -> None:
    assert found.keys() == wanted.keys()
    for name, tensor in wanted.items():
        np.testing.assert_array_equal(found[name], tensor)
