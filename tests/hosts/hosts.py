"""Builds and runs the examples in other languages, and compares what they find with the command.

    hosts.py BUILD_DIR [HOST…]      hosts: java node csharp; all of them unless named

Needs what the hosts need: javac and Debian's libjna-java, npm (koffi is fetched), mcs and mono.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
MODEL = ROOT / "weights_converter" / "demo" / "demo.radie"
JNA = "/usr/share/java/jna.jar"

Command = tuple[list[str], dict[str, str]]


def java(build: Path, work: Path) -> Command:
    subprocess.run(
        ["javac", "-cp", JNA, "-d", str(work), str(EXAMPLES / "java" / "Findings.java")], check=True
    )
    return [
        "java",
        "-cp",
        f"{JNA}:{work}",
        "-Dfile.encoding=UTF-8",
        f"-Djna.library.path={build / 'lib'}",
        "Findings",
    ], {}


def node(build: Path, work: Path) -> Command:
    shutil.copy(EXAMPLES / "node" / "findings.mjs", work)
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(work), "koffi@2"],
        check=True,
    )
    return ["node", str(work / "findings.mjs")], {
        "RADIE_LIBRARY": str(build / "lib" / "libradie_c.so.1")
    }


def csharp(build: Path, work: Path) -> Command:
    subprocess.run(
        ["mcs", f"-out:{work / 'Findings.exe'}", str(EXAMPLES / "csharp" / "Findings.cs")],
        check=True,
    )
    return ["mono", str(work / "Findings.exe")], {"LD_LIBRARY_PATH": str(build / "lib")}


HOSTS: dict[str, Callable[[Path, Path], Command]] = {"java": java, "node": node, "csharp": csharp}


def by_the_command(build: Path, files: list[Path]) -> list[str]:
    lines = []
    for file in files:
        record = json.loads(
            subprocess.run(
                [
                    str(build / "bin" / "radie"),
                    "extract",
                    "--format",
                    "jsonl",
                    "--offsets",
                    "utf16",
                    "--model",
                    str(MODEL),
                    str(file),
                ],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        lines += [f"{e['type']} {e['start']} {e['end']}" for e in record["entities"]]
    return lines


def check(name: str, build: Path, files: list[Path], wanted: list[str]) -> str:
    """Empty when all is well."""
    with tempfile.TemporaryDirectory() as folder:
        command, variables = HOSTS[name](build, Path(folder))
        environment = {**os.environ, **variables}
        done = subprocess.run(
            [*command, str(MODEL), *map(str, files)],
            capture_output=True,
            text=True,
            env=environment,
        )
        if done.returncode != 0 or done.stdout.splitlines() != wanted:
            found = len(done.stdout.splitlines())
            return (
                f"exit {done.returncode}, {found} of {len(wanted)} entities\n{done.stderr[-1000:]}"
            )
        failed = subprocess.run(
            [*command, "no-such-model.radie", str(files[0])],
            capture_output=True,
            text=True,
            env=environment,
        )
        if failed.returncode != 1 or "no-such-model" not in failed.stderr:
            return f"a missing model gives exit {failed.returncode} and {failed.stderr[-300:]!r}"
    return ""


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    names = sys.argv[2:] or list(HOSTS)
    problems = 0
    with tempfile.TemporaryDirectory() as folder:
        beyond = (
            Path(folder) / "beyond_the_bmp.txt"
        )  # each of the two characters before the text counts two units
        beyond.write_text(
            "𠮟😀 右肺上葉に12mm大の結節を認めます。肺癌を疑います。", encoding="utf-8"
        )
        files = [beyond, *sorted((EXAMPLES / "reports").glob("*.txt"))]
        wanted = by_the_command(build, files)
        assert len(wanted) > 50, "the command finds too little to compare with"
        for name in names:
            problem = check(name, build, files, wanted)
            problems += bool(problem)
            print(f"{name}: {problem or f'{len(wanted)} entities as the command finds them'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
