"""radie.ray on a Ray of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import radie
from clusters import actors_at_work
from conftest import COLUMNS
from radie.arrow import to_table

pytest.importorskip("ray.data")

import radie.ray
import ray
from reports import made_reports


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Three cores by its own count: two for actors, one to read and write."""
    ray.init(num_cpus=3, include_dashboard=False, object_store_memory=200 << 20)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()


def rows_of(dataset: Any) -> pa.Table:
    return pa.concat_tables(ray.get(dataset.to_arrow_refs()), promote_options="default")


def test_the_rows_of_one_machine(model: radie.Model, tmp_path: Path) -> None:
    made = made_reports(600, 30)
    ids = [name for name, _ in made] + ["x1", "x2"]
    texts = [text for _, text in made] + [None, b"ab\xff"]
    outcomes: list[radie.Report | radie.Error] = []
    outcomes += model.extract_batch([text.decode() for _, text in made])
    outcomes += [
        radie.Error("invalid_input", "the text is null"),
        radie.Error("invalid_text", "the text is not valid UTF-8", 2),
    ]
    wanted = to_table(outcomes, ids).select(COLUMNS)
    table = pa.table({"id": ids, "text": pa.array(texts, pa.binary()), "n": range(len(ids))})
    dataset = radie.ray.extract(
        ray.data.from_arrow(table).repartition(7), workers=2, batch_size=50, keep=["n"]
    )
    found = rows_of(dataset).sort_by("n")
    assert found.column_names == ["id", "n", *COLUMNS[1:]]
    assert found.num_rows == wanted.num_rows
    for name in COLUMNS:
        assert found[name].combine_chunks().equals(wanted[name].combine_chunks()), name


def kill_an_actor(killed: list[int]) -> None:
    """Kills one of two actors as soon as both are at work; gives up after a minute."""
    for _ in range(1200):
        at_work = actors_at_work("Extract")
        if len(at_work) == 2:
            os.kill(at_work[0], signal.SIGKILL)
            killed.append(at_work[0])
            return
        time.sleep(0.05)


def test_an_actor_that_is_killed(model: radie.Model) -> None:
    made = made_reports(300, 300)
    ids, texts = [name for name, _ in made], [text.decode() for _, text in made]
    wanted = to_table(model.extract_batch(texts), ids).select(COLUMNS).sort_by("id")
    dataset = radie.ray.extract(
        ray.data.from_arrow(pa.table({"id": ids, "text": texts})).repartition(12),
        workers=2,
        batch_size=25,
        cache_bytes=0,
    )
    killed: list[int] = []
    killer = threading.Thread(target=kill_an_actor, args=(killed,))
    killer.start()
    found = rows_of(dataset).select(COLUMNS).sort_by("id")
    killer.join()
    assert len(killed) == 1
    for name in COLUMNS:
        assert found[name].combine_chunks().equals(wanted[name].combine_chunks()), name


def test_the_actor_by_itself(texts: list[str], wanted: pa.Table, bundled: Path) -> None:
    actor = radie.ray.Extract(model=bundled)
    ids = [str(n) for n in range(len(texts))]
    table = pa.table({"id": ids, "text": texts})
    chunked = pa.concat_tables([table.slice(0, 3), table.slice(3)])
    assert actor(chunked).combine_chunks().equals(wanted.combine_chunks())
    none = actor(table.slice(0, 0))
    assert none.num_rows == 0 and none.schema.equals(wanted.schema)


def test_what_is_wrong_is_said_at_once() -> None:
    dataset = ray.data.from_arrow(pa.table({"id": ["a"], "text": ["肺"]}))
    with pytest.raises(TypeError):
        radie.ray.extract(dataset, workers=1, presicion="fp32")
    with pytest.raises(radie.Error, match="entities"):
        radie.ray.extract(dataset, id_col="entities", workers=1)
    with pytest.raises(radie.Error, match="io"):
        radie.ray.Extract(model="/no/such.radie")
    with pytest.raises(radie.Error, match="no column text"):
        radie.ray.Extract()(pa.table({"id": ["a"]}))
    with pytest.raises(radie.Error, match="column text: int64"):
        radie.ray.Extract()(pa.table({"id": ["a"], "text": [1]}))


def test_without_pyarrow_the_extra_is_named() -> None:
    program = "import sys; sys.modules['pyarrow'] = None\nimport radie\nimport radie.ray"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert 'pip install "radie[ray]"' in done.stderr
