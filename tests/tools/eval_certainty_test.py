"""Certainty: what `radie extract` writes of it, and how `radie eval` measures it."""

from __future__ import annotations

import json
import random
import tempfile
import unittest
from collections import Counter
from pathlib import Path
from typing import Any

from eval_figures_test import intervals, schema
from eval_test import write
from harness import DEMO_MODEL, fits, radie

CLASSES = ["definite", "likely", "may_represent", "unlikely", "denial"]
TEXT = "肺に結節を認めます。転移を疑う病変は認めません。胸水はありません。肺癌と考えます。"
Report = dict[str, Any]


def annotated() -> Report:
    """TEXT with its annotations and the classes that a reader gives its objects."""
    mentions = [
        ("Anatomical_entity", "肺", None),
        ("Imaging_observation", "結節", "definite"),
        ("Certainty_descriptor", "認めます", None),
        ("Clinical_finding", "転移", "denial"),
        ("Certainty_descriptor", "疑う", None),
        ("Imaging_observation", "病変", "denial"),
        ("Certainty_descriptor", "認めません", None),
        ("Imaging_observation", "胸水", "denial"),
        ("Certainty_descriptor", "ありません", None),
        ("Clinical_finding", "肺癌", "likely"),
        ("Certainty_descriptor", "考えます", None),
    ]
    entities, at = [], 0
    for n, (kind, surface, certainty) in enumerate(mentions, 1):
        at = TEXT.index(surface, at)
        entity = {"id": f"T{n}", "type": kind, "start": at, "end": at + len(surface)}
        entities.append(entity | ({"certainty": certainty} if certainty else {}))
        at += len(surface)
    links = [(1, 2), (3, 2), (5, 4), (7, 6), (9, 8), (11, 10)]
    relations = [{"type": "modify", "head": f"T{h}", "tail": f"T{t}"} for h, t in links]
    return {"id": "a", "text": TEXT, "entities": entities, "relations": relations}


def labelled(random_: random.Random, name: str, share: float) -> Report:
    text = "所" * 60
    entities = []
    for start in range(0, 60, 3):
        if random_.random() < 0.7:
            entities.append(
                {
                    "id": f"T{start}",
                    "start": start,
                    "end": start + 2,
                    "type": random_.choice(["Imaging_observation", "Clinical_finding"]),
                }
            )
    for entity in entities:
        if random_.random() < share:
            entity["certainty"] = random_.choice(CLASSES)
    return {"id": name, "text": text, "entities": entities, "relations": []}


def as_output(report: Report) -> Report:
    """The classes in findings, as radie writes them."""
    out: Report = json.loads(json.dumps(report))
    out["findings"] = [
        {
            "object": e["id"],
            "certainty": {"class": e.pop("certainty"), "confidence": 1, "sources": []},
        }
        for e in out["entities"]
        if "certainty" in e
    ]
    return out


def classes_of(report: Report) -> dict[tuple[int, int, str], str]:
    return {
        (e["start"], e["end"], e["type"]): e["certainty"]
        for e in report["entities"]
        if "certainty" in e
    }


