"""The training loop of both stages: AdamW, one cycle of the rate, averaged weights, a measure on
held-out reports, exact resume.

A run that was interrupted and goes on gives the weights of one that was not: the checkpoint holds
the random state of dropout, and the batches, which follow from the seed, are drawn anew up to it.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from radie_train.errors import Interrupted, TrainError
from radie_train.interrupt import Stop
from radie_train.progress import Progress
from radie_train.training import one_cycle, parameter_groups, update_average

_SAVE_SECONDS = 60.0


@dataclass(frozen=True)
class FineTuning:
    """How a stage is trained."""

    steps: int
    batch: int
    rate: float
    head_rate: float | None = None
    """Of a head that begins anew behind a trained encoder; None: the same rate."""
    seed: int = 7
    patience: int = 5
    """Measures without a better one after which training ends."""
    patience_from: float = 0.7
    """Share of the steps from which these are counted: while the rate is high a measure is luck."""
    measure_every: int = 25
    device: str = "cpu"
    bfloat16: bool = False
    """Matrix products in bfloat16."""
    warmup: float = 0.06
    weight_decay: float = 0.01
    average: float = 0.998
    masked: float = 0.0
    """Share of the characters that are hidden and guessed (masked_text.py)."""


@dataclass
class State:
    """How far a stage is; what the checkpoint holds beside tensors."""

    step: int = 0
    measured: int = -1
    """The last step that was measured."""
    first: float = 0.0
    """The score before training."""
    best: float = -1.0
    best_step: int = 0
    waited: int = 0
    """Measures since the best one, of those that count."""
    done: bool = False


Measure = Callable[[nn.Module], float]


class Run:
    """One stage's training; `model` is trained in place, and `beside` with it."""

    def __init__(
        self,
        model: nn.Module,
        settings: FineTuning,
        checkpoint: Path,
        beside: nn.Module | None = None,
    ) -> None:
        self.model = model.to(settings.device)
        self.beside = (beside or nn.Identity()).to(settings.device)
        """What is needed for training alone."""
        self.settings = settings
        self.checkpoint = checkpoint
        self.average = copy.deepcopy(model).requires_grad_(False).eval()
        self.kept = copy.deepcopy(self.average.state_dict())
        """Weights of the best measure."""
        groups = parameter_groups(model, settings.weight_decay, settings.rate, settings.head_rate)
        if beside is not None:
            own = {"params": list(beside.parameters()), "weight_decay": 0.0, "peak": settings.rate}
            groups.append(own)
        self.optimizer = torch.optim.AdamW(
            groups,
            lr=settings.rate,
            betas=(0.9, 0.98),
            fused=True,
        )
        self.state = State()

    def fit(
        self,
        loss_of: Callable[[Any], Tensor],
        batches: Iterator[Any],
        measure: Measure | None,
        progress: Progress,
        stop: Stop,
        stage: str,
    ) -> nn.Module:
        """The averaged weights of the best measure; of the last step without a measure.

        Raises Interrupted, its state on disk, when `stop` is asked for.
        """
        torch.manual_seed(self.settings.seed)
        self._load()
        state, settings = self.state, self.settings
        progress.begin(stage, state.step, settings.steps)
        if not state.done:
            for _ in range(state.step):
                next(batches)
        saved = time.monotonic()
        try:
            while not state.done:
                self._measure_when_due(measure, progress, stage)
                if self._is_over():
                    break
                loss = self._step(loss_of, next(batches))
                progress.step(state.step, loss)
                if stop.signal:
                    raise Interrupted(stop.signal)
                if time.monotonic() - saved > _SAVE_SECONDS:
                    self._save()
                    saved = time.monotonic()
        except Interrupted:
            self._save()
            raise
        if not state.done:
            state.done = True
            if measure is None:
                self.kept = self.average.state_dict()
            self._save()
        self.average.load_state_dict(self.kept)
        return self.average

    def _is_over(self) -> bool:
        state = self.state
        return state.step >= self.settings.steps or state.waited >= self.settings.patience

    def _measure_when_due(self, measure: Measure | None, progress: Progress, stage: str) -> None:
        state, settings = self.state, self.settings
        due = state.step % settings.measure_every == 0 or state.step == settings.steps
        if measure is None or not due or state.measured == state.step:
            return
        score = measure(self.average)
        state.measured = state.step
        if state.step == 0:
            state.first = score
        # As long as nothing is found at all, as with a new head, there is nothing to wait for.
        if score > state.best or score == 0 == state.best:
            state.best, state.best_step, state.waited = score, state.step, 0
            self.kept = copy.deepcopy(self.average.state_dict())
        elif state.step >= settings.patience_from * settings.steps:
            state.waited += 1
        progress.say(
            f"{stage}: step {state.step} of {settings.steps}, dev F1 {score:.4f} "
            f"(best {state.best:.4f} at step {state.best_step})"
        )

    def _step(self, loss_of: Callable[[Any], Tensor], batch: Any) -> float:
        state, settings = self.state, self.settings
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * one_cycle(state.step / settings.steps, settings.warmup)
        with _precision(settings):
            loss = loss_of(moved(batch, settings.device))
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        state.step += 1
        decay = min(settings.average, state.step / (state.step + 9))
        update_average(self.average, self.model, decay)
        value = loss.item()
        if value != value:
            raise TrainError(f"the loss is no number after step {state.step}: try a smaller --rate")
        return value

    def _save(self) -> None:
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        partial = self.checkpoint.with_suffix(".partial")
        content: dict[str, Any] = {"state": dataclasses.asdict(self.state), "kept": self.kept}
        if not self.state.done:
            content |= {
                "model": self.model.state_dict(),
                "beside": self.beside.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "random": torch.get_rng_state(),
            }
            if self.settings.device != "cpu":
                content["random_device"] = torch.cuda.get_rng_state()
        torch.save(content, partial)
        partial.replace(self.checkpoint)

    def _load(self) -> None:
        if not self.checkpoint.exists():
            return
        try:
            content = torch.load(self.checkpoint, weights_only=True, map_location="cpu")
            self.state = State(**content["state"])
            self.kept = {n: t.to(self.settings.device) for n, t in content["kept"].items()}
            if self.state.done:
                return
            self.model.load_state_dict(content["model"])
            self.beside.load_state_dict(content["beside"])
            self.average.load_state_dict(content["average"])
            self.optimizer.load_state_dict(content["optimizer"])
            torch.set_rng_state(content["random"])
            if "random_device" in content:
                torch.cuda.set_rng_state(content["random_device"])
        except Exception as error:
            raise TrainError(
                f"{self.checkpoint}: cannot go on from it ({type(error).__name__}); "
                "remove it to begin anew"
            ) from error


def finished_weights(checkpoint: Path) -> dict[str, Tensor]:
    """What a run that is done has come to; a TrainError of one that is not."""
    if not checkpoint.exists():
        raise TrainError(f"{checkpoint}: there is none; the stage is not trained yet")
    try:
        content = torch.load(checkpoint, weights_only=True, map_location="cpu")
        state = State(**content["state"])
        weights: dict[str, Tensor] = content["kept"]
    except Exception as error:
        raise TrainError(f"{checkpoint}: cannot be read ({type(error).__name__})") from error
    if not state.done:
        raise TrainError(f"{checkpoint}: is not finished, it stands at step {state.step}")
    return weights


def moved(batch: Any, device: str) -> Any:
    """The batch, a dataclass of tensors, on the device."""
    if device == "cpu":
        return batch
    tensors = {f.name: getattr(batch, f.name).to(device) for f in dataclasses.fields(batch)}
    return dataclasses.replace(batch, **tensors)


def _precision(settings: FineTuning) -> contextlib.AbstractContextManager[Any]:
    if not settings.bfloat16:
        return contextlib.nullcontext()
    return torch.autocast(settings.device.partition(":")[0], torch.bfloat16)
