"""Threads and processes: the GIL, forks, copies."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import radie

FORKED = """
import os, radie
model = radie.load(threads=2)
before = model.extract("右肺上葉に結節を認めます。")
child = os.fork()
if child == 0:
    again = model.extract("右肺上葉に結節を認めます。")
    raise SystemExit(0 if again == before and again.entities else 1)  # ends with all destructors
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
assert model.extract("右肺上葉に結節を認めます。") == before
raise SystemExit(code)
"""


def test_the_gil_is_free_while_it_computes(examples: dict[str, str]) -> None:
    model = radie.load(threads=1)
    texts = list(examples.values()) * 6  # 60 reports: one group, so no call into Python between
    begin = threading.Event()
    times: list[float] = []

    def work() -> None:
        begin.set()
        times.append(time.monotonic())
        model.extract_batch(texts)
        times.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    begin.wait()
    ticks = []
    while thread.is_alive():
        ticks.append(time.monotonic())
        time.sleep(0.001)
    start, end = times
    edge = 0.2 * (end - start)
    middle = [tick for tick in ticks if start + edge < tick < end - edge]
    assert len(middle) >= 5, (end - start, len(ticks))


def test_two_threads_get_the_same_bits(model: radie.Model, examples: dict[str, str]) -> None:
    texts = list(examples.values())
    expected = model.extract_batch(texts)
    with ThreadPoolExecutor(2) as pool:
        for result in pool.map(model.extract_batch, [texts] * 4):
            assert result == expected
        states = list(pool.map(model.encode, [[2, 5, 6, 3]] * 8))
    assert len({state.tobytes() for state in states}) == 1


def test_a_forked_child_loads_again() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], timeout=120, check=False)
    assert done.returncode == 0


def test_a_copy_by_pickle(model: radie.Model, examples: dict[str, str]) -> None:
    text = next(iter(examples.values()))
    copy = pickle.loads(pickle.dumps(radie.load(min_confidence=0.5)))
    assert copy.info == model.info
    assert copy.extract(text) == radie.load(min_confidence=0.5).extract(text)
