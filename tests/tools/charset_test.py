"""radie extract --encoding, --on-invalid, --offsets source: text files against Python's codecs."""

import codecs
import json
import random
import sys
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

sys.path.insert(0, str(SOURCE / "tests/golden"))
import golden_charset

PYTHON = {
    "utf-8": "utf-8",
    "cp932": "cp932",
    "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "utf-16": "utf-16",
}
CELLS = range(1, 95)
TEXTS = [
    "右肺上葉に12mm大の不整形結節を認めます。\r\n原発性肺癌を疑います。",
    "【所見】\n肝S8に嚢胞を認める。リンパ節腫大なし。\n",
    "S1+2 に 3.5cm の GGN を認め\nます。follow up",
]


def decoded(data: bytes, *arguments: object) -> str:
    """The text that the command reads out of standard input."""
    done = radie("extract", "--stage", "entities", "--include-text", *arguments, "-", stdin=data)
    assert (done.returncode, done.stderr) == (0, b""), done.stdout[-300:] + done.stderr
    (record,) = records(done.stdout)
    assert not record["warnings"] or "detect" in arguments, record["warnings"]
    return record["text"]


def failure(data: bytes, *arguments: object) -> dict:
    done = radie("extract", *arguments, "-", stdin=data)
    assert done.returncode == 1, done.stdout
    (record,) = records(done.stdout)
    assert not schema_problems(record)
    return record["error"]


def pieces_of(text: str, encoding: str) -> tuple[bytes, list[tuple[int, int]]]:
    """The text in the encoding, and where each of its characters stands in it, without the
    escapes."""
    encoder = codecs.getincrementalencoder(PYTHON[encoding])()
    data, places = b"", []
    for character in text:
        data += encoder.encode(character)
        width = {"utf-8": len(character.encode()), "utf-16": 2}.get(
            encoding, 1 if character.isascii() else 2
        )
        places.append((len(data) - width, len(data)))
    return data + encoder.encode("", final=True), places


