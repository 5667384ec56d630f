"""Training of one stage: data, model and loss put together."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from radie_train.augmentation import Noise
from radie_train.encoder import EncoderConfig
from radie_train.mentions import Mentions
from radie_train.models import RelationClassifier, Tagger
from radie_train.relation_data import Mistakes, RelationBatch, RelationRecipe, relation_batches
from radie_train.report import Report
from radie_train.schema import RELATION_LABELS
from radie_train.tagger_data import TaggerBatch, tagger_batches
from radie_train.training import TrainingSettings, fit
from radie_train.vocabulary import Vocabulary

TAGGER_NOISE = Noise(mention=0.3)
RELATION_NOISE = Noise(mention=0.2, unknown=0.02, wrapped=0.15)
EVIDENCE_WEIGHT = 1.6
"""How much more a pair with evidence counts: few are, and judgement leaves many out."""

Say = Callable[[str], None]


def _prepare(settings: TrainingSettings) -> random.Random:
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    return random.Random(settings.seed)


def tagger_loss(model: Tagger, batch: TaggerBatch) -> Tensor:
    """The CRF's loss, in single precision whatever the encoder computes in."""
    emissions = model.emissions(batch.ids, batch.mask)
    with torch.autocast(emissions.device.type, enabled=False):
        loss: Tensor = model.crf(emissions[:, 1:-1].float(), batch.labels, batch.inner)
        return loss


def relation_loss(model: RelationClassifier, batch: RelationBatch) -> Tensor:
    """Cross entropy over the labels that each pair's types allow."""
    logits = model(batch.ids, batch.types, batch.mask, batch.pairs)
    weights = [EVIDENCE_WEIGHT if label == "evidence" else 1.0 for label in RELATION_LABELS]
    return functional.cross_entropy(
        logits.float().masked_fill(batch.masked, -1e4),
        batch.labels,
        torch.tensor(weights, device=logits.device),
    )


def train_tagger(
    reports: Sequence[Report],
    vocabulary: Vocabulary,
    config: EncoderConfig,
    settings: TrainingSettings,
    checkpoint: Path,
    say: Say = print,
) -> Tagger:
    """Stage 1 on normalised reports."""
    rng = _prepare(settings)
    model = Tagger(config)
    mentions = Mentions(reports)
    batches = tagger_batches(reports, mentions, vocabulary, TAGGER_NOISE, settings.batch, rng)

    trained = fit(
        model, lambda batch: tagger_loss(model, batch), batches, settings, checkpoint, say
    )
    assert isinstance(trained, Tagger)
    return trained


def train_relations(
    reports: Sequence[Report],
    vocabulary: Vocabulary,
    config: EncoderConfig,
    settings: TrainingSettings,
    checkpoint: Path,
    say: Say = print,
) -> RelationClassifier:
    """Stage 2 on normalised reports."""
    rng = _prepare(settings)
    model = RelationClassifier(config)
    recipe = RelationRecipe(RELATION_NOISE, Mistakes(), settings.batch)
    batches = relation_batches(reports, vocabulary, recipe, rng)
    trained = fit(
        model, lambda batch: relation_loss(model, batch), batches, settings, checkpoint, say
    )
    assert isinstance(trained, RelationClassifier)
    return trained
