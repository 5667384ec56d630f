"""Temperatures: what to divide a stage's scores by so that its confidences mean something.

The decisions stay as they are; the temperature that is chosen makes the log loss of the confidences
of what the stage predicts on held-back reports the smallest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from radie_convert.model_file import read_unpacked_model, write_model
from radie_train.errors import TrainError
from radie_train.infer import Pipeline, best_label, spans_of
from radie_train.report import Report
from radie_train.schema import ENTITY_LABELS, RELATION_LABELS, allowed_labels
from radie_train.shared_layout import Span
from radie_train.text import normalize, split_sentences

LOWEST, HIGHEST = 0.2, 5.0
"""Where temperatures are looked for."""
FEWEST = 50
"""Predictions that a stage must make on the reports."""
_STEPS = 161  # even in the logarithm: 2 % from one to the next
_SMALLEST = 1e-12


@dataclass
class Confidences:
    """Of what a stage predicts: [temperatures, predictions], and whether each was right."""

    confidence: Tensor
    right: Tensor

    def log_loss(self) -> Tensor:
        """[temperatures]."""
        given = torch.where(self.right, self.confidence, 1 - self.confidence)
        return -torch.log(given.clamp(min=_SMALLEST)).mean(dim=1)

    def error(self, row: int, bins: int = 10) -> float:
        """The expected calibration error at one temperature, as docs/evaluation.md defines it."""
        confidence = self.confidence[row]
        bin_of = (confidence * bins).long().clamp(max=bins - 1)
        gap = torch.zeros(bins, dtype=torch.float64)
        gap.index_add_(0, bin_of, self.right.double() - confidence)
        return float(gap.abs().sum()) / max(len(confidence), 1)


@dataclass(frozen=True)
class Fit:
    """What calibration did to a stage on the reports that it was fitted on."""

    temperature: float
    predictions: int
    accuracy: float
    error: tuple[float, float]
    """Before and after; before is without any temperature."""
    log_loss: tuple[float, float]

    def line(self, stage: str) -> str:
        """The same in words."""
        return (
            f"{stage}: temperature {self.temperature:.3f}; {self.predictions} predictions, "
            f"{self.accuracy:.4f} right; calibration error {self.error[0]:.4f} before, "
            f"{self.error[1]:.4f} after; log loss {self.log_loss[0]:.4f}, {self.log_loss[1]:.4f}"
        )


def grid() -> Tensor:
    """The temperatures tried; the middle one is exactly 1."""
    low, high = torch.tensor([LOWEST, HIGHEST], dtype=torch.float64).log()
    tried = torch.linspace(float(low), float(high), _STEPS, dtype=torch.float64).exp()
    tried[_STEPS // 2] = 1.0
    return tried


@torch.no_grad()
def tagger_confidences(
    pipeline: Pipeline, reports: Sequence[Report], temperatures: Tensor
) -> Confidences:
    """Of the entities that stage 1 finds; right: gold has the same span and type."""
    columns, right = [], []
    for report in reports:
        normal = normalize(report.text)
        gold = {(e.type, e.start, e.end) for e in report.entities}
        for start, end in split_sentences(normal.text):
            emissions = pipeline.emissions(normal.text[start:end])
            path = pipeline.tagger.crf.decode(emissions)
            spans = spans_of([ENTITY_LABELS[i] for i in path])
            labelled = [
                (
                    span.start,
                    span.end,
                    ENTITY_LABELS.index(f"B-{span.type}"),
                    ENTITY_LABELS.index(f"I-{span.type}"),
                )
                for span in spans
            ]
            columns.append(
                pipeline.tagger.crf.span_probabilities(emissions, labelled, temperatures)
            )
            for span in spans:
                place = normal.to_source(start + span.start, start + span.end)
                right.append((span.type, *place) in gold)
    return _joined(columns, right, temperatures)


@torch.no_grad()
def relation_confidences(
    pipeline: Pipeline, reports: Sequence[Report], temperatures: Tensor
) -> Confidences:
    """Of the relations that stage 2 finds between gold entities; right: gold has it too."""
    columns, right = [], []
    for report in reports:
        normal = normalize(report.text)
        gold = {(r.type, r.head, r.tail) for r in report.relations}
        spans, ids = [], []
        for entity in report.entities:
            found = normal.from_source(entity.start, entity.end)
            if found is not None:
                spans.append(Span(entity.type, *found))
                ids.append(entity.id)
        sentences = split_sentences(normal.text)
        for head, tail, logits in pipeline.score(normal.text, sentences, spans):
            types = spans[head].type, spans[tail].type
            best = best_label(logits, *types)
            if best == 0:
                continue
            allowed = logits[list(allowed_labels(*types))].double()
            log_sum = torch.logsumexp(allowed / temperatures[:, None], dim=1)
            columns.append(torch.exp(logits[best].double() / temperatures - log_sum)[:, None])
            right.append((RELATION_LABELS[best], ids[head], ids[tail]) in gold)
    return _joined(columns, right, temperatures)


def _joined(columns: Sequence[Tensor], right: Sequence[bool], temperatures: Tensor) -> Confidences:
    empty = torch.zeros(len(temperatures), 0, dtype=torch.float64)
    return Confidences(torch.cat([empty, *columns], dim=1), torch.tensor(right, dtype=torch.bool))


def fit_temperature(stage: str, found: Confidences, temperatures: Tensor) -> Fit:
    """The best of the temperatures; of equals the one nearest to 1."""
    count = len(found.right)
    if count < FEWEST:
        raise TrainError(
            f"{stage}: {count} predictions on these reports; calibration needs at least {FEWEST}"
        )
    losses = found.log_loss()
    nearest = temperatures.log().abs()
    ties = (losses == losses.min()).nonzero()[:, 0].tolist()
    best = min(ties, key=lambda row: float(nearest[row]))
    one = len(temperatures) // 2
    return Fit(
        round(float(temperatures[best]), 4),
        count,
        float(found.right.double().mean()),
        (found.error(one), found.error(best)),
        (float(losses[one]), float(losses[best])),
    )


def fit_temperatures(
    pipeline: Pipeline, reports: Sequence[Report], stages: Sequence[str]
) -> dict[str, Fit]:
    """Of `entities` and `relations`, whichever are asked for, on reports held back."""
    temperatures = grid()
    measures = {"entities": tagger_confidences, "relations": relation_confidences}
    return {
        stage: fit_temperature(
            stage, measures[stage](pipeline, reports, temperatures), temperatures
        )
        for stage in stages
    }


def write_calibrated(model: Path, output: Path, temperatures: dict[str, float]) -> None:
    """The model file with temperatures by stage (`entities`, `relations`); weights stay."""
    metadata, tensors = read_unpacked_model(model)
    for stage, temperature in temperatures.items():
        metadata[stage]["temperature"] = temperature
    write_model(output, metadata, tensors)
