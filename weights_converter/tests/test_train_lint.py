"""The corpus lint."""

import json
from pathlib import Path

import pytest

from radie_train.folded import fold
from radie_train.inline_notation import parse
from radie_train.lint import as_text, lint, main, problems
from radie_train.lint_checks import CHECKS, Finding, Limits, wilson
from radie_train.report import Entity, Relation, Report


def findings(check: str, content: str, **limits: float) -> list[Finding]:
    return lint(parse(content), [check], Limits(**limits))  # type: ignore[arg-type]  # or int


def reports(*bodies: str) -> str:
    return "\n".join(f"=== X{n:02}\n{body}" for n, body in enumerate(bodies, 1))


def test_folding_keeps_the_mentions_on_their_characters() -> None:
    (report,) = parse(
        "=== X\n⟦O1:Ground\nGlass⟧を ⟦C1:認\nめ⟧、⟦S1:５ ㎜⟧の⟦O2:⽯灰化⟧。\n\n⟦O3:low density⟧\n"
    )
    row = fold(report)
    assert row.text == "groundglassを認め、5mmの石灰化。low density"
    assert [row.surface(m) for m in row.mentions] == [
        "groundglass",
        "認め",
        "5mm",
        "石灰化",
        "low density",
    ]
    assert [row.text[a:b] for a, b in row.sentences][-1] == "low density"
    assert row.at[: len("groundglassを")] == (0,) * 11 + (-1,)


def test_ascii_words_count_only_whole_and_within_a_sentence() -> None:
    (report,) = parse("=== X\nmass、massive、LN mass。\nma\nss\n\nS1\n2")
    row = fold(report)
    found = [row.excerpt(*span) for span in row.occurrences("mass")]
    assert len(found) == 2
    assert list(row.occurrences("s12")) == []


def test_suspicion_grows_with_the_evidence() -> None:
    assert wilson(0, 4) == 0.0
    assert wilson(9, 10) == pytest.approx(0.5958, abs=1e-3)  # the published value
    assert wilson(299, 300) > wilson(9, 10) > wilson(1, 2)


def test_types_lists_the_minority_with_its_reports() -> None:
    content = reports(*["⟦F1:血栓⟧"] * 4, "右に⟦O1:血\n栓⟧なし", "⟦O1:結節⟧")
    (finding,) = findings("types", content)
    assert finding.surface == "血栓"
    assert finding.message == "Clinical_finding 4, Imaging_observation 1"
    assert [(p.report, p.excerpt) for p in finding.places] == [("X05", "右に[血栓]なし")]
    assert finding.suspicion == wilson(4, 5)


def test_plain_follows_the_threshold_and_the_minimum() -> None:
    content = reports(*["⟦O1:胸水⟧"] * 9, "胸水細胞診", "⟦F1:癌性胸水⟧")
    (finding,) = findings("plain", content)
    assert (finding.surface, finding.message) == ("胸水", "labelled 9, plain 1")
    assert [p.report for p in finding.places] == ["X10"]
    assert findings("plain", content, threshold=0.91) == []
    assert findings("plain", content, minimum=10) == []


def test_plain_names_the_longest_surface_only() -> None:
    content = reports(*["⟦O1:結節影⟧、⟦O2:結節⟧"] * 9, "結節影")
    assert [f.surface for f in findings("plain", content)] == ["結節影"]


def test_bounds_finds_split_and_shortened_mentions() -> None:
    content = reports(
        *["⟦A1:胸膜⟧⟦O1:肥厚⟧"] * 3, "⟦O1:胸膜肥厚⟧", *["⟦C1:疑い⟧あり", "⟦C1:疑いあり⟧"]
    )
    first, second = findings("bounds", content)
    assert (first.surface, first.message) == ("胸膜肥厚", "〔胸膜A〕〔肥厚O〕 3, whole 1")
    assert [p.report for p in first.places] == ["X04"]
    assert (second.surface, second.message) == ("疑いあり", "whole 1, 〔疑いC〕あり 1")


def test_bounds_leaves_longer_mentions_alone() -> None:
    content = reports("⟦O1:結節⟧", "⟦O1:小結節⟧", "⟦O1:結⟧、⟦O2:節影⟧", "結節影⟦C1:あり⟧")
    assert findings("bounds", content) == []


def test_loose_attributes_are_less_suspicious_without_an_object_near() -> None:
    linked = "⟦A1:肝⟧に⟦O1:嚢胞⟧\n---\nA1 > O1"
    content = reports(*[linked] * 3, "⟦A1:肝⟧に⟦O1:嚢胞⟧", "⟦A1:肝⟧は正常")
    near, far = findings("loose", content)
    assert (near.places[0].report, far.places[0].report) == ("X04", "X05")
    assert "3 of 5 have one; an object in the sentence" in near.message
    assert far.suspicion == near.suspicion / 2 > 0


