"""Samples of stage 1: one sentence, or a few that follow each other, with a label a character."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from radie_train.augmentation import NONE, Cells, Noise, disturb, replace_mentions, to_cells
from radie_train.corpus import settled
from radie_train.mentions import Mentions
from radie_train.pooling import groups_of
from radie_train.recombination import recombine
from radie_train.report import Report
from radie_train.schema import ENTITY_LABELS
from radie_train.vocabulary import Vocabulary

_LABEL_IDS = {label: i for i, label in enumerate(ENTITY_LABELS)}
# How many sentences a sample holds, and how often.
_SENTENCES, _SHARES = (1, 2, 3), (0.65, 0.22, 0.13)
_LONGEST = 160
# A sentence by itself may be longer, up to what 512 positions hold.
_MOST = 510


@dataclass(frozen=True)
class TaggerSample:
    """Characters and their label ids."""

    characters: list[str]
    labels: list[int]


@dataclass(frozen=True)
class TaggerBatch:
    """Padded [CLS] characters [SEP]; `labels` and `inner` are over characters only."""

    ids: Tensor
    mask: Tensor
    labels: Tensor
    inner: Tensor


def report_samples(report: Report, noise: Noise, rng: random.Random) -> list[TaggerSample]:
    """One pass over a normalised report, cut at random into samples."""
    types = [entity.type for entity in report.entities]
    cells = disturb(to_cells(report), noise, rng)
    bounds = _sentence_bounds(cells)
    samples = []
    i = 0
    while i < len(bounds):
        count = rng.choices(_SENTENCES, _SHARES)[0]
        last = min(i + count, len(bounds)) - 1
        while last > i and bounds[last][1] - bounds[i][0] > _LONGEST:
            last -= 1
        start, end = bounds[i][0], bounds[last][1]
        for a, b in _pieces(cells.owners, start, end):
            labels = labels_of(cells.owners[a:b], types)
            samples.append(TaggerSample(cells.characters[a:b], labels))
        i = last + 1
    return samples


def _pieces(owners: Sequence[int], start: int, end: int) -> list[tuple[int, int]]:
    """The range in pieces that the encoder's positions hold, cut between mentions."""
    pieces = []
    while end - start > _MOST:
        cut = start + _MOST
        while cut > start and owners[cut] != NONE and owners[cut] == owners[cut - 1]:
            cut -= 1
        cut = cut if cut > start else start + _MOST
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)]


def labels_of(owners: Sequence[int], types: Sequence[str]) -> list[int]:
    """IOB2 label ids from the mention that owns each character."""
    labels = []
    before = NONE
    for owner in owners:
        if owner == NONE:
            labels.append(_LABEL_IDS["O"])
        else:
            prefix = "I-" if owner == before else "B-"
            labels.append(_LABEL_IDS[prefix + types[owner]])
        before = owner
    return labels


def _sentence_bounds(cells: Cells) -> list[tuple[int, int]]:
    bounds: dict[int, tuple[int, int]] = {}
    for i, sentence in enumerate(cells.sentences):
        if sentence != NONE:
            bounds[sentence] = (bounds[sentence][0] if sentence in bounds else i, i + 1)
    return list(bounds.values())


def tagger_batches(
    reports: Sequence[Report],
    mentions: Mentions,
    vocabulary: Vocabulary,
    noise: Noise,
    batch: int,
    rng: random.Random,
    recombined: float = 0.0,
) -> Iterator[TaggerBatch]:
    """Batches without end; samples of like length share one.

    `recombined` is how often a report's sentences are put together anew.
    """
    order = [settled(report) for report in reports]
    pool: list[TaggerSample] = []
    while True:
        rng.shuffle(order)
        for report in order:
            if recombined and rng.random() < recombined:
                report = settled(recombine(report, rng.choice(order), rng))
            changed = replace_mentions(report, mentions, noise.mention, rng)
            pool += report_samples(changed, noise, rng)
            for group in groups_of(pool, batch, lambda sample: len(sample.characters), rng):
                yield collate(group, vocabulary)


def collate(samples: Sequence[TaggerSample], vocabulary: Vocabulary) -> TaggerBatch:
    """Pads samples into one batch."""
    longest = max(len(sample.characters) for sample in samples)
    ids = torch.full((len(samples), longest + 2), vocabulary.pad)
    mask = torch.zeros(len(samples), longest + 2, dtype=torch.bool)
    labels = torch.zeros(len(samples), longest, dtype=torch.long)
    inner = torch.zeros(len(samples), longest, dtype=torch.bool)
    for i, sample in enumerate(samples):
        size = len(sample.characters)
        tokens = [vocabulary.cls, *vocabulary.encode(sample.characters), vocabulary.sep]
        ids[i, : size + 2] = torch.tensor(tokens)
        mask[i, : size + 2] = True
        labels[i, :size] = torch.tensor(sample.labels)
        inner[i, :size] = True
    return TaggerBatch(ids, mask, labels, inner)
