"""radie extract: records, ids, error records, stages, offsets, formats, determinism."""

import itertools
import json
import os
import random
import unittest

from harness import (
    DEMO_MODEL,
    SAMPLES,
    WORK,
    check_record,
    json_lines,
    models,
    radie,
    records,
    schema_problems,
    tiny_model,
)

TEXTS = [
    "右肺上葉に12mm大の不整形結節を認めます。原発性肺癌を疑います。",
    "\ufeff【所見】\r\n肝Ｓ６に嚢胞を認める。\r\nﾘﾝﾊﾟ節腫大なし",
    "𠮷①㎜⻑⼤ か\u3099 \x00 胸水(-)，腹水(-).",
    "S1+2 に 3.5cm の GGN を認め\nます。follow up",
    "",
    "\n\n",
]


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


class Failures(unittest.TestCase):
    def test_a_bad_line_fails_alone(self) -> None:
        good = json_lines({"id": "good", "text": "右肺に結節"})
        bad = [
            (b"not json", None, "invalid_input"),
            (b"[1, 2]", None, "invalid_input"),
            (b'{"id": "x", "text": 3}', "x", "invalid_input"),
            (b'{"id": "x"}', "x", "invalid_input"),
            (b'{"id": {}, "text": ""}', None, "invalid_input"),
            (b'{"id": "x", "text": "\xff"}', None, "invalid_input"),
            (b'{"id": "x", "text": "\\ud800"}', None, "invalid_input"),
            (
                json.dumps({"id": "x", "text": "a" * (1 << 20) + "b"}).encode(),
                "x",
                "limit_exceeded",
            ),
            (b'{"id": "x", "text": "' + b"a" * (17 << 20) + b'"}', None, "limit_exceeded"),
            (b"[" * 100_000, None, "invalid_input"),
        ]
        for line, identity, code in bad:
            done = radie("extract", "--input-format", "jsonl", stdin=good + line + b"\n" + good)
            out = records(done.stdout)
            self.assertEqual(done.returncode, 1, line[:40])
            self.assertEqual([r["id"] for r in out], ["good", identity, "good"])
            self.assertEqual(out[1]["error"]["code"], code, line[:40])
            self.assertEqual(out[1].get("line"), 2 if identity is None else None)
            self.assertEqual(schema_problems(out[1]), [])

    def test_a_text_file_that_is_not_utf8_names_the_byte(self) -> None:
        path = WORK / "bad.txt"
        path.write_bytes("右肺に".encode() + b"\xff" + "結節".encode())
        done = radie("extract", path)
        self.assertEqual(done.returncode, 1)
        error = records(done.stdout)[0]["error"]
        self.assertEqual((error["code"], error["offset"]), ("invalid_text", 9))
        table = radie("extract", "--format", "table", path)
        self.assertEqual((table.returncode, table.stdout), (1, b""))
        self.assertIn(b"bad.txt: ", table.stderr)

    def test_a_huge_text_file_is_refused(self) -> None:
        path = WORK / "huge.txt"
        with path.open("wb") as file:
            file.truncate(1 << 33)  # 8 GiB that take no room
        done = radie("extract", path)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(records(done.stdout)[0]["error"]["code"], "limit_exceeded")
        path.unlink()

    def test_a_folder_without_reports_is_said(self) -> None:
        (WORK / "empty").mkdir()
        done = radie("extract", WORK / "empty")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"no report", done.stderr)

    def test_a_missing_file_does_not_stop_the_others(self) -> None:
        path = WORK / "there.txt"
        path.write_text("右肺に結節", encoding="utf-8")
        done = radie("extract", WORK / "missing.txt", path)
        self.assertEqual(done.returncode, 1)
        self.assertEqual([r["id"] for r in records(done.stdout)], ["there.txt"])
        self.assertIn(b"missing.txt", done.stderr)

    def test_usage(self) -> None:
        for arguments in (
            ["extract", "--format", "xml", "-"],
            ["extract", "--no-such"],
            [],
            ["nonsense"],
            ["extract", "--threads", "-1", "-"],
            ["extract", "--threads", "many", "-"],
            ["extract", "--stage", "relations", "-"],
            ["extract", "--offsets", "bytes", "-"],
        ):
            done = radie(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""), arguments)
            self.assertNotEqual(done.stderr, b"", arguments)

    def test_an_unusable_model(self) -> None:
        broken = WORK / "broken.radie"
        broken.write_bytes(tiny_model().read_bytes()[:-5])
        for model in (broken, WORK / "none.radie", WORK):
            done = radie("extract", "--model", model, "-", stdin=b"x")
            self.assertEqual((done.returncode, done.stdout), (3, b""), done.stderr)
            self.assertNotEqual(done.stderr, b"")

    def test_a_model_without_the_stage(self) -> None:
        from harness import SOURCE

        tagger = SOURCE / "tests/golden/tagger_crf.radie"
        done = radie("extract", "--model", tagger, "-", stdin=b"x")
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"relations", done.stderr)
        done = radie("extract", "--model", tagger, "--stage", "entities", "-", stdin=b"x")
        self.assertEqual(done.returncode, 0)


