"""radie eval: intervals, coverage, confusion and the worst reports, against a computation of its
own in Python."""

from __future__ import annotations

import json
import random
import re
import unittest
from collections import Counter
from collections.abc import Iterator
from subprocess import CompletedProcess
from typing import Any

from eval_test import TEXT, count, items, random_annotation, write
from harness import SOURCE, fits, radie

Report = dict[str, Any]
EMPTY: Report = {"entities": [], "relations": []}
MASK = 2**64 - 1


def split_mix(seed: int) -> Iterator[int]:
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def quantile(values: list[float], q: float) -> float:
    place = q * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def intervals(
    reports: list[tuple[int, int, int]], resamples: int, seed: int
) -> dict[str, list[float]]:
    """From (gold, predicted, correct) of each report."""
    draws = split_mix(seed)
    values: dict[str, list[float]] = {"precision": [], "recall": [], "f1": []}
    for _ in range(resamples):
        chosen = [reports[((next(draws) >> 32) * len(reports)) >> 32] for _ in reports]
        gold, predicted, correct = (sum(column) for column in zip(*chosen, strict=True))
        values["precision"].append(ratio(correct, predicted))
        values["recall"].append(ratio(correct, gold))
        values["f1"].append(ratio(2 * correct, gold + predicted))
    return {
        name: [quantile(sorted(v), 0.025), quantile(sorted(v), 0.975)] for name, v in values.items()
    }


def counts_by_report(
    golds: list[Report], predictions: dict[str, Report], kind: str, level: str
) -> list[tuple[int, int, int]]:
    counts = []
    for gold in golds:
        g, p = items(gold)[kind, level], items(predictions.get(gold["id"], EMPTY))[kind, level]
        counts.append((len(g), len(p), len(g & p)))
    return counts


def covered(golds: list[Report], predictions: dict[str, Report]) -> Counter[str]:
    total: Counter[str] = Counter()
    for gold in golds:
        g = items(gold)["entities", "strict"]
        p = items(predictions.get(gold["id"], EMPTY))["entities", "strict"]
        total["gold"] += len(g)
        total["strict"] += len(g & p)
        total["overlapping"] += sum(
            any(s < d and c < e and t == k for c, d, k in p) for s, e, t in g
        )
        total["overlapping_any_type"] += sum(any(s < d and c < e for c, d, _ in p) for s, e, _ in g)
        typed = [{(i, t) for s, e, t in side for i in range(s, e)} for side in (g, p)]
        plain = [{i for i, _ in side} for side in typed]
        total["characters"] += len(plain[0])
        total["same_type"] += len({i for i, _ in typed[0] & typed[1]})
        total["any_type"] += len(plain[0] & plain[1])
    return total


def confused(
    golds: list[Report], predictions: dict[str, Report]
) -> tuple[Counter[tuple[str, str]], Counter[str], Counter[str]]:
    """Valid where no span of one side has two types, as in random_annotation."""
    same: Counter[tuple[str, str]] = Counter()
    missed: Counter[str] = Counter()
    spurious: Counter[str] = Counter()
    for gold in golds:
        sides = [
            {(s, e): t for s, e, t in items(r)["entities", "strict"]}
            for r in (gold, predictions.get(gold["id"], EMPTY))
        ]
        same.update((sides[0][span], sides[1][span]) for span in sides[0].keys() & sides[1].keys())
        missed.update(t for span, t in sides[0].items() if span not in sides[1])
        spurious.update(t for span, t in sides[1].items() if span not in sides[0])
    return same, missed, spurious


