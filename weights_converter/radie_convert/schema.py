"""The information model: entity types, relation types, and which types a relation joins."""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from radie_convert.errors import ConversionError

Schema = Mapping[str, Any]

DEFAULT_SCHEMA = "sugimoto-2023"
NO_RELATION = "none"


def default_schema() -> dict[str, Any]:
    """The information model of Sugimoto et al. 2023."""
    file = resources.files("radie_convert") / "schemas" / f"{DEFAULT_SCHEMA}.json"
    value = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def check_schema(schema: Schema) -> None:
    """The schema is well formed: roles known, names unique, relations over its own types."""
    try:
        types = [(entity["name"], entity["role"]) for entity in schema["entity_types"]]
        relations = [(r["name"], r["heads"], r["tails"]) for r in schema["relation_types"]]
    except (KeyError, TypeError) as error:
        raise ConversionError(
            f"schema: {error} is missing or misplaced; it needs entity_types with name and role, "
            "relation_types with name, heads and tails"
        ) from error
    names = [name for name, _ in types]
    for kind, all_names in (("entity", names), ("relation", [r[0] for r in relations])):
        for name in all_names:
            if all_names.count(name) > 1:
                raise ConversionError(f"schema: {kind} type {name!r} stands there twice")
    for name, role in types:
        if role not in ("object", "attribute"):
            raise ConversionError(
                f"schema: entity type {name} has role {role!r}, expected object or attribute"
            )
    for name, heads, tails in relations:
        if name == NO_RELATION:
            raise ConversionError(f"schema: a relation type cannot be called {NO_RELATION!r}")
        for end in [*heads, *tails]:
            if end not in names:
                raise ConversionError(f"schema: relation {name} joins {end!r}, no entity type")


def entity_types(schema: Schema) -> list[str]:
    """The names of the entity types, in the schema's order."""
    return [entity["name"] for entity in schema["entity_types"]]


def relation_types(schema: Schema) -> list[str]:
    """The names of the relation types, in the schema's order."""
    return [relation["name"] for relation in schema["relation_types"]]


def head_types(schema: Schema) -> list[str]:
    """The entity types that can be some relation's head, in the schema's order."""
    heads = {name for relation in schema["relation_types"] for name in relation["heads"]}
    return [name for name in entity_types(schema) if name in heads]


def tail_types(schema: Schema) -> list[str]:
    """The entity types that can be some relation's tail, in the schema's order."""
    tails = {name for relation in schema["relation_types"] for name in relation["tails"]}
    return [name for name in entity_types(schema) if name in tails]
