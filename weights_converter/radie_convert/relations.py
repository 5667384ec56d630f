"""The settings of the relation stage, beyond encoder and tokenizer, and their checks."""

from collections.abc import Mapping, Sequence
from typing import Any

from radie_convert import schema as schemas
from radie_convert.arrays import Tensors
from radie_convert.encoder import Shape
from radie_convert.errors import ConversionError

DEFAULT_SETTINGS: dict[str, Any] = {
    "layout": "pair",
    "markers": {
        "head_start": "<{type}>",
        "head_end": "</{type}>",
        "tail_start": "<{type}>",
        "tail_end": "</{type}>",
    },
    "pooling": "both",
    "combine": "mean",
    "context_tokens": 64,
    "scope": {"kind": "report"},
}

_CHOICES = {
    "layout": ("pair", "tail", "shared", "levitated"),
    "pooling": ("cls", "start", "end", "both", "span", "mention"),
    "combine": ("mean", "concat", "concat_product", "cls_concat"),
    "head": ("mlp", "linear", "r_bert"),
    "head_activation": ("tanh", "gelu", "relu"),
}
_SCOPES = ("report", "sentence", "tokens")
# How many vectors of the hidden size the classifier reads.
_VECTORS = {"mean": 1, "concat": 2, "concat_product": 3, "cls_concat": 3}
# What is in a model file only where it is something else.
_UNSAID: dict[str, Any] = {
    "head": "mlp",
    "head_activation": "tanh",
    "head_layer_norm_eps": None,
    "separator": True,
}
# Markers that checkpoints are known to have, in order of start and end, of head and tail.
_KNOWN_MARKERS = (
    ("<{type}>", "</{type}>", "<{type}>", "</{type}>"),
    ("<S:{type}>", "</S:{type}>", "<O:{type}>", "</O:{type}>"),
)
_NO_RELATION = ("no_relation", "no-relation", "NA", "Other")


def relation_settings(
    given: Mapping[str, Any], schema: schemas.Schema, vocab: Sequence[str], origin: str
) -> dict[str, Any]:
    """The relation stage's settings: those given over the defaults, checked."""
    defaults = DEFAULT_SETTINGS | _UNSAID
    settings = {name: given.get(name, value) for name, value in defaults.items()}
    for name, values in _CHOICES.items():
        if settings[name] not in values:
            raise ConversionError(
                f"{origin}: relations {name} is {settings[name]!r}; one of {', '.join(values)}"
            )
    if settings["layout"] != "pair" and settings["pooling"] == "cls":
        raise ConversionError(
            f"{origin}: layout {settings['layout']} shares one sequence among many pairs, "
            "so pooling cannot be cls"
        )
    if settings["layout"] == "levitated" and settings["pooling"] in ("span", "mention"):
        raise ConversionError(
            f"{origin}: with layout levitated no token stands between a mention's markers, so "
            "pooling must be start, end or both"
        )
    _check_head(settings, origin)
    _check_count(settings["context_tokens"], "context_tokens", origin)
    _check_scope(settings["scope"], origin)
    if settings["layout"] == "shared":
        del settings["markers"]  # mentions are told by token types
    else:
        _check_markers(settings, schema, vocab, origin)
    return {n: v for n, v in settings.items() if n not in _UNSAID or v != _UNSAID[n]}


def check_token_types(
    settings: Mapping[str, Any], schema: schemas.Schema, known: int, origin: str
) -> None:
    """With layout `shared`, mentions are told by token types: the encoder must know them all."""
    needed = 1 + 2 * len(schemas.entity_types(schema))
    if settings["layout"] == "shared" and known < needed:
        raise ConversionError(
            f"{origin}: layout shared needs {needed} token types, the encoder has {known}"
        )


def classifier_input(settings: Mapping[str, Any], hidden: int) -> int:
    """The size of what the relation classifier reads."""
    if settings["pooling"] == "cls":
        return hidden
    return hidden * _VECTORS[settings["combine"]]


def head_shapes(
    settings: Mapping[str, Any], tensors: Tensors, hidden: int, labels: int
) -> dict[str, Shape]:
    """The head's tensors; a layer between takes its size from its own weights."""

    def outputs(layer: str) -> int:
        weight = tensors.get(f"classifier.{layer}.weight")
        return int(weight.shape[0]) if weight is not None and weight.ndim else hidden

    size = classifier_input(settings, hidden)
    kind = settings.get("head", "mlp")
    layers = {"out_proj": (labels, size)}
    shapes: dict[str, Shape] = {}
    if kind == "r_bert":
        cls, entity = outputs("cls"), outputs("entity")
        layers = {
            "cls": (cls, hidden),
            "entity": (entity, hidden),
            "out_proj": (labels, cls + 2 * entity),
        }
    elif kind == "mlp":
        layers = {"dense": (outputs("dense"), size), "out_proj": (labels, outputs("dense"))}
    elif "head_layer_norm_eps" in settings:
        shapes = {f"classifier.layer_norm.{part}": (size,) for part in ("weight", "bias")}
    for layer, shape in layers.items():
        shapes[f"classifier.{layer}.weight"] = shape
        shapes[f"classifier.{layer}.bias"] = shape[:1]
    return shapes


