"""A report as comparisons between reports need it: spelling variants folded into one.

Folding is normalisation, lower case, no line breaks, and no spaces but those between two letters of
ASCII. So ５㎜, 5 mm and 5\\nmm are equal, and so are 腫大 with and without a break inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from radie_train.corpus import normalized
from radie_train.report import Report
from radie_train.text import split_sentences

_CONTEXT = 8


@dataclass(frozen=True)
class Mention:
    """`text[start:end]` of a folded report."""

    start: int
    end: int
    type: str
    is_head: bool
    """Whether some relation begins here, as one of every attribute should."""


@dataclass(frozen=True)
class Folded:
    """One report, folded; all positions are code points of `text`."""

    id: str
    text: str
    mentions: tuple[Mention, ...]
    sentences: tuple[tuple[int, int], ...]
    at: tuple[int, ...]
    """For every character the index of its mention, or -1."""

    def surface(self, mention: Mention) -> str:
        """The folded characters of a mention."""
        return self.text[mention.start : mention.end]

    def excerpt(self, start: int, end: int) -> str:
        """The range in brackets between a few characters of its neighbourhood."""
        before, after = self.text[max(0, start - _CONTEXT) : start], self.text[end:]
        return f"{before}[{self.text[start:end]}]{after[:_CONTEXT]}"

    def sentence_of(self, position: int) -> tuple[int, int]:
        """The sentence that holds the position; the position alone where none does."""
        for start, end in self.sentences:
            if start <= position < end:
                return start, end
        return position, position + 1

    def occurrences(self, surface: str) -> Iterator[tuple[int, int]]:
        """Every range within a sentence that reads `surface`, ASCII words only whole."""
        start = self.text.find(surface)
        while start >= 0:
            end = start + len(surface)
            whole = not (_joins(self.text, start) or _joins(self.text, end))
            if whole and end <= self.sentence_of(start)[1]:
                yield start, end
            start = self.text.find(surface, start + 1)


def fold(report: Report) -> Folded:
    """The report, folded. A mention of which nothing is left goes."""
    report = normalized(report)
    kept = [i for i, c in enumerate(report.text) if not _is_dropped(report.text, i, c)]
    new = [0] * (len(report.text) + 1)
    for position, i in enumerate(kept):
        new[i + 1] = position + 1
    for i in range(len(report.text)):
        new[i + 1] = max(new[i + 1], new[i])
    # Lower case of one character may be several; such are left as they are.
    lowered = ((c, c.lower()) for c in (report.text[i] for i in kept))
    text = "".join(low if len(low) == 1 else c for c, low in lowered)
    heads = {relation.head for relation in report.relations}
    mentions = tuple(
        Mention(new[e.start], new[e.end], e.type, e.id in heads)
        for e in report.entities
        if new[e.start] < new[e.end]
    )
    at = [-1] * len(text)
    for index, mention in enumerate(mentions):
        at[mention.start : mention.end] = [index] * (mention.end - mention.start)
    sentences = tuple((new[a], new[b]) for a, b in split_sentences(report.text))
    return Folded(report.id, text, mentions, sentences, tuple(at))


def _is_word(text: str, position: int) -> bool:
    return 0 <= position < len(text) and text[position].isascii() and text[position].isalnum()


def _is_letter(text: str, position: int) -> bool:
    return _is_word(text, position) and text[position].isalpha()


def _is_dropped(text: str, i: int, c: str) -> bool:
    return c == "\n" or (c == " " and not (_is_letter(text, i - 1) and _is_letter(text, i + 1)))


def _joins(text: str, position: int) -> bool:
    """Whether an ASCII word goes on across the position."""
    return _is_word(text, position - 1) and _is_word(text, position)
