"""The columns of results, and what a worker does with a batch: no cluster."""

from __future__ import annotations

import pyarrow as pa
import pytest
import radie
from conftest import COLUMNS
from radie._columns import RESULT_SCHEMA, columns_of
from radie._process import ROWS, Extraction, extraction, model_of
from radie.arrow import to_table


def results(work: Extraction, table: pa.Table, model: radie.Model) -> pa.Table:
    made = [b for batch in table.to_batches() for b in work.batches(batch, model)]
    for batch in made:
        batch.validate(full=True)
        assert batch.num_rows <= ROWS
    return pa.Table.from_batches(made)


@pytest.mark.parametrize("min_confidence", [0.0, 0.9, 1.0])
def test_columns_are_the_records(texts: list[str], min_confidence: float) -> None:
    model = radie.load(threads=1, min_confidence=min_confidence)
    broken = [radie.Error("invalid_text", "a message", 7), radie.Error("internal", "another")]
    outcomes: list[radie.Report | radie.Error] = [*broken, *model.extract_batch(texts), *broken]
    raws = [*broken, *model._raws(texts, None), *broken]
    made = pa.RecordBatch.from_arrays(columns_of(raws), schema=RESULT_SCHEMA)
    made.validate(full=True)
    table = to_table(outcomes).select(RESULT_SCHEMA.names)
    assert pa.Table.from_batches([made]).equals(table.combine_chunks())
    empty = pa.RecordBatch.from_arrays(columns_of([]), schema=RESULT_SCHEMA)
    assert empty.num_rows == 0


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string(), pa.binary(), pa.string_view()])
def test_any_column_of_text_will_do(
    type_: pa.DataType, texts: list[str], wanted: pa.Table, model: radie.Model
) -> None:
    ids = [str(n) for n in range(len(texts))]
    table = pa.table({"text": pa.array(texts, pa.string()).cast(type_), "id": ids})
    work = extraction("text", "id", (), {})
    assert results(work, table, model).combine_chunks().equals(wanted.combine_chunks())


def test_a_bad_row_is_its_own_error(texts: list[str], model: radie.Model) -> None:
    values = [texts[0].encode(), None, b"ab\xff", b"\xed\xa0\x80", "長".encode() * 400_000, b"\0"]
    table = pa.table({"id": pa.array([9, 8, 7, 6, 5, None]), "text": pa.array(values, pa.binary())})
    rows = results(extraction("text", "id", (), {}), table, model).to_pylist()
    assert [row["id"] for row in rows] == [9, 8, 7, 6, 5, None]
    codes = [row["error"] and (row["error"]["code"], row["error"]["offset"]) for row in rows]
    assert codes[:4] == [None, ("invalid_input", None), ("invalid_text", 2), ("invalid_text", 0)]
    assert codes[4] == ("limit_exceeded", None) and codes[5] is None
    for row in rows[1:5]:
        assert all(row[name] is None for name in RESULT_SCHEMA.names[:-1])
    assert rows[0]["findings"] and rows[5]["entities"] == []


def test_rows_of_a_large_batch_stay_in_order(model: radie.Model) -> None:
    count = 2 * ROWS + 3
    table = pa.table({"id": range(count), "text": [f"{n}mmの結節。" for n in range(count)]})
    made = results(extraction("text", "id", ("text",), {}), table, model)
    assert made.column_names == ["id", "text", *RESULT_SCHEMA.names]
    assert made["id"].to_pylist() == list(range(count)) and made["text"].equals(table["text"])
    sizes = [e["text"] for row in made["entities"].to_pylist() for e in row if e["start"] == 0]
    assert len(sizes) == count and all(s.startswith(str(n)) for n, s in enumerate(sizes))


def test_arguments_are_checked_before_any_worker_starts() -> None:
    for columns in (("error", ()), ("id", ("entities",)), ("id", ("a", "a"))):
        with pytest.raises(radie.Error, match="invalid_argument"):
            extraction("text", columns[0], columns[1], {})
    for keep, options in (("text", {}), ((), {"presicion": "fp32"}), ((), {"threads": 2})):
        with pytest.raises(TypeError):
            extraction("text", "id", keep, options)
    assert extraction("t", "i", ("i", "k"), {}).columns() == ["i", "k"]


def test_a_process_has_one_model() -> None:
    options = (("cache_bytes", 1 << 20),)
    assert model_of(None, 1, options) is model_of(None, 1, options)
    assert model_of(None, 2, options) is not model_of(None, 1, options)
    with pytest.raises(radie.Error, match="io"):
        model_of("/no/such/model", 1, ())
    assert COLUMNS[0] == "id"
