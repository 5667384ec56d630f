"""From a checkpoint to one stage of a model file: its settings and its tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radie_convert import pure, relations, schema
from radie_convert.arrays import Tensors
from radie_convert.checkpoint import Checkpoint
from radie_convert.encoder import Shape, check_tensors, encoder_settings, encoder_shapes
from radie_convert.errors import ConversionError
from radie_convert.labels import canonical_labels, check_labels, config_labels, is_placeholder
from radie_convert.relation_heads import canonical_relation_head
from radie_convert.tagger_heads import END, START, STEPS, canonical_head
from radie_convert.tokenizer import SENTENCEPIECE, tokenizer_settings

ENTITIES = "entities"
RELATIONS = "relations"
ENCODER = "encoder"


@dataclass(frozen=True)
class Stage:
    """One stage: what its metadata object says, its tensors, its vocabulary."""

    name: str
    """`entities`, `relations` or `encoder`."""
    settings: dict[str, Any]
    tensors: Tensors
    """Float32, under the names that follow `STAGE.` in the model file."""
    vocab: list[str] | None
    sentencepiece: bytes | None = None
    """Of the profile `sentencepiece`: the model's bytes."""


def encoder_stage(checkpoint: Checkpoint) -> Stage:
    """An encoder by itself. It has a tokenizer when the checkpoint has a vocabulary."""
    origin = str(checkpoint.path)
    tensors = _without_pooler(checkpoint.tensors)
    encoder = encoder_settings(checkpoint.config, tensors, origin)
    check_tensors(tensors, encoder_shapes(encoder), origin)
    settings: dict[str, Any] = {"encoder": encoder}
    if checkpoint.vocab is not None:
        settings["tokenizer"] = _tokenizer(checkpoint, encoder, ENCODER)
    return Stage(ENCODER, settings, tensors, checkpoint.vocab, checkpoint.sentencepiece)


SUBWORDS = ("all", "first", "last")
CHARACTERS = ("char", "bert-ja-char")
"""Profiles whose tokens are characters."""


