"""radie extract: where reports are read from."""

import os
import unittest

from harness import SAMPLES, WORK, check_record, json_lines, models, radie, records


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

        def ids(*arguments: object, stdin: bytes = b"") -> list[str]:
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


if __name__ == "__main__":
    unittest.main()
