"""Both stages on reports: radie against transformers and pytorch-crf, in turns; a table of ratios.

Started by run.sh --pipeline; docs/performance.md tells how to read the result.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare import PAUSE_SECONDS, say
from figures import Cell, make_cell
from machine import describe_machine
from pipeline_paths import Paths
from prepare import SIZES
from process import Worker, WorkerError

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "../../weights_converter/corpus"
BASELINE = "PyTorch fp32, one pass a pair"


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    title: str
    layout: str
    precision: str  # radie's, or PyTorch's type

    @property
    def python(self) -> bool:
        return self.title.startswith("PyTorch")


ROWS = [
    Row(BASELINE, "pair", "float32"),
    Row("PyTorch bf16, one pass a pair", "pair", "bfloat16"),
    *(Row(f"radie {p}, one pass a pair", "pair", p) for p in ("fp32", "bf16", "int8")),
    *(Row(f"radie {p}, one pass an object", "tail", p) for p in ("fp32", "bf16", "int8")),
    *(Row(f"radie {p}, levitated markers", "levitated", p) for p in ("fp32", "bf16", "int8")),
]


class Pipelines:
    """The rows that can be run here, and how to run one once."""

    def __init__(self, options: argparse.Namespace, paths: Paths) -> None:
        self.options, self.paths = options, paths
        self.workers: dict[str, Worker] = {}
        self.failed: dict[str, str] = {}
        for row in ROWS:
            if row.python:
                self._start(row)

    def _start(self, row: Row) -> None:
        threads = str(self.options.threads)
        model = str(self.paths.model(row.layout))
        script = str(HERE / "pipeline_torch.py")
        command = [sys.executable, script, model, str(self.paths.folder), threads, row.precision]
        environment = {"OMP_NUM_THREADS": threads, "HF_HUB_OFFLINE": "1"}
        try:
            log = self.paths.folder / f"{row.precision}.log"
            self.workers[row.title] = Worker(command, environment, log)
        except (WorkerError, OSError) as error:
            self.failed[row.title] = str(error)

    def time(self, row: Row) -> float | None:
        """Milliseconds for all reports; nothing when it failed."""
        if row.title in self.failed:
            return None
        try:
            return self._python(row) if row.python else self._radie(row)
        except (WorkerError, ValueError) as error:
            say(f"  {row.title}: {error}")
            self.failed[row.title] = str(error)
            return None

    def _python(self, row: Row) -> float:
        return float(self.workers[row.title].ask(f"time 0 {self.paths.reports}")[0])

    def _radie(self, row: Row) -> float:
        arguments = ["--text", self.paths.reports, "--precision", row.precision, "--warmup", "0"]
        arguments += ["--threads", self.options.threads, "--repeat", "1", "--format", "json"]
        result = json.loads(self.radie("bench", row, *arguments))
        if not result["rows"]:
            raise ValueError(result["skipped"][0]["reason"])
        return float(result["rows"][0]["median_ms"])

    def radie(self, command: str, row: Row, *arguments: Any) -> str:
        words = [self.options.radie, command, "--model", self.paths.model(row.layout)]
        words += [*arguments, "--isa", self.options.isa]
        done = subprocess.run(
            [str(word) for word in words], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise ValueError(done.stderr.strip()[-300:])
        return done.stdout

    def agreement(self) -> str:
        """Of what radie finds in fp32, one pass a pair, with PyTorch."""
        out = self.paths.folder / "found.json"
        self.workers[BASELINE].ask(f"found {out} {self.paths.reports}")
        theirs = json.loads(out.read_text(encoding="utf-8"))
        row = next(r for r in ROWS if r.title.startswith("radie fp32"))
        lines = self.radie(
            "extract", row, "--precision", "fp32", "--format", "jsonl", self.paths.reports
        )
        same = [0, 0]
        counts = [0, 0]
        for line, (mentions, relations) in zip(lines.splitlines(), theirs, strict=True):
            record = json.loads(line)
            places = {e["id"]: (e["type"], e["start"], e["end"]) for e in record["entities"]}
            ours = set(places.values())
            pairs = {(r["type"], places[r["head"]], places[r["tail"]]) for r in record["relations"]}
            wanted = {tuple(m) for m in mentions}
            wanted_pairs = {(k, tuple(mentions[h]), tuple(mentions[t])) for k, h, t in relations}
            same[0] += len(ours & wanted)
            counts[0] += len(ours | wanted)
            same[1] += len(pairs & wanted_pairs)
            counts[1] += len(pairs | wanted_pairs)
        if min(counts) == 0 or min(s / c for s, c in zip(same, counts, strict=True)) < 0.99:
            raise SystemExit(f"run.sh: radie and PyTorch find other things: {same} of {counts}")
        return (
            f"{same[0]} of {counts[0]} mentions and {same[1]} of {counts[1]} relations are the same"
        )

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()


def parse_options() -> argparse.Namespace:
    available = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(prog="run.sh --pipeline", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--reports", type=int, default=4, help="default: 4")
    parser.add_argument("--threads", type=int, default=len(available), help="default: all cores")
    parser.add_argument("--size", choices=sorted(SIZES), default="bert-base")
    parser.add_argument("--isa", default="auto", help="radie's kernel set; default: auto")
    parser.add_argument("--work", type=Path, default=Path("build/peers"), help="model files, logs")
    parser.add_argument("--radie", type=Path, default=Path("build/release/bin/radie"))
    options = parser.parse_args()
    if not 1 <= options.threads <= len(available) or options.rounds < 1 or options.reports < 1:
        parser.error(f"--rounds, --reports: at least 1; --threads: at most {len(available)}")
    options.cores = available[: options.threads]
    return options


def measure(pipelines: Pipelines, rounds: int) -> dict[str, list[float]]:
    """Round by round, row by row; who begins changes each time."""
    times: dict[str, list[float]] = {row.title: [] for row in ROWS}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        shift = number % len(ROWS)
        for row in ROWS[shift:] + ROWS[:shift]:
            time.sleep(PAUSE_SECONDS)
            if (ms := pipelines.time(row)) is not None:
                times[row.title].append(ms)
    return {title: row for title, row in times.items() if len(row) == rounds}


def main() -> int:
    options = parse_options()
    from pipeline_model import choose_reports, prepare  # after --help, which needs no PyTorch

    os.sched_setaffinity(0, options.cores)
    paths = Paths(options.work.resolve() / f"pipeline-{options.size}")
    say("preparing both stages …")
    prepare(paths, options.size, choose_reports(CORPUS, options.reports))
    pipelines = Pipelines(options, paths)
    try:
        agreement = pipelines.agreement()
        times = measure(pipelines, options.rounds)
    finally:
        pipelines.close()
    cells: dict[str, Cell] = {t: make_cell(ms, times.get(BASELINE)) for t, ms in times.items()}
    for name, value in describe_machine(options.threads, options.cores).items():
        print(f"{name}: {value}")
    print(f"{options.reports} reports, {options.size}; {agreement}\n")
    print("| both stages | ms (ratio; lowest–highest) | reports a second |\n|---|---|---|")
    for title, cell in cells.items():
        print(f"| {title} | {cell.text()} | {options.reports * 1e3 / cell.median_ms:.2f} |")
    print("".join(f"\n- not compared: {title}: {why}" for title, why in pipelines.failed.items()))
    return 0 if BASELINE in times else 1


if __name__ == "__main__":
    sys.exit(main())
