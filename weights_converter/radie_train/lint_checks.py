"""The checks of `radie_train.lint`: each takes folded reports and gives findings.

A finding that says "n times so, m times otherwise" is the more suspicious the surer the rule is:
its suspicion is the lower end of the 95 % Wilson interval of n / (n + m). 1 of 300 is thus more
suspicious than 1 of 3, though both are one exception.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from radie_train.folded import Folded, Mention
from radie_train.inline_notation import TYPE_OF_LETTER
from radie_train.schema import ATTRIBUTE_TYPES, OBJECT_TYPES


@dataclass(frozen=True)
class Limits:
    """From where on something is a finding."""

    threshold: float = 0.9
    """`plain`: share of a surface's occurrences that must be labelled."""
    minimum: int = 5
    """`plain`: labelled occurrences before a surface counts."""
    sentence: int = 20
    """`duplicates`: characters of the shortest sentence."""


@dataclass(frozen=True)
class Place:
    """Where to look: a report, and the folded text there."""

    report: str
    excerpt: str


@dataclass(frozen=True)
class Finding:
    """Something to look at; `suspicion` in [0, 1] sorts within a check."""

    check: str
    suspicion: float
    surface: str
    message: str
    places: tuple[Place, ...]


Check = Callable[[Sequence[Folded], Limits], list[Finding]]


def wilson(hits: int, total: int) -> float:
    """Lower end of the 95 % Wilson interval of hits / total."""
    z2 = 1.959964**2
    share = hits / total
    centre = share + z2 / (2 * total)
    spread = (z2 * (share * (1 - share) / total + z2 / (4 * total * total))) ** 0.5
    return float(max(0.0, (centre - spread) / (1 + z2 / total)))


