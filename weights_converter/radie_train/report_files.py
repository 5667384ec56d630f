"""Annotated reports from wherever they stand: a corpus folder, one file of it, or JSON Lines."""

from __future__ import annotations

from pathlib import Path

from radie_train.inline_notation import parse, read_corpus
from radie_train.report import Report, read_jsonl


def read_reports(path: Path) -> list[Report]:
    """The reports of a folder of `*.txt`, of one `.txt` file, or of a `.jsonl` file.

    Raises NotationError where a text breaks the notation; ValueError and KeyError where JSON Lines
    are not report records; OSError where nothing can be read.
    """
    if path.is_dir():
        return read_corpus(path)
    if path.suffix == ".jsonl":
        return read_jsonl(path)
    return parse(path.read_text(encoding="utf-8"), path.name)
