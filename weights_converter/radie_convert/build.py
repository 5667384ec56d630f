"""Putting stages together into one model file."""

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from radie_convert.arrays import Tensors, as_stored
from radie_convert.checkpoint import Checkpoint, read_checkpoint
from radie_convert.errors import ConversionError
from radie_convert.layouts import WORD_EMBEDDINGS
from radie_convert.model_file import write_model
from radie_convert.schema import check_schema, default_schema
from radie_convert.stages import ENTITIES, Stage, encoder_stage, entity_stage, relation_stage
from radie_convert.text_steps import Normalization, check_normalization

PathLike = str | os.PathLike[str]

SENTENCES = ("none", "radiology-ja")


@dataclass(frozen=True)
class BuildOptions:
    """What a caller may say over what the checkpoints say; None leaves it to them."""

    name: str = "radie-model"
    version: str = "1"
    license: str = ""
    description: str = ""
    dtype: str = "fp32"
    """How the weights are stored: `fp32` or `fp16`."""
    normalization: Normalization | None = None
    """A name or a list of steps. Default: the sidecar's, else `radiology-ja`."""
    sentences: str | None = None
    """Default: the sidecar's, else `radiology-ja`."""
    schema: Mapping[str, Any] | None = None
    """Default: the sidecar's, else the paper's."""
    entity_labels: Sequence[str] | None = None
    entity_settings: Mapping[str, Any] | None = None
    """Single settings of the entity stage, over the sidecar's."""
    relation_labels: Sequence[str] | None = None
    relation_settings: Mapping[str, Any] | None = None
    """Single settings of the relation stage, over the sidecar's."""
    base: PathLike | None = None
    """The folder that gives config and vocabulary to checkpoints that have none."""
    cut_embeddings: bool = False
    """Leave out rows of the embedding table beyond the vocabulary."""


def build_model(
    output: PathLike,
    *,
    tagger: PathLike | None = None,
    relation: PathLike | None = None,
    encoder: PathLike | None = None,
    options: BuildOptions | None = None,
) -> None:
    """Writes a model file from checkpoint folders.

    Either `encoder` alone, or `tagger`, `relation` or both. Whatever does not fit is a
    `ConversionError`, and then no file is written.
    """
    options = options or BuildOptions()
    if (encoder is not None) == (tagger is not None or relation is not None):
        raise ConversionError(
            "give a tagger, a relation classifier or both, or else an encoder alone"
        )
    checkpoints = {
        role: _read(path, options)
        for role, path in (("entities", tagger), ("relations", relation), ("encoder", encoder))
        if path is not None
    }
    metadata: dict[str, Any] = {
        "model": _model(checkpoints, options),
        "text": _text(checkpoints, options),
    }
    stages: list[Stage]
    if encoder is not None:
        stages = [encoder_stage(checkpoints["encoder"])]
    else:
        schema = _agreed(checkpoints, "schema", options.schema) or default_schema()
        check_schema(schema)
        metadata["schema"] = schema
        stages = []
        if tagger is not None:
            stages.append(
                entity_stage(
                    checkpoints["entities"],
                    schema,
                    options.entity_labels,
                    options.entity_settings,
                )
            )
        if relation is not None:
            stages.append(
                relation_stage(
                    checkpoints["relations"],
                    schema,
                    options.relation_labels,
                    options.relation_settings,
                )
            )
    _share_vocab(stages)
    for stage in stages:
        metadata[stage.name] = stage.settings
        if stage.vocab is not None:
            name = stage.settings["tokenizer"]["vocab"]
            metadata["vocab." + name] = stage.vocab
            if stage.sentencepiece is not None:
                encoded = base64.b64encode(stage.sentencepiece).decode("ascii")
                metadata["sentencepiece." + name] = encoded
    tensors: Tensors = {}
    for stage in stages:
        for name, tensor in stage.tensors.items():
            tensors |= as_stored(f"{stage.name}.{name}", tensor, options.dtype)
    write_model(output, metadata, tensors)


def _read(path: PathLike, options: BuildOptions) -> Checkpoint:
    checkpoint = read_checkpoint(path, options.base)
    if not options.cut_embeddings or checkpoint.vocab is None:
        return checkpoint
    words = checkpoint.tensors[WORD_EMBEDDINGS]
    if words.ndim != 2 or len(words) <= len(checkpoint.vocab):
        return checkpoint
    kept = {**checkpoint.tensors, WORD_EMBEDDINGS: words[: len(checkpoint.vocab)]}
    return replace(checkpoint, tensors=kept)


def _model(checkpoints: Mapping[str, Checkpoint], options: BuildOptions) -> dict[str, Any]:
    return {
        "name": options.name,
        "version": options.version,
        "license": options.license,
        "description": options.description,
        "sources": [
            {"role": role, "file": source.name, "sha256": source.sha256}
            for role, checkpoint in checkpoints.items()
            for source in checkpoint.sources
        ],
    }


def _text(checkpoints: Mapping[str, Checkpoint], options: BuildOptions) -> dict[str, Any]:
    sidecar = _agreed(checkpoints, "text", None) or {}

    def chosen(name: str, option: Any) -> Any:
        return option if option is not None else sidecar.get(name, "radiology-ja")

    sentences = chosen("sentences", options.sentences)
    if sentences not in SENTENCES:
        raise ConversionError(f"text sentences is {sentences!r}; one of {', '.join(SENTENCES)}")
    normalization = check_normalization(chosen("normalization", options.normalization))
    return {"normalization": normalization, "sentences": sentences}


def _agreed(
    checkpoints: Mapping[str, Checkpoint], key: str, option: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """The option, else the object the sidecars give under `key`; they may not differ."""
    if option is not None:
        return option
    found: dict[str, Any] | None = None
    for checkpoint in checkpoints.values():
        value = checkpoint.sidecar.get(key)
        if value is None:
            continue
        if not isinstance(value, dict):
            raise ConversionError(f"{checkpoint.path}: {key} of radie.json must be a JSON object")
        if found is not None and found != value:
            raise ConversionError(
                f"the two checkpoints' radie.json differ in {key}; stages of one model share it"
            )
        found = value
    return found


def _share_vocab(stages: Sequence[Stage]) -> None:
    """Lets two stages with equal vocabularies use one copy."""
    texts = [(stage.vocab, stage.sentencepiece) for stage in stages]
    if len(stages) == 2 and texts[0] == texts[1]:
        stages[1].settings["tokenizer"]["vocab"] = ENTITIES
