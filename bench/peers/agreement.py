"""Whether engines compute the same: hidden states against the reference's."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EXACT_LIMIT = 1e-3  # largest difference of fp32 engines
ROUGH_LIMIT = 0.5  # relative RMS beyond which a result is not a rounded one but a wrong one


@dataclass(frozen=True)
class Agreement:
    exact: bool  # whether the engine computes in fp32
    largest: float  # difference of one value
    relative_rms: float  # RMS of the difference over RMS of the reference
    holds: bool

    def text(self) -> str:
        verdict = "" if self.holds else " DOES NOT AGREE"
        largest, rms = f"{self.largest:.1e}", f"{self.relative_rms:.1e}"
        return f"largest difference {largest}, relative RMS {rms}{verdict}"


def compare(found: Sequence[float], expected: Sequence[float], exact: bool) -> Agreement:
    if len(found) != len(expected) or not expected:
        return Agreement(exact, math.inf, math.inf, False)
    differences = [a - b for a, b in zip(found, expected, strict=True)]
    # max() passes over NaN; a sum does not.
    square = math.fsum(d * d for d in differences)
    largest = max(map(abs, differences)) if math.isfinite(square) else math.inf
    rms = math.sqrt(square / math.fsum(b * b for b in expected))
    holds = largest <= EXACT_LIMIT if exact else rms <= ROUGH_LIMIT
    return Agreement(exact, largest, rms, holds)


def compare_states(found: Path, expected: Path, exact: bool) -> Agreement:
    """Files of fp32 values."""
    pair = []
    for path in (found, expected):
        values = array("f")
        values.frombytes(path.read_bytes())
        pair.append(values)
    return compare(pair[0], pair[1], exact)
