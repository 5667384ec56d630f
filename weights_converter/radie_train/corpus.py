"""Reports in normalised form: what both stages are trained on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from radie_train.report import Entity, Report
from radie_train.text import normalize, split_sentences


def normalized(report: Report) -> Report:
    """The report over its normalised text.

    Mentions lose white space at their ends. One of which nothing is left goes, with its relations.
    """
    text = normalize(report.text)
    entities = []
    for entity in report.entities:
        span = text.from_source(entity.start, entity.end)
        if span is None:
            continue
        words = text.text[span[0] : span[1]]
        start = span[0] + len(words) - len(words.lstrip(" \n"))
        end = span[0] + len(words.rstrip(" \n"))
        if start < end:
            entities.append(Entity(entity.id, entity.type, start, end))
    kept = {entity.id for entity in entities}
    relations = tuple(r for r in report.relations if r.head in kept and r.tail in kept)
    return Report(report.id, text.text, tuple(entities), relations)


def settled(report: Report) -> Report:
    """The normalised report with its sentences decided once, on the lines as they were written.

    What is made of it afterwards has other lines, and the splitter would cut it elsewhere. A line
    feed inside a mention is left out and ends no sentence: half a mention teaches what is wrong.
    """
    inside = {i for e in report.entities for i in range(e.start, e.end)}
    dropped = {i for i in inside if report.text[i] == "\n"}
    sentences: list[tuple[int, int]] = []
    for start, end in split_sentences(report.text):
        if sentences and _is_cut_by_line_feed(report.text, sentences[-1][1], start, inside):
            start = sentences.pop()[0]
        sentences.append((start, end))
    places = [0]
    for i in range(len(report.text)):
        places.append(places[-1] + (i not in dropped))
    return replace(
        report,
        text="".join(c for i, c in enumerate(report.text) if i not in dropped),
        entities=tuple(
            replace(e, start=places[e.start], end=places[e.end]) for e in report.entities
        ),
        sentences=tuple((places[start], places[end]) for start, end in sentences),
    )


def _is_cut_by_line_feed(text: str, end: int, start: int, inside: set[int]) -> bool:
    """Whether it is a line feed inside a mention alone that parts two sentences."""
    gap = range(end, start)
    return "\n" in text[end:start] and inside.issuperset(gap) and text[end - 1] not in "。!?"


def split_by_file(
    reports: Iterable[Report], held_out: Iterable[str]
) -> tuple[list[Report], list[Report]]:
    """Reports to train on, reports to hold back; `held_out` are authors (`w05` is W05-01 …)."""
    names = {name.upper() for name in held_out}
    train: list[Report] = []
    held: list[Report] = []
    for report in reports:
        (held if report.id.split("-")[0] in names else train).append(report)
    return train, held
