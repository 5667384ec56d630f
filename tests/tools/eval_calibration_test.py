"""radie eval: calibration of confidences, against a computation of its own, and its picture."""

from __future__ import annotations

import itertools
import json
import random
import unittest
import xml.etree.ElementTree as ElementTree
from typing import Any

from eval_figures_test import schema
from eval_test import write
from harness import WORK, fits, json_lines, radie, records

TEXT = "所" * 60


def gold_report(random_: random.Random, name: str) -> dict[str, Any]:
    entities = [
        {"id": f"T{n}", "type": "Imaging_observation", "start": n, "end": n + 2}
        for n in range(0, 60, 3)
        if random_.random() < 0.8
    ]
    relations = [
        {"type": "evidence", "head": a["id"], "tail": b["id"]}
        for a, b in itertools.pairwise(entities)
    ]
    return {"id": name, "text": TEXT, "entities": entities, "relations": relations}


def predicted_report(random_: random.Random, gold: dict[str, Any]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(json.dumps(gold))
    for entity in report["entities"]:
        entity["confidence"] = round(random_.random(), 3)
        if random_.random() > entity["confidence"]:
            entity["end"] -= 1
    for relation in report["relations"]:
        relation["confidence"] = random_.choice([0.0, 0.25, 0.5, 1.0])
    return report


def judged(
    golds: list[dict[str, Any]], predictions: list[dict[str, Any]], kind: str
) -> list[tuple[float, bool]]:
    found = []
    for gold, report in zip(golds, predictions, strict=True):

        def items(side: dict[str, Any]) -> list[tuple[object, dict[str, Any]]]:
            spans = {e["id"]: (e["start"], e["end"], e["type"]) for e in side["entities"]}
            if kind == "entities":
                return [(spans[e["id"]], e) for e in side["entities"]]
            return [((r["type"], spans[r["head"]], spans[r["tail"]]), r) for r in side["relations"]]

        right = {key for key, _ in items(gold)}
        found += [(item["confidence"], key in right) for key, item in items(report)]
    return found


class Calibration(unittest.TestCase):
    golds: list[dict[str, Any]]
    predictions: list[dict[str, Any]]
    paths: tuple[str, str]

    @classmethod
    def setUpClass(cls) -> None:
        random_ = random.Random(4)
        cls.golds = [gold_report(random_, f"g{n}") for n in range(25)]
        cls.predictions = [predicted_report(random_, gold) for gold in cls.golds]
        cls.paths = write("cal_g.jsonl", *cls.golds), write("cal_p.jsonl", *cls.predictions)

    def test_against_a_computation_of_its_own(self) -> None:
        figures = json.loads(radie("eval", *self.paths, "--json", "--resamples", 0).stdout)
        self.assertEqual(fits(figures, schema(), "", schema()), [])
        self.assertEqual(list(figures["calibration"]), ["entities", "relations_two_stage"])
        for key, kind in (("entities", "entities"), ("relations_two_stage", "relations")):
            found, expected = (
                figures["calibration"][key],
                judged(self.golds, self.predictions, kind),
            )
            bins = [
                [pair for pair in expected if min(int(pair[0] * 10), 9) == b] for b in range(10)
            ]
            error = sum(abs(sum(r for _, r in b) - sum(c for c, _ in b)) for b in bins) / len(
                expected
            )
            self.assertEqual([b["count"] for b in found["bins"]], [len(b) for b in bins])
            self.assertAlmostEqual(found["expected_error"], error, delta=1e-6)
            self.assertAlmostEqual(
                found["accuracy"], sum(r for _, r in expected) / len(expected), delta=1e-6
            )
            self.assertAlmostEqual(
                found["confidence"], sum(c for c, _ in expected) / len(expected), delta=1e-6
            )
        self.assertGreater(figures["calibration"]["entities"]["count"], 300)

    def test_tables_show_it(self) -> None:
        for output in ("table", "markdown"):
            done = radie("eval", *self.paths, "--format", output).stdout.decode()
            self.assertIn("calibration error", done)

    def test_without_confidences_it_is_not_measured(self) -> None:
        figures = json.loads(radie("eval", self.paths[0], self.paths[0], "--json").stdout)
        self.assertNotIn("calibration", figures)
        done = radie("eval", self.paths[0], self.paths[0], "--curves", WORK / "none.svg")
        self.assertEqual(done.returncode, 1)
        self.assertIn("nothing was predicted with confidences", done.stderr.decode())

    def test_a_confidence_that_is_none_is_refused(self) -> None:
        for bad in (1.5, "high", -0.1, None):
            report = json.loads(json.dumps(self.predictions[0]))
            report["entities"][0]["confidence"] = bad
            done = radie("eval", write("one.jsonl", self.golds[0]), write("bad.jsonl", report))
            self.assertEqual(done.returncode, 1)
            self.assertIn(
                "entities[0].confidence: must be a number from 0 to 1", done.stderr.decode()
            )

    def test_the_picture(self) -> None:
        path, again = WORK / "c.svg", WORK / "d.svg"
        self.assertEqual(radie("eval", *self.paths, "--curves", path).returncode, 0)
        radie("eval", *self.paths, "--curves", again, "--json", "--resamples", 0)
        self.assertEqual(path.read_bytes(), again.read_bytes())
        root = ElementTree.parse(path).getroot()
        tag = "{http://www.w3.org/2000/svg}"
        self.assertEqual(root.tag, f"{tag}svg")
        lines = root.findall(f"{tag}polyline")
        self.assertEqual(len(lines), 4)  # two stages on two panels
        for line in lines:
            for point in line.get("points", "").split():
                x, y = map(float, point.split(","))
                self.assertTrue(70 <= x <= 860 and 84 <= y <= 424.1, point)
        counts = [
            int(title.split(":")[0])
            for dot in root.findall(f"{tag}circle")
            if ":" in (title := dot.findtext(f"{tag}title", ""))
        ]
        self.assertEqual(
            sum(counts),
            sum(len(judged(self.golds, self.predictions, k)) for k in ("entities", "relations")),
        )

    def test_a_picture_that_cannot_be_written(self) -> None:
        done = radie("eval", *self.paths, "--curves", WORK / "no/such/folder.svg")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be written", done.stderr.decode())


class Model(unittest.TestCase):
    def test_confidences_of_a_model_are_those_of_its_records(self) -> None:
        gold = write(
            "m.jsonl", {"id": "a", "text": "右肺に結節を認める。", "entities": [], "relations": []}
        )
        figures = json.loads(radie("eval", gold, "--json").stdout)
        (record,) = records(
            radie(
                "extract",
                "--input-format",
                "jsonl",
                stdin=json_lines({"id": "a", "text": "右肺に結節を認める。"}),
            ).stdout
        )
        found = figures["calibration"]["entities"]
        self.assertEqual(found["count"], len(record["entities"]))
        mean = sum(e["confidence"] for e in record["entities"]) / len(record["entities"])
        self.assertAlmostEqual(found["confidence"], mean, delta=1e-4)


if __name__ == "__main__":
    unittest.main()
