"""Samples of stage 2: one sequence a window of text, a label a candidate pair.

Stage 1's mistakes are played on a part of the entities, so that stage 2 is not at a loss when it
meets real ones: a mention is missing, has other bounds or another type, or stands where there is
none.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from radie_train.augmentation import (
    NONE,
    Cells,
    Noise,
    disturb,
    replace_mentions,
    sentences_of,
    to_cells,
)
from radie_train.corpus import settled
from radie_train.mentions import Mentions
from radie_train.pooling import groups_of
from radie_train.recombination import recombine
from radie_train.report import Entity, Relation, Report
from radie_train.schema import ENTITY_TYPES, OBJECT_TYPES, RELATION_LABELS, allowed_labels
from radie_train.shared_layout import (
    Span,
    in_reach,
    is_inside,
    rows_of,
    type_ids,
    window_of,
    windows_of,
)
from radie_train.vocabulary import CLS, SEP, Vocabulary

CONTEXT_TOKENS = 300
"""Reach of a model that begins anew; one that is fine-tuned keeps its own."""
WINDOW_TOKENS = 510


@dataclass(frozen=True)
class Mistakes:
    """How often an entity suffers each of stage 1's mistakes."""

    missing: float = 0.03
    bounds: float = 0.03
    type: float = 0.015
    invented: float = 0.02
    share: float = 0.5
    """Share of the reports on which mistakes are played at all."""


@dataclass(frozen=True)
class RelationRecipe:
    """What samples are made of."""

    noise: Noise
    mistakes: Mistakes
    batch: int
    excerpts: float = 0.15
    """How often a report is cut down to a few of its sentences: short reports exist, too."""
    joined: float = 0.4
    """How often another report follows in the same text: long reports exist, too."""
    recombined: float = 0.0
    """How often a report's sentences are put together anew (recombination.py)."""
    context: int = CONTEXT_TOKENS
    """How far from its tail a head may be, in tokens."""


@dataclass(frozen=True)
class RelationSample:
    """A sequence, its candidate pairs, their labels and the labels their types allow."""

    tokens: list[str]
    types: list[int]
    pairs: list[tuple[int, int, int, int]]
    """Positions of the head's first and last token, then of the tail's."""
    labels: list[int]
    allowed: list[tuple[int, ...]]


@dataclass(frozen=True)
class RelationBatch:
    """Padded sequences; `pairs` are RelationClassifier's, `masked` marks forbidden labels."""

    ids: Tensor
    types: Tensor
    mask: Tensor
    pairs: Tensor
    masked: Tensor
    labels: Tensor


def row_of(cells: Cells) -> tuple[list[str], dict[int, tuple[int, int]]]:
    """The row of the sentences' tokens, and every mention's range in it by owner."""
    row: list[str] = []
    place: dict[int, int] = {}
    for i, sentence in enumerate(cells.sentences):
        if sentence != NONE:
            place[i] = len(row)
            row.append(cells.characters[i])
    spans = {
        owner: (place[start], place[end - 1] + 1) for owner, (start, end) in cells.spans().items()
    }
    return row, spans


def excerpt(cells: Cells, rng: random.Random) -> Cells:
    """One to four sentences that follow each other, as a text of their own."""
    numbers = sorted({number for number in cells.sentences if number != NONE})
    if not numbers:
        return cells
    first = rng.randrange(len(numbers))
    kept = set(numbers[first : first + rng.randint(1, 4)])
    result = Cells()
    for character, owner, sentence in zip(
        cells.characters, cells.owners, cells.sentences, strict=True
    ):
        if sentence in kept:
            result.add(character, owner, sentence)
    return result


def join(first: Report, second: Report) -> Report:
    """One report after the other in one text; the sentences stay as they were."""
    shift = len(first.text) + 1
    entities = [*(Entity("a" + e.id, e.type, e.start, e.end) for e in first.entities)]
    entities += [
        Entity("b" + e.id, e.type, e.start + shift, e.end + shift) for e in second.entities
    ]
    relations = [Relation(r.type, "a" + r.head, "a" + r.tail) for r in first.relations]
    relations += [Relation(r.type, "b" + r.head, "b" + r.tail) for r in second.relations]
    sentences = [*sentences_of(first)]
    sentences += [(start + shift, end + shift) for start, end in sentences_of(second)]
    return Report(
        first.id,
        f"{first.text}\n{second.text}",
        tuple(entities),
        tuple(relations),
        sentences=tuple(sentences),
    )


def report_samples(
    report: Report,
    noise: Noise,
    mistakes: Mistakes,
    rng: random.Random,
    excerpts: float = 0.0,
    context: int = CONTEXT_TOKENS,
) -> list[RelationSample]:
    """Samples of a normalised report: one a window that holds candidate pairs."""
    cells = disturb(to_cells(report), noise, rng)
    if rng.random() < excerpts:
        cells = excerpt(cells, rng)
    row, ranges = row_of(cells)
    spans = {owner: Span(report.entities[owner].type, *ranges[owner]) for owner in ranges}
    placed: list[tuple[Span, int]] = [(span, owner) for owner, span in spans.items()]
    if rng.random() < mistakes.share:
        placed = _with_mistakes(placed, len(row), mistakes, rng)
    placed.sort(key=lambda item: item[0].start)
    numbers = {entity.id: i for i, entity in enumerate(report.entities)}
    gold = {
        (numbers[r.head], numbers[r.tail]): RELATION_LABELS.index(r.type) for r in report.relations
    }
    return _samples(row, placed, gold, context)


