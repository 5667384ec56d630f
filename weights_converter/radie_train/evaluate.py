"""The measure: strict micro F1 of entities, of relations on gold entities, of both stages.

python -m radie_train.evaluate MODEL.radie REPORTS.jsonl [--output PREDICTED.jsonl]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from radie_train.report import Report, read_jsonl, write_jsonl


@dataclass
class Score:
    """Counts of one measure, by class."""

    correct: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)
    gold: Counter[str] = field(default_factory=Counter)

    def add(
        self, gold: Iterable[tuple[str, Hashable]], predicted: Iterable[tuple[str, Hashable]]
    ) -> None:
        """Counts one report's items, each a class and what must agree."""
        gold, predicted = set(gold), set(predicted)
        self.gold.update(name for name, _ in gold)
        self.predicted.update(name for name, _ in predicted)
        self.correct.update(name for name, _ in gold & predicted)

    def f1(self, name: str | None = None) -> float:
        """F1 of one class, or micro F1 over all."""
        return self.values(name)[2]

    def values(self, name: str | None = None) -> tuple[float, float, float]:
        """Precision, recall and F1."""
        counts = [
            counter.total() if name is None else counter[name]
            for counter in (self.correct, self.predicted, self.gold)
        ]
        precision = counts[0] / counts[1] if counts[1] else 0.0
        recall = counts[0] / counts[2] if counts[2] else 0.0
        both = precision + recall
        return precision, recall, 2 * precision * recall / both if both else 0.0

    def table(self, title: str) -> str:
        """Lines for people."""
        lines = [f"{title:38} precision  recall  F1      gold"]
        for name in [None, *sorted(self.gold)]:
            count = self.gold.total() if name is None else self.gold[name]
            precision, recall, f1 = self.values(name)
            label = "all" if name is None else name
            lines.append(f"  {label:36} {precision:.4f}     {recall:.4f}  {f1:.4f}  {count}")
        return "\n".join(lines)


def entity_score(gold: Sequence[Report], predicted: Sequence[Report]) -> Score:
    """Strict: bounds and type."""
    score = Score()
    for g, p in zip(gold, predicted, strict=True):
        score.add(*([(e.type, (e.start, e.end)) for e in report.entities] for report in (g, p)))
    return score


def relation_score(gold: Sequence[Report], predicted: Sequence[Report]) -> Score:
    """Strict: both mentions' bounds and types, and the relation."""
    score = Score()
    for g, p in zip(gold, predicted, strict=True):
        score.add(_relation_items(g), _relation_items(p))
    return score


def _relation_items(report: Report) -> list[tuple[str, Hashable]]:
    spans = {e.id: (e.type, e.start, e.end) for e in report.entities}
    return [(r.type, (spans[r.head], spans[r.tail])) for r in report.relations]


def main(argv: Sequence[str] | None = None) -> int:
    """Measures a model file on annotated reports."""
    from radie_train.infer import load_pipeline

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("reports", type=Path, help="JSON Lines with entities and relations")
    parser.add_argument("--output", type=Path, help="where to write what both stages found")
    arguments = parser.parse_args(argv)
    pipeline = load_pipeline(arguments.model)
    gold = read_jsonl(arguments.reports)
    extracted = [pipeline.extract(report.id, report.text) for report in gold]
    related = [pipeline.relate(report) for report in gold]
    print(entity_score(gold, extracted).table("entities"))
    print(relation_score(gold, related).table("relations on gold entities"))
    print(relation_score(gold, extracted).table("both stages"))
    if arguments.output is not None:
        write_jsonl(arguments.output, extracted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
