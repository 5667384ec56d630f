"""What a host in another language adds to the command: time of a report, one a call, through the C
interface, against `radie bench --text … --batch 1` in the same round.

    hosts.py BUILD_DIR [--rounds 5] [--times 20] [HOST…]      hosts: python java node csharp

Each host's example (for python: radie's package, in build/python/venv) reads the sample reports
once and then TIMES times more; the difference of the two runs is the time of the reports alone,
without starting the host and loading the model.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/hosts"))

from hosts import EXAMPLES, HOSTS, MODEL, Command

ROOT = Path(__file__).resolve().parents[1]

PYTHON_HOST = """
import sys, radie
model = radie.load(sys.argv[1])
for file in sys.argv[2:]:
    text = open(file, encoding="utf-8", newline="").read()
    for entity in model.extract(text).entities:
        print(entity.type, entity.start, entity.end)
"""


def python(build: Path, work: Path) -> Command:
    program = work / "host.py"
    program.write_text(PYTHON_HOST, encoding="utf-8")
    return [str(ROOT / "build/python/venv/bin/python"), str(program)], {}


def by_the_command(build: Path, folder: Path) -> float:
    """Milliseconds for all reports."""
    words = [
        build / "bin/radie",
        "bench",
        "--model",
        MODEL,
        "--text",
        folder,
        "--batch",
        "1",
        "--repeat",
        "5",
        "--format",
        "json",
    ]
    done = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout)["rows"][0]["median_ms"])


def seconds(command: Command, files: list[Path]) -> float:
    words, variables = command
    start = time.perf_counter()
    subprocess.run(
        [*words, str(MODEL), *map(str, files)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **variables},
    )
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("hosts", nargs="*", default=["python", *HOSTS])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    build = options.build.resolve()
    makers: dict[str, Callable[[Path, Path], Command]] = {"python": python, **HOSTS}
    reports = EXAMPLES / "reports"
    files = sorted(reports.glob("*.txt"))
    with tempfile.TemporaryDirectory() as folder:
        commands = {}
        for name in options.hosts:
            (Path(folder) / name).mkdir()
            commands[name] = makers[name](build, Path(folder) / name)
        ratios: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            base = by_the_command(build, reports)
            for name, command in commands.items():
                more = seconds(command, files * (1 + options.times)) - seconds(command, files)
                ratios[name].append(more * 1e3 / options.times / base)
    print(
        "| host | time of a report, against the command one report a call (lowest–highest) "
        "|\n|---|---|"
    )
    for name, row in ratios.items():
        print(
            f"| {name} | {100 * (median(row) - 1):+.0f} % ({100 * (min(row) - 1):+.0f} to "
            f"{100 * (max(row) - 1):+.0f} %) |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
