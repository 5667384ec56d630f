"""Augmentation keeps labels and text in agreement, whatever the seed."""

import random
import re
from pathlib import Path

import pytest

from radie_train.augmentation import (
    NONE,
    Noise,
    disturb,
    replace_mentions,
    sentences_of,
    to_cells,
)
from radie_train.corpus import normalized, settled
from radie_train.endings import ending_of
from radie_train.inline_notation import read_corpus
from radie_train.mention_words import MentionWords
from radie_train.mentions import Mentions, invent_size, invent_tnm, is_tnm
from radie_train.report import Entity, Relation, Report
from radie_train.text import split_sentences
from radie_train.vocabulary import UNKNOWN_CHARACTER, Vocabulary, build_vocabulary

HEAVY = Noise(mention=0.5, unknown=0.1, wrapped=0.9, unwrapped=0.5, case=0.3, space=0.5, stop=0.3)


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    corpus = read_corpus(Path(__file__).parents[1] / "corpus")
    return [normalized(report) for report in corpus[::9]]


def test_replaced_mentions_stand_where_their_labels_say(reports: list[Report]) -> None:
    mentions = Mentions(reports)
    rng = random.Random(3)
    replaced = 0
    for report in reports:
        changed = replace_mentions(report, mentions, 0.5, rng)
        assert [e.id for e in changed.entities] == [e.id for e in report.entities]
        assert changed.relations == report.relations
        assert _gaps(changed) == _gaps(report)
        for before, after in zip(report.entities, changed.entities, strict=True):
            assert after.type == before.type
            if changed.surface(after) != report.surface(before):
                replaced += 1
                assert after.type != "Certainty_descriptor"
                # A stage is replaced by a stage only: a T in the place of a disease says nothing.
                assert is_tnm(after.type, changed.surface(after)) == is_tnm(
                    before.type, report.surface(before)
                )
    assert replaced > 200


def _gaps(report: Report) -> list[str]:
    bounds = [0, *(x for e in report.entities for x in (e.start, e.end)), len(report.text)]
    return [report.text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]


@pytest.mark.parametrize("seed", range(4))
def test_disturbed_cells_keep_their_owners(reports: list[Report], seed: int) -> None:
    rng = random.Random(seed)
    for report in reports:
        cells = disturb(to_cells(report), HEAVY, rng)
        assert len(cells.characters) == len(cells.owners) == len(cells.sentences)
        for owner in range(len(report.entities)):
            found = [c for c, o in zip(cells.characters, cells.owners, strict=True) if o == owner]
            _assert_same(found, report.surface(report.entities[owner]))
        outside = [c for c, o in zip(cells.characters, cells.owners, strict=True) if o == NONE]
        kept = report.text
        for entity in reversed(report.entities):
            kept = kept[: entity.start] + kept[entity.end :]
        _assert_same([c for c in outside if c != "。"], kept.replace("。", ""))


def _assert_same(found: list[str], expected: str) -> None:
    """Equal but for spaces, line breaks, case and unknown characters."""
    found = [c for c in found if c not in " \n"]
    wanted = [c for c in expected if c not in " \n"]
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        assert a == UNKNOWN_CHARACTER or a.lower() == b.lower()


def test_a_mention_is_one_run_of_cells(reports: list[Report]) -> None:
    rng = random.Random(5)
    for report in reports:
        cells = disturb(to_cells(report), HEAVY, rng)
        for owner, (start, end) in cells.spans().items():
            assert set(cells.owners[start:end]) == {owner}
            assert cells.owners.count(owner) == end - start
            assert cells.characters[start] != " " != cells.characters[end - 1]


def test_the_stop_of_an_abbreviation_stays_with_its_mention() -> None:
    report = Report("x", "肺癌susp。", (Entity("T1", "Certainty_descriptor", 2, 7),))
    cells = disturb(to_cells(report), Noise(0, 0, 0, 0, 0, 0, stop=1.0), random.Random(0))
    assert "".join(cells.characters) == report.text


def _sentences(report: Report) -> list[str]:
    return [report.text[start:end] for start, end in sentences_of(report)]


def test_mentions_lose_white_space_at_their_ends() -> None:
    entities = (
        Entity("T1", "Imaging_observation", 0, 3),
        Entity("T2", "Clinical_finding", 2, 4),
        Entity("T3", "Clinical_finding", 4, 7),
    )
    relations = (Relation("evidence", "T1", "T2"), Relation("evidence", "T1", "T3"))
    report = normalized(Report("x", "結節\u3000\n\n肺癌", entities, relations))
    assert [(e.id, report.surface(e)) for e in report.entities] == [("T1", "結節"), ("T3", "肺癌")]
    assert report.relations == relations[1:]


def test_a_line_feed_inside_a_mention_ends_no_sentence() -> None:
    text = "右肺に結\n節あり\n左肺は正常\n肺癌。\n転移"
    entities = (
        Entity("T1", "Imaging_observation", 3, 6),
        Entity("T2", "Clinical_finding", 15, 21),
    )
    report = settled(Report("x", text, entities))
    # What a full stop parts the splitter parts at inference, too.
    assert _sentences(report) == ["右肺に結節あり", "左肺は正常", "肺癌。", "転移"]
    assert [report.surface(e) for e in report.entities] == ["結節", "肺癌。転移"]


