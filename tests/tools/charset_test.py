"""radie extract --encoding: text files against Python's codecs."""

import codecs
import random
import sys
import unittest

from charsets import PYTHON, TEXTS, failure
from harness import SOURCE, WORK, radie, records

sys.path.insert(0, str(SOURCE / "tests/golden"))
import golden_charset

CELLS = range(1, 95)


def decoded(data: bytes, *arguments: object) -> str:
    """The text that the command reads out of standard input."""
    done = radie("extract", "--stage", "entities", "--include-text", *arguments, "-", stdin=data)
    assert (done.returncode, done.stderr) == (0, b""), done.stdout[-300:] + done.stderr
    (record,) = records(done.stdout)
    assert not record["warnings"] or "detect" in arguments, record["warnings"]
    text: str = record["text"]
    return text


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


if __name__ == "__main__":
    unittest.main()
