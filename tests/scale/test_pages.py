"""The examples of docs/scale.md run, each on its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```",
    (ROOT / "docs/scale.md").read_text(encoding="utf-8"),
    flags=re.M | re.S,
)


def test_there_are_examples() -> None:
    assert {"radie.spark", "radie.ray"} <= set(re.findall(r"radie\.\w+", "".join(EXAMPLES)))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(example: str, tmp_path: Path) -> None:
    rows = {"id": ["a"], "text": ["右肺上葉に結節を認めます。"], "taken": ["2026-01-31"]}
    pq.write_table(pa.table(rows), tmp_path / "reports.parquet")
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    words = [sys.executable, "-c", example]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    written = pq.read_table(tmp_path / "findings")
    assert written["findings"][0][0]["text"].as_py() == "結節"
