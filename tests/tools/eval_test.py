"""radie eval against counting in Python."""

import json
import random
import unittest
from collections import Counter
from typing import Any

from harness import WORK, json_lines, models, radie, records

ENTITY_TYPES = [
    "Imaging_observation",
    "Clinical_finding",
    "Anatomical_entity",
    "Certainty_descriptor",
]
TEXT = "右肺上葉に12mm大の不整形結節を認めます。𠮷原発性肺癌を疑います。"


def random_annotation(random_: random.Random, identity: str) -> dict[str, Any]:
    cuts = sorted(random_.sample(range(len(TEXT) + 1), 2 * random_.randrange(0, 8)))
    entities = [
        {"id": f"T{n + 1}", "type": random_.choice(ENTITY_TYPES), "start": a, "end": b}
        for n, (a, b) in enumerate(zip(cuts[::2], cuts[1::2], strict=True))
    ]
    objects = [e for e in entities if e["type"] in ENTITY_TYPES[:2]]
    relations = [
        {"type": "modify", "head": e["id"], "tail": random_.choice(objects)["id"]}
        for e in entities
        if objects and e["type"] in ENTITY_TYPES[2:] and random_.random() < 0.8
    ]
    return {"id": identity, "text": TEXT, "entities": entities, "relations": relations}


def items(report: dict[str, Any]) -> dict[tuple[str, str], set[tuple[Any, ...]]]:
    spans = {e["id"]: (e["start"], e["end"], e["type"]) for e in report["entities"]}
    return {
        ("entities", "strict"): {(s, e, t) for s, e, t in spans.values()},
        ("entities", "boundary"): {(s, e) for s, e, _ in spans.values()},
        ("relations", "strict"): {
            (r["type"], spans[r["head"]], spans[r["tail"]]) for r in report["relations"]
        },
        ("relations", "boundary"): {
            (r["type"], spans[r["head"]][:2], spans[r["tail"]][:2]) for r in report["relations"]
        },
    }


def count(
    golds: list[dict[str, Any]], predictions: dict[str, dict[str, Any]]
) -> Counter[tuple[str, str, str]]:
    total: Counter[tuple[str, str, str]] = Counter()
    empty: dict[str, Any] = {"entities": [], "relations": []}
    for gold in golds:
        expected, found = items(gold), items(predictions.get(gold["id"], empty))
        for key in expected:
            total[(*key, "gold")] += len(expected[key])
            total[(*key, "predicted")] += len(found[key])
            total[(*key, "correct")] += len(expected[key] & found[key])
    return total


def write(name: str, *reports: dict[str, Any]) -> str:
    path = WORK / name
    path.write_bytes(json_lines(*reports))
    return str(path)


def f1(score: dict[str, Any]) -> float:
    both = score["gold"] + score["predicted"]
    return 2 * score["correct"] / both if both else 0.0


