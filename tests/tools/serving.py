"""A `radie serve` to talk to: started on a free port, its log read, ended with SIGTERM."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

TEXT = "右肺上葉に12mm大の不整形結節を認めます。"
NDJSON = "application/x-ndjson"
HL7 = (
    "MSH|^~\\&|RIS|H|EHR|H|20260131||ORU^R01|1|P|2.5|||||JPN|UNICODE UTF-8\rPID|1||SECRET-7\r"
    "OBR|1||F17\rOBX|1|TX|18782-3||右肺に12mmの結節を認めます。\r"
).encode()


def head(**headers: str) -> bytes:
    lines = [
        "POST /v1/extract HTTP/1.1",
        "Host: x",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def long_text(seed: int, sentences: int) -> str:
    """Different for each seed, so that nothing of it has been computed before."""
    return "".join(
        f"右肺上葉に{seed * 7 + n % 97}.{n}mm大の不整形結節{n}を認め、前回より増大しています。"
        for n in range(sentences)
    )


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.body = response.status, response.read()
        self.headers = {name.lower(): value for name, value in response.getheaders()}

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json()["error"]["code"])


class Server:
    """A context manager; the server must have ended well by its end."""

    def __init__(
        self, radie: str, *arguments: object, model: Path | None = None, port: int = 0
    ) -> None:
        environment = {**os.environ, **({"RADIE_MODEL": str(model)} if model else {})}
        self.process = subprocess.Popen(
            [radie, "serve", "--port", str(port), *map(str, arguments)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stderr is not None
        first = self.process.stderr.readline()
        if not first.startswith(b"{"):
            self.process.wait(60)
            raise RuntimeError(f"exit {self.process.returncode}: {first.decode()}")
        self.port: int = json.loads(first)["port"]
        self.log: list[dict[str, Any]] = []
        self.raw_log = first
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.raw_log += line
            self.log.append(json.loads(line))

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        code = self.stop()
        assert kind is not None or code == 0, f"exit {code}"

    def stop(self, number: int = signal.SIGTERM, timeout: float = 120) -> int:
        """The exit code; the log is whole afterwards."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout)
        self._reader.join(timeout)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()
        return code

    def connection(self, timeout: float = 300) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        timeout: float = 300,
        **headers: str,
    ) -> Answer:
        """One request on a connection of its own; header names with _ for -."""
        connection = self.connection(timeout)
        try:
            connection.request(
                method,
                path,
                body,
                {name.replace("_", "-"): value for name, value in headers.items()},
            )
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def extract(
        self, body: bytes, content_type: str = "text/plain", query: str = "", **headers: str
    ) -> Answer:
        path = "/v1/extract" + query
        return self.ask("POST", path, body, 300, Content_Type=content_type, **headers)

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=300)

    def raw(self, message: bytes) -> bytes:
        """Whatever comes back on a connection until the server closes it."""
        with self.socket() as client:
            client.sendall(message)
            return read_all(client)


def read_all(client: socket.socket) -> bytes:
    parts = []
    try:
        while part := client.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)
