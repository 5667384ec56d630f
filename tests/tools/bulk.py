"""What the tests of bulk runs share: input with all kinds of lines, and a folder a test."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import unittest
from pathlib import Path
from typing import Any

from harness import WORK, json_lines, radie

PARTS = [
    "右肺上葉に結節を認めます。",
    "胸水は認めません。",
    "肝S8に12mm大の低吸収域を認めます。",
    "転移を疑います。",
    "著変ありません。",
]


def made_lines(count: int, seed: int = 1) -> bytes:
    """Reports of which some repeat and some are none."""
    chance = random.Random(seed)
    lines = []
    for n in range(count):
        text = "".join(chance.choices(PARTS, k=chance.randint(1, 6))) + (
            f"番号{n}" if chance.random() < 0.7 else ""
        )
        good = json_lines({"id": f"r{n}", "text": text})
        lines.append(
            chance.choices([good, b"{\n", b"\n", b'{"id":"bad","text":7}\n'], [95, 2, 2, 1])[0]
        )
    return b"".join(lines)


def manifest(output: Path) -> Any:
    return json.loads(Path(f"{output}.manifest.json").read_text(encoding="utf-8"))


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = WORK / self.id()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.input = self.folder / "in.jsonl"
        self.output = self.folder / "out.jsonl"

    def extract(self, *arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
        return radie("extract", *arguments, **options)

    def refused(self, *arguments: object, says: str, code: int = 2, **options: Any) -> None:
        """Nothing is written, and the message says why."""
        before = self.output.read_bytes() if self.output.is_file() else None
        done = self.extract("--output", self.output, *arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(says, done.stderr.decode())
        if before is not None:
            self.assertEqual(self.output.read_bytes(), before)
