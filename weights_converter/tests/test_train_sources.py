"""Reading annotated reports: JSON Lines, brat, the inline notation."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from radie_train.brat import read_brat, read_brat_folder, write_brat
from radie_train.errors import TrainError
from radie_train.inline_notation import parse
from radie_train.jsonl_reader import read_annotated_jsonl
from radie_train.report import Entity, Relation, Report
from radie_train.sources import read_sources, reports_of

TEXT = "右肺に𠮷結節を認める。"
RECORD: dict[str, Any] = {
    "id": "g1",
    "text": TEXT,
    "entities": [
        {"id": "T2", "type": "Imaging_observation", "start": 4, "end": 6},
        {"id": "T1", "type": "Anatomical_entity", "start": 0, "end": 2},
    ],
    "relations": [{"type": "modify", "head": "T1", "tail": "T2"}],
}
READ = Report(
    "g1",
    TEXT,
    (Entity("T1", "Anatomical_entity", 0, 2), Entity("T2", "Imaging_observation", 4, 6)),
    (Relation("modify", "T1", "T2"),),
)


def _silent(_: str) -> None:
    pass


def _write(path: Path, *records: object) -> Path:
    lines = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in records]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def _changed(**changes: object) -> dict[str, object]:
    return {**RECORD, **changes}


def test_reads_json_lines(tmp_path: Path) -> None:
    unnamed = {key: value for key, value in RECORD.items() if key != "id"}
    path = _write(tmp_path / "a.jsonl", RECORD, b"  ", _changed(id=7), unnamed)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    first, second, third = read_annotated_jsonl(path)
    assert first == READ
    assert (second.id, third.id) == ("7", "line-4")


@pytest.mark.parametrize(("unit", "bounds"), [("utf8", (13, 19)), ("utf16", (5, 7))])
def test_converts_offsets(tmp_path: Path, unit: str, bounds: tuple[int, int]) -> None:
    start = len("右肺".encode()) if unit == "utf8" else 2
    entities = [
        {"id": "T2", "type": "Imaging_observation", "start": bounds[0], "end": bounds[1]},
        {"id": "T1", "type": "Anatomical_entity", "start": 0, "end": start},
    ]
    path = _write(tmp_path / "a.jsonl", _changed(entities=entities, offset_unit=unit))
    assert read_annotated_jsonl(path) == [READ]


def _entity(**changes: object) -> list[dict[str, object]]:
    return [{**RECORD["entities"][0], **changes}, RECORD["entities"][1]]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (b"{", "a.jsonl:2: character 1 is not JSON"),
        (b'{"text": "\xff"}', "a.jsonl:2: byte 10 is not UTF-8"),
        (b"[" * 100_000, "a.jsonl:2: the line is not JSON that can be read"),
        ([1], "a.jsonl:2: the line is not a JSON object"),
        ({"id": "x", "error": {}}, "a.jsonl:2: error: this is the record of a report that failed"),
        ({"id": "x", "text": TEXT}, "a.jsonl:2: entities: is missing"),
        (_changed(text=3), "a.jsonl:2: text: is not a string"),
        (_changed(text="\ud800"), "a.jsonl:2: text: has half a surrogate pair"),
        (_changed(entities={}), "a.jsonl:2: entities: is not an array"),
        (_changed(entities=[3]), r"a.jsonl:2: entities\[0\]: is not an object"),
        (_changed(offset_unit="bytes"), "a.jsonl:2: offset_unit: is none of"),
        (_changed(entities=_entity(type="結節")), r"a.jsonl:2: entities\[0\].type: is none of"),
        (_changed(entities=_entity(id=None)), r"a.jsonl:2: entities\[0\].id: is not a string"),
        (_changed(entities=_entity(id="T1")), r"a.jsonl:2: entities\[1\].id: another entity"),
        (_changed(entities=_entity(start=4.0)), r"a.jsonl:2: entities\[0\].start: is missing or"),
        (_changed(entities=_entity(end=True)), r"a.jsonl:2: entities\[0\].end: is missing or"),
        (_changed(entities=_entity(end=99)), r"a.jsonl:2: entities\[0\]: 4–99 is no range"),
        (_changed(entities=_entity(end=4)), r"a.jsonl:2: entities\[0\]: 4–4 is no range"),
        (_changed(entities=_entity(start=-1)), r"a.jsonl:2: entities\[0\]: -1–6 is no range"),
        (
            _changed(entities=_entity(start=1)),
            r"a.jsonl:2: entities\[0\]: overlaps the entity at entities\[1\]",
        ),
        (
            _changed(offset_unit="utf8", entities=_entity(start=4)),
            r"a.jsonl:2: entities\[0\].start: is no border of a character",
        ),
        (
            _changed(relations=[{"type": "結節", "head": "T1", "tail": "T2"}]),
            r"a.jsonl:2: relations\[0\].type: is none of modify, evidence",
        ),
        (
            _changed(relations=[{"type": "modify", "head": "結節", "tail": "T2"}]),
            r"a.jsonl:2: relations\[0\].head: is no id",
        ),
        (
            _changed(relations=[{"type": "modify", "head": "T2", "tail": "T1"}]),
            r"a.jsonl:2: relations\[0\]: modify does not lead from a Imaging_observation",
        ),
        (
            _changed(relations=[{"type": "modify", "head": "T2"}]),
            r"a.jsonl:2: relations\[0\].tail: is missing",
        ),
        (_changed(text="あ" * 350_000), "a.jsonl:2: the text is longer than 1 MiB"),
    ],
)
def test_says_where_json_lines_are_wrong(tmp_path: Path, record: object, message: str) -> None:
    path = _write(tmp_path / "a.jsonl", RECORD, record)
    with pytest.raises(TrainError, match=message) as caught:
        read_annotated_jsonl(path)
    assert "結節" not in str(caught.value)
    assert "右肺" not in str(caught.value)


ANNOTATIONS = """T1\tAnatomical_entity 0 2\t右肺
T2\tImaging_observation 4 5;7 8\t結 節
R1\tmodify Arg1:T1 Arg2:T2\t
A1\tNegation T2
#1\tAnnotatorNotes T2\t後で見る
"""


def _pair(folder: Path, text: str, annotations: str) -> Path:
    (folder / "a.txt").write_bytes(text.encode())
    (folder / "a.ann").write_bytes(annotations.encode())
    return folder / "a.ann"


def test_reads_brat(tmp_path: Path) -> None:
    said: list[str] = []
    report = read_brat(_pair(tmp_path, "右肺に𠮷結\r\n節を認める。", ANNOTATIONS), "a", said.append)
    assert report.entities == (
        Entity("T1", "Anatomical_entity", 0, 2),
        Entity("T2", "Imaging_observation", 4, 8),
    )
    assert report.surface(report.entities[1]) == "結\r\n節"
    assert report.relations == (Relation("modify", "T1", "T2"),)
    assert said == [f"{tmp_path / 'a.ann'}: lines kept but not used: 1 of #, 1 of A"]


@pytest.mark.parametrize(
    ("annotations", "message"),
    [
        ("T1 Anatomical_entity 0 2", "a.ann:1: entity: is not"),
        ("T1\tAnatomical_entity 0 x\t右肺", "a.ann:1: entity: is not"),
        ("T1\tAnatomical_entity 0 99\t右肺", "a.ann:1: entity: 0–99 is no range"),
        ("T1\tAnatomical_entity 0 2\t左肺", "a.ann:1: entity: its words are not those of the text"),
        ("T1\tAnatomical_entity 0 1;3 4\t右 結", "a.ann:1: entity: is in pieces"),
        ("\nT1\tOrgan 0 2\t右肺", "a.ann:2: entity.type: is none of"),
        ("T1\tAnatomical_entity 0 2\t右肺\nR1\tmodify T1 T2", "a.ann:2: relation: is not"),
        (
            "T1\tAnatomical_entity 0 2\t右肺\nR1\tmodify Arg1:T1 Arg2:T9",
            "a.ann:2: relation.tail: is no id",
        ),
        (
            "T1\tAnatomical_entity 0 2\t右肺\nT2\tAnatomical_entity 1 2\t肺",
            "a.ann:2: entity: overlaps the entity at",
        ),
        ("E1\tX:T1", "a.ann:1: only lines of T"),
        ("*\tEquiv T1 T2", "a.ann:1: only lines of T"),
    ],
)
def test_says_where_brat_is_wrong(tmp_path: Path, annotations: str, message: str) -> None:
    path = _pair(tmp_path, "右肺に結節を認める。", annotations)
    with pytest.raises(TrainError, match=message) as caught:
        read_brat(path, "a", _silent)
    assert "肺" not in str(caught.value).replace(str(tmp_path), "")


def test_a_text_needs_its_annotations(tmp_path: Path) -> None:
    _pair(tmp_path, "右肺", "")
    (tmp_path / "b.txt").write_text("左肺", encoding="utf-8")
    with pytest.raises(TrainError, match=r"b\.txt: there is no b\.ann beside it"):
        read_brat_folder(tmp_path, _silent)
    (tmp_path / "b.txt").rename(tmp_path / "c.md")
    (tmp_path / "a.txt").unlink()
    with pytest.raises(TrainError, match=r"a\.ann: there is no a\.txt beside it"):
        read_brat_folder(tmp_path, _silent)


def test_brat_comes_back_as_it_went(tmp_path: Path) -> None:
    broken = Report("年/3", "結\r\n節あり\n", (Entity("T1", "Imaging_observation", 0, 4),), ())
    write_brat(tmp_path / "out", [READ, broken])
    # brat says where a mention is in pieces, and its files bear plain names.
    assert "Imaging_observation 0 1;3 4\t結 節" in (tmp_path / "out/report-00002.ann").read_text(
        encoding="utf-8"
    )
    first, second = read_brat_folder(tmp_path / "out", _silent)
    assert first == READ
    assert "span 0 4" not in (tmp_path / "out/report-00002.ann").read_text(encoding="utf-8")
    assert (second.text, second.entities) == (broken.text, broken.entities)
    with pytest.raises(TrainError, match=r"g1\.ann is there already"):
        write_brat(tmp_path / "out", [READ])
    with pytest.raises(TrainError, match="the id g1 stands there twice"):
        write_brat(tmp_path / "other", [READ, READ])
    assert not (tmp_path / "other").exists()


def test_brat_is_told_of_the_certainty_that_radie_writes(tmp_path: Path) -> None:
    write_brat(tmp_path, [READ])
    configuration = (tmp_path / "annotation.conf").read_text(encoding="utf-8")
    _, attributes = configuration.split("[attributes]\n")
    record = (Path(__file__).parents[2] / "docs" / "output.schema.json").read_text(encoding="utf-8")
    (classes,) = re.findall(r'"class": \{"enum": (\[.*?\])', record)
    values = "|".join(json.loads(classes))
    assert attributes.split() == [
        "Certainty",
        "Arg:Imaging_observation|Clinical_finding,",
        f"Value:{values}",
    ]


INLINE = "=== X01-01\n⟦A1:右肺⟧に⟦O1:結節⟧\n---\nA1 > O1\n"


def test_a_path_says_what_it_holds(tmp_path: Path) -> None:
    inline = tmp_path / "notes.txt"
    inline.write_text(INLINE, encoding="utf-8")
    lines = _write(tmp_path / "a.jsonl", RECORD)
    brat = tmp_path / "brat" / "deep"
    brat.mkdir(parents=True)
    pair = _pair(brat, "肝", "")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "w.txt").write_text(INLINE.replace("X01", "W01"), encoding="utf-8")
    said: list[str] = []
    paths = [inline, lines, tmp_path / "brat", pair, corpus]
    reports = reports_of(read_sources(paths, said.append))
    assert [report.id for report in reports] == ["X01-01", "g1", "deep/a", "a", "W01-01"]
    assert reports[0].entities == parse(INLINE)[0].entities
    assert said == [
        f"{p}: reports without any entity: 1 of 1; are they annotated?" for p in (paths[2], pair)
    ]


def test_says_what_a_path_does_not_hold(tmp_path: Path) -> None:
    def fails(path: Path, message: str) -> None:
        with pytest.raises(TrainError, match=message):
            read_sources([path], _silent)

    fails(tmp_path / "gone.jsonl", "there is no such file")
    (tmp_path / "a.csv").write_text("")
    fails(tmp_path / "a.csv", "is neither")
    fails(_write(tmp_path / "empty.jsonl", b""), "holds no report")
    (tmp_path / "b.txt").write_bytes(b"=== X\n\xff")
    fails(tmp_path / "b.txt", "byte 6 is not UTF-8")
    fails(tmp_path, "holds both")
