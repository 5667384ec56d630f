"""brat standoff: NAME.txt with a report and NAME.ann with its annotations beside it.

    T1	Imaging_observation 3 5	結節
    R1	modify Arg1:T2 Arg2:T1

Arg1 is the head, Arg2 the tail. Offsets are code points of the file as it is. brat cuts a mention
in pieces (`3 5;6 8`) where the line breaks inside it: pieces with white space alone between them
are one mention again, others are refused. What a line cannot hold at a mention's ends is said by a
note, as `radie extract` writes it:

    #1	AnnotatorNotes T2	span 3 9

Attributes, normalisations and other notes are kept as they are, to be written again.
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
_NOTE = re.compile(r"#\S*\tAnnotatorNotes (\S+)\tspan (\d{1,9}) (\d{1,9})\s*")
# Attributes, normalisations and notes: they say nothing that training uses.
_KEPT = "AMN#"
# The values of the attribute that `radie extract --format brat` writes of every object.
_CERTAINTIES = ("definite", "likely", "may_represent", "unlikely", "denial")
# Characters at which some reader ends a line; a tab ends a field.
_BREAKS = "\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")

Place = tuple[int, int]


def is_kept_line(line: str) -> bool:
    """Whether this is one line of those that are kept as they are."""
    return line[:1] != "" and line[0] in _KEPT and "\n" not in line and "\r" not in line


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
    """The report of one NAME.ann; `say` is told of lines that training does not use."""
    text_path = path.with_suffix(".txt")
    if not text_path.is_file():
        raise TrainError(f"{path}: there is no {text_path.name} beside it")
    text = _decoded(text_path)
    lines = [(number, line.removesuffix("\r")) for number, line in _lines(path)]
    notes = _places_by_note(lines)
    entities: list[Entity] = []
    relations: list[Relation] = []
    entity_lines: list[int] = []
    relation_lines: list[int] = []
    used: set[tuple[str, Place]] = set()
    kept: list[str] = []
    for number, line in lines:
        where = f"{path}:{number}"
        if line[0] == "T":
            entity, note = _entity(line, text, where, notes)
            if note is not None:
                used.add((entity.id, note))
            entities.append(entity)
            entity_lines.append(number)
        elif line[0] == "R":
            relations.append(_relation(line, where))
            relation_lines.append(number)
        elif line[0] in _KEPT:
            kept.append(line)
        else:
            raise TrainError(f"{where}: only lines of T (entity) and R (relation) can be used")
    brat_lines = [line for line in kept if _place_by_note(line) not in used]
    _tell(path, brat_lines, relations, say)
    return checked(
        Annotated(
            id=report_id,
            text=text,
            entities=entities,
            relations=relations,
            entity_at=lambda i: f"{path}:{entity_lines[i]}: entity",
            relation_at=lambda i: f"{path}:{relation_lines[i]}: relation",
            at=str(text_path),
            brat_lines=brat_lines,
        )
    )


def _lines(path: Path) -> list[tuple[int, str]]:
    content = _decoded(path).removeprefix("\ufeff")
    return [(n, line) for n, line in enumerate(content.split("\n"), 1) if line.strip()]


def _place_by_note(line: str) -> tuple[str, Place] | None:
    match = _NOTE.fullmatch(line)
    return (match[1], (int(match[2]), int(match[3]))) if match else None


def _places_by_note(lines: list[tuple[int, str]]) -> dict[str, list[Place]]:
    places: dict[str, list[Place]] = {}
    for _, line in lines:
        note = _place_by_note(line)
        if note is not None:
            places.setdefault(note[0], []).append(note[1])
    return places


def _tell(
    path: Path, lines: list[str], relations: list[Relation], say: Callable[[str], None]
) -> None:
    if lines:
        counts = Counter(line[0] for line in lines)
        kinds = ", ".join(f"{count} of {kind}" for kind, count in sorted(counts.items()))
        say(f"{path}: lines kept but not used: {kinds}")
    doubled = len(relations) - len(set(relations))
    if doubled:
        say(f"{path}: relations that stand there twice, taken once: {doubled}")


def _decoded(path: Path) -> str:
    try:
        # Not read_text: it would make one character of CR LF, which brat counts as two.
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise TrainError(f"{path}: byte {error.start} is not UTF-8") from None


def _entity(
    line: str, text: str, where: str, notes: dict[str, list[Place]]
) -> tuple[Entity, Place | None]:
    """The entity, and the note's place where one said where it is."""
    name, _, rest = line.partition("\t")
    place, _, surface = rest.partition("\t")
    match = _ENTITY.fullmatch(place)
    if match is None:
        raise TrainError(f"{where}: entity: is not 'Tn<TAB>TYPE START END<TAB>TEXT'")
    bounds = [int(number) for number in re.split("[ ;]", match[2])]
    pieces = list(zip(bounds[::2], bounds[1::2], strict=True))
    fitting = (whole for whole in notes.get(name, ()) if _only_spaces_beside(pieces, whole, text))
    note = next(fitting, None)
    if note is not None:
        pieces = [piece for piece in pieces if piece[0] < piece[1]]
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
    start, end = note or (bounds[0], bounds[-1])
    return Entity(name, match[1], start, end), note