class Measure(unittest.TestCase):
    def test_against_a_computation_of_its_own(self) -> None:
        random_ = random.Random(5)
        golds = [labelled(random_, f"g{n}", 0.8) for n in range(30)]
        predicted = [labelled(random_, f"g{n}", 0.9) for n in range(30)]
        paths = write("cg.jsonl", *golds), write("cp.jsonl", *map(as_output, predicted))
        done = radie("eval", *paths, "--json", "--resamples", 50)
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = json.loads(done.stdout)
        self.assertEqual(fits(figures, schema(), "", schema()), [])
        self.assertEqual(list(figures["certainty"]), ["two_stage"])
        found = figures["certainty"]["two_stage"]

        by_report = []
        classes: Counter[tuple[str, str]] = Counter()
        by_class: dict[str, Counter[str]] = {c: Counter() for c in CLASSES}
        for gold, other in zip(golds, predicted, strict=True):
            g, p = classes_of(gold), classes_of(other)
            both = g.keys() & p.keys()
            by_report.append((len(g), len(both), sum(g[k] == p[k] for k in both)))
            classes.update((g[k], p[k]) for k in both)
            for key, value in g.items():
                by_class[value]["gold"] += 1
                if key in p:
                    by_class[p[key]]["predicted"] += 1
                    by_class[value]["correct"] += p[key] == value
        counts = [sum(column) for column in zip(*by_report, strict=True)]
        self.assertEqual([found["micro"][k] for k in ("gold", "predicted", "correct")], counts)
        self.assertGreater(counts[2], 10)
        self.assertEqual(
            {(g, p): n for g, row in found["classes"].items() for p, n in row.items()},
            dict(classes),
        )
        for name, counter in by_class.items():
            self.assertEqual(
                [found["by_type"][name][k] for k in ("gold", "predicted", "correct")],
                [counter[k] for k in ("gold", "predicted", "correct")],
            )
        for name, (low, high) in intervals(by_report, 50, 1).items():
            self.assertAlmostEqual(found["micro"]["ci95"][name][0], low, delta=1e-6)
            self.assertAlmostEqual(found["micro"]["ci95"][name][1], high, delta=1e-6)

    def test_without_classes_it_is_not_measured(self) -> None:
        gold = labelled(random.Random(1), "g", 0)
        self.assertNotIn(
            "certainty",
            json.loads(
                radie("eval", write("n.jsonl", gold), write("p.jsonl", gold), "--json").stdout
            ),
        )

    def test_a_model_is_measured_three_times(self) -> None:
        path = write("a.jsonl", annotated())
        figures = json.loads(radie("eval", path, "--json", "--resamples", 0).stdout)
        self.assertEqual(fits(figures, schema(), "", schema()), [])
        self.assertEqual(
            list(figures["certainty"]), ["from_gold_annotations", "on_gold_entities", "two_stage"]
        )
        derived = figures["certainty"]["from_gold_annotations"]
        self.assertEqual([derived["micro"][k] for k in ("gold", "predicted", "correct")], [5, 5, 5])
        for output in ("table", "markdown"):
            self.assertIn(
                "Certainty from gold annotations",
                radie("eval", path, "--format", output).stdout.decode(),
            )

    def test_order_of_entities_does_not_matter(self) -> None:
        gold = annotated()
        gold["entities"].reverse()
        figures = json.loads(radie("eval", write("r.jsonl", gold), "--json").stdout)
        self.assertEqual(figures["certainty"]["from_gold_annotations"]["micro"]["correct"], 5)

    def test_a_class_that_is_none_is_refused(self) -> None:
        gold = annotated()
        gold["entities"][1]["certainty"] = "sure"
        done = radie("eval", write("b.jsonl", gold))
        self.assertEqual(done.returncode, 1)
        self.assertIn("entities[1].certainty: must be definite, likely", done.stderr.decode())
        gold = as_output(annotated())
        gold["findings"][0]["object"] = "T99"
        done = radie("eval", write("b.jsonl", gold))
        self.assertIn("findings[0].object: no entity has this id", done.stderr.decode())


class Extract(unittest.TestCase):
    def extract(self, *arguments: object) -> Any:
        return radie(
            "extract", *arguments, write("t.jsonl", {"id": "t", "text": TEXT}), model=DEMO_MODEL
        ).stdout.decode()

    def test_every_object_has_a_class_and_sources_that_are_descriptors(self) -> None:
        record = json.loads(self.extract("--format", "jsonl"))
        kinds = {e["id"]: e["type"] for e in record["entities"]}
        found = {f["text"]: f["certainty"] for f in record["findings"]}
        self.assertEqual(
            {k: v["class"] for k, v in found.items()},
            {
                "結節": "definite",
                "転移": "denial",
                "病変": "denial",
                "胸水": "denial",
                "肺癌": "likely",
            },
        )
        for certainty in found.values():
            self.assertTrue(all(kinds[s] == "Certainty_descriptor" for s in certainty["sources"]))
            self.assertGreater(certainty["confidence"], 0)

    def test_without_relations_there_is_none(self) -> None:
        record = json.loads(self.extract("--format", "jsonl", "--stage", "entities"))
        self.assertGreater(len(record["findings"]), 3)
        self.assertTrue(all("certainty" not in f for f in record["findings"]))

    def test_the_table_shows_it(self) -> None:
        table = self.extract("--format", "table")
        self.assertIn("definite: 認めます", table)
        self.assertIn("denial: 疑う, 認めません", table)

    def test_html_shows_it(self) -> None:
        page = self.extract("--format", "html")
        self.assertIn('<span class="c denied" title="denial 0.', page)
        self.assertIn("所見1、画像所見、あり", page)

    def test_brat_leads_back(self) -> None:
        record = json.loads(self.extract("--format", "jsonl"))
        with tempfile.TemporaryDirectory() as folder:
            radie(
                "extract",
                "--format",
                "brat",
                "--output-dir",
                folder,
                write("t.jsonl", {"id": "t", "text": TEXT}),
                model=DEMO_MODEL,
            )
            lines = [
                line
                for line in Path(folder, "t.ann").read_text("utf-8").splitlines()
                if line.startswith("A")
            ]
            self.assertEqual(
                lines,
                [
                    f"A{n}\tCertainty {f['object']} {f['certainty']['class']}"
                    for n, f in enumerate(record["findings"], 1)
                ],
            )
            done = radie("eval", folder, "--json", model=DEMO_MODEL)
            self.assertNotIn("not measured", done.stderr.decode())
            micro = json.loads(done.stdout)["certainty"]["two_stage"]["micro"]
            self.assertEqual(micro["correct"], len(record["findings"]))


if __name__ == "__main__":
    unittest.main()
