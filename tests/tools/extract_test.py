"""radie extract: its records, their ids, offsets and schema; the same bytes, whatever the threads,
the batch and the cache; the table."""

import itertools
import json
import random
import unittest
from collections.abc import Callable
from typing import Any

from harness import (
    DEMO_MODEL,
    SAMPLES,
    TEXTS,
    check_record,
    json_lines,
    models,
    radie,
    records,
    schema_problems,
)


class Records(unittest.TestCase):
    def test_as_many_records_out_as_in_and_in_order(self) -> None:
        for model in models():
            items = [{"id": f"r{n}", "text": TEXTS[n % len(TEXTS)]} for n in range(40)]
            done = radie(
                "extract", "--input-format", "jsonl", "-", stdin=json_lines(*items), model=model
            )
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            out = records(done.stdout)
            self.assertEqual([r["id"] for r in out], [i["id"] for i in items])
            for record, item in zip(out, items, strict=True):
                check_record(record, item["text"])
            self.assertTrue(
                any(r["entities"] for r in out), "the model finds nothing: this test proves nothing"
            )

    def test_offsets_in_every_unit(self) -> None:
        for model in models():
            for unit in ("codepoint", "utf8", "utf16"):
                done = radie(
                    "extract",
                    "--input-format",
                    "jsonl",
                    "--offsets",
                    unit,
                    "-",
                    stdin=json_lines(*({"text": t} for t in TEXTS)),
                    model=model,
                )
                for record, text in zip(records(done.stdout), TEXTS, strict=True):
                    self.assertEqual(record["offset_unit"], unit)
                    check_record(record, text)

    def test_ids(self) -> None:
        lines = json_lines(
            {"id": "a", "text": ""},
            {"id": 7, "text": ""},
            {"id": 1.5, "text": ""},
            {"text": ""},
            {"id": None, "text": ""},
            {"id": 'q"\n\x1b', "text": ""},
            {"id": "a", "text": ""},
        )
        done = radie("extract", "--input-format", "jsonl", stdin=b"\n" + lines)
        self.assertEqual(
            [r["id"] for r in records(done.stdout)],
            ["a", "7", "1.5", "line-5", "line-6", 'q"\n\x1b', "a"],
        )

    def test_text_only_when_asked(self) -> None:
        for text in TEXTS:
            done = radie(
                "extract",
                "--include-text",
                "--input-format",
                "jsonl",
                stdin=json_lines({"text": text}),
            )
            self.assertEqual(records(done.stdout)[0]["text"], text)
        done = radie("extract", "--input-format", "jsonl", stdin=json_lines({"text": "右肺"}))
        self.assertNotIn("text", records(done.stdout)[0])

    def test_bom_crlf_and_blank_lines(self) -> None:
        lines = (
            b"\xef\xbb\xbf"
            + json_lines({"id": "a", "text": ""}).replace(b"\n", b"\r\n")
            + b"\r\n  \n"
            + b'{"text":""}'
        )
        done = radie("extract", "--input-format", "jsonl", stdin=lines)
        self.assertEqual([r["id"] for r in records(done.stdout)], ["a", "line-4"])

    def test_the_same_report_gives_the_same_bytes(self) -> None:
        """Whatever the order, the batch, the number of threads, the way in."""
        texts = [path.read_bytes().decode() for path in SAMPLES] + TEXTS
        items = [{"id": f"r{n}", "text": text} for n, text in enumerate(texts)]
        for model in models():
            alone = {}
            for item in items:
                done = radie(
                    "extract",
                    "--input-format",
                    "jsonl",
                    "--threads",
                    1,
                    stdin=json_lines(item),
                    model=model,
                )
                self.assertEqual(done.returncode, 0, done.stderr)
                alone[item["id"]] = done.stdout
            shuffle = random.Random(1)
            for threads, flags in ((1, []), (2, ["--no-mmap"]), (3, [])):
                order = items * (1 if model == DEMO_MODEL else 4)
                shuffle.shuffle(order)
                done = radie(
                    "extract",
                    "--input-format",
                    "jsonl",
                    "--threads",
                    threads,
                    *flags,
                    stdin=json_lines(*order),
                    model=model,
                )
                self.assertEqual(done.stdout, b"".join(alone[item["id"]] for item in order))

    def test_threads_and_isas(self) -> None:
        for arguments in (
            ["--threads", 0],
            ["--threads", 3],
            ["--isa", "portable"],
            ["--isa", "auto"],
        ):
            done = radie("extract", *arguments, "-", stdin=TEXTS[0].encode())
            self.assertEqual(done.returncode, 0, done.stderr)
            check_record(records(done.stdout)[0], TEXTS[0])

    def test_a_cache_of_any_size_changes_nothing(self) -> None:
        lines = "".join(
            json.dumps({"id": f"{n}-{i}", "text": text}) + "\n"
            for n in range(30)
            for i, text in enumerate(TEXTS)
        ).encode()
        outputs = [
            radie("extract", *arguments, "--input-format", "jsonl", "-", stdin=lines)
            for arguments in ([], ["--cache", 0], ["--cache", 1])
        ]
        self.assertEqual(len(records(outputs[0].stdout)), 30 * len(TEXTS))
        for output in outputs:
            self.assertEqual(
                (output.returncode, output.stdout), (0, outputs[0].stdout), output.stderr
            )
        self.assertEqual(radie("extract", "--cache", -1, "-", stdin=b"").returncode, 2)


