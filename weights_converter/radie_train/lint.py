"""Finds what looks wrong in an annotated corpus.

python -m radie_train.lint PATH [--check NAME]... [--threshold 0.9] [--json]

PATH is a corpus folder, a file in the inline notation, or JSON Lines. Findings are things to look
at, the most suspicious first; they may be right as they stand. Exit status: 0 with or without
findings; 1 with hard problems (notation broken, spans that overlap or leave the text, relations
that the information model has not); 2 when nothing can be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from radie_train.folded import fold
from radie_train.lint_checks import CHECKS, Finding, Limits
from radie_train.report import Report
from radie_train.report_files import read_reports
from radie_train.schema import RELATION_LABELS, allowed_labels

_PLACES = 12
"""Places of a finding that the text form prints; JSON has all."""


def lint(
    reports: Iterable[Report], checks: Iterable[str] = tuple(CHECKS), limits: Limits | None = None
) -> list[Finding]:
    """What the checks find, the most suspicious first within a check, checks in their order.

    The reports must be free of `problems`.
    """
    rows = [fold(report) for report in reports]
    limits = limits or Limits()
    findings: list[Finding] = []
    for name in checks:
        found = CHECKS[name](rows, limits)
        findings += sorted(found, key=lambda f: (-f.suspicion, f.surface, f.message))
    return findings


def problems(report: Report) -> list[str]:
    """What no annotated report may have, each named without the report's text."""
    found = []
    end = 0
    for entity in sorted(report.entities, key=lambda e: (e.start, e.end)):
        if not 0 <= entity.start < entity.end <= len(report.text):
            found.append(f"{entity.id} is empty or leaves the text")
        elif entity.start < end:
            found.append(f"{entity.id} overlaps the mention before it at {entity.start}")
        end = max(end, entity.end)
    types = {entity.id: entity.type for entity in report.entities}
    if len(types) < len(report.entities):
        found.append("an entity id stands twice")
    for relation in report.relations:
        missing = [name for name in (relation.head, relation.tail) if name not in types]
        if missing:
            found.append(f"{relation.type} names {missing[0]}, which is not there")
            continue
        allowed = allowed_labels(types[relation.head], types[relation.tail])
        if relation.type not in (RELATION_LABELS[i] for i in allowed[1:]):
            found.append(f"{relation.type} from {relation.head} to {relation.tail} is not allowed")
    return [f"report {report.id}: {message}" for message in found]


def read(path: Path) -> tuple[list[Report], list[str]]:
    """The sound reports, and the hard problems; OSError where there is nothing to read.

    A file whose notation breaks is left out after its first problem, the others are read on.
    """
    paths = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    if not paths:
        raise FileNotFoundError(f"{path} holds no *.txt file")
    reports: list[Report] = []
    found: list[str] = []
    owners: dict[str, str] = {}
    for file in paths:
        try:
            read_here = read_reports(file)
        except (ValueError, KeyError, TypeError) as error:
            message = str(error)
            found.append(message if file.name in message else f"{file.name}: {message}")
            continue
        for report in read_here:
            here = problems(report)
            if report.id in owners:
                here.append(f"report {report.id}: stands in {owners[report.id]} already")
            owners[report.id] = file.name
            found += (f"{file.name}: {message}" for message in here)
            if not here:
                reports.append(report)
    return reports, found


def as_text(findings: Sequence[Finding], limit: int) -> str:
    """Lines for people: a line a finding, below it the places to look at."""
    lines = []
    for name in CHECKS:
        here = [f for f in findings if f.check == name]
        if here:
            lines.append(f"## {name}: {len(here)}")
        for finding in here[:limit]:
            lines.append(f"{finding.suspicion:.2f} {finding.surface}: {finding.message}")
            shown = finding.places[:_PLACES]
            lines += (f"       {place.report:8} {place.excerpt}" for place in shown)
            if len(finding.places) > len(shown):
                lines.append(f"       … and {len(finding.places) - len(shown)} more (--json)")
        if len(here) > limit:
            lines.append(f"     … {len(here) - limit} more (--limit)")
    return "\n".join(lines)


def _share(text: str) -> float:
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return value


def _count(least: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be {least} or more")
        return value

    return count


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    defaults = Limits()
    parser.add_argument("path", type=Path, help="corpus folder, .txt or .jsonl file")
    parser.add_argument("--check", action="append", choices=CHECKS, help="this check only")
    parser.add_argument(
        "--threshold",
        type=_share,
        default=defaults.threshold,
        help="share of a surface's occurrences that must be labelled for the others to be findings"
        f" (default {defaults.threshold})",
    )
    parser.add_argument(
        "--minimum",
        type=_count(1),
        default=defaults.minimum,
        help=f"labelled occurrences before a surface counts (default {defaults.minimum})",
    )
    parser.add_argument(
        "--sentence",
        type=_count(1),
        default=defaults.sentence,
        help=f"characters of the shortest repeated sentence (default {defaults.sentence})",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument(
        "--limit", type=_count(0), default=1_000_000, help="findings to print of each check"
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Prints problems and findings."""
    arguments = _arguments(argv)
    try:
        reports, found = read(arguments.path)
    except OSError as error:
        print(f"lint: {error}", file=sys.stderr)
        return 2
    limits = Limits(arguments.threshold, arguments.minimum, arguments.sentence)
    findings = lint(reports, arguments.check or CHECKS, limits)
    if arguments.json:
        document = {
            "reports": len(reports),
            "problems": found,
            "findings": [asdict(finding) for finding in findings],
        }
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for message in found:
            print(f"problem: {message}")
        if findings:
            print(as_text(findings, arguments.limit))
        print(f"{len(reports)} reports, {len(found)} problems, {len(findings)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
