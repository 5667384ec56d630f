"""One `radie extract` process over very many reports: all accounted for, memory and rate that stay,
nothing left open.

    soak.py RADIE [--reports 1000000] [--threads 1] [--cache 64] [--seed 7]

Reports are made as they are read: sentences of the samples with other numbers in them, a share of
them word for word as before, and 1 % hostile lines. The process reads them from a pipe, so nothing
of the run's length is in memory or on the disk. What must hold:

- a record for each line that was sent, in its order, and an error record exactly where the line was
  hostile;
- resident memory at the end at most 1.02 times that at 50,000 reports. A run of less than 100,000
  is judged from its half on, and may be at 1.10 times that: the largest batch so far comes later,
  and the cache fills;
- the rate over the last tenth at most 10 % below that over the first, in processor time, of which
  other programs on the machine take none (in a short run it is above it: in the first tenth no
  sentence was met before);
- no more file descriptors or threads at the end than after the first report; exit code 1, for the
  hostile lines, and nothing on standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).resolve().parents[2]
MEMORY_FROM = 50_000
MOST_GROWTH = 1.02
MOST_GROWTH_SHORT = 1.10
MOST_DRIFT = 0.10
HOSTILE_SHARE = 0.01
REPEATED_SHARE = 0.2
# Startling but lawful: no error, and work of its own.
ODD = [
    "",
    "\u3000",
    "ﾊﾞ㎜①\r\n" * 40,
    "右肺" * 4000,
    "\ufeff肺炎。",
    "\U00020bb7の結節。",
    "。" * 500,
    "A" * 3000,
    "12mm" * 500,
]


def hostile_lines() -> list[bytes]:
    """Lines that give an error record each."""
    return [
        b"{",
        b"[]",
        b'{"id":"h"}',
        b'{"id":"h","text":7}',
        b'{"id":"h","text":"\xff"}',
        b'{"id":"h","text":"\\ud800"}',
        b"\x00\x01",
        b'{"id":"h","text":"' + b"x" * (1 << 20) + b'y"}',
        b"[" * 5000,
        b'{"id":"h","text":"' + "右肺".encode(),
    ]


class Made(NamedTuple):
    line: bytes
    name: str | None  # of a hostile line: None
    fails: bool


def made_reports(count: int, seed: int) -> Iterator[Made]:
    chance = random.Random(seed)
    sentences = [
        sentence
        for path in sorted((SOURCE / "examples/reports").glob("*.txt"))
        for sentence in re.findall(r"[^。\n]+。", path.read_text(encoding="utf-8-sig"))
        if "【" not in sentence
    ]
    hostile = hostile_lines()
    recent: deque[str] = deque(maxlen=200)
    for n in range(count):
        kind = chance.random()
        if kind < HOSTILE_SHARE * 0.8:
            yield Made(chance.choice(hostile) + b"\n", None, True)
            continue
        if kind < HOSTILE_SHARE:
            text = chance.choice(ODD)
        elif kind < HOSTILE_SHARE + REPEATED_SHARE and recent:
            text = chance.choice(recent)
        else:
            picked = chance.sample(sentences, chance.randint(2, 7))
            text = re.sub(r"[0-9]+", lambda _: str(chance.randint(1, 999)), "".join(picked))
            recent.append(text)
        yield Made(
            json.dumps({"id": f"r{n}", "text": text}, ensure_ascii=False).encode() + b"\n",
            f"r{n}",
            False,
        )


class Look(NamedTuple):
    """At the process, with so many records out."""

    records: int
    seconds: float
    cpu: float
    resident_kib: int
    descriptors: int
    threads: int


def look_at(pid: int, records: int) -> Look:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    fields = (
        Path(f"/proc/{pid}/stat")
        .read_text(encoding="ascii", errors="replace")
        .rsplit(")", 1)[1]
        .split()
    )

    def number(name: str) -> int:
        found = re.search(rf"^{name}:\s*(\d+)", status, re.M)
        assert found, name
        return int(found[1])

    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return Look(
        records,
        time.monotonic(),
        cpu,
        number("VmRSS"),
        len(os.listdir(f"/proc/{pid}/fd")),
        number("Threads"),
    )


class Soak:
    def __init__(self, radie: str, options: argparse.Namespace) -> None:
        self.count = options.reports
        arguments = [
            "extract",
            "--input-format",
            "jsonl",
            "--format",
            "jsonl",
            "--threads",
            str(options.threads),
            "--cache",
            str(options.cache),
            "-",
        ]
        self.process = subprocess.Popen(
            [radie, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.expected: deque[Made] = deque()
        self.looks: list[Look] = []
        self.problems: list[str] = []
        self.failed = 0
        self.complaints = b""
        self.seed = options.seed

    def check(self, holds: bool, what: str) -> None:
        if not holds and len(self.problems) < 20:
            self.problems.append(what)
            print("PROBLEM:", what, flush=True)

    def feed(self) -> None:
        assert self.process.stdin
        try:
            for made in made_reports(self.count, self.seed):
                self.expected.append(made._replace(line=b""))  # before the process can answer it
                self.process.stdin.write(made.line)
            self.process.stdin.flush()
            # Descriptors and threads are looked at while the process still lives.
            self.last_answer.wait()
        except BrokenPipeError:
            pass  # it ended too early, which is told elsewhere
        finally:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()

    def complain(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            if len(self.complaints) < 2000:
                self.complaints += line

    def run(self) -> None:
        assert self.process.stdout
        self.last_answer = threading.Event()
        others = [threading.Thread(target=self.feed), threading.Thread(target=self.complain)]
        for thread in others:
            thread.start()
        steps = {1, MEMORY_FROM, *(self.count * n // 20 for n in range(1, 21))}
        records = 0
        for line in self.process.stdout:
            records += 1
            self.take(line, records)
            if records in steps:
                self.looks.append(look_at(self.process.pid, records))
                self.tell(self.looks[-1])
            if records == self.count:
                self.last_answer.set()
        self.last_answer.set()
        for thread in others:
            thread.join()
        code = self.process.wait()
        self.check(records == self.count, f"{records} records for {self.count} lines")
        self.check(code == (1 if self.failed else 0), f"exit code {code}")
        self.check(
            self.complaints == b"", f"on standard error: {self.complaints.decode(errors='replace')}"
        )

    def take(self, line: bytes, number: int) -> None:
        if not self.expected:
            self.check(False, f"record {number}: nobody asked for it")
            return
        made = self.expected.popleft()
        try:
            record = json.loads(line)
        except ValueError:
            self.check(False, f"record {number} is no JSON")
            return
        failed = "error" in record
        self.failed += failed
        self.check(
            failed == made.fails, f"record {number}: {'failed' if failed else 'did not fail'}"
        )
        self.check(
            made.name is None or record["id"] == made.name, f"record {number}: another report's"
        )

    def tell(self, look: Look) -> None:
        first = self.looks[0]
        print(
            f"{look.records:>9} reports  {look.seconds - first.seconds:>8.0f} s  {look.cpu:>8.1f} "
            "s of processor time  "
            f"{look.resident_kib / 1024:>7.1f} MiB  {look.descriptors} descriptors  {look.threads} "
            "threads",
            flush=True,
        )

    def judge(self) -> str:
        """The table of docs/reliability.md; adds to the problems."""
        if not self.looks or self.looks[-1].records != self.count:
            return ""
        first, last = self.looks[0], self.looks[-1]
        at = {look.records: look for look in self.looks}
        is_short = self.count < 2 * MEMORY_FROM
        memory_from = at[self.count * 10 // 20 if is_short else MEMORY_FROM]
        growth = last.resident_kib / memory_from.resident_kib
        rates: dict[str, list[float]] = {"processor time": [], "clock": []}
        for low, high in ((first, at[self.count * 2 // 20]), (at[self.count * 18 // 20], last)):
            reports = high.records - low.records
            rates["processor time"].append(reports / (high.cpu - low.cpu))
            rates["clock"].append(reports / (high.seconds - low.seconds))
        drift = rates["processor time"][1] / rates["processor time"][0] - 1
        self.check(
            growth <= (MOST_GROWTH_SHORT if is_short else MOST_GROWTH),
            f"memory grew by a factor of {growth:.3f} from {memory_from.records} reports on",
        )
        self.check(
            drift >= -MOST_DRIFT, f"the rate of the last tenth is {drift:+.1%} of the first's"
        )
        self.check(
            last.descriptors <= first.descriptors,
            f"{first.descriptors} descriptors became {last.descriptors}",
        )
        self.check(last.threads <= first.threads, f"{first.threads} threads became {last.threads}")
        rows = [
            (
                "reports sent, records back, error records",
                f"{self.count:,}, {last.records:,}, {self.failed:,}",
            ),
            (
                f"resident memory at {memory_from.records:,} reports, at the end",
                f"{memory_from.resident_kib / 1024:.1f} MiB, {last.resident_kib / 1024:.1f} MiB (× "
                f"{growth:.3f})",
            ),
        ]
        rows += [
            (
                f"reports a second, {name}, first and last tenth",
                f"{a:.1f}, {b:.1f} ({b / a - 1:+.1%})",
            )
            for name, (a, b) in rates.items()
        ]
        rows += [
            (
                "file descriptors and threads, after the first report and at the end",
                f"{first.descriptors} and {first.threads}, {last.descriptors} and {last.threads}",
            ),
            (
                "time",
                f"{(last.seconds - first.seconds) / 60:.0f} min, {last.cpu / 60:.0f} min of "
                "processor time",
            ),
        ]
        return "| | |\n|---|---|\n" + "".join(f"| {name} | {value} |\n" for name, value in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("radie")
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cache", type=int, default=64, help="MiB")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    if options.reports < 1000:
        parser.error("--reports: at least 1000")
    soak = Soak(options.radie, options)
    try:
        soak.run()
    finally:
        soak.process.kill()
    table = soak.judge()
    print("\n" + table)
    print("\n".join(soak.problems) or "the process holds")
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
