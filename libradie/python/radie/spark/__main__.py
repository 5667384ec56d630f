"""Parquet in, Parquet out: ``python -m radie.spark --input in.parquet --output out.parquet``."""

from __future__ import annotations

import argparse
import glob
import os
import posixpath
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from radie._errors import Error
from radie.spark import SparkFile, extract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_EPILOG = """\
The output has a row for each row of the input: the id column, those of --keep, entities, relations,
findings, warnings, and error, which is null unless the report could not be read (docs/scale.md).

Exit codes: 0 all well; 1 some reports failed (the others are written), or the job did;
2 usage, input or output; 3 the model cannot be used.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m radie.spark",
        description="Extracts the reports of a Parquet file or folder with Apache Spark.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--input", required=True, metavar="URI", help="Parquet file or folder")
    parser.add_argument("--output", required=True, metavar="URI", help="Parquet folder to write")
    parser.add_argument("--overwrite", action="store_true", help="replace what --output has")
    parser.add_argument("--text-col", default="text", metavar="NAME", help="default: text")
    parser.add_argument("--id-col", default="id", metavar="NAME", help="default: id")
    parser.add_argument(
        "--keep", action="append", default=[], metavar="NAME", help="column to pass on; repeatable"
    )
    model = parser.add_mutually_exclusive_group()
    model.add_argument(
        "--model", metavar="FILE", help="a path on every host; default: the bundled model"
    )
    model.add_argument(
        "--ship-model", metavar="FILE", help="a file on this machine, sent to every executor"
    )
    parser.add_argument(
        "--master", metavar="URL", help="e.g. local[*], spark://host:7077, yarn; default: Spark's"
    )
    parser.add_argument(
        "--conf", action="append", default=[], metavar="KEY=VALUE", help="of Spark; repeatable"
    )
    parser.add_argument(
        "--partitions",
        type=_count,
        metavar="N",
        help="deal the rows out into N partitions first: a shuffle; default: as they are read",
    )
    precisions = ("auto", "fp32", "fp16", "bf16", "int8")
    parser.add_argument(
        "--precision", choices=precisions, metavar="NAME", help="auto, fp32, fp16, bf16 or int8"
    )
    parser.add_argument("--isa", metavar="NAME", help="one kernel set for all hosts")
    parser.add_argument(
        "--cache", type=_size, default=64, metavar="MIB", help="of a worker; default: 64; 0: none"
    )
    parser.add_argument(
        "--min-confidence", type=float, default=0.0, metavar="P", help="leave out what is below"
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("not a number above 0")
    return int(text)


def _size(text: str) -> int:
    if not text.isdecimal() or int(text) > 1 << 20:
        raise argparse.ArgumentTypeError("not a number of MiB")
    return int(text)


class _Refused(Exception):
    """Ends the command with a message and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def _session(options: argparse.Namespace) -> tuple[SparkSession, bool]:
    """And whether it was started here, so that it is to be stopped."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise _Refused('pyspark is not installed: pip install "radie[spark]"', 2) from missing
    if options.master is None or options.master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # executors run here
    builder: Any = SparkSession.builder
    builder = builder.appName("radie")
    if options.master is not None:
        builder = builder.master(options.master)
    for setting in options.conf:
        key, equals, value = setting.partition("=")
        if not key or not equals:
            raise _Refused("--conf: not KEY=VALUE", 2)
        builder = builder.config(key, value)
    running = SparkSession.getActiveSession()
    try:
        session: SparkSession = builder.getOrCreate()
    except Exception as error:
        raise _Refused(f"Spark did not start: {_line_of(error)}", 2) from error
    if running is None:
        session.sparkContext.setLogLevel("ERROR")
    return session, running is None


_RADIE_ERROR = "radie._errors.Error: "


def _line_of(error: BaseException) -> str:
    """The one line of Spark's many that says what went wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    for line in lines:
        for name in (_RADIE_ERROR, "ModuleNotFoundError: ", "ImportError: "):
            if name in line:
                return line[line.index(name) :].removeprefix(_RADIE_ERROR)
    return lines[0] if lines else type(error).__name__


def _model(session: SparkSession, options: argparse.Namespace) -> str | SparkFile | None:
    if options.ship_model is None:
        path: str | None = options.model
        return path
    if not os.path.isfile(options.ship_model):
        raise _Refused(f"--ship-model: no file {options.ship_model}", 3)
    session.sparkContext.addFile(os.path.abspath(options.ship_model))
    return SparkFile(os.path.basename(options.ship_model))


def _input(session: SparkSession, options: argparse.Namespace) -> DataFrame:
    try:
        df = session.read.parquet(options.input)
    except Exception as error:
        raise _Refused(f"--input: {_line_of(error)}", 2) from error
    return df if options.partitions is None else df.repartition(options.partitions)


def _try_model(
    session: SparkSession, model: str | SparkFile | None, loading: dict[str, Any]
) -> None:
    """Loads it in one worker, before anything is written."""
    nothing = session.sql("select cast(null as string) as id, cast(null as string) as text")
    try:
        extract(nothing, model=model, **loading).collect()
    except Exception as error:
        code = 3 if _RADIE_ERROR in str(error) else 1
        raise _Refused(f"a worker cannot load the model: {_line_of(error)}", code) from error


def _write(results: DataFrame, options: argparse.Namespace) -> None:
    try:
        results.write.parquet(options.output, mode="overwrite" if options.overwrite else "error")
    except Exception as error:
        line = _line_of(error)
        if "PATH_ALREADY_EXISTS" in line or "already exists" in line:
            message = f"--output: {options.output} is there already; --overwrite replaces it"
            raise _Refused(message, 2) from error
        raise _Refused(f"the job failed: {line}", 1) from error


def _places(uri: str) -> list[tuple[str, ...]]:
    """The parts of all paths that a path, pattern or URI names; of local ones without links."""
    scheme, colon, rest = uri.partition(":")
    if colon and scheme != "file" and "/" not in scheme:
        return [(scheme, *PurePosixPath(posixpath.normpath(rest)).parts)]
    path = "/" + rest.lstrip("/") if colon and scheme == "file" else uri
    found = glob.glob(path) or [path]
    return [PurePosixPath(os.path.realpath(place)).parts for place in found]


def _share_files(one: str, other: str) -> bool:
    """Whether a path is the other one, above it or below it."""
    return any(
        all(a == b for a, b in zip(first, second, strict=False))
        for first in _places(one)
        for second in _places(other)
    )


def _run(options: argparse.Namespace) -> int:
    if options.overwrite and _share_files(options.input, options.output):
        raise _Refused("--output: the same as --input, above it or below it", 2)
    session, ours = _session(options)
    try:
        model = _model(session, options)
        loading: dict[str, Any] = {
            "cache_bytes": options.cache << 20,
            "precision": options.precision,
            "isa": options.isa,
            "min_confidence": options.min_confidence,
        }
        df = _input(session, options)
        try:
            results = extract(
                df, options.text_col, options.id_col, model, keep=options.keep, **loading
            )
        except (Error, ImportError) as error:
            message = error.message if isinstance(error, Error) else str(error)
            raise _Refused(message, 2) from error
        _try_model(session, model, loading)
        _write(results, options)
        written = session.read.parquet(options.output)
        failed = written.filter("error is not null").count()
        print(f"{written.count()} reports, {failed} of them failed", file=sys.stderr)
        return 1 if failed else 0
    finally:
        if ours:
            session.stop()


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except _Refused as refused:
        print(f"radie.spark: {refused}", file=sys.stderr)
        return refused.code


if __name__ == "__main__":
    sys.exit(main())
