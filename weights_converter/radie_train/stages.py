"""How the samples of each stage are disturbed, and its loss."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from radie_train.augmentation import Noise
from radie_train.models import RelationClassifier, Tagger
from radie_train.relation_data import RelationBatch
from radie_train.schema import RELATION_LABELS
from radie_train.tagger_data import TaggerBatch

TAGGER_NOISE = Noise(mention=0.3)
RELATION_NOISE = Noise(mention=0.2, unknown=0.02, wrapped=0.15)
EVIDENCE_WEIGHT = 1.6
"""How much more a pair with evidence counts: few are, and judgement leaves many out."""


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
