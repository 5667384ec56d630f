"""Records as Arrow and Parquet. Skipped without pyarrow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import radie

pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.parquet as pq
import radie.arrow as arrow


def without_nulls(value: Any) -> Any:
    """A row as the record it came from: absent where null, attributes an object again."""
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    record = {key: without_nulls(item) for key, item in value.items() if item is not None}
    if "attributes" in record:
        record["attributes"] = {group["type"]: group["entities"] for group in record["attributes"]}
    return record


def test_a_file_of_the_command_comes_back_whole(
    command: Path, examples: dict[str, str], tmp_path: Path
) -> None:
    lines = [json.dumps({"id": name, "text": text}) for name, text in examples.items()]
    (tmp_path / "in.jsonl").write_text("\n".join([*lines, "{", ""]), encoding="utf-8")
    terms = tmp_path / "terms.tsv"
    terms.write_text("結節\tX-1\tNodule\tX\n", encoding="utf-8")
    arguments: list[str | Path] = [
        command,
        "extract",
        "--include-text",
        "--terms",
        terms,
        tmp_path / "in.jsonl",
    ]
    done = subprocess.run(arguments, capture_output=True, check=False)
    assert done.returncode == 1  # for the line that is none
    (tmp_path / "out.jsonl").write_bytes(done.stdout)
    table = tmp_path / "out.parquet"
    words = [sys.executable, "-m", "radie.arrow", str(tmp_path / "out.jsonl"), str(table)]
    assert subprocess.run(words, capture_output=True, check=True).stdout.startswith(b"12 ")
    back = pq.read_table(table)
    assert back.schema.equals(arrow.SCHEMA)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert records[-1]["id"] is None
    del records[-1]["id"]
    assert [without_nulls(row) for row in back.to_pylist()] == records
    assert any("codes" in entity for record in records[:-1] for entity in record["entities"])


def test_the_table_of_a_batch(model: radie.Model) -> None:
    outcomes = model.extract_batch(["右肺上葉に結節を認めます。", "\ud800"], errors="return")
    table = arrow.to_table(outcomes, ["a", None], include_text=True)
    good, bad = table.to_pylist()
    assert isinstance(outcomes[0], radie.Report)
    assert without_nulls(good) == outcomes[0].to_dict("a", include_text=True)
    assert good["error"] is None
    assert without_nulls(bad) == {"error": {**bad["error"], "code": "invalid_text"}}
    assert arrow.to_table([]).schema.equals(arrow.SCHEMA)
    with pytest.raises(radie.Error, match="ids"):
        arrow.to_table(outcomes, ["a"])


def test_hl7_places_and_certainty_have_columns(tmp_path: Path) -> None:
    piece = {"obx": 1, "repetition": 1, "code": "18782-3&所見&LN", "start": 0, "end": 9}
    finding = {
        "object": "T1",
        "type": "Clinical_finding",
        "text": "肺炎",
        "certainty": {"class": "likely", "confidence": 0.5, "sources": ["T2"]},
        "attributes": {"A": ["T2"], "B": ["T3", "T4"]},
        "evidence": [],
    }
    record = {"id": "m", "findings": [finding], "hl7": {"patient_id": "1", "pieces": [piece]}}
    assert arrow.write_parquet([record] * 5, tmp_path / "t.parquet", batch_size=2) == 5
    file = pq.ParquetFile(tmp_path / "t.parquet")
    assert file.metadata.num_row_groups == 3
    assert [without_nulls(row) for row in file.read().to_pylist()] == [record] * 5


SECRET = "カナリア"
MISFITS: list[Any] = [
    {"id": "a", "entities": [{"start": SECRET}]},
    {"id": "a", "entities": [{SECRET: 1}]},
    {"id": "a", "entities": SECRET},
    {"id": "a", "entities": [{"start": -1}]},
    {"id": "a", "entities": [{"start": 1.5, "text": SECRET}]},
    {"id": "a", "entities": [{"start": True}]},
    {"id": "a", "entities": [{"confidence": "0.5"}]},
    {"id": "a", "entities": [{"start": 1 << 63}]},
    {"id": "a", "text": SECRET + "\ud800"},
    {"id": 5},
    {"id": "a", "findings": [{"attributes": {SECRET: SECRET}}]},
    {"id": "a", "findings": [SECRET]},
    {"resourceType": "Bundle"},
    SECRET,
]


@pytest.mark.parametrize("misfit", MISFITS)
def test_nothing_is_dropped_or_quoted(misfit: Any, tmp_path: Path) -> None:
    target = tmp_path / "t.parquet"
    with pytest.raises(radie.Error) as raised:
        arrow.write_parquet([{"id": "good"}, misfit], target, batch_size=1)
    assert str(raised.value).startswith("invalid_input: record 2")
    assert SECRET not in str(raised.value) and raised.value.__cause__ is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rest", [b'{"id":"b"}', b'{"id"\n', b"\xff\n", b"[]\n", b"\n"])
def test_a_file_that_was_cut_off_is_refused(rest: bytes, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'{"id":"a"}\n' + rest)
    with pytest.raises(radie.Error, match="line 2"):
        list(arrow.read_jsonl(tmp_path / "in.jsonl"))
    words = [sys.executable, "-m", "radie.arrow", "in.jsonl", "out.parquet"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "in.jsonl" in done.stderr and "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_batches_keep_the_schema() -> None:
    batch = arrow.to_batch([])
    assert isinstance(batch, pa.RecordBatch) and batch.num_rows == 0
    assert batch.schema.equals(arrow.SCHEMA)
