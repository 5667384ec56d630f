"""Pickled checkpoints and checkpoints of transformers' own classes."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from convert_support import ENTITY_LABELS, VOCAB, tagger_tensors, write_tagger

from radie_convert import ConversionError, build_model, read_model

torch: Any = pytest.importorskip("torch")


class _Harmful:
    """Unpickling one of these would call a function."""

    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("unpickled",))


def test_pickled_checkpoint(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "ner")
    (folder / "model.safetensors").unlink()
    state = {
        "module." + name: torch.from_numpy(tensor).to(torch.bfloat16)
        for name, tensor in tagger_tensors().items()
    }
    torch.save({"state_dict": state, "epoch": 3}, folder / "pytorch_model.bin")
    build_model(tmp_path / "m.radie", tagger=folder)
    metadata, tensors = read_model(tmp_path / "m.radie")
    assert metadata["model"]["sources"][0]["file"] == "pytorch_model.bin"
    for name, tensor in tagger_tensors().items():
        wanted = torch.from_numpy(tensor).to(torch.bfloat16).float().numpy()
        np.testing.assert_array_equal(tensors["entities." + name], wanted)


def test_pickled_code_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_tagger(tmp_path / "ner")
    (folder / "model.safetensors").unlink()
    file = folder / "pytorch_model.bin"
    for zipped in (False, True):
        if zipped:
            torch.save({"x": _Harmful()}, file)
        else:
            file.write_bytes(pickle.dumps(_Harmful(), protocol=2))
        with pytest.raises(ConversionError, match="as plain weights"):
            build_model(tmp_path / "m.radie", tagger=folder)
    assert "unpickled" not in capsys.readouterr().out


def test_transformers_token_classifier(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(
        vocab_size=len(VOCAB),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=12,
        max_position_embeddings=20,
        id2label=dict(enumerate(ENTITY_LABELS)),
    )
    model = transformers.BertForTokenClassification(config)
    folder = tmp_path / "ner"
    model.save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps(VOCAB))
    (folder / "radie.json").write_text(json.dumps({"tokenizer": {"profile": "char"}}))
    build_model(tmp_path / "m.radie", tagger=folder)
    metadata, tensors = read_model(tmp_path / "m.radie")
    assert metadata["entities"]["labels"] == ENTITY_LABELS
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensors["entities." + name], tensor.numpy())
