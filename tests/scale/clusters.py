"""A Spark cluster of executor processes on this machine, and the processes below this one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PARTITION = 4 << 20  # with Spark's own cost of opening a file, 4 MiB: one small file a partition


@contextmanager
def local_cluster(workers: int, folder: Path) -> Iterator[SparkSession]:
    """`workers` executors of one core and 1 GiB each; `folder` takes their logs and files."""
    from pyspark.sql import SparkSession

    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["SPARK_WORKER_DIR"] = str(folder)
    session = (
        SparkSession.builder.master(f"local-cluster[{workers},1,1024]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", str(folder))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.files.maxPartitionBytes", PARTITION)
        # A machine with other work: what is slow is not yet lost.
        .config("spark.network.timeout", "600s")
        .config("spark.executor.heartbeatInterval", "60s")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    try:
        yield session
    finally:
        session.stop()


def descendants(pid: int) -> list[int]:
    """All processes below one, from /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def command_line(pid: int) -> str:
    """Empty for a process that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def executors() -> list[int]:
    """The executors' Java processes below this one."""
    return [
        p for p in descendants(os.getpid()) if "CoarseGrainedExecutorBackend" in command_line(p)
    ]


def python_workers() -> list[int]:
    """The executors' Python processes that run tasks: pyspark's daemons have them as children."""
    below = descendants(os.getpid())
    daemons = [pid for pid in below if "pyspark.daemon" in command_line(pid)]
    parents = {pid: set(descendants(pid)) for pid in daemons}
    return [pid for pid in daemons if any(pid in parents[other] for other in daemons)]


def actors_at_work(name: str) -> list[int]:
    """Ray's processes that map a batch by this class, by their titles."""
    title = f"ray::MapWorker(MapBatches({name})).submit"
    return [p for p in descendants(os.getpid()) if command_line(p).startswith(title)]


def cpu_seconds(pid: int) -> float | None:
    """User and system time of a process, without its children's; None when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> tuple[float, float]:
    """(resident, proportional set size: pages shared with others count by share)."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        sizes[name] = int(rest.split()[0]) / 1024
    return sizes["Rss"], sizes["Pss"]


def mapping_mib(pid: int, file: Path) -> tuple[float, float]:
    """(resident, and of that what no other process has mapped) of a file in a process."""
    resident = private = 0
    ours = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, *values = line.split()
        if not name.endswith(":"):
            ours = line.endswith(f" {file}")
        elif ours and name == "Rss:":
            resident += int(values[0])
        elif ours and name in ("Private_Clean:", "Private_Dirty:"):
            private += int(values[0])
    return resident / 1024, private / 1024