def _only_spaces_beside(pieces: list[Place], whole: Place, text: str) -> bool:
    """Whether the note adds nothing but white space to the pieces."""
    if not 0 <= whole[0] < whole[1] <= len(text):
        return False
    bounds = [whole[0], *(at for piece in pieces for at in piece), whole[1]]
    if bounds != sorted(bounds):
        return False
    around = "".join(text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True))
    return not around.strip()


def _relation(line: str, where: str) -> Relation:
    name, _, rest = line.partition("\t")
    match = _RELATION.fullmatch(rest)
    if match is None:
        raise TrainError(f"{where}: relation: is not 'Rn<TAB>TYPE Arg1:Tn Arg2:Tn'")
    return Relation(match[1], match[2], match[3], name)


def brat_configuration() -> str:
    """The annotation.conf with the information model's types and relations, and certainty."""
    entities = [entity["name"] for entity in SCHEMA["entity_types"]]
    relations = [
        f"{r['name']}\tArg1:{'|'.join(r['heads'])}, Arg2:{'|'.join(r['tails'])}"
        for r in SCHEMA["relation_types"]
    ]
    objects = "|".join(e["name"] for e in SCHEMA["entity_types"] if e["role"] == "object")
    attributes = [f"Certainty\tArg:{objects}, Value:{'|'.join(_CERTAINTIES)}"]
    sections = {
        "entities": entities,
        "relations": relations,
        "events": [],
        "attributes": attributes,
    }
    return "\n".join("\n".join([f"[{name}]", *lines, ""]) for name, lines in sections.items())


def write_brat(folder: Path, reports: list[Report]) -> int:
    """A folder that brat opens: two files a report, and annotation.conf.

    Returns how many reports have ids that no file may bear; they are called report-00001, ….
    """
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
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_bytes(report.text.encode("utf-8"))
        (folder / f"{name}.ann").write_bytes(_standoff(report).encode("utf-8"))
    return sum(
        name != report.id.removesuffix(".txt") for name, report in zip(names, reports, strict=True)
    )


def _file_name(report_id: str, number: int) -> str:
    """The id where it is a plain name, or plain names of folders before one."""
    name = report_id.removesuffix(".txt")
    parts = name.split("/")
    safe = len(parts) <= 8 and all(_PLAIN_NAME.fullmatch(part) for part in parts)
    return name if safe else f"report-{number:05}"


def _standoff(report: Report) -> str:
    lines: list[str] = []
    notes: list[str] = []
    numbers = [int(m[1]) for line in report.brat_lines if (m := re.match(r"#(\d{1,9})\t", line))]
    next_note = max(numbers, default=0) + 1
    names = _brat_ids("T", [entity.id for entity in report.entities])
    for entity in report.entities:
        # brat wants line breaks outside of the pieces.
        stretches = [
            (entity.start + m.start(), entity.start + m.end())
            for m in re.finditer(f"[^{_BREAKS}]+", report.surface(entity))
        ] or [(entity.start, entity.start)]
        place = ";".join(f"{start} {end}" for start, end in stretches)
        words = " ".join(report.text[start:end] for start, end in stretches)
        lines.append(f"{names[entity.id]}\t{entity.type} {place}\t{words}\n")
        if (stretches[0][0], stretches[-1][1]) != (entity.start, entity.end):
            note = f"AnnotatorNotes {names[entity.id]}\tspan {entity.start} {entity.end}"
            notes.append(f"#{next_note + len(notes)}\t{note}\n")
    links = _brat_ids("R", report.relation_ids())
    for name, r in zip(links.values(), report.relations, strict=True):
        lines.append(f"{name}\t{r.type} Arg1:{names[r.head]} Arg2:{names[r.tail]}\n")
    return "".join([*lines, *notes, *(f"{line}\n" for line in report.brat_lines)])


def _brat_ids(letter: str, ids: list[str]) -> dict[str, str]:
    """The ids by themselves where brat takes them all, else numbered anew."""
    if all(re.fullmatch(letter + r"[0-9]{1,9}", name) for name in ids):
        return {name: name for name in ids}
    return {name: f"{letter}{number}" for number, name in enumerate(ids, 1)}
