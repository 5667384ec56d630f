"""brat → JSON Lines → brat: what was annotated comes back, and so does what nothing here reads."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from radie_train.brat import read_brat_folder, write_brat
from radie_train.jsonl_reader import read_annotated_jsonl
from radie_train.report import Entity, Relation, Report, write_jsonl

FILES = {
    "ward/a": (
        "右肺に𠮷結\r\n節を認める。\u3000肺癌",
        "T7\tAnatomical_entity 0 2\t右肺\n"
        "T2\tImaging_observation 4 5;7 8\t結 節\n"
        "T3\tCertainty_descriptor 9 12\t認める\n"
        "T11\tClinical_finding 14 16\t肺癌\n"
        "R4\tmodify Arg1:T7 Arg2:T2\n"
        "R2\tevidence Arg1:T2 Arg2:T11\n"
        "A1\tNegation T2\n"
        "A2\tConfidence R4 high\n"
        "M1\tOld T2\n"
        "N1\tReference T11 ICD10:C34\tLung\n"
        "#3\tAnnotatorNotes T2\t後で見る\n"
        "#4\tAnnotatorNotes T11\tspan 1 2 is no place\n",
    ),
    "ward/b": ("所見なし", ""),
    "c.1": (
        "\n右肺\n\t結節\u2028",
        "T1\tAnatomical_entity 1 3\t右肺\n"
        "T2\tImaging_observation 5 7\t結節\n"
        "#1\tAnnotatorNotes T1\tspan 0 5\n"
        "#2\tAnnotatorNotes T2\tspan 5 8\n"
        "#9\tAnnotatorNotes T2\tspan 0 8\n",
    ),
}


def _folder(folder: Path) -> Path:
    for name, (text, annotations) in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_bytes(text.encode())
        (folder / f"{name}.ann").write_bytes(annotations.encode())
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.[at][nx]*"))}


def _lines(files: dict[str, bytes], renamed: dict[str, str] | None = None) -> dict[str, list[str]]:
    lines = {name: content.decode().split("\n") for name, content in files.items()}
    for old, new in (renamed or {}).items():
        lines = {n: [s.replace(old, new) for s in content] for n, content in lines.items()}
    return {name: sorted(content) for name, content in lines.items()}


def _through_functions(source: Path, work: Path) -> Path:
    write_jsonl(work / "a.jsonl", read_brat_folder(source, lambda _: None))
    write_brat(work / "back", read_annotated_jsonl(work / "a.jsonl"))
    return work / "back"


def _through_commands(source: Path, work: Path) -> Path:
    pytest.importorskip("torch")
    from radie_train.cli import main

    lines = str(work / "a.jsonl")
    assert main(["to-jsonl", str(source), "--output", lines]) == 0
    assert main(["to-brat", lines, "--output", str(work / "back")]) == 0
    return work / "back"


@pytest.mark.parametrize("way", [_through_functions, _through_commands])
def test_every_line_comes_back(tmp_path: Path, way: Callable[[Path, Path], Path]) -> None:
    source = _folder(tmp_path / "brat")
    back = _files(way(source, tmp_path))
    before = _files(source)
    # A note on a place is made anew, behind the numbers of those that are kept.
    assert _lines(back) == _lines(before, {"#1\t": "#10\t", "#2\t": "#11\t"})
    # And once more: nothing is worn away.
    (tmp_path / "second").mkdir()
    again = _files(_through_functions(tmp_path / "back", tmp_path / "second"))
    assert again == back


def test_kept_lines_are_told_of(tmp_path: Path) -> None:
    said: list[str] = []
    read_brat_folder(_folder(tmp_path / "brat"), said.append)
    assert any("lines kept but not used: 2 of #, 2 of A, 1 of M, 1 of N" in line for line in said)


def test_random_mentions_come_back(tmp_path: Path) -> None:
    rng = random.Random(6)
    reports = []
    for number in range(60):
        text = "".join(rng.choice("右肺結節𠮷 \n\t\r\u2028\x85。") for _ in range(30))
        cuts = sorted(rng.sample(range(31), 8))
        entities = tuple(
            Entity(f"T{i + 3}", rng.choice(("Imaging_observation", "Clinical_finding")), a, b)
            for i, (a, b) in enumerate(zip(cuts[::2], cuts[1::2], strict=True))
        )
        links = (Relation("evidence", "T3", "T4", "R9"),)
        proper = [e.type for e in entities[:2]] == ["Imaging_observation", "Clinical_finding"]
        reports.append(Report(f"r{number:02}", text, entities, links if proper else ()))
    write_brat(tmp_path / "out", reports)
    back = read_brat_folder(tmp_path / "out", lambda _: None)
    assert back == reports
    assert [r.relation_ids() for r in back] == [r.relation_ids() for r in reports]
    notes = (p.read_text("utf-8") for p in sorted((tmp_path / "out").glob("*.ann")))
    assert sum("AnnotatorNotes" in content for content in notes) > 10


def test_ids_that_brat_does_not_take_are_numbered_anew(tmp_path: Path) -> None:
    entities = (
        Entity("x\ty", "Imaging_observation", 0, 2),
        Entity("T1", "Clinical_finding", 3, 5),
    )
    report = Report("a b", "結節、肺癌", entities, (Relation("evidence", "x\ty", "T1", "r?"),))
    assert write_brat(tmp_path / "out", [report]) == 1
    (back,) = read_brat_folder(tmp_path / "out", lambda _: None)
    assert [(e.id, e.start, e.end) for e in back.entities] == [("T1", 0, 2), ("T2", 3, 5)]
    assert back.relations == (Relation("evidence", "T1", "T2"),)


@pytest.mark.parametrize("lines", ["A1", ["T1\tX 0 1"], ["A1\tx\nT9\tX 0 1"], [3], [""]])
def test_kept_lines_of_json_are_checked(tmp_path: Path, lines: object) -> None:
    import json

    from radie_train.errors import TrainError

    record = {"id": "a", "text": "x", "entities": [], "relations": [], "brat_lines": lines}
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    with pytest.raises(TrainError, match=r"a\.jsonl:1: brat_lines"):
        read_annotated_jsonl(tmp_path / "a.jsonl")
