"""Reading and writing a radie model file (docs/model-format.md): a valid safetensors file.

The bytes are a function of the contents alone: tensors stand in one order, and the header's keys
are sorted, so that equal models are equal files.
"""

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors

from radie_convert.arrays import Array, Tensors, decode_tensor
from radie_convert.errors import ConversionError

FORMAT = "radie"
FORMAT_VERSION = "1"

_LENGTH = struct.Struct("<Q")
_ALIGNMENT = 8
_DIGEST = "tensors_sha256"
_LARGEST_HEADER = 100_000_000
# The package gives this function no types.
_deserialize: Any = safetensors.deserialize
_DTYPES = {"float32": "F32", "float16": "F16", "uint16": "BF16", "int8": "I8"}


def to_json(value: Any) -> str:
    """A JSON document in its one compact form: keys in the order given, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def write_model(
    path: str | os.PathLike[str], metadata: Mapping[str, Any], tensors: Mapping[str, Array]
) -> None:
    """Writes a model file.

    `metadata` maps the keys of docs/model-format.md to a string or to a value that is then written
    as JSON; `format`, `format_version` and `tensors_sha256` are added. `tensors` are float32,
    float16, int8, or uint16 (bfloat16's bits), and carry their full names (`entities.bert…`). An
    existing file is replaced only after the new one has been written in whole.
    """
    texts = {key: v if isinstance(v, str) else to_json(v) for key, v in metadata.items()}
    texts["format"] = FORMAT
    texts["format_version"] = FORMAT_VERSION
    texts.pop(_DIGEST, None)  # of the tensors this metadata was read with
    for name, tensor in tensors.items():
        if tensor.dtype.name not in _DTYPES:
            raise ConversionError(
                f"tensor {name} is {tensor.dtype}; a model file holds float32, float16, "
                "bfloat16 (as uint16) or int8"
            )
    data = _serialize(tensors, texts)

    target = Path(path)
    partial = target.with_name(target.name + ".partial")
    try:
        partial.write_bytes(data)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def read_model(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Tensors]:
    """Reads a model file: its metadata, JSON values parsed, and its tensors as they are stored.

    A file that is no safetensors file, or no radie model of this version, is a
    `ConversionError`. Keys the format does not define keep their text.
    """
    data = Path(path).read_bytes()
    tensors = deserialize(data, str(path))
    texts = read_header(data).get("__metadata__", {})
    if texts.get("format") != FORMAT:
        raise ConversionError(f"{path} is a safetensors file but no radie model")
    if texts.get("format_version") != FORMAT_VERSION:
        raise ConversionError(
            f"{path} has format version {texts.get('format_version')!r}; "
            f"this converter reads version {FORMAT_VERSION}"
        )
    return {key: _parsed(str(path), key, text) for key, text in texts.items()}, tensors


def read_unpacked_model(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Tensors]:
    """The same for what needs the layers' matrices: a packed file is a `ConversionError`."""
    metadata, tensors = read_model(path)
    if "packed" in metadata:
        raise ConversionError(f"{path} is packed; give the model that radie pack made it of")
    return metadata, tensors


def is_model_file(path: str | os.PathLike[str]) -> bool:
    """Whether this is a file whose name or header says that it is a radie model."""
    file = Path(path)
    if not file.is_file():
        return False
    if file.suffix == ".radie":
        return True
    with file.open("rb") as opened:
        start = opened.read(_LENGTH.size)
        if len(start) < _LENGTH.size:
            return False
        header = opened.read(min(_LENGTH.unpack(start)[0], _LARGEST_HEADER))
    try:
        value = json.loads(header)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return False
    metadata = value.get("__metadata__") if isinstance(value, dict) else None
    return isinstance(metadata, dict) and metadata.get("format") == FORMAT


def read_header(data: bytes) -> dict[str, Any]:
    """The JSON header of a safetensors file that `deserialize` has already accepted."""
    (length,) = _LENGTH.unpack_from(data)
    header = json.loads(data[_LENGTH.size : _LENGTH.size + length])
    assert isinstance(header, dict)
    return header


def deserialize(data: bytes, origin: str) -> Tensors:
    """The tensors of a safetensors file, checked by the safetensors package."""
    try:
        entries = _deserialize(data)
    except safetensors.SafetensorError as error:
        raise ConversionError(f"{origin} is not a safetensors file: {error}") from error
    return {
        name: decode_tensor(name, entry["dtype"], entry["shape"], entry["data"])
        for name, entry in entries
    }


def _serialize(tensors: Mapping[str, Array], texts: Mapping[str, str]) -> bytes:
    """The file's bytes: tensors by falling size of their elements, then by name; sorted keys."""
    header: dict[str, Any] = {}
    pieces: list[bytes] = []
    digest = hashlib.sha256()
    end = 0
    for name in sorted(tensors, key=lambda n: (-tensors[n].itemsize, n)):
        tensor = tensors[name]
        pieces.append(np.ascontiguousarray(tensor).astype(tensor.dtype.newbyteorder("<")).tobytes())
        digest.update(pieces[-1])
        begin, end = end, end + len(pieces[-1])
        header[name] = {
            "dtype": _DTYPES[tensor.dtype.name],
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    header["__metadata__"] = {**texts, _DIGEST: digest.hexdigest()}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    encoded = text.encode("utf-8")
    encoded += b" " * (-len(encoded) % _ALIGNMENT)
    return _LENGTH.pack(len(encoded)) + encoded + b"".join(pieces)


def _parsed(path: str, key: str, text: str) -> Any:
    structured = {"model", "text", "schema", "entities", "relations", "encoder"}
    if key not in structured and not key.startswith("vocab."):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ConversionError(f"{path}: metadata {key} is not JSON: {error}") from error
