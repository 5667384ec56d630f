"""radie extract --format html, brat, conll: pages that are well-formed and say what the record
says, annotations that can be read back, files that stay in their folder."""

import html.parser
import os
import re
import unittest
from pathlib import Path

from harness import DEMO_MODEL, SAMPLES, WORK, json_lines, models, radie, records

TEXTS = [
    "右肺上葉に12mm大の不整形結節を認めます。原発性肺癌を疑います。",
    "\ufeff【所見】\r\n肝Ｓ６に嚢胞を認める。\r\nﾘﾝﾊﾟ節腫大なし",
    "<script>alert('右肺')</script>に\"結節\" & <b>胸水</b> &lt; <!-- 認める -->",
    "右肺上\n葉の結\n節を認\nめます。#4Rリンパ節\t12mm",
    "𠮷①㎜⻑⼤ か\u3099 \x00 胸水(-)，腹水(-).",
    "",
    "\n\n",
]
IDS = ["普通", "a/b", "<i>&\"'", "..", "𠮷 \x1b\n", "e.txt", "-f"]
ITEMS = [{"id": name, "text": text} for name, text in zip(IDS, TEXTS, strict=True)]
BAD = b'{"id": "bad<", "text": 5}\nnonsense\n'
VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(html.parser.HTMLParser):
    """Takes a page apart and notes whatever is not well-formed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.stack: list[tuple[str, dict]] = []
        self.elements: list[tuple[str, dict]] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.texts: list[str] = []  # of each report, badges left out
        self.names: list[str] = []
        self.style = ""
        self.failures = 0
        self.feed(page)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag, _ in self.stack]

    def handle_starttag(self, tag: str, attrs: list) -> None:
        facts = dict(attrs)
        if len(facts) < len(attrs):
            self.problems.append(f"<{tag}> has an attribute twice")
        if any(
            name.startswith("on") or name in ("src", "srcset", "action", "data") for name in facts
        ):
            self.problems.append(f"<{tag}> has {sorted(facts)}")
        if "href" in facts:
            self.targets.append(facts["href"])
        if "id" in facts:
            self.ids.append(facts["id"])
        self.elements.append((tag, facts))
        if tag == "div" and facts.get("class") == "text":
            self.texts.append("")
        if tag == "h2" and facts.get("id", "").endswith("-name"):
            self.names.append("")
        self.failures += facts.get("class") == "fail"
        if tag not in VOID:
            self.stack.append((tag, facts))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1][0] != tag:
            self.problems.append(f"</{tag}> closes {self.stack[-1:]}")
        else:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        classes = {word for _, facts in self.stack for word in (facts.get("class") or "").split()}
        if "text" in classes and not classes & {"n", "b", "x", "none"}:
            self.texts[-1] += data
        if (
            self.stack
            and self.stack[-1][0] == "h2"
            and self.stack[-1][1].get("id", "").endswith("-name")
        ):
            self.names[-1] += data
        if self.stack and self.stack[-1][0] == "style":
            self.style += data

    def handle_comment(self, data: str) -> None:
        self.problems.append("a comment")

    def count(self, tag: str) -> int:
        return sum(element == tag for element, _ in self.elements)


def shown(text: str) -> str:
    """What a page may show of a text."""
    text = re.sub("\r\n?", "\n", text)
    return re.sub(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", "\ufffd", text
    )


def check_page(test: unittest.TestCase, page: Page) -> None:
    """Well-formed, links that lead somewhere, nothing that could load or run."""
    test.assertEqual(page.problems, [])
    test.assertEqual(len(page.ids), len(set(page.ids)), "ids are unique")
    for target in page.targets:
        test.assertTrue(target.startswith("#") and target[1:] in page.ids, target)
    for forbidden in ("script", "img", "iframe", "link", "object", "form", "b", "i"):
        test.assertEqual(page.count(forbidden), 0, forbidden)
    for tag in ("html", "head", "body", "main", "header", "footer", "h1", "title", "style"):
        test.assertGreaterEqual(page.count(tag), 1, tag)
    test.assertIn(("html", {"lang": "ja"}), page.elements)
    policy = [
        facts["content"]
        for _, facts in page.elements
        if facts.get("http-equiv") == "Content-Security-Policy"
    ]
    test.assertEqual(policy, ["default-src 'none'; style-src 'unsafe-inline'"])
    test.assertNotRegex(page.style, r"url\(|@import|https?:")


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
                    head = re.search(rf'id="r{number}-(T\d+)"', piece)[1]
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


def read_brat(ann: str, text: str) -> tuple[dict, list]:
    """Entities as {id: (type, start, end)} and relations; the text of each line must be that of its
    spans."""
    entities, relations = {}, []
    for line in ann.split("\n")[:-1]:
        identity, rest = line.split("\t", 1)
        if identity[0] == "T":
            facts, mention = rest.split("\t")
            kind, spans = facts.split(" ", 1)
            ranges = [tuple(map(int, span.split(" "))) for span in spans.split(";")]
            assert mention == " ".join(text[begin:end] for begin, end in ranges), line
            entities[identity] = (kind, ranges[0][0], ranges[-1][1])
        elif identity[0] == "R":
            kind, head, tail = rest.split(" ")
            assert head.startswith("Arg1:") and tail.startswith("Arg2:"), line
            relations.append((kind, head[5:], tail[5:]))
        elif identity[0] == "A":
            name, target, value = rest.split(" ")
            assert name == "Certainty" and target in entities, line
            assert value in ("definite", "likely", "may_represent", "unlikely", "denial"), line
        else:
            note = re.fullmatch(r"#\d+\tAnnotatorNotes (T\d+)\tspan (\d+) (\d+)", line)
            entities[note[1]] = (entities[note[1]][0], int(note[2]), int(note[3]))
    return entities, relations


def read_conll(body: str) -> tuple[str, list]:
    text, entities = "", []
    names = {"\\s": " ", "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\\\": "\\", "\\#": "#"}
    for line in filter(None, body.split("\n")):
        token, start, end, tag = line.split()
        token = names.get(token) or (
            chr(int(token[3:-1], 16)) if token.startswith("\\u") else token
        )
        assert len(token) == 1 and (int(start), int(end)) == (len(text), len(text) + 1), line
        text += token
        if tag.startswith("B-"):
            entities.append([tag[2:], int(start), int(end)])
        elif tag.startswith("I-"):
            assert entities[-1][0] == tag[2:] and entities[-1][2] == int(start), line
            entities[-1][2] = int(end)
    return text, [tuple(entity) for entity in entities]


def entities_of(record: dict) -> list:
    return [(e["type"], e["start"], e["end"]) for e in record["entities"]]


class Annotations(unittest.TestCase):
    def documents(self, output: bytes, names: list) -> list:
        parts = re.split("^# newdoc id = (.*)\n", output.decode(), flags=re.MULTILINE)
        self.assertEqual((parts[0], parts[1::2]), ("", names))
        return parts[2::2]

    def test_what_was_extracted_comes_back(self) -> None:
        names = ["普通", "a/b", "<i>&\"'", "..", "𠮷 \\u{1b}\\n", "e.txt", "-f"]
        lines = json_lines(*ITEMS)
        for model in models():
            options = ["--input-format", "jsonl", "-"]
            out = records(radie("extract", *options, stdin=lines, model=model).stdout)
            brat = radie("extract", "--format", "brat", *options, stdin=lines, model=model)
            conll = radie("extract", "--format", "conll", *options, stdin=lines, model=model)
            self.assertEqual(
                (brat.returncode, conll.returncode), (0, 0), brat.stderr + conll.stderr
            )
            for ann, body, record, text in zip(
                self.documents(brat.stdout, names),
                self.documents(conll.stdout, names),
                out,
                TEXTS,
                strict=True,
            ):
                entities, relations = read_brat(ann[:-1], text)
                self.assertEqual(list(entities.values()), entities_of(record))
                self.assertEqual(list(entities), [e["id"] for e in record["entities"]])
                self.assertEqual(
                    relations, [(r["type"], r["head"], r["tail"]) for r in record["relations"]]
                )
                self.assertEqual(read_conll(body), (text, entities_of(record)))
            self.assertTrue(any(r["relations"] for r in out))

    def test_failures_are_comments_and_named_on_standard_error(self) -> None:
        lines = json_lines(ITEMS[0]) + BAD + json_lines(ITEMS[1])
        for name in ("brat", "conll"):
            done = radie("extract", "--format", name, "--input-format", "jsonl", "-", stdin=lines)
            self.assertEqual(done.returncode, 1)
            documents = self.documents(done.stdout, ["普通", "bad<", "line 3", "a/b"])
            self.assertTrue(
                all(d.startswith("# error = invalid_input: ") for d in documents[1:3]), documents
            )
            self.assertFalse(any("# error" in d for d in (documents[0], documents[3])))
            self.assertIn(b"bad<: ", done.stderr)

    def test_warnings_are_not_lost(self) -> None:
        lines = json_lines(ITEMS[2])
        self.assertIn(
            b"pairs_out_of_window",
            radie("extract", "--input-format", "jsonl", "-", stdin=lines).stdout,
        )
        for name in ("brat", "conll", "html"):
            done = radie("extract", "--format", name, "--input-format", "jsonl", "-", stdin=lines)
            self.assertEqual(done.returncode, 0)
            where = done.stdout if name == "html" else done.stderr
            self.assertIn(b"pairs_out_of_window", where, name)

    def test_offsets_of_conll(self) -> None:
        lines = json_lines({"id": "a", "text": "𠮷肺"})
        for unit, ends in (("utf8", ["4", "7"]), ("utf16", ["2", "3"]), ("codepoint", ["1", "2"])):
            done = radie(
                "extract",
                "--format",
                "conll",
                "--offsets",
                unit,
                "--input-format",
                "jsonl",
                "-",
                stdin=lines,
            )
            rows = [line.split("\t") for line in done.stdout.decode().split("\n") if "\t" in line]
            self.assertEqual([row[2] for row in rows], ends)


class Folders(unittest.TestCase):
    def run_into(self, folder: Path, name: str, lines: bytes, **options: object) -> object:
        return radie(
            "extract",
            "--format",
            name,
            "--output-dir",
            folder,
            "--input-format",
            "jsonl",
            "-",
            stdin=lines,
            **options,
        )

    def test_files_named_after_the_ids_and_nowhere_else(self) -> None:
        stems = ["普通", "a%2Fb", "%3Ci%3E%26%22%27", "%2E%2E", "𠮷 %1B%0A", "e", "%2Df"]
        for name, endings in (
            ("brat", [".ann", ".txt"]),
            ("conll", [".conll"]),
            ("html", [".html"]),
        ):
            top = WORK / f"folders-{name}"
            folder = top / "deep/er"
            done = self.run_into(folder, name, json_lines(*ITEMS))
            self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
            self.assertEqual(
                sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")),
                sorted(stem + ending for stem in stems for ending in endings),
            )
            self.assertEqual(
                [p.name for p in top.iterdir()] + [p.name for p in (top / "deep").iterdir()],
                ["deep", "er"],
            )

    def test_what_is_in_the_files(self) -> None:
        folder = WORK / "contents"
        out = records(
            radie("extract", "--input-format", "jsonl", "-", stdin=json_lines(*ITEMS)).stdout
        )
        for name in ("brat", "conll", "html"):
            self.assertEqual(self.run_into(folder / name, name, json_lines(*ITEMS)).returncode, 0)
        self.assertEqual((folder / "brat/𠮷 %1B%0A.txt").read_bytes().decode(), TEXTS[4])
        for stem, text, record in zip(["普通", "a%2Fb"], TEXTS[:2], out[:2], strict=True):
            entities, _ = read_brat((folder / f"brat/{stem}.ann").read_text(encoding="utf-8"), text)
            self.assertEqual(list(entities.values()), entities_of(record))
            self.assertEqual((folder / f"brat/{stem}.txt").read_bytes(), text.encode())
            body = (folder / f"conll/{stem}.conll").read_text(encoding="utf-8")
            self.assertEqual(read_conll(body), (text, entities_of(record)))
            page = Page((folder / f"html/{stem}.html").read_text(encoding="utf-8"))
            self.assertEqual((page.problems, page.texts), ([], [shown(text)]))

    def test_nothing_is_written_over(self) -> None:
        folder = WORK / "collisions"
        folder.mkdir()
        (folder / "old.txt").write_text("the user's own", encoding="utf-8")
        outside = WORK / "outside"
        (folder / "link.ann").symlink_to(outside)
        names = ["old", "link", "same", "same.txt", "same", "last"]
        lines = json_lines(*({"id": name, "text": f"右肺{n}"} for n, name in enumerate(names)))
        done = self.run_into(folder, "brat", lines)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertEqual(len(done.stderr.splitlines()), 4, done.stderr)
        self.assertEqual(
            sorted(os.listdir(folder)),
            ["last.ann", "last.txt", "link.ann", "old.txt", "same.ann", "same.txt"],
        )
        self.assertEqual((folder / "old.txt").read_text(encoding="utf-8"), "the user's own")
        self.assertEqual((folder / "same.txt").read_text(encoding="utf-8"), "右肺2")
        self.assertFalse(outside.exists())

    def test_an_id_that_names_no_file_fails_alone(self) -> None:
        lines = (
            json_lines(
                {"id": "", "text": "肺"},
                {"id": "長" * 100, "text": "肺"},
                {"id": "good", "text": "肺"},
            )
            + BAD
        )
        done = self.run_into(WORK / "names", "conll", lines)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 4))
        self.assertEqual(os.listdir(WORK / "names"), ["good.conll"])

    def test_file_names_that_are_not_utf8(self) -> None:
        path = os.fsencode(WORK) + b"/odd\xff.txt"
        with open(path, "w", encoding="utf-8") as file:
            file.write("右肺")
        done = radie("extract", "--format", "brat", "--output-dir", WORK / "odd", os.fsdecode(path))
        self.assertEqual(
            (done.returncode, sorted(os.listdir(WORK / "odd"))), (0, ["odd%FF.ann", "odd%FF.txt"])
        )

    def test_usage_and_folders_that_cannot_be(self) -> None:
        for name in ("jsonl", "table"):
            self.assertEqual(
                radie(
                    "extract", "--format", name, "--output-dir", WORK / "x", "-", stdin=b""
                ).returncode,
                2,
            )
        self.assertEqual(radie("extract", "--output-dir", WORK / "x", "-", stdin=b"").returncode, 2)
        self.assertFalse((WORK / "x").exists())
        (WORK / "file").write_text("", encoding="utf-8")
        done = radie("extract", "--format", "brat", "--output-dir", WORK / "file", "-", stdin=b"")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"file: ", done.stderr)


class Demo(unittest.TestCase):
    @unittest.skipUnless(DEMO_MODEL.exists(), "the demo model is not there")
    def test_the_samples_in_every_format(self) -> None:
        for name in ("html", "brat", "conll"):
            done = radie("extract", "--format", name, *SAMPLES, model=DEMO_MODEL)
            self.assertEqual(done.returncode, 0, done.stderr)
            again = radie("extract", "--format", name, "--threads", 2, *SAMPLES, model=DEMO_MODEL)
            self.assertEqual(done.stdout, again.stdout)


if __name__ == "__main__":
    unittest.main()
