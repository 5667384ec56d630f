"""Kinds of encoder: each is turned into the one that a model file describes, BERT with two sizes.

What a kind computes otherwise is put into the tensors, so that a model file need not know it:
RoBERTa's positions begin at a later row of their table (the rows before it are cut off),
DistilBERT has no token types (a table of one row of zeros adds none), and RoFormer's embeddings no
positions (a table of zeros adds none). That queries and keys are turned by their positions is
`rope_theta`, which RoFormer's config does not name; a BERT may have it beside its table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from radie_convert.arrays import Array, Tensors
from radie_convert.errors import ConversionError
from radie_convert.names import Renamed

WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight"
POSITIONS = "bert.embeddings.position_embeddings.weight"
TOKEN_TYPES = "bert.embeddings.token_type_embeddings.weight"
PROJECTION = "bert.embeddings_project."

_ROBERTA = ("roberta", "xlm-roberta", "camembert")
KINDS = ("bert", *_ROBERTA, "distilbert", "electra", "roformer")

_ROFORMER_THETA = 10000.0
_ROFORMER_ANGLES = "bert.encoder.embed_positions.weight"

_DISTIL_NAMES = {
    "dim": "hidden_size",
    "n_layers": "num_hidden_layers",
    "n_heads": "num_attention_heads",
    "hidden_dim": "intermediate_size",
    "activation": "hidden_act",
}


@dataclass(frozen=True)
class Encoder:
    """An encoder in the terms of BERT."""

    kind: str
    """What it was: `bert`, `roberta`, `distilbert`, `electra`, `roformer`, …"""
    config: dict[str, Any]
    """The settings under the names of a BERT config."""
    tensors: Tensors
    notes: tuple[str, ...] = ()
    """What was changed, for people."""


def as_bert(
    config: Mapping[str, Any],
    tensors: Tensors,
    names: Renamed,
    origin: str,
    position_offset: int | None = None,
) -> Encoder:
    """The encoder as BERT. `tensors` bear their canonical names; others than its own are kept.

    `names`, how they came by them, tells the kind where the config does not. `position_offset` is
    the row of the first position, where the training gave positions of its own.
    """
    kind = str(config.get("model_type") or _kind_of(tensors, names))
    if kind not in KINDS:
        raise ConversionError(f"{origin}: model_type is {kind!r}; supported are {', '.join(KINDS)}")
    if kind != "bert" and config.get("rope_theta") is not None:
        raise ConversionError(
            f"{origin}: rope_theta stands beside model_type {kind!r}; it is read of bert alone"
        )
    encoder = Encoder(kind, dict(config), tensors)
    if kind == "distilbert":
        encoder = _distilbert(config, tensors)
    if kind == "roformer":
        encoder = _roformer(config, tensors, origin)
        if position_offset:
            raise ConversionError(
                f"{origin}: radie.json says encoder.position_offset; RoFormer counts from 0"
            )
    if position_offset is None:
        position_offset = _usual_offset(kind, config)
    return _positions_from(position_offset, encoder, origin) if position_offset else encoder


def _kind_of(tensors: Tensors, names: Renamed) -> str:
    if names.distilbert:
        return "distilbert"
    if _ROFORMER_ANGLES in tensors:
        return "roformer"
    if PROJECTION + "weight" in tensors:
        return "electra"
    inner = names.prefix.rstrip(".").rpartition(".")[2]
    return inner if inner in KINDS else "bert"


def _usual_offset(kind: str, config: Mapping[str, Any]) -> Any:
    """The row of the first position: RoBERTa's stand after that of the padding token."""
    if kind not in _ROBERTA:
        return 0
    padding = config.get("pad_token_id", 1)
    return padding + 1 if isinstance(padding, int) else padding


def _positions_from(offset: Any, encoder: Encoder, origin: str) -> Encoder:
    table = encoder.tensors.get(POSITIONS)
    if table is None or table.ndim != 2:
        return encoder
    if not isinstance(offset, int) or not 0 < offset < len(table):
        raise ConversionError(
            f"{origin}: positions begin at row {offset!r} (after pad_token_id, or as radie.json "
            f"says in encoder.position_offset), but there are {len(table)} of them"
        )
    note = f"positions begin at row {offset} of {len(table)}: {len(table) - offset} are usable"
    tensors = {**encoder.tensors, POSITIONS: table[offset:]}
    return Encoder(encoder.kind, encoder.config, tensors, (*encoder.notes, note))


def _distilbert(config: Mapping[str, Any], tensors: Tensors) -> Encoder:
    named = {_DISTIL_NAMES.get(key, key): value for key, value in config.items()}
    result = dict(tensors)
    words = tensors[WORD_EMBEDDINGS]
    if TOKEN_TYPES not in tensors and words.ndim == 2:
        result[TOKEN_TYPES] = np.zeros((1, words.shape[1]), np.float32)
    # Its layer norms have this epsilon whatever the config says.
    named["layer_norm_eps"] = 1e-12
    return Encoder("distilbert", named, result, ("no token types: a table of zeros stands in",))


def _roformer(config: Mapping[str, Any], tensors: Tensors, origin: str) -> Encoder:
    if config.get("rotary_value"):
        raise ConversionError(
            f"{origin}: rotary_value is set; only queries and keys are turned, not values"
        )
    result = dict(tensors)
    words, angles = tensors[WORD_EMBEDDINGS], result.pop(_ROFORMER_ANGLES, None)
    positions = config.get("max_position_embeddings")
    if angles is not None:
        _check_angles(angles, origin)
        positions = len(angles)
    if words.ndim == 2 and isinstance(positions, int) and positions > 0:
        result.setdefault(POSITIONS, np.zeros((positions, words.shape[1]), np.float32))
    named = {**config, "rope_theta": _ROFORMER_THETA}
    note = "positions turn queries and keys: a table of zeros stands in for those of embeddings"
    return Encoder("roformer", named, result, (note,))


def _check_angles(table: Array, origin: str) -> None:
    """RoFormer's table of sines, then cosines, is what `rope_theta` computes anew."""
    if table.ndim == 2 and table.shape[1] % 2 == 0:
        rows, size = table.shape
        steps = _ROFORMER_THETA ** (-np.arange(0, size, 2) / size)
        angles = np.arange(rows)[:, None] * steps
        wanted = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
        if np.allclose(table, wanted, rtol=0, atol=0.01):  # bf16 is no nearer
            return
    raise ConversionError(
        f"{origin}: encoder.embed_positions does not hold the sines and cosines of RoFormer's "
        f"angles (base {_ROFORMER_THETA:.0f})"
    )
