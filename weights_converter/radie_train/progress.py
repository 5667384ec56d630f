"""How far training is: a line that changes on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

_QUIET_SECONDS = 30.0
"""Between two lines where nobody watches."""
_REFRESH_SECONDS = 0.2


class Progress:
    """Writes to a stream (stderr unless given)."""

    def __init__(
        self,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        shared: bool = False,
    ) -> None:
        self._stream = stream or sys.stderr
        # A line that changes has one writer; where several write, every line stays.
        self._terminal = self._stream.isatty() and not shared
        self._clock = clock
        self._stage = ""
        self._first = self._total = 0
        self._started = self._shown = clock()
        self._width = 0

    def begin(self, stage: str, step: int, total: int) -> None:
        """A stage begins, or goes on, at a step."""
        self._stage, self._first, self._total = stage, step, total
        self._started = self._shown = self._clock()
        if step:
            self.say(f"{stage}: goes on at step {step} of {total}")

    def step(self, step: int, loss: float) -> None:
        """A step is done; rate and time left are shown on a terminal only."""
        now = self._clock()
        if now - self._shown < (_REFRESH_SECONDS if self._terminal else _QUIET_SECONDS):
            return
        self._shown = now
        line = f"{self._stage}: step {step} of {self._total}, loss {loss:.3f}"
        if self._terminal:
            rate = (step - self._first) / max(now - self._started, 1e-9)
            left = round((self._total - step) / rate)
            line += f", {rate:.1f} steps/s, {left // 60}:{left % 60:02} left at most"
            self._stream.write("\r" + line.ljust(self._width))
            self._stream.flush()
            self._width = len(line)
        else:
            self.say(line)

    def say(self, line: str) -> None:
        """A line that stays."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._width = 0
        self._stream.write(line + "\n")
        self._stream.flush()
