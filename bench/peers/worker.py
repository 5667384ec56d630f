"""One engine in a process of its own, which waits idle until it is asked.

    worker.py FAMILY KIND FOLDER THREADS

Says `ready` when it has loaded. Then a request a line:
    time SECONDS PATH   all calls of a workload file, once unmeasured, then again and again for
                        SECONDS (at least once): `ok MS MS …`, the wall clock of each time round
    states OUT PATH     the hidden states of all its sequences end to end, fp32, to the file OUT:
                        `ok`
bench/peers/radie_worker.cc keeps to the same.
"""

import sys
import time
from pathlib import Path

from backends import LOADERS, Encode
from workloads import Call, read_workload


def run(encode: Encode, calls: list[Call]) -> None:
    for call in calls:
        encode(call)


def measure(encode: Encode, calls: list[Call], seconds: float) -> list[float]:
    run(encode, calls)
    end = time.perf_counter() + seconds
    times: list[float] = []
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        run(encode, calls)
        times.append((time.perf_counter() - start) * 1e3)
    return times


def write_states(encode: Encode, calls: list[Call], path: Path) -> None:
    with path.open("wb") as file:
        for call in calls:
            for ids, states in zip(call, encode(call), strict=True):
                file.write(states[: len(ids)].astype("<f4").tobytes())


def answer(encode: Encode, line: str) -> str:
    what, argument, path = line.rstrip("\n").split(" ", 2)
    calls = read_workload(Path(path))
    if what == "time":
        return " ".join(["ok", *(f"{ms:.4f}" for ms in measure(encode, calls, float(argument)))])
    write_states(encode, calls, Path(argument))
    return "ok"


def main() -> None:
    family, kind, folder, threads = sys.argv[1:]
    encode = LOADERS[family](Path(folder), kind, int(threads))
    # Libraries print as well: the other side passes over lines that are no answer.
    print("ready", flush=True)
    for line in sys.stdin:
        print(answer(encode, line), flush=True)


if __name__ == "__main__":
    main()
