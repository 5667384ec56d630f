"""Annotated reports from whatever `--train` and `--dev` name.

A file's ending says what it is: `.jsonl` JSON Lines, `.txt` the inline notation, `.ann` brat. A
folder is brat where it holds `.ann` files, else every `.jsonl`, else every `.txt` of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from radie_train.brat import read_brat, read_brat_folder
from radie_train.errors import TrainError
from radie_train.inline_notation import parse, read_corpus
from radie_train.jsonl_reader import read_annotated_jsonl
from radie_train.report import Report

Say = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """What one path held."""

    path: Path
    reports: list[Report]

    @property
    def entities(self) -> int:
        """How many entities its reports have."""
        return sum(len(report.entities) for report in self.reports)

    @property
    def relations(self) -> int:
        """How many relations its reports have."""
        return sum(len(report.relations) for report in self.reports)


def read_sources(paths: Sequence[Path], say: Say) -> list[Source]:
    """The reports of every path, in the order given; `say` is told what is worth a look."""
    sources = []
    for path in paths:
        reports = _read(path, say)
        if not reports:
            raise TrainError(f"{path}: holds no report")
        bare = sum(not report.entities for report in reports)
        if bare:
            say(
                f"{path}: reports without any entity: {bare} of {len(reports)}; are they annotated?"
            )
        sources.append(Source(path, reports))
    return sources


def reports_of(sources: Sequence[Source]) -> list[Report]:
    """All reports, in order."""
    return [report for source in sources for report in source.reports]


def digest(reports: Sequence[Report]) -> str:
    """A hash of texts and annotations."""
    return sha256(repr([report.to_json() for report in reports]).encode("utf-8")).hexdigest()


def _read(path: Path, say: Say) -> list[Report]:
    if path.is_dir():
        return _read_folder(path, say)
    if not path.is_file():
        raise TrainError(f"{path}: there is no such file")
    if path.suffix in (".jsonl", ".ndjson"):
        return read_annotated_jsonl(path)
    if path.suffix == ".ann":
        return [read_brat(path, path.stem, say)]
    if path.suffix == ".txt":
        return _read_inline(path)
    raise TrainError(
        f"{path}: is neither .jsonl (JSON Lines), .txt (inline notation), .ann (brat) nor a folder"
    )


def _read_folder(folder: Path, say: Say) -> list[Report]:
    if next(folder.rglob("*.ann"), None) is not None:
        return read_brat_folder(folder, say)
    lines = sorted(folder.glob("*.jsonl"))
    if lines and next(folder.glob("*.txt"), None) is not None:
        raise TrainError(f"{folder}: holds both .jsonl and .txt; name the files that are meant")
    if lines:
        return [report for path in lines for report in read_annotated_jsonl(path)]
    try:
        return read_corpus(folder)
    except UnicodeDecodeError as error:
        raise TrainError(f"{folder}: a file of it has a byte ({error.start}) not UTF-8") from None


def _read_inline(path: Path) -> list[Report]:
    if path.with_suffix(".ann").exists():
        raise TrainError(f"{path}: name {path.stem}.ann instead: this is the text of a brat pair")
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TrainError(f"{path}: byte {error.start} is not UTF-8") from None
    return parse(content, str(path))
