"""Samples of like length in one batch."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

_POOL_BATCHES = 16
_T = TypeVar("_T")


def groups_of(
    pool: list[_T], batch: int, length: Callable[[_T], int], rng: random.Random
) -> list[list[_T]]:
    """Full batches of a pool that is large enough, in any order; none of one that is not.

    What makes no full batch stays in the pool, drawn by chance: a short batch of the longest
    samples would give each of them more weight than the others have.
    """
    if len(pool) < batch * _POOL_BATCHES:
        return []
    rng.shuffle(pool)
    full = len(pool) - len(pool) % batch
    ranked = sorted(pool[:full], key=length)
    del pool[:full]
    groups = [ranked[i : i + batch] for i in range(0, full, batch)]
    rng.shuffle(groups)
    return groups
