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


def parameter_groups(
    model: nn.Module, weight_decay: float, rate: float, head_rate: float | None = None
) -> list[dict[str, Any]]:
    """The optimizer's groups with their `peak` rates: vectors (biases, norms) do not decay.

    `head_rate` is that of what lies behind the encoder (`bert.`); the same where None.
    """
    rates = {True: rate, False: rate if head_rate is None else head_rate}
    groups = []
    for peak in sorted(set(rates.values())):
        own = [p for n, p in model.named_parameters() if rates[n.startswith("bert.")] == peak]
        for decay, vectors in ((weight_decay, False), (0.0, True)):
            chosen = [p for p in own if (p.ndim <= 1) == vectors]
            groups.append({"params": chosen, "weight_decay": decay, "peak": peak})
    return groups


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Moves the averaged weights towards the model's."""
    # All at once: on a GPU what takes time is starting to compute.
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)
