"""Tables of pandas."""

from __future__ import annotations

import pytest
import radie


def test_rows_are_the_records(model: radie.Model, examples: dict[str, str]) -> None:
    reports = model.extract_batch(examples.values())
    frames = radie.to_frames(reports, examples)
    named = list(zip(examples, reports, strict=True))
    entities = [(name, e.id, e.text) for name, report in named for e in report.entities]
    columns = frames.entities[["report", "entity", "text"]]
    assert list(columns.itertuples(index=False, name=None)) == entities
    for row in frames.entities.to_dict("records"):
        assert examples[row["report"]][row["start"] : row["end"]] == row["text"]
    assert len(frames.relations) == sum(len(r.relations) for r in reports) > 0
    members = [m for r in reports for f in r.findings for m in (*f.attributes, *f.evidence)]
    assert int(frames.findings["member"].notna().sum()) == len(members)
    objects = {(name, f.object.id) for name, report in named for f in report.findings}
    assert set(frames.findings[["report", "object"]].itertuples(index=False, name=None)) == objects


def test_errors_have_no_rows(model: radie.Model) -> None:
    results = model.extract_batch(["\ud800", "肺に結節を認めます。"], errors="return")
    frames = radie.to_frames(results)
    assert set(frames.entities["report"]) == {1}
    empty = radie.to_frames([])
    assert empty.entities.empty and list(empty.findings)[:2] == ["report", "object"]
    with pytest.raises(radie.Error):
        radie.to_frames(results, ["one"])
