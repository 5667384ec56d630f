"""Agreement of two annotations."""

from pathlib import Path

import pytest

from radie_train.agreement import (
    AgreementError,
    agreement,
    character_labels,
    cohen_kappa,
    differences,
    main,
    pair_reports,
)
from radie_train.inline_notation import parse, read_corpus

CORPUS = Path(__file__).parents[1] / "corpus"

FIRST = """=== X01-01
⟦A1:右肺⟧に⟦O1:小結節⟧を⟦C1:認め⟧、⟦F1:肺癌⟧を⟦C2:疑う⟧。
---
A1 C1 > O1
C2 > F1
O1 => F1
=== X01-02
⟦O1:胸水⟧⟦C1:なし⟧
---
C1 > O1
"""
# 肺癌 has another type, 小結節 other bounds; 疑う loses its object with 肺癌.
SECOND = """=== X01-01
⟦A1:右肺⟧に⟦K1:小⟧⟦O1:結節⟧を⟦C1:認め⟧、⟦O2:肺癌⟧を⟦C2:疑う⟧。
---
A1 C1 K1 > O1
C2 > O2
"""


def test_an_annotation_agrees_with_itself() -> None:
    result = agreement(pair_reports(parse(FIRST), parse(FIRST)))
    scores = (result.entities, result.bounds, result.relations, result.shared_relations)
    assert [score.f1() for score in scores] == [1.0] * 4
    assert result.kappa == 1.0
    assert result.relations.gold.total() == 5


def test_counts_what_both_have() -> None:
    result = agreement(pair_reports(parse(FIRST), parse(SECOND)))
    # Shared: 右肺, 認め, 疑う; of five and of six.
    assert result.entities.f1() == pytest.approx(2 * 3 / (5 + 6))
    assert result.entities.f1("Imaging_observation") == 0.0
    assert result.entities.f1("Certainty_descriptor") == 1.0
    assert result.bounds.f1() == pytest.approx(2 * 4 / (5 + 6))
    assert result.relations.f1() == 0.0
    assert result.relations.gold.total() == 4
    assert result.shared_relations.gold.total() == 0


def test_relations_of_shared_entities_forgive_other_mentions() -> None:
    first = "=== X\n⟦A1:肺⟧⟦O1:結節⟧⟦K1:多数⟧⟦F1:癌⟧\n---\nA1 K1 > O1\nO1 => F1\n"
    second = "=== X\n⟦A1:肺⟧⟦O1:結節⟧多数⟦F1:癌⟧\n---\nA1 > O1 F1\nO1 => F1\n"
    result = agreement(pair_reports(parse(first), parse(second)))
    assert result.shared_relations.gold.total() == 2
    assert result.shared_relations.predicted.total() == 3
    assert result.shared_relations.values() == pytest.approx((2 / 3, 1.0, 0.8))
    assert result.relations.values() == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_labels_tell_neighbours_apart() -> None:
    (report,) = parse("=== X\n⟦A1:右⟧⟦O1:胸水⟧は")
    anatomy, observation = "Anatomical_entity", "Imaging_observation"
    expected = [f"B-{anatomy}", f"B-{observation}", f"I-{observation}", "O"]
    assert character_labels(report) == expected


def test_kappa_is_cohens() -> None:
    # 20 and 15 agreed of 50; the raters say yes 25 and 30 times: the textbook's 0.4.
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)
    assert cohen_kappa(["a", "b"], ["b", "a"]) == pytest.approx(-1.0)
    assert cohen_kappa(["a"], ["a"]) == 1.0
    with pytest.raises(ValueError, match="equally long"):
        cohen_kappa(["a"], [])


def test_only_equal_texts_are_compared() -> None:
    with pytest.raises(AgreementError, match="X01-01 is not the same text"):
        pair_reports(parse(FIRST), parse(SECOND.replace("右肺", "左肺")))
    with pytest.raises(AgreementError, match="X01-01 is missing"):
        pair_reports(parse(FIRST)[1:], parse(SECOND))
    with pytest.raises(AgreementError, match="no report"):
        pair_reports(parse(FIRST), [])


def test_differences_name_both_sides() -> None:
    ((first, second), *_) = pair_reports(parse(FIRST), parse(SECOND))
    assert differences(first, first) == []
    lines = differences(first, second)
    assert "- Imaging_observation        右肺に[小結節]を認め、肺癌を疑" in lines
    assert "+ Characteristics_descriptor 右肺に[小]結節を認め、肺癌" in lines
    first, second = (
        parse(f"=== X\n⟦O1:結節⟧⟦F1:癌⟧{links}")[0] for links in ("\n---\nO1 => F1", "")
    )
    assert differences(first, second) == ["- evidence                   結節@0 -> 癌@2"]


def test_the_second_annotation_of_the_corpus_fits_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(CORPUS), str(CORPUS / "second" / "s01.txt")]) == 0
    assert capsys.readouterr().out.startswith("40 reports, 12847 characters\n")
    # The folder's reader must not take it for more reports to train on.
    assert len({report.id for report in read_corpus(CORPUS)}) == 2043


def test_the_command_says_what_does_not_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(FIRST, encoding="utf-8")
    (tmp_path / "b.txt").write_text("=== Y\n結節\n", encoding="utf-8")
    assert main([str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]) == 1
    assert "report Y is missing" in capsys.readouterr().err
