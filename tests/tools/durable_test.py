"""What is said to be on the disk was made to last, in an order that a stop of the machine at any
moment does no harm to: functions that stand before the system's tell what the command calls."""

import errno
import re
import subprocess
import unittest
from pathlib import Path

from bulk import Case, made_lines, manifest
from harness import packed_model, preloaded, radie

# Each call is a line of $CALLS. The fsync of file $FAIL fails, all but the first $SPARED of them;
# folder $CLOSED cannot be opened to be made to last, with error $ERROR.
CALLS = """
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static void Tell(const char* call, const char* one, const char* other) {
  const int file = open(getenv("CALLS"), O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (file < 0 || dprintf(file, "%s\\t%s\\t%s\\n", call, one, other) < 0) abort();
  close(file);
}
static void NameOf(int file, char* name) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, name, PATH_MAX - 1);
  name[size < 0 ? 0 : size] = 0;
}
ssize_t write(int file, const void* data, size_t size) {
  char name[PATH_MAX];
  NameOf(file, name);
  Tell("write", name, "");
  return syscall(SYS_write, file, data, size);
}
int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int mode = va_arg(more, int);
  va_end(more);
  const char* closed = getenv("CLOSED");
  if (closed != NULL && (flags & O_DIRECTORY) && strcmp(path, closed) == 0)
    return errno = atoi(getenv("ERROR")), -1;
  return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int fsync(int file) {
  static int spared = 0;
  const char* fail = getenv("FAIL");
  char name[PATH_MAX];
  NameOf(file, name);
  if (fail != NULL && strcmp(name, fail) == 0 && spared++ >= atoi(getenv("SPARED")))
    return errno = EIO, -1;
  Tell("fsync", name, "");
  return syscall(SYS_fsync, file);
}
int rename(const char* from, const char* to) {
  Tell("rename", from, to);
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}
"""


class Durable(Case):
    def setUp(self) -> None:
        super().setUp()
        self.folder = self.folder.resolve()  # as the system names it
        self.output = self.folder / "out.jsonl"
        self.manifest = Path(f"{self.output}.manifest.json")
        self.calls = self.folder / "calls"
        self.environment = {**preloaded("calls", CALLS), "CALLS": str(self.calls)}

    def trace(self, file: Path) -> str:
        """The calls so far, in order, a letter each: on FILE.tmp, which becomes FILE, on the output
        and on their folder. Capitals are of what makes something last."""
        letters: dict[tuple[str, ...], str] = {
            ("write", str(self.output), ""): "a",
            ("fsync", str(self.output), ""): "A",
            ("write", f"{file}.tmp", ""): "t",
            ("fsync", f"{file}.tmp", ""): "T",
            ("rename", f"{file}.tmp", str(file)): "r",
            ("fsync", str(self.folder), ""): "F",
        }
        calls = [tuple(line.split("\t")) for line in self.calls.read_text().splitlines()]
        self.calls.unlink()
        return "".join(
            letters.get(call, "?") for call in calls if str(self.folder) in call[1] + call[2]
        )

    def run_on(self, **environment: object) -> subprocess.CompletedProcess[bytes]:
        """Begins or goes on, with a checkpoint behind each batch."""
        more = {name: str(value) for name, value in environment.items()}
        return self.extract(
            *["--output", self.output, "--resume", "--checkpoint", "0", self.input],
            env={**self.environment, **more},
        )

    def test_a_manifest_tells_of_nothing_that_may_be_lost(self) -> None:
        for lines in (200, 400):  # begun, and gone on with
            self.input.write_bytes(made_lines(lines))
            self.assertEqual(self.run_on().returncode, 1)  # some lines are none
            trace = self.trace(self.manifest)
            # Records, and they last; what tells of them, and it lasts; its name, and that lasts.
            self.assertTrue(re.fullmatch("(a*At+TrF)+", trace), trace)
            self.assertIn("aA", trace)
            done = manifest(self.output)["done"]
            self.assertEqual(done["output_bytes"], self.output.stat().st_size)

    def test_a_packed_model_is_there_whole_or_not_at_all(self) -> None:
        path = self.folder / "packed.radie"
        packed_model("any.radie")  # skips where none can be
        done = radie("pack", "--output", path, env=self.environment)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        trace = self.trace(path)
        self.assertTrue(re.fullmatch("t+TrF", trace), trace)

    def test_what_cannot_be_made_to_last_is_an_error(self) -> None:
        self.input.write_bytes(made_lines(200))
        whole = self.extract(self.input)
        for file in (self.output, Path(f"{self.manifest}.tmp")):
            for spared in (0, 1):  # where the run begins, and behind its first records
                with self.subTest(file=file.name, spared=spared):
                    done = self.run_on(FAIL=file, SPARED=spared)
                    self.assertEqual(done.returncode, 1)
                    says = f"radie: cannot write {file}: Input/output error\n"
                    self.assertEqual(done.stderr.decode(), says)
                    self.assertFalse(Path(f"{self.manifest}.tmp").exists())
                    self.assertEqual(self.manifest.exists(), spared > 0)
                    if spared > 0:
                        self.assertEqual(manifest(self.output)["done"]["reports"], 0)
                    done = self.run_on()
                    self.assertEqual(done.returncode, whole.returncode)
                    self.assertEqual(self.output.read_bytes(), whole.stdout)
                    self.output.unlink()
                    self.manifest.unlink()

    def test_a_folder_that_cannot_be_made_to_last_is_an_error(self) -> None:
        self.input.write_bytes(made_lines(200))
        whole = self.extract(self.input)
        failures: dict[str, dict[str, object]] = {
            "Input/output error": {"FAIL": self.folder, "SPARED": 0},
            "Too many open files": {"CLOSED": self.folder, "ERROR": errno.EMFILE},
        }
        for why, failure in failures.items():
            with self.subTest(why):
                done = self.run_on(**failure)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(
                    done.stderr.decode(), f"radie: cannot write {self.manifest}: {why}\n"
                )
                self.run_on()
                self.assertEqual(self.output.read_bytes(), whole.stdout)
                self.output.unlink()
                self.manifest.unlink()

    def test_a_folder_that_one_may_not_open_is_none(self) -> None:
        self.input.write_bytes(made_lines(200))
        done = self.run_on(CLOSED=self.folder, ERROR=errno.EACCES)
        self.assertEqual((done.returncode, done.stderr), (1, b""))  # some lines are none
        self.assertNotIn("F", self.trace(self.manifest))


if __name__ == "__main__":
    unittest.main()
