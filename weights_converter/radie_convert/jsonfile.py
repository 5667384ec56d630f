"""JSON files."""

import json
from pathlib import Path
from typing import Any

from radie_convert.errors import ConversionError


def read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; anything else is a `ConversionError` naming the file."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise ConversionError(f"{path} must hold a JSON object")
    return value


def read_json(path: Path) -> Any:
    """Whatever JSON value is in a file; none is a `ConversionError` naming the file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConversionError(f"{path} is missing") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConversionError(f"{path} is not JSON: {error}") from error


def optional_json(path: Path) -> dict[str, Any]:
    """The same; an empty object where there is no such file."""
    return read_json_object(path) if path.is_file() else {}