class Eval(unittest.TestCase):
    def check(
        self,
        figures: dict[str, Any],
        section: str,
        level: str,
        expected: Counter[tuple[str, str, str]],
        kind: str,
    ) -> None:
        micro = figures[section][level]["micro"]
        for field in ("gold", "predicted", "correct"):
            self.assertEqual(micro[field], expected[(kind, level, field)], (section, level, field))
            by_type = figures[section][level]["by_type"].values()
            self.assertEqual(sum(score[field] for score in by_type), micro[field])
        self.assertAlmostEqual(micro["f1"], f1(micro), places=5)

    def test_predictions_of_random_reports(self) -> None:
        random_ = random.Random(3)
        golds = [random_annotation(random_, f"g{n}") for n in range(60)]
        predictions = {g["id"]: random_annotation(random_, g["id"]) for g in golds[5:]}
        for g in golds[:40:2]:
            predictions[g["id"]] = g
        order = list(predictions.values())
        random_.shuffle(order)
        done = radie("eval", write("g.jsonl", *golds), write("p.jsonl", *order), "--json")
        missing = sum(g["id"] not in predictions for g in golds)
        self.assertEqual(done.returncode, 1 if missing else 0)
        figures = json.loads(done.stdout)
        self.assertEqual((figures["reports"], figures["failed"]), (60, missing))
        expected = count(golds, predictions)
        for level in ("strict", "boundary"):
            self.check(figures, "entities", level, expected, "entities")
            self.check(figures, "relations_two_stage", level, expected, "relations")
        self.assertNotIn("relations_on_gold_entities", figures)

    def test_a_model_gives_what_its_records_give(self) -> None:
        random_ = random.Random(4)
        golds = [random_annotation(random_, f"g{n}") for n in range(40)]
        path = write("g.jsonl", *golds)
        for model in models():
            figures = json.loads(radie("eval", path, "--json", "--model", model).stdout)
            for unit in ("codepoint", "utf8", "utf16"):
                output = radie("extract", "--offsets", unit, path, model=model).stdout
                (WORK / "p.jsonl").write_bytes(output)
                from_file = json.loads(radie("eval", path, WORK / "p.jsonl", "--json").stdout)
                self.assertEqual(from_file["entities"], figures["entities"])
                self.assertEqual(from_file["relations_two_stage"], figures["relations_two_stage"])
            related = records(radie("extract", "--stage", "relations", path, model=model).stdout)
            expected = count(golds, {r["id"]: r for r in related})
            self.check(figures, "relations_on_gold_entities", "strict", expected, "relations")

    def test_gold_against_itself_is_perfect(self) -> None:
        golds = [random_annotation(random.Random(n), f"g{n}") for n in range(20)]
        path = write("g.jsonl", *golds)
        done = radie("eval", path, path, "--json")
        self.assertEqual(done.returncode, 0)
        figures = json.loads(done.stdout)
        self.assertEqual(figures["entities"]["strict"]["micro"]["f1"], 1)
        self.assertEqual(figures["relations_two_stage"]["strict"]["micro"]["f1"], 1)
        table = radie("eval", path, path)
        self.assertRegex(
            table.stdout.decode(), r"Entities, strict +\d+ +\d+ +\d+ +1\.0000 +1\.0000 +1\.0000"
        )

    def test_errors_name_file_line_and_field(self) -> None:
        good = random_annotation(random.Random(1), "a")
        cases: list[tuple[dict[str, Any], str]] = [
            ({"id": "x"}, "text"),
            ({"id": "x", "text": "ab"}, "entities"),
            (
                {
                    "id": "x",
                    "text": "ab",
                    "entities": [{"id": "T1", "type": "A", "start": 0, "end": 9}],
                },
                "entities[0]",
            ),
            (
                {"id": "x", "text": "ab", "entities": [{"id": "T1", "type": "A", "start": 0}]},
                "entities[0].end",
            ),
            (
                {
                    "id": "x",
                    "text": "ab",
                    "entities": [],
                    "relations": [{"type": "m", "head": "T1", "tail": "T1"}],
                },
                "relations[0].head",
            ),
        ]
        for bad, field in cases:
            done = radie("eval", write("bad.jsonl", good, bad))
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertIn("bad.jsonl line 2: " + field, done.stderr.decode())

    def test_a_report_that_fails_counts_as_empty(self) -> None:
        gold = {
            "id": "g",
            "text": "右肺に結節",
            "entities": [{"id": "T1", "type": "No_such_type", "start": 0, "end": 2}],
        }
        done = radie("eval", write("g.jsonl", gold), "--json")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout)["failed"], 1)
        self.assertIn(b"line 1", done.stderr)
        error = {"id": "g", "error": {"code": "invalid_text", "message": "m"}}
        done = radie("eval", write("g.jsonl", gold), write("p.jsonl", error), "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["failed"]), (1, 1))

    def test_usage(self) -> None:
        path = write("g.jsonl", random_annotation(random.Random(1), "a"))
        self.assertEqual(radie("eval").returncode, 2)
        self.assertEqual(radie("eval", path, path, "--model", models()[0]).returncode, 2)
        self.assertEqual(radie("eval", WORK / "none.jsonl").returncode, 1)


if __name__ == "__main__":
    unittest.main()
