"""Ctrl-C and SIGTERM as a wish: training ends after the step at hand, its state saved."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether somebody asked to stop. A second request ends the process at once."""

    def __init__(self) -> None:
        self.signal = 0

    def request(self, number: int, _: FrameType | None = None) -> None:
        """A signal handler."""
        if self.signal:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.signal = number


@contextmanager
def stoppable() -> Iterator[Stop]:
    """SIGINT and SIGTERM ask to stop while the block runs."""
    stop = Stop()
    before = {n: signal.signal(n, stop.request) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
