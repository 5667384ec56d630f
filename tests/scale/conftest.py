"""What the tests of radie.spark and radie.ray share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import radie
from radie._columns import RESULT_SCHEMA
from radie.arrow import to_table

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ["id", *RESULT_SCHEMA.names]


@pytest.fixture(scope="session")
def model() -> radie.Model:
    return radie.load(threads=1)


@pytest.fixture(scope="session")
def bundled() -> Path:
    return ROOT / "weights_converter/demo/demo.radie"


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """The sample reports, an empty one and one of line breaks."""
    files = sorted((ROOT / "examples/reports").glob("*.txt"))
    assert len(files) >= 10
    return [file.read_bytes().decode("utf-8") for file in files] + ["", "\r\n\r\n"]


@pytest.fixture(scope="session")
def wanted(model: radie.Model, texts: list[str]) -> pa.Table:
    """What one machine makes of `texts`, whose ids are 0, 1, …"""
    return to_table(model.extract_batch(texts)).select(COLUMNS)


@pytest.fixture(scope="session")
def spark() -> Iterator[object]:
    """Two Python workers of one process; the same session for all tests."""
    sql = pytest.importorskip("pyspark.sql")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
