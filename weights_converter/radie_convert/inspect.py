"""A readable summary of a model file."""

import base64
import os
from collections.abc import Mapping
from typing import Any

from radie_convert.arrays import Tensors
from radie_convert.model_file import FORMAT_VERSION, read_model
from radie_convert.text_steps import describe_normalization


def describe_model(path: str | os.PathLike[str], *, tensors: bool = False) -> str:
    """The model's settings as lines of text; with `tensors`, one line for each tensor too."""
    metadata, weights = read_model(path)
    lines = [f"radie model, format version {FORMAT_VERSION}"]
    model: Mapping[str, Any] = metadata.get("model", {})
    for key in ("name", "version", "license", "description"):
        if model.get(key):
            lines.append(f"{key}: {model[key]}")
    for source in model.get("sources", []):
        lines.append(f"source: {source['role']} {source['file']} sha256 {source['sha256']}")
    text = metadata.get("text", {})
    lines.append(f"normalization: {describe_normalization(text.get('normalization'))}")
    lines.append(f"sentences: {text.get('sentences')}")
    if "schema" in metadata:
        lines += _schema_lines(metadata["schema"])
    for stage in ("entities", "relations", "encoder"):
        if stage in metadata:
            lines += _stage_lines(stage, metadata[stage], weights)
    for key in sorted(metadata):
        if key.startswith("vocab."):
            lines.append(f"{key}: {len(metadata[key])} tokens")
        elif key.startswith("sentencepiece."):
            lines.append(f"{key}: {len(base64.b64decode(metadata[key]))} bytes")
    if tensors:
        lines += [f"{name} {t.dtype} {list(t.shape)}" for name, t in sorted(weights.items())]
    return "\n".join(lines) + "\n"


def _schema_lines(schema: Mapping[str, Any]) -> list[str]:
    lines = [f"schema: {schema.get('name')}"]
    for entity in schema["entity_types"]:
        certainty = f", {entity['certainty']}" if "certainty" in entity else ""
        lines.append(f"  entity {entity['name']} ({entity['role']}{certainty})")
    for relation in schema["relation_types"]:
        heads, tails = ", ".join(relation["heads"]), ", ".join(relation["tails"])
        lines.append(f"  relation {relation['name']}: {heads} -> {tails}")
    return lines


def _stage_lines(name: str, stage: Mapping[str, Any], weights: Tensors) -> list[str]:
    own = [tensor for key, tensor in weights.items() if key.startswith(name + ".")]
    parameters = sum(tensor.size for tensor in own)
    dtypes = ", ".join(sorted({str(tensor.dtype) for tensor in own}))
    lines = [f"stage {name}: {parameters:,} parameters, {dtypes}"]
    for key, value in stage.items():
        if isinstance(value, Mapping):
            inner = ", ".join(f"{k} {v}" for k, v in value.items())
            lines.append(f"  {key}: {inner}")
        elif isinstance(value, list):
            lines.append(f"  {key}: {', '.join(map(str, value))}")
        else:
            lines.append(f"  {key}: {value}")
    return lines
