"""radie.spark in one JVM with two Python workers, and its command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import radie
from conftest import COLUMNS

pytest.importorskip("pyspark")

import radie.spark
from clusters import mapping_mib, python_workers
from radie.spark.__main__ import main


def frame(spark: Any, texts: list[str], partitions: int) -> Any:
    rows = [(str(n), text) for n, text in enumerate(texts)]
    schema = "id string, text string"
    return spark.createDataFrame(spark.sparkContext.parallelize(rows, partitions), schema)


def records(df: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in df.collect()]


def test_the_rows_of_one_machine_whatever_the_partitions(
    spark: Any, texts: list[str], wanted: pa.Table
) -> None:
    for partitions in (1, 5):
        df = radie.spark.extract(frame(spark, texts, partitions))
        assert df.columns == COLUMNS
        assert records(df) == wanted.to_pylist()  # in order: nothing was moved


def test_nothing_is_shuffled(spark: Any, texts: list[str]) -> None:
    def plan(df: Any) -> str:
        text: str = df._jdf.queryExecution().executedPlan().toString()
        return text

    df = frame(spark, texts, 2)
    assert "Exchange" in plan(df.repartition(2))
    assert "Exchange" not in plan(radie.spark.extract(df))


def test_columns_of_other_names_and_types_are_passed_on(spark: Any, model: radie.Model) -> None:
    text = "右肺上葉に結節を認めます。"
    df = spark.sql(
        f"""select cast(7 as short) as `report.id`, encode('{text}', 'utf-8') as `the text`,
            timestamp '2026-01-02 03:04:05' as day, map('a', array(1, null)) as more, 1 as dropped
            union all select null, null, null, null, 2"""
    )
    made = radie.spark.extract(df, "the text", "report.id", keep=["more", "day"])
    assert made.columns == ["report.id", "more", "day", *COLUMNS[1:]]
    assert made.schema["report.id"].dataType.typeName() == "short"
    first, second = records(made)
    assert first["report.id"] == 7 and first["more"] == {"a": [1, None]}
    assert [e["text"] for e in first["entities"]] == [e.text for e in model.extract(text).entities]
    assert second["day"] is None and second["error"]["code"] == "invalid_input"


def test_a_bad_record_never_fails_a_job(spark: Any) -> None:
    df = spark.sql("select 'a' as id, cast(unhex('6162ff') as string) as text")
    errors = [row["error"] for row in records(radie.spark.extract(df))]
    assert errors == [
        {"code": "invalid_text", "message": "the text is not valid UTF-8", "offset": 2}
    ]
    long = spark.sql("select 1 as id, repeat('肺', 1000) as text")
    (row,) = records(radie.spark.extract(long, max_report_bytes=2999))
    assert row["error"]["code"] == "limit_exceeded" and row["findings"] is None


def test_a_worker_keeps_one_extractor(spark: Any, texts: list[str], bundled: Path) -> None:
    spark.sparkContext.addFile(str(bundled))
    shipped = radie.spark.SparkFile(bundled.name)
    options: dict[str, Any] = {"model": shipped, "cache_bytes": 1 << 21}  # as no other test has
    df = radie.spark.extract(frame(spark, texts, 6), **options)

    def loaded(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The worker's process and the models that it holds."""
        from radie._process import _models

        models = sorted(str(id(model)) for model in _models.values())
        for _ in batches:
            yield pa.RecordBatch.from_pylist([{"pid": os.getpid(), "models": models}])

    def held() -> dict[int, set[str]]:
        seen = frame(spark, texts, 6).mapInArrow(loaded, "pid long, models array<string>")
        return {row.pid: set(row.models) for row in seen.collect()}

    before = held()
    assert df.count() == len(texts)
    first = {pid: models - before.get(pid, set()) for pid, models in held().items()}
    assert df.count() == len(texts)
    again = {pid: models - before.get(pid, set()) for pid, models in held().items()}
    assert first and max(len(models) for models in first.values()) == 1
    for pid, models in again.items():
        assert len(models) <= 1 and (pid not in first or first[pid] <= models)