class AgainstPython(unittest.TestCase):
    def test_cp932(self) -> None:
        """All of JIS X 0208, NEC's row 13, IBM's characters in both places, user-defined ones,
        half-width kana."""
        sequences = [
            bytes([lead, trail])
            for lead in golden_charset.CP932_LEADS
            for trail in golden_charset.CP932_TRAILS
        ]
        known = [s for s in sequences if golden_charset.character(s, "cp932") != " "]
        kana = [bytes([byte]) for byte in range(0xA1, 0xE0)]
        self.assertEqual((len(known), len(kana)), (9604, 63))
        data = b"\n".join(known + kana)
        text = decoded(data, "--encoding", "cp932")
        self.assertEqual(text, data.decode("cp932"))
        there_and_back = [c for c in text if c != "\n" and c.encode("cp932") in data]
        self.assertEqual(len(there_and_back), len(known) + len(kana))
        for unknown in random.Random(1).sample(sorted(set(sequences) - set(known)), 12):
            self.assertEqual(failure(b"a" + unknown, "--encoding", "cp932")["offset"], 1)

    def test_jis_x_0208_0212_and_kana(self) -> None:
        """In EUC-JP and ISO-2022-JP; the rows of CP51932 by cp932, where Python has them."""
        for encoding in ("euc-jp", "iso-2022-jp"):
            lines, expected, count = [], [], 0
            for row in CELLS:
                for name, table in (
                    ("0208", golden_charset.jisx0208),
                    ("0212", golden_charset.jisx0212),
                ):
                    cells = [cell for cell in CELLS if table(row, cell) != " "]
                    if name == "0212" and row == 2:
                        cells.remove(23)  # a full-width tilde here, ASCII's in Python
                    if not cells:
                        continue
                    count += len(cells)
                    expected.append("".join(table(row, cell) for cell in cells))
                    if encoding == "euc-jp":
                        prefix = b"\x8f" if name == "0212" else b""
                        lines.append(
                            b"".join(prefix + bytes([row + 0xA0, cell + 0xA0]) for cell in cells)
                        )
                    else:
                        escape = (
                            b"\x1b$(D" if name == "0212" else b"\x1b$@" if row % 2 else b"\x1b$B"
                        )
                        lines.append(
                            escape
                            + b"".join(bytes([row + 0x20, cell + 0x20]) for cell in cells)
                            + b"\x1b(B"
                        )
            self.assertEqual(count, 6879 + 457 + 6066)
            kana = range(0xA1, 0xE0)
            expected.append("".join(chr(0xFF61 + byte - 0xA1) for byte in kana))
            lines.append(
                b"".join(bytes([0x8E, byte]) for byte in kana)
                if encoding == "euc-jp"
                else b"\x1b(I" + bytes(byte & 0x7F for byte in kana) + b"\x1b(B"
            )
            self.assertEqual(lines[-1].decode(PYTHON[encoding]), expected[-1])
            self.assertEqual(
                decoded(b"\n".join(lines), "--encoding", encoding), "\n".join(expected)
            )

    def test_what_python_encodes_comes_back(self) -> None:
        """Every character of JIS X 0208 through Python's encoders."""
        standard = "".join(
            golden_charset.character(bytes([row + 0xA0, cell + 0xA0]), "euc_jp")
            for row in CELLS
            for cell in CELLS
        )
        for encoding, codec in PYTHON.items():
            text = "".join(
                c for c in standard if c != " " and (encoding != "cp932" or c not in "〜‖−¢£¬")
            )
            self.assertEqual(len(text), 6879 - (6 if encoding == "cp932" else 0))
            data = text.encode(codec)
            self.assertEqual(
                decoded(data, "--encoding", encoding),
                text if encoding != "utf-16" else "\ufeff" + text,
            )

    def test_big_endian_utf16(self) -> None:
        data = codecs.BOM_UTF16_BE + "右肺𠮷に結節".encode("utf-16-be")
        self.assertEqual(decoded(data, "--encoding", "UTF16"), "\ufeff右肺𠮷に結節")
        self.assertEqual(failure(data[2:], "--encoding", "utf-16")["offset"], 0)

    def test_the_golden_file_is_what_python_says(self) -> None:
        folder = WORK / "golden"
        folder.mkdir()
        golden_charset.make(folder)
        self.assertEqual(
            (folder / "charsets.json").read_bytes(),
            (SOURCE / "tests/golden/charsets.json").read_bytes(),
        )

    def test_mapping_quarrels(self) -> None:
        for cp932, euc, as_windows, as_jis in (
            (b"\x81\x60", b"\xa1\xc1", "\uff5e", "\u301c"),
            (b"\x81\x7c", b"\xa1\xdd", "\uff0d", "\u2212"),
            (b"\x81\x61", b"\xa1\xc2", "\u2225", "\u2016"),
            (b"\x81\x91", b"\xa1\xf1", "\uffe0", "\u00a2"),
            (b"\x81\x92", b"\xa1\xf2", "\uffe1", "\u00a3"),
            (b"\x81\xca", b"\xa2\xcc", "\uffe2", "\u00ac"),
        ):
            self.assertEqual(decoded(cp932, "--encoding", "cp932"), as_windows)
            self.assertEqual(decoded(euc, "--encoding", "euc-jp"), as_jis)
            self.assertEqual(
                decoded(
                    b"\x1b$B" + bytes(b & 0x7F for b in euc) + b"\x1b(B",
                    "--encoding",
                    "iso-2022-jp",
                ),
                as_jis,
            )

    def test_damaged_texts_as_python_reads_them(self) -> None:
        """Strictly: the same text, or both refuse. Radie also refuses some bytes that Python passes
        on, and has more rows."""
        added = {
            golden_charset.jisx0208(row, cell) for row in (13, 89, 90, 91, 92) for cell in CELLS
        } - {" "}
        passed_on = {"cp932": "\x80\uf8f0\uf8f1\uf8f2\uf8f3", "iso-2022-jp": "\x1b"}
        shuffle = random.Random(5)
        refused = accepted = 0
        for encoding, codec in PYTHON.items():
            folder = WORK / f"random-{encoding}"
            folder.mkdir()
            inputs = {}
            for number in range(400):
                data = self.random_bytes(encoding, shuffle)
                inputs[f"{number}.txt"] = data
                (folder / f"{number}.txt").write_bytes(data)
            done = radie(
                "extract",
                "--include-text",
                "--stage",
                "entities",
                "--format",
                "jsonl",
                "--encoding",
                encoding,
                folder,
            )
            for record in records(done.stdout):
                data = inputs.pop(record["id"])
                try:
                    expected = data.decode(codec)
                except UnicodeDecodeError:
                    expected = None
                if expected is None and encoding in ("euc-jp", "iso-2022-jp") and "text" in record:
                    self.assertTrue(set(record["text"]) & added, data)
                elif expected is None or set(expected) & set(passed_on.get(encoding, "")):
                    refused += 1
                    self.assertEqual(record.get("error", {}).get("code"), "invalid_text", data)
                    self.assertLess(record["error"]["offset"], len(data))
                else:
                    accepted += 1
                    mark = "\ufeff" if encoding == "utf-16" else ""
                    self.assertEqual(record.get("text"), mark + expected, data)
            self.assertEqual(inputs, {})
        self.assertGreater(refused, 300)
        self.assertGreater(accepted, 300)

    @staticmethod
    def random_bytes(encoding: str, shuffle: random.Random) -> bytes:
        text = shuffle.choice([TEXTS[0], "胸水(-)，腹水(-).\n", "ｶﾞｷﾞ 肝S6 ABC\n"])
        data = bytearray(text.encode(PYTHON[encoding]))
        for _ in range(shuffle.randrange(3)):  # bytes lost, changed, added
            at = shuffle.randrange(2, len(data))
            kind = shuffle.randrange(3)
            if kind == 0:
                del data[at]
            else:
                byte = shuffle.choice([0x24, 0x30, 0x41, 0x7C, 0x8F, 0x94, 0xAD, 0xB1, 0xC7, 0xE3])
                data[at : at + (kind == 1)] = [byte]
        return bytes(data)

    def test_utf_8_replaced(self) -> None:
        shuffle = random.Random(6)
        for _ in range(30):
            data = bytearray(TEXTS[0].encode())
            for _ in range(8):
                data[shuffle.randrange(len(data))] = shuffle.choice(
                    [0x41, 0x80, 0xBF, 0xC0, 0xE3, 0xED, 0xF0, 0xF4, 0xFF]
                )
            done = radie(
                "extract", "--include-text", "--on-invalid", "replace", "-", stdin=bytes(data)
            )
            self.assertEqual(
                records(done.stdout)[0]["text"], bytes(data).decode("utf-8", "replace")
            )


