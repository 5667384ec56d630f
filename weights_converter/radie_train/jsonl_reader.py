"""Annotated reports of JSON Lines (docs/evaluation.md), checked field by field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from radie_train.brat import is_kept_line
from radie_train.checked_report import Annotated, checked
from radie_train.errors import TrainError
from radie_train.report import Entity, Relation, Report

MAX_LINE_BYTES = 16 << 20
_UNITS = ("codepoint", "utf8", "utf16")


def read_annotated_jsonl(path: Path) -> list[Report]:
    """The reports of a file, whose lines need `text`, `entities` and `relations`."""
    reports = []
    for number, record in _records(path):
        for key in ("entities", "relations"):
            if key not in record:
                _fail(path, number, key, "is missing: to train on a report takes its annotations")
        reports.append(_report(path, number, record))
    return reports


def read_texts_jsonl(path: Path) -> list[Report]:
    """The reports of a file of `{"id","text"}`; annotations may be there."""
    return [_report(path, number, record) for number, record in _records(path)]


def _records(path: Path) -> list[tuple[int, dict[str, Any]]]:
    lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    records = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if len(line) > MAX_LINE_BYTES:
            raise TrainError(f"{path}:{number}: the line is longer than 16 MiB")
        try:
            record = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise TrainError(f"{path}:{number}: byte {error.start} is not UTF-8") from None
        except json.JSONDecodeError as error:
            raise TrainError(f"{path}:{number}: character {error.pos} is not JSON") from None
        except (ValueError, RecursionError):
            raise TrainError(f"{path}:{number}: the line is not JSON that can be read") from None
        if not isinstance(record, dict):
            raise TrainError(f"{path}:{number}: the line is not a JSON object")
        if "error" in record and "text" not in record:
            _fail(path, number, "error", "this is the record of a report that failed")
        records.append((number, record))
    return records


def _report(path: Path, number: int, record: dict[str, Any]) -> Report:
    text = _string(path, number, record, "text")
    entities = _objects(path, number, record, "entities")
    relations = _objects(path, number, record, "relations")
    to_code_point = _converter(path, number, record, text)
    read = []
    for i, entity in enumerate(entities):
        field = f"entities[{i}]"
        # Ids serve relations only.
        name = (
            _string(path, number, entity, "id", field)
            if "id" in entity or relations
            else f"T{i + 1}"
        )
        kind = _string(path, number, entity, "type", field)
        bounds = [_position(path, number, entity, end, field, to_code_point) for end in _ENDS]
        read.append(Entity(name, kind, *bounds))
    links = [_relation(path, number, r, f"relations[{i}]") for i, r in enumerate(relations)]
    return checked(
        Annotated(
            id=_id(path, number, record),
            text=text,
            entities=read,
            relations=links,
            entity_at=lambda i: f"{path}:{number}: entities[{i}]",
            relation_at=lambda i: f"{path}:{number}: relations[{i}]",
            at=f"{path}:{number}",
            brat_lines=_brat_lines(path, number, record),
        )
    )


def _brat_lines(path: Path, number: int, record: dict[str, Any]) -> list[str]:
    """Lines of a brat file that to-jsonl put aside (docs/training.md)."""
    value = record.get("brat_lines", [])
    if not isinstance(value, list):
        _fail(path, number, "brat_lines", "is not an array")
    for i, line in enumerate(value):
        if not isinstance(line, str) or not is_kept_line(line):
            _fail(path, number, f"brat_lines[{i}]", "is no line of a brat file of A, M, N or #")
    return value


def _relation(path: Path, number: int, record: dict[str, Any], field: str) -> Relation:
    kind, head, tail = (_string(path, number, record, key, field) for key in _LINK)
    name = _string(path, number, record, "id", field) if "id" in record else ""
    return Relation(kind, head, tail, name)


_ENDS = ("start", "end")
_LINK = ("type", "head", "tail")


def _fail(path: Path, number: int, field: str, message: str) -> NoReturn:
    raise TrainError(f"{path}:{number}: {field}: {message}")


def _string(path: Path, number: int, record: dict[str, Any], key: str, parent: str = "") -> str:
    name = f"{parent}.{key}" if parent else key
    if key not in record:
        _fail(path, number, name, "is missing")
    value = record[key]
    if not isinstance(value, str):
        _fail(path, number, name, "is not a string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        _fail(path, number, name, "has half a surrogate pair")
    return value


def _objects(path: Path, number: int, record: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = record.get(key, [])
    if not isinstance(value, list):
        _fail(path, number, key, "is not an array")
    for i, item in enumerate(value):
        if not isinstance(item, dict):
            _fail(path, number, f"{key}[{i}]", "is not an object")
    return value


def _id(path: Path, number: int, record: dict[str, Any]) -> str:
    value = record.get("id")
    if value is None:
        return f"line-{number}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _string(path, number, record, "id")


def _converter(path: Path, number: int, record: dict[str, Any], text: str) -> dict[int, int] | None:
    """From the line's own offsets to code points; None where they are code points already."""
    unit = record.get("offset_unit", "codepoint")
    if unit not in _UNITS:
        _fail(path, number, "offset_unit", f"is none of {', '.join(_UNITS)}")
    if unit == "codepoint":
        return None
    places = {0: 0}
    at = 0
    for i, character in enumerate(text, 1):
        at += len(character.encode("utf-8")) if unit == "utf8" else 1 + (ord(character) > 0xFFFF)
        places[at] = i
    return places


def _position(
    path: Path,
    number: int,
    entity: dict[str, Any],
    key: str,
    parent: str,
    to_code_point: dict[int, int] | None,
) -> int:
    value = entity.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        _fail(path, number, f"{parent}.{key}", "is missing or no whole number")
    if to_code_point is None:
        return value
    if value not in to_code_point:
        _fail(path, number, f"{parent}.{key}", "is no border of a character of the text")
    return to_code_point[value]
