"""The reader of the written corpus."""

from pathlib import Path

import pytest

from radie_train.inline_notation import NotationError, parse, read_corpus
from radie_train.report import Relation
from radie_train.schema import is_candidate

CORPUS = Path(__file__).parents[1] / "corpus"

EXAMPLE = """=== X01-01 | 題
⟦A1:右肺⟧に⟦O1:結節⟧を
⟦C1:認める⟧。⟦F1:肺癌⟧。
---
A1 C1 > O1
O1 => F1

=== X01-02
所見なし
"""


def test_reads_text_mentions_and_relations() -> None:
    first, second = parse(EXAMPLE)
    assert (first.id, first.text) == ("X01-01", "右肺に結節を\n認める。肺癌。")
    assert [first.surface(e) for e in first.entities] == ["右肺", "結節", "認める", "肺癌"]
    assert first.relations == (
        Relation("modify", "T1", "T2"),
        Relation("modify", "T3", "T2"),
        Relation("evidence", "T2", "T4"),
    )
    assert (second.id, second.text, second.entities) == ("X01-02", "所見なし", ())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("先\n=== X\nあ", "t.txt:1: text before"),
        ("=== \nあ", "t.txt:1: report .no id.: the '=== ' line has no id"),
        ("=== X\nあ\n⟦O1:結節", "t.txt:3: report X: a bracket is left over in column 1"),
        ("=== X\n⟦O1:結節⟧\n⟦O1:腫瘤⟧", "t.txt:3: report X: O1 stands twice"),
        ("=== X\n⟦O1: 結節⟧", "t.txt:2: report X: O1 begins or ends with white space"),
        ("=== X\n⟦O1:結節⟧\n---\nA1 > O1", "t.txt:4: report X: A1 is linked but not in the text"),
        ("=== X\n⟦O1:結節⟧\n---\nO1 > O1", "t.txt:4: report X: O1 > O1 is not a relation"),
        ("=== X\n⟦O1:結節⟧\n---\nO1 -> O1", "t.txt:4: report X: the line is no link"),
    ],
)
def test_says_where_a_report_breaks_the_notation(content: str, message: str) -> None:
    with pytest.raises(NotationError, match=message):
        parse(content, "t.txt")


def test_an_id_is_used_once(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("=== X\nあ\n", encoding="utf-8")
    with pytest.raises(NotationError, match=r"b\.txt: report X stands in a\.txt already"):
        read_corpus(tmp_path)


def test_the_bundled_corpus_is_sound() -> None:
    reports = read_corpus(CORPUS)
    assert len(reports) == 2043
    for report in reports:
        ends = 0
        types = {}
        for entity in report.entities:
            assert ends <= entity.start < entity.end <= len(report.text), report.id
            ends = entity.end
            types[entity.id] = entity.type
        for relation in report.relations:
            assert is_candidate(types[relation.head], types[relation.tail]), report.id
