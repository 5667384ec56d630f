"""From what a user asked for to how each stage is trained: defaults, device, precision."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from radie_train import masked_text
from radie_train.errors import TrainError
from radie_train.fine_tuning import FineTuning
from radie_train.start import STAGES, Start


@dataclass(frozen=True)
class Effort:
    """How a stage is trained unless told otherwise."""

    steps: int
    batch: int
    rate: float = 0.0
    """0: by the size of the encoder."""


SCRATCH = {"tagger": Effort(16000, 16, 1e-3), "relation": Effort(16000, 2, 7e-4)}
"""From random weights, as the bundled model is trained."""
# By where training starts, then by stage. A few hundred steps suit 20 to 100 reports.
_EFFORTS = {
    "model": {"tagger": Effort(800, 16), "relation": Effort(1500, 2)},
    "checkpoint": {"tagger": Effort(1500, 32), "relation": Effort(1000, 8)},
    "scratch": SCRATCH,
}
_SMALL_RATE, _LARGE_RATE, _NEW_HEAD_RATE = 3e-4, 5e-5, 1e-3
_LARGE_HIDDEN = 512
_MEASURES = 16
"""How often a run is measured unless told."""


def plan_of(
    arguments: argparse.Namespace, kind: str, start: Start, stages: Sequence[str]
) -> dict[str, FineTuning]:
    """Settings by stage; `kind` is model, checkpoint or scratch."""
    device = device_of(arguments.device)
    settings = {}
    for stage in (name for name in STAGES if name in stages):
        model = start.tagger if stage == "tagger" else start.relation
        if model is None:
            raise TrainError(f"{arguments.base}: has no {stage} stage to start from")
        hidden = model.bert.config.hidden_size
        usual = _LARGE_RATE if hidden >= _LARGE_HIDDEN else _SMALL_RATE
        effort = _EFFORTS[kind][stage]
        rate = arguments.rate or effort.rate or usual
        steps = arguments.steps or effort.steps
        settings[stage] = FineTuning(
            steps=steps,
            batch=arguments.batch or effort.batch,
            rate=rate,
            head_rate=max(rate, _NEW_HEAD_RATE) if stage in start.new_heads else None,
            seed=arguments.seed,
            patience=arguments.patience,
            measure_every=arguments.measure_every or max(1, steps // _MEASURES),
            device=device,
            bfloat16=_bfloat16(arguments.precision, device),
            masked=masked_text.SHARE if kind == "scratch" else 0.0,
        )
    return settings


def device_of(wanted: str) -> str:
    """`cpu` or `cuda`."""
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise TrainError("--device cuda: PyTorch finds no CUDA device")
    return "cuda" if available and wanted != "cpu" else "cpu"


def set_threads(wanted: int | None) -> None:
    """As many threads as asked for, else as the process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux has it
    usable = len(affinity(0)) if affinity else os.cpu_count() or 1
    torch.set_num_threads(wanted or usable)


def _bfloat16(precision: str, device: str) -> bool:
    return precision == "bf16" or (precision == "auto" and device == "cuda")
