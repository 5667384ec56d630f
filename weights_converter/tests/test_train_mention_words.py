"""Vocabularies of mentions: what is read, what is refused, how often it is drawn."""

import random
from pathlib import Path

import pytest

from radie_train.errors import TrainError
from radie_train.mention_words import MentionWords, read_mention_words
from radie_train.mentions import Mentions
from radie_train.report import Entity, Report

SAMPLE = Path(__file__).parents[2] / "examples/mentions.tsv"


def _file(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_reads_rows_of_files_and_folders(tmp_path: Path) -> None:
    _file(
        tmp_path / "a/1.tsv",
        "\ufefftype\tmention\r\n\n# note\r\nImaging_observation\t ｽﾘｶﾞﾗｽ影 \t2\r\n"
        "Clinical_finding\t肺癌\t\nImaging_observation\t結節",
    )
    _file(tmp_path / "a/deep/2.tsv", "Imaging_observation\tスリガラス影\t0.5\n")
    _file(tmp_path / "a/other.txt", "nonsense")
    words = read_mention_words([tmp_path / "a"])
    assert words.forms == {
        "Imaging_observation": ("スリガラス影", "結節"),
        "Clinical_finding": ("肺癌",),
    }
    assert words.weights["Imaging_observation"] == (2.5, 1.0)
    assert len(words) == 3
    assert words.digest() == read_mention_words([tmp_path / "a"]).digest()
    more = read_mention_words([tmp_path / "a", tmp_path / "a/deep/2.tsv"])
    assert more.digest() != words.digest()


def test_the_sample_is_read() -> None:
    words = read_mention_words([SAMPLE])
    assert len(words) >= 30
    assert set(words.forms) >= {"Imaging_observation", "Size_descriptor", "Change_descriptor"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Imaging_observation", r"a\.tsv:1: 1 columns"),
        ("\nImaging_observation\t結節\t1\t2", r"a\.tsv:2: 4 columns"),
        ("Organ\t結節", r"a\.tsv:1: type: is none of"),
        ("Certainty_descriptor\t結節", r"a\.tsv:1: type: Certainty_descriptor is never replaced"),
        ("Imaging_observation\t\u200b", r"a\.tsv:1: mention: is empty"),
        ("Imaging_observation\t" + "結節" * 51, r"a\.tsv:1: mention: is longer than 100"),
        ("Imaging_observation\t結節。", r"a\.tsv:1: mention: holds the end of a sentence"),
        ("Clinical_finding\tcT2a N0", r"a\.tsv:1: mention: is a TNM code"),
        ("Imaging_observation\t結節\t0", r"a\.tsv:1: weight: is no number above 0"),
        ("Imaging_observation\t結節\tnan", r"a\.tsv:1: weight: is no number above 0"),
        ("Imaging_observation\t結節\t結節", r"a\.tsv:1: weight: is no number above 0"),
        (b"Imaging_observation\t\xff", r"a\.tsv: byte 20 is not UTF-8"),
        ("# nothing\ntype\tmention\n", r"a\.tsv: holds no mention"),
        ("type\tmention\ntype\tmention\n", r"a\.tsv:2: type: is none of"),
        ("# nothing\n", r"a\.tsv: holds no mention"),
    ],
)
def test_says_where_rows_are_wrong(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(TrainError, match=message) as caught:
        read_mention_words([_file(tmp_path / "a.tsv", content)])
    assert "結節" not in str(caught.value)


def test_paths_that_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="there is no such file"):
        read_mention_words([tmp_path / "none.tsv"])
    with pytest.raises(TrainError, match=r"holds no \.tsv file"):
        read_mention_words([tmp_path])


def _reports() -> list[Report]:
    return [
        Report(
            "a",
            "結節、右肺",
            (Entity("T1", "Imaging_observation", 0, 2), Entity("T2", "Change_descriptor", 3, 5)),
        )
    ]


def test_half_of_what_is_drawn_is_the_vocabularys_by_weight() -> None:
    words = MentionWords({"Imaging_observation": ("甲", "乙")}, {"Imaging_observation": (3.0, 1.0)})
    mentions = Mentions(_reports(), words)
    rng = random.Random(4)
    drawn = [mentions.draw("Imaging_observation", "影", rng) for _ in range(4000)]
    assert set(drawn) == {"甲", "乙", "結節"}
    assert 1850 < 4000 - drawn.count("結節") < 2150
    assert 2.5 < drawn.count("甲") / drawn.count("乙") < 3.5
    # A stage stays a stage.
    words = MentionWords({"Clinical_finding": ("甲",)}, {"Clinical_finding": (1.0,)})
    mentions = Mentions(_reports(), words)
    assert "甲" not in {mentions.draw("Clinical_finding", "T2a", rng) for _ in range(99)}


def test_types_without_rows_draw_as_ever() -> None:
    """The random numbers are those of a run without a vocabulary."""
    words = MentionWords({"Clinical_finding": ("甲",)}, {"Clinical_finding": (1.0,)})
    with_words, without = Mentions(_reports(), words), Mentions(_reports())
    one, other = random.Random(5), random.Random(5)
    for _ in range(50):
        for entity_type in ("Imaging_observation", "Size_descriptor", "Anatomical_entity"):
            assert with_words.draw(entity_type, "影", one) == without.draw(entity_type, "影", other)
    assert one.getstate() == other.getstate()
