"""Reports in normalised form: what both stages are trained on."""

from __future__ import annotations

from collections.abc import Iterable

from radie_train.report import Entity, Report
from radie_train.text import normalize


def normalized(report: Report) -> Report:
    """The report over its normalised text.

    A mention of which nothing is left goes, with its relations.
    """
    text = normalize(report.text)
    entities = []
    for entity in report.entities:
        span = text.from_source(entity.start, entity.end)
        if span is not None:
            entities.append(Entity(entity.id, entity.type, *span))
    kept = {entity.id for entity in entities}
    relations = tuple(r for r in report.relations if r.head in kept and r.tail in kept)
    return Report(report.id, text.text, tuple(entities), relations)


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
