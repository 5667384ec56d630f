"""radie extract --terms: codes in records, table and page; files that cannot be used."""

import unicodedata
import unittest
from pathlib import Path

from harness import (
    SAMPLES,
    SOURCE,
    WORK,
    check_record,
    json_lines,
    models,
    radie,
    records,
    schema_problems,
)

TERMS = SOURCE / "examples/terms.tsv"


def terms_file(name: str, content: bytes) -> Path:
    path = WORK / name
    path.write_bytes(content)
    return path


def fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


class Codes(unittest.TestCase):
    def test_the_sample_terms_on_the_sample_reports(self) -> None:
        """Against the rows of the file itself; the samples' mentions need no more folding than this
        here."""
        rows = [
            line.split("\t")
            for line in TERMS.read_text(encoding="utf-8").splitlines()
            if not line.startswith("#")
        ][1:]
        whole = contained = 0
        for model in models():
            done = radie("extract", "--terms", TERMS, *SAMPLES, model=model)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            plain = radie("extract", *SAMPLES, model=model)
            for path, record, without in zip(
                SAMPLES, records(done.stdout), records(plain.stdout), strict=True
            ):
                check_record(record, path.read_bytes().decode())
                for entity in record["entities"]:
                    codes = entity.pop("codes", None)
                    if codes is None:
                        continue
                    self.assertTrue(codes)
                    mention = fold(entity["text"])
                    for code in codes:
                        self.assertIn(
                            [code["term"], code["code"], code["name"], code["system"]], rows
                        )
                        if code["whole"]:
                            self.assertEqual(fold(code["term"]), mention)
                        whole += code["whole"]
                        contained += not code["whole"]
                self.assertEqual(record, without, "codes change nothing else")
        self.assertGreater(whole, 0)
        self.assertGreater(contained, 0)

    def test_an_ambiguous_term_gives_all_its_codes(self) -> None:
        line = json_lines(
            {
                "id": "a",
                "text": "ＬＣを認めます。",
                "entities": [{"type": "Clinical_finding", "start": 0, "end": 2}],
            }
        )
        done = radie(
            "extract",
            "--stage",
            "relations",
            "--input-format",
            "jsonl",
            "--terms",
            TERMS,
            "-",
            stdin=line,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        codes = records(done.stdout)[0]["entities"][0]["codes"]
        self.assertEqual(
            codes,
            [
                {
                    "code": "EXAMPLE-008",
                    "name": "Lung cancer",
                    "system": "EXAMPLE",
                    "term": "LC",
                    "whole": True,
                },
                {
                    "code": "EXAMPLE-013",
                    "name": "Liver cirrhosis",
                    "system": "EXAMPLE",
                    "term": "LC",
                    "whole": True,
                },
            ],
        )

    def test_several_files_are_one_table_in_their_order(self) -> None:
        mine = terms_file(
            "mine.tsv", "term\tcode\tname\n右肺上葉\tM-1\tmine\n結節\tM-2\tmine\n".encode()
        )
        line = json_lines(
            {
                "text": "右肺上葉に不整形結\n節",
                "entities": [
                    {"type": "Anatomical_entity", "start": 0, "end": 4},
                    {"type": "Imaging_observation", "start": 8, "end": 11},
                ],
            }
        )
        path = terms_file("terms_report.jsonl", line)
        for order, codes in (
            ((TERMS, mine), ["EXAMPLE-102", "M-1"]),
            ((mine, TERMS), ["M-1", "EXAMPLE-102"]),
        ):
            done = radie(
                "extract", "--stage", "relations", "--terms", order[0], "--terms", order[1], path
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            (record,) = records(done.stdout)
            self.assertEqual(schema_problems(record), [])
            self.assertEqual([code["code"] for code in record["entities"][0]["codes"]], codes)
        done = radie("extract", "--stage", "relations", "--terms", mine, path)
        self.assertEqual(
            records(done.stdout)[0]["entities"][1]["codes"],
            [{"code": "M-2", "name": "mine", "term": "結節", "whole": True}],
        )

    def test_table_and_page_show_them(self) -> None:
        line = json_lines(
            {
                "id": "a",
                "text": "肝嚢胞、腎嚢胞",
                "entities": [
                    {"type": "Clinical_finding", "start": 0, "end": 3},
                    {"type": "Clinical_finding", "start": 4, "end": 7},
                ],
            }
        )
        arguments = ["--stage", "relations", "--input-format", "jsonl", "--terms", TERMS, "-"]
        table = radie("extract", "--format", "table", *arguments, stdin=line).stdout.decode()
        self.assertIn("肝嚢胞 [EXAMPLE-007]", table)
        self.assertIn("腎嚢胞 [嚢胞 EXAMPLE-006]", table)
        page = radie("extract", "--format", "html", *arguments, stdin=line).stdout.decode()
        self.assertIn('title="EXAMPLE-006 Cyst (EXAMPLE)">嚢胞 EXAMPLE-006</span>', page)


class Failures(unittest.TestCase):
    def test_a_file_that_cannot_be_used_stops_the_command(self) -> None:
        good = "結節\tE-1\tNodule\n".encode()
        for name, content, said in [
            ("columns.tsv", good + "陰影\tE-2\n".encode(), "columns.tsv:2: "),
            ("empty.tsv", good + good + b"\tE-2\tx\n", "empty.tsv:3: the term is empty"),
            ("utf8.tsv", good + b"\x8c\x8b\tE-2\tx\n", "utf8.tsv:2: "),
            ("nul.tsv", b"a\0\tE-2\tx\n", "nul.tsv:1: "),
            ("huge.tsv", b"#" * ((64 << 20) + 1), "huge.tsv: "),
        ]:
            done = radie("extract", "--terms", terms_file(name, content), *SAMPLES[:1])
            self.assertEqual((done.returncode, done.stdout), (2, b""), name)
            self.assertIn(said, done.stderr.decode())
            self.assertEqual(done.stderr.count(b"\n"), 1)
        for path in (WORK / "none.tsv", WORK, "-"):
            done = radie("extract", "--terms", path, *SAMPLES[:1])
            self.assertEqual((done.returncode, done.stdout), (2, b""), path)
            self.assertTrue(done.stderr)


if __name__ == "__main__":
    unittest.main()
