"""From a checkpoint to one stage of a model file: its settings and its tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radie_convert import relations, schema
from radie_convert.arrays import Tensors
from radie_convert.checkpoint import Checkpoint
from radie_convert.encoder import Shape, check_tensors, encoder_settings, encoder_shapes
from radie_convert.errors import ConversionError
from radie_convert.tokenizer import tokenizer_settings

ENTITIES = "entities"
RELATIONS = "relations"
ENCODER = "encoder"

_POOLER = "bert.pooler.dense."


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


def entity_stage(
    checkpoint: Checkpoint, schema_: schema.Schema, labels: Sequence[str] | None = None
) -> Stage:
    """The tagger: BertForTokenClassification, with pytorch-crf's `crf.*` when it has a CRF."""
    origin = str(checkpoint.path)
    given = _sidecar_object(checkpoint, ENTITIES)
    names = _labels(checkpoint, given, labels)
    _check_entity_labels(names, schema_, origin)

    tensors = _without_pooler(checkpoint.tensors)
    found = "crf" if any(name.startswith("crf.") for name in tensors) else "softmax"
    head = given.get("head", found)
    if head not in ("crf", "softmax"):
        raise ConversionError(f"{origin}: entities head is {head!r}, expected crf or softmax")
    constrained = given.get("constrained", True)
    if not isinstance(constrained, bool):
        raise ConversionError(f"{origin}: constrained is {constrained!r}, expected true or false")

    encoder = encoder_settings(checkpoint.config, tensors, origin)
    count = len(names)
    shapes: dict[str, Shape] = {
        **encoder_shapes(encoder),
        "classifier.weight": (count, encoder["hidden_size"]),
        "classifier.bias": (count,),
    }
    if head == "crf":
        shapes["crf.start_transitions"] = (count,)
        shapes["crf.end_transitions"] = (count,)
        shapes["crf.transitions"] = (count, count)
    check_tensors(tensors, shapes, origin)
    settings = {
        "encoder": encoder,
        "tokenizer": _tokenizer(checkpoint, encoder, ENTITIES),
        "labels": names,
        "head": head,
        "constrained": constrained,
    }
    return Stage(ENTITIES, settings, tensors, checkpoint.vocab, checkpoint.sentencepiece)


def relation_stage(
    checkpoint: Checkpoint,
    schema_: schema.Schema,
    labels: Sequence[str] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Stage:
    """The relation classifier: an encoder and `classifier.dense`, `classifier.out_proj`.

    A BertForSequenceClassification computes the same with pooling `cls`: its pooler is the
    dense layer, and its classifier the projection.
    """
    origin = str(checkpoint.path)
    given = {**_sidecar_object(checkpoint, RELATIONS), **(settings or {})}
    names = _labels(checkpoint, given, labels)
    relations.check_labels(names, schema_, origin)
    rules = relations.relation_settings(given, schema_, _vocab(checkpoint), origin)

    tensors = dict(checkpoint.tensors)
    if "classifier.weight" in tensors and rules["pooling"] == "cls":
        for part in ("weight", "bias"):
            if _POOLER + part in tensors and "classifier." + part in tensors:
                tensors["classifier.dense." + part] = tensors[_POOLER + part]
                tensors["classifier.out_proj." + part] = tensors.pop("classifier." + part)
    tensors = _without_pooler(tensors)

    encoder = encoder_settings(checkpoint.config, tensors, origin)
    relations.check_token_types(rules, schema_, encoder["type_vocab_size"], origin)
    dense = tensors.get("classifier.dense.weight")
    inner = int(dense.shape[0]) if dense is not None and dense.ndim else encoder["hidden_size"]
    check_tensors(
        tensors,
        {
            **encoder_shapes(encoder),
            "classifier.dense.weight": (
                inner,
                relations.classifier_input(rules, encoder["hidden_size"]),
            ),
            "classifier.dense.bias": (inner,),
            "classifier.out_proj.weight": (len(names), inner),
            "classifier.out_proj.bias": (len(names),),
        },
        origin,
    )
    stage_settings = {
        "encoder": encoder,
        "tokenizer": _tokenizer(checkpoint, encoder, RELATIONS),
        "labels": names,
        **rules,
    }
    return Stage(RELATIONS, stage_settings, tensors, checkpoint.vocab, checkpoint.sentencepiece)


def _check_entity_labels(labels: Sequence[str], schema_: schema.Schema, origin: str) -> None:
    types = schema.entity_types(schema_)
    for label in labels:
        prefix, _, kind = label.partition("-")
        if label != "O" and (prefix not in ("B", "I") or kind not in types):
            raise ConversionError(
                f"{origin}: label {label!r} is none of O, B-TYPE, I-TYPE with a TYPE of the schema "
                f"({', '.join(types)})"
            )
        if prefix == "I" and f"B-{kind}" not in labels:
            raise ConversionError(f"{origin}: label {label!r} has no B-{kind} beside it")
    if "O" not in labels or len(set(labels)) != len(labels):
        raise ConversionError(f"{origin}: labels need one O and no repetition, found {labels}")


def _labels(
    checkpoint: Checkpoint, given: Mapping[str, Any], labels: Sequence[str] | None
) -> list[str]:
    """Labels by output index: the option, else the sidecar's, else the config's id2label."""
    origin = str(checkpoint.path)
    if labels is None:
        labels = given.get("labels")
    if labels is not None:
        if not isinstance(labels, list | tuple) or not all(isinstance(x, str) for x in labels):
            raise ConversionError(f"{origin}: labels must be an array of strings")
        return list(labels)
    by_id = checkpoint.config.get("id2label")
    if not isinstance(by_id, dict):
        raise ConversionError(f"{origin}: config.json has no id2label; give the labels")
    if sorted(by_id) != sorted(str(i) for i in range(len(by_id))):
        raise ConversionError(f"{origin}: id2label does not number its labels 0, 1, 2 …")
    return [str(by_id[str(i)]) for i in range(len(by_id))]


def _tokenizer(checkpoint: Checkpoint, encoder: Mapping[str, Any], name: str) -> dict[str, Any]:
    origin = str(checkpoint.path)
    vocab = _vocab(checkpoint)
    if len(vocab) != encoder["vocab_size"]:
        raise ConversionError(
            f"{origin}: the vocabulary holds {len(vocab)} tokens, "
            f"the embedding table {encoder['vocab_size']} rows"
        )
    sidecar = _sidecar_object(checkpoint, "tokenizer")
    return tokenizer_settings(
        sidecar, checkpoint.tokenizer_config, vocab, name, origin, checkpoint.config
    )


def _vocab(checkpoint: Checkpoint) -> list[str]:
    if checkpoint.vocab is None:
        raise ConversionError(f"{checkpoint.path} has no vocab.json, vocab.txt or tokenizer.json")
    return checkpoint.vocab


def _sidecar_object(checkpoint: Checkpoint, key: str) -> dict[str, Any]:
    value = checkpoint.sidecar.get(key, {})
    if not isinstance(value, dict):
        raise ConversionError(f"{checkpoint.path}: {key} of radie.json must be a JSON object")
    return value


def _without_pooler(tensors: Tensors) -> Tensors:
    return {name: t for name, t in tensors.items() if not name.startswith("bert.pooler.")}
