"""How the samples of each stage are disturbed, and its loss."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from radie_train.augmentation import Noise
from radie_train.masked_text import MaskedText
from radie_train.models import RelationClassifier, Tagger
from radie_train.relation_data import RelationBatch
from radie_train.schema import RELATION_LABELS
from radie_train.tagger_data import TaggerBatch

TAGGER_NOISE = Noise(mention=0.3)
RELATION_NOISE = Noise(mention=0.2, unknown=0.02, wrapped=0.15)
EVIDENCE_WEIGHT = 1.6
"""How much more a pair with evidence counts: few are, and judgement leaves many out."""


MASKED_WEIGHT = {"tagger": 1.0, "relation": 0.1}
"""Of the loss over hidden characters (masked_text.py); docs/demo-model.md has what was tried."""


def tagger_loss(model: Tagger, batch: TaggerBatch, masked: MaskedText | None = None) -> Tensor:
    """The CRF's loss, in single precision whatever the encoder computes in."""
    ids, chosen = _shown(batch.ids, masked)
    states = model.bert(ids, batch.mask)
    emissions = model.emissions_of(states)
    with torch.autocast(emissions.device.type, enabled=False):
        loss: Tensor = model.crf(emissions[:, 1:-1].float(), batch.labels, batch.inner)
    return loss if masked is None else loss + masked.loss(states, batch.ids, chosen)


def relation_loss(
    model: RelationClassifier, batch: RelationBatch, masked: MaskedText | None = None
) -> Tensor:
    """Cross entropy over the labels that each pair's types allow."""
    ids, chosen = _shown(batch.ids, masked)
    wanted = chosen.clone()
    for column in range(1, batch.pairs.shape[1]):
        wanted[batch.pairs[:, 0], batch.pairs[:, column]] = True
    states = model.bert(ids, batch.mask, batch.types, wanted)
    logits = model.logits_of(states, batch.pairs)
    weights = [EVIDENCE_WEIGHT if label == "evidence" else 1.0 for label in RELATION_LABELS]
    loss = functional.cross_entropy(
        logits.float().masked_fill(batch.masked, -1e4),
        batch.labels,
        torch.tensor(weights, device=logits.device),
    )
    return loss if masked is None else loss + masked.loss(states, batch.ids, chosen)


def _shown(ids: Tensor, masked: MaskedText | None) -> tuple[Tensor, Tensor]:
    """What the encoder reads, and where it has to guess."""
    if masked is None:
        return ids, torch.zeros_like(ids, dtype=torch.bool)
    return masked.hide(ids)
