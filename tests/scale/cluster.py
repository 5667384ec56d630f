"""Spark against one machine: a cluster of two executors, one of which is killed in mid-job, and
then a Python worker; the result must be the command's, row by row.

    cluster.py RADIE [--reports 20000] [--distinct 2000] [--work build/scale/cluster]

Every 97th report is broken: a row of its own error, and nothing else suffers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import radie.spark
from clusters import executors, local_cluster, python_workers
from radie._columns import RESULT_SCHEMA
from radie.arrow import read_jsonl, to_batch
from reports import ROOT, Row, made_reports, write_jsonl, write_parquet

BROKEN = [
    (None, {"code": "invalid_input", "message": "the text is null", "offset": None}),
    (
        b"ab\xff",
        {"code": "invalid_text", "message": "the text is not valid UTF-8", "offset": 2},
    ),
]


def with_broken(rows: list[Row]) -> list[tuple[str, bytes | None]]:
    """The rows with some more among them, whose ids are the neighbours' and an x."""
    mixed: list[tuple[str, bytes | None]] = []
    for number, row in enumerate(rows):
        mixed.append(row)
        if number % 97 == 50:
            mixed.append((row[0] + "x", BROKEN[number % 2][0]))
    return mixed


def expected(radie_command: str, rows: list[Row], folder: Path) -> pa.Table:
    """The command's records and the broken rows' errors, by id."""
    write_jsonl(rows, folder / "in.jsonl")
    start = time.monotonic()
    with (folder / "out.jsonl").open("wb") as out:
        words = [radie_command, "extract", "--format", "jsonl", "--threads", "1"]
        subprocess.run([*words, folder / "in.jsonl"], stdout=out, check=True)
    print(f"the command, one thread: {time.monotonic() - start:.0f} s", flush=True)
    batches, records = [], []
    for record in read_jsonl(folder / "out.jsonl"):
        records.append(record)
        if len(records) == 1000:
            batches.append(to_batch(records))
            records = []
    batches.append(to_batch(records))
    broken = [
        {"id": rows[number][0] + "x", "error": BROKEN[number % 2][1]}
        for number in range(50, len(rows), 97)
    ]
    batches.append(to_batch(broken))
    return pa.Table.from_batches(batches).select(["id", *RESULT_SCHEMA.names]).sort_by("id")


class Job(threading.Thread):
    """The job in a thread, so that this one can do harm meanwhile."""

    def __init__(self, source: Path, target: Path, folder: Path) -> None:
        super().__init__()
        self.source, self.target, self.folder = source, target, folder
        self.trouble: BaseException | None = None
        self.partitions = 0
        self.ready = threading.Event()

    def run(self) -> None:
        try:
            with local_cluster(2, self.folder) as session:
                df = session.read.parquet(str(self.source))
                self.partitions = df.rdd.getNumPartitions()
                self.ready.set()
                start = time.monotonic()
                radie.spark.extract(df).write.parquet(str(self.target))
                print(f"the cluster: {time.monotonic() - start:.0f} s", flush=True)
        except BaseException as error:
            self.trouble = error
        finally:
            self.ready.set()

    def parts(self) -> int:
        """Partitions whose tasks are done."""
        return len({path.name for path in self.target.glob("_temporary/0/task_*")})


def kill_in_the_middle(job: Job) -> None:
    """Kills an executor when a quarter of the work is done, and a Python worker at a half."""
    job.ready.wait()
    before = set(executors())
    for share, name in ((0.25, "executor"), (0.5, "Python worker")):
        while job.is_alive() and job.parts() < share * job.partitions:
            time.sleep(0.1)
        victims = executors() if name == "executor" else python_workers()
        done = job.parts()
        assert job.is_alive() and victims and done < job.partitions, f"no {name} to kill any more"
        os.kill(victims[0], signal.SIGKILL)
        print(f"{name} killed with {done} of {job.partitions} partitions done", flush=True)
        if name == "executor":
            while job.is_alive() and set(executors()) <= before:
                time.sleep(0.1)
            assert set(executors()) - before, "no new executor came"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("radie")
    parser.add_argument("--reports", type=int, default=20000)
    parser.add_argument("--distinct", type=int, default=2000)
    parser.add_argument("--work", type=Path, default=ROOT / "build/scale/cluster")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    work: Path = options.work.resolve()

    rows = made_reports(options.reports, options.distinct)
    mixed = with_broken(rows)
    write_parquet(mixed, work / "in", 40)
    job = Job(work / "in", work / "out", work / "spark")
    job.start()
    kill_in_the_middle(job)
    job.join()
    if job.trouble is not None:
        raise job.trouble
    found = pq.read_table(work / "out").sort_by("id")
    wanted = expected(options.radie, rows, work)
    assert found.num_rows == len(mixed) == wanted.num_rows, (found.num_rows, len(mixed))
    for name in wanted.column_names:
        same = found[name].combine_chunks().equals(wanted[name].combine_chunks())
        assert same, f"column {name} differs"
    print(f"{len(mixed)} rows, {job.partitions} partitions: the command's, row by row")
    return 0


if __name__ == "__main__":
    sys.exit(main())
