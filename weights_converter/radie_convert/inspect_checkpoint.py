"""A readable account of a checkpoint: what was recognised, what is assumed, what would be asked."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from radie_convert.checkpoint import Checkpoint, read_checkpoint
from radie_convert.encoder import encoder_settings
from radie_convert.errors import ConversionError
from radie_convert.labels import canonical_labels, config_labels, is_placeholder
from radie_convert.pure import markers
from radie_convert.relation_heads import (
    RelationHead,
    canonical_relation_head,
    is_relation_head,
)
from radie_convert.relations import DEFAULT_SETTINGS, implied_markers
from radie_convert.schema import check_schema, default_schema
from radie_convert.stages import encoder_stage, entity_stage, relation_stage
from radie_convert.tagger_heads import canonical_head

PathLike = str | os.PathLike[str]

_OF_HEADS = ("head_activation", "head_layer_norm_eps", "separator")

_ASSUMED = {
    "tagger": {
        "special_tokens_in_path": "[CLS] and [SEP] have no part in the CRF "
        "(--special-tokens-in-path)",
        "subwords": "every sub-word is labelled (--subwords)",
        "constrained": "ill-formed label sequences are never decoded (--unconstrained)",
    },
    "relation": {},
    "encoder": {},
}


def describe_checkpoint(
    path: PathLike, *, base: PathLike | None = None, tensors: bool = False
) -> str:
    """Lines of text; with `tensors`, one line for each tensor too."""
    checkpoint = read_checkpoint(path, base)
    role = role_of(checkpoint)
    lines = [f"checkpoint: {checkpoint.path}"]
    lines += [f"file: {source.name} sha256 {source.sha256}" for source in checkpoint.sources]
    lines += _recognised(checkpoint, role)
    lines += [f"changed: {note}" for note in checkpoint.notes]
    if checkpoint.dropped:
        names = ", ".join(checkpoint.dropped[:5])
        more = len(checkpoint.dropped) - 5
        lines.append(f"left out: {names}" + (f" and {more} more" if more > 0 else ""))
    lines += _assumed(checkpoint, role)
    problem = _problem(checkpoint, role)
    if problem is None:
        lines.append(f"convert with: radie-convert build --{role} {checkpoint.path}")
    else:
        lines.append(f"would ask: {problem}")
    if tensors:
        lines += [f"{name} {list(t.shape)}" for name, t in sorted(checkpoint.tensors.items())]
    return "\n".join(lines) + "\n"


def role_of(checkpoint: Checkpoint) -> str:
    """`tagger`, `relation` or `encoder`, by its tensors and what they are for."""
    own = [name for name in checkpoint.tensors if not name.startswith("bert.")]
    if not own:
        return "encoder"
    known = is_relation_head(checkpoint.tensors, checkpoint.config)
    if known or "relations" in checkpoint.sidecar:
        return "relation"
    return "tagger"


def _recognised(checkpoint: Checkpoint, role: str) -> list[str]:
    origin = str(checkpoint.path)
    encoder = encoder_settings(checkpoint.config, checkpoint.tensors, origin)
    sizes = ", ".join(f"{key} {value}" for key, value in encoder.items())
    lines = [
        f"encoder: {checkpoint.kind}, names under {checkpoint.prefix!r}: {sizes}",
        f"vocabulary: {_vocabulary(checkpoint)}",
    ]
    if role == "tagger":
        head = canonical_head(checkpoint.tensors, origin)
        labels = _labels(checkpoint)
        shown = "labels are not named" if labels is None else _scheme(labels, origin)
        lines += [f"tagger: {head.kind}; {shown}", *(f"changed: {note}" for note in head.notes)]
    if role == "relation":
        own = [name for name in checkpoint.tensors if not name.startswith("bert.")]
        shapes = ", ".join(f"{name} {list(checkpoint.tensors[name].shape)}" for name in sorted(own))
        kind = _relation_head(checkpoint).kind
        lines.append(f"relation classifier: {kind}: {shapes}")
    return lines


def _vocabulary(checkpoint: Checkpoint) -> str:
    tokenizer = checkpoint.tokenizer_config.get("tokenizer_class")
    kind = f"; tokenizer {tokenizer}" if tokenizer else ""
    if checkpoint.vocab is None:
        return "none" + kind
    return f"{len(checkpoint.vocab)} tokens{kind}"


def _labels(checkpoint: Checkpoint) -> list[str] | None:
    given = checkpoint.sidecar.get("entities")
    if isinstance(given, Mapping) and isinstance(given.get("labels"), list):
        return [str(label) for label in given["labels"]]
    found = config_labels(checkpoint.config)
    return None if found is None or is_placeholder(found) else found


def _scheme(labels: Sequence[str], origin: str) -> str:
    names, scheme = canonical_labels(labels, None, origin)
    return f"{len(names)} labels, scheme {scheme}: {', '.join(names)}"


def _assumed(checkpoint: Checkpoint, role: str) -> list[str]:
    """What no checkpoint says and no sidecar told, with the option that tells it."""
    lines = []
    if any(note.startswith("positions begin") for note in checkpoint.notes):
        lines.append("training left positions to transformers (radie.json encoder.position_offset)")
    if role == "encoder":
        return [f"assumed: {line}" for line in lines]
    key = "entities" if role == "tagger" else "relations"
    told: Any = checkpoint.sidecar.get(key)
    given = told if isinstance(told, Mapping) else {}
    lines += [text for name, text in _ASSUMED[role].items() if name not in given]
    if role == "relation":
        lines += _assumed_relations(checkpoint, given)
    if "text" not in checkpoint.sidecar:
        lines.append("text is read as radiology-ja (--normalization, --sentences)")
    if "schema" not in checkpoint.sidecar:
        lines.append(f"the information model is {default_schema()['name']} (--schema)")
    labels = _labels(checkpoint)
    if role == "tagger" and labels and canonical_labels(labels, None, "")[1] == "iob2":
        lines.append("the label scheme is IOB2, not IOB1 (--scheme)")
    return [f"assumed: {line}" for line in lines]


def _relation_head(checkpoint: Checkpoint) -> RelationHead:
    given = checkpoint.sidecar.get("relations")
    pooling = given.get("pooling") if isinstance(given, Mapping) else None
    origin = str(checkpoint.path)
    return canonical_relation_head(checkpoint.tensors, checkpoint.config, pooling, origin)


def _assumed_relations(checkpoint: Checkpoint, given: Mapping[str, Any]) -> list[str]:
    """How sequences are made and read: what such heads are known for, else the defaults."""
    schema = checkpoint.sidecar.get("schema") or default_schema()
    head = _relation_head(checkpoint)
    values = DEFAULT_SETTINGS | {"head": "mlp", "head_activation": "tanh"}
    values |= implied_markers(schema, checkpoint.vocab or [])
    values |= head.settings | head.implied | markers(checkpoint, schema)
    lines = []
    if "head_layer_norm_eps" in head.settings and "layout" not in {**given, **head.implied}:
        lines.append(
            "this is PURE's full model, not its approximation, which has the same tensors "
            '(--relation-settings, {"layout": "levitated"})'
        )
    reading = [name for name in ("scope", "context_tokens") if name in head.implied]
    for name in ("layout", *reading, "markers", "pooling", "combine", *_OF_HEADS):
        unread = name == "combine" and values["pooling"] == "cls"
        unread = unread or (name == "head_activation" and values["head"] != "mlp")
        if name in given or name not in values or unread:
            continue
        value = values[name]
        if name == "scope":
            value = value["kind"]
        if name == "markers":
            shown = [m if isinstance(m, str) else ",".join(m.values()) for m in value.values()]
            value = " ".join(shown)
        lines.append(f"{name} {value} (--relation-settings)")
    return lines


def _problem(checkpoint: Checkpoint, role: str) -> str | None:
    """What keeps it from being converted as it stands."""
    try:
        schema = checkpoint.sidecar.get("schema") or default_schema()
        check_schema(schema)
        if role == "tagger":
            entity_stage(checkpoint, schema)
        elif role == "relation":
            relation_stage(checkpoint, schema)
        else:
            encoder_stage(checkpoint)
    except ConversionError as error:
        return str(error)
    return None
