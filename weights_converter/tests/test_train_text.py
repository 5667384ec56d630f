"""The text profile and the sentence splitter of docs/text.md."""

import pytest

from radie_train.cjk_radicals import IDEOGRAPH_OF_RADICAL
from radie_train.text import normalize, split_sentences


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("\ufeff結節\r\n腫瘤\r陰影", "結節\n腫瘤\n陰影"),
        ("a\tb\u3000c\u00a0d\x0ce", "a b c d e"),
        ("結\u200b節\x00\x1b", "結節"),
        ("⻑径、⼤動脈", "長径、大動脈"),
        ("ｶﾞﾝ か\u3099 ①㎜", "ガン が 1mm"),
        ("〜∼～", "~~~"),
        ("−‐‑‒–—―", "-------"),
        ("∙•･", "・・・"),
        ("✕✖⨯", "×××"),
        ("認める．陰影，腫瘤", "認める。陰影、腫瘤"),
        ("３．５ｃｍ、1,200", "3.5cm、1,200"),
        ("No. 5", "No. 5"),
        ("GGO. 結節", "GGO。 結節"),
        ("…", "..."),
        ("..終", "..終"),
        ("½", "1⁄2"),
    ],
)
def test_normalizes(source: str, expected: str) -> None:
    assert normalize(source).text == expected


def test_every_character_knows_its_source() -> None:
    text = normalize("ｶﾞ①㎜\r\n⻑")
    assert text.text == "ガ1mm\n長"
    assert text.source == ((0, 2), (2, 3), (3, 4), (3, 4), (4, 6), (6, 7))
    assert text.to_source(0, 2) == (0, 3)
    assert text.from_source(3, 4) == (2, 4)


def test_a_segment_spans_what_is_left_out_inside_it() -> None:
    assert normalize("か\u200b\u3099x").source == ((0, 3), (3, 4))


def test_a_range_of_which_nothing_is_left_has_no_place() -> None:
    assert normalize("a\u200bb").from_source(1, 2) is None


def test_radicals_become_ideographs() -> None:
    assert len(IDEOGRAPH_OF_RADICAL) == 114
    assert all(0x2E80 <= ord(radical) <= 0x2EF3 for radical in IDEOGRAPH_OF_RADICAL)
    assert not any(0x2E80 <= ord(c) <= 0x2FDF for c in IDEOGRAPH_OF_RADICAL.values())


LONG = "右肺上葉の胸膜直下に辺縁不整な結節を認"  # 19 characters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("結節。腫瘤!陰影?", ["結節。", "腫瘤!", "陰影?"]),
        ("(結節。)腫瘤", ["(結節。)", "腫瘤"]),
        ("結節\n腫瘤", ["結節", "腫瘤"]),
        (f"{LONG}\nめます。次", [f"{LONG}\nめます。", "次"]),
        (f"{LONG}\n・次", [LONG, "・次"]),
        (f"{LONG}\n2) 次", [LONG, "2) 次"]),
        (f"{LONG}\n3.5cm大", [f"{LONG}\n3.5cm大"]),
        (f"{LONG}\n\n次", [LONG, "次"]),
        (f"{LONG}:\n次", [f"{LONG}:", "次"]),
        (f"{LONG}\n{LONG}{LONG}", [LONG, LONG + LONG]),
        ("【診断】右肺癌", ["【診断】", "右肺癌"]),
        (" [所見] なし", ["[所見]", "なし"]),
        ("あ【診断】い", ["あ【診断】い"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_splits_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text)] == expected
