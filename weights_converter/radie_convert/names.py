"""Tensor names: from every layout of a checkpoint to the one that a model file has.

That one is BERT's in transformers: `bert.embeddings.…`, `bert.encoder.layer.N.…`, and the head's
own names without any wrapper.
"""

import re
from dataclasses import dataclass

from radie_convert.arrays import Tensors
from radie_convert.errors import ConversionError

_WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
_ENCODER_PARTS = ("embeddings.", "embeddings_project.", "encoder.", "transformer.", "pooler.")
_WRAPPERS = (
    "module.",
    "model.",
    "bert_tc.",
    "bert.",
    "encoder.",
    "roberta.",
    "distilbert.",
    "electra.",
    "roformer.",
)

# Buffers, pretraining heads and the class weights of a loss: no part of what radie computes.
_DROPPED = re.compile(
    r"bert\.embeddings\.(position_ids|token_type_ids)"
    r"|(cls|lm_head|vocab_transform|vocab_layer_norm|vocab_projector|generator_predictions"
    r"|generator_lm_head|discriminator_predictions)\..*"
    r"|(\w*loss\w*|criterion)\.(weight|pos_weight)"
)

_DISTIL_LAYER = re.compile(r"bert\.transformer\.layer\.(\d+)\.(.+)\.(weight|bias)")
_DISTIL_PARTS = {
    "attention.q_lin": "attention.self.query",
    "attention.k_lin": "attention.self.key",
    "attention.v_lin": "attention.self.value",
    "attention.out_lin": "attention.output.dense",
    "sa_layer_norm": "attention.output.LayerNorm",
    "ffn.lin1": "intermediate.dense",
    "ffn.lin2": "output.dense",
    "output_layer_norm": "output.LayerNorm",
}


@dataclass(frozen=True)
class Renamed:
    """Tensors under their canonical names."""

    tensors: Tensors
    prefix: str
    """What stood before the encoder's names, `bert.` or `model.roberta.` for example."""
    distilbert: bool
    """Whether the layers had DistilBERT's names."""
    dropped: tuple[str, ...]
    """Names, as the checkpoint has them, of tensors that radie does not compute with."""


def canonical_names(raw: Tensors) -> Renamed:
    """The tensors under `bert.…` and the head's names.

    Whatever stands before `embeddings.word_embeddings.weight` is the encoder's prefix and becomes
    `bert.`; wrappers round the other names go; old `LayerNorm.gamma` and `.beta` become `weight`
    and `bias`; DistilBERT's layers get BERT's names; buffers and pretraining heads are dropped.
    """
    prefixes = [n[: -len(_WORD_EMBEDDINGS)] for n in raw if n.endswith(_WORD_EMBEDDINGS)]
    if len(prefixes) != 1:
        found = ", ".join(repr(p) for p in sorted(prefixes)) or "none"
        raise ConversionError(
            f"the weights must hold exactly one encoder (a tensor …{_WORD_EMBEDDINGS}); "
            f"prefixes found: {found}"
        )
    renamed: Tensors = {}
    dropped: list[str] = []
    for name, tensor in raw.items():
        target = _canonical_name(name, prefixes[0])
        if _DROPPED.fullmatch(target):
            dropped.append(name)
            continue
        if target in renamed:
            raise ConversionError(f"two tensors of the checkpoint stand for {target}")
        renamed[target] = tensor
    distilbert = any(name.startswith(prefixes[0] + "transformer.layer.") for name in raw)
    return Renamed(renamed, prefixes[0], distilbert, tuple(sorted(dropped)))


def _canonical_name(name: str, prefix: str) -> str:
    rest = name[len(prefix) :] if name.startswith(prefix) else ""
    if rest.startswith(_ENCODER_PARTS):
        name = "bert." + rest
        layer = _DISTIL_LAYER.fullmatch(name)
        if layer and layer[2] in _DISTIL_PARTS:
            name = f"bert.encoder.layer.{layer[1]}.{_DISTIL_PARTS[layer[2]]}.{layer[3]}"
    else:
        while name.startswith(_WRAPPERS):
            name = name.split(".", 1)[1]
    for old, new in ((".gamma", ".weight"), (".beta", ".bias")):
        if name.endswith("LayerNorm" + old):
            name = name[: -len(old)] + new
    return name
