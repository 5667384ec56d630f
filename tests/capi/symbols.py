"""The C library shows the functions of its header under the version RADIE_1, and nothing else.

symbols.py LIBRADIE_C.so C_API.h
"""

import re
import subprocess
import sys
from pathlib import Path


def main() -> int:
    library, header = sys.argv[1:]
    declared = set(
        re.findall(r"RADIE_C_API[^;(]*?\b(radie_\w+)\(", Path(header).read_text(encoding="utf-8"))
    )
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout
    shown = {line.split()[-1] for line in listed.splitlines()} - {"RADIE_1"}
    wanted = {f"{name}@@RADIE_1" for name in declared}
    for name in sorted(shown ^ wanted):
        print(f"{name}: {'shown but not declared' if name in shown else 'declared but not shown'}")
    print(f"{len(declared)} functions declared")
    return 1 if shown != wanted or not declared else 0


sys.exit(main())
