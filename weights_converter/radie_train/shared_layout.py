"""The relation stage's layout `shared`: one sequence a window of the report, shared by all pairs.

    [CLS] token … token [SEP]

A token's type id says whose mention it is part of: 0 outside, 1 + 2·type for a mention's first
token and 2 + 2·type for the others. Everything here counts tokens of the report's row: its
sentences' tokens end to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from radie_train.schema import ENTITY_TYPES

TOKEN_TYPES = 1 + 2 * len(ENTITY_TYPES)


@dataclass(frozen=True)
class Span:
    """An entity in the row: tokens [start, end)."""

    type: str
    start: int
    end: int


Window = tuple[int, int]


def windows_of(length: int, size: int) -> list[Window]:
    """Windows of at most `size` tokens over a row, each half covered by the next one."""
    starts = [0]
    while starts[-1] + size < length:
        starts.append(min(starts[-1] + size // 2, length - size))
    return [(start, min(start + size, length)) for start in starts]


def window_of(span: Span, windows: Sequence[Window], length: int) -> Window | None:
    """The window in which the span stands farthest from a cut; None when none holds it."""
    best, most = None, -1
    for start, end in windows:
        left = length if start == 0 else span.start - start
        right = length if end == length else end - span.end
        margin = min(left, right)
        if span.start >= start and span.end <= end and margin > most:
            best, most = (start, end), margin
    return best


def is_inside(span: Span, window: Window) -> bool:
    """Whether the whole span lies in the window."""
    return span.start >= window[0] and span.end <= window[1]


def in_reach(head: Span, tail: Span, context: int) -> bool:
    """Whether the whole head lies within `context` tokens to a side of the tail."""
    return head.start >= tail.start - context and head.end <= tail.end + context


def type_ids(spans: Sequence[Span], window: Window) -> list[int]:
    """Type ids of [CLS], the window's tokens and [SEP]. `spans` are in order.

    A span that the window cuts has none; a token of two spans belongs to the first.
    """
    ids = [0] * (window[1] - window[0] + 2)
    for span in spans:
        if not is_inside(span, window):
            continue
        kind = ENTITY_TYPES.index(span.type)
        for position in range(span.start, span.end):
            at = position - window[0] + 1
            if ids[at] == 0:
                ids[at] = 1 + 2 * kind + (position > span.start)
    return ids


def rows_of(span: Span, window: Window) -> tuple[int, int]:
    """Positions of the span's first and last token in the window's sequence."""
    return span.start - window[0] + 1, span.end - window[0]
