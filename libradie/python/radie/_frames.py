"""Reports as tables of pandas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from radie._errors import Error
from radie._report import Report

if TYPE_CHECKING:
    import pandas as pd

_ENTITIES = ["report", "entity", "type", "start", "end", "text", "confidence"]
_RELATIONS = ["report", "relation", "type", "head", "tail", "head_text", "tail_text", "confidence"]
_FINDINGS = ["report", "object", "type", "text", "member", "member_type", "member_text", "role"]


class Frames(NamedTuple):
    """One row an entity, one a relation, and one for each attribute and evidence of a finding.

    Of a finding without either there is one row, whose member columns are missing. `report` is the
    report's id.
    """

    entities: pd.DataFrame
    relations: pd.DataFrame
    findings: pd.DataFrame


def to_frames(reports: Iterable[Report | Error], ids: Iterable[object] | None = None) -> Frames:
    """The reports as three tables. ids: one for each report; None: 0, 1, … An Error has no rows."""
    try:
        import pandas as pd
    except ImportError as missing:
        raise ImportError('to_frames needs pandas: pip install "radie[pandas]"') from missing
    all_reports = list(reports)
    names: list[object] = list(range(len(all_reports))) if ids is None else list(ids)
    if len(names) != len(all_reports):
        raise Error("invalid_argument", f"ids: {len(names)} for {len(all_reports)} reports")
    found = [(n, r) for n, r in zip(names, all_reports, strict=True) if isinstance(r, Report)]

    entities = [
        (name, e.id, e.type, e.start, e.end, e.text, e.confidence)
        for name, report in found
        for e in report.entities
    ]
    relations = [
        (name, r.id, r.type, r.head.id, r.tail.id, r.head.text, r.tail.text, r.confidence)
        for name, report in found
        for r in report.relations
    ]
    findings = [row for name, report in found for row in _finding_rows(name, report)]
    return Frames(
        pd.DataFrame(entities, columns=_ENTITIES),
        pd.DataFrame(relations, columns=_RELATIONS),
        pd.DataFrame(findings, columns=_FINDINGS),
    )


def _finding_rows(name: object, report: Report) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for finding in report.findings:
        object_ = (name, finding.object.id, finding.object.type, finding.object.text)
        members = [(member, "attribute") for member in finding.attributes]
        members += [(member, "evidence") for member in finding.evidence]
        rows += [(*object_, m.id, m.type, m.text, role) for m, role in members]
        if not members:
            rows.append((*object_, None, None, None, None))
    return rows
