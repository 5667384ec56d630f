"""The written reports whose objects have a class of certainty, as gold reports for `radie eval`.

    python -m radie_train.certainty_gold corpus corpus/certainty/objects.tsv > gold.jsonl

The table holds a line `report, mention, class` for each object, with tabs between.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from radie_train.errors import TrainError
from radie_train.inline_notation import read_corpus
from radie_train.report import Report

CLASSES = ("definite", "likely", "may_represent", "unlikely", "denial")

Labels = dict[str, dict[str, str]]


def read_labels(path: Path) -> Labels:
    """Class by mention by report."""
    labels: Labels = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 3 or cells[2] not in CLASSES:
            raise TrainError(f"{path}:{number}: not a report, a mention and a class")
        of_report = labels.setdefault(cells[0], {})
        if cells[1] in of_report:
            raise TrainError(f"{path}:{number}: the mention stands there twice")
        of_report[cells[1]] = cells[2]
    return labels


def gold_lines(reports: Sequence[Report], labels: Labels) -> list[str]:
    """A JSON line for each labelled report, in the order of the reports."""
    unknown = labels.keys() - {report.id for report in reports}
    if unknown:
        raise TrainError(f"no such report: {', '.join(sorted(unknown))}")
    return [_line(report, labels[report.id]) for report in reports if report.id in labels]


def _line(report: Report, of_report: dict[str, str]) -> str:
    unknown = of_report.keys() - {entity.id for entity in report.entities}
    if unknown:
        raise TrainError(f"{report.id}: no such mention: {', '.join(sorted(unknown))}")
    record = report.to_json()
    for entity in record["entities"]:
        if entity["id"] in of_report:
            entity["certainty"] = of_report[entity["id"]]
    return json.dumps(record, ensure_ascii=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="radie_train.certainty_gold", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("labels", type=Path)
    options = parser.parse_args(arguments)
    try:
        lines = gold_lines(read_corpus(options.corpus), read_labels(options.labels))
    except (TrainError, OSError) as error:
        print(f"radie_train.certainty_gold: {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
