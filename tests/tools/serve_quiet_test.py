"""radie serve: what its log, its errors and its page keep quiet about."""

import json
import unittest
from urllib.parse import quote

from harness import RADIE, SOURCE, json_lines, tiny_model
from serving import HL7, Server


class Quiet(unittest.TestCase):
    HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>カナリア結節QXZW"

    def test_neither_log_nor_errors_hold_what_was_sent(self) -> None:
        canary = "カナリア結節QXZW"
        parts = (canary, "カナリア", "QXZW", quote("カナリア"), json.dumps("カナリア")[1:-1])
        with Server(RADIE, model=tiny_model()) as server:
            answers = [
                server.extract(canary.encode() + b"\xff"),
                server.extract(f'{{"text":"{canary}'.encode(), "application/json"),
                server.extract(json_lines({"id": canary, "text": 5}), "application/json"),
                server.extract(canary.encode(), query="?offsets=" + quote(canary)),
                server.extract(canary.encode(), query=f"?{quote(canary)}=1"),
                server.extract(canary.encode(), "text/" + quote(canary)),
                server.ask("GET", "/" + quote(canary)),
                server.ask("GET", "/healthz?" + quote(canary), X="QXZW"),
                server.extract(
                    HL7.replace(b"MSH|^", f"MSH|{canary}".encode()), "application/hl7-v2"
                ),
            ]
            server.extract(canary.encode(), query="?id=" + quote(canary))
            server.raw(f"{canary} / HTTP/1.1\r\n\r\n".encode())
        for answer in answers[:-1]:
            self.assertFalse([part for part in parts if part.encode() in answer.body], answer.body)
        self.assertFalse([part for part in parts if part.encode() in server.raw_log])
        self.assertEqual(sum(line["event"] == "request" for line in server.log), 11)
        fields = {
            "time",
            "event",
            "client",
            "method",
            "route",
            "status",
            "bytes_in",
            "bytes_out",
            "seconds",
            "code",
            "reports",
            "failed",
            "tokens",
            "queue_seconds",
            "cut_short",
        }
        self.assertTrue(all(set(line) <= fields for line in server.log))

    def test_the_page_asks_nobody_else_and_shows_hostile_text_as_text(self) -> None:
        with Server(RADIE, model=tiny_model()) as server:
            page = server.ask("GET", "/")
            policy = page.headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertIn("script-src 'self';", policy)
            files = [page.body] + [
                server.ask("GET", path).body for path in ("/page.js", "/page.css")
            ]
            self.assertEqual(
                files,
                [
                    (SOURCE / "tools/serve" / name).read_bytes()
                    for name in ("page.html", "page.js", "page.css")
                ],
            )
            for content in files:
                self.assertNotRegex(
                    content.decode(),
                    r"https?://|//[a-z]+\.|@import|innerHTML|insertAdjacent|document\.write|eval\(",
                )
            self.assertNotRegex(
                page.body.decode(),
                r"<script(?! src=\"page\.js\" defer></script>)|\son[a-z]+=|style=",
            )
            view = server.extract(
                self.HOSTILE.encode(), query="?id=" + quote(self.HOSTILE), Accept="text/html"
            ).body.decode()
            self.assertNotRegex(view, r"<script|<img|<[^>]*onerror")
            self.assertIn("&lt;script&gt;", view)
            for name, value in (
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
                ("referrer-policy", "no-referrer"),
            ):
                self.assertEqual(page.headers[name], value)


if __name__ == "__main__":
    unittest.main()
