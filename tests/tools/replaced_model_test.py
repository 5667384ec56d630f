"""A packed model file that is replaced or written over while it is mapped: what is renamed into its
place changes nothing, and what is written over it is never death by a signal."""

import os
import random
import shutil
import subprocess
import unittest
from collections.abc import Callable
from pathlib import Path

from bulk import PARTS
from harness import RADIE, WORK, json_lines, packed_model, preloaded, records, schema_problems

# Before the model is opened for the second time, $OTHER takes its name, or is copied over it.
CHANGING = """
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
int open(const char* path, int flags, ...) {
  static int opened = 0;
  va_list more;
  va_start(more, flags);
  const int mode = va_arg(more, int);
  va_end(more);
  const char* other = getenv("OTHER");
  if (strcmp(path, getenv("MODEL")) == 0 && opened++ == 1) {
    char copy[10000];
    snprintf(copy, sizeof copy, "cp '%s' '%s'", other, path);
    unsetenv("LD_PRELOAD");
    if (getenv("COPY") != NULL ? system(copy) != 0 : rename(other, path) != 0) abort();
  }
  return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
"""

FIRST = json_lines({"id": "first", "text": PARTS[0]})
MORE = [{"id": f"r{n}", "text": PARTS[n % len(PARTS)] + PARTS[n % 3]} for n in range(60)]


def extracted(model: Path, change: Callable[[], object]) -> subprocess.CompletedProcess[bytes]:
    """What is written when the model changes behind the first report, of which the record has come
    out: the model is in use then."""
    words = ["extract", "--input-format", "jsonl", "--format", "jsonl", "--cache", "0", "-"]
    process = subprocess.Popen(
        [RADIE, *words, "--model", model],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(FIRST)
    process.stdin.flush()
    first = process.stdout.readline()
    assert first.startswith(b'{"id":"first"'), first
    change()
    output, errors = process.communicate(json_lines(*MORE), timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, first + output, errors)


def fresh(precision: str) -> Path:
    """A packed model in a new file of that name."""
    (WORK / f"{precision}.radie").unlink(missing_ok=True)
    return packed_model(f"{precision}.radie", "--precision", precision)


class Replaced(unittest.TestCase):
    def test_another_model_takes_its_name(self) -> None:
        model, other = fresh("fp32"), fresh("int8")
        whole = extracted(model, lambda: None)
        self.assertNotEqual(extracted(other, lambda: None).stdout, whole.stdout)
        done = extracted(model, lambda: os.replace(other, model))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout, whole.stdout)

    def check_manifest(self, *arguments: str, **environment: str) -> None:
        """The other file has as many bytes, so that only the time of the change tells it."""
        model, other, output = fresh("fp32"), WORK / "other.radie", WORK / "never.jsonl"
        changed = {**preloaded("changing", CHANGING), "MODEL": str(model), "OTHER": str(other)}
        content = model.read_bytes()[:-1] + b"!"
        self.assertNotEqual(content, model.read_bytes())
        other.write_bytes(content)
        done = subprocess.run(
            [RADIE, "extract", "--model", model, "--output", output, *arguments, "-"],
            input="右肺".encode(),
            capture_output=True,
            env={**changed, **environment},
            check=False,
        )
        self.assertEqual(model.read_bytes(), content)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(b"replaced or written over while it was read", done.stderr)
        self.assertFalse(output.exists())

    def test_a_manifest_names_no_model_but_the_one_that_was_read(self) -> None:
        self.check_manifest()
        self.check_manifest(COPY="1")
        self.check_manifest("--no-mmap", COPY="1")

    def check_written_over(self, model: Path, change: Callable[[], object]) -> None:
        whole = extracted(model, lambda: None)
        self.assertEqual((whole.returncode, whole.stderr), (0, b""))
        done = extracted(model, change)
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        self.assertNotEqual(done.stdout, whole.stdout, "nothing was written over")
        written = records(done.stdout)
        for record in written:
            self.assertEqual(schema_problems(record), [])
        ids = ["first", *(line["id"] for line in MORE)]
        if done.returncode == 3:
            self.assertIn(b"was cut short while it was read", done.stderr)
            ids = ids[: len(written)]
        else:
            failed = any("error" in record for record in written)
            self.assertEqual(done.returncode, int(failed), done.stderr)
        self.assertEqual([record["id"] for record in written], ids)

    def test_other_bytes_are_written_over_it(self) -> None:
        size = fresh("fp32").stat().st_size
        chance = random.Random(5)
        for name, content in (
            ("zeros", bytes(size)),
            ("ones", b"\xff" * size),  # NaN, of whatever type
            ("infinities", b"\x00\x00\x80\x7f" * (size // 4)),
            ("noise", chance.randbytes(size)),
            ("more noise", chance.randbytes(size)),
            ("half of it", chance.randbytes(size // 2)),
        ):
            for precision in ("fp32", "int8"):
                with self.subTest(name, precision=precision):
                    model = fresh(precision)

                    def overwrite(model: Path = model, content: bytes = content) -> None:
                        with model.open("r+b") as file:
                            file.write(content)

                    self.check_written_over(model, overwrite)

    def test_another_model_is_copied_over_it(self) -> None:
        """Of the two the shorter: what lay behind its end is gone."""
        other, model = sorted(map(fresh, ("fp32", "int8")), key=lambda path: path.stat().st_size)
        self.check_written_over(model, lambda: shutil.copyfile(other, model))


if __name__ == "__main__":
    unittest.main()