class Stages(unittest.TestCase):
    def test_entities_alone(self) -> None:
        for model in models():
            lines = json_lines(*({"id": str(n), "text": t} for n, t in enumerate(TEXTS)))
            both = records(
                radie("extract", "--input-format", "jsonl", stdin=lines, model=model).stdout
            )
            done = radie(
                "extract",
                "--stage",
                "entities",
                "--input-format",
                "jsonl",
                stdin=lines,
                model=model,
            )
            for one, other, text in zip(records(done.stdout), both, TEXTS, strict=True):
                check_record(one, text)
                self.assertEqual(one["relations"], [])
                self.assertEqual(one["entities"], other["entities"])

    def test_relations_alone_give_what_both_give(self) -> None:
        for model in models():
            for unit in ("codepoint", "utf8", "utf16"):
                options = ["--input-format", "jsonl", "--offsets", unit]
                both = records(
                    radie(
                        "extract",
                        *options,
                        stdin=json_lines(*({"text": t} for t in TEXTS)),
                        model=model,
                    ).stdout
                )
                items = []
                for record, text in zip(both, TEXTS, strict=True):
                    entities = [
                        {k: e[k] for k in ("id", "type", "start", "end")}
                        for e in record["entities"]
                    ]
                    items.append({"text": text, "entities": entities[::-1]})
                done = radie(
                    "extract",
                    *options,
                    "--stage",
                    "relations",
                    stdin=json_lines(*items),
                    model=model,
                )
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                for one, other in zip(records(done.stdout), both, strict=True):
                    self.assertEqual(one["relations"], other["relations"])
                    for finding in one["findings"] + other["findings"]:
                        del finding["certainty"]["confidence"]  # given entities are sure
                    self.assertEqual(one["findings"], other["findings"])
                    self.assertTrue(all(e["confidence"] == 1 for e in one["entities"]))

    def test_output_can_be_fed_back_whatever_unit_it_is_in(self) -> None:
        lines = json_lines(*({"text": t} for t in TEXTS))
        written = radie(
            "extract", "--input-format", "jsonl", "--offsets", "utf8", "--include-text", stdin=lines
        )
        done = radie(
            "extract", "--input-format", "jsonl", "--stage", "relations", stdin=written.stdout
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for one, other in zip(records(done.stdout), records(written.stdout), strict=True):
            self.assertEqual(one["relations"], other["relations"])

    def test_bad_entities_are_that_reports_error(self) -> None:
        good = {"type": "Imaging_observation", "start": 0, "end": 2}
        cases = [
            (None, "invalid_input"),
            ([{**good, "end": 99}], "invalid_argument"),
            ([{**good, "end": 0}], "invalid_argument"),
            ([good, {**good, "start": 1, "end": 3}], "invalid_argument"),
            ([{**good, "type": "Nothing"}], "invalid_argument"),
            ([{"start": 0, "end": 2}], "invalid_input"),
            ([{**good, "start": -1}], "invalid_input"),
        ]
        for entities, code in cases:
            item = {"id": "x", "text": "結節を認める"}
            if entities is not None:
                item["entities"] = entities
            done = radie(
                "extract", "--stage", "relations", "--input-format", "jsonl", stdin=json_lines(item)
            )
            self.assertEqual(done.returncode, 1)
            self.assertEqual(records(done.stdout)[0]["error"]["code"], code, entities)


class MinConfidence(unittest.TestCase):
    def test_what_is_left_out_is_told(self) -> None:
        lost = kept = 0
        for model in models():
            full = records(radie("extract", *SAMPLES, model=model).stdout)
            values = sorted(x["confidence"] for r in full for x in r["entities"] + r["relations"])
            minimum = values[len(values) // 3] + 0.00005  # between two confidences of four decimals
            done = radie("extract", "--min-confidence", f"{minimum:.5f}", *SAMPLES, model=model)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            for path, some, all_of_it in zip(SAMPLES, records(done.stdout), full, strict=True):
                check_record(some, path.read_bytes().decode())
                facts = [
                    [(e["start"], e["end"], e["type"], e["confidence"]) for e in r["entities"]]
                    for r in (some, all_of_it)
                ]
                self.assertEqual(facts[0], [e for e in facts[1] if e[3] > minimum])
                self.assertTrue(all(r["confidence"] > minimum for r in some["relations"]))
                less = len(some["entities"]) + len(some["relations"]) < len(
                    all_of_it["entities"]
                ) + len(all_of_it["relations"])
                codes = [w["code"] for w in some["warnings"]]
                self.assertEqual(codes.count("below_min_confidence"), int(less))
                lost += less
                kept += len(some["relations"])
        self.assertGreater(lost, 0)
        self.assertGreater(kept, 0)

    def test_formats_without_warnings_tell_it_on_standard_error(self) -> None:
        done = radie(
            "extract",
            "--min-confidence",
            "1",
            "--format",
            "brat",
            "--stage",
            "entities",
            SAMPLES[0],
        )
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"below_min_confidence", done.stderr)

    def test_it_is_a_probability(self) -> None:
        for bad in ("-0.1", "1.01", "nan", "x", ""):
            done = radie("extract", f"--min-confidence={bad}", SAMPLES[0])
            self.assertEqual((done.returncode, done.stdout), (2, b""), bad)


class Inputs(unittest.TestCase):
    def test_files_directories_globs_and_standard_input(self) -> None:
        folder = WORK / "inputs"
        (folder / "sub").mkdir(parents=True)
        (folder / "b.txt").write_text("右肺に結節", encoding="utf-8")
        (folder / "sub/a.txt").write_text("胸水なし", encoding="utf-8")
        (folder / "c.jsonl").write_bytes(
            json_lines({"id": "j1", "text": ""}, {"id": "j2", "text": ""})
        )
        (folder / "notes.md").write_text("no report", encoding="utf-8")

        def ids(*arguments: object, stdin: bytes = b"") -> list:
            done = radie("extract", *arguments, stdin=stdin)
            self.assertEqual(done.returncode, 0, done.stderr)
            return [r["id"] for r in records(done.stdout)]

        self.assertEqual(ids(folder), ["b.txt", "j1", "j2", "sub/a.txt"])
        self.assertEqual(ids(folder / "b.txt", folder / "c.jsonl"), ["b.txt", "j1", "j2"])
        self.assertEqual(ids(f"{folder}/*.txt"), ["b.txt"])
        self.assertEqual(ids("-", stdin="右肺".encode()), ["stdin"])
        self.assertEqual(ids(stdin="右肺".encode()), ["stdin"])
        self.assertEqual(ids(folder / "c.jsonl", "--input-format", "text"), ["c.jsonl"])

    def test_a_file_name_that_is_not_utf8(self) -> None:
        path = os.fsencode(WORK) + b"/odd\xff.txt"
        with open(path, "w", encoding="utf-8") as file:
            file.write("右肺")
        done = radie("extract", os.fsdecode(path))
        self.assertEqual([r["id"] for r in records(done.stdout)], ["odd\ufffd.txt"])

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


class Samples(unittest.TestCase):
    @unittest.skipUnless(SAMPLES, "no sample reports")
    def test_the_samples_as_files_are_the_samples_as_lines(self) -> None:
        for model in models():
            files = radie("extract", *SAMPLES, model=model)
            self.assertEqual(files.returncode, 0, files.stderr)
            items = [{"id": p.name, "text": p.read_bytes().decode()} for p in SAMPLES]
            lines = radie(
                "extract", "--input-format", "jsonl", stdin=json_lines(*items), model=model
            )
            self.assertEqual(files.stdout, lines.stdout)
            for record, item in zip(records(files.stdout), items, strict=True):
                check_record(record, item["text"])


class Schema(unittest.TestCase):
    def test_the_schema_refuses_what_is_wrong(self) -> None:
        good = records(radie("extract", "-", stdin=TEXTS[0].encode()).stdout)[0]
        self.assertTrue(good["entities"])
        changes = [
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
