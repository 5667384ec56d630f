"""radie_c.dll shows the functions of its header and nothing else, and needs nothing but what every
Windows has.

dll.py OBJDUMP PREFIX C_API.h      PREFIX: where radie for Windows is installed
"""

import re
import subprocess
import sys
from pathlib import Path

# Parts of Windows since long before the oldest one that radie is for.
OF_WINDOWS = {"kernel32.dll", "msvcrt.dll", "advapi32.dll"}


def main() -> int:
    objdump, prefix, header = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    library = prefix / "bin" / "radie_c.dll"
    listed = subprocess.run(
        [objdump, "-p", str(library)], check=True, capture_output=True, text=True
    ).stdout
    declared = set(
        re.findall(r"RADIE_C_API[^;(]*?\b(radie_\w+)\(", header.read_text(encoding="utf-8"))
    )
    names = listed.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
    shown = set(re.findall(r"^\s+\[\s*\d+\].*?(\S+)$", names, re.MULTILINE))
    needed = {name.lower() for name in re.findall(r"DLL Name: (\S+)", listed)}
    beside = sorted(path.name for path in library.parent.iterdir())

    problems = [
        f"{name}: {'shown but not declared' if name in shown else 'declared but not shown'}"
        for name in sorted(shown ^ declared)
    ]
    problems += [
        f"{name} is needed, which Windows may not have" for name in sorted(needed - OF_WINDOWS)
    ]
    if beside != [library.name]:
        problems.append(f"beside the library lie {beside}")
    if not declared or not needed:
        problems.append("nothing was found in the header or the library")
    print("\n".join(problems) or f"{len(shown)} functions; needs {', '.join(sorted(needed))}")
    return 1 if problems else 0


sys.exit(main())
