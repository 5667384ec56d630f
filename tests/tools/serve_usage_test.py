"""radie serve: options it does not start with, and whom it lets in."""

import socket
import unittest

from harness import RADIE, SOURCE, WORK, radie, tiny_model
from serving import TEXT, Server
from shared_server import Shared

TOKEN = "correct-horse-battery-staple"


class Tokens(Shared):
    @classmethod
    def setUpClass(cls) -> None:
        path = WORK / "tokens"
        path.write_text(
            f"# for the ward\n\nanother-token-of-some-length\n{TOKEN}\n", encoding="utf-8"
        )
        cls.ARGUMENTS = ["--host", "0.0.0.0", "--token-file", path]
        super().setUpClass()

    def test_tokens(self) -> None:
        for value in (
            "",
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            f"Basic {TOKEN}",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            TOKEN,
        ):
            answer = self.server.extract(TEXT.encode(), Authorization=value)
            self.assertEqual((answer.status, answer.code), (401, "unauthorized"), value)
            self.assertIn("Bearer", answer.headers["www-authenticate"])
        for value in (f"Bearer {TOKEN}", f"bearer {TOKEN}", "Bearer another-token-of-some-length"):
            self.assertEqual(self.server.extract(TEXT.encode(), Authorization=value).status, 200)
        self.assertEqual(self.server.ask("GET", "/metrics").status, 401)
        self.assertEqual(
            self.server.ask("GET", "/metrics", Authorization=f"Bearer {TOKEN}").status, 200
        )
        for path in ("/healthz", "/readyz", "/", "/page.js", "/openapi.json"):
            self.assertEqual(self.server.ask("GET", path).status, 200)
        self.assertNotIn(TOKEN.encode(), self.server.raw_log)


class Usage(unittest.TestCase):
    def exits(self, code: int, what: str, *arguments: object, port: int = 0) -> None:
        done = radie("serve", "--port", port, *arguments)
        self.assertEqual((done.returncode, done.stdout), (code, b""))
        self.assertIn(what, done.stderr.decode())

    def test_usage(self) -> None:
        tokens = WORK / "bad_tokens"
        self.exits(2, "--token-file", "--host", "0.0.0.0")
        self.exits(2, "no-such-host.invalid", "--host", "no-such-host.invalid")
        self.exits(2, "--max-body", "--max-body", "many")
        self.exits(2, "No such file", "--token-file", WORK / "none")
        for content, what in (
            ("", "holds no token"),
            ("short\n", "line 1"),
            ("# x\ncaf\u00e9-cafe-cafe-cafe\n", "line 2"),
        ):
            tokens.write_text(content, encoding="utf-8")
            self.exits(2, what, "--token-file", tokens)
        self.exits(2, "No such file", "--terms", WORK / "none")
        self.exits(3, "model", "--model", SOURCE / "README.md")
        self.exits(3, "stage", "--model", SOURCE / "tests/golden/tagger_crf.radie")
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            self.exits(2, "cannot listen", port=other.getsockname()[1])

    def test_others_are_let_in_when_told_so(self) -> None:
        with Server(RADIE, "--host", "0.0.0.0", "--insecure", model=tiny_model()) as server:
            self.assertEqual(server.ask("GET", "/healthz").status, 200)


if __name__ == "__main__":
    unittest.main()
