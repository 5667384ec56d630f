"""What of libradie/package/hardening.cmake a linked file or a build lacks.

    hardening.py [--folder FOLDER] [--units BUILD_FOLDER] FILE...

FILE is a shared library that may look for others in no folder but FOLDER; with --units every
translation unit of a build is looked at as well. Exit code 1 where something lacks.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

# Of each kind the last word of a command line holds: what it may look like, and what it must.
FLAGS = {
    "stack protection": (r"-f(no-)?stack-protector(-\w+)?", r"-fstack-protector-(strong|all)"),
    "protection against stack clashes": (
        r"-f(no-)?stack-clash-protection",
        r"-fstack-clash-protection",
    ),
    "fortified functions": (r"-[DU]_FORTIFY_SOURCE(=.*)?", r"-D_FORTIFY_SOURCE=[23]"),
    "the optimiser, which fortified functions need": (r"-O.*", r"-O([1-3sz]|fast)?"),
    "position independence": (r"-f(no-)?(pic|PIC|pie|PIE)", r"-f(pic|PIC|pie|PIE)"),
}
X86_FLAGS = {"CET": (r"-fcf-protection(=.*)?", r"-fcf-protection(=full)?")}


def readelf(*arguments: str | Path) -> str:
    return subprocess.run(
        ["readelf", "-W", *arguments], check=True, capture_output=True, text=True
    ).stdout


def is_x86(file: Path) -> bool:
    return bool(re.search(r"Machine:.*(X86-64|80386)", readelf("-h", file)))


def faults_of(file: Path, program: bool = False, folder: str | None = None) -> list[str]:
    """What hardening the file lacks. Of stack protection and fortified functions a linked file
    shows only that some of its code has them: unit_faults looks at all."""
    segments, dynamic, symbols = (
        readelf("-l", file),
        readelf("-d", file),
        readelf("--dyn-syms", file),
    )
    stack = next((line for line in segments.splitlines() if "GNU_STACK" in line), "GNU_STACK RWE")
    folders = set(re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", dynamic))
    found = {
        "a stack that is not executable": "RWE" not in stack,
        "RELRO": "GNU_RELRO" in segments,
        "immediate binding": bool(re.search(r"\bBIND_NOW\b|FLAGS_1.*\bNOW\b", dynamic)),
        "stack protection": "__stack_chk_fail" in symbols,
        "fortified functions": bool(re.search(r" __\w+_chk@", symbols)),
        "position independence": "DYN (" in readelf("-h", file),
        f"no folder to load from but {folder or 'the usual'}": folders <= {folder},
    }
    if program:
        found["PIE"] = bool(re.search(r"FLAGS_1.*\bPIE\b", dynamic))
    return [what for what, there in found.items() if not there]


def lacking(words: list[str], x86: bool) -> list[str]:
    """What the command line of one translation unit lacks."""
    lacks = []
    for what, (kind, wanted) in (FLAGS | (X86_FLAGS if x86 else {})).items():
        last = [word for word in words if re.fullmatch(kind, word)][-1:]
        if not last or not re.fullmatch(wanted, last[0]):
            lacks.append(what)
    return lacks


def unit_faults(build: Path, x86: bool) -> dict[str, list[str]]:
    """Each object file that the build makes, relative to its folder, and what its command lacks."""
    faults = {}
    for unit in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        words = shlex.split(unit["command"])
        faults[words[words.index("-o") + 1]] = lacking(words, x86)
    assert faults, f"{build} compiles nothing"
    return faults


def target_of(unit: str) -> str:
    """The CMake target that an object file belongs to."""
    match = re.search(r"CMakeFiles/([^/]+)\.dir/", unit)
    assert match, unit
    return match[1]


def members(archive: Path) -> int:
    listed = subprocess.run(["ar", "t", archive], check=True, capture_output=True, text=True)
    return len(listed.stdout.split())


def unmarked_for_cet(archive: Path, *objects: Path) -> int:
    """How many of radie's own objects, of an archive and beside it, lack the marks of CET. A linked
    file as a whole also needs them of the system's start files, which Debian 12's do not have, and
    of OpenBLAS."""
    notes = readelf("-n", archive, *objects)
    # Of each file its name stands above it, an archive's own nowhere.
    read, there = notes.count("File: "), members(archive) + len(objects)
    assert 0 < read == there, f"{read} objects read of {there}"
    return read - notes.count("IBT, SHSTK")


def report(faults: dict[str, list[str]]) -> bool:
    """Prints them, hardened units as a number only. Whether nothing lacks."""
    for name, lacks in faults.items():
        if lacks:
            print(f"{name}: lacks {', '.join(lacks)}")
    print(f"{sum(not lacks for lacks in faults.values())} of {len(faults)} hardened")
    return not any(faults.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--folder")
    parser.add_argument("--units", type=Path, metavar="BUILD_FOLDER")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    options = parser.parse_args()
    faults = {file.name: faults_of(file, folder=options.folder) for file in options.files}
    if options.units:
        units = unit_faults(options.units, is_x86(options.files[0]))
        # A module NAME.*.so is of the target NAME: a build that does not list it proves nothing.
        for file in options.files:
            assert file.name.split(".")[0] in map(target_of, units), f"no unit of {file.name}"
        faults |= units
    return 0 if report(faults) else 1


if __name__ == "__main__":
    sys.exit(main())