def entity_stage(
    checkpoint: Checkpoint,
    schema_: schema.Schema,
    labels: Sequence[str] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Stage:
    """The tagger: an encoder, a linear layer and, when it has one, the CRF of some library."""
    origin = str(checkpoint.path)
    given = {**_sidecar_object(checkpoint, ENTITIES), **(settings or {})}
    head = canonical_head(_without_pooler(checkpoint.tensors), origin)
    raw_names = _labels(checkpoint, given, labels, "--labels")
    _check_count(raw_names, head.tensors, origin)
    names, scheme = canonical_labels(raw_names, given.get("scheme"), origin)
    check_labels(names, scheme, schema_, origin)

    kind = given.get("head", "crf" if head.has_crf else "softmax")
    if kind not in ("crf", "softmax"):
        raise ConversionError(f"{origin}: entities head is {kind!r}, expected crf or softmax")
    encoder = encoder_settings(checkpoint.config, head.tensors, origin)
    count = len(names)
    shapes: dict[str, Shape] = {
        **encoder_shapes(encoder),
        "classifier.weight": (count, encoder["hidden_size"]),
        "classifier.bias": (count,),
    }
    if kind == "crf":
        shapes |= {START: (count,), END: (count,), STEPS: (count, count)}
    check_tensors(head.tensors, shapes, origin)
    tokenizer = _tokenizer(checkpoint, encoder, ENTITIES)
    stage_settings = {
        "encoder": encoder,
        "tokenizer": tokenizer,
        "labels": names,
        "head": kind,
        "constrained": _flag(given, "constrained", True, origin),
    }
    # What is not the default only, so that a plain model's file says nothing of it.
    if scheme != "iob2":
        stage_settings["scheme"] = scheme
    if _flag(given, "special_tokens_in_path", False, origin):
        stage_settings["special_tokens_in_path"] = True
    subwords = _subwords(given, checkpoint, tokenizer, origin)
    if subwords != "all":
        stage_settings["subwords"] = subwords
    return Stage(ENTITIES, stage_settings, head.tensors, checkpoint.vocab, checkpoint.sentencepiece)


def _check_count(labels: Sequence[str], tensors: Tensors, origin: str) -> None:
    """As many labels as the head has outputs; else the names of both and the option."""
    for name in ("classifier.weight", START):
        if name in tensors and len(tensors[name]) != len(labels):
            raise ConversionError(
                f"{origin}: {len(labels)} labels, but {name} has {len(tensors[name])} rows; "
                "--labels gives the labels in the order of the outputs"
            )


def _subwords(
    given: Mapping[str, Any], checkpoint: Checkpoint, tokenizer: Mapping[str, Any], origin: str
) -> str:
    """Which tokens of a word are labelled."""
    value = given.get("subwords")
    profile = tokenizer["profile"]
    if value is None:
        if "_matched_embedder" in checkpoint.prefix and profile not in CHARACTERS:
            raise ConversionError(
                f"{origin}: its embedder averages the sub-words of a word, which radie does not; "
                "--subwords first, all or last takes the nearest"
            )
        return "all"
    if value not in SUBWORDS:
        raise ConversionError(f"{origin}: subwords is {value!r}; one of {', '.join(SUBWORDS)}")
    if value != "all" and profile in (*CHARACTERS, SENTENCEPIECE):
        raise ConversionError(
            f"{origin}: subwords is {value!r}, but the tokenizer {profile} has no pieces that "
            "begin with ##"
        )
    return str(value)


def _flag(given: Mapping[str, Any], name: str, absent: bool, origin: str) -> bool:
    value = given.get(name, absent)
    if not isinstance(value, bool):
        raise ConversionError(f"{origin}: {name} is {value!r}, expected true or false")
    return value


def relation_stage(
    checkpoint: Checkpoint,
    schema_: schema.Schema,
    labels: Sequence[str] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Stage:
    """The relation classifier: an encoder and one of the heads of `relation_heads`.

    What such a head's checkpoints are known to read stands in for what nobody says.
    """
    origin = str(checkpoint.path)
    given = {**_sidecar_object(checkpoint, RELATIONS), **(settings or {})}
    names = relations.canonical_labels(
        _labels(checkpoint, given, labels, "--relation-labels", pure.label_list(checkpoint))
    )
    relations.check_labels(names, schema_, origin)
    head = canonical_relation_head(
        checkpoint.tensors, checkpoint.config, given.get("pooling"), origin
    )
    implied = {**relations.implied_markers(schema_, _vocab(checkpoint)), **head.implied}
    implied |= pure.markers(checkpoint, schema_)
    rules = relations.relation_settings(
        {**implied, **head.settings, **given}, schema_, _vocab(checkpoint), origin
    )

    tensors = head.tensors
    encoder = encoder_settings(checkpoint.config, tensors, origin)
    relations.check_token_types(rules, schema_, encoder["type_vocab_size"], origin)
    hidden = encoder["hidden_size"]
    shapes = relations.head_shapes(rules, tensors, hidden, len(names))
    check_tensors(tensors, {**encoder_shapes(encoder), **shapes}, origin)
    stage_settings = {
        "encoder": encoder,
        "tokenizer": _tokenizer(checkpoint, encoder, RELATIONS),
        "labels": names,
        **rules,
    }
    return Stage(RELATIONS, stage_settings, tensors, checkpoint.vocab, checkpoint.sentencepiece)


def _labels(
    checkpoint: Checkpoint,
    given: Mapping[str, Any],
    labels: Sequence[str] | None,
    option: str,
    beside: Sequence[str] | None = None,
) -> list[str]:
    """Labels by output index: the option, else the sidecar's, those that stand `beside` the
    weights, else the config's id2label.
    """
    origin = str(checkpoint.path)
    if labels is None:
        labels = given.get("labels", beside)
    if labels is not None:
        if not isinstance(labels, list | tuple) or not all(isinstance(x, str) for x in labels):
            raise ConversionError(f"{origin}: labels must be an array of strings")
        return list(labels)
    found = config_labels(checkpoint.config)
    if found is None or is_placeholder(found):
        what = "no id2label that numbers its labels 0, 1, 2 …" if found is None else "LABEL_0 …"
        raise ConversionError(
            f"{origin}: config.json has {what}; give the labels' names, in the order of the "
            f"outputs, with {option}"
        )
    return found


def _tokenizer(checkpoint: Checkpoint, encoder: Mapping[str, Any], name: str) -> dict[str, Any]:
    origin = str(checkpoint.path)
    vocab = _vocab(checkpoint)
    rows = encoder["vocab_size"]
    if len(vocab) != rows:
        hint = (
            "; a line may be missing; where the table is only padded, --cut-embeddings cuts it off"
            if len(vocab) < rows
            else ""
        )
        raise ConversionError(
            f"{origin}: the vocabulary holds {len(vocab)} tokens, "
            f"the embedding table {rows} rows{hint}"
        )
    sidecar = _sidecar_object(checkpoint, "tokenizer")
    return tokenizer_settings(
        sidecar, checkpoint.tokenizer_config, vocab, name, origin, checkpoint.config
    )


def _vocab(checkpoint: Checkpoint) -> list[str]:
    if checkpoint.vocab is None:
        raise ConversionError(
            f"{checkpoint.path} has no vocab.json, vocab.txt or tokenizer.json; give the "
            "pretrained model's folder with --base"
        )
    return checkpoint.vocab


def _sidecar_object(checkpoint: Checkpoint, key: str) -> dict[str, Any]:
    value = checkpoint.sidecar.get(key, {})
    if not isinstance(value, dict):
        raise ConversionError(f"{checkpoint.path}: {key} of radie.json must be a JSON object")
    return value


def _without_pooler(tensors: Tensors) -> Tensors:
    return {name: t for name, t in tensors.items() if not name.startswith("bert.pooler.")}
