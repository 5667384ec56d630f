"""What a training step is made of: the rate's cycle, the optimizer's groups, averaged weights."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn


def one_cycle(progress: float, warmup: float) -> float:
    """Factor of the peak rate: a linear rise, then half a cosine down to a hundredth."""
    if progress < warmup:
        return (progress + 1e-3) / (warmup + 1e-3)
    rest = (progress - warmup) / (1 - warmup)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, rest))) / 2


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """The optimizer's groups: vectors (biases, norms) do not decay."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Moves the averaged weights towards the model's."""
    for kept, new in zip(average.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)
