"""The `radiology-ja` text profile and sentence splitter of docs/text.md, over code points.

`normalize` gives text and, for every normalised code point, the range of source code points it
came from; the ranges are in order, and those of one source segment are equal (ｶﾞ is one ガ from
two, ㎜ is two m from one).
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from dataclasses import dataclass

from radie_train.cjk_radicals import IDEOGRAPH_OF_RADICAL

_WHITE_SPACE = frozenset(
    "\t\v\f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\ufeff")
_SINGLE = {
    **dict.fromkeys("\u301c\u223c", "~"),
    **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\u2015", "-"),
    **dict.fromkeys("\u2219\u2022", "\u30fb"),
    **dict.fromkeys("\u2715\u2716\u2a2f", "\u00d7"),
}


@dataclass(frozen=True)
class NormalizedText:
    """`text`, and in `source` the half-open range of source code points of each of its own."""

    text: str
    source: tuple[tuple[int, int], ...]

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """The source range of the normalised range [start, end), which must not be empty."""
        return self.source[start][0], self.source[end - 1][1]

    def from_source(self, start: int, end: int) -> tuple[int, int] | None:
        """The normalised range that touches the source range; None when nothing of it is left."""
        touched = [i for i, (a, b) in enumerate(self.source) if a < end and b > start]
        return (touched[0], touched[-1] + 1) if touched else None


_Piece = tuple[str, int, int]


def normalize(text: str) -> NormalizedText:
    """The text under the profile `radiology-ja`."""
    pieces = nfkc_pieces(_radicals(_white_space(text)))
    characters = [_SINGLE.get(c, c) for c, _, _ in pieces]
    return NormalizedText(
        "".join(_punctuation(characters)), tuple((start, end) for _, start, end in pieces)
    )


def _white_space(text: str) -> list[_Piece]:
    """Step 1: line feeds and spaces; controls and zero-width characters left out."""
    pieces: list[_Piece] = []
    i = 0
    while i < len(text):
        c = text[i]
        end = i + 2 if text.startswith("\r\n", i) else i + 1
        if c in "\r\n":
            pieces.append(("\n", i, end))
        elif c in _WHITE_SPACE:
            pieces.append((" ", i, end))
        elif c not in _ZERO_WIDTH and unicodedata.category(c) != "Cc":
            pieces.append((c, i, end))
        i = end
    return pieces


def _radicals(pieces: list[_Piece]) -> list[_Piece]:
    """Step 2."""
    return [(IDEOGRAPH_OF_RADICAL.get(c, c), start, end) for c, start, end in pieces]


def nfkc_pieces(pieces: list[_Piece]) -> list[_Piece]:
    """Step 3: NFKC by segments; every character of a changed segment gets its whole range.

    A piece is a character with the source range it came from.
    """
    result: list[_Piece] = []
    i = 0
    while i < len(pieces):
        j = i + 1
        while j < len(pieces) and not _begins_segment(pieces[j][0]):
            j += 1
        segment = "".join(c for c, _, _ in pieces[i:j])
        normal = unicodedata.normalize("NFKC", segment)
        if normal == segment:
            result.extend(pieces[i:j])
        else:
            result.extend((c, pieces[i][1], pieces[j - 1][2]) for c in normal)
        i = j
    return result


@functools.lru_cache(maxsize=1)
def _second_characters() -> frozenset[str]:
    """Characters that may compose with the one before them."""
    seconds = {chr(c) for c in [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]}
    for code in range(0xC0, 0x20000):
        parts = unicodedata.decomposition(chr(code)).split()
        if (
            len(parts) == 2
            and not parts[0].startswith("<")
            and unicodedata.normalize("NFC", chr(code)) == chr(code)
        ):
            seconds.add(chr(int(parts[1], 16)))
    return frozenset(seconds)


@functools.lru_cache(maxsize=8192)
def _begins_segment(character: str) -> bool:
    """Whether NFKC never joins this character to what stands before it."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.combining(first) == 0 and first not in _second_characters()


def _is_ascii_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _punctuation(characters: list[str]) -> list[str]:
    """Step 5: `.` and `,` become 。 and 、 where they are not part of a number or a name."""
    padded = ["", *characters, "", ""]
    result = []
    for i, c in enumerate(characters, 1):
        before, after, then = padded[i - 1], padded[i + 1], padded[i + 2]
        if c == "." and "." in (before, after):
            result.append(c)
        elif c in (".", ","):
            inside = _is_ascii_word(before) and _is_ascii_word(after)
            numbered = c == "." and _is_ascii_word(before) and after == " " and _is_ascii_word(then)
            result.append(c if inside or numbered else "。" if c == "." else "、")
        else:
            result.append(c)
    return result


_ENDS = frozenset("。!?")
_CLOSING = frozenset(")」』]}】")
_HEADING = {"【": "】", "〈": "〉", "《": "》", "[": "]", "<": ">"}
_BULLETS = frozenset("・-*●■◆○◎□◇▲△▼※#→") | frozenset(_HEADING)
_HEADING_REACH = 20
_WRAP_MINIMUM = 16


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Half-open ranges of the sentences of a normalised text."""
    return [
        trimmed
        for start, end in _pieces(text, _breaks(text))
        if (trimmed := _trim(text, start, end)) is not None
    ]


def _breaks(text: str) -> list[int]:
    """Positions where one sentence ends and the next may begin."""
    lines = text.split("\n")
    longest = max(len(line) for line in lines)
    breaks: set[int] = set()
    start = 0
    for number, line in enumerate(lines):
        breaks.update(start + i for i in _breaks_in_line(line))
        end = start + len(line)
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if not _is_hard_wrap(line, following, longest):
            breaks.add(end)
        start = end + 1
    return sorted(breaks)


def _breaks_in_line(line: str) -> list[int]:
    breaks = []
    i = 0
    while i < len(line):
        if line[i] in _ENDS:
            i += 1
            while i < len(line) and line[i] in _CLOSING:
                i += 1
            breaks.append(i)
        else:
            i += 1
    begin = len(line) - len(line.lstrip(" "))
    if begin < len(line) and line[begin] in _HEADING:
        close = line.find(_HEADING[line[begin]], begin + 1, begin + 1 + _HEADING_REACH)
        if close >= 0:
            breaks.append(close + 1)
    return breaks


def _is_hard_wrap(line: str, following: str, longest: int) -> bool:
    """Whether the sentence goes on from `line` to the line after it."""
    if len(line) < _WRAP_MINIMUM or 4 * len(line) < 3 * longest:
        return False
    following = following.lstrip(" ")
    if not following or following[0] in _BULLETS or _is_enumerated(following):
        return False
    last = line.rstrip(" ")[-1:]
    return last != ":" and last not in _HEADING.values()


def _is_enumerated(line: str) -> bool:
    digits = len(line) - len(line.lstrip("0123456789"))
    # A digit behind the mark makes it a decimal, or a list of numbers, that goes on.
    goes_on = line[digits + 1 : digits + 2] in tuple("0123456789")
    return digits > 0 and line[digits : digits + 1] in (".", ")", "。", "、", ":") and not goes_on


def _pieces(text: str, breaks: list[int]) -> list[tuple[int, int]]:
    bounds = [0, *breaks, len(text)]
    return list(itertools.pairwise(bounds))


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start] in " \n":
        start += 1
    while end > start and text[end - 1] in " \n":
        end -= 1
    return (start, end) if start < end else None
