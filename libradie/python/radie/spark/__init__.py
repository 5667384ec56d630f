"""Extraction over a Spark DataFrame, after ``pip install "radie[spark]"`` (docs/scale.md).

Every Python worker of an executor loads the model once and keeps it for all its batches and tasks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from radie._errors import Error

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructType

    from radie._process import Extraction

__all__ = ["SparkFile", "extract"]

_NEEDED = 'radie.spark needs pyspark, pyarrow and pandas: pip install "radie[spark]"'
_CACHE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class SparkFile:
    """A model that SparkContext.addFile or `spark-submit --files` sends to the executors.

    name: the file's name, without its folder.
    """

    name: str


def extract(
    df: DataFrame,
    text_col: str = "text",
    id_col: str = "id",
    model: str | os.PathLike[str] | SparkFile | None = None,
    *,
    keep: Sequence[str] = (),
    threads: int | None = None,
    cache_bytes: int = _CACHE_BYTES,
    **load_options: Any,
) -> DataFrame:
    """A row for each row of df: id, `keep`, entities, relations, findings, warnings, error.

    Rows stay where they are and in their order: nothing is shuffled, and nothing is computed before
    an action. The columns have the types of radie.arrow.SCHEMA; offsets are code points. A report
    that cannot be read has null results and `error` {code, message, offset}; the job goes on.

    text_col: strings or binary, UTF-8. id_col and keep: columns of any type, passed on as they are.
    model: a path on every host, a SparkFile, or None for the bundled model. threads: of a worker;
    None for the cores of a task (spark.task.cpus). cache_bytes and load_options: of radie.load.

    Raises Error for columns that are not there, and ImportError without pyspark or pyarrow. What is
    wrong with the model fails the job.
    """
    try:
        import pandas  # noqa: F401  (pyspark's mapInArrow asks for it)
        from pyspark.sql.functions import col
        from pyspark.sql.types import StructType

        from radie._columns import RESULT_SCHEMA
        from radie._process import extraction
    except ImportError as missing:
        raise ImportError(_NEEDED) from missing
    work = extraction(text_col, id_col, keep, {"cache_bytes": cache_bytes, **load_options})
    if threads is not None and threads < 0:
        raise Error("invalid_argument", "threads: out of range")
    _check_columns(df, work)
    passed = [df.schema[name] for name in work.columns()]
    schema = StructType(passed)
    for field in RESULT_SCHEMA:
        schema.add(field.name, spark_type(field.type), nullable=True)
    wanted = tuple(dict.fromkeys([*work.columns(), text_col]))
    # mapInArrow does not find columns with dots in their names: it gets others.
    columns = [col(_quoted(name)).alias(f"c{n}") for n, name in enumerate(wanted)]
    mapper = _mapper(wanted, work, _location(model), threads)
    return df.select(columns).mapInArrow(mapper, schema)


def spark_type(type_: pa.DataType) -> DataType:
    """Spark's type for one that arrow.SCHEMA uses; everything in it may be null."""
    import pyarrow as pa
    from pyspark.sql import types

    if pa.types.is_list(type_):
        return types.ArrayType(spark_type(type_.value_type), containsNull=True)
    if pa.types.is_struct(type_):
        fields = [type_.field(i) for i in range(type_.num_fields)]
        return types.StructType([types.StructField(f.name, spark_type(f.type)) for f in fields])
    plain: dict[pa.DataType, DataType] = {
        pa.string(): types.StringType(),
        pa.int64(): types.LongType(),
        pa.float64(): types.DoubleType(),
        pa.bool_(): types.BooleanType(),
    }
    return plain[type_]


def _location(model: str | os.PathLike[str] | SparkFile | None) -> str | SparkFile | None:
    return model if model is None or isinstance(model, SparkFile) else os.fspath(model)


def _mapper(
    names: tuple[str, ...],
    work: Extraction,
    model: str | SparkFile | None,
    threads: int | None,
) -> Any:
    """What mapInArrow calls in a worker. `names`: of the columns that it is given."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        from radie.spark import worker_batches

        named = (pa.RecordBatch.from_arrays(batch.columns, list(names)) for batch in batches)
        return worker_batches(named, work, model, threads)

    return run


def worker_batches(
    batches: Iterator[pa.RecordBatch],
    work: Extraction,
    model: str | SparkFile | None,
    threads: int | None,
) -> Iterator[pa.RecordBatch]:
    """A task's results. Private; a name of its own so that workers find it by import."""
    from pyspark import SparkFiles, TaskContext

    from radie._process import model_of

    path = SparkFiles.get(model.name) if isinstance(model, SparkFile) else model
    if threads is None:
        task = TaskContext.get()
        threads = 1 if task is None else max(task.cpus(), 1)
    for batch in batches:
        yield from work.batches(batch, model_of(path, threads, work.options))


def _check_columns(df: DataFrame, work: Extraction) -> None:
    known: StructType = df.schema
    for name in (work.text_col, *work.columns()):
        if name not in known.names:
            raise Error("invalid_argument", f"no column {name}; there are {', '.join(known.names)}")
    type_name = known[work.text_col].dataType.typeName()
    if type_name not in ("string", "binary"):
        raise Error("invalid_argument", f"column {work.text_col}: {type_name}, not string")


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
