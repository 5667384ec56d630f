"""From annotations that a user brings to a `Report` that training can rely on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from radie_train.errors import TrainError
from radie_train.report import Entity, Relation, Report
from radie_train.schema import ENTITY_TYPES, RELATION_LABELS, allowed_labels

MAX_TEXT_BYTES = 1 << 20
"""What `radie` takes for one report, too."""
_RELATION_TYPES = RELATION_LABELS[1:]


@dataclass(frozen=True)
class Annotated:
    """A report as it was read: `entity_at` and `relation_at` say where each item stands."""

    id: str
    text: str
    entities: Sequence[Entity]
    relations: Sequence[Relation]
    entity_at: Callable[[int], str]
    relation_at: Callable[[int], str]
    at: str
    """Where the report itself stands."""
    brat_lines: Sequence[str] = ()


def checked(given: Annotated) -> Report:
    """The report, its entities in the order of the text; whatever does not fit is a TrainError."""
    if len(given.text.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        raise TrainError(f"{given.at}: the text is longer than 1 MiB")
    types: dict[str, str] = {}
    for i, entity in enumerate(given.entities):
        _check_entity(entity, given.entity_at(i), len(given.text), types)
        types[entity.id] = entity.type
    order = sorted(range(len(given.entities)), key=lambda i: given.entities[i].start)
    for a, b in pairwise(order):
        if given.entities[b].start < given.entities[a].end:
            where, other = given.entity_at(b), given.entity_at(a)
            raise TrainError(f"{where}: overlaps the entity at {_short(other, where)}")
    for i, relation in enumerate(given.relations):
        _check_relation(relation, given.relation_at(i), types)
    relations = tuple(dict.fromkeys(given.relations))
    entities = tuple(given.entities[i] for i in order)
    return Report(given.id, given.text, entities, relations, tuple(given.brat_lines))


def _check_entity(entity: Entity, where: str, length: int, known: dict[str, str]) -> None:
    if entity.type not in ENTITY_TYPES:
        raise TrainError(f"{where}.type: is none of {', '.join(ENTITY_TYPES)}")
    if not 0 <= entity.start < entity.end <= length:
        raise TrainError(
            f"{where}: {entity.start}–{entity.end} is no range of the text, "
            f"which has {length} characters"
        )
    if entity.id in known:
        raise TrainError(f"{where}.id: another entity of the report has it already")


def _check_relation(relation: Relation, where: str, types: dict[str, str]) -> None:
    if relation.type not in _RELATION_TYPES:
        raise TrainError(f"{where}.type: is none of {', '.join(_RELATION_TYPES)}")
    for field, name in (("head", relation.head), ("tail", relation.tail)):
        if name not in types:
            raise TrainError(f"{where}.{field}: is no id of an entity of the report")
    head, tail = types[relation.head], types[relation.tail]
    if RELATION_LABELS.index(relation.type) not in allowed_labels(head, tail):
        raise TrainError(f"{where}: {relation.type} does not lead from a {head} to a {tail}")


def _short(other: str, where: str) -> str:
    """`other` without the beginning that it shares with `where`."""
    shared = where.rpartition(" ")[0] + " "
    return other.removeprefix(shared)
