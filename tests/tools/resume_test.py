"""--output and --resume: what is killed and resumed is what an uninterrupted run writes, and runs
are not mixed.

RADIE_KILLS: how many times the run is killed, 6 unless it is set. RADIE_SEED: of the moments.
"""

import os
import random
import resource
import signal
import subprocess
import time
import unittest
from pathlib import Path
from typing import Any

from bulk import Case, made_lines, manifest
from harness import (
    DEMO_MODEL,
    RADIE,
    SAMPLES,
    json_lines,
    needs_permissions,
    obey_permissions,
    tiny_model,
)

KILLS = int(os.environ.get("RADIE_KILLS", "6"))
SEED = int(os.environ.get("RADIE_SEED", "7"))
ENVIRONMENT = {**os.environ, "RADIE_MODEL": str(tiny_model())}


class Killed(Case):
    def test_the_result_is_that_of_an_uninterrupted_run(self) -> None:
        self.input.write_bytes(made_lines(1500))
        inputs = [*map(str, SAMPLES), str(self.input), str(self.folder / "gone.txt")]
        start = time.monotonic()
        whole = self.extract(*inputs)
        duration = time.monotonic() - start
        self.assertEqual(whole.returncode, 1)  # some lines are none, one file is missing
        command = [
            RADIE,
            "extract",
            "--output",
            str(self.output),
            "--resume",
            "--checkpoint",
            "0.02",
            *inputs,
        ]
        chance = random.Random(SEED)
        kills, finished, furthest, progress = 0, 0, 0, 0
        while kills < KILLS:
            process = subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
            try:
                process.wait(chance.uniform(0, duration))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
            if process.returncode != -signal.SIGKILL:
                self.assertEqual(process.returncode, 1)
                self.assertEqual(self.output.read_bytes(), whole.stdout)
                for path in self.folder.glob("out.*"):
                    path.unlink()
                finished, furthest = finished + 1, 0
                continue
            written = self.output.read_bytes() if self.output.exists() else b""
            self.assertTrue(
                whole.stdout.startswith(written), "what is there is no beginning of the result"
            )
            if Path(f"{self.output}.manifest.json").exists():
                done = manifest(self.output)["done"]
                self.assertGreaterEqual(done["reports"], furthest)
                self.assertEqual(written[: done["output_bytes"]].count(b"\n"), done["reports"])
                progress += done["reports"] > furthest
                furthest = done["reports"]
        last = subprocess.run(command, env=ENVIRONMENT, stderr=subprocess.PIPE, check=False)
        self.assertEqual(last.returncode, 1, last.stderr)
        self.assertEqual(self.output.read_bytes(), whole.stdout)
        self.assertEqual(
            sorted(path.name for path in self.folder.iterdir() if path != self.input),
            ["out.jsonl", "out.jsonl.manifest.json"],
        )
        self.assertGreater(progress, 0, "no kill came after a checkpoint")
        print(
            f"{kills} kills, {progress} of them behind a new checkpoint, {finished} runs that "
            "ended before"
        )

    def test_a_signal_leaves_whole_lines_and_is_resumed(self) -> None:
        self.input.write_bytes(made_lines(1500))
        whole = self.extract(self.input)
        command = [RADIE, "extract", "--output", str(self.output), "--resume", str(self.input)]
        process = subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (self.output.exists() and self.output.stat().st_size):
            time.sleep(0.002)
        process.send_signal(signal.SIGTERM)
        self.assertIn(process.wait(60), (143, 1))
        self.assertTrue(self.output.read_bytes().endswith(b"\n"))
        self.assertEqual(self.extract(*command[2:]).returncode, 1)
        self.assertEqual(self.output.read_bytes(), whole.stdout)

    def test_what_follows_the_checkpoint_is_not_trusted(self) -> None:
        self.input.write_bytes(made_lines(40))
        whole = self.extract("--output", self.output, self.input)
        result, state = self.output.read_bytes(), manifest(self.output)
        for tail in (b"\0" * 5000, b'{"id":"r', result[:300] + b"\n\n\n"):
            self.output.write_bytes(result + tail)
            again = self.extract("--output", self.output, "--resume", self.input)
            self.assertEqual((again.returncode, whole.returncode), (1, 1))
            self.assertEqual(self.output.read_bytes(), result)
            self.assertEqual(manifest(self.output), state)

    def test_it_begins_where_nothing_is(self) -> None:
        self.input.write_bytes(json_lines({"id": "a", "text": "肺炎。"}))
        expected = self.extract(self.input)
        self.output.touch()  # killed before the first manifest
        done = self.extract("--output", self.output, "--resume", self.input)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        self.assertEqual(self.output.read_bytes(), expected.stdout)

    def test_fhir(self) -> None:
        self.input.write_bytes(made_lines(20))
        options = ["--format", "fhir", "--fhir-recorded", "2026-01-31T12:00:00Z"]
        self.extract(*options, "--output", self.output, self.input)
        whole = self.extract(*options, self.input)
        self.assertEqual(self.output.read_bytes(), whole.stdout)
        self.extract(*options, "--output", self.output, "--resume", self.input)
        self.assertEqual(self.output.read_bytes(), whole.stdout)
        self.refused("--resume", "--format", "fhir", self.input, says="--fhir-recorded")
        self.refused(
            "--resume",
            "--format",
            "fhir",
            "--fhir-recorded",
            "2026-02-01T12:00:00Z",
            self.input,
            says="fhir-recorded was",
        )


