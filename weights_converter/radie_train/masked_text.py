"""Guessing hidden characters, beside a stage: its encoder learns the language of reports with it.

What guesses is trained along and thrown away; the stage is the same as without.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from radie_train.vocabulary import MASK, SPECIAL, Vocabulary

SHARE = 0.08
"""Of the characters, where a stage begins from random weights."""
_SHOWN = 0.2
"""Share of the characters to guess that stay as they are."""


class MaskedText(nn.Module):
    """Hides a share of a batch's characters and guesses them from the encoder's states."""

    ordinary: Tensor

    def __init__(
        self, hidden_size: int, vocabulary: Vocabulary, share: float, weight: float
    ) -> None:
        super().__init__()
        self.guess = nn.Linear(hidden_size, len(vocabulary))
        self.mask = vocabulary.ids[MASK]
        self.share, self.weight = share, weight
        ordinary = torch.ones(len(vocabulary), dtype=torch.bool)
        ordinary[[vocabulary.ids[token] for token in SPECIAL if token in vocabulary.ids]] = False
        self.register_buffer("ordinary", ordinary, persistent=False)

    def hide(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The ids for the encoder, and which of them are to be guessed."""
        chosen = self.ordinary[ids] & (torch.rand(ids.shape, device=ids.device) < self.share)
        hidden = chosen & (torch.rand(ids.shape, device=ids.device) >= _SHOWN)
        return torch.where(hidden, self.mask, ids), chosen

    def loss(self, states: Tensor, ids: Tensor, chosen: Tensor) -> Tensor:
        """Weighted mean cross entropy of what was to be guessed; 0 where that is nothing."""
        logits = self.guess(states[chosen].float())
        total = functional.cross_entropy(logits.float(), ids[chosen], reduction="sum")
        return self.weight * total / chosen.sum().clamp(min=1)
