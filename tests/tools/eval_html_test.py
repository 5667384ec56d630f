"""radie eval --html: a page that is well-formed, says what the figures say, and shows text as text
only."""

import json
import random
import re
import unittest
from collections import Counter
from typing import Any

from eval_figures_test import disturbed
from eval_test import items, random_annotation, write
from harness import WORK, json_lines, models, radie
from html_pages import Page, check_page, shown

HOSTILE = (
    "<script>alert('右肺')</script>に\"結節\" & <b>胸水</b>\r\n&lt; <!-- 認める --> \x1b[31m\u202e"
)


def page_of(*arguments: object, code: int = 0, name: str = "page.html") -> str:
    path = WORK / name
    done = radie("eval", *arguments, "--html", path, "--resamples", 20)
    assert done.returncode == code, done.stderr
    return path.read_bytes().decode()


def sections(page: str) -> dict[str, str]:
    """The sections by number."""
    parts = re.split(r'<section class="report" id="r(\d+)"', page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def random_pairs(count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    random_ = random.Random(8)
    golds = [random_annotation(random_, f"g{n}") for n in range(count)]
    makers = (
        lambda g: g,
        lambda g: random_annotation(random_, g["id"]),
        lambda g: disturbed(random_, g),
    )
    predictions = [makers[n % 3](g) for n, g in enumerate(golds)]
    return golds, predictions


class EvalHtml(unittest.TestCase):
    def check(self, page: str) -> Page:
        parsed = Page(page)
        check_page(self, parsed)
        return parsed

    def test_rows_are_the_errors_that_the_figures_count(self) -> None:
        golds, predictions = random_pairs(30)
        page = page_of(write("g.jsonl", *golds), write("p.jsonl", *predictions))
        parsed = self.check(page)
        self.assertEqual(parsed.names, [g["id"] for g in golds])
        self.assertEqual(parsed.texts, [shown(g["text"]) for g in golds for _ in range(2)])
        kinds: Counter[str] = Counter()
        for number, (gold, predicted) in enumerate(zip(golds, predictions, strict=True), 1):
            section = sections(page)[str(number)]
            rows = re.findall(r'<tr role="row" id="r\d+-D\d+".*?</tr>', section)
            expected, found = items(gold), items(predicted)
            for kind in ("entities", "relations"):
                some, others = expected[(kind, "strict")], found[(kind, "strict")]
                of_kind = [r for r in rows if ("→" in r) == (kind == "relations")]
                sides = [
                    re.findall(r'data-label="(?:正解|予測)">(.*?)</td>', row) for row in of_kind
                ]
                self.assertEqual(
                    sum("href" in gold_side for gold_side, _ in sides),
                    len(some - others),
                    (kind, number),
                )
                self.assertEqual(
                    sum("href" in other for _, other in sides), len(others - some), (kind, number)
                )
            kinds.update(re.findall(r'<span class="x">[^\d<]+\d+</span>([^<]+)</th>', section))
        self.assertEqual(
            set(kinds),
            {"見落とし", "余分", "種類違い", "範囲違い", "範囲・種類違い", "語の違い"},
            kinds,
        )

    def test_the_list_begins_with_the_worst(self) -> None:
        golds, predictions = random_pairs(30)
        gold, found = write("g.jsonl", *golds), write("p.jsonl", *predictions)
        page = page_of(gold, found)
        listed = re.findall(
            r'<li><a href="#r(\d+)">([^<]*)</a><span class="counts">(.*?)</span>', page
        )
        self.assertEqual(len(listed), 30)
        errors = [sum(map(int, re.findall(r"[漏余](\d+)", counts))) for _, _, counts in listed]
        self.assertEqual(errors, sorted(errors, reverse=True))
        self.assertIn(0, errors)
        worst = json.loads(radie("eval", gold, found, "--json", "--worst", 7).stdout)["worst"]
        self.assertEqual(
            [(w["id"], w["errors"]) for w in worst],
            [(name, n) for (_, name, _), n in zip(listed, errors, strict=True)][:7],
        )
        short = page_of(gold, found, "--worst", 7)
        self.check(short)
        self.assertEqual(
            re.findall(r'<li><a href="#r\d+">([^<]*)</a>', short), [w["id"] for w in worst]
        )
        self.assertEqual(len(sections(short)), 7)
        self.assertIn("誤りの多い 7件を示す", short)

    def test_the_lists_add_up_to_the_figures(self) -> None:
        """Gold reports that say nothing of relations count as ones without any, also where they
        come first; where all do, relations are not measured."""
        golds, predictions = random_pairs(12)
        found = write("p.jsonl", *predictions)
        for silent in (range(3), range(9, 12), range(12)):
            some = [
                {k: v for k, v in g.items() if k != "relations" or n not in silent}
                for n, g in enumerate(golds)
            ]
            gold = write("g.jsonl", *some)
            figures = json.loads(radie("eval", gold, found, "--json", "--worst", 12).stdout)
            errors = 0
            for kind in ("entities", "relations_two_stage"):
                micro = figures.get(kind, {}).get("strict", {}).get("micro")
                counts = [sum(w[kind].values()) for w in figures["worst"] if kind in w]
                self.assertEqual(micro is None, kind != "entities" and len(silent) == 12)
                if micro is None:
                    self.assertEqual(counts, [])
                else:
                    wrong = micro["gold"] + micro["predicted"] - 2 * micro["correct"]
                    self.assertEqual(sum(counts), wrong, (kind, silent))
                    errors += wrong
            self.assertEqual(sum(w["errors"] for w in figures["worst"]), errors)
            for arguments in ([], ["--worst", 12]):
                page = page_of(gold, found, *arguments)
                listed = re.findall(r'<span class="counts">(.*?)</span>', page)
                shown_errors = sum(int(n) for c in listed for n in re.findall(r"[漏余](\d+)", c))
                self.assertEqual(shown_errors, errors, (silent, arguments))

    def test_the_figures_are_those_of_the_table(self) -> None:
        golds, predictions = random_pairs(12)
        gold, found = write("g.jsonl", *golds), write("p.jsonl", *predictions)
        page = page_of(gold, found)
        figures = json.loads(radie("eval", gold, found, "--json", "--resamples", 20).stdout)
        brief = page[page.index('<section class="figures"') : page.index("<details>")]
        for label, score in (
            ("語（範囲と種類）", figures["entities"]["strict"]),
            ("関係（二段階、厳密）", figures["relations_two_stage"]["strict"]),
        ):
            (row, *_) = re.findall(rf"{label}</th>(.*?)</tr>", brief)
            cells = re.findall(r">([^<]*)</td>", row)
            micro = score["micro"]
            self.assertEqual(cells[:3], [str(micro[k]) for k in ("gold", "predicted", "correct")])
            self.assertAlmostEqual(float(cells[5]), micro["f1"], places=4)
        labels = re.findall(
            r'role="(?:columnheader|rowheader)"[^>]*>([^<]*)', page[: page.index("</header>")]
        )
        self.assertEqual(
            [x for x in labels if re.search("[a-z]{3}", x.replace("seqeval", ""))],
            [],
            "every label is Japanese",
        )

    def test_text_is_only_text(self) -> None:
        entity = {"id": "T1", "type": "Imaging_observation", "start": 0, "end": 8}
        gold = {
            "id": "<i>&\"'",
            "text": HOSTILE,
            "entities": [entity, {"id": "T<2", "type": "Own_<b>", "start": 20, "end": 40}],
            "relations": [{"type": "<u>", "head": "T<2", "tail": "T1"}],
        }
        found = {
            "id": gold["id"],
            "entities": [
                {**entity, "end": 9},
                {"id": "T2", "type": "Clinical_finding", "start": 24, "end": 42},
            ],
            "relations": [{"type": "<s>", "head": "T2", "tail": "T1"}],
        }
        page = self.check(page_of(write("g.jsonl", gold), write("p.jsonl", found)))
        self.assertEqual(page.texts, [shown(HOSTILE)] * 2)
        self.assertEqual(page.names, [gold["id"]])

    def test_overlapping_and_unordered_mentions(self) -> None:
        gold = {
            "id": "a",
            "text": "右肺の結節影",
            "entities": [
                {"id": "T1", "type": "Imaging_observation", "start": 3, "end": 6},
                {"id": "T2", "type": "Anatomical_entity", "start": 0, "end": 2},
                {"id": "T3", "type": "Imaging_observation", "start": 3, "end": 5},
                {"id": "T4", "type": "Anatomical_entity", "start": 0, "end": 2},
            ],
        }
        page = page_of(write("g.jsonl", gold), write("p.jsonl", gold))
        parsed = self.check(page)
        self.assertEqual(parsed.texts, [gold["text"]] * 2)
        self.assertEqual(
            {i for i in parsed.ids if re.fullmatch(r"r1-G\d", i)},
            {f"r1-G{n}" for n in (1, 2, 3, 4)},
        )
        self.assertEqual(page.count("ほかの語と重なる語"), 2)
        self.assertNotIn('id="r1-D1"', page)

    def test_a_model(self) -> None:
        golds, _ = random_pairs(6)
        for model in models():
            page = page_of(write("g.jsonl", *golds), "--model", model)
            self.check(page)
            self.assertIn("関係（正解の語の間）", page)
            self.assertIn("正解の語の間の関係（第2段だけの相違）", page)
            self.assertEqual(
                page,
                page_of(write("g.jsonl", *golds), "--model", model, "--threads", 2),
                "the same bytes",
            )

    def test_missing_predictions_and_gold_without_relations(self) -> None:
        golds, predictions = random_pairs(5)
        for gold in golds:
            del gold["relations"]
        page = page_of(write("g.jsonl", *golds), write("p.jsonl", *predictions[1:]), code=1)
        parsed = self.check(page)
        self.assertEqual((parsed.failures, len(parsed.texts)), (1, 9))
        self.assertNotIn("→", page)
        self.assertIn("（予測なし）", page)
        self.check(
            page_of(write("g.jsonl", golds[0]), write("p.jsonl", predictions[0]), name="one.html")
        )

    def test_files_that_cannot_be_written_or_are_read(self) -> None:
        gold = write("g.jsonl", *random_pairs(2)[0])
        done = radie("eval", gold, gold, "--html", WORK / "none" / "page.html")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        before = (WORK / "g.jsonl").read_bytes()
        for path in (gold, WORK / "." / "g.jsonl"):
            self.assertEqual(radie("eval", gold, gold, "--html", path).returncode, 2)
        self.assertEqual((WORK / "g.jsonl").read_bytes(), before)
        # A page that is there is replaced, all of it; one stays as it is when the evaluation fails.
        (WORK / "old.html").write_text("x" * 10**6)
        self.check(page_of(gold, gold, name="old.html"))
        size = (WORK / "old.html").stat().st_size
        (WORK / "bad.jsonl").write_bytes(json_lines({"id": "x"}))
        self.assertEqual(
            radie("eval", WORK / "bad.jsonl", "--html", WORK / "old.html").returncode, 1
        )
        self.assertEqual((WORK / "old.html").stat().st_size, size)
        new = WORK / "new.html"
        self.assertEqual(radie("eval", WORK / "bad.jsonl", "--html", new).returncode, 1)
        self.assertFalse(new.exists())


if __name__ == "__main__":
    unittest.main()