class Mixed(Case):
    def setUp(self) -> None:
        super().setUp()
        self.terms = self.folder / "terms.tsv"
        self.terms.write_text("結節\tX-1\tNodule\n", encoding="utf-8")
        self.input.write_bytes(made_lines(30))
        self.extract("--output", self.output, "--terms", self.terms, self.input)

    def test_other_options_are_refused_by_name(self) -> None:
        same = ["--resume", "--terms", self.terms, self.input]
        for option, name in (
            (["--offsets", "utf8"], "offsets"),
            (["--include-text"], "include-text"),
            (["--min-confidence", "0.25"], "min-confidence"),
            (["--stage", "entities"], "stage"),
            (["--isa", "portable"], "isa"),
            (["--precision", "int8"], "precision"),
            (["--shard", "1/2"], "shard"),
            (["--input-format", "jsonl"], "input-format"),
            (["--on-invalid", "replace", "--input-format", "text"], "on-invalid"),
            (["--encoding", "cp932", "--input-format", "text"], "encoding"),
        ):
            self.refused(*option, *same, says=f"{name} was")
        self.refused("--resume", self.input, says="terms was")
        path = Path(f"{self.output}.manifest.json")
        state = path.read_text(encoding="utf-8")
        path.write_text(state.replace('"radie": "', '"radie": "0.0.', 1), encoding="utf-8")
        self.refused(*same, says="radie was 0.0.")
        path.write_text(state, encoding="utf-8")
        self.terms.write_text("結節\tX-2\tNodule\n", encoding="utf-8")
        self.refused(*same, says="terms was")

    def test_what_changes_no_output_is_free(self) -> None:
        before = self.output.read_bytes()
        done = self.extract(
            "--output",
            self.output,
            "--resume",
            "--terms",
            self.terms,
            "--threads",
            "1",
            "--cache",
            "0",
            "--no-mmap",
            "--checkpoint",
            "1",
            self.input,
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(self.output.read_bytes(), before)

    def test_another_model_is_refused(self) -> None:
        self.refused(
            "--resume", "--terms", self.terms, "--model", DEMO_MODEL, self.input, says="model was"
        )

    def test_another_input_is_refused_and_a_longer_one_goes_on(self) -> None:
        same = ["--output", self.output, "--resume", "--terms", self.terms]
        given, written = self.input.read_bytes(), self.output.read_bytes()
        for other in (
            given.replace("結節".encode(), "腫瘤".encode(), 1),
            given.replace(b"r0", b"s0", 1),
            given[given.index(b"\n") + 1 :],
            b"",
        ):
            self.input.write_bytes(other)
            self.refused(*same[2:], self.input, says="input is not the one")
        self.input.write_bytes(given + json_lines({"id": "more", "text": "肺炎。"}))
        self.assertEqual(self.extract(*same, self.input).returncode, 1)
        self.assertEqual(
            self.output.read_bytes(), self.extract("--terms", self.terms, self.input).stdout
        )
        self.assertTrue(self.output.read_bytes().startswith(written))

    def test_another_output_is_refused(self) -> None:
        same = ["--resume", "--terms", self.terms, self.input]
        result = self.output.read_bytes()
        for other in (result[:-5], b"x\n" * 30, result.replace(b"\n", b" ", 1), b""):
            self.output.write_bytes(other)
            self.refused(*same, says="does not begin with")
        self.output.write_bytes(result)
        path = Path(f"{self.output}.manifest.json")
        state = path.read_text(encoding="utf-8")
        for text in ("", "[]", "{}", state.replace('"radie_run": 1', '"radie_run": 2')):
            path.write_text(text, encoding="utf-8")
            self.refused(*same, says="no manifest")
        path.unlink()
        self.refused(*same, says="nobody knows which run")

    def test_nothing_is_written_over(self) -> None:
        self.refused(self.input, says="there is such a file already")


class ItsOwnInput(Case):
    """A run that reads what it writes has no end: it is refused, and leaves nothing behind."""

    def setUp(self) -> None:
        super().setUp()
        self.input.write_bytes(made_lines(20))

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def test_an_output_that_is_not_there_yet(self) -> None:
        for inputs in ([self.folder], [f"{self.folder}/*.jsonl"], [self.input, self.folder]):
            self.refused(*inputs, says="is one of the inputs")
            self.assertEqual(self.names(), ["in.jsonl"])
        self.refused("--resume", self.folder, says="is one of the inputs")
        self.assertEqual(self.names(), ["in.jsonl"])

    def test_an_output_that_is_there(self) -> None:
        self.output.write_bytes(b"")
        self.refused(self.folder, says="is one of the inputs")
        os.link(self.output, self.folder / "other.jsonl")
        self.refused(self.folder / "other.jsonl", says="is one of the inputs")
        with self.output.open("rb") as stdin:
            done = subprocess.run(
                [RADIE, "extract", "--output", self.output, "-"],
                stdin=stdin,
                capture_output=True,
                timeout=60,
                check=False,
            )
        self.assertEqual(done.returncode, 2)
        self.assertEqual(self.names(), ["in.jsonl", "other.jsonl", "out.jsonl"])

    def test_standard_output(self) -> None:
        with self.output.open("wb") as stdout:
            done = subprocess.run(
                [RADIE, "extract", self.folder],
                stdout=stdout,
                stderr=subprocess.PIPE,
                env=ENVIRONMENT,
                timeout=60,
                check=False,
            )
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"is one of the inputs", done.stderr)
        self.assertEqual(self.output.read_bytes(), b"")

    def test_an_output_beside_the_inputs(self) -> None:
        whole = self.extract(self.input)
        self.extract("--output", self.output, self.input)
        self.assertEqual(self.output.read_bytes(), whole.stdout)


