"""Samples of stage 2: one sequence an object, a label a candidate.

Stage 1's mistakes are played on a part of the entities, so that stage 2 is not at a loss when it
meets real ones: a mention is missing, has other bounds or another type, or stands where there is
none.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from radie_train.augmentation import NONE, Cells, Noise, disturb, replace_mentions, to_cells
from radie_train.mentions import Mentions
from radie_train.report import Report
from radie_train.schema import ENTITY_TYPES, OBJECT_TYPES, RELATION_LABELS, allowed_labels
from radie_train.tail_layout import Span, mark, tail_sequence
from radie_train.vocabulary import Vocabulary

CONTEXT_TOKENS = 96
_POOL_BATCHES = 16


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
    crowded_batches: int
    """So many batches at the beginning are of crowded sequences."""
    excerpts: float = 0.3
    """How often a report is cut down to a few of its sentences: short reports exist, too."""


@dataclass(frozen=True)
class RelationSample:
    """A sequence, its candidate pairs, their labels and the labels their types allow."""

    tokens: list[str]
    pairs: list[tuple[int, int, int, int]]
    """Positions of the head's start and end marker, then of the tail's."""
    labels: list[int]
    allowed: list[tuple[int, ...]]


@dataclass(frozen=True)
class RelationBatch:
    """Padded sequences; `pairs` are RelationClassifier's, `masked` marks forbidden labels."""

    ids: Tensor
    mask: Tensor
    pairs: Tensor
    masked: Tensor
    labels: Tensor


def row_of(cells: Cells) -> tuple[list[str], dict[int, tuple[int, int]]]:
    """The row of the sentences' tokens, and every whole mention's range in it by owner."""
    row: list[str] = []
    place: dict[int, int] = {}
    for i, sentence in enumerate(cells.sentences):
        if sentence != NONE:
            place[i] = len(row)
            row.append(cells.characters[i])
    spans = {
        owner: (place[start], place[end - 1] + 1)
        for owner, (start, end) in cells.spans().items()
        if start in place and end - 1 in place
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


def report_samples(
    report: Report,
    noise: Noise,
    mistakes: Mistakes,
    crowded: bool,
    rng: random.Random,
    excerpts: float = 0.0,
) -> list[RelationSample]:
    """Samples of a normalised report: one an object, or, `crowded`, one a stretch of text."""
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
    if crowded:
        return _crowded_samples(row, placed, gold, rng)
    return _samples(row, placed, gold)


_Placed = list[tuple[Span, int]]
_Gold = dict[tuple[int, int], int]


def _samples(row: list[str], placed: _Placed, gold: _Gold) -> list[RelationSample]:
    """The layout `tail` as it is used after training."""
    spans = [span for span, _ in placed]
    samples = []
    for i, span in enumerate(spans):
        if span.type not in OBJECT_TYPES:
            continue
        sequence = tail_sequence(row, spans, i, CONTEXT_TOKENS, 512)
        if sequence is None or not sequence.candidates:
            continue
        markers = dict(zip(sequence.candidates, sequence.candidate_markers, strict=True))
        markers[i] = sequence.object_markers
        samples.append(_sample(sequence.tokens, markers, [i], placed, gold))
    return samples


def _crowded_samples(
    row: list[str], placed: _Placed, gold: _Gold, rng: random.Random
) -> list[RelationSample]:
    """Stretches of the row in which a random part of the objects carries tail markers.

    Such a sequence teaches the pairs of many objects at the price of one; training begins with
    them and ends with the layout itself.
    """
    spans = [span for span, _ in placed]
    samples = []
    start = -rng.randrange(CONTEXT_TOKENS)
    while start < len(row):
        window = (max(0, start), min(len(row), start + 2 * CONTEXT_TOKENS))
        inside = [i for i, s in enumerate(spans) if s.start >= window[0] and s.end <= window[1]]
        share = rng.random()
        objects = {i for i in inside if spans[i].type in OBJECT_TYPES and rng.random() < share}
        if objects and len(inside) > 1 and window[1] - window[0] + 2 * len(inside) <= 510:
            tokens, markers = mark(row, spans, window, inside, objects)
            sample = _sample(tokens, markers, sorted(objects), placed, gold)
            if sample.pairs:
                samples.append(sample)
        start += 3 * CONTEXT_TOKENS // 2
    return samples


def _sample(
    tokens: list[str],
    markers: dict[int, tuple[int, int]],
    objects: list[int],
    placed: _Placed,
    gold: _Gold,
) -> RelationSample:
    sample = RelationSample(tokens, [], [], [])
    for tail in objects:
        for head in markers:
            fitting = allowed_labels(placed[head][0].type, placed[tail][0].type)
            if head == tail or len(fitting) == 1:
                continue
            label = gold.get((placed[head][1], placed[tail][1]), 0)
            sample.pairs.append((*markers[head], *markers[tail]))
            sample.labels.append(label if label in fitting else 0)
            sample.allowed.append(fitting)
    return sample


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
) -> Iterator[RelationBatch]:
    """Batches without end; sequences of like length share one."""
    order = list(reports)
    mentions = Mentions(reports)
    pool: list[RelationSample] = []
    given = 0
    while True:
        rng.shuffle(order)
        for report in order:
            changed = replace_mentions(report, mentions, recipe.noise.mention, rng)
            crowded = given < recipe.crowded_batches
            pool += report_samples(
                changed, recipe.noise, recipe.mistakes, crowded, rng, recipe.excerpts
            )
            if len(pool) >= recipe.batch * _POOL_BATCHES:
                pool.sort(key=lambda sample: len(sample.tokens))
                groups = [pool[i : i + recipe.batch] for i in range(0, len(pool), recipe.batch)]
                rng.shuffle(groups)
                for group in groups:
                    given += 1
                    yield collate(group, vocabulary)
                pool = []


def collate(samples: Sequence[RelationSample], vocabulary: Vocabulary) -> RelationBatch:
    """Pads samples into one batch."""
    longest = max(len(sample.tokens) for sample in samples)
    ids = torch.full((len(samples), longest), vocabulary.pad)
    mask = torch.zeros(len(samples), longest, dtype=torch.bool)
    pairs, labels, masked = [], [], []
    for i, sample in enumerate(samples):
        tokens = vocabulary.encode(sample.tokens)
        ids[i, : len(tokens)] = torch.tensor(tokens)
        mask[i, : len(tokens)] = True
        pairs += [(i, *pair) for pair in sample.pairs]
        labels += sample.labels
        masked += [[k not in fit for k in range(len(RELATION_LABELS))] for fit in sample.allowed]
    return RelationBatch(ids, mask, torch.tensor(pairs), torch.tensor(masked), torch.tensor(labels))
