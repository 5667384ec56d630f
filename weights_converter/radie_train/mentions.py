"""Mentions to put in place of others: the corpus' own, and invented sizes, stages and segments.

The invented ones widen classes that are open by nature (any number with any unit, any TNM code)
where a corpus shows a few members only.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from radie_train.endings import ending_of
from radie_train.report import Report

# Certainty words carry the sense of a sentence, so they are left as they are written.
KEPT_TYPES = frozenset({"Certainty_descriptor"})
_INVENTED_SHARE = 0.35
_TRIES = 8
"""Draws until one fits the place."""
_WORDS_SHARE = 0.5
"""How often a mention comes from the words given, of a type that has some."""
_TUMOURS = ("X", "0", "is", "1", "1mi", "1a", "1b", "1c", "2", "2a", "2b", "3", "4", "4a", "4b")
_NODES = ("X", "0", "1", "1a", "1b", "2", "2a", "2b", "3")
_METASTASES = ("X", "0", "1", "1a", "1b", "1c")
# One code, maybe a range (T1c-2a); several in a row, and what pulmonary metastases add.
_CODE = (
    r"(?:y?[cpra]{0,2}(?:T ?(?:is|[0-4X](?:mi|[a-d])?)|N ?[0-3X][a-c]?|M ?[01X](?:[a-c][12]?)?)"
    r"(?:[-~][0-4X]?[a-d]?)?|PM ?\d)"
)
_TNM = re.compile(rf"{_CODE}(?:[ 、,/・]*{_CODE})*(?:\(PM\d\))?", re.IGNORECASE)


class Words(Protocol):
    """Mentions from elsewhere than reports (mention_words.MentionWords)."""

    @property
    def forms(self) -> dict[str, tuple[str, ...]]:
        """The mentions by type."""

    def draw(self, entity_type: str, rng: random.Random) -> str:
        """A mention of a type that has some."""


class Mentions:
    """Draws a mention of a type."""

    def __init__(self, reports: Iterable[Report], words: Words | None = None) -> None:
        self._words = words
        surfaces: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for report in reports:
            for entity in report.entities:
                surface = report.surface(entity).replace("\n", "")
                surfaces[entity.type][surface] += 1
        self._surfaces = {t: list(counts) for t, counts in surfaces.items()}
        self._forms: dict[tuple[str, str], list[str]] = defaultdict(list)
        """By type and ending."""
        self._weights: dict[tuple[str, str], list[float]] = defaultdict(list)
        for entity_type, counts in surfaces.items():
            for surface, count in counts.items():
                key = entity_type, ending_of(entity_type, surface)
                self._forms[key].append(surface)
                # Between one draw a form and one draw an occurrence.
                self._weights[key].append(count**0.5)

    def surfaces(self, entity_type: str) -> list[str]:
        """The corpus' mentions of a type, each form once."""
        return self._surfaces.get(entity_type, [])

    def draw(self, entity_type: str, replaced: str, rng: random.Random) -> str:
        """A mention of the type to stand in place of `replaced`, with an ending of its class."""
        if is_tnm(entity_type, replaced):
            return invent_tnm(rng)
        key = entity_type, ending_of(entity_type, replaced)
        words = self._words
        if words is not None and entity_type in words.forms and rng.random() < _WORDS_SHARE:
            for _ in range(_TRIES):
                drawn = words.draw(entity_type, rng)
                if ending_of(entity_type, drawn) == key[1]:
                    return drawn
        if key == ("Size_descriptor", "noun") and rng.random() < _INVENTED_SHARE:
            return invent_size(rng)
        if entity_type == "Anatomical_entity" and rng.random() < 0.1:
            return invent_segment(rng)
        forms = self._forms.get(key)
        if not forms:
            return replaced
        for _ in range(_TRIES):
            drawn = rng.choices(forms, self._weights[key])[0]
            if not is_tnm(entity_type, drawn):
                return drawn
        return replaced


def is_tnm(entity_type: str, surface: str) -> bool:
    """Whether a mention is a TNM code or a part of one; T2高信号 and T11椎体 are none."""
    return entity_type == "Clinical_finding" and _TNM.fullmatch(surface) is not None


def invent_tnm(rng: random.Random) -> str:
    """A TNM code, whole or in part."""
    tumour = rng.choice(_TUMOURS)
    node = rng.choice(_NODES)
    metastasis = rng.choice(_METASTASES)
    parts = rng.choice(("TNM", "TNM", "TNM", "TN", "T", "N", "M"))
    gap = rng.choice(("", "", "", " "))
    prefix = rng.choice(("", "", "c", "c", "p", "yc"))
    values = {"T": "T" + tumour, "N": "N" + node, "M": "M" + metastasis}
    each = prefix if prefix and rng.random() < 0.15 else ""
    code = gap.join(each + values[part] for part in parts)
    code = code if each else prefix + code
    return code.upper() if rng.random() < 0.08 else code


def invent_size(rng: random.Random) -> str:
    """A size: number, unit and the words round them."""
    unit, numbers = rng.choice((("mm", _millimetres), ("mm", _millimetres), ("cm", _centimetres)))
    gap = rng.choice(("", "", "", " "))
    before_unit = rng.choice(("", "", "", " "))
    number = numbers(rng)
    if rng.random() < 0.25:
        cross = rng.choice(("×", "x", "×", " × ", "X"))
        number = number + cross + numbers(rng)
        if rng.random() < 0.15:
            number += cross + numbers(rng)
    elif rng.random() < 0.08:
        number += rng.choice("~-") + numbers(rng)
    elif rng.random() < 0.06:
        number = "数"
    head = rng.choice(
        ("", "", "", "約", "約", "径", "長径", "短径", "最大径", "最大", "長径約", "大きさ")
    )
    tail = rng.choice(("", "", "", "大", "大", "程度", "ほど", "未満", "以下", "前後", "弱", "台"))
    if head == "大きさ":
        head = "約"
    return head + (gap if head else "") + number + before_unit + unit + (gap if tail else "") + tail


def _millimetres(rng: random.Random) -> str:
    return str(rng.randint(2, 120))


def _centimetres(rng: random.Random) -> str:
    whole = rng.randint(1, 15)
    return str(whole) if rng.random() < 0.4 else f"{whole}.{rng.randint(0, 9)}"


def invent_segment(rng: random.Random) -> str:
    """A lung or liver segment, alone or after its lobe."""
    if rng.random() < 0.25:
        return rng.choice(("肝", "肝右葉", "肝左葉", "肝")) + f"S{rng.randint(1, 8)}"
    lobe = rng.choice(
        (
            "右肺上葉",
            "右肺中葉",
            "右肺下葉",
            "左肺上葉",
            "左肺下葉",
            "右上葉",
            "左下葉",
            "右下葉",
            "左肺舌区",
            "",
        )
    )
    number = rng.choice(
        ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "1+2", "8a", "3b", "9/10", "6a")
    )
    link = rng.choice(("", "", "", "の", " "))
    return (lobe + link if lobe else "") + "S" + number
