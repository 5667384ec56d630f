"""radie eval: the same annotations give the same figures in every format."""

from __future__ import annotations

import json
import random
import unittest
from pathlib import Path
from typing import Any

from eval_figures_test import disturbed
from eval_test import TEXT, random_annotation, write
from harness import WORK, radie

Report = dict[str, Any]


def as_brat(report: Report) -> str:
    lines = [
        f"{e['id']}\t{e['type']} {e['start']} {e['end']}\t{report['text'][e['start'] : e['end']]}\n"
        for e in report["entities"]
    ]
    lines += [
        f"R{n}\t{r['type']} Arg1:{r['head']} Arg2:{r['tail']}\n"
        for n, r in enumerate(report["relations"], 1)
    ]
    return "".join(lines)


def as_conll(report: Report, offsets: bool) -> str:
    tags = ["O"] * len(report["text"])
    for entity in report["entities"]:
        for i in range(entity["start"], entity["end"]):
            tags[i] = ("B-" if i == entity["start"] else "I-") + entity["type"]
    lines = [
        f"{c}\t{i}\t{i + 1}\t{tags[i]}\n" if offsets else f"{c}\t{tags[i]}\n"
        for i, c in enumerate(report["text"])
    ]
    return f"# id = {report['id']}\n" + "".join(lines) + "\n"


def folder(name: str, files: dict[str, str]) -> Path:
    top = WORK / name
    for path, content in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(content, "utf-8", newline="")
    return top


