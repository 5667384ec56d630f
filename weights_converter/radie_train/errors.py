"""What a user of `radie-train` can put right; messages name the place, never a report's text."""

from __future__ import annotations


class TrainError(ValueError):
    """Input or an option that cannot be used."""


class Interrupted(Exception):
    """Training was asked to stop, and its state is on disk."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal
