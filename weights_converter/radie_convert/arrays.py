"""Tensors as numpy arrays, and the two conversions of numbers the converter makes."""

from typing import Any

import numpy as np
import numpy.typing as npt

from radie_convert.errors import ConversionError

Array = npt.NDArray[Any]
Tensors = dict[str, Array]

STORED_DTYPES: dict[str, type[np.floating[Any]]] = {"fp32": np.float32, "fp16": np.float16}


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


def as_stored(name: str, tensor: Array, dtype: str) -> Array:
    """The tensor in the dtype it is stored in, `fp32` or `fp16`; overflow is an error."""
    if dtype not in STORED_DTYPES:
        raise ConversionError(f"dtype {dtype!r} is not known; use fp32 or fp16")
    with np.errstate(over="ignore"):
        result: Array = np.ascontiguousarray(tensor).astype(STORED_DTYPES[dtype])
    if not np.isfinite(result).all():
        largest = float(np.abs(tensor).max())
        raise ConversionError(
            f"tensor {name} holds {largest:g}, which {dtype} cannot store; use --dtype fp32"
        )
    return result
