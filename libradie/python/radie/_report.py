"""The record of docs/output.md as immutable values that refer to each other in place of ids."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# The extension module's form of a report, and, with lists for tuples, the serialised one:
# entities (type, start, end, text, confidence), relations (type, head, tail, confidence), findings
# (object, attributes, evidence, certainty), warnings (code, message). References are indices into
# entities; certainty is None or (class, confidence, sources).
Raw = Sequence[Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Entity:
    """A mention. `start` and `end` count code points of the report's text, `end` is exclusive."""

    id: str
    type: str
    start: int
    end: int
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Relation:
    """`head` is the attribute or the evidence, `tail` the object it belongs to."""

    id: str
    type: str
    head: Entity
    tail: Entity
    confidence: float


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure the report is of an object, from the descriptors `sources` (docs/certainty.md)."""

    value: str
    """definite, likely, may_represent, unlikely or denial."""
    confidence: float
    sources: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One object with all that the report says of it; attributes and evidence are in text order."""

    object: Entity
    attributes: tuple[Entity, ...]
    evidence: tuple[Entity, ...]
    certainty: Certainty | None = None
    """None where relations were not looked for."""

    def by_type(self) -> dict[str, tuple[Entity, ...]]:
        """The attributes of each type, types in the order of their first appearance."""
        groups: dict[str, tuple[Entity, ...]] = {}
        for entity in self.attributes:
            groups[entity.type] = (*groups.get(entity.type, ()), entity)
        return groups


@dataclass(frozen=True, slots=True)
class Warning:
    """What to know of a report that was processed all the same; never holds its text."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one text, which is kept as it was given."""

    text: str = field(repr=False)
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Warning, ...] = ()

    def to_dict(self, id: str = "", *, include_text: bool = False) -> dict[str, Any]:
        """The record that `radie extract --format jsonl` writes, as json.loads gives it."""
        record: dict[str, Any] = {"id": id}
        if include_text:
            record["text"] = self.text
        record["offset_unit"] = "codepoint"
        record["entities"] = [_entity_record(entity) for entity in self.entities]
        record["relations"] = [
            {
                "id": relation.id,
                "type": relation.type,
                "head": relation.head.id,
                "tail": relation.tail.id,
                "confidence": _four_decimals(relation.confidence),
            }
            for relation in self.relations
        ]
        record["findings"] = [_finding_record(finding) for finding in self.findings]
        record["warnings"] = [
            {"code": warning.code, "message": warning.message} for warning in self.warnings
        ]
        return record


def _entity_record(entity: Entity) -> dict[str, Any]:
    return {
        "id": entity.id,
        "type": entity.type,
        "start": entity.start,
        "end": entity.end,
        "text": entity.text,
        "confidence": _four_decimals(entity.confidence),
    }


def _finding_record(finding: Finding) -> dict[str, Any]:
    record: dict[str, Any] = {
        "object": finding.object.id,
        "type": finding.object.type,
        "text": finding.object.text,
    }
    if finding.certainty is not None:
        record["certainty"] = {
            "class": finding.certainty.value,
            "confidence": _four_decimals(finding.certainty.confidence),
            "sources": [entity.id for entity in finding.certainty.sources],
        }
    record["attributes"] = {
        type_: [entity.id for entity in entities] for type_, entities in finding.by_type().items()
    }
    record["evidence"] = [entity.id for entity in finding.evidence]
    return record


def _four_decimals(confidence: float) -> float:
    """Rounded as the command rounds: halves up, where Python's round() takes the even neighbour."""
    clamped = 0.0 if math.isnan(confidence) else min(max(confidence, 0.0), 1.0)
    scaled = clamped * 10000
    whole = math.floor(scaled)
    return (whole + (scaled - whole >= 0.5)) / 10000


def from_raw(text: str, raw: Raw) -> Report:
    """The report of `text` that the extension module returned."""
    raw_entities, raw_relations, raw_findings, raw_warnings = raw
    entities = tuple(Entity(f"T{i}", *fields) for i, fields in enumerate(raw_entities, 1))
    return Report(
        text,
        entities,
        tuple(
            Relation(f"R{i}", type_, entities[head], entities[tail], confidence)
            for i, (type_, head, tail, confidence) in enumerate(raw_relations, 1)
        ),
        tuple(
            Finding(
                entities[object_],
                tuple(entities[i] for i in attributes),
                tuple(entities[i] for i in evidence),
                None if certainty is None else _certainty(entities, *certainty),
            )
            for object_, attributes, evidence, certainty in raw_findings
        ),
        tuple(Warning(*fields) for fields in raw_warnings),
    )


def _certainty(
    entities: Sequence[Entity], value: str, confidence: float, sources: Sequence[int]
) -> Certainty:
    return Certainty(value, confidence, tuple(entities[i] for i in sources))


def to_raw(report: Report) -> list[list[list[Any]]]:
    """from_raw's opposite, of lists, strings and numbers alone: it can be serialised anywhere."""
    index = {entity.id: i for i, entity in enumerate(report.entities)}
    return [
        [[e.type, e.start, e.end, e.text, e.confidence] for e in report.entities],
        [[r.type, index[r.head.id], index[r.tail.id], r.confidence] for r in report.relations],
        [
            [
                index[f.object.id],
                [index[e.id] for e in f.attributes],
                [index[e.id] for e in f.evidence],
                None
                if f.certainty is None
                else [
                    f.certainty.value,
                    f.certainty.confidence,
                    [index[e.id] for e in f.certainty.sources],
                ],
            ]
            for f in report.findings
        ],
        [[w.code, w.message] for w in report.warnings],
    ]
