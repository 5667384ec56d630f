"""The command among other commands: pipes that close, signals, full disks, terminals, unbounded
input."""

import json
import os
import pty
import select
import signal
import subprocess
import threading
import time
import unittest
from typing import IO

from harness import RADIE, WORK, json_lines, radie, records, tiny_model

LINE = json_lines({"id": "r", "text": "右肺上葉に12mm大の不整形結節を認めます。" * 4})
ENVIRONMENT = {**os.environ, "RADIE_MODEL": str(tiny_model())}


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [RADIE, "extract", "--input-format", "jsonl", "--format", "jsonl", "-"],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def feed_forever(pipe: IO[bytes] | None, line: bytes = LINE) -> threading.Thread:
    assert pipe is not None

    def feed() -> None:
        try:
            while True:
                pipe.write(line)
        except (OSError, ValueError):
            pass

    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    return thread


class Pipes(unittest.TestCase):
    def test_a_closed_pipe_ends_quietly(self) -> None:
        process = start()
        assert process.stdout and process.stderr
        feed_forever(process.stdin)
        self.assertTrue(process.stdout.readline().startswith(b'{"id":"r"'))
        process.stdout.close()
        self.assertEqual(process.wait(60), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_answers_come_while_the_input_is_open(self) -> None:
        process = start()
        assert process.stdin and process.stdout
        for n in range(3):
            process.stdin.write(json_lines({"id": f"r{n}", "text": "右肺に結節"}))
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], 60)
            self.assertTrue(ready, "no answer to a line that has been sent")
            self.assertEqual(json.loads(process.stdout.readline())["id"], f"r{n}")
        process.stdin.close()
        self.assertEqual(process.wait(60), 0)

    def test_a_full_disk_is_an_error(self) -> None:
        with open("/dev/full", "wb") as full:
            for arguments in (["extract", "-"], ["inspect"], ["--version"], ["--help"]):
                done = subprocess.run(
                    [RADIE, *arguments],
                    input="右肺".encode(),
                    stdout=full,
                    stderr=subprocess.PIPE,
                    env=ENVIRONMENT,
                    timeout=60,
                    check=False,
                )
                self.assertEqual(done.returncode, 1)
                self.assertIn(b"cannot write", done.stderr)

    def test_a_closed_standard_output_is_an_error(self) -> None:
        done = subprocess.run(
            ["sh", "-c", '"$0" extract - >&-', RADIE],
            input="右肺".encode(),
            capture_output=True,
            env=ENVIRONMENT,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertNotEqual(done.stderr, b"")

    def test_a_standard_output_that_is_open_for_reading_is_an_error(self) -> None:
        for arguments in (["extract", "-"], ["inspect"]):
            with open(os.devnull, "rb") as readable:
                done = subprocess.run(
                    [RADIE, *arguments],
                    input="右肺".encode(),
                    stdout=readable,
                    stderr=subprocess.PIPE,
                    env=ENVIRONMENT,
                    timeout=60,
                    check=False,
                )
            self.assertEqual(done.returncode, 1, arguments)
            self.assertEqual(
                done.stderr, b"radie: cannot write the output: Bad file descriptor\n", arguments
            )

    def test_messages_never_go_into_the_output(self) -> None:
        """A closed standard error is not what the next file is opened as."""
        path = WORK / "one_bad.jsonl"
        path.write_bytes(LINE)
        for number, closed in enumerate(("2>&-", ">&- 2>&-", "<&- >&- 2>&-")):
            output = WORK / f"out{number}.jsonl"
            done = subprocess.run(
                ["sh", "-c", f'"$0" extract --output "$1" "$2" "$3" {closed}',
                 RADIE, output, path, WORK / "none.txt"],
                env=ENVIRONMENT,
                timeout=60,
                check=False,
            )  # fmt: skip
            self.assertEqual(done.returncode, 1, closed)
            self.assertEqual(output.read_bytes(), radie("extract", path).stdout, closed)

    def test_a_closed_standard_input_is_an_error(self) -> None:
        done = subprocess.run(
            ["sh", "-c", '"$0" extract - <&-', RADIE],
            capture_output=True,
            env=ENVIRONMENT,
            timeout=60,
            check=False,
        )
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"standard input", done.stderr)

    @unittest.skipIf(os.environ.get("RADIE_SANITIZED"), "a sanitizer keeps freed memory")
    def test_memory_does_not_grow_with_the_number_of_reports(self) -> None:
        def peak(count: int) -> int:
            path = WORK / "many.jsonl"
            path.write_bytes(LINE * count)
            with open(os.devnull, "wb") as null:
                process = subprocess.Popen(
                    [RADIE, "extract", str(path)], env=ENVIRONMENT, stdout=null
                )
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = status
            self.assertEqual(status, 0)
            return usage.ru_maxrss

        few, many = peak(1000), peak(6000)
        self.assertLess(many, few * 1.3 + 8192, "KiB")