class Writing(Case):
    def limited(
        self, *arguments: object, size: int, **options: Any
    ) -> subprocess.CompletedProcess[bytes]:
        return self.extract(
            *arguments,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
            **options,
        )

    @unittest.skipIf(os.environ.get("RADIE_SANITIZED"), "a sanitizer writes files of its own")
    def test_a_limit_on_the_size_of_files(self) -> None:
        self.input.write_bytes(made_lines(400))
        whole = self.extract(self.input).stdout
        stopped = self.limited(
            "--output",
            self.output,
            "--resume",
            "--checkpoint",
            "0",
            self.input,
            size=len(whole) // 2,
        )
        self.assertEqual(stopped.returncode, 1)
        self.assertIn(f"cannot write {self.output}", stopped.stderr.decode())
        written = self.output.read_bytes()
        self.assertTrue(whole.startswith(written) and (written == b"" or written.endswith(b"\n")))
        self.assertEqual(
            self.extract("--output", self.output, "--resume", self.input).returncode, 1
        )
        self.assertEqual(self.output.read_bytes(), whole)

        with (self.folder / "stdout").open(
            "wb"
        ) as out:  # of standard output it is an error as well, not a signal
            done = subprocess.run(
                [RADIE, "extract", str(self.input)],
                env=ENVIRONMENT,
                stdout=out,
                stderr=subprocess.PIPE,
                check=False,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)),
            )
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write the output", done.stderr)

    def test_places_that_cannot_be_written(self) -> None:
        self.input.write_bytes(made_lines(5))
        for path, code, says in (
            (self.folder / "no/such/out.jsonl", 1, "cannot write"),
            (Path("/proc/out.jsonl"), 1, "cannot write"),
            (self.folder, 2, "no regular file"),
            (Path("/dev/full"), 2, "no regular file"),
        ):
            done = self.extract("--output", path, self.input)
            self.assertEqual(done.returncode, code, (path, done.stderr))
            self.assertIn(says, done.stderr.decode())
            self.assertIn(str(path), done.stderr.decode())
            self.assertEqual(done.stdout, b"")

    def test_a_folder_that_is_read_only(self) -> None:
        needs_permissions()
        self.input.write_bytes(made_lines(5))
        self.folder.chmod(0o500)
        self.addCleanup(self.folder.chmod, 0o700)
        says = f"cannot write {self.output}: Permission denied"
        self.refused(self.input, code=1, says=says, preexec_fn=obey_permissions)
        self.assertFalse(self.output.exists())

    def test_one_process_at_a_time(self) -> None:
        first = subprocess.Popen(
            [RADIE, "extract", "--output", str(self.output), "--input-format", "jsonl", "-"],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
        )
        assert first.stdin
        first.stdin.write(json_lines({"id": "a", "text": "肺炎。"}))
        first.stdin.flush()
        while not self.output.exists() or not self.output.stat().st_size:
            time.sleep(0.01)
        self.refused("--resume", "--input-format", "jsonl", "-", code=1, says="another process")
        first.stdin.close()
        self.assertEqual(first.wait(60), 0)
        self.assertEqual(manifest(self.output)["done"]["reports"], 1)

    def test_the_output_is_no_input(self) -> None:
        self.input.write_bytes(made_lines(5))
        self.extract("--output", self.output, self.input)
        self.refused("--resume", self.folder, says="one of the inputs")

    def test_usage(self) -> None:
        self.assertEqual(self.extract("--resume", self.input).returncode, 2)
        for name in ("html", "table", "brat", "conll"):
            self.refused("--format", name, self.input, says="--output goes with")


if __name__ == "__main__":
    unittest.main()
