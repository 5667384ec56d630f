"""Many connections that send reports one after the other, each the next when it has its answer; one
thread, Python's standard library, little work a request, so that on a small machine the server has
the cores."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field


@dataclass
class Report:
    request: bytes
    answer: bytes  # the body that must come


@dataclass
class Result:
    seconds: list[float] = field(default_factory=list)  # of every right answer
    wrong: int = 0  # another status or body
    lost_at: list[float] = field(
        default_factory=list
    )  # monotonic times at which a connection ended without its answer
    refused: int = 0  # connections that could not be made
    statuses: dict[int, int] = field(default_factory=dict)
    elapsed: float = 0.0

    @property
    def lost(self) -> int:
        return len(self.lost_at)

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.elapsed

    def quantile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()
        self.report: Report | None = None
        self.start = 0.0

    def send(self, report: Report) -> None:
        self.report, self.start = report, time.monotonic()
        self.received.clear()
        self.socket.sendall(report.request)

    def answer(self) -> tuple[int, bytes, bool] | None:
        """Status, body, and whether the server closes; nothing while the answer is not whole."""
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.received[:end]).lower()
        length = int(head.split(b"\r\ncontent-length: ", 1)[1].split(b"\r\n", 1)[0])
        if len(self.received) < end + 4 + length:
            return None
        return (
            int(head.split(b" ", 2)[1]),
            bytes(self.received[end + 4 : end + 4 + length]),
            b"\r\nconnection: close" in head,
        )


class Client:
    """`connections` of them to the server at `port`; the reports go round and round."""

    def __init__(self, port: int, reports: list[Report], connections: int = 64) -> None:
        self._port, self._reports, self._wanted = port, reports, connections
        self._next = 0
        self._selector = selectors.DefaultSelector()
        self._open = 0

    def _connect(self, result: Result) -> bool:
        try:
            connection = _Connection(self._port)
        except OSError:
            result.refused += 1
            return False
        self._open += 1
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        self._ask(connection, result)
        return True

    def _ask(self, connection: _Connection, result: Result) -> None:
        report = self._reports[self._next % len(self._reports)]
        self._next += 1
        try:
            connection.send(report)
        except OSError:
            result.lost_at.append(time.monotonic())
            self._close(connection)

    def _close(self, connection: _Connection) -> None:
        self._selector.unregister(connection.socket)
        connection.socket.close()
        self._open -= 1

    def _hear(self, connection: _Connection, result: Result, more: bool) -> None:
        try:
            part = connection.socket.recv(1 << 16)
        except OSError:
            part = b""
        if not part:
            result.lost_at.append(time.monotonic())
            self._close(connection)
            return
        connection.received += part
        answer = connection.answer()
        if answer is None:
            return
        status, body, closes = answer
        result.statuses[status] = result.statuses.get(status, 0) + 1
        if connection.report is not None and status == 200 and body == connection.report.answer:
            result.seconds.append(time.monotonic() - connection.start)
        else:
            result.wrong += 1
        if closes or not more:
            self._close(connection)
        else:
            self._ask(connection, result)

    def run(self, seconds: float) -> Result:
        """Asks for so long, then waits for the answers that are due."""
        result = Result()
        start = time.monotonic()
        retry = 0.0
        while True:
            now = time.monotonic()
            more = now - start < seconds
            while more and self._open < self._wanted and now >= retry:
                if not self._connect(result):
                    retry = now + 0.05
                    break
            if self._open == 0 and not more:
                break
            for key, _ in self._selector.select(0.05):
                self._hear(key.data, result, more)
            if now - start > seconds + 120:
                result.lost_at += [now] * self._open
                break
        result.elapsed = time.monotonic() - start
        return result
