"""Reading a checkpoint: a folder as transformers' `save_pretrained` leaves it.

Its tensors come out under the names of a `BertFor…` model (`bert.…`, `classifier.…`, `crf.…`),
in float32, whatever wrapper they were saved in.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radie_convert.arrays import Tensors, as_float32
from radie_convert.errors import ConversionError
from radie_convert.model_file import deserialize
from radie_convert.sentencepiece import pieces_of, read_sentencepiece, transformers_vocab
from radie_convert.tokenizer import SENTENCEPIECE, tokenizer_class
from radie_convert.vocab import added_tokens, read_vocab

SIDECAR = "radie.json"

_WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
_WRAPPERS = ("module.", "model.", "bert_tc.")
_ENCODER_PARTS = ("embeddings.", "encoder.", "pooler.")
# Buffers and pretraining heads: no part of what radie computes.
_DROPPED_PREFIXES = ("cls.",)
_DROPPED_NAMES = ("bert.embeddings.position_ids", "bert.embeddings.token_type_ids")


@dataclass(frozen=True)
class SourceFile:
    """One weights file: its name without folders and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds."""

    path: Path
    config: dict[str, Any]
    tensors: Tensors
    """Float32 tensors under their `BertFor…` names."""
    vocab: list[str] | None
    """The vocabulary, position = id; None when the folder has none."""
    sidecar: dict[str, Any] = field(default_factory=dict)
    """The folder's `radie.json`; empty when there is none."""
    tokenizer_config: dict[str, Any] = field(default_factory=dict)
    sources: tuple[SourceFile, ...] = ()
    sentencepiece: bytes | None = None
    """The SentencePiece model whose pieces the vocabulary is made of, if it is."""


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Reads config, weights, vocabulary and sidecar of a checkpoint folder."""
    folder = Path(path)
    if not folder.is_dir():
        raise ConversionError(f"checkpoint {folder} is not a folder")
    config = read_json_object(folder / "config.json")
    raw, files = _read_weights(folder)
    sidecar = _optional_json(folder / SIDECAR)
    tokenizer_config = _optional_json(folder / "tokenizer_config.json")
    vocab, sentencepiece = _read_texts(folder, config, tokenizer_config, sidecar)
    return Checkpoint(
        path=folder,
        config=config,
        tensors={name: as_float32(name, t) for name, t in canonical_names(raw).items()},
        vocab=vocab,
        sidecar=sidecar,
        tokenizer_config=tokenizer_config,
        sources=tuple(SourceFile(file.name, _sha256(file)) for file in files),
        sentencepiece=sentencepiece,
    )


def canonical_names(raw: Tensors) -> Tensors:
    """The tensors under `BertFor…` names.

    Whatever stands before `embeddings.word_embeddings.weight` is the encoder's prefix (`bert.`,
    `module.bert.`, nothing at all) and becomes `bert.`; wrappers round the other names go; old
    `LayerNorm.gamma` and `.beta` become `weight` and `bias`; buffers and `cls.*` are dropped.
    """
    prefixes = [n[: -len(_WORD_EMBEDDINGS)] for n in raw if n.endswith(_WORD_EMBEDDINGS)]
    if len(prefixes) != 1:
        found = ", ".join(repr(p) for p in sorted(prefixes)) or "none"
        raise ConversionError(
            f"the weights must hold exactly one encoder (a tensor …{_WORD_EMBEDDINGS}); "
            f"prefixes found: {found}"
        )
    renamed: Tensors = {}
    for name, tensor in raw.items():
        target = _canonical_name(name, prefixes[0])
        if target.startswith(_DROPPED_PREFIXES) or target in _DROPPED_NAMES:
            continue
        if target in renamed:
            raise ConversionError(f"two tensors of the checkpoint stand for {target}")
        renamed[target] = tensor
    return renamed


def read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; anything else is a `ConversionError` naming the file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConversionError(f"{path} is missing") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConversionError(f"{path} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ConversionError(f"{path} must hold a JSON object")
    return value


def _canonical_name(name: str, prefix: str) -> str:
    rest = name[len(prefix) :] if name.startswith(prefix) else name
    if name.startswith(prefix) and rest.startswith(_ENCODER_PARTS):
        name = "bert." + rest
    else:
        while name.startswith(_WRAPPERS):
            name = name.split(".", 1)[1]
    for old, new in ((".gamma", ".weight"), (".beta", ".bias")):
        if name.endswith("LayerNorm" + old):
            name = name[: -len(old)] + new
    return name


def _read_weights(folder: Path) -> tuple[Tensors, list[Path]]:
    whole = folder / "model.safetensors"
    if whole.is_file():
        return deserialize(whole.read_bytes(), str(whole)), [whole]
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        return _read_shards(index)
    pickled = folder / "pytorch_model.bin"
    if pickled.is_file():
        return _read_pickled(pickled), [pickled]
    raise ConversionError(f"{folder} holds neither model.safetensors nor pytorch_model.bin")


def _read_shards(index: Path) -> tuple[Tensors, list[Path]]:
    weight_map = read_json_object(index).get("weight_map")
    if not isinstance(weight_map, dict):
        raise ConversionError(f"{index} has no weight_map")
    tensors: Tensors = {}
    files = []
    for name in sorted({str(value) for value in weight_map.values()}):
        file = index.parent / name
        if Path(name).name != name or not file.is_file():
            raise ConversionError(f"{index} names {name!r}, which is no file beside it")
        tensors.update(deserialize(file.read_bytes(), str(file)))
        files.append(file)
    return tensors, files


def _read_pickled(path: Path) -> Tensors:
    """A torch.save file. Loading one runs pickle: only torch's restricted loader is used."""
    try:
        import torch
    except ImportError as error:
        raise ConversionError(
            f"{path} is a pickled file, which needs PyTorch: install radie-convert[torch], "
            "or save the checkpoint as model.safetensors"
        ) from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ConversionError(f"PyTorch cannot load {path} as plain weights: {error}") from error
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict):
        raise ConversionError(f"{path} does not hold a state dict")
    return {
        str(name): (tensor.float() if tensor.is_floating_point() else tensor).numpy()
        for name, tensor in state.items()
        if isinstance(tensor, torch.Tensor)
    }


def _read_texts(
    folder: Path,
    config: dict[str, Any],
    tokenizer_config: dict[str, Any],
    sidecar: dict[str, Any],
) -> tuple[list[str] | None, bytes | None]:
    """The vocabulary, and the SentencePiece model it comes from."""
    kind = tokenizer_class(tokenizer_config, config)
    wanted = sidecar.get("tokenizer")
    if isinstance(wanted, dict) and wanted:
        uses_pieces = wanted.get("profile") == SENTENCEPIECE
    else:
        uses_pieces = kind in ("T5Tokenizer", "XLMRobertaTokenizer")
    if not uses_pieces:
        return read_vocab(folder), None
    model = read_sentencepiece(folder)
    if model is None:
        raise ConversionError(
            f"{folder} has no spiece.model; put the one that came with the pretrained model there"
        )
    pieces = pieces_of(model, str(folder))
    extra_ids = tokenizer_config.get("extra_ids", 100) if kind == "T5Tokenizer" else 0
    added = added_tokens(folder, tokenizer_config)
    return transformers_vocab(kind, pieces, int(extra_ids or 0), added), model


def _optional_json(path: Path) -> dict[str, Any]:
    return read_json_object(path) if path.is_file() else {}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