_Placed = list[tuple[Span, int]]
_Gold = dict[tuple[int, int], int]


def _samples(row: list[str], placed: _Placed, gold: _Gold, context: int) -> list[RelationSample]:
    spans = [span for span, _ in placed]
    windows = windows_of(len(row), WINDOW_TOKENS)
    found = {
        window: RelationSample(
            [CLS, *row[window[0] : window[1]], SEP], type_ids(spans, window), [], [], []
        )
        for window in windows
    }
    for tail, owner in placed:
        window = window_of(tail, windows, len(row)) if tail.type in OBJECT_TYPES else None
        if window is None:
            continue
        sample = found[window]
        tail_rows = rows_of(tail, window)
        for head, head_owner in placed:
            fitting = allowed_labels(head.type, tail.type)
            if head is tail or len(fitting) == 1:
                continue
            if not in_reach(head, tail, context) or not is_inside(head, window):
                continue
            label = gold.get((head_owner, owner), 0)
            sample.pairs.append((*rows_of(head, window), *tail_rows))
            sample.labels.append(label if label in fitting else 0)
            sample.allowed.append(fitting)
    return [sample for sample in found.values() if sample.pairs]


def _with_mistakes(placed: _Placed, length: int, mistakes: Mistakes, rng: random.Random) -> _Placed:
    """The entities as a tagger might have found them; invented ones are owned by NONE."""
    result = []
    for span, owner in placed:
        draw = rng.random()
        if draw < mistakes.missing:
            continue
        if draw < mistakes.missing + mistakes.bounds:
            span = _moved(span, length, rng)
        elif draw < mistakes.missing + mistakes.bounds + mistakes.type:
            span = Span(rng.choice(ENTITY_TYPES), span.start, span.end)
        result.append((span, owner))
        if length > 8 and rng.random() < mistakes.invented:
            start = rng.randrange(length - 6)
            invented = Span(rng.choice(ENTITY_TYPES), start, start + rng.randint(1, 5))
            result.append((invented, NONE))
    result.sort(key=lambda item: item[0].start)
    kept: list[tuple[Span, int]] = []
    for span, owner in result:
        if kept and span.start < kept[-1][0].end:
            if owner != NONE and kept[-1][1] == NONE:
                kept[-1] = (span, owner)
            continue
        kept.append((span, owner))
    return [item for i, item in enumerate(kept) if i == 0 or item[0].start >= kept[i - 1][0].end]


def _moved(span: Span, length: int, rng: random.Random) -> Span:
    start = min(max(0, span.start + rng.choice((-2, -1, 0, 1, 2))), span.end - 1)
    end = max(min(length, span.end + rng.choice((-2, -1, 0, 1, 2))), start + 1)
    return Span(span.type, start, end)


def relation_batches(
    reports: Sequence[Report],
    vocabulary: Vocabulary,
    recipe: RelationRecipe,
    rng: random.Random,
    mentions: Mentions | None = None,
) -> Iterator[RelationBatch]:
    """Batches without end; sequences of like length share one.

    `mentions` are drawn from; those of `reports` unless given.
    """
    order = [settled(report) for report in reports]
    mentions = mentions or Mentions(reports)
    pool: list[RelationSample] = []
    while True:
        rng.shuffle(order)
        for report in order:
            if recipe.recombined and rng.random() < recipe.recombined:
                report = settled(recombine(report, rng.choice(order), rng))
            if rng.random() < recipe.joined:
                report = join(report, rng.choice(order))
            changed = replace_mentions(report, mentions, recipe.noise.mention, rng)
            pool += report_samples(
                changed, recipe.noise, recipe.mistakes, rng, recipe.excerpts, recipe.context
            )
            for group in groups_of(pool, recipe.batch, lambda sample: len(sample.tokens), rng):
                yield collate(group, vocabulary)


def collate(samples: Sequence[RelationSample], vocabulary: Vocabulary) -> RelationBatch:
    """Pads samples into one batch."""
    longest = max(len(sample.tokens) for sample in samples)
    ids = torch.full((len(samples), longest), vocabulary.pad)
    types = torch.zeros(len(samples), longest, dtype=torch.long)
    mask = torch.zeros(len(samples), longest, dtype=torch.bool)
    rows, pairs, labels, allowed = [], [], [], []
    for i, sample in enumerate(samples):
        tokens = vocabulary.encode(sample.tokens)
        ids[i, : len(tokens)] = torch.tensor(tokens)
        types[i, : len(tokens)] = torch.tensor(sample.types)
        mask[i, : len(tokens)] = True
        rows += [i] * len(sample.pairs)
        pairs += sample.pairs
        labels += sample.labels
        allowed += sample.allowed
    forbidden = {
        fit: [k not in fit for k in range(len(RELATION_LABELS))] for fit in dict.fromkeys(allowed)
    }
    # Arrays between lists and tensors: thousands of rows are read several times faster so.
    return RelationBatch(
        ids,
        types,
        mask,
        torch.from_numpy(np.column_stack([np.array(rows), np.array(pairs)])),
        torch.from_numpy(np.array([forbidden[fit] for fit in allowed])),
        torch.from_numpy(np.array(labels)),
    )
