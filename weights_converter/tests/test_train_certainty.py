"""Gold reports with classes of certainty."""

import json
from pathlib import Path

import pytest

from radie_train.certainty_gold import CLASSES, gold_lines, main, read_labels
from radie_train.errors import TrainError
from radie_train.inline_notation import read_corpus
from radie_train.schema import SCHEMA
from radie_train.text import normalize

CORPUS = Path(__file__).parents[1] / "corpus"
LABELS = CORPUS / "certainty/objects.tsv"
LIST = Path(__file__).parents[2] / "libradie/certainty/descriptors.tsv"


def test_the_labels_are_of_objects_and_complete() -> None:
    objects = {t["name"] for t in SCHEMA["entity_types"] if t["role"] == "object"}
    labels = read_labels(LABELS)
    records = [json.loads(line) for line in gold_lines(read_corpus(CORPUS), labels)]
    assert len(records) == len(labels) and sum(map(len, labels.values())) >= 150
    for record in records:
        assert {e["id"] for e in record["entities"] if "certainty" in e} == {
            e["id"] for e in record["entities"] if e["type"] in objects
        }


def test_every_descriptor_of_the_corpus_is_listed() -> None:
    rows = [
        line.split("\t")
        for line in LIST.read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#"
    ]
    assert {row[1] for row in rows} == set(CLASSES)
    listed = {row[0] for row in rows if "*" not in row[0]}
    said = {
        "".join(normalize(report.surface(e)).text.lower().split())
        for report in read_corpus(CORPUS)
        for e in report.entities
        if e.type == "Certainty_descriptor"
    }
    assert len(said) > 700 and said <= listed


@pytest.mark.parametrize("line", ["W01-01\tT1", "W01-01\tT1\tsure", "W01-01 T1 denial"])
def test_a_line_that_is_none_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text(f"# c\n{line}\n", encoding="utf-8")
    with pytest.raises(TrainError, match="2: not a report, a mention and a class"):
        read_labels(path)


def test_what_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text("W99-99\tT1\tdenial\n", encoding="utf-8")
    assert main([str(CORPUS), str(path)]) == 1
    assert "no such report: W99-99" in capsys.readouterr().err
    path.write_text("W01-01\tT999\tdenial\n", encoding="utf-8")
    assert main([str(CORPUS), str(path)]) == 1
    assert "no such mention: T999" in capsys.readouterr().err
