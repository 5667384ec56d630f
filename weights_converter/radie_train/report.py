"""An annotated report: text, entities and relations, with code-point offsets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entity:
    """A mention: `text[start:end]` of its report, by code points."""

    id: str
    type: str
    start: int
    end: int


@dataclass(frozen=True)
class Relation:
    """A labelled pair: `head` and `tail` are entity ids."""

    type: str
    head: str
    tail: str
    id: str = field(default="", compare=False)
    """As the file had it, for lines that refer to it; empty: numbered when written."""


@dataclass(frozen=True)
class Report:
    """One report. Entities do not overlap and stand in the order of the text."""

    id: str
    text: str
    entities: tuple[Entity, ...] = field(default=())
    relations: tuple[Relation, ...] = field(default=())
    brat_lines: tuple[str, ...] = field(default=(), compare=False)
    """Attributes, normalisations and notes of a brat file: kept, and not read."""
    sentences: tuple[tuple[int, int], ...] | None = field(default=None, compare=False)
    """Where they are settled already (corpus.settled); None: where the splitter finds them."""

    def surface(self, entity: Entity) -> str:
        """The characters that the entity covers."""
        return self.text[entity.start : entity.end]

    def with_annotations(self, entities: Iterable[Entity], relations: Iterable[Relation]) -> Report:
        """The same text under other annotations."""
        return replace(
            self,
            entities=tuple(sorted(entities, key=lambda e: (e.start, e.end))),
            relations=tuple(relations),
        )

    def to_json(self) -> dict[str, Any]:
        """The JSON Lines record: id, text, entities and relations."""
        names = self.relation_ids()
        record: dict[str, Any] = {
            "id": self.id,
            "text": self.text,
            "entities": [
                {
                    "id": e.id,
                    "type": e.type,
                    "start": e.start,
                    "end": e.end,
                    "text": self.surface(e),
                }
                for e in self.entities
            ],
            "relations": [
                {"id": name, "type": r.type, "head": r.head, "tail": r.tail}
                for name, r in zip(names, self.relations, strict=True)
            ],
        }
        return record | ({"brat_lines": list(self.brat_lines)} if self.brat_lines else {})

    def relation_ids(self) -> list[str]:
        """The relations' own ids where every one has one that no other has, else R1, R2, …"""
        names = [r.id for r in self.relations]
        if all(names) and len(set(names)) == len(names):
            return names
        return [f"R{i}" for i in range(1, len(names) + 1)]


def report_from_json(record: dict[str, Any]) -> Report:
    """A Report from one JSON Lines record."""
    entities = sorted(
        (Entity(e["id"], e["type"], e["start"], e["end"]) for e in record["entities"]),
        key=lambda e: (e.start, e.end),
    )
    relations = (Relation(r["type"], r["head"], r["tail"]) for r in record["relations"])
    return Report(record["id"], record["text"], tuple(entities), tuple(relations))


def read_jsonl(path: Path) -> list[Report]:
    """Every report of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [report_from_json(json.loads(line)) for line in lines if line.strip()]


def write_jsonl(path: Path, reports: Iterable[Report]) -> None:
    """Writes one report a line."""
    with path.open("w", encoding="utf-8") as out:
        for report in reports:
            out.write(json.dumps(report.to_json(), ensure_ascii=False) + "\n")
