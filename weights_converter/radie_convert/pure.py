"""What PURE's training leaves beside its weights: labels, and which token marks what."""

from typing import Any

from radie_convert import schema as schemas
from radie_convert.checkpoint import Checkpoint
from radie_convert.errors import ConversionError
from radie_convert.jsonfile import optional_json, read_json

_SIDES = {
    "head_start": "SUBJ_START",
    "head_end": "SUBJ_END",
    "tail_start": "OBJ_START",
    "tail_end": "OBJ_END",
}


def label_list(checkpoint: Checkpoint) -> list[str] | None:
    """`label_list.json`, labels by output index; None where there is none."""
    file = _folder(checkpoint) / "label_list.json"
    if not file.is_file():
        return None
    labels = read_json(file)
    if not isinstance(labels, list) or not all(isinstance(x, str) for x in labels):
        raise ConversionError(f"{file}: expected an array of strings")
    return labels


def markers(checkpoint: Checkpoint, schema: schemas.Schema) -> dict[str, Any]:
    """`markers` out of `special_tokens.json`, whose keys are `SUBJ_START=TYPE` and so on; {} where
    there is none.
    """
    file = _folder(checkpoint) / "special_tokens.json"
    types = schemas.entity_types(schema)
    found: dict[str, dict[str, str]] = {name: {} for name in _SIDES}
    by_side = {side: name for name, side in _SIDES.items()}
    for key, token in optional_json(file).items():
        side, _, kind = key.partition("=")
        if side not in by_side:
            continue  # SUBJ_START and the like, of training without types
        if kind not in types or not isinstance(token, str):
            raise ConversionError(
                f"{file}: {key!r} stands for {token!r}; expected a token for a type of the schema "
                f"({', '.join(types)})"
            )
        found[by_side[side]][kind] = token
    return {"markers": found} if any(found.values()) else {}


def _folder(checkpoint: Checkpoint) -> Any:
    return checkpoint.path if checkpoint.path.is_dir() else checkpoint.path.parent
