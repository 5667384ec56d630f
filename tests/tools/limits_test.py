"""What the system gives may be little: memory, file descriptors, processors. The command works or
says what is missing."""

import json
import os
import resource
import subprocess
import unittest
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harness import RADIE, SAMPLES, WORK, tiny_model

SANITIZED = "RADIE_SANITIZED" in os.environ
MEBIBYTE = 1 << 20


def extract(limit: Callable[[], object], *arguments: object) -> subprocess.CompletedProcess[bytes]:
    words = [RADIE, "extract", "--format", "jsonl", "--model", tiny_model(), *arguments]
    return subprocess.run(
        [str(word) for word in words], capture_output=True, check=False, preexec_fn=limit
    )


def half_a_processor() -> Path | None:
    """A new cgroup that gets half of one processor; None where none can be made."""
    name = f"radie-test-{os.getpid()}"
    for root, files in (
        ("/sys/fs/cgroup", {"cpu.max": "50000 100000"}),
        ("/sys/fs/cgroup/cpu", {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "50000"}),
    ):
        group = Path(root, name)
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            if all(
                (group / file).exists() for file in files
            ):  # else this is no cgroup, or one without this controller
                for file, value in files.items():
                    (group / file).write_text(value)
                return group
        except OSError:
            pass
        group.rmdir()
    return None


class Limits(unittest.TestCase):
    def setUp(self) -> None:
        self.wanted = extract(lambda: None, *SAMPLES).stdout
        self.assertGreater(len(self.wanted), 1000)

    @unittest.skipIf(SANITIZED, "a sanitizer's shadow memory is larger than any limit")
    def test_address_space(self) -> None:
        endings = set()
        for mebibytes in [*range(64, 160, 4), 256, 4096]:
            limit = mebibytes * MEBIBYTE

            def lowered(limit: int = limit) -> None:
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

            started = subprocess.run(
                [RADIE, "--version"], capture_output=True, check=False, preexec_fn=lowered
            )
            if started.returncode != 0:  # the system's loader could not begin
                continue
            done = extract(lowered, *SAMPLES)
            self.assertIn(done.returncode, (0, 1, 3), f"{mebibytes} MiB")
            if done.returncode == 0:
                self.assertEqual(done.stdout, self.wanted)
            else:
                self.assertTrue(
                    done.stderr or b"out_of_memory" in done.stdout, f"{mebibytes} MiB: said nothing"
                )
            endings.add(done.returncode == 0)
        self.assertEqual(endings, {False, True}, "no limit was too low, or none was enough")

    @unittest.skipIf(SANITIZED, "a sanitizer opens files of its own")
    def test_file_descriptors(self) -> None:
        for descriptors in (3, 4, 5, 8, 64):
            done = extract(
                partial(resource.setrlimit, resource.RLIMIT_NOFILE, (descriptors, descriptors)),
                *SAMPLES,
            )
            self.assertGreaterEqual(done.returncode, 0)
            if done.returncode != 0:
                self.assertIn(b"radie", done.stderr)
        self.assertEqual(done.stdout, self.wanted)

    def test_one_processor(self) -> None:
        one = {min(os.sched_getaffinity(0))}
        self.assertEqual(
            extract(lambda: os.sched_setaffinity(0, one), *SAMPLES).stdout, self.wanted
        )

    def test_half_a_processor(self) -> None:
        group = half_a_processor()
        if group is None:
            self.skipTest("no cgroup may be made here")

        def inside() -> None:
            (group / "cgroup.procs").write_text(str(os.getpid()))

        try:
            self.assertEqual(extract(inside, *SAMPLES).stdout, self.wanted)
            bench = [
                RADIE,
                "bench",
                "--random",
                "demo",
                "--length",
                "8",
                "--warmup",
                "0",
                "--repeat",
                "1",
                "--format",
                "json",
            ]
            done = subprocess.run(bench, capture_output=True, check=True, preexec_fn=inside)
            self.assertEqual([row["threads"] for row in json.loads(done.stdout)["rows"]], [1])
        finally:
            group.rmdir()

    def test_a_place_that_is_not_there(self) -> None:
        place = WORK / "none" / "out.jsonl"
        done = extract(lambda: None, "--output", place, *SAMPLES)
        self.assertEqual(done.returncode, 1)
        self.assertFalse(Path(place).exists())


if __name__ == "__main__":
    unittest.main()
