"""What radie.spark and radie.ray run in a worker: one extractor a process, for all its batches."""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from radie._columns import RESULT_SCHEMA, columns_of
from radie._errors import Error
from radie._model import Model, load
from radie._report import Raw

CACHE_BYTES = 64 << 20  # what `radie extract` keeps unless told
ROWS = 256  # of one call; bounds what a worker holds in Python objects

Options = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that a worker has to know; small, hashable, and the same in every process."""

    text_col: str
    id_col: str
    keep: tuple[str, ...]
    options: Options
    """Of radie.load, but for path and threads."""

    def columns(self) -> list[str]:
        """The columns that are passed on as they are: the id first."""
        return [self.id_col, *(name for name in self.keep if name != self.id_col)]

    def batches(self, batch: pa.RecordBatch, model: Model) -> Iterator[pa.RecordBatch]:
        """The results of a batch in its order, in pieces of at most ROWS rows.

        No report raises: what is wrong with one stands in its row's `error`. Raises Error where
        the batch lacks a column.
        """
        passed = self.columns()
        for name in (*passed, self.text_col):
            if name not in batch.schema.names:
                raise Error("invalid_argument", f"no column {name}")
        _require_text(self.text_col, batch.schema.field(self.text_col).type)
        schema = pa.schema([*(batch.schema.field(name) for name in passed), *RESULT_SCHEMA])
        for start in range(0, max(batch.num_rows, 1), ROWS):
            piece = batch.slice(start, ROWS)
            outcomes = _extract(_texts(piece.column(self.text_col)), model)
            columns = [piece.column(name) for name in passed] + columns_of(outcomes)
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def extraction(
    text_col: str,
    id_col: str,
    keep: Sequence[str],
    load_options: Mapping[str, Any],
) -> Extraction:
    """Checks what can be checked before any worker starts. Raises Error, TypeError."""
    if isinstance(keep, str):
        raise TypeError("keep must be several names, not one str")
    for reserved in ("path", "threads"):
        if reserved in load_options:
            raise TypeError(f"unexpected keyword {reserved!r}")
    inspect.signature(load).bind(None, **load_options)
    results = set(RESULT_SCHEMA.names)
    for name in (id_col, *keep):
        if name in results:
            raise Error("invalid_argument", f"{name}: a column of the result has that name")
    if len(set(keep)) != len(keep):
        raise Error("invalid_argument", "keep: a column twice")
    return Extraction(text_col, id_col, tuple(keep), tuple(sorted(load_options.items())))


_models: dict[tuple[str | None, int, Options], Model] = {}
_lock = threading.Lock()


def model_of(path: str | os.PathLike[str] | None, threads: int, options: Options) -> Model:
    """The process's model with these settings, loaded at the first call. Raises Error."""
    key = (None if path is None else os.fspath(path), threads, options)
    with _lock:
        model = _models.get(key)
        if model is None:
            model = _models[key] = load(path, threads=threads, **dict(options))
    return model


_TEXT_TYPES = {
    *("string", "large_string", "string_view"),
    *("binary", "large_binary", "binary_view", "null"),
}


def _require_text(name: str, type_: pa.DataType) -> None:
    if str(type_) not in _TEXT_TYPES:
        raise Error("invalid_argument", f"column {name}: {type_}, not string")


def _texts(column: pa.Array) -> list[str | Error]:
    """The texts of a column of strings or bytes, which need not be UTF-8 whatever their type."""
    return [_text(value) for value in column.cast(pa.large_binary()).to_pylist()]


def _text(value: bytes | None) -> str | Error:
    if value is None:
        return Error("invalid_input", "the text is null")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        return Error("invalid_text", "the text is not valid UTF-8", error.start)


def _extract(texts: Sequence[str | Error], model: Model) -> list[Raw | Error]:
    found = iter(model._raws([text for text in texts if isinstance(text, str)], None))
    return [next(found) if isinstance(text, str) else text for text in texts]
