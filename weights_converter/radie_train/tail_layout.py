"""The relation stage's layout `tail`: one sequence an object, shared by all its candidates.

    [CLS] … <head_start> mention <head_end> … <tail_start> object <tail_end> … [SEP]

Everything here counts tokens of the report's row: its sentences' tokens end to end.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from radie_train.schema import is_candidate
from radie_train.vocabulary import CLS, SEP, marker


@dataclass(frozen=True)
class Span:
    """An entity in the row: tokens [start, end)."""

    type: str
    start: int
    end: int


@dataclass(frozen=True)
class TailSequence:
    """The tokens of one object's sequence, and where its markers stand."""

    tokens: list[str]
    object_index: int
    object_markers: tuple[int, int]
    """Positions of the object's start and end marker."""
    candidates: list[int]
    """Indices of the entities that may be related to the object."""
    candidate_markers: list[tuple[int, int]]


def tail_sequence(
    row: Sequence[str],
    spans: Sequence[Span],
    object_index: int,
    context: int,
    limit: int,
) -> TailSequence | None:
    """The sequence of one object, or None when the object alone does not fit into `limit` tokens.

    `spans` are in order and do not overlap.
    """
    target = spans[object_index]
    left = min(context, target.start)
    right = min(context, len(row) - target.end)
    while True:
        start, end = target.start - left, target.end + right
        inside = [i for i, s in enumerate(spans) if s.start >= start and s.end <= end]
        if (end - start) + 2 * len(inside) + 2 <= limit:
            break
        if left == right == 0:
            return None
        if right >= left:
            right -= 1
        else:
            left -= 1
    return _write(row, spans, object_index, (start, end), inside)


def _write(
    row: Sequence[str],
    spans: Sequence[Span],
    object_index: int,
    window: tuple[int, int],
    inside: list[int],
) -> TailSequence:
    tokens, markers = mark(row, spans, window, inside, {object_index})
    target_type = spans[object_index].type
    candidates = [
        i for i in inside if i != object_index and is_candidate(spans[i].type, target_type)
    ]
    return TailSequence(
        tokens, object_index, markers[object_index], candidates, [markers[i] for i in candidates]
    )


def mark(
    row: Sequence[str],
    spans: Sequence[Span],
    window: tuple[int, int],
    inside: Sequence[int],
    objects: Set[int],
) -> tuple[list[str], dict[int, tuple[int, int]]]:
    """The window's tokens with the mentions `inside` marked, and where each one's markers stand.

    `objects` carry tail markers, the others head markers. The layout has one object; training
    also uses sequences with several.
    """
    tokens = [CLS]
    markers: dict[int, tuple[int, int]] = {}
    position = window[0]
    for i in inside:
        span = spans[i]
        role = "tail" if i in objects else "head"
        tokens += row[position : span.start]
        first = len(tokens)
        tokens.append(marker(role + "_start", span.type))
        tokens += row[span.start : span.end]
        markers[i] = (first, len(tokens))
        tokens.append(marker(role + "_end", span.type))
        position = span.end
    tokens += row[position : window[1]]
    tokens.append(SEP)
    return tokens, markers
