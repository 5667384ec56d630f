"""Decoding in Python: the best label path, and how it reads, as docs/model-format.md says."""

from collections.abc import Sequence

import numpy as np

from radie_convert.arrays import Array
from radie_convert.labels import is_outside


def best_path(start: Array, end: Array, steps: Array, emissions: Array) -> list[int]:
    """Viterbi over emissions [n, labels]; minus infinity forbids; the smallest label wins a tie."""
    score = start + emissions[0]
    back = []
    for row in emissions[1:]:
        through = (score[:, None] + steps) + row[None]
        back.append(through.argmax(0))
        score = through.max(0)
    path = [int((score + end).argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]


def constraints(labels: Sequence[str], scheme: str) -> tuple[Array, Array, Array]:
    """What to add to start, end and steps so that only well-formed paths are left."""
    outside = labels.index("O")
    count = len(labels)
    steps = np.array(
        [[0.0 if _follows(a, b, scheme) else -np.inf for b in labels] for a in labels]
    ).reshape(count, count)
    ends = np.array([-np.inf if scheme == "bioes" and _is_open(a) else 0.0 for a in labels])
    return steps[outside], ends, steps


def words_of(tokens: Sequence[str], whole: bool) -> list[tuple[int, int]]:
    """The words of a sentence as token ranges; with `whole`, each token is one."""
    words: list[tuple[int, int]] = []
    for i, token in enumerate(tokens):
        if not whole and i > 0 and len(token) > 2 and token.startswith("##"):
            words[-1] = words[-1][0], i + 1
        else:
            words.append((i, i + 1))
    return words


def spans_of(labels: Sequence[str]) -> list[tuple[int, int, str]]:
    """Mentions [begin, end) of a label sequence, with their types."""
    spans: list[tuple[int, int, str]] = []
    for i, label in enumerate(labels):
        if is_outside(label):
            continue
        if i > 0 and _goes_on(labels[i - 1], label):
            spans[-1] = spans[-1][0], i + 1, label[2:]
        else:
            spans.append((i, i + 1, label[2:]))
    return spans


def _is_open(label: str) -> bool:
    return not is_outside(label) and label[0] in "BI"


def _goes_on(before: str, label: str) -> bool:
    return (
        not is_outside(label) and label[0] in "IE" and _is_open(before) and before[2:] == label[2:]
    )


def _follows(before: str, label: str, scheme: str) -> bool:
    inner = not is_outside(label) and label[0] in "IE"
    if scheme == "iob1":
        opens = not is_outside(label) and label[0] == "B"
        return not opens or (_is_open(before) and before[2:] == label[2:])
    if scheme == "iob2":
        return not inner or _goes_on(before, label)
    if scheme == "bioes":
        return _goes_on(before, label) if _is_open(before) else not inner
    return True
