"""Words that a radiologist adds to those of the reports, to stand in place of mentions.

A UTF-8 file of rows, columns separated by tabs: the entity type, the mention, and, if wanted, how
often it is drawn beside the others of its type (a number above 0, 1 where there is none):

    type	mention	weight
    Imaging_observation	すりガラス結節
    Imaging_observation	浸潤影	3

The first row may be this header. Empty lines and lines that begin with # are no rows. A folder
means every .tsv file below it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from radie_train.errors import TrainError
from radie_train.mentions import KEPT_TYPES, is_tnm
from radie_train.schema import ENTITY_TYPES
from radie_train.text import normalize

MAX_FILE_BYTES = 64 << 20
MAX_CHARACTERS = 100
_HEADERS = (["type", "mention"], ["type", "mention", "weight"])


@dataclass(frozen=True)
class MentionWords:
    """Mentions by type in normalised form, each once, with their weights."""

    forms: dict[str, tuple[str, ...]]
    weights: dict[str, tuple[float, ...]]

    def __len__(self) -> int:
        return sum(len(forms) for forms in self.forms.values())

    def draw(self, entity_type: str, rng: random.Random) -> str:
        """A mention of a type that has some."""
        return rng.choices(self.forms[entity_type], self.weights[entity_type])[0]

    def digest(self) -> str:
        """A hash of all of it."""
        content = repr((sorted(self.forms.items()), sorted(self.weights.items())))
        return sha256(content.encode("utf-8")).hexdigest()


def read_mention_words(paths: Sequence[Path]) -> MentionWords:
    """The rows of all files; a mention that stands there twice has the sum of its weights."""
    weights: dict[str, dict[str, float]] = {}
    for path in paths:
        for file in _files(path):
            for number, cells in _rows(_content(file)):
                entity_type, mention, weight = _checked(cells, f"{file}:{number}")
                of_type = weights.setdefault(entity_type, {})
                of_type[mention] = of_type.get(mention, 0.0) + weight
    if not weights:
        raise TrainError(f"{', '.join(map(str, paths))}: holds no mention")
    return MentionWords(
        {t: tuple(of_type) for t, of_type in weights.items()},
        {t: tuple(of_type.values()) for t, of_type in weights.items()},
    )


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.rglob("*.tsv"))
        if not files:
            raise TrainError(f"{path}: holds no .tsv file")
        return files
    if not path.is_file():
        raise TrainError(f"{path}: there is no such file")
    return [path]


def _content(path: Path) -> str:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise TrainError(f"{path}: the file is longer than 64 MiB")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TrainError(f"{path}: byte {error.start} is not UTF-8") from None


def _rows(content: str) -> list[tuple[int, list[str]]]:
    """Cells by the line they stand on, without the header."""
    rows = [
        (number, [cell.strip() for cell in line.split("\t")])
        for number, line in enumerate(content.split("\n"), 1)
        if line.strip() and not line.startswith("#")
    ]
    return rows[1:] if rows and rows[0][1] in _HEADERS else rows


def _checked(cells: list[str], where: str) -> tuple[str, str, float]:
    if len(cells) not in (2, 3):
        raise TrainError(f"{where}: {len(cells)} columns; a row is type, mention and maybe weight")
    entity_type = cells[0]
    if entity_type not in ENTITY_TYPES:
        raise TrainError(f"{where}: type: is none of {', '.join(ENTITY_TYPES)}")
    if entity_type in KEPT_TYPES:
        raise TrainError(f"{where}: type: {entity_type} is never replaced, it carries the sense")
    return entity_type, _mention(entity_type, cells[1], where), _weight(cells[2:], where)


def _mention(entity_type: str, cell: str, where: str) -> str:
    mention = normalize(cell).text.replace("\n", "").strip()
    if not mention:
        raise TrainError(f"{where}: mention: is empty, or has nothing that is read")
    if len(mention) > MAX_CHARACTERS:
        raise TrainError(f"{where}: mention: is longer than {MAX_CHARACTERS} characters")
    if is_tnm(entity_type, mention):
        # They are invented, and stand in place of each other only.
        raise TrainError(f"{where}: mention: is a TNM code; these need no rows")
    if any(mark in mention for mark in "。!?"):
        raise TrainError(f"{where}: mention: holds the end of a sentence")
    return mention


def _weight(cells: list[str], where: str) -> float:
    if not cells or not cells[0]:
        return 1.0
    try:
        weight = float(cells[0])
    except ValueError:
        weight = 0.0
    if not (math.isfinite(weight) and 0 < weight <= 1e6):
        raise TrainError(f"{where}: weight: is no number above 0, at most 1,000,000")
    return weight
