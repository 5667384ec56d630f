"""Report text never shows in an error: inputs that hold a canary string are made to fail in every
way the command knows, and the canary must be neither in the records nor on stderr.

    canary.py RADIE [MODEL]
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CANARY = "カナリア結節QXZW"
PARTS = (
    CANARY,
    "カナリア",
    "QXZW",
    CANARY.encode("unicode_escape").decode(),
    json.dumps("カナリア")[1:-1],
)


def jsonl_cases() -> list[tuple[str, bytes]]:
    """Name and line; every line must give an error record."""

    def record(**fields: object) -> bytes:
        return json.dumps({"id": "r", **fields}, ensure_ascii=False).encode()

    entity = {"type": "Imaging_observation", "start": 0, "end": 2}
    return [
        ("text cut off", f'{{"id":"r","text":"{CANARY}'.encode()),
        ("bad escape", f'{{"id":"r","text":"{CANARY}\\x"}}'.encode()),
        ("control character", f'{{"id":"r","text":"{CANARY}\x01{CANARY}"}}'.encode()),
        ("no quotes", f'{{"id":"r","text":{CANARY}}}'.encode()),
        ("not an object", json.dumps([CANARY], ensure_ascii=False).encode()),
        ("plain text for a line", CANARY.encode()),
        ("two documents", f'{{"id":"r","text":"{CANARY}"}} {CANARY}'.encode()),
        ("text is a list", record(text=[CANARY])),
        ("text is an object", record(text={CANARY: CANARY})),
        ("no text", record(body=CANARY)),
        (
            "not UTF-8",
            b'{"id":"r","text":"' + CANARY.encode() + b"\xff\xfe" + CANARY.encode() + b'"}',
        ),
        ("half a surrogate pair", f'{{"id":"r","text":"{CANARY}\\ud800"}}'.encode()),
        ("too long", record(text=CANARY * 80_000)),
        (
            "entity out of the text",
            record(text=CANARY, entities=[{**entity, "start": 0, "end": 4000}]),
        ),
        ("entity empty", record(text=CANARY, entities=[{**entity, "start": 2, "end": 2}])),
        (
            "entity of no known type",
            record(text=CANARY, entities=[{**entity, "type": "No_such_type"}]),
        ),
        (
            "entities overlap",
            record(text=CANARY, entities=[entity, {**entity, "start": 1, "end": 3}]),
        ),
        ("entities are text", record(text=CANARY, entities=CANARY)),
        ("entity's start is text", record(text=CANARY, entities=[{**entity, "start": CANARY}])),
        ("negative start", record(text=CANARY, entities=[{**entity, "start": -3}])),
    ]


def shows_canary(*outputs: bytes) -> bool:
    return any(part.encode() in output for output in outputs for part in PARTS)


def run(radie: str, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [radie, *arguments], input=stdin, capture_output=True, timeout=120, check=False
    )


def check_lines(radie: str) -> list[str]:
    problems = []
    for name, line in jsonl_cases():
        stage = ["--stage", "relations"] if "entit" in name or "start" in name else []
        done = run(
            radie,
            "extract",
            "--input-format",
            "jsonl",
            "--format",
            "jsonl",
            *stage,
            "-",
            stdin=line + b"\n",
        )
        if shows_canary(done.stdout, done.stderr):
            problems.append(
                f"{name}: report text in the error: "
                f"{(done.stdout + done.stderr).decode(errors='replace')[:300]}"
            )
        elif done.returncode != 1 or b'"error"' not in done.stdout:
            problems.append(
                f"{name}: exit {done.returncode}, expected 1 and an error record: "
                f"{(done.stdout + done.stderr).decode(errors='replace')[:300]}"
            )
        elif len(done.stdout.splitlines()) != 1:
            problems.append(f"{name}: {len(done.stdout.splitlines())} records for one line")
    return problems


def check_files(radie: str) -> list[str]:
    """Plain text that is not UTF-8 or too long, in each output format; and a report given where a
    model is expected."""
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (
            ("bytes.txt", CANARY.encode() + b"\xff" + CANARY.encode()),
            ("long.txt", (CANARY * 80_000).encode()),
        ):
            path = Path(folder, name)
            path.write_bytes(content)
            for format_name in ("jsonl", "table", "html", "brat", "conll"):
                done = run(radie, "extract", "--format", format_name, str(path))
                if shows_canary(done.stdout, done.stderr):
                    problems.append(f"{name}, {format_name}: report text in the error")
                if done.returncode != 1:
                    problems.append(f"{name}, {format_name}: exit {done.returncode}, expected 1")
        encoded = Path(folder, "encoded.txt")
        encoded.write_bytes(CANARY.encode("cp932") + b"\xff" + CANARY.encode("cp932"))
        for encoding in ("utf-8", "cp932", "euc-jp", "iso-2022-jp", "utf-16", "detect"):
            done = run(radie, "extract", "--encoding", encoding, "--format", "jsonl", str(encoded))
            if (
                shows_canary(done.stdout, done.stderr)
                or CANARY.encode("cp932") in done.stdout + done.stderr
            ):
                problems.append(f"{encoding}: report text in the error")
            if done.returncode != 1:
                problems.append(f"{encoding}: exit {done.returncode}, expected 1")
        report = Path(folder, "report.txt")
        report.write_text(CANARY * 100, encoding="utf-8")
        done = run(radie, "inspect", str(report))
        if done.returncode != 3 or shows_canary(done.stdout, done.stderr):
            problems.append(
                f"a report for a model: exit {done.returncode}, expected 3 and none of its text"
            )
    return problems


def main() -> int:
    radie = sys.argv[1]
    if len(sys.argv) > 2:
        os.environ["RADIE_MODEL"] = sys.argv[2]
    probe = run(radie, "extract", "--format", "jsonl", "-", stdin=CANARY.encode())
    if probe.returncode != 0 or b'"error"' in probe.stdout:
        print(f"a sound report does not go through: {probe.stderr.decode(errors='replace')[:300]}")
        return 1
    problems = check_lines(radie) + check_files(radie)
    print("\n".join(problems) or f"{len(jsonl_cases()) + 17} failures, none shows report text")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