def test_duplicates_put_different_annotations_first() -> None:
    alike = "⟦O1:胸水⟧や⟦O2:心嚢水⟧は⟦C1:認めません⟧。"
    other = "⟦O3:腹水⟧や⟦O4:腫瘤⟧は⟦C2:指摘できません⟧。"
    content = reports(alike, alike + other, "⟦O1:腹水⟧や腫瘤は⟦C1:指摘できません⟧。")
    first, second = findings("duplicates", content, sentence=10)
    assert first.message.endswith("in 2 reports, annotated in 2 ways")
    assert [p.report for p in first.places] == ["X02", "X03"]
    assert second.message.endswith("in 2 reports, annotated alike")
    assert findings("duplicates", content, sentence=40) == []
    assert findings("duplicates", reports(other + alike), sentence=10) == []


@pytest.mark.parametrize(
    ("entities", "relations", "message"),
    [
        ([("T1", 0, 2), ("T2", 1, 3)], [], "T2 overlaps the mention before it at 1"),
        ([("T1", 0, 9)], [], "T1 is empty or leaves the text"),
        ([("T1", 2, 2)], [], "T1 is empty or leaves the text"),
        ([("T1", 0, 1), ("T1", 1, 2)], [], "an entity id stands twice"),
        ([("T1", 0, 1)], [("modify", "T1", "T9")], "modify names T9, which is not there"),
        (
            [("T1", 0, 1), ("T2", 1, 2)],
            [("modify", "T1", "T2")],
            "modify from T1 to T2 is not allowed",
        ),
    ],
)
def test_hard_problems(
    entities: list[tuple[str, int, int]], relations: list[tuple[str, str, str]], message: str
) -> None:
    report = Report(
        "X",
        "腫瘤影",
        tuple(Entity(name, "Imaging_observation", a, b) for name, a, b in entities),
        tuple(Relation(*relation) for relation in relations),
    )
    assert problems(report) == [f"report X: {message}"]


def test_exit_status_is_0_with_findings_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(reports("⟦F1:血栓⟧", "⟦O1:血栓⟧"), encoding="utf-8")
    assert main([str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "## types: 1\n0.09 血栓: Clinical_finding 1, Imaging_observation 1\n" in out
    assert out.endswith("2 reports, 0 problems, 1 findings\n")
    assert main([str(tmp_path), "--json", "--check", "types"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["reports"], document["problems"]) == (2, [])
    assert document["findings"][0]["places"] == [{"report": "X02", "excerpt": "[血栓]"}]
    assert main([str(tmp_path), "--check", "loose"]) == 0
    assert capsys.readouterr().out == "2 reports, 0 problems, 0 findings\n"


def test_exit_status_is_1_with_hard_problems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("=== X01\n⟦O1:結節", encoding="utf-8")
    (tmp_path / "b.txt").write_text("=== X02\n⟦O1:結節⟧", encoding="utf-8")
    (tmp_path / "c.txt").write_text("=== X02\n⟦O1:結節⟧", encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "problem: a.txt:2: report X01: a bracket is left over" in out
    assert "problem: c.txt: report X02: stands in b.txt already" in out
    assert "1 reports, 2 problems, 0 findings" in out
    overlapping = tmp_path / "d.jsonl"
    entity = {"id": "T1", "type": "Imaging_observation", "start": 0, "end": 2}
    record = {"id": "Y", "text": "結節", "entities": [entity, {**entity, "id": "T2"}]}
    overlapping.write_text(json.dumps({**record, "relations": []}), encoding="utf-8")
    assert main([str(overlapping)]) == 1
    assert "problem: d.jsonl: report Y: T2 overlaps" in capsys.readouterr().out


def test_exit_status_is_2_with_nothing_to_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert main([str(tmp_path / "none.txt")]) == 2
    assert capsys.readouterr().out == ""


def test_text_is_limited_where_asked() -> None:
    found = findings("types", reports(*["⟦F1:瘤⟧、⟦F2:癌⟧"] * 20, *["⟦O1:瘤⟧、⟦O2:癌⟧"] * 14))
    lines = as_text(found, limit=1).splitlines()
    assert lines[0] == "## types: 2"
    assert lines[-2:] == ["       … and 2 more (--json)", "     … 1 more (--limit)"]
    assert len(lines) == 1 + 1 + 12 + 2


def test_every_check_is_sorted() -> None:
    content = reports(*["⟦F1:血栓⟧⟦O1:瘤⟧"] * 9, "⟦O1:血栓⟧", "⟦F1:瘤⟧⟦F2:瘤⟧⟦F3:瘤⟧")
    found = lint(parse(content))
    assert [f.surface for f in found if f.check == "types"] == ["血栓", "瘤"]
    order = [list(CHECKS).index(f.check) for f in found]
    assert order == sorted(order)