def schema() -> dict[str, Any]:
    page = (SOURCE / "docs/evaluation.md").read_text("utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.S)]
    found: list[dict[str, Any]] = [block for block in blocks if "$schema" in block]
    assert len(found) == 1
    return found[0]


def disturbed(random_: random.Random, gold: Report) -> Report:
    """Mostly the same, so that every kind of hit and miss occurs."""
    report: Report = json.loads(json.dumps(gold))
    for entity in report["entities"]:
        if random_.random() < 0.2:
            entity["type"] = random_.choice(["Imaging_observation", "Anatomical_entity"])
        if random_.random() < 0.2 and entity["end"] - entity["start"] > 1:
            entity["end"] -= 1
    report["relations"] = [r for r in report["relations"] if random_.random() < 0.8]
    return report


class Figures(unittest.TestCase):
    golds: list[Report]
    predictions: dict[str, Report]
    paths: tuple[str, str]
    done: CompletedProcess[bytes]
    figures: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        random_ = random.Random(8)
        cls.golds = [random_annotation(random_, f"g{n}") for n in range(40)]
        cls.predictions = {g["id"]: disturbed(random_, g) for g in cls.golds[2:]}
        cls.predictions["stranger"] = random_annotation(random_, "stranger")
        cls.paths = write("fg.jsonl", *cls.golds), write("fp.jsonl", *cls.predictions.values())
        cls.done = radie("eval", *cls.paths, "--format", "json", "--worst", 5)
        cls.figures = json.loads(cls.done.stdout)

    def test_what_is_missing_is_said(self) -> None:
        self.assertEqual(self.done.returncode, 1)
        self.assertEqual(
            [self.figures[k] for k in ("reports", "failed", "missing", "unmatched")], [40, 2, 2, 1]
        )
        self.assertIn("2 gold reports have no prediction", self.done.stderr.decode())
        self.assertIn(": g0, g1\n", self.done.stderr.decode())
        self.assertIn("lacks: stranger\n", self.done.stderr.decode())

    def test_intervals_are_those_of_the_same_draws(self) -> None:
        for seed, resamples, arguments in (
            (1, 2000, []),
            (77, 50, ["--seed", 77, "--resamples", 50]),
        ):
            figures = json.loads(radie("eval", *self.paths, "--json", *arguments).stdout)
            self.assertEqual(figures["bootstrap"], {"resamples": resamples, "seed": seed})
            for section, kind in (("entities", "entities"), ("relations_two_stage", "relations")):
                for level in ("strict", "boundary"):
                    expected = intervals(
                        counts_by_report(self.golds, self.predictions, kind, level), resamples, seed
                    )
                    micro = figures[section][level]["micro"]
                    for name, (low, high) in expected.items():
                        self.assertAlmostEqual(micro["ci95"][name][0], low, delta=1e-6)
                        self.assertAlmostEqual(micro["ci95"][name][1], high, delta=1e-6)
                        self.assertLess(low, micro[name])
                        self.assertGreater(high, micro[name])

    def test_points_of_relations(self) -> None:
        expected = count(self.golds, self.predictions)
        for level in ("strict", "boundary"):
            micro = self.figures["relations_two_stage"][level]["micro"]
            gold, predicted, correct = (
                expected["relations", level, k] for k in ("gold", "predicted", "correct")
            )
            self.assertEqual(
                [micro[k] for k in ("gold", "predicted", "correct")], [gold, predicted, correct]
            )
            self.assertAlmostEqual(micro["precision"], ratio(correct, predicted), delta=1e-6)
            self.assertAlmostEqual(micro["recall"], ratio(correct, gold), delta=1e-6)
            self.assertAlmostEqual(micro["f1"], ratio(2 * correct, gold + predicted), delta=1e-6)
            self.assertGreater(correct, 0)

    def test_coverage(self) -> None:
        expected = covered(self.golds, self.predictions)
        coverage = self.figures["entities"]["coverage"]
        for part, whole in (("entities", "gold"), ("characters", "characters")):
            self.assertEqual(coverage[part].pop("gold"), expected[whole])
            for name, found in coverage[part].items():
                self.assertEqual(found["found"], expected[name], name)
                self.assertAlmostEqual(
                    found["share"], ratio(expected[name], expected[whole]), delta=1e-6
                )

    def test_confusion(self) -> None:
        same, missed, spurious = confused(self.golds, self.predictions)
        confusion = self.figures["entities"]["confusion"]
        pairs = {(g, p): n for g, row in confusion["same_span"].items() for p, n in row.items()}
        self.assertEqual(
            (pairs, confusion["missed"], confusion["spurious"]), (same, missed, spurious)
        )
        self.assertTrue(any(g != p for g, p in pairs))

    def test_worst(self) -> None:
        errors = []
        for gold in self.golds:
            g, p = items(gold), items(self.predictions.get(gold["id"], EMPTY))
            errors.append(
                (
                    gold["id"],
                    [
                        len(a)
                        for kind in ("entities", "relations")
                        for a in (
                            g[kind, "strict"] - p[kind, "strict"],
                            p[kind, "strict"] - g[kind, "strict"],
                        )
                    ],
                )
            )
        errors.sort(key=lambda entry: -sum(entry[1]))  # stable: the earlier first
        for worst, (identity, counts) in zip(self.figures["worst"], errors[:5], strict=True):
            self.assertEqual((worst["id"], worst["errors"]), (identity, sum(counts)))
            self.assertEqual(
                [*worst["entities"].values(), *worst["relations_two_stage"].values()], counts
            )
            self.assertEqual(worst["failed"], identity not in self.predictions)

    def test_text_is_shown_on_request_only(self) -> None:
        for form in ("table", "json", "markdown"):
            hidden = radie("eval", *self.paths, "--format", form, "--worst", 3)
            shown = radie("eval", *self.paths, "--format", form, "--worst", 3, "--show-text")
            for piece in (TEXT, "肺", "𠮷"):
                self.assertNotIn(piece, (hidden.stdout + hidden.stderr).decode())
            self.assertEqual(shown.stdout.decode().count(TEXT), 3)
        figures = json.loads(
            radie("eval", *self.paths, "--json", "--worst", 40, "--show-text").stdout
        )
        wrong = 0
        for worst in figures["worst"]:
            self.assertEqual(worst["text"], TEXT)
            for key in ("missed", "spurious"):
                self.assertEqual(len(worst[key + "_entities"]), worst["entities"][key])
                for entity in worst[key + "_entities"]:
                    self.assertEqual(entity["text"], TEXT[entity["start"] : entity["end"]])
                    wrong += 1
        self.assertGreater(wrong, 10)

    def test_json_fits_the_documented_schema(self) -> None:
        root = schema()
        outputs = [
            radie("eval", *self.paths, "--json", *arguments).stdout
            for arguments in ([], ["--worst", 2], ["--worst", 2, "--show-text"], ["--resamples", 0])
        ]
        outputs.append(
            radie("eval", self.paths[0], "--json", "--worst", 2, "--resamples", 10).stdout
        )
        for output in outputs:
            self.assertEqual(fits(json.loads(output), root, "figures", root), [])
        self.assertNotIn(b"ci95", outputs[3])
        self.assertIn("relations_on_gold_entities", json.loads(outputs[4]))
        self.assertTrue(fits({**self.figures, "extra": 1}, root, "figures", root))
        self.assertTrue(fits({**self.figures, "reports": -1}, root, "figures", root))
        try:
            import jsonschema
        except ImportError:
            return
        for output in outputs:
            jsonschema.Draft202012Validator(root).validate(json.loads(output))

    def test_table_and_markdown_have_the_same_figures(self) -> None:
        micro = self.figures["entities"]["strict"]["micro"]
        f1 = f"{micro['f1']:.4f}"
        low, high = (f"{end:.4f}" for end in micro["ci95"]["f1"])
        table = radie("eval", *self.paths, "--worst", 5).stdout.decode()
        self.assertRegex(table, rf"\nEntities, strict .* {f1} +{low} - {high}\n")
        markdown = radie("eval", *self.paths, "--format", "markdown", "--worst", 5).stdout.decode()
        self.assertRegex(markdown, rf"\n\| Entities, strict \|.*\| {f1} \| {low} - {high} \|\n")
        for output in (table, markdown):
            self.assertTrue(
                output.startswith(
                    "40 reports, 2 of them failed or missing and counted as empty; 1 predictions"
                )
            )
            self.assertIn(self.figures["worst"][0]["id"], output)
        for block in re.findall(r"(?:^\|.*\n)+", markdown, re.M):
            self.assertEqual(len({line.count("|") for line in block.splitlines()}), 1)

    def test_names_cannot_break_out(self) -> None:
        gold = {
            "id": "a\u001b[31m|\n\u009b<b>",
            "text": "肺",
            "relations": [],
            "entities": [{"id": "T1", "type": "A|\u001b`", "start": 0, "end": 1}],
        }
        empty = {"id": gold["id"], "entities": [], "relations": []}
        paths = write("n.jsonl", gold), write("m.jsonl", empty)
        for form in ("table", "markdown"):
            output = radie("eval", *paths, "--worst", 1, "--format", form).stdout.decode()
            self.assertNotRegex(output, "[\u001b\u009b]")
            self.assertIn("\ufffd", output)
        self.assertIn("A\\|\ufffd\\`", output)
        worst = json.loads(radie("eval", *paths, "--worst", 1, "--json").stdout)["worst"]
        self.assertEqual(worst[0]["id"], gold["id"])

    def test_usage(self) -> None:
        for arguments in (
            ["--show-text"],
            ["--worst", 0],
            ["--resamples", -1],
            ["--format", "xml"],
            ["--json", "--format", "markdown"],
        ):
            self.assertEqual(radie("eval", *self.paths, *arguments).returncode, 2, arguments)


if __name__ == "__main__":
    unittest.main()
