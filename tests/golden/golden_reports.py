"""Invented texts with their entities, for the golden files of both stages.

An entity is written `[mention:CODE]`; `split_sentences` is enough for these texts only.
"""

import re
from dataclasses import dataclass
from typing import Any

TYPES = {
    "O": "Imaging_observation",
    "F": "Clinical_finding",
    "A": "Anatomical_entity",
    "C": "Certainty_descriptor",
    "D": "Change_descriptor",
    "P": "Characteristics_descriptor",
    "S": "Size_descriptor",
}

_ANNOTATED = (
    "[右肺上葉:A]に[結節:O]を[認める:C]。",
    "[肝:A]に[15mm大:S]の[低吸収域:O]。[転移:F]を[疑う:C]。\n[胆石:F]は[著変なし:D]。",
    "[両肺:A]に[多発:P]する[結節:O]が[増大:D]し、[肺転移:F]と[考えます:C]。",
    "[胸水:O]。",
    "特記すべき所見なし。",
    "[S6:A][結節:O][あり:C]",
    "[左肺:A]に[淡い:P][すりガラス影:O]と[浸潤影:O]が[新たに:D]出現し、[感染:F]の[可能性:C]があるので、"
    "経過を追って確認してください。[縦隔:A]に[腫大リンパ節:O]は[認めない:C]。",
    "[膵頭部:A]に[12×8 mm:S]の[嚢胞:O]を[認める:C]が、前回の検査からの変化については"
    "過去の画像が手元にないため比較することができず、詳しいことは分からないので、次回の検査の際に改めて[腫瘍:F]の有無を判断する。",
)


@dataclass(frozen=True)
class Entity:
    """A mention: code points [begin, end) of the text, and its type's name."""

    begin: int
    end: int
    type: str


@dataclass(frozen=True)
class Report:
    """A text and its entities, in order of position."""

    text: str
    entities: tuple[Entity, ...]


def reports() -> list[Report]:
    """The texts with their entities."""
    return [_parse(annotated) for annotated in _ANNOTATED]


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Code points of each sentence: ends after 。, white space between sentences left out."""
    return [match.span() for match in re.finditer(r"[^。\s][^。]*。?", text)]


def char_vocab(markers: list[str]) -> list[str]:
    """The special tokens, the texts' characters less a few that stay unknown, the markers."""
    characters = sorted({c for report in reports() for c in report.text} - set("経膵\n"))
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *characters, *markers]


def describe(entities: tuple[Entity, ...]) -> list[dict[str, Any]]:
    """Entities as JSON objects."""
    return [{"begin": e.begin, "end": e.end, "type": e.type} for e in entities]


def _parse(annotated: str) -> Report:
    text = ""
    entities = []
    end = 0
    for match in re.finditer(r"\[([^:\]]+):(\w)\]", annotated):
        text += annotated[end : match.start()]
        entities.append(Entity(len(text), len(text) + len(match[1]), TYPES[match[2]]))
        text += match[1]
        end = match.end()
    return Report(text + annotated[end:], tuple(entities))
