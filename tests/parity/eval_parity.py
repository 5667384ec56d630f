"""`radie eval` against seqeval's strict mode, and its relation figures against a few lines of Python, on random taggings.

usage: eval_parity.py RADIE_COMMAND      exit 1 where a figure differs
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

OBJECTS = ["Imaging_observation", "Clinical_finding"]
TYPES = [*OBJECTS, "Anatomical_entity", "Certainty_descriptor", "Size_descriptor"]
REPORTS = 1000
_ROUNDING = 6e-7
"""The command prints six decimals."""


def tagging(rng: random.Random, length: int) -> list[str]:
    """A random valid IOB2 sequence."""
    labels: list[str] = []
    while len(labels) < length:
        if rng.random() < 0.4:
            labels.append("O")
            continue
        kind = rng.choice(TYPES)
        labels += ["B-" + kind] + ["I-" + kind] * rng.randrange(4)
    return labels[:length]


def disturbed(rng: random.Random, labels: list[str]) -> list[str]:
    """Part of another tagging in place of this one's, still valid."""
    cut = rng.randrange(len(labels) + 1)
    tail = tagging(rng, len(labels) - cut)
    return labels[:cut] + tail


def record(rng: random.Random, name: str, labels: list[str]) -> dict:
    entities = []
    for i, label in enumerate(labels):
        if label.startswith("B-"):
            entities.append({"id": f"T{len(entities) + 1}", "type": label[2:], "start": i, "end": i + 1})
        elif label != "O":
            entities[-1]["end"] = i + 1
    relations = []
    for tail in entities:
        for head in entities:
            if tail["type"] in OBJECTS and head["type"] not in OBJECTS and rng.random() < 0.3:
                relations.append({"type": "modify", "head": head["id"], "tail": tail["id"]})
    return {"id": name, "text": "肺" * len(labels), "entities": entities, "relations": relations}


def as_prediction(gold: dict) -> dict:
    entities = [{**e, "text": "", "confidence": 1.0} for e in gold["entities"]]
    relations = [{"id": f"R{i}", "confidence": 1.0, **r} for i, r in enumerate(gold["relations"], 1)]
    return {"id": gold["id"], "offset_unit": "codepoint", "entities": entities, "relations": relations,
            "findings": [], "warnings": []}  # fmt: skip


def relation_set(reports: list[dict]) -> set:
    found = set()
    for report in reports:
        spans = {e["id"]: (e["start"], e["end"], e["type"]) for e in report["entities"]}
        found |= {(report["id"], r["type"], spans[r["head"]], spans[r["tail"]]) for r in report["relations"]}
    return found


def differences(figures: dict, expected: dict, gold: list[dict], predicted: list[dict]) -> int:
    bad = 0
    strict = figures["entities"]["strict"]
    for name in TYPES:
        for key, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            bad += abs(strict["by_type"][name][key] - expected[name][theirs]) > _ROUNDING
    bad += abs(strict["micro"]["f1"] - expected["micro avg"]["f1-score"]) > _ROUNDING
    g, p = relation_set(gold), relation_set(predicted)
    micro = figures["relations_two_stage"]["strict"]["micro"]
    bad += (micro["gold"], micro["predicted"], micro["correct"]) != (len(g), len(p), len(g & p))
    return bad


def main() -> int:
    rng = random.Random(41)
    gold_labels = [tagging(rng, rng.randrange(1, 60)) for _ in range(REPORTS)]
    predicted_labels = [disturbed(rng, labels) for labels in gold_labels]
    gold = [record(rng, f"r{i}", labels) for i, labels in enumerate(gold_labels)]
    predicted = [record(rng, f"r{i}", labels) for i, labels in enumerate(predicted_labels)]
    expected = classification_report(
        gold_labels, predicted_labels, mode="strict", scheme=IOB2, output_dict=True, zero_division=0)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "gold.jsonl", Path(folder) / "predicted.jsonl"
        for path, reports in zip(paths, (gold, map(as_prediction, predicted)), strict=True):
            path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in reports), "utf-8")
        done = subprocess.run([sys.argv[1], "eval", "--json", *paths], check=True, capture_output=True)
    bad = differences(json.loads(done.stdout), expected, gold, predicted)
    print(f"eval: {REPORTS} taggings, {bad} figures differ from seqeval and from plain counting")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
