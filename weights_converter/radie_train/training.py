"""The training loop of both stages: AdamW, one cycle of the rate, averaged weights, checkpoints."""

from __future__ import annotations

import contextlib
import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class TrainingSettings:
    """How a stage is trained."""

    steps: int
    batch: int = 32
    rate: float = 1e-3
    warmup: float = 0.06
    """Share of the steps in which the rate rises."""
    weight_decay: float = 0.01
    average: float = 0.998
    """Decay of the moving average of the weights, which is what is kept."""
    seed: int = 7
    threads: int = 1
    bfloat16: bool = False
    """Matrix products in bfloat16: faster where the processor has it."""
    report_every: int = 50
    save_every: int = 250


def fit(
    model: nn.Module,
    loss_of: Callable[[Any], Tensor],
    batches: Iterator[Any],
    settings: TrainingSettings,
    checkpoint: Path,
    say: Callable[[str], None] = print,
) -> nn.Module:
    """Trains the model and returns a copy of it with averaged weights.

    Goes on from `checkpoint` when it exists; writes it as training goes.
    """
    optimizer = torch.optim.AdamW(
        parameter_groups(model, settings.weight_decay), lr=settings.rate, betas=(0.9, 0.98)
    )
    average = copy.deepcopy(model).requires_grad_(False)
    step = _load(checkpoint, model, average, optimizer)
    model.train()
    started, total = time.monotonic(), 0.0
    first = step
    while step < settings.steps:
        for group in optimizer.param_groups:
            group["lr"] = settings.rate * one_cycle(step / settings.steps, settings.warmup)
        with _precision(settings.bfloat16):
            loss = loss_of(next(batches))
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        update_average(average, model, min(settings.average, step / (step + 9)))
        total += loss.item()
        if step % settings.report_every == 0:
            seconds = (time.monotonic() - started) / (step - first)
            loss_now = total / settings.report_every
            say(f"step {step}/{settings.steps} loss {loss_now:.4f} {seconds:.3f} s/step")
            total = 0.0
        if step % settings.save_every == 0 or step == settings.steps:
            _save(checkpoint, model, average, optimizer, step)
    return average.eval()


def one_cycle(progress: float, warmup: float) -> float:
    """Factor of the peak rate: a linear rise, then half a cosine down to a hundredth."""
    if progress < warmup:
        return (progress + 1e-3) / (warmup + 1e-3)
    rest = (progress - warmup) / (1 - warmup)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, rest))) / 2


def load_average(checkpoint: Path, model: nn.Module) -> int:
    """Puts a checkpoint's averaged weights into the model; returns the step."""
    state = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(state["average"])
    return int(state["step"])


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """The optimizer's groups: vectors (biases, norms) do not decay."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]


def _precision(bfloat16: bool) -> contextlib.AbstractContextManager[Any]:
    return torch.autocast("cpu", torch.bfloat16) if bfloat16 else contextlib.nullcontext()


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Moves the averaged weights towards the model's."""
    for kept, new in zip(average.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)


def _save(
    path: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer, step: int
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    state = {
        "step": step,
        "model": model.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    torch.save(state, partial)
    partial.replace(path)


def _load(
    path: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    average.load_state_dict(state["average"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
