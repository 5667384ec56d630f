"""radie serve under load, with the bundled model: no lost and no wrong answer, about the command
line's rate, memory that stays, slow clients that stop nobody, SIGTERM that loses nothing, kill -9
that loses only what was under way.

    load.py RADIE [--seconds 60] [--connections 64]

Answers are held against the command line's, byte for byte. Nothing is kept in a cache: every report
is computed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from client import Client, Report, Result
from serving import Server

SOURCE = Path(__file__).resolve().parents[2]
SLOW = 200
LEAST_SHARE = 0.85


def made_reports(count: int) -> list[tuple[str, str]]:
    """Ids and texts, of sentences of the samples with other numbers in them."""
    chance = random.Random(7)
    sentences = [
        sentence
        for path in sorted((SOURCE / "examples/reports").glob("*.txt"))
        for sentence in re.findall(r"[^。\n]+。", path.read_text(encoding="utf-8-sig"))
        if "【" not in sentence
    ]

    def renumbered(sentence: str) -> str:
        return re.sub(r"[0-9]+", lambda _: str(chance.randint(1, 99)), sentence)

    return [
        (f"r{n}", f"検査番号{n}。" + "".join(renumbered(s) for s in chance.sample(sentences, 8)))
        for n in range(count)
    ]


class Load:
    def __init__(self, radie: str, folder: Path, seconds: float, connections: int) -> None:
        self.radie, self.folder, self.seconds, self.connections = (
            radie,
            folder,
            seconds,
            connections,
        )
        self.problems: list[str] = []
        self.texts = made_reports(int(max(400, min(4000, seconds * 60))))
        lines = "".join(
            json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n"
            for name, text in self.texts
        )
        self.input = folder / "reports.jsonl"
        self.input.write_text(lines, encoding="utf-8")
        self.reports: list[Report] = []

    def check(self, holds: bool, what: str) -> None:
        if not holds:
            self.problems.append(what)
            print("  PROBLEM:", what)

    def command_rate(self) -> float:
        """Reports a second of the command line, start and loading not counted."""

        def run(path: Path) -> tuple[float, bytes]:
            start = time.monotonic()
            done = subprocess.run(
                [self.radie, "extract", "--cache", "0", "--format", "jsonl", str(path)],
                capture_output=True,
                check=True,
            )
            return time.monotonic() - start, done.stdout

        one = self.folder / "one.jsonl"
        one.write_text('{"id":"x","text":""}\n', encoding="utf-8")
        empty, _ = run(one)
        seconds, output = run(self.input)
        if not self.reports:
            for (name, text), line in zip(
                self.texts, output.splitlines(keepends=True), strict=True
            ):
                body = text.encode()
                head = (
                    f"POST /v1/extract?id={name} HTTP/1.1\r\nHost: x\r\n"
                    f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                self.reports.append(Report(head.encode() + body, line))
        return len(self.texts) / (seconds - empty)

    def serve(self, *arguments: object, port: int = 0) -> Server:
        return Server(
            self.radie,
            "--cache",
            "0",
            "--max-connections",
            "400",
            "--timeout",
            "10",
            *arguments,
            port=port,
        )

    def told(self, name: str, result: Result) -> None:
        print(
            f"  {name}: {len(result.seconds)} right, {result.wrong} wrong, {result.lost} lost, "
            f"{result.rate:.1f} reports/s, "
            f"p50 {result.quantile(0.5) * 1000:.0f} ms, p99 {result.quantile(0.99) * 1000:.0f} ms",
            flush=True,
        )

    def none_amiss(self, name: str, result: Result) -> None:
        self.check(
            result.wrong == 0 and result.lost == 0 and len(result.seconds) > 0,
            f"{name}: {result.wrong} wrong {result.statuses}, {result.lost} lost of "
            f"{len(result.seconds)}",
        )

    def steady(self) -> float:
        """The whole time at full load, held against the command line before and after."""
        print(f"full load, {self.connections} connections")
        shares, rates, costs = [], [], []
        before = self.command_rate()
        cpu = os.times().children_user + os.times().children_system
        self.command_rate()
        cpu = (os.times().children_user + os.times().children_system - cpu) / len(self.texts)
        print(f"  command line: {cpu * 1000:.1f} ms of processor time a report, start included")
        with self.serve() as server:
            memory = []
            for _ in range(3):
                used = cpu_seconds(server.process.pid)
                result = Client(server.port, self.reports, self.connections).run(self.seconds / 3)
                memory.append(resident_kib(server.process.pid))
                after = self.command_rate()
                costs.append((cpu_seconds(server.process.pid) - used) / max(1, len(result.seconds)))
                self.told("serve", result)
                print(f"  serve: {costs[-1] * 1000:.1f} ms of processor time a report")
                self.none_amiss("full load", result)
                rates.append(result.rate)
                shares.append(result.rate / ((before + after) / 2))
                print(
                    f"  command line: {before:.1f} and {after:.1f} reports/s; share "
                    f"{shares[-1]:.2f}; {memory[-1]} KiB"
                )
                before = after
            self.check(server.process.poll() is None, "the server has ended")
        # Others use this machine as well: the best of three is the least disturbed, and
        # processor time less so than the clock.
        self.check(
            min(costs) * LEAST_SHARE <= cpu,
            f"{min(costs) / cpu:.2f} times the command line's processor time",
        )
        self.check(
            max(shares) >= LEAST_SHARE, f"at most {max(shares):.2f} of the command line's rate"
        )
        # In the first third calls grow to their size, and working memory with them.
        self.check(memory[2] < memory[1] * 1.05 + 2048, f"memory grows: {memory} KiB")
        return max(rates)

    def slow_clients(self, rate: float) -> None:
        print(f"{SLOW} slow and half-open clients beside them")
        body = (
            b"POST /v1/extract HTTP/1.1\r\nContent-Type: text/plain\r\n"
            b"Content-Length: 4000\r\n\r\nabc"
        )
        with self.serve() as server:
            slow = [server.socket() for _ in range(SLOW)]
            for n, client in enumerate(slow):
                client.sendall((b"POST /v1/ext", body, b"G", b"GET / HTTP/1.1\r\nX: ")[n % 4])
            stop = threading.Event()

            def drip() -> None:
                while not stop.wait(0.5):
                    for client in slow[1::2]:
                        with contextlib.suppress(OSError):
                            client.sendall(b"x")

            dripping = threading.Thread(target=drip)
            dripping.start()
            result = Client(server.port, self.reports, self.connections).run(
                max(3.0, self.seconds / 6)
            )
            self.told("serve", result)
            self.none_amiss("beside slow clients", result)
            self.check(
                result.rate > rate / 2,
                f"slow clients take {rate - result.rate:.1f} of {rate:.1f} reports/s",
            )
            ended = 0
            for client in slow:
                client.settimeout(20)
                try:
                    ended += client.recv(4096).startswith(b"HTTP/1.1 408 ")
                except ConnectionResetError:
                    ended += 1
                except OSError:
                    pass
                client.close()
            stop.set()
            dripping.join()
            self.check(ended == SLOW, f"{ended} of {SLOW} slow clients were ended")

    def drained(self) -> None:
        print("SIGTERM under load")
        server = self.serve()
        threading.Timer(
            max(1.0, self.seconds / 20), lambda: server.process.send_signal(signal.SIGTERM)
        ).start()
        result = Client(server.port, self.reports, self.connections).run(
            max(2.5, self.seconds / 12)
        )
        self.told("serve", result)
        self.none_amiss("SIGTERM", result)
        self.check(server.stop(0) == 0, "the exit code is not 0")
        self.check(result.refused > 0, "it did not end while it was asked")

    def killed(self) -> None:
        print("kill -9 and a new start under load")
        first = self.serve()
        later: list[Server] = []
        times: list[float] = []

        def restart() -> None:
            first.process.kill()
            first.process.wait()
            later.append(self.serve(port=first.port))
            times.append(time.monotonic())

        threading.Timer(max(1.0, self.seconds / 20), restart).start()
        result = Client(first.port, self.reports, self.connections).run(max(4.0, self.seconds / 8))
        self.told("serve", result)
        self.check(result.wrong == 0, f"{result.wrong} wrong answers {result.statuses}")
        # A process takes milliseconds to go, and takes connections until then: whoever
        # connects again in them loses once more.
        self.check(result.lost > 0, "nothing was under way")
        self.check(
            bool(times) and max(result.lost_at) < times[0], "an answer was lost by the new server"
        )
        answered = (
            sum(line["event"] == "request" and line["status"] == 200 for line in later[0].log)
            if later
            else 0
        )
        self.check(answered > 0, "the new server has answered nothing")
        self.check(bool(later) and later[0].stop() == 0, "the new server did not end well")
        first.stop()


def resident_kib(pid: int) -> int:
    found = re.search(
        r"^VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"), re.M
    )
    assert found
    return int(found[1])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("radie")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    socket.setdefaulttimeout(60)
    with tempfile.TemporaryDirectory() as folder:
        load = Load(options.radie, Path(folder), options.seconds, options.connections)
        rate = load.steady()
        load.slow_clients(rate)
        load.drained()
        load.killed()
    print("\n".join(load.problems) or "the server holds")
    return 1 if load.problems else 0


if __name__ == "__main__":
    sys.exit(main())
