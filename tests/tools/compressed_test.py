"""Compressed input: what comes out is what the plain files give; what is damaged is told with its
place; nothing fills the memory."""

import gzip
import os
import subprocess
import unittest
import zlib
from typing import Any

from bulk import Case, made_lines
from harness import RADIE, SAMPLES, json_lines, radie, records, tiny_model

ENVIRONMENT = {**os.environ, "RADIE_MODEL": str(tiny_model())}
PIECE = 1 << 16


def zst(data: bytes, runs: int = 0) -> bytes:
    """A zstd frame (RFC 8878) of raw blocks, behind them `runs` blocks of 64 KiB of one byte: no
    compressor is needed for it."""
    blocks = [
        (0, len(piece), piece)
        for piece in (data[n : n + PIECE] for n in range(0, len(data), PIECE))
    ]
    blocks += [(1, PIECE, b"x")] * runs
    blocks.append((0, 0, b""))
    frame = b"\x28\xb5\x2f\xfd\x00\x38"  # a window of 128 KiB
    for number, (kind, size, content) in enumerate(blocks, 1):
        frame += (size << 3 | kind << 1 | (number == len(blocks))).to_bytes(3, "little") + content
    return frame


class Compressed(Case):
    def test_the_plain_file_gives_the_same(self) -> None:
        lines = made_lines(200)
        self.input.write_bytes(lines)
        whole = self.extract(self.input)
        cut = len(lines) // 3
        for name, data in (
            ("a.jsonl.gz", gzip.compress(lines)),
            ("b.jsonl.zst", zst(lines)),
            (
                "several.jsonl.gz",
                gzip.compress(lines[:cut]) + gzip.compress(b"") + gzip.compress(lines[cut:]),
            ),
            (
                "several.jsonl.zst",
                b"\x50\x2a\x4d\x18\x02\0\0\0xx" + zst(lines[:cut]) + zst(lines[cut:]),
            ),
            ("no_such_name.jsonl", gzip.compress(lines)),
            ("other.jsonl.gz", zst(lines)),
        ):
            path = self.folder / name
            path.write_bytes(data)
            done = self.extract(path)
            self.assertEqual(
                (done.returncode, done.stdout, done.stderr),
                (whole.returncode, whole.stdout, whole.stderr),
                name,
            )
            piped = self.extract("--input-format", "jsonl", "-", stdin=data)
            self.assertEqual(piped.stdout, whole.stdout)

    def test_text_files_keep_their_ids(self) -> None:
        plain, packed = self.folder / "plain", self.folder / "packed"
        plain.mkdir()
        packed.mkdir()
        for n, sample in enumerate(SAMPLES):
            (plain / sample.name).write_bytes(sample.read_bytes())
            pack, ending = ((gzip.compress, ".gz"), (zst, ".zst"), (bytes, ""))[n % 3]
            (packed / (sample.name + ending)).write_bytes(pack(sample.read_bytes()))
        expected = self.extract(plain)
        self.assertEqual(expected.stdout.count(b"\n"), len(SAMPLES))
        self.assertEqual(self.extract(packed).stdout, expected.stdout)
        source = self.extract("--offsets", "source", "--encoding", "detect", packed)
        self.assertEqual(
            source.stdout, self.extract("--offsets", "source", "--encoding", "detect", plain).stdout
        )

    def test_answers_come_while_the_input_is_open(self) -> None:
        process = subprocess.Popen(
            [RADIE, "extract", "--input-format", "jsonl", "-"],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin and process.stdout
        packer = zlib.compressobj(wbits=31)
        for n in range(3):
            line = packer.compress(json_lines({"id": f"r{n}", "text": "右肺に結節"}))
            process.stdin.write(line + packer.flush(zlib.Z_SYNC_FLUSH))
            process.stdin.flush()
            self.assertEqual(records(process.stdout.readline())[0]["id"], f"r{n}")
        process.stdin.write(packer.flush())
        process.stdin.close()
        self.assertEqual(process.wait(60), 0)
        process.stdout.close()

    def test_tokenize_and_eval_read_them(self) -> None:
        lines = json_lines({"id": "a", "text": "肺炎。", "entities": [], "relations": []})
        self.input.write_bytes(lines)
        packed = self.folder / "packed.jsonl.gz"
        packed.write_bytes(gzip.compress(lines))
        frame = self.folder / "gold.conll.zst"
        frame.write_bytes(
            zst("# newdoc id = a\n肺\tB-Clinical_finding\n炎\tI-Clinical_finding\n\n".encode())
        )
        self.assertEqual(radie("tokenize", packed).stdout, radie("tokenize", self.input).stdout)
        self.assertEqual(radie("eval", packed).stdout, radie("eval", self.input).stdout)
        self.assertEqual(radie("eval", packed).returncode, 0)
        self.assertEqual(radie("eval", frame).returncode, 0, radie("eval", frame).stderr)

    def test_resume(self) -> None:
        lines = made_lines(50).splitlines(keepends=True)
        packed = self.folder / "in.jsonl.gz"
        packed.write_bytes(gzip.compress(b"".join(lines[:20])))
        self.input.write_bytes(b"".join(lines))
        self.extract("--output", self.output, packed)
        packed.write_bytes(gzip.compress(b"".join(lines)))
        self.extract("--output", self.output, "--resume", packed)
        self.assertEqual(self.output.read_bytes(), self.extract(self.input).stdout)


class Damaged(Case):
    def complaint(self, name: str, data: bytes, *arguments: object) -> str:
        path = self.folder / name
        path.write_bytes(data)
        done = self.extract(*arguments, path, SAMPLES[0])
        self.assertEqual(done.returncode, 1)
        text = done.stderr.decode()
        self.assertTrue(text.startswith(f"radie: {path}: byte "), text)
        self.assertEqual(records(done.stdout)[-1]["id"], SAMPLES[0].name, "the other file goes on")
        return text

    def test_data_that_were_cut_off(self) -> None:
        lines = made_lines(30)
        for name, data in (
            ("a.jsonl.gz", gzip.compress(lines)),
            ("a.jsonl.zst", zst(lines)),
            ("two.jsonl.gz", gzip.compress(b"") + gzip.compress(lines)),
        ):
            for size in (0, 1, 5, 30, len(data) // 2, len(data) - 1):
                text = self.complaint(name, data[:size])
                self.assertIn(f"byte {size}: " if size > 4 else "byte ", text)
                if size > 4:
                    self.assertIn("end too early", text)

    def test_data_that_are_damaged(self) -> None:
        data = bytearray(gzip.compress(made_lines(30), mtime=0))
        data[len(data) // 2] ^= 0x55
        self.assertIn("damaged gzip data", self.complaint("a.jsonl.gz", bytes(data)))
        sound = gzip.compress(made_lines(30))
        self.assertIn(
            "damaged gzip data: incorrect data check",
            self.complaint("crc.jsonl.gz", sound[:-8] + b"\0\0\0\0" + sound[-4:]),
        )
        self.assertIn(
            f"byte {len(sound) + 4}: damaged gzip data",
            self.complaint("behind.jsonl.gz", sound + b"\x1f\x8bno"),
        )
        frame = bytearray(zst(made_lines(30)))
        frame[6] |= 6  # a block of no known kind
        self.assertIn("byte 6: damaged zstd data", self.complaint("a.jsonl.zst", bytes(frame)))
        self.assertIn(
            "window of more than 128 MiB",
            self.complaint("w.jsonl.zst", b"\x28\xb5\x2f\xfd\x00\x98" + bytes(frame[6:])),
        )

    def test_records_before_the_damage_stand(self) -> None:
        lines = made_lines(100)
        self.input.write_bytes(lines)
        whole = self.extract(self.input).stdout
        sound, frame = gzip.compress(lines), zst(lines)
        for name, data in (
            ("crc.jsonl.gz", sound[:-8] + b"\0\0\0\0" + sound[-4:]),
            ("size.jsonl.gz", sound[:-4] + b"\0\0\0\0"),
            ("end.jsonl.zst", frame[:-3] + b"\x07\0\0"),
        ):
            path = self.folder / name
            path.write_bytes(data)
            done = self.extract(path)
            self.assertEqual((done.returncode, done.stdout), (1, whole), name)
            self.assertIn(f"{path}: byte ", done.stderr.decode())

    def test_zeros_behind_gzip_are_padding(self) -> None:
        lines = made_lines(20)
        self.input.write_bytes(lines)
        path = self.folder / "tape.jsonl.gz"
        path.write_bytes(gzip.compress(lines) + b"\0" * 10240)
        done, whole = self.extract(path), self.extract(self.input)
        self.assertEqual((done.returncode, done.stdout), (whole.returncode, whole.stdout))
        self.assertEqual(done.stderr, whole.stderr)

    def test_plain_text_under_a_compressed_name(self) -> None:
        self.assertIn(
            "byte 0: no gzip data, as its name says", self.complaint("a.txt.gz", "右肺".encode())
        )
        self.assertIn(
            "byte 0: no zstd data, as its name says", self.complaint("a.txt.zst", "右肺".encode())
        )

    def test_a_text_file_that_is_damaged_gives_no_record(self) -> None:
        data = gzip.compress("右肺に結節を認めます。".encode())
        path = self.folder / "a.txt.gz"
        path.write_bytes(data[:-2])
        done = self.extract(path)
        self.assertEqual((done.returncode, done.stdout), (1, b""))

    @unittest.skipIf(os.environ.get("RADIE_SANITIZED"), "a sanitizer needs more memory")
    def test_bombs_meet_the_caps(self) -> None:
        def run(path: object) -> tuple[list[dict[str, Any]], int]:
            with (self.folder / "out").open("wb") as out:
                process = subprocess.Popen(
                    [RADIE, "extract", str(path)], env=ENVIRONMENT, stdout=out
                )
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 1)
            return records((self.folder / "out").read_bytes()), usage.ru_maxrss

        runs = (96 << 20) // PIECE
        for name in ("bomb.jsonl.zst", "bomb.txt.zst", "bomb.hl7.zst"):
            path = self.folder / name
            path.write_bytes(
                zst(b"", runs) + zst(b"\n" + json_lines({"id": "after", "text": "肺炎。"}))
            )
            found, peak = run(path)
            if name.endswith("jsonl.zst"):
                self.assertEqual(
                    [r.get("error", {}).get("code") for r in found], ["limit_exceeded", None]
                )
            else:
                self.assertTrue(all("error" in record for record in found), found)
            self.assertLess(peak, 80 << 10, f"{name}: KiB of memory")


if __name__ == "__main__":
    unittest.main()