def test_mentions_of_one_wording_stay_of_one_wording(reports: list[Report]) -> None:
    mentions, rng = Mentions(reports), random.Random(4)
    repeated = 0
    for report in reports:
        changed = replace_mentions(report, mentions, 0.5, rng)
        wordings: dict[tuple[str, str], set[str]] = {}
        for before, after in zip(report.entities, changed.entities, strict=True):
            key = before.type, report.surface(before)
            repeated += key in wordings and changed.surface(after) != report.surface(before)
            wordings.setdefault(key, set()).add(changed.surface(after))
        assert all(len(found) == 1 for found in wordings.values())
    assert repeated > 100


def test_a_verb_is_replaced_by_a_verb(reports: list[Report]) -> None:
    words = MentionWords(
        {"Change_descriptor": ("乱れ", "減っています")}, {"Change_descriptor": (9, 1)}
    )
    plain, with_words, rng = Mentions(reports), Mentions(reports, words), random.Random(4)
    drawn = {
        mentions.draw("Change_descriptor", "変わりません", rng)
        for mentions in (plain, with_words)
        for _ in range(400)
    }
    assert len(drawn) > 5 and "減っています" in drawn
    assert {form[-2:] for form in drawn} <= {"ます", "せん", "した", "です"}
    nouns = {with_words.draw("Change_descriptor", "増大", rng) for _ in range(400)}
    assert len(nouns) > 5 and not any(
        re.search(r"(ます|ません|ない|[くずるう])$", n) for n in nouns
    )
    endings = ("新た", "横ばい", "一つ", "増えており", "新たに", "変化なし", "著変ない", "小さな")
    assert [ending_of("Change_descriptor", e) for e in endings] == [
        *("noun", "noun", "noun", "continued", "adverb", "none", "plain", "adjective")
    ]
    assert ending_of("Clinical_finding", "すべり") == "noun"


def test_replaced_mentions_make_no_cuts() -> None:
    wrapped = "右肺上葉に長径二十ミリの辺縁の不整な\n結節を認め、左肺に変化は認めません"
    report = settled(Report("x", wrapped, (Entity("T1", "Imaging_observation", 19, 21),)))
    other = Report("y", "長い" * 50, (Entity("T1", "Imaging_observation", 0, 100),))
    changed = replace_mentions(report, Mentions([other]), 1.0, random.Random(1))
    assert _sentences(changed) == [wrapped.replace("結節", other.text)]
    assert len(split_sentences(changed.text)) == 2


def test_the_corpus_settles_without_mentions_cut_by_lines(reports: list[Report]) -> None:
    for report in map(settled, reports):
        ends = [end for _, end in sentences_of(report)]
        assert not any("\n" in report.surface(e) for e in report.entities)
        assert not any(
            e.start < end < e.end and report.text[end - 1] not in "。!?"
            for e in report.entities
            for end in ends
        )


def test_equal_seeds_give_equal_text(reports: list[Report]) -> None:
    mentions = Mentions(reports)

    def run(seed: int) -> list[str]:
        rng = random.Random(seed)
        changed = replace_mentions(reports[0], mentions, 0.5, rng)
        return disturb(to_cells(changed), HEAVY, rng).characters

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_tnm_codes_are_findings_and_nothing_else() -> None:
    for code in ("T2", "cT1cN0M0", "ypT1mi", "N0-2", "cT2aN0~2M1b", "M1c2", "T3(PM1)", "TX N1"):
        assert is_tnm("Clinical_finding", code), code
    for words in ("T2高信号", "T11", "T2左横突起", "N2リンパ節", "M1領域", "転移", ""):
        assert not is_tnm("Clinical_finding", words), words
    assert not is_tnm("Anatomical_entity", "T2")
    vertebra = Report("x", "T11椎体", (Entity("T1", "Anatomical_entity", 0, 5),))
    for seed in range(20):
        changed = replace_mentions(vertebra, Mentions([vertebra]), 1.0, random.Random(seed))
        assert changed.text == vertebra.text or re.search(r"S\d", changed.text)


def test_a_replacement_character_in_a_report_is_no_token() -> None:
    tokens = build_vocabulary(["結\ufffd節"])
    assert "節" in tokens and UNKNOWN_CHARACTER not in tokens
    # A vocabulary from elsewhere may have it: noise is the unknown token even so.
    known = Vocabulary([*tokens, UNKNOWN_CHARACTER])
    assert known.encode(["節", UNKNOWN_CHARACTER]) == [tokens.index("節"), known.unk]


def test_invented_mentions_look_like_their_kind() -> None:
    rng = random.Random(0)
    for _ in range(200):
        assert is_tnm("Clinical_finding", invent_tnm(rng))
        size = invent_size(rng)
        assert size == size.strip()
        assert "mm" in size or "cm" in size
