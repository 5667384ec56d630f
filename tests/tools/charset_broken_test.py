"""radie extract --on-invalid: bytes that are no text are an error that names them, or are
replaced and told."""

import random
import unittest
from pathlib import Path

from charsets import PYTHON, TEXTS, failure
from harness import WORK, check_record, radie, records, schema_problems


class Broken(unittest.TestCase):
    CASES = (  # encoding, bytes, offset, what becomes of them, places
        ("cp932", "右肺".encode("cp932")[:-1], 2, "右\ufffd", "2"),
        ("cp932", b"ab\x85\x9e\nc", 2, "ab\ufffd\nc", "2-3"),
        ("euc-jp", "右肺".encode("euc_jp") + b"\x8f\xb0", 4, "右肺\ufffd", "4-5"),
        ("iso-2022-jp", b"\x1b$B1&GY\x1b(B S8 \xb1", 14, "右肺 S8 \ufffd", "14"),
        ("iso-2022-jp", b"\x1b$B1&G", 5, "右\ufffd", "5"),
        ("utf-16", "右肺".encode("utf-16")[:-1], 4, "\ufeff右\ufffd", "4"),
        ("utf-8", "右肺".encode()[:-1] + b"a\xff", 3, "右\ufffda\ufffd", "3-4, 6"),
    )

    def test_an_error_names_the_byte(self) -> None:
        for encoding, data, offset, _, _ in self.CASES:
            for arguments in ((), ("--on-invalid", "error"), ("--offsets", "source")):
                error = failure(data, "--encoding", encoding, *arguments)
                self.assertEqual(
                    (error["code"], error["offset"]), ("invalid_text", offset), encoding
                )
                self.assertTrue(error["message"].isascii())

    def test_replaced_ones_are_told(self) -> None:
        for encoding, data, _, text, places in self.CASES:
            done = radie(
                "extract",
                "--include-text",
                "--encoding",
                encoding,
                "--on-invalid",
                "replace",
                "-",
                stdin=data,
            )
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            (record,) = records(done.stdout)
            check_record(record, text)
            self.assertEqual(record["text"], text)
            self.assertEqual([w["code"] for w in record["warnings"]][:1], ["bytes_replaced"])
            self.assertTrue(
                record["warnings"][0]["message"].endswith(f"at bytes {places}"), record["warnings"]
            )
            table = radie(
                "extract",
                "--format",
                "brat",
                "--encoding",
                encoding,
                "--on-invalid",
                "replace",
                "-",
                stdin=data,
            )
            self.assertIn(b"bytes_replaced", table.stderr)

    def test_one_broken_file_does_not_stop_the_others(self) -> None:
        folder = WORK / "mixed"
        folder.mkdir()
        for name, data in (
            ("a.txt", TEXTS[0].encode("cp932")),
            ("b.txt", b"\x81"),
            ("c.txt", TEXTS[1].encode("cp932")),
        ):
            (folder / name).write_bytes(data)
        done = radie("extract", "--encoding", "cp932", folder)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(
            [("error" in record) for record in records(done.stdout)], [False, True, False]
        )

    def test_random_bytes(self) -> None:
        folder = WORK / "random"
        folder.mkdir()
        source = random.Random(5)
        for number in range(60):
            parts = [
                b"\x1b$B",
                b"\x1b(I",
                b"\x1b",
                b"\xff\xfe",
                b"\x8f",
                source.randbytes(3),
                source.randbytes(40),
                b"ab",
            ]
            (folder / f"{number:02}.txt").write_bytes(
                b"".join(source.choices(parts, k=source.randrange(12)))
            )
        for encoding in [*PYTHON, "detect"]:
            for options in (
                (),
                ("--on-invalid", "replace", "--offsets", "source", "--include-text"),
            ):
                done = radie("extract", "--encoding", encoding, *options, folder)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                out = records(done.stdout)
                self.assertEqual(len(out), 60)
                for record in out:
                    self.assertEqual(schema_problems(record), [])
                    if "text" in record:
                        self.assertEqual(
                            "\ufffd" in record["text"],
                            any(w["code"] == "bytes_replaced" for w in record["warnings"])
                            or "\ufffd" in self.read(folder / record["id"], record["encoding"]),
                        )

    @staticmethod
    def read(path: Path, encoding: str) -> str:
        """U+FFFD may stand in the file itself."""
        return path.read_bytes().decode(PYTHON[encoding], errors="ignore")


if __name__ == "__main__":
    unittest.main()
