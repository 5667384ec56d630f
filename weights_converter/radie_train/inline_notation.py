"""Reader of the written corpus' inline notation.

    === W01-03 | a title
    ⟦A1:右肺上葉⟧に⟦O1:結節⟧を⟦C1:認めます⟧。
    ---
    A1 C1 > O1

A report begins with a `=== ` line. Its text carries marked mentions (`⟦letter number:surface⟧`);
below the line `---` stand the relations: `attributes > objects` is modify, `observations =>
findings` is evidence, every name on the left joined to every name on the right.
"""

from __future__ import annotations

import re
from pathlib import Path

from radie_train.report import Entity, Relation, Report

TYPE_OF_LETTER = {
    "O": "Imaging_observation",
    "F": "Clinical_finding",
    "A": "Anatomical_entity",
    "C": "Certainty_descriptor",
    "H": "Change_descriptor",
    "K": "Characteristics_descriptor",
    "S": "Size_descriptor",
}
_OBJECT_LETTERS = "OF"
_ATTRIBUTE_LETTERS = "ACHKS"

_MENTION = re.compile(r"⟦([OFACHKS]\d+):([^⟦⟧]+)⟧")
_LINKS = re.compile(r"((?:[OFACHKS]\d+\s+)*[OFACHKS]\d+)\s*(=>|>)\s*((?:[OF]\d+\s+)*[OF]\d+)")


class NotationError(ValueError):
    """A report that breaks the notation; the message names file, line and report."""


class _Place:
    """Where in a file we are, for messages."""

    def __init__(self, source: str, report_id: str, line: int) -> None:
        self.source = source
        self.report_id = report_id
        self.line = line

    def error(self, message: str) -> NotationError:
        return NotationError(f"{self.source}:{self.line}: report {self.report_id}: {message}")


def read_corpus(folder: Path) -> list[Report]:
    """Every report of every `*.txt` file in `folder`, in the order of the names."""
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise NotationError(f"{folder}: holds no *.txt file")
    reports: list[Report] = []
    owner: dict[str, str] = {}
    for path in paths:
        for report in parse(path.read_text(encoding="utf-8"), path.name):
            if report.id in owner:
                raise NotationError(
                    f"{path.name}: report {report.id} stands in {owner[report.id]} already"
                )
            owner[report.id] = path.name
            reports.append(report)
    return reports


def parse(content: str, source: str = "text") -> list[Report]:
    """The reports in `content`; `source` is named in errors."""
    lines = content.split("\n")
    starts = [i for i, line in enumerate(lines) if line.startswith("=== ")]
    first = starts[0] if starts else len(lines)
    for number, line in enumerate(lines[:first], 1):
        if line.strip():
            raise NotationError(f"{source}:{number}: text before the first '=== ' line")
    return [
        _parse_report(lines, begin, end, source)
        for begin, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]


def _parse_report(lines: list[str], begin: int, end: int, source: str) -> Report:
    report_id = lines[begin][4:].split("|")[0].strip()
    place = _Place(source, report_id or "(no id)", begin + 1)
    if not report_id:
        raise place.error("the '=== ' line has no id")
    body = lines[begin + 1 : end]
    cut = body.index("---") if "---" in body else len(body)
    text_lines, link_lines = body[:cut], body[cut + 1 :]
    skipped = 0
    while text_lines and not text_lines[0].strip():
        text_lines, skipped = text_lines[1:], skipped + 1
    while text_lines and not text_lines[-1].strip():
        text_lines = text_lines[:-1]
    place.line = begin + 2 + skipped
    text, entities, names = _parse_text(text_lines, place)
    place.line = begin + 2 + cut
    relations = _parse_links(link_lines, names, place)
    return Report(report_id, text, tuple(entities), tuple(relations))


def _parse_text(lines: list[str], place: _Place) -> tuple[str, list[Entity], dict[str, str]]:
    """Text without marks, its entities, and the entity id of every name (`A1`)."""
    first_line = place.line
    marked = "\n".join(lines)
    pieces: list[str] = []
    length = 0
    entities: list[Entity] = []
    names: dict[str, str] = {}

    def add(piece: str, at: int) -> None:
        nonlocal length
        place.line = first_line + marked.count("\n", 0, at)
        left_over = re.search("[⟦⟧]", piece)
        if left_over:
            place.line += piece.count("\n", 0, left_over.start())
            column = at + left_over.start() - marked.rfind("\n", 0, at + left_over.start())
            raise place.error(f"a bracket is left over in column {column}")
        pieces.append(piece)
        length += len(piece)

    last = 0
    for match in _MENTION.finditer(marked):
        add(marked[last : match.start()], match.start())
        name, surface = match.groups()
        if name in names:
            raise place.error(f"{name} stands twice")
        if surface != surface.strip():
            raise place.error(f"{name} begins or ends with white space")
        names[name] = f"T{len(entities) + 1}"
        start = length
        add(surface, match.start())
        entities.append(Entity(names[name], TYPE_OF_LETTER[name[0]], start, length))
        last = match.end()
    add(marked[last:], last)
    return "".join(pieces), entities, names


def _parse_links(lines: list[str], names: dict[str, str], place: _Place) -> list[Relation]:
    relations: dict[Relation, None] = {}
    for line in lines:
        place.line += 1
        if not line.strip():
            continue
        match = _LINKS.fullmatch(line.strip())
        if match is None:
            raise place.error("the line is no link such as 'A1 C1 > O1'")
        heads, arrow, tails = match[1].split(), match[2], match[3].split()
        for head in heads:
            for tail in tails:
                _check_link(head, arrow, tail, names, place)
                kind = "modify" if arrow == ">" else "evidence"
                relations[Relation(kind, names[head], names[tail])] = None
    return list(relations)


def _check_link(head: str, arrow: str, tail: str, names: dict[str, str], place: _Place) -> None:
    for name in (head, tail):
        if name not in names:
            raise place.error(f"{name} is linked but not in the text")
    if arrow == ">":
        fits = head[0] in _ATTRIBUTE_LETTERS and tail[0] in _OBJECT_LETTERS
    else:
        fits = head[0] == "O" and tail[0] == "F"
    if not fits:
        raise place.error(f"{head} {arrow} {tail} is not a relation of the information model")
