"""brat standoff: NAME.txt with a report and NAME.ann with its annotations beside it.

    T1	Imaging_observation 3 5	結節
    R1	modify Arg1:T2 Arg2:T1

Arg1 is the head, Arg2 the tail. Offsets are code points of the file as it is. brat cuts a mention
in pieces (`3 5;6 8`) where the line breaks inside it: pieces with white space alone between them
are one mention again, others are refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from radie_train.checked_report import Annotated, checked
from radie_train.errors import TrainError
from radie_train.report import Entity, Relation, Report
from radie_train.schema import SCHEMA

_ENTITY = re.compile(r"([^\t ]+) (\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)")
_RELATION = re.compile(r"([^\t ]+) Arg1:(\S+) Arg2:(\S+)\s*")
# Attributes, normalisations and notes: they say nothing that training uses.
_PASSED_OVER = "AMN#"


def read_brat_folder(folder: Path, say: Callable[[str], None]) -> list[Report]:
    """Every NAME.ann below the folder with its NAME.txt; a text without annotations is refused."""
    annotations = sorted(folder.rglob("*.ann"))
    known = set(annotations)
    for text in sorted(folder.rglob("*.txt")):
        if text.with_suffix(".ann") not in known:
            raise TrainError(f"{text}: there is no {text.stem}.ann beside it")
    return [
        read_brat(path, str(path.relative_to(folder).with_suffix("")), say) for path in annotations
    ]


def read_brat(path: Path, report_id: str, say: Callable[[str], None]) -> Report:
    """The report of one NAME.ann; `say` is told of lines that were passed over."""
    text_path = path.with_suffix(".txt")
    if not text_path.is_file():
        raise TrainError(f"{path}: there is no {text_path.name} beside it")
    text = _decoded(text_path)
    entities: list[Entity] = []
    relations: list[Relation] = []
    entity_lines: list[int] = []
    relation_lines: list[int] = []
    passed: Counter[str] = Counter()
    for number, line in enumerate(_decoded(path).split("\n"), 1):
        line = line.removesuffix("\r")
        if not line.strip():
            continue
        where = f"{path}:{number}"
        if line[0] == "T":
            entities.append(_entity(line, text, where))
            entity_lines.append(number)
        elif line[0] == "R":
            relations.append(_relation(line, where))
            relation_lines.append(number)
        elif line[0] in _PASSED_OVER:
            passed[line[0]] += 1
        else:
            raise TrainError(f"{where}: only lines of T (entity) and R (relation) can be used")
    if passed:
        kinds = ", ".join(f"{count} of {kind}" for kind, count in sorted(passed.items()))
        say(f"{path}: lines passed over: {kinds}")
    return checked(
        Annotated(
            id=report_id,
            text=text,
            entities=entities,
            relations=relations,
            entity_at=lambda i: f"{path}:{entity_lines[i]}: entity",
            relation_at=lambda i: f"{path}:{relation_lines[i]}: relation",
            at=str(text_path),
        )
    )


def _decoded(path: Path) -> str:
    try:
        # Not read_text: it would make one character of CR LF, which brat counts as two.
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise TrainError(f"{path}: byte {error.start} is not UTF-8") from None


def _entity(line: str, text: str, where: str) -> Entity:
    name, _, rest = line.partition("\t")
    place, _, surface = rest.partition("\t")
    match = _ENTITY.fullmatch(place)
    if match is None:
        raise TrainError(f"{where}: entity: is not 'Tn<TAB>TYPE START END<TAB>TEXT'")
    bounds = [int(number) for number in re.split("[ ;]", match[2])]
    pieces = list(zip(bounds[::2], bounds[1::2], strict=True))
    for start, end in pieces:
        if not 0 <= start < end <= len(text):
            raise TrainError(f"{where}: entity: {start}–{end} is no range of the text")
    for (_, end), (start, _) in pairwise(pieces):
        if start < end or text[end:start].strip():
            raise TrainError(
                f"{where}: entity: is in pieces with text between them; a mention is one stretch"
            )
    covered = " ".join(text[start:end] for start, end in pieces)
    if surface and covered.split() != surface.split():
        raise TrainError(
            f"{where}: entity: its words are not those of the text at "
            f"{bounds[0]}–{bounds[-1]}: was the .txt changed?"
        )
    return Entity(name, match[1], bounds[0], bounds[-1])


def _relation(line: str, where: str) -> Relation:
    match = _RELATION.fullmatch(line.partition("\t")[2])
    if match is None:
        raise TrainError(f"{where}: relation: is not 'Rn<TAB>TYPE Arg1:Tn Arg2:Tn'")
    return Relation(match[1], match[2], match[3])


def brat_configuration() -> str:
    """The annotation.conf with the types and relations of the information model."""
    entities = [entity["name"] for entity in SCHEMA["entity_types"]]
    relations = [
        f"{r['name']}\tArg1:{'|'.join(r['heads'])}, Arg2:{'|'.join(r['tails'])}"
        for r in SCHEMA["relation_types"]
    ]
    sections = {"entities": entities, "relations": relations, "events": [], "attributes": []}
    return "\n".join("\n".join([f"[{name}]", *lines, ""]) for name, lines in sections.items())


def write_brat(folder: Path, reports: list[Report]) -> None:
    """A folder that brat opens: two files a report, and annotation.conf."""
    names = [_file_name(report.id, number) for number, report in enumerate(reports, 1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise TrainError(f"the id {twice[0]} stands there twice; two reports cannot share files")
    folder.mkdir(parents=True, exist_ok=True)
    taken = [name for name in names if (folder / f"{name}.ann").exists()]
    if taken:
        raise TrainError(f"{folder / taken[0]}.ann is there already; annotations are not replaced")
    (folder / "annotation.conf").write_text(brat_configuration(), encoding="utf-8")
    for name, report in zip(names, reports, strict=True):
        (folder / f"{name}.txt").write_bytes(report.text.encode("utf-8"))
        (folder / f"{name}.ann").write_bytes(_standoff(report).encode("utf-8"))


def _file_name(report_id: str, number: int) -> str:
    safe = re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", report_id)
    return report_id.removesuffix(".txt") if safe else f"report-{number:05}"


def _standoff(report: Report) -> str:
    lines = []
    for entity in report.entities:
        # brat wants a line break outside of the pieces.
        stretches = [
            (entity.start + m.start(), entity.start + m.end())
            for m in re.finditer(r"[^\r\n]+", report.surface(entity))
        ]
        place = ";".join(f"{start} {end}" for start, end in stretches)
        words = " ".join(report.text[start:end] for start, end in stretches)
        lines.append(f"{entity.id}\t{entity.type} {place}\t{words}\n")
    for number, r in enumerate(report.relations, 1):
        lines.append(f"R{number}\t{r.type} Arg1:{r.head} Arg2:{r.tail}\n")
    return "".join(lines)
