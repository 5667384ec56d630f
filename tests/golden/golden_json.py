"""Writing golden JSON: deterministic, one element a line where that helps a diff."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def to_json(value: Any) -> str:
    """Compact JSON with the characters as they are; numbers that are not finite are an error."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def to_ascii_json(value: Any) -> str:
    """Compact JSON in which every character beyond ASCII is escaped."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def write_cases(path: Path, cases: Iterable[Any], **head: Any) -> None:
    """Writes `{…head, "cases": […]}`, one case a line."""
    fields = [f'"{key}": {to_json(value)},\n' for key, value in head.items()]
    body = ",\n".join(to_json(case) for case in cases)
    path.write_text("{" + "".join(fields) + '"cases": [\n' + body + "\n]}\n", encoding="utf-8")


def write_lines(path: Path, records: Iterable[Any]) -> None:
    """Writes JSON Lines in ASCII, so that no odd character can be lost on the way."""
    path.write_text("".join(to_ascii_json(r) + "\n" for r in records), encoding="ascii")


def rounded(values: Any, digits: int = 10) -> Any:
    """Nested lists of floats rounded to a number of decimals."""
    if isinstance(values, list):
        return [rounded(value, digits) for value in values]
    return round(values, digits)
