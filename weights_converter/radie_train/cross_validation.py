"""Cross-validation: how well would a model fine-tuned on these reports do on others like them?"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from radie_train.fine_tuning import FineTuning
from radie_train.measure import TITLES, Figures, Measurer
from radie_train.recipe import Data, Surroundings, check_data, prepared, split_share, train_stages
from radie_train.report import Report
from radie_train.start import Start


def folds_of(reports: Sequence[Report], count: int, seed: int) -> list[list[Report]]:
    """The reports in `count` parts whose sizes differ by one at most."""
    order = list(reports)
    random.Random(seed).shuffle(order)
    return [order[i::count] for i in range(count)]


def run_fold(
    start: Start,
    train: Sequence[Report],
    test: Sequence[Report],
    like: Data,
    dev_share: float,
    settings: Mapping[str, FineTuning],
    around: Surroundings,
) -> Figures:
    """Figures on `test` of stages trained on `train`; figures in the work folder are kept.

    What else training reads is that of `like`.
    """
    result = around.work / "figures.json"
    if result.exists():
        return Figures.from_json(json.loads(result.read_text(encoding="utf-8")))
    seed = settings["tagger"].seed
    own, dev = split_share(train, dev_share, seed)
    reports, lost = prepared(own)
    data = replace(like, train=reports, dev=dev, lost=lost)
    check_data(data, list(settings))
    train_stages(start, data, settings, around)
    figures = figures_of(start, test, settings["tagger"].device, around)
    around.work.mkdir(parents=True, exist_ok=True)
    partial = result.with_suffix(".partial")
    partial.write_text(json.dumps(figures.to_json()), encoding="utf-8")
    partial.replace(result)
    for state in around.work.glob("*.pt"):
        state.unlink()
    return figures


def figures_of(
    start: Start, reports: Sequence[Report], device: str, around: Surroundings
) -> Figures:
    """Figures of stages as they are."""
    measurer = Measurer(start.tokens, start.context, device, around.stop)
    return measurer.figures(start.tagger, start.relation, reports)


def cross_validate(
    folds: Sequence[Sequence[Report]],
    train_and_measure: Callable[[int, list[Report], Sequence[Report]], Figures],
    say: Callable[[str], None],
) -> Figures:
    """Measures each fold after training on the others, says its line; returns pooled figures."""
    pooled = Figures()
    say(header())
    for number, test in enumerate(folds):
        train = [report for i, fold in enumerate(folds) if i != number for report in fold]
        figures = train_and_measure(number, train, test)
        say(line(f"fold {number + 1}", len(test), figures))
        pooled.add(figures)
    return pooled


def header() -> str:
    """The table's first line."""
    return f"{'strict F1':12} {'reports':>8}  " + "  ".join(f"{title:>26}" for title in TITLES)


def line(name: str, reports: int, figures: Figures) -> str:
    """A line of the table."""
    values = "  ".join(f"{figures.scores[title].f1():26.4f}" for title in TITLES)
    return f"{name:12} {reports:8}  {values}"


def fold_folder(work: Path, number: int) -> Path:
    """Where a fold keeps its state."""
    return work / f"fold-{number + 1}"
