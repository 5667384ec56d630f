"""Pairs for `radie encode`: each reading once, with the pairs that share it."""

from collections.abc import Sequence
from typing import Any

from radie_convert.pairs import Pair, Reading

_PAIRS_A_LINE = 1000


class PairLines:
    """Lines that `radie encode` reads."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.readings: list[Reading] = []
        self.places: list[tuple[int, int]] = []
        """By pair: the line, and which of its pairs it is."""
        self._pairs: list[list[Pair]] = []
        last: dict[Reading, int] = {}
        for pair in pairs:
            line = last.get(pair.reading)
            if line is None or len(self._pairs[line]) == _PAIRS_A_LINE:
                line = last[pair.reading] = len(self.readings)
                self.readings.append(pair.reading)
                self._pairs.append([])
            self.places.append((line, len(self._pairs[line])))
            self._pairs[line].append(pair)

    def records(self) -> list[dict[str, Any]]:
        """The lines."""
        lines: list[dict[str, Any]] = []
        for reading, pairs in zip(self.readings, self._pairs, strict=True):
            rows = [{"head": pair.head_rows, "tail": pair.tail_rows} for pair in pairs]
            lines.append({"ids": reading.ids, "token_types": reading.types, "pairs": rows})
            if reading.text:
                lines[-1] |= {"positions": reading.positions, "text": reading.text}
        return lines