def types(rows: Sequence[Folded], _: Limits) -> list[Finding]:
    """One surface under several types."""
    uses: defaultdict[str, defaultdict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for mention in row.mentions:
            uses[row.surface(mention)][mention.type].append(_place(row, mention))
    return [
        _by_majority("types", surface, {name: places for name, places in kinds.items()})
        for surface, kinds in uses.items()
        if len(kinds) > 1
    ]


def plain(rows: Sequence[Folded], limits: Limits) -> list[Finding]:
    """A surface of two characters or more, nearly always labelled, without a label elsewhere.

    Longer surfaces go first, and what they name is not named again for a part of it.
    """
    labelled = Counter(row.surface(m) for row in rows for m in row.mentions)
    candidates = [s for s, n in labelled.items() if n >= limits.minimum and len(s) > 1]
    taken: set[tuple[str, int]] = set()
    findings = []
    for surface in sorted(candidates, key=lambda s: (-len(s), s)):
        spots = [
            (row, start, end)
            for row in rows
            for start, end in row.occurrences(surface)
            if all(i < 0 for i in row.at[start:end])
            and not any((row.id, i) in taken for i in range(start, end))
        ]
        total = labelled[surface] + len(spots)
        if not spots or labelled[surface] / total < limits.threshold:
            continue
        for row, start, end in spots:
            taken.update((row.id, i) for i in range(start, end))
        findings.append(
            Finding(
                "plain",
                wilson(labelled[surface], total),
                surface,
                f"labelled {labelled[surface]}, plain {len(spots)}",
                tuple(Place(row.id, row.excerpt(start, end)) for row, start, end in spots),
            )
        )
    return findings


def bounds(rows: Sequence[Folded], _: Limits) -> list[Finding]:
    """A surface that is one mention here; there it is several, or one is shorter."""
    whole = Counter(row.surface(m) for row in rows for m in row.mentions)
    findings = []
    for surface in sorted(whole):
        ways: defaultdict[str, list[Place]] = defaultdict(list)
        for row in rows:
            for start, end in row.occurrences(surface):
                way = _way(row, start, end)
                if way is not None:
                    ways[way].append(Place(row.id, row.excerpt(start, end)))
        if len(ways) > 1:
            findings.append(_by_majority("bounds", surface, dict(ways)))
    return findings


def loose(rows: Sequence[Folded], _: Limits) -> list[Finding]:
    """An attribute that modifies nothing; less suspicious with no object in its sentence."""
    uses: Counter[tuple[str, str]] = Counter()
    linked: Counter[tuple[str, str]] = Counter()
    spots: list[tuple[Folded, Mention]] = []
    for row in rows:
        for mention in row.mentions:
            if mention.type not in ATTRIBUTE_TYPES:
                continue
            key = (row.surface(mention), mention.type)
            uses[key] += 1
            linked[key] += mention.is_head
            if not mention.is_head:
                spots.append((row, mention))
    findings = []
    for row, mention in spots:
        key = (row.surface(mention), mention.type)
        near = _has_object(row, mention)
        share = wilson(linked[key], uses[key])
        findings.append(
            Finding(
                "loose",
                share if near else share / 2,
                key[0],
                f"{mention.type} without an object; {linked[key]} of {uses[key]} have one;"
                f" {'an' if near else 'no'} object in the sentence",
                (_place(row, mention),),
            )
        )
    return findings


def duplicates(rows: Sequence[Folded], limits: Limits) -> list[Finding]:
    """A sentence that stands in several reports: differently annotated, or long."""
    spots: defaultdict[str, list[tuple[Folded, int, int]]] = defaultdict(list)
    for row in rows:
        for start, end in row.sentences:
            if end - start >= limits.sentence:
                spots[row.text[start:end]].append((row, start, end))
    findings = []
    for sentence, found in spots.items():
        reports = {row.id for row, _, _ in found}
        if len(reports) < 2:
            continue
        ways = {_pieces(row, start, end) for row, start, end in found}
        same = "annotated alike" if len(ways) == 1 else f"annotated in {len(ways)} ways"
        findings.append(
            Finding(
                "duplicates",
                1.0 if len(ways) > 1 else min(0.9, len(sentence) / 100),
                sentence,
                f"{len(sentence)} characters, in {len(reports)} reports, {same}",
                tuple(Place(row.id, _pieces(row, a, b)) for row, a, b in found),
            )
        )
    return findings


CHECKS: dict[str, Check] = {
    "types": types,
    "plain": plain,
    "bounds": bounds,
    "loose": loose,
    "duplicates": duplicates,
}


def _place(row: Folded, mention: Mention) -> Place:
    return Place(row.id, row.excerpt(mention.start, mention.end))


def _by_majority(check: str, surface: str, ways: dict[str, list[Place]]) -> Finding:
    """One finding: how often each way, and where the rarer ones stand."""
    ranked = sorted(ways, key=lambda way: (-len(ways[way]), way))
    total = sum(len(places) for places in ways.values())
    return Finding(
        check,
        wilson(len(ways[ranked[0]]), total),
        surface,
        ", ".join(f"{way} {len(ways[way])}" for way in ranked),
        tuple(place for way in ranked[1:] for place in ways[way]),
    )


def _way(row: Folded, start: int, end: int) -> str | None:
    """How a range is annotated; None where it has no mention, or one that goes beyond it."""
    inside = {i for i in row.at[start:end] if i >= 0}
    if not inside:
        return None
    if any(row.mentions[i].start < start or row.mentions[i].end > end for i in inside):
        return None
    if len(inside) == 1:
        mention = row.mentions[inside.pop()]
        if (mention.start, mention.end) == (start, end):
            return "whole"
    return _pieces(row, start, end)


def _pieces(row: Folded, start: int, end: int) -> str:
    """The range with its mentions bracketed and lettered: 〔胸膜A〕〔陥入像O〕."""
    pieces, position = [], start
    for i in sorted({i for i in row.at[start:end] if i >= 0}):
        mention = row.mentions[i]
        pieces.append(row.text[position : mention.start])
        pieces.append(f"〔{row.surface(mention)}{_LETTERS[mention.type]}〕")
        position = mention.end
    return "".join([*pieces, row.text[position:end]])


_LETTERS = {name: letter for letter, name in TYPE_OF_LETTER.items()}


def _has_object(row: Folded, mention: Mention) -> bool:
    start, end = row.sentence_of(mention.start)
    return any(m.type in OBJECT_TYPES and start <= m.start < end for m in row.mentions)
