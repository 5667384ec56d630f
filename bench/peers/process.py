"""A worker process: started once, idle between its turns."""

import os
import select
import subprocess
import time
from pathlib import Path

LOAD_SECONDS = 600
ANSWER_SECONDS = 600


class WorkerError(Exception):
    """The worker could not be started, or has ended, or took too long. The message says why."""


class Worker:
    """Owns the process. Its standard error goes to `log`."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **environment},
                bufsize=0,
            )
        self._rest = b""
        try:
            # Libraries may print before we do.
            while not (line := self._line(LOAD_SECONDS)).startswith("ready"):
                pass
        except WorkerError:
            self.close()
            raise
        self.details = line.removeprefix("ready").strip()

    def ask(self, request: str) -> list[str]:
        """The words behind `ok`."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{request}\n".encode())
        except BrokenPipeError:
            raise WorkerError(self._why()) from None
        while not (line := self._line(ANSWER_SECONDS)).startswith("ok"):
            pass
        return line.split()[1:]

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _line(self, seconds: float) -> str:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        end = time.monotonic() + seconds
        while b"\n" not in self._rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise WorkerError(f"no answer in {seconds:.0f} s")
            piece = os.read(descriptor, 1 << 16)
            if not piece:
                self._process.wait()
                raise WorkerError(self._why())
            self._rest += piece
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode(errors="replace")

    def _why(self) -> str:
        return last_line(self._log.read_text(errors="replace")) or "ended without a word"


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
