"""From times to the table: ratios to the baseline of the same round, their median and spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# times[engine][workload] = one figure a round, in milliseconds
Times = dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class Cell:
    """One engine on one workload, over all rounds."""

    median_ms: float
    rounds_ms: list[float]
    ratio: float | None  # median of the ratios to the baseline in the same round
    lowest: float | None
    highest: float | None

    def text(self) -> str:
        ms = f"{self.median_ms:.0f}" if self.median_ms >= 100 else f"{self.median_ms:.1f}"
        if self.ratio is None or self.lowest is None or self.highest is None:
            return ms
        if len(self.rounds_ms) == 1:
            return f"{ms} ({self.ratio:.2f})"
        return f"{ms} ({self.ratio:.2f}; {self.lowest:.2f}–{self.highest:.2f})"


def make_cell(rounds: Sequence[float], baseline: Sequence[float] | None) -> Cell:
    """`baseline`: as many rounds, or nothing when the baseline could not be run."""
    ratios = [a / b for a, b in zip(rounds, baseline, strict=True)] if baseline else []
    return Cell(
        median(rounds),
        list(rounds),
        median(ratios) if ratios else None,
        min(ratios, default=None),
        max(ratios, default=None),
    )


def make_cells(times: Times, baseline: str) -> dict[str, dict[str, Cell]]:
    base = times.get(baseline, {})
    return {
        engine: {workload: make_cell(ms, base.get(workload)) for workload, ms in row.items()}
        for engine, row in times.items()
    }


def markdown_table(
    cells: dict[str, dict[str, Cell]], titles: dict[str, str], workloads: Sequence[str]
) -> str:
    lines = [
        "| engine | " + " | ".join(workloads) + " |",
        "|---" * (len(workloads) + 1) + "|",
    ]
    for engine, row in cells.items():
        found = [row[name].text() if name in row else "–" for name in workloads]
        lines.append(f"| {titles[engine]} | " + " | ".join(found) + " |")
    return "\n".join(lines) + "\n"
