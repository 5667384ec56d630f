"""Runs clang-tidy or include-what-you-use over translation units, as the build compiles them.

    lint_units.py clang-tidy|includes BUILD [--jobs N]

BUILD is a configured build folder, for its compile_commands.json; for clang-tidy it may compile
several files as one unit (CMAKE_UNITY_BUILD). Exit status 1 where there is a finding. A unit that
was clean is not looked at again until it, a header of the repository that it includes, its command,
the tool's version or the tool's settings change: build/lint/ keeps a digest of all these for each.

Of include-what-you-use's advice, two things are held. No include is without use. And what is used
of the standard library is not there by the grace of another header of that library: the file, or a
header of this repository that it includes, names the header that promises it. (Headers of this
repository may come by way of another one: it stands for the types that its declarations show.)
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
MAPPING = ROOT / "tools/iwyu.imp"
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.M)
STANDARD = re.compile(rb"^\s*#\s*include\s*<([a-z_]+)>", re.M)
# Compiler flags that include-what-you-use does not need: they ask for code, or are GCC's alone.
CODE_FLAGS = ("-O", "-W", "-f")

# Names that any header of containers or strings must give ([iterator.range], <initializer_list>),
# and what the inside of libstdc++ lets show: no file is asked to include a header for these.
NOT_ASKED = re.compile(
    r"(std::)?(_\w+|filesystem|begin|end|cbegin|cend|size|empty|data|initializer_list|less|add_const"
    r"|char_traits|allocator|allocator_traits|iterator_traits|enable_if_t|remove_reference"
    r"|common_comparison_category_t|(strong|weak|partial)_ordering|basic_string(_view)?|vector<>::reference"
    r")(<.*|::.*)?|operator\W+"
)
STANDARD_HEADER = re.compile(r"#include <([a-z_]+)>")


class Unit(NamedTuple):
    """A translation unit, and the command that compiles it."""

    name: str  # from the repository's root
    folder: Path
    command: list[str]


def sources_of(path: Path, build: Path) -> list[Path]:
    """The repository's files that the unit compiles: itself, or those of a list to compile as one.
    Nothing that the build has written."""
    together = path.is_relative_to(build) and path.parent.name == "Unity"
    found = (
        [Path(name.decode()) for name in INCLUDE.findall(path.read_bytes())] if together else [path]
    )
    return [path for path in found if path.is_relative_to(ROOT) and not path.is_relative_to(build)]


def units_of(build: Path, folders: tuple[str, ...]) -> list[Unit]:
    """Those of the folders."""
    units = []
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = Path(entry["file"])
        if any(source.relative_to(ROOT).parts[0] in folders for source in sources_of(path, build)):
            name, command = str(path.relative_to(ROOT)), shlex.split(entry["command"])
            units.append(Unit(name, Path(entry["directory"]), command))
    return sorted(units)


def own_headers(path: Path, seen: set[Path]) -> set[Path]:
    """Adds to `seen` the file and every file of the repository that it includes, near or far."""
    if path in seen:
        return seen
    seen.add(path)
    for name in INCLUDE.findall(path.read_bytes()):
        for folder in (path.parent, ROOT, ROOT / "include"):
            header = (folder / name.decode()).resolve()
            if header.is_file() and header.is_relative_to(ROOT):
                own_headers(header, seen)
                break
    return seen


def named_headers(path: Path) -> set[str]:
    """The standard headers that the file, or a header of the repository that it includes, names."""
    texts = (header.read_bytes() for header in own_headers(path, set()))
    return {name.decode() for text in texts for name in STANDARD.findall(text)}


class Tool:
    """How a unit is looked at: subclasses say by which command, and what is a finding."""

    program = ""
    folders: tuple[str, ...] = ()
    settings: tuple[Path, ...] = ()

    def version(self) -> bytes:
        return subprocess.run([self.program, "--version"], check=True, capture_output=True).stdout

    def digest(self, unit: Unit, version: bytes) -> str:
        """Of everything that a result depends on, but for the system's headers."""
        whole = hashlib.sha256(version + "\0".join(unit.command).encode())
        for path in (*self.settings, *sorted(own_headers(ROOT / unit.name, set()))):
            whole.update(hashlib.sha256(path.read_bytes()).digest())
        return whole.hexdigest()

    def findings(self, unit: Unit, build: Path) -> list[str]:
        raise NotImplementedError