def test_workers_share_one_mapping_of_a_packed_model(
    spark: Any, texts: list[str], wanted: pa.Table, bundled: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "packed.radie"
    command = [os.environ["RADIE_COMMAND"], "pack", "--model", str(bundled)]
    subprocess.run([*command, "--output", str(packed)], check=True)
    df = radie.spark.extract(frame(spark, texts * 4, 12), model=packed)
    assert records(df)[: len(texts)] == wanted.to_pylist()
    sizes = [mapping_mib(pid, packed) for pid in python_workers()]
    having = [size for size in sizes if size[0] > 0]
    assert len(having) == 2, sizes
    for resident, private in having:
        assert resident > packed.stat().st_size / 2**21 and private < 0.05 * resident, sizes


def test_what_is_wrong_is_said_at_once(spark: Any, texts: list[str]) -> None:
    df = frame(spark, texts, 1)
    with pytest.raises(radie.Error, match="no column nope; there are id, text"):
        radie.spark.extract(df, "nope")
    with pytest.raises(radie.Error, match="column n: long, not string"):
        radie.spark.extract(spark.range(1).toDF("n"), "n", "n")
    with pytest.raises(radie.Error, match="threads"):
        radie.spark.extract(df, threads=-1)
    with pytest.raises(TypeError):
        radie.spark.extract(df, presicion="fp32")


def run(spark: Any, capsys: Any, *arguments: object) -> tuple[int, str]:
    """The command in this process and its session: exit code and standard error."""
    code = main([str(argument) for argument in arguments])
    return code, capsys.readouterr().err


def test_the_command(
    spark: Any, capsys: Any, texts: list[str], wanted: pa.Table, bundled: Path, tmp_path: Path
) -> None:
    ids = [str(n) for n in range(len(texts))]
    table = pa.table({"id": ids, "text": texts, "ward": ["w"] * len(ids)})
    pq.write_table(table, tmp_path / "in.parquet")
    files = ["--input", tmp_path / "in.parquet", "--output", tmp_path / "out.parquet"]
    code, said = run(spark, capsys, *files, "--ship-model", bundled, "--keep", "ward")
    assert (code, said) == (0, f"{len(texts)} reports, 0 of them failed\n")
    made = pq.read_table(tmp_path / "out.parquet")
    assert made.column_names == ["id", "ward", *COLUMNS[1:]]
    assert made.select(COLUMNS).to_pylist() == wanted.to_pylist()

    code, said = run(spark, capsys, *files)
    assert code == 2 and "--overwrite" in said
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["", None]}), tmp_path / "in.parquet")
    code, said = run(spark, capsys, *files, "--overwrite", "--partitions", 3, "--cache", 0)
    assert (code, said) == (1, "2 reports, 1 of them failed\n")


def test_the_commands_refusals(spark: Any, capsys: Any, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "text": ["肺"]}), tmp_path / "in.parquet")
    good = ["--input", tmp_path / "in.parquet", "--output", tmp_path / "out"]
    cases: list[tuple[list[object], int, str]] = [
        ([*good, "--text-col", "report"], 2, "no column report; there are id, text"),
        ([*good, "--model", "/no/such.radie"], 3, "io: "),
        ([*good, "--ship-model", "/no/such.radie"], 3, "no file /no/such.radie"),
        ([*good, "--isa", "none"], 3, "isa"),
        ([*good, "--conf", "spark"], 2, "KEY=VALUE"),
        (["--input", tmp_path / "none", "--output", tmp_path / "out"], 2, "--input: "),
    ]
    # What --overwrite would delete before it is read.
    (tmp_path / "link").symlink_to(tmp_path)
    deleted = (
        tmp_path / "in.parquet",
        f"file:{tmp_path}/in.parquet",
        f"file://{tmp_path}/in.parquet",
        tmp_path / "link" / "in.parquet",
        tmp_path,
        tmp_path / "in.parquet" / "out",
    )
    cases += [([*good[:3], output, "--overwrite"], 2, "the same as --input") for output in deleted]
    pattern = ["--input", tmp_path / "*.parquet", "--output", tmp_path / "in.parquet"]
    cases.append(([*pattern, "--overwrite"], 2, "the same as --input"))
    for arguments, wanted_code, words in cases:
        code, said = run(spark, capsys, *arguments)
        assert code == wanted_code and words in said and said.count("\n") == 1, (arguments, said)
        assert not (tmp_path / "out").exists() and (tmp_path / "in.parquet").exists()
    for arguments in (
        [],
        [*good, "--partitions", "0"],
        [*good, "--cache", "x"],
        [*good, "--precision", "nonsense"],
    ):
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        assert stopped.value.code == 2


def test_the_command_on_its_own(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "radie.spark"]
    shown = subprocess.run([*words, "--help"], capture_output=True, text=True, check=True).stdout
    assert "--ship-model" in shown and "Exit codes" in shown
    pq.write_table(pa.table({"id": ["a"], "text": ["結節。"]}), tmp_path / "in.parquet")
    files = ["--input", tmp_path / "in.parquet", "--output", tmp_path / "out"]
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    environment.pop("PYSPARK_PYTHON", None)  # the command finds its own
    arguments = [
        *words,
        *map(str, files),
        "--master",
        "local[1]",
        "--conf",
        "spark.ui.enabled=false",
    ]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "1 reports, 0 of them failed" in done.stderr, done.stderr
    assert pq.read_table(tmp_path / "out")["entities"][0][0]["text"].as_py() == "結節"


def test_without_pyspark_the_extra_is_named() -> None:
    hidden = "import sys; sys.modules['pyspark'] = None\n"
    call = (
        "import radie.spark\ntry:\n  radie.spark.extract(None)\nexcept ImportError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", hidden + call], capture_output=True, text=True)
    assert "radie[spark]" in done.stdout, done.stderr
    run_module = "import runpy\nsys.argv[1:] = ['--input', 'a', '--output', 'b']\n"
    run_module += "runpy.run_module('radie.spark', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", hidden + run_module], capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "radie[spark]" in done.stderr