class Signals(unittest.TestCase):
    def test_ctrl_c_leaves_whole_lines(self) -> None:
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            for delay in (0.0, 0.03, 0.2):
                path = WORK / "interrupted.jsonl"
                with path.open("wb") as out:
                    process = subprocess.Popen(
                        [RADIE, "extract", "--input-format", "jsonl", "-"],
                        env=ENVIRONMENT,
                        stdin=subprocess.PIPE,
                        stdout=out,
                        stderr=subprocess.PIPE,
                    )
                    feed_forever(process.stdin)
                    while path.stat().st_size == 0 and process.poll() is None:
                        time.sleep(0.005)
                    time.sleep(delay)
                    process.send_signal(number)
                    self.assertEqual(process.wait(60), code)
                out_records = records(path.read_bytes())
                self.assertTrue(out_records)
                self.assertTrue(all(r["id"] == "r" for r in out_records))

    def test_ctrl_c_while_the_reader_is_slow(self) -> None:
        """A write is under way and blocked: it is finished, as far as the reader reads, before the
        process ends."""
        process = start()
        feed_forever(process.stdin)
        time.sleep(1.0)  # by now the pipe is full
        process.send_signal(signal.SIGINT)
        assert process.stdout
        output = process.stdout.read()
        self.assertEqual(process.wait(60), 130)
        self.assertTrue(records(output))

    def test_a_second_ctrl_c_does_not_wait(self) -> None:
        process = start()
        feed_forever(process.stdin)
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 130)


class Terminals(unittest.TestCase):
    def run_on_terminal(
        self, arguments: list[object], *, out: bool, err: bool
    ) -> tuple[bytes, bytes, bytes]:
        """Standard output and standard error, each a terminal or a pipe."""
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [RADIE, *map(str, arguments)],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=slave if out else subprocess.PIPE,
            stderr=slave if err else subprocess.PIPE,
        )
        os.close(slave)
        shown = b""
        piped, piped_error = b"", b""
        reader = threading.Thread(target=lambda: None)
        if not out or not err:
            results: dict[str, bytes | None] = {}
            reader = threading.Thread(
                target=lambda: results.update(
                    zip(("out", "err"), process.communicate(), strict=True)
                )
            )
            reader.start()
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        if not out or not err:
            reader.join()
            piped, piped_error = results["out"] or b"", results["err"] or b""
        os.close(master)
        self.assertEqual(process.wait(60), 0)
        return shown, piped, piped_error

    def test_a_table_on_a_terminal(self) -> None:
        path = WORK / "one.txt"
        path.write_text("右肺上葉に結節を認める。", encoding="utf-8")
        shown, _, _ = self.run_on_terminal(["extract", path], out=True, err=True)
        self.assertIn("─".encode(), shown)
        self.assertNotIn(b'{"id"', shown)
        self.assertNotIn(
            b"reports,", shown, "no progress where the output itself is on the terminal"
        )

    def test_progress_only_when_the_output_goes_elsewhere(self) -> None:
        path = WORK / "progress.jsonl"
        path.write_bytes(LINE * 2000)
        shown, piped, _ = self.run_on_terminal(["extract", path], out=False, err=True)
        self.assertEqual(len(records(piped)), 2000)
        self.assertIn(b"reports,", shown)
        self.assertIn(b" left", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), "the line is taken away at the end")

    def test_no_progress_into_a_file(self) -> None:
        path = WORK / "quiet.jsonl"
        path.write_bytes(LINE * 300)
        done = radie("extract", path)
        self.assertEqual((done.returncode, done.stderr), (0, b""))


class Help(unittest.TestCase):
    def test_help_and_version(self) -> None:
        for arguments in (
            ["--help"],
            ["extract", "--help"],
            ["eval", "--help"],
            ["inspect", "--help"],
            ["encode", "--help"],
        ):
            done = radie(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"Exit codes", done.stdout)
        done = radie("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, rb"radie \d+\.\d+\.\d+")


if __name__ == "__main__":
    unittest.main()
