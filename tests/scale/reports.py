"""Any number of written reports: sentences of examples/reports, other numbers in them."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
Row = tuple[str, bytes]


def made_reports(count: int, distinct: int) -> list[Row]:
    """(id, text in UTF-8), ids in order; there are `distinct` texts, in a fixed shuffle."""
    chance = random.Random(7)
    sentences = [
        sentence
        for path in sorted((ROOT / "examples/reports").glob("*.txt"))
        for sentence in re.findall(r"[^。\n]+。", path.read_text(encoding="utf-8-sig"))
        if "【" not in sentence
    ]

    def text(number: int) -> bytes:
        chosen = "".join(chance.sample(sentences, 8))
        varied = re.sub(r"[0-9]+", lambda _: str(chance.randint(1, 99)), chosen)
        return f"検査番号{number}。{varied}".encode()

    texts = [text(number) for number in range(min(distinct, count))]
    order = [number % len(texts) for number in range(count)]
    chance.shuffle(order)
    return [(f"r{number:08}", texts[which]) for number, which in enumerate(order)]


def write_parquet(rows: list[tuple[str, bytes | None]], folder: Path, files: int) -> None:
    """A folder of about as many files, each of which Spark is to read as one partition."""
    folder.mkdir(parents=True)
    size = -(-len(rows) // files)
    for number, start in enumerate(range(0, len(rows), size)):
        part = rows[start : start + size]
        columns = {
            "id": [name for name, _ in part],
            "text": pa.array([text for _, text in part], pa.binary()),
        }
        pq.write_table(pa.table(columns), folder / f"part-{number:04}.parquet")


def write_jsonl(rows: list[Row], path: Path) -> None:
    """What the command reads."""
    with path.open("w", encoding="utf-8") as file:
        for name, text in rows:
            file.write(json.dumps({"id": name, "text": text.decode()}, ensure_ascii=False) + "\n")
