"""Cross-validation: how well would a model fine-tuned on these reports do on others like them?"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from radie_train.fine_tuning import FineTuning
from radie_train.measure import TITLES, Figures, Findings, Measurer
from radie_train.recipe import Data, Surroundings, check_data, prepared, split_share, train_stages
from radie_train.report import Report, read_jsonl, write_jsonl
from radie_train.start import Start


def folds_of(reports: Sequence[Report], count: int, seed: int) -> list[list[Report]]:
    """The reports in `count` parts whose sizes differ by one at most."""
    order = list(reports)
    random.Random(seed).shuffle(order)
    return [order[i::count] for i in range(count)]


# What was found on reports, by both stages and in relations between their annotated entities.
BOTH_STAGES = "both-stages.jsonl"
GOLD_ENTITIES = "gold-entities.jsonl"


def run_fold(
    start: Start,
    train: Sequence[Report],
    test: Sequence[Report],
    like: Data,
    dev_share: float,
    settings: Mapping[str, FineTuning],
    around: Surroundings,
) -> Findings:
    """What stages trained on `train` find in `test`; findings in the work folder are kept.

    What else training reads is that of `like`.
    """
    if (around.work / BOTH_STAGES).exists():
        return _read(around.work)
    seed = settings["tagger"].seed
    own, dev = split_share(train, dev_share, seed)
    reports, lost = prepared(own)
    data = replace(like, train=reports, dev=dev, lost=lost)
    check_data(data, list(settings), start.context)
    train_stages(start, data, settings, around)
    measurer = Measurer(start.tokens, start.context, settings["tagger"].device, around.stop)
    write_findings(around.work, measurer.findings(start.tagger, start.relation, test))
    for state in around.work.glob("*.pt"):
        state.unlink()
    return _read(around.work)


def write_findings(folder: Path, findings: Findings) -> None:
    """Two files for `radie eval`; the one of both stages is there when all is."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, reports in ((GOLD_ENTITIES, findings.on_gold), (BOTH_STAGES, findings.both)):
        partial = folder / f"{name}.partial"
        write_jsonl(partial, [replace(report, brat_lines=()) for report in reports or ()])
        partial.replace(folder / name)


def _read(folder: Path) -> Findings:
    both = read_jsonl(folder / BOTH_STAGES)
    return Findings(both, read_jsonl(folder / GOLD_ENTITIES), both)


def figures_of(
    start: Start, reports: Sequence[Report], device: str, around: Surroundings
) -> Figures:
    """Figures of stages as they are."""
    measurer = Measurer(start.tokens, start.context, device, around.stop)
    return measurer.figures(start.tagger, start.relation, reports)


def cross_validate(
    folds: Sequence[Sequence[Report]],
    train_and_find: Callable[[int, list[Report], Sequence[Report]], Findings],
    say: Callable[[str], None],
) -> Findings:
    """Each fold after training on the others: says its line and that of all; returns all.

    The findings stand in the order of the folds.
    """
    on_gold: list[Report] = []
    both: list[Report] = []
    say(header())
    for number, test in enumerate(folds):
        train = [report for i, fold in enumerate(folds) if i != number for report in fold]
        found = train_and_find(number, train, test)
        say(line(f"fold {number + 1}", len(test), found.figures(test)))
        on_gold += found.on_gold or ()
        both += found.both or ()
    everything = Findings(both, on_gold, both)
    gold = [report for fold in folds for report in fold]
    say(line("pooled", len(gold), everything.figures(gold)))
    return everything


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
