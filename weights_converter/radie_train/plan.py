"""From what a user asked for to how each stage is trained: defaults, device, precision."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

import torch

from radie_train import masked_text
from radie_train.errors import TrainError
from radie_train.fine_tuning import FineTuning
from radie_train.start import STAGES, Start

# Steps by where training starts, then by stage. A few hundred suit 20 to 100 reports.
_STEPS = {
    "model": {"tagger": 500, "relation": 500},
    "checkpoint": {"tagger": 1500, "relation": 1000},
    "scratch": {"tagger": 8000, "relation": 5000},
}
_BATCH = {"tagger": 32, "relation": 8}
_SMALL_RATE, _LARGE_RATE, _SCRATCH_RATE = 3e-4, 5e-5, 1e-3
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
        rate = arguments.rate or (_SCRATCH_RATE if kind == "scratch" else usual)
        steps = arguments.steps or _STEPS[kind][stage]
        settings[stage] = FineTuning(
            steps=steps,
            batch=arguments.batch or _BATCH[stage],
            rate=rate,
            head_rate=max(rate, _SCRATCH_RATE) if stage in start.new_heads else None,
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