class Table(unittest.TestCase):
    def test_table_and_its_escapes(self) -> None:
        done = radie(
            "extract", "--format", "table", "-", stdin="右肺\x1b[31m上葉に結節を認める。".encode()
        )
        self.assertEqual(done.returncode, 0)
        self.assertNotIn(b"\x1b", done.stdout)
        self.assertTrue(done.stdout.startswith(b"stdin"))

    @unittest.skipUnless(DEMO_MODEL.exists(), "the demo model is not there")
    def test_the_demo_model_finds_the_nodule(self) -> None:
        text = TEXTS[0]
        done = radie("extract", "--format", "table", "-", stdin=text.encode(), model=DEMO_MODEL)
        for word in ("結節", "右肺上葉", "不整形", "12mm大", "認めます"):
            self.assertIn(word, done.stdout.decode())
        record = records(radie("extract", "-", stdin=text.encode(), model=DEMO_MODEL).stdout)[0]
        nodule = next(f for f in record["findings"] if f["text"] == "結節")
        self.assertIn("Anatomical_entity", nodule["attributes"])


class Schema(unittest.TestCase):
    def test_the_schema_refuses_what_is_wrong(self) -> None:
        good = records(radie("extract", "-", stdin=TEXTS[0].encode()).stdout)[0]
        self.assertTrue(good["entities"])
        changes: list[Callable[[dict[str, Any]], object]] = [
            lambda r: r.pop("id"),
            lambda r: r.update(extra=1),
            lambda r: r.update(offset_unit="bytes"),
            lambda r: r["entities"][0].update(id="X1"),
            lambda r: r["entities"][0].update(confidence=1.5),
            lambda r: r["entities"][0].update(start="0"),
            lambda r: r.update(findings={}),
            lambda r: r.update(error={"code": "io", "message": ""}),
            lambda r: r.update(id=None),
        ]
        self.assertEqual(schema_problems(good), [])
        for change in changes:
            copy = json.loads(json.dumps(good))
            change(copy)
            self.assertNotEqual(schema_problems(copy), [], copy)
        for code, offset in itertools.product(("invalid_text", "nonsense"), (0, -1)):
            record = {"id": "a", "error": {"code": code, "message": "m", "offset": offset}}
            self.assertEqual(schema_problems(record) == [], (code, offset) == ("invalid_text", 0))


if __name__ == "__main__":
    unittest.main()
