"""Seeded changes to annotated reports that keep labels and text in agreement.

`replace_mentions` works on a report. The rest works on `Cells`, a text as one cell a character,
each of which knows the mention and the sentence it belongs to: a change to cells cannot put a label
beside the wrong character.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from radie_train.mentions import KEPT_TYPES, Mentions
from radie_train.report import Entity, Report
from radie_train.text import split_sentences
from radie_train.vocabulary import UNKNOWN_CHARACTER

NONE = -1


@dataclass(frozen=True)
class Noise:
    """How often each change is made."""

    mention: float = 0.3
    """A mention is replaced by another of its type."""
    unknown: float = 0.03
    """A character becomes an unknown one."""
    wrapped: float = 0.25
    """A sentence gets line breaks inside, also inside words."""
    unwrapped: float = 0.8
    """A line break inside a sentence is taken away."""
    case: float = 0.02
    """The letters of a sentence change case."""
    space: float = 0.06
    """The number-letter borders of a sentence get or lose spaces."""
    stop: float = 0.05
    """The full stop at the end of a sentence is taken away."""


@dataclass
class Cells:
    """One entry a character: what it is, which mention owns it, in which sentence it stands."""

    characters: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    """Index of the report's entity, or NONE."""
    sentences: list[int] = field(default_factory=list)
    """Number of the sentence, or NONE between sentences."""

    def __len__(self) -> int:
        return len(self.characters)

    def add(self, character: str, owner: int, sentence: int) -> None:
        """Appends one cell."""
        self.characters.append(character)
        self.owners.append(owner)
        self.sentences.append(sentence)

    def spans(self) -> dict[int, tuple[int, int]]:
        """Every mention's range, from its first cell inside a sentence to its last one."""
        found: dict[int, tuple[int, int]] = {}
        for i, owner in enumerate(self.owners):
            if owner != NONE and self.sentences[i] != NONE:
                found[owner] = (found[owner][0] if owner in found else i, i + 1)
        return found


def replace_mentions(
    report: Report, mentions: Mentions, probability: float, rng: random.Random
) -> Report:
    """The report with some mentions replaced; entity ids, relations and sentences stay.

    Mentions of one type and wording stay so, for they may be of one thing.
    """
    chosen: dict[tuple[str, str], str] = {}
    pieces: list[str] = []
    entities: list[Entity] = []
    length = last = 0
    for entity in report.entities:
        between = report.text[last : entity.start]
        surface = report.surface(entity)
        key = entity.type, surface
        if key not in chosen:
            replaced = entity.type not in KEPT_TYPES and rng.random() < probability
            chosen[key] = mentions.draw(*key, rng) if replaced else surface
        surface = chosen[key]
        pieces += [between, surface]
        start = length + len(between)
        length = start + len(surface)
        entities.append(Entity(entity.id, entity.type, start, length))
        last = entity.end
    pieces.append(report.text[last:])
    changed = Report(report.id, "".join(pieces), tuple(entities), report.relations)
    if report.sentences is None:
        return changed
    return replace(changed, sentences=_moved(report, changed))


def _moved(report: Report, changed: Report) -> tuple[tuple[int, int], ...]:
    """The sentences of `report`, whose mentions `changed` has replaced."""
    places: dict[int, int] = {}
    last = shift = 0
    for before, after in zip(report.entities, changed.entities, strict=True):
        places |= {i: i + shift for i in range(last, before.start + 1)}
        # A sentence may begin or end inside a mention.
        places |= {i: min(i + shift, after.end) for i in range(before.start + 1, before.end)}
        last, shift = before.end, after.end - before.end
    places |= {i: i + shift for i in range(last, len(report.text) + 1)}
    return tuple((places[start], places[end]) for start, end in report.sentences or ())


def sentences_of(report: Report) -> Sequence[tuple[int, int]]:
    """The report's sentences: those that are settled, else those of the splitter."""
    return split_sentences(report.text) if report.sentences is None else report.sentences


def to_cells(report: Report) -> Cells:
    """The report's characters; white space between sentences belongs to none."""
    cells = Cells(list(report.text), [NONE] * len(report.text), [NONE] * len(report.text))
    for number, (start, end) in enumerate(sentences_of(report)):
        cells.sentences[start:end] = [number] * (end - start)
    for number, entity in enumerate(report.entities):
        cells.owners[entity.start : entity.end] = [number] * (entity.end - entity.start)
    return cells


def disturb(cells: Cells, noise: Noise, rng: random.Random) -> Cells:
    """A noisy copy of the cells."""
    result = Cells()
    begin = 0
    while begin < len(cells):
        end = begin
        while end < len(cells) and cells.sentences[end] == cells.sentences[begin]:
            end += 1
        if cells.sentences[begin] == NONE:
            for i in range(begin, end):
                result.add(cells.characters[i], cells.owners[i], NONE)
        else:
            _disturb_sentence(cells, begin, end, noise, rng, result)
        begin = end
    return result


def _disturb_sentence(
    cells: Cells, begin: int, end: int, noise: Noise, rng: random.Random, result: Cells
) -> None:
    wrap = 1 / 30 if rng.random() < noise.wrapped else 0.0
    recase = rng.choice((str.upper, str.lower)) if rng.random() < noise.case else None
    respace = rng.random() < noise.space
    unwrap = rng.random() < noise.unwrapped
    # The stop of an abbreviation (susp.) is the mention's.
    stop = cells.characters[end - 1] == "。" and cells.owners[end - 1] == NONE
    if stop and rng.random() < noise.stop and end - begin > 1:
        end -= 1
    for i in range(begin, end):
        character, owner = cells.characters[i], cells.owners[i]
        if i > begin:
            # What is put between two cells of one mention belongs to the mention.
            between = owner if owner == cells.owners[i - 1] else NONE
            if wrap and rng.random() < wrap and "\n" not in (character, cells.characters[i - 1]):
                result.add("\n", between, cells.sentences[i])
            if respace and _is_border(cells.characters[i - 1], character) and rng.random() < 0.5:
                result.add(" ", between, cells.sentences[i])
        if character == "\n" and unwrap:
            continue
        at_edge = i in (begin, end - 1) or owner not in (cells.owners[i - 1], cells.owners[i + 1])
        if character == " " and respace and not at_edge and rng.random() < 0.5:
            continue
        if recase is not None and character.isascii():
            character = recase(character)
        if character not in "\n 。、" and rng.random() < noise.unknown:
            character = UNKNOWN_CHARACTER
        result.add(character, owner, cells.sentences[i])


def _is_border(before: str, after: str) -> bool:
    """Whether a space may stand here without a change of sense: beside ASCII, but not inside it."""
    if " " in (before, after) or "\n" in (before, after):
        return False
    number_unit = before.isdigit() and after.isascii() and after.isalpha()
    return number_unit or before.isascii() != after.isascii()
