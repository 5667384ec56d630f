"""radie extract --format brat, conll: annotations that can be read back; no format loses
warnings or changes with the threads."""

import re
import unittest

from formats import BAD, ITEMS, TEXTS, entities_of, read_brat, read_conll
from harness import DEMO_MODEL, SAMPLES, json_lines, models, radie, records


class Annotations(unittest.TestCase):
    def documents(self, output: bytes, names: list[str]) -> list[str]:
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
