"""Tensors as numpy arrays, and the conversions of numbers the converter makes."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from radie_convert.errors import ConversionError

Array = npt.NDArray[Any]
Tensors = dict[str, Array]

STORED_DTYPES = ("fp32", "fp16", "bf16", "int8")
SCALE = "_scale"
"""What the name of an int8 matrix's scales adds to the matrix's own."""
_LAYER_MATRIX = re.compile(
    r".*\.encoder\.layer\.\d+\..*\.dense\.weight"
    r"|.*\.encoder\.layer\.\d+\.attention\.self\.\w+\.weight"
)


def decode_tensor(name: str, dtype: str, shape: list[int], data: bytes | bytearray) -> Array:
    """Makes an array of a tensor as safetensors gives it: dtype name, shape, little-endian bytes.

    bfloat16, which numpy lacks, is widened to float32: its bits are float32's upper half.
    """
    if dtype == "BF16":
        upper = np.frombuffer(data, dtype="<u2").astype(np.uint32)
        widened: Array = (upper << np.uint32(16)).view(np.float32).reshape(shape)
        return widened
    numpy_names = {
        "F64": "<f8", "F32": "<f4", "F16": "<f2",
        "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?",
    }  # fmt: skip
    if dtype not in numpy_names:
        raise ConversionError(
            f"tensor {name} has dtype {dtype}; the converter reads F64, F32, F16 and BF16 weights"
        )
    return np.frombuffer(data, dtype=numpy_names[dtype]).reshape(shape)


def as_float32(name: str, tensor: Array) -> npt.NDArray[np.float32]:
    """The tensor in float32; an integer tensor, or a number that is not finite, is an error."""
    if not np.issubdtype(tensor.dtype, np.floating):
        raise ConversionError(f"tensor {name} holds {tensor.dtype}, not floating-point weights")
    with np.errstate(over="ignore"):
        result = np.ascontiguousarray(tensor, dtype=np.float32)
    if not np.isfinite(result).all():
        raise ConversionError(f"tensor {name} holds a number that is not finite in float32")
    return result


def as_stored(name: str, tensor: Array, dtype: str) -> Tensors:
    """The tensors to store for one, by name; a number that `dtype` cannot hold is an error.

    bf16 is a uint16 array of its bits. int8 goes for the matrices of the encoder's layers, with a
    scale a row beside them; all else is then fp16.
    """
    if dtype not in STORED_DTYPES:
        raise ConversionError(f"dtype {dtype!r} is not known; use {', '.join(STORED_DTYPES)}")
    if dtype == "int8":
        if _LAYER_MATRIX.fullmatch(name):
            return _quantized(name, tensor)
        dtype = "fp16"
    if dtype == "bf16":
        return {name: _bfloat16_bits(name, tensor)}
    with np.errstate(over="ignore"):
        result: Array = np.ascontiguousarray(tensor).astype(
            np.float32 if dtype == "fp32" else np.float16
        )
    _require_finite(name, tensor, result, dtype)
    return {name: result}


def widened(tensors: Mapping[str, Array]) -> Tensors:
    """A model file's tensors in float32; int8 matrices are multiplied with their scales."""
    scales = {name for name in tensors if name.endswith(SCALE)}
    result: Tensors = {}
    for name, tensor in tensors.items():
        if name in scales:
            continue
        values = tensor.astype(np.float32)
        if tensor.dtype == np.int8:
            values = values * tensors[name + SCALE].astype(np.float32)[:, None]
        result[name] = values
    return result


def _quantized(name: str, tensor: Array) -> Tensors:
    """int8 to the nearest of 127 steps of each row's largest magnitude; scales in float32."""
    values = as_float32(name, tensor)
    scales = np.abs(values).max(axis=1, initial=0.0) / np.float32(127)
    steps = np.divide(
        values, scales[:, None], out=np.zeros_like(values), where=scales[:, None] != 0
    )
    return {name: np.rint(steps).clip(-127, 127).astype(np.int8), name + SCALE: scales}


def _bfloat16_bits(name: str, tensor: Array) -> Array:
    """bfloat16 to nearest, ties to even."""
    bits = as_float32(name, tensor).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
    upper: Array = rounded.astype(np.uint16)
    as_numbers = (rounded << np.uint32(16)).view(np.float32)
    _require_finite(name, tensor, as_numbers, "bf16")
    return upper


def _require_finite(name: str, tensor: Array, stored: Array, dtype: str) -> None:
    if not np.isfinite(stored).all():
        largest = float(np.abs(tensor).max())
        raise ConversionError(
            f"tensor {name} holds {largest:g}, which {dtype} cannot store; use --dtype fp32"
        )
