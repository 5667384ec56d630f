"""`radie eval` against seqeval's strict and default modes, and its relation figures against a few
lines of Python, on random taggings: valid IOB2 as JSON Lines, and tags in any order as CoNLL with
--repair-tags.

usage: eval_parity.py RADIE_COMMAND      exit 1 where a figure differs
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

OBJECTS = ["Imaging_observation", "Clinical_finding"]
TYPES = [*OBJECTS, "Anatomical_entity", "Certainty_descriptor", "Size_descriptor"]
REPORTS = 1000
Record = dict[str, Any]
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


def any_tags(rng: random.Random, length: int) -> list[str]:
    """Tags in any order, I- after O and after other types among them."""
    kinds = rng.sample(TYPES, 2)
    return [
        "O" if rng.random() < 0.3 else rng.choice("BI") + "-" + rng.choice(kinds)
        for _ in range(length)
    ]


def record(rng: random.Random, name: str, labels: list[str]) -> Record:
    entities: list[Record] = []
    for i, label in enumerate(labels):
        if label.startswith("B-"):
            entities.append(
                {"id": f"T{len(entities) + 1}", "type": label[2:], "start": i, "end": i + 1}
            )
        elif label != "O":
            entities[-1]["end"] = i + 1
    relations = []
    for tail in entities:
        for head in entities:
            if tail["type"] in OBJECTS and head["type"] not in OBJECTS and rng.random() < 0.3:
                relations.append({"type": "modify", "head": head["id"], "tail": tail["id"]})
    return {"id": name, "text": "肺" * len(labels), "entities": entities, "relations": relations}


def as_prediction(gold: Record) -> Record:
    entities = [{**e, "text": "", "confidence": 1.0} for e in gold["entities"]]
    relations = [
        {"id": f"R{i}", "confidence": 1.0, **r} for i, r in enumerate(gold["relations"], 1)
    ]
    return {
        "id": gold["id"],
        "offset_unit": "codepoint",
        "entities": entities,
        "relations": relations,
        "findings": [],
        "warnings": [],
    }


def relation_set(reports: list[Record]) -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    for report in reports:
        spans = {e["id"]: (e["start"], e["end"], e["type"]) for e in report["entities"]}
        found |= {
            (report["id"], r["type"], spans[r["head"]], spans[r["tail"]])
            for r in report["relations"]
        }
    return found


def entity_differences(figure: Record, expected: Record) -> int:
    """Of precision, recall and F1, by type and over all; a type that occurs nowhere has no
    figures."""
    bad = 0
    rows = [(figure["by_type"][name], expected[name]) for name in TYPES if name in expected]
    for mine, theirs in [*rows, (figure["micro"], expected["micro avg"])]:
        for key, name in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            bad += abs(mine[key] - theirs[name]) > _ROUNDING
        bad += mine["gold"] != theirs["support"]
    return bad


def relation_differences(figures: Record, gold: list[Record], predicted: list[Record]) -> int:
    g, p = relation_set(gold), relation_set(predicted)
    micro = figures["relations_two_stage"]["strict"]["micro"]
    return (micro["gold"], micro["predicted"], micro["correct"]) != (len(g), len(p), len(g & p))


def run(folder: Path, texts: tuple[str, str], extension: str, *arguments: str) -> Record:
    """The command's figures of two files, gold and predicted."""
    paths = folder / ("gold" + extension), folder / ("predicted" + extension)
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    done = subprocess.run(
        [sys.argv[1], "eval", "--json", *arguments, *paths], check=True, capture_output=True
    )
    figures: Record = json.loads(done.stdout)
    return figures


def valid_taggings(rng: random.Random, folder: Path) -> int:
    gold_labels = [tagging(rng, rng.randrange(1, 60)) for _ in range(REPORTS)]
    predicted_labels = [disturbed(rng, labels) for labels in gold_labels]
    gold = [record(rng, f"r{i}", labels) for i, labels in enumerate(gold_labels)]
    predicted = [record(rng, f"r{i}", labels) for i, labels in enumerate(predicted_labels)]
    lines = [
        "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in reports)
        for reports in (gold, map(as_prediction, predicted))
    ]
    figures = run(folder, (lines[0], lines[1]), ".jsonl")
    strict = classification_report(
        gold_labels, predicted_labels, mode="strict", scheme=IOB2, output_dict=True, zero_division=0
    )
    default = classification_report(
        gold_labels, predicted_labels, output_dict=True, zero_division=0
    )
    entities = figures["entities"]
    return (
        entity_differences(entities["strict"], strict)
        + entity_differences(entities["seqeval_default"], default)
        + relation_differences(figures, gold, predicted)
    )


def invalid_taggings(rng: random.Random, folder: Path) -> int:
    gold_labels = [any_tags(rng, rng.randrange(1, 60)) for _ in range(REPORTS)]
    predicted_labels = [
        [rng.choice(labels) if rng.random() < 0.2 else label for label in labels]
        for labels in gold_labels
    ]
    lines = [
        "".join(
            f"# id = r{i}\n" + "".join(f"肺\t{label}\n" for label in labels)
            for i, labels in enumerate(all_labels)
        )
        for all_labels in (gold_labels, predicted_labels)
    ]
    figures = run(folder, (lines[0], lines[1]), ".conll", "--repair-tags")
    default = classification_report(
        gold_labels, predicted_labels, output_dict=True, zero_division=0
    )
    strict = classification_report(
        gold_labels, predicted_labels, mode="strict", scheme=IOB2, output_dict=True, zero_division=0
    )
    assert strict["micro avg"] != default["micro avg"], "these taggings tell the modes apart"
    return entity_differences(figures["entities"]["seqeval_default"], default)


def main() -> int:
    rng = random.Random(41)
    with tempfile.TemporaryDirectory() as folder:
        bad = valid_taggings(rng, Path(folder)) + invalid_taggings(rng, Path(folder))
    print(
        f"eval: twice {REPORTS} taggings, {bad} figures differ from seqeval and from plain counting"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
