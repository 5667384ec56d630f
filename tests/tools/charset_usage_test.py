"""radie extract --encoding, --on-invalid: what they take, detection, what every format tells."""

import json
import unittest

from charsets import PYTHON, TEXTS, failure
from harness import WORK, json_lines, radie, records


class Detection(unittest.TestCase):
    def test_it_names_what_it_took(self) -> None:
        text = TEXTS[0] + "縦隔リンパ節の腫大はありません。" + TEXTS[1]
        for encoding, codec in PYTHON.items():
            done = radie(
                "extract", "--include-text", "--encoding", "detect", "-", stdin=text.encode(codec)
            )
            (record,) = records(done.stdout)
            self.assertEqual(record["text"].lstrip("\ufeff"), text)
            self.assertEqual(record["warnings"][0]["code"], "encoding_detected")
            self.assertTrue(
                record["warnings"][0]["message"].endswith(f": {encoding}"), record["warnings"]
            )

    def test_never_without_being_asked(self) -> None:
        for codec in ("cp932", "euc_jp", "utf-16"):
            self.assertEqual(failure(TEXTS[0].encode(codec))["code"], "invalid_text")

    def test_nothing_fits(self) -> None:
        error = failure(b"\xe5\x8f\xb3\xff\xff" * 20, "--encoding", "detect")
        self.assertEqual(error["code"], "invalid_text")


class Usage(unittest.TestCase):
    def test_json_lines_are_utf8(self) -> None:
        folder = WORK / "both"
        folder.mkdir()
        (folder / "a.txt").write_bytes(b"a")
        (folder / "b.jsonl").write_bytes(json_lines({"text": "右肺"}))
        for option in (
            ("--encoding", "cp932"),
            ("--encoding", "detect"),
            ("--on-invalid", "replace"),
            ("--offsets", "source"),
        ):
            for inputs in (("--input-format", "jsonl", "-"), (folder,), (folder / "b.jsonl",)):
                done = radie("extract", *option, *inputs, stdin=json_lines({"text": "右肺"}))
                self.assertEqual((done.returncode, done.stdout), (2, b""), (option, inputs))
                self.assertIn(b"JSON Lines", done.stderr)
                self.assertIn(option[0].encode(), done.stderr)
        for option in (("--encoding", "utf-8"), ("--on-invalid", "error"), ("--offsets", "utf8")):
            self.assertEqual(radie("extract", *option, folder).returncode, 0, option)

    def test_limits(self) -> None:
        """A MiB of UTF-8, and four of the source."""
        kana = (1 << 20) // 3 + 1
        self.assertEqual(failure(b"\xb1" * kana, "--encoding", "cp932")["code"], "limit_exceeded")
        path = WORK / "escapes.txt"
        path.write_bytes(b"\x1b(B" * (2 << 20))
        done = radie("extract", "--encoding", "iso-2022-jp", path)
        self.assertEqual(records(done.stdout)[0]["error"]["code"], "limit_exceeded")

    def test_every_format_tells_warnings(self) -> None:
        data = TEXTS[0].encode("cp932") + b"\x80"
        for name in ("jsonl", "table", "html", "brat", "conll"):
            done = radie(
                "extract",
                "--format",
                name,
                "--encoding",
                "detect",
                "--on-invalid",
                "replace",
                stdin=data,
            )
            self.assertEqual(done.returncode, 0)
            for code in (b"encoding_detected", b"bytes_replaced"):
                self.assertIn(code, done.stdout + done.stderr, name)

    def test_names(self) -> None:
        for name in ("latin-1", "", "utf-32", "cp 932"):
            done = radie("extract", "--encoding", name, "-", stdin=b"a")
            self.assertEqual((done.returncode, done.stdout), (2, b""), name)
        for arguments in (("--on-invalid", "ignore"), ("--offsets", "source", "--format", "conll")):
            self.assertEqual(radie("extract", *arguments, "-", stdin=b"a").returncode, 2)

    def test_help_says_it(self) -> None:
        text = " ".join(radie("extract", "--help").stdout.decode().split())
        for words in (
            "--encoding",
            "--on-invalid",
            "JSON Lines are UTF-8 always",
            "bytes of the file's own encoding",
        ):
            self.assertIn(words, text)

    def test_other_formats_write_utf8(self) -> None:
        path, folder = WORK / "windows.txt", WORK / "brat"
        path.write_bytes(TEXTS[0].encode("cp932"))
        done = radie(
            "extract", "--encoding", "cp932", "--format", "brat", "--output-dir", folder, path
        )
        self.assertEqual(done.returncode, 0)
        self.assertNotIn(b"encoding", done.stderr)
        self.assertEqual((folder / "windows.txt").read_bytes(), TEXTS[0].encode())
        json.loads(radie("extract", "--encoding", "cp932", path).stdout)


if __name__ == "__main__":
    unittest.main()
