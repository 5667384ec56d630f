"""radie extract: a bad report is its own error and no one else's; what ends the run says so."""

import json
import unittest

from harness import (
    SOURCE,
    WORK,
    json_lines,
    needs_permissions,
    obey_permissions,
    radie,
    records,
    schema_problems,
    tiny_model,
)


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

    def test_a_folder_that_cannot_be_listed_is_said(self) -> None:
        needs_permissions()
        folder = WORK / "partly"
        (folder / "closed").mkdir(parents=True)
        (folder / "closed/a.txt").write_text("胸水なし", encoding="utf-8")
        (folder / "b.txt").write_text("右肺に結節", encoding="utf-8")
        (folder / "closed").chmod(0)
        self.addCleanup((folder / "closed").chmod, 0o700)
        for arguments in (
            ["extract", folder],
            ["extract", "--encoding", "cp932", "--output", WORK / "partly.jsonl", folder],
            ["tokenize", "--model", tiny_model(), folder],
        ):
            done = radie(*arguments, preexec_fn=obey_permissions)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
            self.assertIn(b"closed: Permission denied", done.stderr)
            if "--output" not in arguments:
                self.assertEqual([r["id"] for r in records(done.stdout)], ["b.txt"])
        done = radie(
            "bench", "--text", folder, "--warmup", 0, "--repeat", 1, preexec_fn=obey_permissions
        )
        self.assertEqual((done.returncode, done.stdout), (1, b""), done.stderr)
        self.assertIn(b"closed: Permission denied", done.stderr)

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
        tagger = SOURCE / "tests/golden/tagger_crf.radie"
        done = radie("extract", "--model", tagger, "-", stdin=b"x")
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"relations", done.stderr)
        done = radie("extract", "--model", tagger, "--stage", "entities", "-", stdin=b"x")
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
