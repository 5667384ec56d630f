"""Holds the binary interface of libradie_c.so against the committed baseline (libabigail's
abidiff).

    abi.py [--update] [--cc gcc]     from the repository's root; --update writes the baseline anew

A change that old programs do not survive needs a new interface version (RADIE_2, a new soname); one
that they do survive needs only the new baseline.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BASELINE = ROOT / "tests" / "capi" / "radie_c.abi"


def interface(work: Path, cc: str) -> Path:
    """A library with the header's functions and types and debug information to read them from.

    That the real library has the same is the compiler's business (it includes the header) and
    symbols.py's.
    """
    header = (ROOT / "include" / "radie" / "c_api.h").read_text(encoding="utf-8")
    declared = re.findall(r"^RADIE_C_API ([^;]+);", header, re.MULTILINE)
    source = work / "interface.c"
    source.write_text(
        "\n".join(['#include "radie/c_api.h"', *(f"{one} {{ for (;;) {{}} }}" for one in declared)])
    )
    library = work / "libradie_c.so.1"
    subprocess.run(
        [
            cc,
            "-std=c99",
            "-g",
            "-O0",
            "-fPIC",
            "-shared",
            f"-I{ROOT / 'include'}",
            f"-Wl,--version-script={ROOT / 'libradie' / 'capi' / 'radie_c.map'}",
            "-Wl,-soname,libradie_c.so.1",
            "interface.c",
            "-o",
            library.name,
        ],
        cwd=work,
        check=True,
    )
    return library


def described(library: Path, output: Path) -> None:
    subprocess.run(
        [
            "abidw",
            "--no-comp-dir-path",
            "--no-corpus-path",
            "--no-show-locs",
            "--out-file",
            str(output),
            str(library),
        ],
        check=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--cc", default="gcc")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        now = Path(temporary) / "now.abi"
        described(interface(Path(temporary), arguments.cc), now)
        if arguments.update:
            BASELINE.write_bytes(now.read_bytes())
            return 0
        status = subprocess.run(["abidiff", str(BASELINE), str(now)]).returncode
    if status:
        print(
            "the interface is not the committed one; what to do is said at the head of "
            "tests/capi/abi.py"
        )
    return 1 if status else 0


sys.exit(main())
