"""New reports from the sentences of others, their labels and relations kept.

What belongs together stays together: sentences that a relation or a mention joins are one block,
in their order. So no relation is ever lost or cut, and none is new.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from radie_train.augmentation import sentences_of
from radie_train.report import Entity, Relation, Report

_OTHER_SHARE = 0.5
"""How often a block gives way to one of another report, where there is another."""


@dataclass(frozen=True)
class Block:
    """A piece of text with what is annotated in it; offsets count from its start.

    `text` ends with what stood behind its last sentence: white space, at least a line feed where
    nothing says that the sentence is over.
    """

    text: str
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]


def blocks_of(report: Report) -> list[Block]:
    """The blocks of a normalised report, by their first sentences.

    Line breaks inside sentences are left out: whether a break is one between sentences depends on
    the lines of the whole report, and these change. Entities of nothing but white space go.
    """
    sentences = sentences_of(report)
    touched = {entity.id: _touched(entity, sentences) for entity in report.entities}
    groups = _Groups(len(sentences))
    for numbers in touched.values():
        groups.join(numbers)
    for relation in report.relations:
        groups.join([*touched[relation.head], *touched[relation.tail]])
    blocks = []
    for members in groups.all():
        inside = {name for name, numbers in touched.items() if numbers and numbers[0] in members}
        blocks.append(_block(report, sentences, sorted(members), inside))
    return blocks


def recombine(report: Report, other: Report, rng: random.Random) -> Report:
    """`report` with its blocks in another order, or with some that are `other`'s instead.

    Ids are new ones.
    """
    blocks = blocks_of(report)
    foreign = blocks_of(other) if other is not report else []
    if foreign and rng.random() < 0.5:
        blocks = [rng.choice(foreign) if rng.random() < _OTHER_SHARE else b for b in blocks]
    else:
        rng.shuffle(blocks)
    return joined(report.id, blocks)


def joined(report_id: str, blocks: Sequence[Block]) -> Report:
    """One report of blocks in a row. A block may be there more than once."""
    text = ""
    entities: list[Entity] = []
    relations: list[Relation] = []
    for number, block in enumerate(blocks):
        prefix = f"{number}."
        entities += (
            Entity(prefix + e.id, e.type, len(text) + e.start, len(text) + e.end)
            for e in block.entities
        )
        relations += (Relation(r.type, prefix + r.head, prefix + r.tail) for r in block.relations)
        text += block.text
    return Report(report_id, text, tuple(entities), tuple(relations))


def _touched(entity: Entity, sentences: Sequence[tuple[int, int]]) -> list[int]:
    """The sentences an entity has characters in, and those between."""
    return [
        n for n, (start, end) in enumerate(sentences) if entity.start < end and start < entity.end
    ]


def _block(
    report: Report,
    sentences: Sequence[tuple[int, int]],
    members: Sequence[int],
    inside: set[str],
) -> Block:
    pieces: list[str] = []
    places: dict[int, int] = {}
    """Where each kept character of the report stands in the block."""
    length = 0
    for number in members:
        start, end = sentences[number]
        follows = sentences[number + 1][0] if number + 1 < len(sentences) else len(report.text)
        for i in range(start, follows):
            character = report.text[i]
            if character == "\n" and i < end:
                continue
            places[i] = length
            pieces.append(character)
            length += 1
        if number + 1 == len(sentences) and "\n" not in report.text[end:]:
            pieces.append("\n")
            length += 1
    entities = []
    for e in report.entities:
        kept = [places[i] for i in range(e.start, e.end) if e.id in inside and i in places]
        if kept:
            entities.append(Entity(e.id, e.type, kept[0], kept[-1] + 1))
    ids = {e.id for e in entities}
    relations = tuple(r for r in report.relations if r.head in ids and r.tail in ids)
    return Block("".join(pieces), tuple(entities), relations)


class _Groups:
    """Sets of numbers that are joined step by step."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            self._parents[number] = self._parents[self._parents[number]]
            number = self._parents[number]
        return number

    def join(self, numbers: Iterable[int]) -> None:
        roots = sorted({self._root(number) for number in numbers})
        for root in roots[1:]:
            self._parents[root] = roots[0]

    def all(self) -> list[set[int]]:
        """The sets, by their least numbers."""
        groups: dict[int, set[int]] = {}
        for number in range(len(self._parents)):
            groups.setdefault(self._root(number), set()).add(number)
        return list(groups.values())
