"""The information model: entity types, relation types, and which types a relation joins."""

import json
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from radie_convert.errors import ConversionError
from radie_convert.jsonfile import read_json_object

Schema = Mapping[str, Any]

DEFAULT_SCHEMA = "sugimoto-2023"
SHIPPED = (DEFAULT_SCHEMA, "radgraph", "jamie")
NO_RELATION = "none"
CERTAINTIES = ("definite", "likely", "may_represent", "unlikely", "denial")
_MAX_TYPES = 511


def shipped_schema(name: str) -> dict[str, Any]:
    """One of `SHIPPED`."""
    file = resources.files("radie_convert") / "schemas" / f"{name}.json"
    value = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def default_schema() -> dict[str, Any]:
    """The information model of Sugimoto et al. 2023."""
    return shipped_schema(DEFAULT_SCHEMA)


def load_schema(name_or_file: str) -> dict[str, Any]:
    """A shipped information model by its name, or one from a JSON file."""
    if name_or_file in SHIPPED:
        return shipped_schema(name_or_file)
    try:
        return read_json_object(Path(name_or_file))
    except ConversionError as error:
        raise ConversionError(f"{error}; shipped schemas are {', '.join(SHIPPED)}") from error


def check_schema(schema: Schema) -> None:
    """The schema is what schemas/information-model.schema.json says, and agrees with itself."""
    _check_keys(schema, "schema", ("name", "entity_types", "relation_types"), ("$schema",))
    if not isinstance(schema["name"], str) or not schema["name"]:
        raise ConversionError(f"schema: name is {schema['name']!r}, expected a string")
    types = _items(schema, "entity_types")
    if not types:
        raise ConversionError("schema: entity_types is empty")
    for number, entity in enumerate(types):
        _check_entity(entity, f"schema: entity_types[{number}]")
    names = [entity["name"] for entity in types]
    _check_unique("entity", names)
    relations = _items(schema, "relation_types")
    for number, relation in enumerate(relations):
        _check_relation(relation, names, f"schema: relation_types[{number}]")
    _check_unique("relation", [relation["name"] for relation in relations])


def _check_unique(kind: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConversionError(f"schema: {kind} type {name!r} stands there twice")


def _check_keys(
    value: Any, where: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    if not isinstance(value, Mapping):
        raise ConversionError(f"{where} is no JSON object")
    for key in required:
        if key not in value:
            raise ConversionError(
                f"{where}: {key!r} is missing; a schema has name, entity_types with name and role, "
                "relation_types with name, heads and tails"
            )
    for key in value:
        if key not in (*required, *optional, "description"):
            known = ", ".join((*required, *optional, "description"))
            raise ConversionError(f"{where}: {key!r} is unknown; one of {known}")
    if not isinstance(value.get("description", ""), str):
        raise ConversionError(f"{where}: description is no string")


def _items(schema: Schema, key: str) -> list[Any]:
    items = schema[key]
    if not isinstance(items, list):
        raise ConversionError(f"schema: {key} is no list")
    if len(items) > _MAX_TYPES:
        raise ConversionError(f"schema: {key} has {len(items)} entries, at most {_MAX_TYPES}")
    return items


def _check_name(name: Any, where: str) -> None:
    if not isinstance(name, str) or not re.fullmatch(r"\S+", name):
        raise ConversionError(f"{where}: name is {name!r}, expected a string without white space")


def _check_entity(entity: Any, where: str) -> None:
    _check_keys(entity, where, ("name", "role"), ("certainty",))
    _check_name(entity["name"], where)
    name, role = entity["name"], entity["role"]
    if role not in ("object", "attribute"):
        raise ConversionError(
            f"schema: entity type {name} has role {role!r}, expected object or attribute"
        )
    if "certainty" not in entity:
        return
    if role != "object":
        raise ConversionError(f"{where}: only an object has a certainty, and {name} is none")
    if entity["certainty"] not in CERTAINTIES:
        raise ConversionError(
            f"{where}: certainty is {entity['certainty']!r}; one of {', '.join(CERTAINTIES)}"
        )


def _check_relation(relation: Any, types: list[str], where: str) -> None:
    _check_keys(relation, where, ("name", "heads", "tails"), ())
    _check_name(relation["name"], where)
    name = relation["name"]
    if name == NO_RELATION:
        raise ConversionError(f"schema: a relation type cannot be called {NO_RELATION!r}")
    for key in ("heads", "tails"):
        ends = relation[key]
        if not isinstance(ends, list) or not ends:
            raise ConversionError(f"{where}: {key} is {ends!r}, expected a list of entity types")
        for end in ends:
            if end not in types:
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
