"""Relation heads: what a checkpoint's classifier is, by the names of its tensors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from radie_convert.arrays import Tensors
from radie_convert.errors import ConversionError

PURE_EPS = 1e-5
"""Of PURE's LayerNorm, whose value no checkpoint holds: PyTorch's default."""

_POOLER = "bert.pooler.dense"
_R_BERT = {
    "cls_fc_layer.linear": "classifier.cls",
    "entity_fc_layer.linear": "classifier.entity",
    "label_classifier.linear": "classifier.out_proj",
}
# PURE reads a sentence and relates what stands in it; `context_window` is 0 unless told.
_APPROXIMATION = {"layout": "levitated", "scope": {"kind": "sentence"}, "context_tokens": 0}
_R_BERT_MARKERS = {"head_start": "$", "head_end": "$", "tail_start": "#", "tail_end": "#"}


@dataclass(frozen=True)
class RelationHead:
    """A relation head under the names of a model file."""

    kind: str
    """For people."""
    tensors: Tensors
    """All of the checkpoint's tensors but the pooler's, the head's as `classifier.…`."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What the head is: `head`, `head_activation`, `head_layer_norm_eps`."""
    implied: dict[str, Any] = field(default_factory=dict)
    """How such checkpoints read, where nothing else is said."""


def canonical_relation_head(
    tensors: Tensors, config: Mapping[str, Any], pooling: str | None, origin: str
) -> RelationHead:
    """Finds the head by its names; `pooling` is what the settings say, if they do."""
    if sequence := _sequence_classification(config):
        if pooling not in (None, "cls"):
            raise ConversionError(
                f"{origin}: {sequence} reads [CLS], so pooling must be cls, not {pooling!r}"
            )
        pooling = "cls"
    implied: dict[str, Any] = {"pooling": "cls"} if sequence else {}
    if _has(tensors, *_R_BERT):
        implied = {
            "pooling": "span",
            "combine": "cls_concat",
            "separator": False,
            "markers": _R_BERT_MARKERS,
        }
        return RelationHead("R-BERT", _named(tensors, _R_BERT), {"head": "r_bert"}, implied)
    if is_approximation(config) and not _has(tensors, "layer_norm", "classifier"):
        missing = "layer_norm" if _has(tensors, "classifier") else "classifier"
        raise ConversionError(
            f"{origin}: PURE's {config['architectures'][0]} has no {missing}: a part of the "
            "checkpoint is missing"
        )
    if _has(tensors, "layer_norm", "classifier"):
        names = {"layer_norm": "classifier.layer_norm", "classifier": "classifier.out_proj"}
        implied = {"pooling": "start", "combine": "concat"}
        kind = "PURE: LayerNorm and a linear layer"
        if is_approximation(config):
            implied |= _APPROXIMATION
            kind = "PURE's approximation: LayerNorm and a linear layer"
        return RelationHead(
            kind,
            _named(tensors, names),
            {"head": "linear", "head_layer_norm_eps": PURE_EPS},
            implied,
        )
    if _has(tensors, "pre_classifier", "classifier"):
        names = {"pre_classifier": "classifier.dense", "classifier": "classifier.out_proj"}
        return RelationHead(
            "two layers, relu", _named(tensors, names), {"head_activation": "relu"}, implied
        )
    if _has(tensors, "classifier") and pooling == "cls" and _has(tensors, _POOLER):
        names = {_POOLER: "classifier.dense", "classifier": "classifier.out_proj"}
        return RelationHead("pooler and a linear layer", _named(tensors, names), {}, implied)
    if _has(tensors, "classifier") and not _has(tensors, "classifier.dense"):
        named = _named(tensors, {"classifier": "classifier.out_proj"})
        return RelationHead("a linear layer", named, {"head": "linear"}, implied)
    settings = {}
    if sequence == "ElectraForSequenceClassification":
        settings = {"head_activation": "gelu"}
    if sequence == "RoFormerForSequenceClassification":  # whatever the encoder's is
        settings = {"head_activation": str(config.get("hidden_act", "gelu"))}
    return RelationHead("two layers", _named(tensors, {}), settings, implied)


def is_relation_head(tensors: Tensors, config: Mapping[str, Any]) -> bool:
    """Whether names or shapes tell it from a tagger's head."""
    if "classifier.dense.weight" in tensors or _has(tensors, *_R_BERT):
        return True
    if _sequence_classification(config) is not None or is_approximation(config):
        return True
    weight, norm = tensors.get("classifier.weight"), tensors.get("layer_norm.weight")
    words = tensors.get("bert.encoder.layer.0.attention.self.query.weight")
    if weight is None or norm is None or words is None or weight.ndim != 2:
        return False
    return bool(weight.shape[1] == norm.size == 2 * words.shape[0])


def is_approximation(config: Mapping[str, Any]) -> bool:
    """Whether it says that it is PURE's approximation; its tensors are those of the full model."""
    return any("Approx" in str(kind) for kind in config.get("architectures") or [])


def _sequence_classification(config: Mapping[str, Any]) -> str | None:
    kinds = [str(kind) for kind in config.get("architectures") or []]
    return next((kind for kind in kinds if "SequenceClassification" in kind), None)


def _has(tensors: Tensors, *layers: str) -> bool:
    return all(f"{layer}.weight" in tensors for layer in layers)


def _named(tensors: Tensors, names: Mapping[str, str]) -> Tensors:
    """The tensors, layers under their new names; without what is left of the pooler."""
    new = {f"{a}.{part}": f"{b}.{part}" for a, b in names.items() for part in ("weight", "bias")}
    return {
        new.get(name, name): tensor
        for name, tensor in tensors.items()
        if name in new or not name.startswith("bert.pooler.")
    }
