"""Records of docs/output.md as Arrow: one typed schema for Parquet files and data frames.

    python -m radie.arrow out.jsonl out.parquet

Needs pyarrow: ``pip install "radie[arrow]"``. Columns and fields have the names of the record, and
what a record lacks is null. One thing differs: `attributes` of a finding, an object with a key a
type in JSON, is a list of {type, entities}, since Arrow's structs have fixed keys.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from radie._errors import Error
from radie._report import Report

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as missing:
    raise ImportError('radie.arrow needs pyarrow: pip install "radie[arrow]"') from missing

_TEXT = pa.string()
_COUNT = pa.int64()  # offsets and numbers of lines
_PROBABILITY = pa.float64()  # what JSON holds, digit by digit
_IDS = pa.list_(_TEXT)


def _struct(**fields: pa.DataType) -> pa.DataType:
    return pa.struct(list(fields.items()))


_CODE = _struct(code=_TEXT, name=_TEXT, system=_TEXT, term=_TEXT, whole=pa.bool_())
_ENTITY = _struct(
    id=_TEXT,
    type=_TEXT,
    start=_COUNT,
    end=_COUNT,
    text=_TEXT,
    confidence=_PROBABILITY,
    codes=pa.list_(_CODE),
)
_RELATION = _struct(id=_TEXT, type=_TEXT, head=_TEXT, tail=_TEXT, confidence=_PROBABILITY)
_CERTAINTY = pa.struct([("class", _TEXT), ("confidence", _PROBABILITY), ("sources", _IDS)])
_ATTRIBUTES = pa.list_(_struct(type=_TEXT, entities=_IDS))
_FINDING = _struct(
    object=_TEXT,
    type=_TEXT,
    text=_TEXT,
    certainty=_CERTAINTY,
    attributes=_ATTRIBUTES,
    evidence=_IDS,
)
_PIECE = _struct(obx=_COUNT, repetition=_COUNT, code=_TEXT, start=_COUNT, end=_COUNT)

SCHEMA: pa.Schema = pa.schema(
    {
        "id": _TEXT,
        "text": _TEXT,
        "offset_unit": _TEXT,
        "encoding": _TEXT,
        "entities": pa.list_(_ENTITY),
        "relations": pa.list_(_RELATION),
        "findings": pa.list_(_FINDING),
        "warnings": pa.list_(_struct(code=_TEXT, message=_TEXT)),
        "hl7": _struct(patient_id=_TEXT, pieces=pa.list_(_PIECE)),
        "line": _COUNT,
        "error": _struct(code=_TEXT, message=_TEXT, offset=_COUNT),
    }
)
"""One row a report. Of an error record only id, line and error are not null."""

Record = Mapping[str, Any]


def outcome_record(
    outcome: Report | Error, id: str | None, *, include_text: bool = False
) -> dict[str, Any]:
    """The record of a report, or the error record that stands in its place."""
    if isinstance(outcome, Report):
        return outcome.to_dict(id or "", include_text=include_text)
    error: dict[str, Any] = {"code": outcome.code, "message": outcome.message}
    if outcome.offset is not None:
        error["offset"] = outcome.offset
    return {"id": id, "error": error}


def to_batch(records: Sequence[Record], first: int = 1) -> pa.RecordBatch:
    """The records as rows of SCHEMA. Raises Error("invalid_input") for one that does not fit.

    first: the number of the first record, for messages.
    """
    rows = [_checked(record, _ROW, f"record {n}") for n, record in enumerate(records, first)]
    columns = [pa.array([row[field.name] for row in rows], field.type) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def to_table(
    outcomes: Iterable[Report | Error],
    ids: Iterable[str | None] | None = None,
    *,
    include_text: bool = False,
) -> pa.Table:
    """What extract_batch returned as a table. ids: one for each; None: "0", "1", …"""
    everything = list(outcomes)
    names = [str(n) for n in range(len(everything))] if ids is None else list(ids)
    if len(names) != len(everything):
        raise Error("invalid_argument", f"ids: {len(names)} for {len(everything)} reports")
    pairs = zip(everything, names, strict=True)
    records = [outcome_record(outcome, id, include_text=include_text) for outcome, id in pairs]
    return pa.Table.from_batches([to_batch(records)])


def read_jsonl(path: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    """The records of a file that `radie extract --format jsonl` wrote, one at a time.

    Raises Error("invalid_input") for a line that is no record, a last one without its end among
    them: a run that was cut off is to be resumed first.
    """
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line.decode("utf-8"))
            except ValueError:
                record = None  # the exception holds the line, which must not come out
            if not isinstance(record, dict) or not line.endswith(b"\n"):
                raise Error("invalid_input", f"line {number}: not a whole record")
            yield record


def write_parquet(
    records: Iterable[Record],
    path: str | os.PathLike[str],
    *,
    batch_size: int = 10_000,
    compression: str = "zstd",
) -> int:
    """Writes the records as a Parquet file, a row group for each `batch_size`; returns how many.

    The file appears under its name only when it is whole; what was there is then replaced.
    """
    if batch_size < 1:
        raise Error("invalid_argument", "batch_size: below 1")
    target = Path(path)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    count = 0
    try:
        with pq.ParquetWriter(unfinished, SCHEMA, compression=compression) as writer:
            batch: list[Record] = []
            for record in records:
                batch.append(record)
                if len(batch) == batch_size:
                    writer.write_batch(to_batch(batch, count + 1))
                    count += len(batch)
                    batch = []
            if batch:
                writer.write_batch(to_batch(batch, count + 1))
                count += len(batch)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


_ROW = pa.struct(list(SCHEMA))


def _checked(value: Any, type_: pa.DataType, where: str) -> Any:
    """The value as pyarrow takes it. What pyarrow would drop or quote in a message is an Error."""
    if value is None:
        return None
    if type_ == _ATTRIBUTES and isinstance(value, Mapping):
        value = [{"type": key, "entities": ids} for key, ids in value.items()]
    if pa.types.is_struct(type_):
        if not isinstance(value, Mapping):
            raise _misfit(where, "an object")
        fields = [type_.field(i) for i in range(type_.num_fields)]
        if unknown := set(value) - {field.name for field in fields}:
            raise Error("invalid_input", f"{where}: {len(unknown)} keys that no column has")
        return {f.name: _checked(value.get(f.name), f.type, f"{where}: {f.name}") for f in fields}
    if pa.types.is_list(type_):
        if not isinstance(value, list):
            raise _misfit(where, "an array")
        return [_checked(v, type_.value_type, f"{where}[{n}]") for n, v in enumerate(value)]
    return _checked_scalar(value, type_, where)


def _checked_scalar(value: Any, type_: pa.DataType, where: str) -> Any:
    if pa.types.is_string(type_):
        if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
            raise _misfit(where, "text")
    elif pa.types.is_boolean(type_):
        if not isinstance(value, bool):
            raise _misfit(where, "true or false")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise _misfit(where, "a number")
    elif pa.types.is_integer(type_) and not (isinstance(value, int) and 0 <= value < 1 << 63):
        raise _misfit(where, "a count")
    return value


def _misfit(where: str, wanted: str) -> Error:
    return Error("invalid_input", f"{where}: not {wanted}")


def _main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m radie.arrow",
        description="JSON Lines of radie extract as a Parquet file with typed, nested columns.",
    )
    parser.add_argument("jsonl", type=Path, help="what radie extract --format jsonl wrote")
    parser.add_argument("parquet", type=Path, help="the file to write; replaced when it exists")
    options = parser.parse_args()
    try:
        count = write_parquet(read_jsonl(options.jsonl), options.parquet)
    except (Error, OSError) as error:
        print(f"radie.arrow: {options.jsonl}: {error}", file=sys.stderr)
        return 1
    print(f"{count} records")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
