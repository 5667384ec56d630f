"""Both stages of the bundled model against the reference inference in PyTorch, on the sample and
the written reports.

usage: pipeline_parity.py RADIE_COMMAND      exit 1 where an entity or a relation differs
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from radie_train.infer import load_pipeline
from radie_train.inline_notation import read_corpus
from radie_train.report import Report

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "weights_converter" / "demo" / "demo.radie"
WRITTEN = 20
"""So many reports of the corpus, evenly spread over its authors."""

Found = set[tuple[Any, ...]]
"""Entities or relations."""


def texts() -> dict[str, str]:
    found = {
        path.name: path.read_bytes().decode("utf-8")
        for path in sorted((ROOT / "examples" / "reports").glob("*.txt"))
    }
    written = read_corpus(ROOT / "weights_converter" / "corpus")
    found |= {r.id: r.text for r in written[:: max(1, len(written) // WRITTEN)]}
    return found


def extract(command: str, isa: str, reports: dict[str, str]) -> dict[str, dict[str, Any]]:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8", newline="") as file:
        for report_id, text in reports.items():
            file.write(json.dumps({"id": report_id, "text": text}, ensure_ascii=False) + "\n")
        file.flush()
        done = subprocess.run(
            [command, "extract", "--format", "jsonl", "--isa", isa, "--model", MODEL, file.name],
            check=True,
            capture_output=True,
            text=True,
        )
    return {r["id"]: r for r in map(json.loads, done.stdout.splitlines())}


def ours(record: dict[str, Any]) -> tuple[Found, Found]:
    spans = {e["id"]: (e["start"], e["end"], e["type"]) for e in record["entities"]}
    relations = {(r["type"], spans[r["head"]], spans[r["tail"]]) for r in record["relations"]}
    return set(spans.values()), relations


def theirs(report: Report) -> tuple[Found, Found]:
    spans = {e.id: (e.start, e.end, e.type) for e in report.entities}
    relations = {(r.type, spans[r.head], spans[r.tail]) for r in report.relations}
    return set(spans.values()), relations


def main() -> int:
    command = sys.argv[1]
    pipeline = load_pipeline(MODEL)
    reports = texts()
    reference = {i: theirs(pipeline.extract(i, text)) for i, text in reports.items()}
    differences = 0
    for isa in ("auto", "portable"):
        records = extract(command, isa, reports)
        for report_id, (entities, relations) in reference.items():
            found_entities, found_relations = ours(records[report_id])
            differences += len(entities ^ found_entities) + len(relations ^ found_relations)
        entity_count = sum(len(e) for e, _ in reference.values())
        relation_count = sum(len(r) for _, r in reference.values())
        print(
            f"pipeline {isa}: {len(reports)} reports, {entity_count} entities, {relation_count} "
            f"relations, "
            f"{differences} differences"
        )
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