def canonical_labels(labels: Sequence[str]) -> list[str]:
    """The labels, with one of the usual names of no relation as `none`."""
    usual = [label for label in labels if label in _NO_RELATION]
    if schemas.NO_RELATION in labels or len(usual) != 1:
        return list(labels)
    return [schemas.NO_RELATION if label == usual[0] else label for label in labels]


def implied_markers(schema: schemas.Schema, vocab: Sequence[str]) -> dict[str, Any]:
    """The known markers that the vocabulary has for every type of the schema; {} if none."""
    known, types = set(vocab), schemas.entity_types(schema)
    for templates in _KNOWN_MARKERS:
        if all(t.replace("{type}", kind) in known for t in templates for kind in types):
            return {"markers": dict(zip(DEFAULT_SETTINGS["markers"], templates, strict=True))}
    return {}


def marker_of(marker: str | Mapping[str, str], kind: str) -> str | None:
    """The token for a type: a template's, or what a mapping has for it."""
    return marker.replace("{type}", kind) if isinstance(marker, str) else marker.get(kind)


def check_labels(labels: Sequence[str], schema: schemas.Schema, origin: str) -> None:
    """Exactly one label is `none`, and the others are the schema's relation types."""
    wanted = sorted([schemas.NO_RELATION, *schemas.relation_types(schema)])
    if sorted(labels) != wanted:
        raise ConversionError(
            f"{origin}: relation labels are {list(labels)}, expected (in any order) {wanted}"
        )


def _check_markers(
    settings: Mapping[str, Any], schema: schemas.Schema, vocab: Sequence[str], origin: str
) -> None:
    names = tuple(DEFAULT_SETTINGS["markers"])
    markers = settings["markers"]
    if not isinstance(markers, Mapping) or not all(
        isinstance(markers.get(n), str | Mapping) for n in names
    ):
        raise ConversionError(
            f"{origin}: markers needs the strings {', '.join(names)}, or objects from types to "
            "tokens"
        )
    for name in names:
        _check_types(markers[name], name, schema, origin)
    # With layout `tail` every entity in the window but the object carries head markers.
    everything = settings["layout"] == "tail"
    heads = schemas.entity_types(schema) if everything else schemas.head_types(schema)
    known = set(vocab)
    for name in names:
        for kind in heads if name.startswith("head") else schemas.tail_types(schema):
            marker = marker_of(markers[name], kind)
            if marker is None:
                raise ConversionError(f"{origin}: {name} has no marker for {kind!r}")
            if marker not in known:
                raise ConversionError(
                    f"{origin}: the {name} marker {marker!r} is not in the vocabulary"
                )


def _check_types(marker: Any, name: str, schema: schemas.Schema, origin: str) -> None:
    if isinstance(marker, str):
        return
    for kind, token in marker.items():
        if kind not in schemas.entity_types(schema) or not isinstance(token, str):
            raise ConversionError(
                f"{origin}: {name} has {token!r} for {kind!r}, expected a token for a type of the "
                "schema"
            )


def _check_head(settings: Mapping[str, Any], origin: str) -> None:
    """A setting that another head would not read is refused, as the loader does."""
    kind, eps = settings["head"], settings["head_layer_norm_eps"]
    if kind != "mlp" and settings["head_activation"] != "tanh":
        raise ConversionError(f"{origin}: head_activation is only of head mlp, not {kind}")
    if eps is not None and kind != "linear":
        raise ConversionError(f"{origin}: head_layer_norm_eps is only of head linear, not {kind}")
    if eps is not None and not (isinstance(eps, float) and 0 < eps < 1):
        raise ConversionError(f"{origin}: head_layer_norm_eps is {eps!r}, not between 0 and 1")
    if kind == "r_bert" and (settings["combine"], settings["pooling"] == "cls") != (
        "cls_concat",
        False,
    ):
        raise ConversionError(
            f"{origin}: head r_bert reads [CLS] and both mentions: combine cls_concat, with "
            "another pooling than cls"
        )
    if not isinstance(settings["separator"], bool):
        raise ConversionError(
            f"{origin}: separator is {settings['separator']!r}, expected true or false"
        )


def _check_scope(scope: Any, origin: str) -> None:
    kind = scope.get("kind") if isinstance(scope, Mapping) else None
    if kind not in _SCOPES:
        raise ConversionError(
            f"{origin}: scope is {scope!r}, expected an object whose kind is "
            f"one of {', '.join(_SCOPES)}"
        )
    if kind == "tokens":
        _check_count(scope.get("limit"), "scope limit", origin)


def _check_count(value: Any, name: str, origin: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConversionError(f"{origin}: {name} is {value!r}, expected a whole number")
