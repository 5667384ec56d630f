"""Results as Arrow columns, built column by column: the same rows as arrow.to_batch of their
records, without a Python object for every field. Needs pyarrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from radie._errors import Error
from radie._report import Raw
from radie.arrow import SCHEMA

RESULT_SCHEMA: pa.Schema = pa.schema(
    [SCHEMA.field(name) for name in ("entities", "relations", "findings", "warnings", "error")]
)
"""The columns of columns_of(), of arrow.SCHEMA's types."""


def columns_of(outcomes: Sequence[Raw | Error]) -> list[pa.Array]:
    """A row of RESULT_SCHEMA for each outcome: of an Error only `error` is not null."""
    errors = [outcome if isinstance(outcome, Error) else None for outcome in outcomes]
    raws = [None if isinstance(outcome, Error) else outcome for outcome in outcomes]
    parts: list[list[Sequence[Any] | None]] = [
        [None if raw is None else raw[part] for raw in raws] for part in range(4)
    ]
    made = [
        _list_column("entities", parts[0], _entities(parts[0])),
        _list_column("relations", parts[1], _relations(parts[1])),
        _list_column("findings", parts[2], _findings(parts[2], parts[0])),
        _list_column("warnings", parts[3], _texts(_flat(parts[3]), 2)),
    ]
    records = [
        error and {"code": error.code, "message": error.message, "offset": error.offset}
        for error in errors
    ]
    return [*made, pa.array(records, SCHEMA.field("error").type)]


Rows = Sequence[Sequence[Any] | None]


def _flat(rows: Rows) -> list[Any]:
    return list(chain.from_iterable(row for row in rows if row is not None))


def _list_column(name: str, rows: Rows, fields: Sequence[pa.Array]) -> pa.Array:
    """A list for each row, null where the row is; `fields` are those of all their structs."""
    type_ = SCHEMA.field(name).type
    values = pa.StructArray.from_arrays(fields, fields=list(type_.value_type))
    lengths = [0 if row is None else len(row) for row in rows]
    return _lists(lengths, values, type_, [row is None for row in rows])


def _lists(
    lengths: Sequence[int], values: pa.Array, type_: pa.DataType, nulls: Sequence[bool]
) -> pa.Array:
    ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int32)
    mask = pa.array(nulls, pa.bool_()) if any(nulls) else None
    return pa.ListArray.from_arrays(pa.array(ends), values, type=type_, mask=mask)


def _texts(rows: Sequence[Sequence[Any]], fields: int) -> list[pa.Array]:
    return [pa.array([row[i] for row in rows], pa.string()) for i in range(fields)]


def _names(letter: str, lengths: Iterable[int]) -> list[str]:
    """T1, T2, … for each row anew."""
    return [f"{letter}{i}" for length in lengths for i in range(1, length + 1)]


def _lengths(rows: Rows) -> list[int]:
    return [0 if row is None else len(row) for row in rows]


def _entities(rows: Rows) -> list[pa.Array]:
    flat = _flat(rows)
    types, texts = ([entity[i] for entity in flat] for i in (0, 3))
    starts, ends = ([entity[i] for entity in flat] for i in (1, 2))
    codes = SCHEMA.field("entities").type.value_type.field("codes").type
    return [
        pa.array(_names("T", _lengths(rows)), pa.string()),
        pa.array(types, pa.string()),
        pa.array(starts, pa.int64()),
        pa.array(ends, pa.int64()),
        pa.array(texts, pa.string()),
        _confidences([entity[4] for entity in flat]),
        pa.nulls(len(flat), codes),
    ]


def _relations(rows: Rows) -> list[pa.Array]:
    flat = _flat(rows)
    return [
        pa.array(_names("R", _lengths(rows)), pa.string()),
        pa.array([relation[0] for relation in flat], pa.string()),
        pa.array([f"T{relation[1] + 1}" for relation in flat], pa.string()),
        pa.array([f"T{relation[2] + 1}" for relation in flat], pa.string()),
        _confidences([relation[3] for relation in flat]),
    ]


def _findings(rows: Rows, entities: Rows) -> list[pa.Array]:
    """`entities`: of the same reports, to which a finding's numbers refer."""
    flat: list[tuple[Any, Sequence[Any]]] = [
        (finding, of_report)
        for row, of_report in zip(rows, entities, strict=True)
        if row is not None and of_report is not None
        for finding in row
    ]
    type_ = SCHEMA.field("findings").type.value_type
    return [
        pa.array([f"T{finding[0] + 1}" for finding, _ in flat], pa.string()),
        pa.array([found[finding[0]][0] for finding, found in flat], pa.string()),
        pa.array([found[finding[0]][3] for finding, found in flat], pa.string()),
        _certainties([finding[3] for finding, _ in flat], type_.field("certainty").type),
        _attributes(flat, type_.field("attributes").type),
        _id_lists([finding[2] for finding, _ in flat]),
    ]


def _certainties(certainties: Sequence[Any], type_: pa.DataType) -> pa.Array:
    known = [certainty or (None, 0.0, ()) for certainty in certainties]
    missing = [certainty is None for certainty in certainties]
    fields = [
        pa.array([value for value, _, _ in known], pa.string()),
        _confidences([confidence for _, confidence, _ in known]),
        _id_lists([sources for _, _, sources in known]),
    ]
    mask = pa.array(missing, pa.bool_()) if any(missing) else None
    return pa.StructArray.from_arrays(fields, fields=list(type_), mask=mask)


def _attributes(flat: Sequence[tuple[Any, Sequence[Any]]], type_: pa.DataType) -> pa.Array:
    """{type, entities} for each type of attribute, in the order of their first appearance."""
    groups: list[dict[str, list[int]]] = []
    for finding, entities in flat:
        by_type: dict[str, list[int]] = {}
        for attribute in finding[1]:
            by_type.setdefault(entities[attribute][0], []).append(attribute)
        groups.append(by_type)
    fields = [
        pa.array([name for by_type in groups for name in by_type], pa.string()),
        _id_lists([members for by_type in groups for members in by_type.values()]),
    ]
    values = pa.StructArray.from_arrays(fields, fields=list(type_.value_type))
    return _lists([len(by_type) for by_type in groups], values, type_, ())


def _id_lists(lists: Sequence[Sequence[int]]) -> pa.Array:
    ids = pa.array([f"T{i + 1}" for members in lists for i in members], pa.string())
    return _lists([len(members) for members in lists], ids, pa.list_(pa.string()), ())


def _confidences(values: Sequence[float]) -> pa.Array:
    """Four decimals, halves up, as _report rounds for records."""
    clamped = np.clip(np.nan_to_num(np.asarray(values, np.float64)), 0.0, 1.0)
    scaled = clamped * 10000
    whole = np.floor(scaled)
    return pa.array((whole + (scaled - whole >= 0.5)) / 10000, pa.float64())
