"""Agreement of two annotations of the same reports.

python -m radie_train.agreement FIRST SECOND [--differences]

FIRST and SECOND are a corpus folder, a file of inline notation, or JSON Lines; every report of
SECOND is compared with the report of its id in FIRST. FIRST stands where `radie_train.evaluate`
has gold; F1 is the same either way round.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from radie_train.evaluate import Score, entity_score, relation_score
from radie_train.report import Entity, Report
from radie_train.report_files import read_reports

Pair = tuple[Report, Report]


class AgreementError(ValueError):
    """Two annotations that cannot be compared; the message names the report."""


@dataclass(frozen=True)
class Agreement:
    """What two annotations share; F1 in [0, 1], kappa in [-1, 1]."""

    entities: Score
    """Same bounds and type, by type."""
    bounds: Score
    """Same bounds, whatever the type."""
    kappa: float
    """Cohen's kappa of the characters' B-, I- and O labels."""
    relations: Score
    """Same relation between the same two mentions, bounds and types."""
    shared_relations: Score
    """The same, of relations whose two mentions stand in both annotations."""


def pair_reports(first: Iterable[Report], second: Iterable[Report]) -> list[Pair]:
    """Every report of `second` with the one of its id in `first`, in the order of `second`."""
    by_id = {report.id: report for report in first}
    pairs = []
    for report in second:
        other = by_id.get(report.id)
        if other is None:
            raise AgreementError(f"report {report.id} is missing from the first annotation")
        if other.text != report.text:
            raise AgreementError(f"report {report.id} is not the same text in both annotations")
        pairs.append((other, report))
    if not pairs:
        raise AgreementError("the second annotation holds no report")
    return pairs


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """All measures over all reports together (micro)."""
    first = [a for a, _ in pairs]
    second = [b for _, b in pairs]
    shared = [_on_shared_entities(a, b) for a, b in pairs]
    return Agreement(
        entities=entity_score(first, second),
        bounds=_bounds_score(pairs),
        kappa=cohen_kappa(
            [label for report in first for label in character_labels(report)],
            [label for report in second for label in character_labels(report)],
        ),
        relations=relation_score(first, second),
        shared_relations=relation_score([a for a, _ in shared], [b for _, b in shared]),
    )


def character_labels(report: Report) -> list[str]:
    """B-type, I-type or O for every character of the text."""
    labels = ["O"] * len(report.text)
    for entity in report.entities:
        labels[entity.start] = f"B-{entity.type}"
        inside = entity.end - entity.start - 1
        labels[entity.start + 1 : entity.end] = [f"I-{entity.type}"] * inside
    return labels


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """(observed - expected) / (1 - expected) agreement; 1 where both use one label alone."""
    if len(first) != len(second) or not first:
        raise ValueError("kappa needs two equally long, non-empty sequences")
    n = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    counts, other = Counter(first), Counter(second)
    expected = sum(counts[label] * other[label] for label in counts) / (n * n)
    return 1.0 if expected == 1.0 else (observed - expected) / (1.0 - expected)


def differences(first: Report, second: Report) -> list[str]:
    """Lines for people: `-` what only the first has, `+` what only the second has."""
    text = first.text
    sides = [{(e.start, e.end, e.type) for e in report.entities} for report in (first, second)]
    lines = []
    for start, end, name in sorted(sides[0] ^ sides[1]):
        sign = "-" if (start, end, name) in sides[0] else "+"
        context = f"{text[max(0, start - 8) : start]}[{text[start:end]}]{text[end : end + 8]}"
        lines.append(f"{sign} {name:26} {context}".replace("\n", "⏎"))
    shared = _on_shared_entities(first, second)
    related = [_relation_lines(report) for report in shared]
    for line in sorted(related[0] ^ related[1]):
        lines.append(f"{'-' if line in related[0] else '+'} {line}")
    return lines


def table(result: Agreement) -> str:
    """Lines for people."""
    return "\n".join(
        [
            result.entities.table("entities (bounds and type)"),
            f"{'bounds alone, F1':38} {result.bounds.f1():.4f}",
            f"{'kappa of characters':38} {result.kappa:.4f}",
            result.relations.table("relations"),
            result.shared_relations.table("relations of shared entities"),
        ]
    )


def _bounds_score(pairs: Sequence[Pair]) -> Score:
    score = Score()
    for a, b in pairs:
        score.add(*([("mention", (e.start, e.end)) for e in report.entities] for report in (a, b)))
    return score


def _key(entity: Entity) -> tuple[int, int, str]:
    return entity.start, entity.end, entity.type


def _on_shared_entities(a: Report, b: Report) -> Pair:
    """Both reports with the mentions that both have, and the relations between those."""
    shared = {_key(e) for e in a.entities} & {_key(e) for e in b.entities}
    return _restricted(a, shared), _restricted(b, shared)


def _restricted(report: Report, shared: set[tuple[int, int, str]]) -> Report:
    kept = [e for e in report.entities if _key(e) in shared]
    ids = {e.id for e in kept}
    relations = [r for r in report.relations if r.head in ids and r.tail in ids]
    return report.with_annotations(kept, relations)


def _relation_lines(report: Report) -> set[str]:
    at = {e.id: f"{report.surface(e)}@{e.start}".replace("\n", "⏎") for e in report.entities}
    return {f"{r.type:26} {at[r.head]} -> {at[r.tail]}" for r in report.relations}


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the agreement of two annotations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path, help="corpus folder, .txt or .jsonl file")
    parser.add_argument("second", type=Path, help="the other annotation of some of its reports")
    parser.add_argument("--differences", action="store_true", help="list what differs, by report")
    arguments = parser.parse_args(argv)
    try:
        pairs = pair_reports(read_reports(arguments.first), read_reports(arguments.second))
    except (OSError, ValueError, KeyError) as error:
        print(f"agreement: {error}", file=sys.stderr)
        return 1
    if arguments.differences:
        for first, second in pairs:
            print(f"=== {first.id}", *differences(first, second), sep="\n")
    characters = sum(len(first.text) for first, _ in pairs)
    print(f"{len(pairs)} reports, {characters} characters")
    print(table(agreement(pairs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
