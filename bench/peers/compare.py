"""Times radie and other engines on the same random BERT, in turns, and prints the table of ratios.

Started by run.sh; docs/performance.md tells how to read the result.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path
from statistics import median

from agreement import Agreement, compare_states
from engines import BASELINE, ENGINES, FAMILIES, REFERENCE, Engine
from figures import Times, make_cells, markdown_table
from machine import describe_machine
from prepare import SIZES
from process import Worker, WorkerError, last_line
from workloads import Workload, all_workloads, check_workload, write_workload

HERE = Path(__file__).resolve().parent
QUICK = ["b1-s16", "b1-s128", "ragged-bs16"]
PAUSE_SECONDS = 0.1  # in which the threads of the engine before fall asleep


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Comparison:
    """Engines that failed so far, with the reason, and the workers of the others."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.folder: Path = options.work / options.size
        self.workers: dict[str, Worker] = {}
        self.failed: dict[str, str] = {}
        self.details: dict[str, str] = {}  # what a worker said of itself
        self.folder.mkdir(parents=True, exist_ok=True)

    def wanted(self) -> list[Engine]:
        only = self.options.only.split(",") if self.options.only else ["*"]
        # Without baseline and reference there are no ratios and no check.
        return [
            engine
            for engine in ENGINES
            if engine.name in (BASELINE, REFERENCE)
            or any(fnmatch(engine.name, pattern) for pattern in only)
        ]

    def prepare(self) -> None:
        families = {engine.family for engine in self.wanted()} | {"torch"}
        if "openvino" in families:
            families.add("onnxruntime")
        for family in FAMILIES:
            if family not in families:
                continue
            say(f"preparing {family} …")
            log = self.folder / f"prepare-{family}.log"
            with log.open("wb") as output:
                command = [sys.executable, "prepare.py", family, self.folder, self.options.size]
                done = subprocess.run(command, cwd=HERE, stdout=output, stderr=output, check=False)
            if done.returncode != 0:
                say(f"  {last_line(log.read_text(errors='replace'))}")

    def start(self) -> None:
        threads = self.options.threads
        environment = {
            "OMP_NUM_THREADS": str(threads),
            "MKL_NUM_THREADS": str(threads),
            "TOKENIZERS_PARALLELISM": "false",
            "HF_HUB_OFFLINE": "1",
        }
        for engine in self.wanted():
            say(f"loading {engine.title} …")
            log = self.folder / f"{engine.name}.log"
            try:
                worker = Worker(self.command(engine), environment, log)
            except (WorkerError, OSError) as error:
                self.fail(engine.name, str(error))
                continue
            self.workers[engine.name] = worker
            if worker.details:
                self.details[engine.name] = worker.details

    def command(self, engine: Engine) -> list[str]:
        threads = str(self.options.threads)
        if engine.family == "radie":
            model = str(self.folder / "model.radie")
            return [str(self.options.radie), model, engine.kind, self.options.isa, threads]
        script = str(HERE / "worker.py")
        return [sys.executable, script, engine.family, engine.kind, str(self.folder), threads]

    def fail(self, name: str, reason: str) -> None:
        say(f"  {name}: {reason}")
        self.failed[name] = reason
        if worker := self.workers.pop(name, None):
            worker.close()

    def ask(self, name: str, request: str) -> list[str] | None:
        """Nothing when the engine failed: it is then out."""
        try:
            return self.workers[name].ask(request)
        except WorkerError as error:
            self.fail(name, str(error))
            return None

    def check(self) -> dict[str, Agreement]:
        """Every engine's hidden states against the reference's."""
        path = write_workload(check_workload(), self.folder)
        for name in list(self.workers):
            self.ask(name, f"states {self.folder / name}.states {path}")
        if REFERENCE not in self.workers:
            say("the reference could not be run: nothing is checked")
            return {}
        exact = {engine.name: engine.exact for engine in ENGINES}
        return {
            name: compare_states(
                self.folder / f"{name}.states", self.folder / f"{REFERENCE}.states", exact[name]
            )
            for name in self.workers
        }

    def measure(self, workloads: list[Workload]) -> Times:
        """Round by round, workload by workload, engine by engine; who begins changes each time."""
        paths = {w.name: write_workload(w, self.folder) for w in workloads}
        times: Times = {name: {w.name: [] for w in workloads} for name in self.workers}
        turn = 0
        for number in range(self.options.rounds):
            for workload in workloads:
                say(f"round {number + 1} of {self.options.rounds}: {workload.name}")
                names = list(self.workers)
                shift = turn % len(names)
                turn += 1
                for name in names[shift:] + names[:shift]:
                    time.sleep(PAUSE_SECONDS)
                    request = f"time {self.options.seconds} {paths[workload.name]}"
                    if (answer := self.ask(name, request)) is not None:
                        times[name][workload.name].append(median(map(float, answer)))
        return {name: times[name] for name in times if name in self.workers}

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()


