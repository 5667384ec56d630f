"""The settings of the relation stage, beyond encoder and tokenizer, and their checks."""

from collections.abc import Mapping, Sequence
from typing import Any

from radie_convert import schema as schemas
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
    "layout": ("pair", "tail", "shared"),
    "pooling": ("cls", "start", "end", "both"),
    "combine": ("mean", "concat", "concat_product"),
}
_SCOPES = ("report", "sentence", "tokens")
# How many vectors of the hidden size the classifier reads.
_VECTORS = {"mean": 1, "concat": 2, "concat_product": 3}


def relation_settings(
    given: Mapping[str, Any], schema: schemas.Schema, vocab: Sequence[str], origin: str
) -> dict[str, Any]:
    """The relation stage's settings: those given over the defaults, checked."""
    settings = {name: given.get(name, value) for name, value in DEFAULT_SETTINGS.items()}
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
    _check_count(settings["context_tokens"], "context_tokens", origin)
    _check_scope(settings["scope"], origin)
    if settings["layout"] == "shared":
        del settings["markers"]  # mentions are told by token types
    else:
        _check_markers(settings, schema, vocab, origin)
    return settings


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
    if not isinstance(markers, Mapping) or not all(isinstance(markers.get(n), str) for n in names):
        raise ConversionError(f"{origin}: markers needs the strings {', '.join(names)}")
    # With layout `tail` every entity in the window but the object carries head markers.
    everything = settings["layout"] == "tail"
    heads = schemas.entity_types(schema) if everything else schemas.head_types(schema)
    known = set(vocab)
    for name in names:
        for kind in heads if name.startswith("head") else schemas.tail_types(schema):
            marker = markers[name].replace("{type}", kind)
            if marker not in known:
                raise ConversionError(
                    f"{origin}: the {name} marker {marker!r} is not in the vocabulary"
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