class ClangTidy(Tool):
    program = "clang-tidy-14"
    folders = ("libradie", "tools", "examples")
    settings = (ROOT / ".clang-tidy", ROOT / "libradie/.clang-tidy", Path(__file__))

    def findings(self, unit: Unit, build: Path) -> list[str]:
        # The commands are GCC's, and may name warnings that Clang lacks. A unit that is several
        # files includes them, and stands where libradie/.clang-tidy is not looked for.
        checks = "-bugprone-suspicious-include"
        if "libradie" in Path(unit.name).parts:  # of the source, or of the build's folder
            more = re.search(r"^Checks: (.*)$", self.settings[1].read_text(encoding="utf-8"), re.M)
            checks += f",{more[1]}" if more else ""
        options = ["-p", str(build), "--quiet", "--extra-arg=-Wno-unknown-warning-option"]
        options.append(f"--checks={checks}")
        command = [self.program, *options, str(ROOT / unit.name)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = []
        for line in done.stdout.splitlines():
            if re.search(r": (warning|error): ", line):
                found.append(line.removeprefix(f"{ROOT}/"))
            elif found and ": note: " not in line:
                found[-1] += "\n" + line
        if done.returncode != 0 and not found:
            found = [f"{unit.name}: clang-tidy ended with {done.returncode}: {done.stderr[-2000:]}"]
        return found


class Includes(Tool):
    program = "include-what-you-use"
    folders = ("libradie",)
    settings = (MAPPING, Path(__file__))

    def findings(self, unit: Unit, build: Path) -> list[str]:
        arguments = [word for word in unit.command[1:] if not word.startswith(CODE_FLAGS)]
        at = arguments.index("-o")
        del arguments[at : at + 2]
        words = ["--no_fwd_decls", "--max_line_length=400", f"--mapping_file={MAPPING}"]
        options = [part for word in words for part in ("-Xiwyu", word)]
        done = subprocess.run(
            [self.program, *options, *arguments],
            cwd=unit.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if ": error: " in done.stderr or ": fatal error: " in done.stderr:
            return [f"{unit.name}: {done.stderr[-2000:]}"]
        return advice(done.stderr)


def is_asked(header: str, uses: list[str], file: Path) -> bool:
    """Whether the file spells one of the names it is to include the header for, and neither it nor
    a header of the repository that it includes names the header."""
    text = file.read_text(encoding="utf-8")
    names = [name.strip() for name in uses if not NOT_ASKED.fullmatch(name.strip())]
    spelled = any(
        re.search(rf"\b{re.escape(name.removeprefix('std::').split('<')[0])}\b", text)
        for name in names
    )
    return spelled and header not in named_headers(file)


def advice(output: str) -> list[str]:
    """What of include-what-you-use's output is held, a line each."""
    found, file, adds = [], "", False
    for line in output.splitlines():
        if begun := re.fullmatch(r"(.*) should (add|remove) these lines:", line):
            file, adds = begun[1].removeprefix(f"{ROOT}/"), begun[2] == "add"
        elif line.startswith("The full include-list"):
            file = ""
        elif not file or " // IWYU" in line:
            continue
        elif adds:
            header, _, uses = line.partition("// for ")
            standard = STANDARD_HEADER.match(header)
            if standard and is_asked(standard[1], uses.split(", "), ROOT / file):
                found.append(f"{file}: uses, but does not include: {' '.join(line.split())}")
        elif line.startswith("- "):
            found.append(f"{file}: includes without use: {line[2:].split('  //')[0]}")
    return found


def lint(tool: Tool, build: Path, stamps: Path, jobs: int) -> Iterable[str]:
    """Findings, each once however many units meet it."""
    units = units_of(build, tool.folders)
    if not units:
        sys.exit(f"{build} compiles nothing of {', '.join(tool.folders)}")
    version = tool.version()
    stamps.mkdir(parents=True, exist_ok=True)
    print(f"{len(units)} translation units", flush=True)

    def one(unit: Unit) -> list[str]:
        stamp = stamps / unit.name.replace("/", "__")
        digest = tool.digest(unit, version)
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
            return []
        found = tool.findings(unit, build)
        if not found:
            stamp.write_text(digest, encoding="utf-8")
        return found

    seen: set[str] = set()
    with ThreadPoolExecutor(jobs) as pool:
        for found in pool.map(one, units):
            for line in found:
                if line not in seen:
                    seen.add(line)
                    yield line


def main() -> int:
    tools = {"clang-tidy": ClangTidy(), "includes": Includes()}
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("tool", choices=tools)
    parser.add_argument("build", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    count = 0
    for line in lint(
        tools[options.tool],
        options.build.resolve(),
        ROOT / "build/lint" / options.tool,
        options.jobs,
    ):
        print(line, flush=True)
        count += 1
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
