"""Covered lines by room of libradie, out of llvm-cov's summary.

coverage_by_room.py SUMMARY.json LEAST
status 1 when fewer than LEAST per cent of all lines are covered
"""

import json
import sys
from collections import defaultdict
from pathlib import Path


def main() -> int:
    root = Path(__file__).resolve().parent.parent / "libradie"
    lines: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    worst: list[tuple[float, str]] = []
    for file in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["data"][0]["files"]:
        path = Path(file["filename"])
        if root not in path.parents:
            continue
        name = path.relative_to(root)
        summary = file["summary"]["lines"]
        for key in (name.parts[0], "all"):
            lines[key][0] += summary["covered"]
            lines[key][1] += summary["count"]
        worst.append((summary["percent"], str(name)))
    if not lines["all"][1]:
        print("the summary names no file of libradie")
        return 1
    total = lines.pop("all")
    for room, (covered, count) in [*sorted(lines.items()), ("all", total)]:
        print(f"{room:<12} {covered:>6} of {count:>6} lines  {100 * covered / count:5.1f} %")
    print(
        "least covered: "
        + ", ".join(f"{name} {percent:.0f} %" for percent, name in sorted(worst)[:8])
    )
    return int(100 * total[0] < float(sys.argv[2]) * total[1])


if __name__ == "__main__":
    sys.exit(main())
