"""radie serve under many and slow clients, and how it ends."""

import concurrent.futures
import signal
import socket
import time
import unittest

from harness import RADIE, json_lines, records, tiny_model
from serving import NDJSON, TEXT, Answer, Server, head, long_text, read_all, status_of


class Crowds(unittest.TestCase):
    def test_a_full_queue(self) -> None:
        body = json_lines(*({"id": f"r{n}", "text": long_text(n, 40)} for n in range(16)))
        with (
            Server(RADIE, "--max-queue", "1", "--cache", "0", model=tiny_model()) as server,
            concurrent.futures.ThreadPoolExecutor(24) as pool,
        ):
            answers = [
                a.result() for a in [pool.submit(server.extract, body, NDJSON) for _ in range(24)]
            ]
        refused = [answer for answer in answers if answer.status == 503]
        self.assertTrue(refused)
        self.assertTrue(
            all(
                answer.code == "overloaded" and int(answer.headers["retry-after"]) >= 1
                for answer in refused
            )
        )
        served = {answer.body for answer in answers if answer.status == 200}
        self.assertEqual(len(served), 1)
        self.assertEqual(len(records(served.pop())), 16)

    def test_too_many_connections(self) -> None:
        with Server(
            RADIE, "--max-connections", "2", "--timeout", "20", model=tiny_model()
        ) as server:
            first, second = server.socket(), server.socket()
            for client in (first, second):
                client.sendall(b"GET /healthz HTTP/1.1\r\n")
            deadline = time.monotonic() + 20
            while True:  # until the two have been accepted
                answer = server.raw(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
                if status_of(answer) == 503 or time.monotonic() > deadline:
                    break
            self.assertEqual(status_of(answer), 503)
            self.assertIn(b"\r\nRetry-After: ", answer)
            first.sendall(b"Connection: close\r\n\r\n")
            self.assertEqual(status_of(read_all(first)), 200)
            first.close()
            deadline = time.monotonic() + 20
            while (
                status_of(server.raw(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")) != 200
            ):
                self.assertLess(time.monotonic(), deadline)
            second.close()

    def test_slow_clients_are_ended(self) -> None:
        with Server(RADIE, "--timeout", "1", "--idle-timeout", "1", model=tiny_model()) as server:

            def drip(message: bytes) -> tuple[int, float]:
                start = time.monotonic()
                with server.socket() as client:
                    client.settimeout(0.2)
                    answer = b""
                    for n in range(100):
                        try:
                            client.sendall(message[n : n + 1] or b"x")
                            answer = client.recv(65536)
                        except TimeoutError:
                            continue
                        except (BrokenPipeError, ConnectionResetError):
                            pass
                        break
                return status_of(answer), time.monotonic() - start

            def rest(message: bytes) -> tuple[int, float]:
                start = time.monotonic()
                return status_of(server.raw(message)), time.monotonic() - start

            body = head(Content_Type="text/plain", Content_Length="5000")
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                tries = [
                    pool.submit(drip, head(X="y" * 500)),
                    pool.submit(rest, b"GET / HT"),
                    pool.submit(rest, body + b"abc"),
                    pool.submit(rest, b""),
                ]
                self.assertEqual(server.extract(TEXT.encode()).status, 200)
                results = [result.result() for result in tries]
            self.assertEqual([status for status, _ in results], [408, 408, 408, 0])
            self.assertTrue(all(seconds < 10 for _, seconds in results), results)

    def test_a_client_that_does_not_read_is_ended(self) -> None:
        body = json_lines({"id": "a", "text": long_text(1, 200)}) * 150
        with Server(RADIE, "--timeout", "1", model=tiny_model()) as server:
            with server.socket() as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.sendall(head(Content_Type=NDJSON, Content_Length=str(len(body))) + body)
                deadline = time.monotonic() + 60
                while (
                    not any(line.get("cut_short") for line in server.log)
                    and time.monotonic() < deadline
                ):
                    time.sleep(0.05)
            self.assertTrue(any(line.get("cut_short") for line in server.log))


class Ends(unittest.TestCase):
    def test_sigterm_answers_what_was_asked(self) -> None:
        server = Server(RADIE, "--cache", "0", "--max-queue", "1000", model=tiny_model())
        body = json_lines(*({"id": f"r{n}", "text": long_text(n, 15)} for n in range(10)))
        idle, *clients = (server.connection() for _ in range(13))
        idle.request("GET", "/healthz")
        idle.getresponse().read()
        for client in clients:  # whoever is connected, accepted or not, has been let in
            client.request("POST", "/v1/extract", body, {"Content-Type": NDJSON})
        server.process.send_signal(signal.SIGTERM)
        results = [Answer(client.getresponse()) for client in clients]
        self.assertEqual({answer.status for answer in results}, {200})
        self.assertEqual({len(records(answer.body)) for answer in results}, {10})
        self.assertEqual(server.stop(0), 0)
        for client in (idle, *clients):
            client.close()
        self.assertEqual(
            [line["event"] for line in server.log if line["event"] != "request"],
            ["draining", "stopped"],
        )
        with self.assertRaises(ConnectionRefusedError):
            server.ask("GET", "/healthz")

    def test_readiness_goes_before_the_server(self) -> None:
        server = Server(RADIE, "--drain-delay", "2", model=tiny_model())
        server.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 20
        while (
            not any(line["event"] == "draining" for line in server.log)
            and time.monotonic() < deadline
        ):
            time.sleep(0.01)
        ready = server.ask("GET", "/readyz")
        self.assertEqual(
            (ready.status, ready.code, ready.headers["retry-after"]), (503, "draining", "1")
        )
        self.assertEqual(server.extract(TEXT.encode()).status, 200)
        self.assertEqual(server.stop(0), 0)

    def test_a_second_signal_does_not_wait(self) -> None:
        server = Server(RADIE, "--timeout", "60", model=tiny_model())
        with server.socket() as client:
            client.sendall(b"GET / HT")
            deadline = time.monotonic() + 20
            while (
                b"radie_connections 2\n" not in server.ask("GET", "/metrics").body
                and time.monotonic() < deadline
            ):
                pass
            server.process.send_signal(signal.SIGINT)
            while (
                not any(line["event"] == "draining" for line in server.log)
                and time.monotonic() < deadline
            ):
                time.sleep(0.01)
            self.assertEqual(server.stop(signal.SIGINT), 130)


if __name__ == "__main__":
    unittest.main()
