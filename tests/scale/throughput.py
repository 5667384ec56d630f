"""Reports a second and CPU time of a report: the command, Spark on 1 and 2 workers, Ray likewise.

    throughput.py RADIE [--reports 400] [--repeated 4000] [--skip-ray] [--skip-spark]

Two inputs: `different`, reports of which none comes twice, nothing cached; and `repeated`, of 200
texts, with the cache. Of every figure is taken off what the same job takes with empty texts, which
is shown as `start`. It comes after the job: before it, when Java has not yet compiled what it will,
it takes more, and the job would seem to take less. The overhead is CPU time of a report over that
of the command with as many threads as workers, just before and just after: cores that share memory
and caches are slower together, whoever uses them. On a machine that does other work, wall clock
says little, and CPU time moves as well. It is that of all processes of the engine, Java's and Ray's
own with it.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from reports import ROOT, made_reports, write_jsonl, write_parquet

MIB = 1 << 20
PARTS = 16  # files of an input, and blocks of it for Ray


class Input(NamedTuple):
    name: str
    reports: int
    cache_mib: int
    jsonl: Path
    folder: Path
    empty: Path


class Figures(NamedTuple):
    engine: str
    workers: int
    wall: float  # seconds of the job, without those of the same job with empty texts
    cpu: float
    start: float  # CPU seconds of the job with empty texts
    command: tuple[float, ...]  # CPU seconds of the command, before and after
    memory: str = ""


def make_input(name: str, count: int, distinct: int, cache_mib: int, work: Path) -> Input:
    rows = made_reports(count, distinct)
    empty = work / f"{name}-empty"
    made = Input(name, count, cache_mib, work / f"{name}.jsonl", work / name, empty)
    write_jsonl(rows, made.jsonl)
    write_parquet([(id_, b"") for id_, _ in rows], empty, PARTS)
    write_parquet([*rows], made.folder, PARTS)
    return made


def measure_command(radie_command: str, given: Input, threads: int) -> Figures:
    """What an empty input takes is taken off."""

    def run(path: Path) -> tuple[float, float]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        cache = str(given.cache_mib)
        words = [radie_command, "extract", "--format", "jsonl", "--cache", cache]
        words += ["--threads", str(threads), str(path)]
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall, cpu

    nothing = given.jsonl.with_name("nothing.jsonl")
    nothing.write_text('{"id":"x","text":""}\n', encoding="utf-8")
    empty, all_ = run(nothing), run(given.jsonl)
    cpu = all_[1] - empty[1]
    return Figures("radie extract", threads, all_[0] - empty[0], cpu, empty[1], (cpu,))


@contextmanager
def between_commands(
    radie_command: str, given: Input, threads: int
) -> Iterator[Callable[[], tuple[float, ...]]]:
    """What the command takes before the block and after it."""
    taken = [measure_command(radie_command, given, threads).cpu]
    yield lambda: tuple(taken)
    taken.append(measure_command(radie_command, given, threads).cpu)


@contextmanager
def timed() -> Iterator[Callable[[], tuple[float, float]]]:
    """Wall clock and CPU time of all processes below this one and of this one, in the block.

    They are looked at twice a second: Ray's actors end with their dataset, and nobody waits for
    them who would be told their time. What a process does in its last half second is missed.
    """
    from clusters import cpu_seconds, descendants

    first: dict[int, float] = {}
    last: dict[int, float] = {}
    over = threading.Event()

    def look(fresh: float | None) -> None:
        for pid in (os.getpid(), *descendants(os.getpid())):
            seconds = cpu_seconds(pid)
            if seconds is not None:
                first.setdefault(pid, seconds if fresh is None else fresh)
                last[pid] = seconds

    def watch() -> None:
        while not over.wait(0.5):
            look(0.0)

    look(None)
    watcher = threading.Thread(target=watch)
    watcher.start()
    wall = time.monotonic()
    end: list[tuple[float, float]] = []
    try:
        yield lambda: end[0]
        wall = time.monotonic() - wall
    finally:
        over.set()
        watcher.join()
    look(0.0)
    end.append((wall, sum(last[pid] - first[pid] for pid in last)))


def measure_spark(
    radie_command: str, inputs: list[Input], workers: int, work: Path
) -> list[Figures]:
    import radie.spark
    from clusters import local_cluster, memory_mib, python_workers

    made = []
    with local_cluster(workers, work / "spark") as session:
        for given in inputs:
            options: dict[str, Any] = {"cache_bytes": given.cache_mib * MIB}

            def job(folder: Path, options: dict[str, Any] = options) -> tuple[float, float]:
                df = radie.spark.extract(session.read.parquet(str(folder)), **options)
                with timed() as taken:
                    df.write.mode("overwrite").parquet(str(work / "out"))
                return taken()

            with between_commands(radie_command, given, workers) as command:
                job(given.empty)  # Java compiles, workers load the model
                all_, start = job(given.folder), job(given.empty)
                sizes = [memory_mib(pid) for pid in python_workers()]
            memory = ", ".join(f"{rss:.0f} ({pss:.0f})" for rss, pss in sizes)
            wall, cpu = all_[0] - start[0], all_[1] - start[1]
            made.append(Figures("Spark", workers, wall, cpu, start[1], command(), memory))
    return made


def measure_ray(radie_command: str, inputs: list[Input], workers: int, work: Path) -> list[Figures]:
    import radie.ray
    import ray

    ray.init(
        num_cpus=workers + 1,
        include_dashboard=False,
        object_store_memory=200 * MIB,
        log_to_driver=False,
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    made = []
    try:
        for given in inputs:
            options: dict[str, Any] = {"workers": workers, "cache_bytes": given.cache_mib * MIB}

            def job(folder: Path, options: dict[str, Any] = options) -> tuple[float, float]:
                with timed() as taken:  # actors are started anew for each dataset
                    # Ray reads files as small as these into one block, which one actor gets.
                    dataset = ray.data.read_parquet(str(folder)).repartition(PARTS)
                    radie.ray.extract(dataset, **options).write_parquet(str(work / "ray-out"))
                return taken()

            with between_commands(radie_command, given, workers) as command:
                job(given.empty)
                all_, start = job(given.folder), job(given.empty)
            wall, cpu = all_[0] - start[0], all_[1] - start[1]
            made.append(Figures("Ray", workers, wall, cpu, start[1], command()))
    finally:
        ray.shutdown()
    return made


def show(given: Input, rows: list[Figures]) -> None:
    print(f"\n{given.reports} reports, {given.name}, cache {given.cache_mib} MiB")
    heads = "reports/s | CPU ms a report | the command's | overhead | start, CPU s"
    print(f"| | workers | {heads} | MiB a worker (share) |")
    print("|---|---|---|---|---|---|---|---|")
    for row in rows:
        rate, cost = given.reports / row.wall, row.cpu / given.reports * 1000
        beside = ", ".join(f"{cpu / given.reports * 1000:.2f}" for cpu in row.command)
        over = f"{row.cpu / statistics.mean(row.command) - 1:+.0%}"
        figures = f"{rate:.1f} | {cost:.2f} | {beside} | {over} | {row.start:.1f} | {row.memory}"
        print(f"| {row.engine} | {row.workers} | {figures} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("radie")
    parser.add_argument("--reports", type=int, default=400)
    parser.add_argument("--repeated", type=int, default=4000)
    parser.add_argument("--skip-ray", action="store_true")
    parser.add_argument("--skip-spark", action="store_true")
    parser.add_argument("--work", type=Path, default=ROOT / "build/scale/throughput")
    options = parser.parse_args()
    work: Path = options.work.resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    inputs = [
        make_input("different", options.reports, options.reports, 0, work),
        make_input("repeated", options.repeated, 200, 64, work),
    ]
    rows = [[measure_command(options.radie, given, n) for n in (1, 2)] for given in inputs]
    engines = [] if options.skip_spark else [measure_spark]
    engines += [] if options.skip_ray else [measure_ray]
    for measure in engines:
        for workers in (1, 2):
            for of_input, figures in zip(
                rows, measure(options.radie, inputs, workers, work), strict=True
            ):
                of_input.append(figures)
    load = os.getloadavg()[2]
    print(f"{os.cpu_count()} cores, load of the last 15 minutes {load:.1f}")
    for given, of_input in zip(inputs, rows, strict=True):
        show(given, of_input)
    return 0


if __name__ == "__main__":
    sys.exit(main())
