"""radie extract --format html: pages that are well-formed and say what the record says."""

import re
import unittest

from formats import BAD, ITEMS, TEXTS
from harness import SAMPLES, json_lines, models, radie, records
from html_pages import Page, check_page, shown


class Html(unittest.TestCase):
    def check(self, page: Page) -> None:
        check_page(self, page)

    def test_a_page_of_all_reports(self) -> None:
        for model in models():
            lines = json_lines(*ITEMS)
            done = radie(
                "extract",
                "--format",
                "html",
                "--input-format",
                "jsonl",
                "-",
                stdin=lines,
                model=model,
            )
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            page = Page(done.stdout.decode())
            self.check(page)
            self.assertEqual([text for text in page.texts], [shown(text) for text in TEXTS])
            self.assertEqual(
                page.names, ["普通", "a/b", "<i>&\"'", "..", "𠮷 \ufffd", "e.txt", "-f"]
            )
            out = records(
                radie("extract", "--input-format", "jsonl", "-", stdin=lines, model=model).stdout
            )
            self.assertTrue(
                any(r["relations"] for r in out),
                "the model relates nothing: this test proves little",
            )
            for number, record in enumerate(out, 1):
                mentions = [i for i in page.ids if re.fullmatch(rf"r{number}-T\d+", i)]
                rows = [i for i in page.ids if re.fullmatch(rf"r{number}-F\d+", i)]
                self.assertEqual(
                    (len(mentions), len(rows)), (len(record["entities"]), len(record["findings"]))
                )

    def test_every_relation_is_a_link_behind_its_head(self) -> None:
        for model in models():
            done = radie("extract", "--format", "html", *SAMPLES, model=model)
            out = records(radie("extract", *SAMPLES, model=model).stdout)
            pages = done.stdout.decode().split('<section class="report"')[1:]
            self.assertEqual(len(pages), len(out))
            for number, (section, record) in enumerate(zip(pages, out, strict=True), 1):
                links = set()
                for piece in section.split('<span class="m"')[1:]:
                    piece = piece.split("</div>")[0]
                    (head, *_) = re.findall(rf'id="r{number}-(T\d+)"', piece)
                    links |= {
                        (head, tail) for tail in re.findall(rf'href="#r{number}-(T\d+)"', piece)
                    }
                self.assertEqual(links, {(r["head"], r["tail"]) for r in record["relations"]})

    def test_failures_are_shown_in_their_place(self) -> None:
        lines = json_lines(ITEMS[0]) + BAD + json_lines(ITEMS[1])
        done = radie("extract", "--format", "html", "--input-format", "jsonl", "-", stdin=lines)
        self.assertEqual(done.returncode, 1)
        page = Page(done.stdout.decode())
        self.check(page)
        self.assertEqual(page.names, ["普通", "bad<", "3 行目", "a/b"])
        self.assertEqual(page.failures, 2)

    def test_a_page_without_reports(self) -> None:
        done = radie("extract", "--format", "html", "--input-format", "jsonl", "-", stdin=b"\n")
        self.assertEqual(done.returncode, 0)
        self.check(Page(done.stdout.decode()))

    def test_tables_have_headers(self) -> None:
        page = Page(radie("extract", "--format", "html", *SAMPLES[:3]).stdout.decode())
        headers = [facts.get("scope") for tag, facts in page.elements if tag == "th"]
        self.assertEqual(set(headers), {"col", "row"})
        self.assertEqual(page.count("table"), page.count("caption"))

    def test_contrasts(self) -> None:
        """WCAG AA on every pair of colours that text and its ground can have, in both schemes; 3:1
        for lines."""
        style = Page(radie("extract", "--format", "html", "-", stdin=b"").stdout.decode()).style
        light, dark = (
            dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", block))
            for block in re.findall(r":root\{([^}]*--obs-bg[^}]*)\}", style)
        )
        self.assertEqual(set(light), set(dark))

        def luminance(color: str) -> float:
            parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
            parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

        def contrast(one: str, other: str) -> float:
            high, low = sorted((luminance(one), luminance(other)), reverse=True)
            return (high + 0.05) / (low + 0.05)

        self.assertAlmostEqual(contrast("#000000", "#ffffff"), 21)
        for colors in (light, dark):
            kinds = [name[:-3] for name in colors if name.endswith("-bg") and name != "bad-bg"]
            self.assertEqual(len(kinds), 8)
            pairs = [
                ("ink", "page"),
                ("ink", "card"),
                ("ink", "head"),
                ("soft", "page"),
                ("soft", "card"),
                ("soft", "head"),
                ("link", "card"),
                ("link", "page"),
                ("bad-fg", "bad-bg"),
            ]
            pairs += [("ink", f"{kind}-bg") for kind in kinds] + [
                (f"{kind}-fg", "card") for kind in kinds
            ]
            pairs += [("on", f"{kind}-fg") for kind in ("obs", "dx", "oth", "bad")]
            for one, other in pairs:
                self.assertGreaterEqual(contrast(colors[one], colors[other]), 4.5, (one, other))
            for kind in kinds:
                self.assertGreaterEqual(
                    contrast(colors[f"{kind}-fg"], colors[f"{kind}-bg"]), 3, kind
                )
            self.assertGreaterEqual(contrast(colors["hit"], colors["card"]), 3)
            self.assertGreaterEqual(contrast(colors["bad-fg"], colors["card"]), 3)


if __name__ == "__main__":
    unittest.main()
