"""A model file that is cut short while it is read: an error that says so, mapped or not; never a
signal."""

import json
import os
import struct
import subprocess
import time
import unittest
from pathlib import Path

from harness import (
    RADIE,
    SOURCE,
    WORK,
    json_lines,
    packed_model,
    preloaded,
    radie,
    read_safetensors,
    tiny_model,
)

# read() in pieces of 16 KiB, of which the third finds that the file has been cut short to 24 KiB.
CUT_BETWEEN_READS = """
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
ssize_t read(int file, void* to, size_t most) {
  const char* cut = getenv("CUT");
  char link[64], name[PATH_MAX] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  if (cut != NULL && readlink(link, name, sizeof name - 1) > 0 && strcmp(name, cut) == 0) {
    if (most > 16384) most = 16384;
    if (lseek(file, 0, SEEK_CUR) >= 32768 && truncate(cut, 24576) != 0) abort();
  }
  return syscall(SYS_read, file, to, most);
}
"""
ROWS = 1_000_000  # of the table of words: 128 MB, most of them a hole in the file


def large_model() -> Path:
    """An encoder whose table of words is far larger than can be read before the file is cut."""
    header, buffer = read_safetensors(SOURCE / "tests/golden/encoder_h32_heads4.radie")
    name = next(n for n in header if n.endswith("word_embeddings.weight"))
    begin, end = header[name]["data_offsets"]
    rows, width = header[name]["shape"]
    more = (ROWS - rows) * width * 4
    stage = json.loads(header["__metadata__"]["encoder"])
    stage["encoder"]["vocab_size"] = ROWS
    stage.pop("tokenizer", None)
    header["__metadata__"]["encoder"] = json.dumps(stage)
    header[name]["shape"] = [ROWS, width]
    for other, facts in header.items():
        if other != "__metadata__" and facts["data_offsets"][0] >= end:
            facts["data_offsets"] = [at + more for at in facts["data_offsets"]]
    header[name]["data_offsets"] = [begin, end + more]
    text = json.dumps(header).encode()
    path = WORK / "large.radie"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + buffer[:end])
        file.seek(more, os.SEEK_CUR)
        file.write(buffer[end:])
        file.truncate(8 + len(text) + len(buffer) + more)
    return path


def cut_when_mapped(process: subprocess.Popen[bytes], path: Path) -> bool:
    """Cuts the file when the process has it mapped."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        if path.name in Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8"):
            os.truncate(path, 4096)
            return True
    return False


class CutShort(unittest.TestCase):
    def test_a_mapped_file(self) -> None:
        for command in (["inspect"], ["bench", "--length", "8", "--model"]):
            with self.subTest(command=command[0]):
                self.check_mapped(command)

    def check_mapped(self, command: list[str]) -> None:
        for _ in range(20):  # the file may be read before it is cut
            path = large_model()
            process = subprocess.Popen(
                [RADIE, *command, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            cut = cut_when_mapped(process, path)
            _, errors = process.communicate(timeout=60)
            if cut and process.returncode != 0:
                break
        self.assertEqual(process.returncode, 3, errors)
        self.assertIn(b"large.radie", errors)
        self.assertIn(b"was cut short while it was read", errors)

    def test_a_packed_file_that_is_measured(self) -> None:
        path = packed_model("packed.radie")
        process = subprocess.Popen(
            [RADIE, "bench", "--model", path, "--length", "8", "--repeat", "100000"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        time.sleep(0.3)  # mapped soon, in use for longer
        self.assertTrue(cut_when_mapped(process, path))
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, errors)
        self.assertIn(b"packed.radie", errors)
        self.assertIn(b"was cut short while it was read", errors)

    def test_a_packed_file_that_is_in_use(self) -> None:
        path = packed_model("packed.radie")
        process = subprocess.Popen(
            [
                RADIE,
                "extract",
                "--model",
                path,
                "--input-format",
                "jsonl",
                "--format",
                "jsonl",
                "-",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None and process.stdout is not None
        line = json_lines({"id": "r", "text": "右肺上葉に結節を認めます。"})
        process.stdin.write(line)
        process.stdin.flush()
        self.assertTrue(process.stdout.readline().startswith(b'{"id":"r"'))
        os.truncate(path, 4096)
        _, errors = process.communicate(
            json_lines({"id": "s", "text": "肝に嚢胞がある。"}), timeout=60
        )
        self.assertEqual(process.returncode, 3, errors)
        self.assertIn(b"packed.radie", errors)
        self.assertIn(b"was cut short while it was read", errors)

    def test_a_file_that_is_read(self) -> None:
        environment = preloaded("cut", CUT_BETWEEN_READS)
        path = WORK.resolve() / "read.radie"
        environment["CUT"] = str(path)
        for command in (["extract", "-"], ["bench", "--length", "8"]):
            path.write_bytes(tiny_model().read_bytes())
            done = radie(*command, "--no-mmap", "--model", path, env=environment)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn(
                f"read.radie: ended after 32768 of {tiny_model().stat().st_size} bytes\n",
                done.stderr.decode(),
            )

    def test_a_file_that_was_cut_before(self) -> None:
        path = large_model()
        os.truncate(path, 100_000)
        for arguments in (
            ["inspect"],
            ["inspect", "--verify"],
            ["bench", "--length", "8", "--model"],
            ["bench", "--length", "8", "--no-mmap", "--model"],
        ):
            done = subprocess.run([RADIE, *arguments, path], capture_output=True, check=False)
            self.assertEqual(done.returncode, 3, done.stderr)


if __name__ == "__main__":
    unittest.main()