class Formats(unittest.TestCase):
    golds: list[Report]
    predicted: list[Report]
    json: tuple[str, str]  # gold and found; the same of the others
    brat: tuple[Path, Path]
    conll: list[tuple[Path, Path]]
    expected: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        random_ = random.Random(21)
        cls.golds = [random_annotation(random_, f"ward/g{n}") for n in range(25)]
        cls.predicted = [disturbed(random_, g) for g in cls.golds]
        cls.json = write("a.jsonl", *cls.golds), write("b.jsonl", *cls.predicted)
        texts = {f"{g['id']}.txt": g["text"] for g in cls.golds}
        cls.brat = (
            folder("gold.brat", texts | {f"{g['id']}.ann": as_brat(g) for g in cls.golds}),
            folder("found.brat", {f"{p['id']}.ann": as_brat(p) for p in cls.predicted}),
        )
        cls.conll = []
        for offsets in (True, False):
            names = f"gold{offsets}.conll", f"found{offsets}.conll"
            for name, reports in zip(names, (cls.golds, cls.predicted), strict=True):
                (WORK / name).write_text("".join(as_conll(r, offsets) for r in reports), "utf-8")
            cls.conll.append((WORK / names[0], WORK / names[1]))
        cls.expected = json.loads(radie("eval", *cls.json, "--json").stdout)

    def figures(self, gold: object, predicted: object) -> dict[str, Any]:
        done = radie("eval", gold, predicted, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        figures: dict[str, Any] = json.loads(done.stdout)
        return figures

    def by_name(self) -> tuple[str, str]:
        """The JSON Lines in the order in which folders are read: intervals depend on it."""
        order = sorted(self.golds, key=lambda g: Path(g["id"] + ".ann"))
        return write("sorted.jsonl", *order), self.json[1]

    def test_every_pair_of_formats_gives_the_same_figures(self) -> None:
        self.assertGreater(self.expected["relations_two_stage"]["strict"]["micro"]["correct"], 0)
        self.assertEqual(self.figures(self.json[0], self.brat[1]), self.expected)
        self.assertEqual(self.figures(self.brat[0], self.json[1]), self.figures(*self.by_name()))
        self.assertEqual(self.figures(*self.brat), self.figures(*self.by_name()))
        for gold, predicted in self.conll:
            for pair in ((self.json[0], predicted), (gold, self.json[1]), (gold, predicted)):
                figures = self.figures(*pair)
                self.assertEqual(figures["entities"], self.expected["entities"])
                self.assertNotIn("relations_two_stage", figures)

    def test_a_model_gives_the_same_figures(self) -> None:
        path, _ = self.by_name()
        expected = json.loads(radie("eval", path, "--json", "--resamples", 5).stdout)
        self.assertEqual(
            json.loads(radie("eval", self.brat[0], "--json", "--resamples", 5).stdout), expected
        )
        done = radie("eval", self.conll[0][0], "--json", "--resamples", 5)
        figures = json.loads(done.stdout)
        self.assertEqual(
            figures["entities"]["strict"]["by_type"],
            json.loads(radie("eval", self.json[0], "--json").stdout)["entities"]["strict"][
                "by_type"
            ],
        )
        self.assertNotIn("relations_on_gold_entities", figures)
        self.assertIn(b"no report says which relations there are", done.stderr)

    def test_what_extract_wrote_of_a_folder_matches_it(self) -> None:
        done = radie("extract", "--format", "jsonl", self.brat[0])
        (WORK / "extracted.jsonl").write_bytes(done.stdout)
        by_file = self.figures(self.brat[0], WORK / "extracted.jsonl")
        by_model = json.loads(radie("eval", self.brat[0], "--json").stdout)
        self.assertEqual(by_file["entities"], by_model["entities"])
        self.assertEqual(by_file["relations_two_stage"], by_model["relations_two_stage"])

    def test_two_ann_files_need_no_common_name(self) -> None:
        name = self.golds[0]["id"]
        figures = self.figures(
            self.brat[0] / f"{name}.ann",
            folder("one", {"other.ann": as_brat(self.predicted[0])}) / "other.ann",
        )
        self.assertEqual((figures["reports"], figures["missing"], figures["unmatched"]), (1, 0, 0))

    def test_mixed_and_missing_documents(self) -> None:
        gold = folder(
            "mixed",
            {
                "a.txt": "右肺",
                "a.ann": "T1\tA 0 2\t右肺\nN1\tReference T1 X:1\tx\n#1\tNote T1\tx\n",
                "b.conll": "右\tB-A\n肺\tO\n",
                "c.txt": "lone",
                "d.jsonl": json.dumps({"id": "d", "text": "x", "entities": []}) + "\n",
            },
        )
        found = folder("mixed.found", {"a.conll": "右\tB-A\n肺\tI-A\n", "e.ann": ""})
        done = radie("eval", gold, found, "--json")
        self.assertEqual(done.returncode, 1)
        figures = json.loads(done.stdout)
        self.assertEqual([figures[k] for k in ("reports", "missing", "unmatched")], [3, 2, 1])
        self.assertEqual(figures["entities"]["strict"]["micro"]["correct"], 1)
        said = done.stderr.decode()
        for piece in (
            "2 gold reports have no prediction",
            ": b, d\n",
            "lacks: e\n",
            "1 lines that begin with # are not measured",
            "1 lines that begin with N",
            "1 .txt files without annotations",
            "2 reports say nothing of relations",
        ):
            self.assertIn(piece, said)

    def test_errors_name_file_and_line(self) -> None:
        gold = folder("errors", {"a.txt": "右肺", "a.ann": "T1\tA 0 2\t右肺\n"})
        cases = {
            "p/a.ann": ("T1\tA 0 1\t右\nT2\tA 1 3\t肺\n", "a.ann line 2: start 1, end 3"),
            "q/a.conll": ("右\tB-A\n左\tO\n", "a.conll line 2: the token is not what comes next"),
            "r/a.conll": ("右\tO\n肺\tI-A\n", "a.conll line 2: an I- tag"),
            "s/a.jsonl": (
                json.dumps({"id": "a", "text": "左肺", "entities": []}),
                "a.jsonl line 1: text: it is not the text",
            ),
        }
        for path, (content, message) in cases.items():
            done = radie("eval", gold, folder("bad", {path: content}) / Path(path).parent)
            self.assertEqual((done.returncode, done.stdout), (1, b""), path)
            self.assertIn(message, done.stderr.decode())
            self.assertNotIn("肺", done.stderr.decode())

    def test_damaged_files_are_read_or_refused(self) -> None:
        random_ = random.Random(4)
        source = (
            as_brat(self.golds[3]).encode(),
            as_conll(self.golds[3], True).encode(),
            as_conll(self.golds[3], False).encode(),
        )
        gold = folder("damaged", {"g.txt": TEXT, "g.ann": as_brat(self.golds[3])})
        codes = set()
        for n in range(90):
            damaged = bytearray(source[n % 3])
            for _ in range(random_.randrange(1, 4)):
                place = random_.randrange(len(damaged))
                damaged[place : place + random_.randrange(3)] = random_.choice(
                    [b"", b"\xff", b"\t", b"\n", b"99999999999999999999", b";", b"-1"]
                )
            path = folder("damaged.found", {}) / ("g.ann" if n % 3 == 0 else "g.conll")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(damaged)
            done = radie("eval", gold, path, "--repair-tags", "--resamples", 1)
            codes.add(done.returncode)
            if n % 3 == 0:
                self.assertNotRegex(done.stderr.decode(), "[ぁ-ん一-龥]")
            path.unlink()
        self.assertLessEqual(codes, {0, 1})
        self.assertIn(1, codes)

    def test_repaired_tags_count_as_in_conlleval(self) -> None:
        gold = folder("iob", {"g.conll": "右\tB-A\n肺\tI-A\n結\tB-B\n節\tI-B\n"}) / "g.conll"
        found = folder("iob", {"p.conll": "右\tI-A\n肺\tI-A\n結\tI-B\n節\tO\n"}) / "p.conll"
        self.assertEqual(radie("eval", gold, found).returncode, 1)
        done = radie("eval", gold, found, "--repair-tags", "--json")
        micro = json.loads(done.stdout)["entities"]["seqeval_default"]["micro"]
        self.assertEqual((micro["gold"], micro["predicted"], micro["correct"]), (2, 2, 1))
        self.assertIn(b"2 I- tags that continued no entity", done.stderr)


if __name__ == "__main__":
    unittest.main()