class Offsets(unittest.TestCase):
    def test_source_offsets_are_those_of_the_files_bytes(self) -> None:
        pool = "右左肺上葉に結節影を認めます。胸水なし、－12.5mm×S8　\r\nＣＴ"
        source = random.Random(3)
        texts = TEXTS + [
            "".join(source.choices(pool, k=source.randrange(1, 120))) for _ in range(12)
        ]
        for model in models():
            for encoding in PYTHON:
                mentions = 0
                folder = WORK / f"source-{encoding}-{model.stem}"
                folder.mkdir()
                data_of = {}
                for number, text in enumerate(texts):
                    if encoding in ("euc-jp", "iso-2022-jp"):
                        text = text.replace("－", "−")
                    data_of[f"{number:02}.txt"] = data, places = pieces_of(text, encoding)
                    (folder / f"{number:02}.txt").write_bytes(data)
                points = records(
                    radie(
                        "extract", "--include-text", "--encoding", encoding, folder, model=model
                    ).stdout
                )
                done = radie(
                    "extract", "--encoding", encoding, "--offsets", "source", folder, model=model
                )
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                for record, by_point in zip(records(done.stdout), points, strict=True):
                    check_record(by_point, by_point["text"])
                    self.assertEqual(schema_problems(record), [])
                    self.assertEqual(
                        (record["offset_unit"], record["encoding"]), ("source", encoding)
                    )
                    data, places = data_of[record["id"]]
                    if encoding == "utf-16":
                        places = [(0, 2), *places]
                    for entity, same in zip(record["entities"], by_point["entities"], strict=True):
                        self.assertEqual(entity["text"], same["text"])
                        self.assertEqual(
                            (entity["start"], entity["end"]),
                            (places[same["start"]][0], places[same["end"] - 1][1]),
                        )
                        if encoding in ("cp932", "euc-jp", "utf-8"):
                            self.assertEqual(
                                data[entity["start"] : entity["end"]].decode(PYTHON[encoding]),
                                entity["text"],
                            )
                        mentions += 1
                self.assertGreater(mentions, 10, encoding)

    def test_the_encoding_changes_nothing_else(self) -> None:
        for model in models():
            for path in SAMPLES[:2]:
                text = path.read_bytes().decode()
                plain = radie("extract", "-", stdin=text.encode(), model=model).stdout
                done = radie(
                    "extract", "--encoding", "cp932", "-", stdin=text.encode("cp932"), model=model
                )
                self.assertEqual(done.stdout, plain)
                done = radie(
                    "extract",
                    "--encoding",
                    "SJIS",
                    "--format",
                    "table",
                    "-",
                    stdin=text.encode("cp932"),
                    model=model,
                )
                self.assertEqual(
                    done.stdout,
                    radie(
                        "extract", "--format", "table", "-", stdin=text.encode(), model=model
                    ).stdout,
                )


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