def parse_options() -> argparse.Namespace:
    available = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="default: 5")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each turn; default: 0.5")
    parser.add_argument("--threads", type=int, default=len(available), help="default: all cores")
    parser.add_argument("--only", help="engines, a list of names or globs: radie-*,openvino-int8*")
    parser.add_argument("--workloads", help="a list of names or globs: b1-*,ragged-sorted")
    parser.add_argument("--size", choices=sorted(SIZES), default="bert-base")
    parser.add_argument("--isa", default="auto", help="radie's kernel set; default: auto")
    parser.add_argument("--quick", action="store_true", help="one round of few workloads: a trial")
    parser.add_argument("--json", type=Path, help="default: WORK/SIZE/result.json")
    parser.add_argument("--work", type=Path, default=Path("build/peers"), help="model files, logs")
    parser.add_argument("--radie", type=Path, default=Path("build/release/bin/radie_worker"))
    options = parser.parse_args()
    options.work, options.radie = options.work.resolve(), options.radie.resolve()
    options.json = options.json or options.work / options.size / "result.json"
    if options.threads > len(available):
        parser.error(f"--threads: this process may use {len(available)} cores")
    if options.rounds < 1 or options.threads < 1:
        parser.error("--rounds and --threads are at least 1")
    if options.quick:
        options.rounds, options.seconds = 1, 0.0
    options.cores = available[: options.threads]
    return options


def choose_workloads(options: argparse.Namespace) -> list[Workload]:
    patterns = options.workloads.split(",") if options.workloads else ["*"]
    if options.quick and not options.workloads:
        patterns = QUICK
    chosen = [w for w in all_workloads() if any(fnmatch(w.name, p) for p in patterns)]
    if not chosen:
        raise SystemExit("run.sh: no workload has such a name")
    return chosen


def main() -> int:
    options = parse_options()
    workloads = choose_workloads(options)
    os.sched_setaffinity(0, options.cores)  # workers inherit it
    comparison = Comparison(options)
    comparison.prepare()
    comparison.start()
    try:
        agreements = comparison.check()
        times = comparison.measure(workloads) if comparison.workers else {}
    finally:
        comparison.close()
    cells = make_cells(times, BASELINE)
    titles = {engine.name: engine.title for engine in ENGINES}
    machine = describe_machine(options.threads, options.cores)
    print("".join(f"{name}: {value}\n" for name, value in machine.items()))
    print(markdown_table(cells, titles, [w.name for w in workloads]))
    for name, details in comparison.details.items():
        titles[name] += f" ({details})"
    print("".join(f"- {titles[n]}: {a.text()}\n" for n, a in agreements.items()))
    print("".join(f"- not compared: {titles[n]}: {r}\n" for n, r in comparison.failed.items()))
    result = {
        "machine": machine,
        "size": options.size,
        "rounds": options.rounds,
        "baseline": BASELINE,
        "engines": {n: {w: asdict(c) for w, c in row.items()} for n, row in cells.items()},
        "agreement": {n: asdict(a) for n, a in agreements.items()},
        "details": comparison.details,
        "failed": comparison.failed,
    }
    options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    wrong = [name for name, agreement in agreements.items() if not agreement.holds]
    for name in wrong:
        say(f"{name} does not agree with {REFERENCE}: its times mean nothing")
    return 1 if wrong or not times or not agreements else 0


if __name__ == "__main__":
    sys.exit(main())
