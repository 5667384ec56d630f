"""Reports sent as HL7 v2 messages give what the plain reports give, in both usual character sets.

    hl7_messages.py RADIE       with the packages hl7 and hl7apy, which parse what is sent as well

The sample reports and those of the file that RADIE_REPORTS names ({"id","text"} a line), one
message each, all in one stream: a line of the report is an OBX (type TX) or a repetition of one, by
turns. Reports with characters that ISO-2022-JP lacks are sent in UTF-8 only.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import hl7
from hl7apy.parser import parse_message

ROOT = Path(__file__).resolve().parents[2]
ESCAPES = {"|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\\": "\\E\\"}
SETS = {
    "utf-8": ("UNICODE UTF-8", ""),
    "iso2022_jp_ext": ("~ISO IR87~ISO IR14~ISO IR159", "ISO 2022-1994"),
}


def reports() -> list[tuple[str, str]]:
    found = [
        (path.name, path.read_text(encoding="utf-8-sig"))
        for path in sorted((ROOT / "examples/reports").glob("*.txt"))
    ]
    if name := os.environ.get("RADIE_REPORTS"):
        records = [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]
        found += [(record["id"], record["text"]) for record in records]
    return [(name, re.sub(r"\r\n?", "\n", text).strip("\n")) for name, text in found]


def message(name: str, text: str, charset: str) -> str:
    declared, scheme = SETS[charset]
    lines = ["".join(ESCAPES.get(c, c) for c in line) for line in text.split("\n")]
    texts = [
        lines[i] if i + 1 == len(lines) else f"{lines[i]}~{lines[i + 1]}"
        for i in range(0, len(lines), 2)
    ]
    segments = [
        f"MSH|^~\\&|RIS|病院|EHR|病院|20260131120000||ORU^R01^ORU_R01|{name}|P|2.5|||||JPN|{declared}||{scheme}",
        "PID|||0042^^^H||試験^太郎",
        f"OBR|1||{name}|18748-4^画像検査報告書^LN",
    ]
    segments += [
        f"OBX|{n}|TX|18782-3^所見^LN|{n}|{value}||||||F" for n, value in enumerate(texts, 1)
    ]
    return "\r".join(segments) + "\r"


def by_others(sent: str) -> set[str]:
    """The report's text as the two packages read it."""
    parsed = hl7.parse(sent)
    lines = [parsed.unescape(str(part)) for obx in parsed.segments("OBX") for part in obx[5]]
    found = {"\n".join(lines)}
    unescaped = {escape: char for char, escape in ESCAPES.items()}
    pattern = re.compile("|".join(re.escape(escape) for escape in unescaped))
    lines = []
    for segment in parse_message(sent, find_groups=False, validation_level=2).obx:
        lines += [
            pattern.sub(lambda m: unescaped[m[0]], repetition.to_er7())
            for repetition in segment.obx_5
        ]
    found.add("\n".join(lines))
    return found


def extract(radie: str, arguments: list[str], data: bytes) -> list[dict[str, Any]]:
    done = subprocess.run(
        [radie, "extract", "--format", "jsonl", "--include-text", *arguments, "-"],
        input=data,
        stdout=subprocess.PIPE,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> int:
    radie, problems = sys.argv[1], []
    sent = reports()
    plain = "".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in sent)
    wanted = {
        record["id"]: record
        for record in extract(radie, ["--input-format", "jsonl"], plain.encode())
    }
    for charset in SETS:
        stream, names = b"", []
        for name, text in sent:
            whole = message(name, text, charset)
            try:
                stream += b"\x0b" + whole.encode(charset) + b"\x1c\r"
            except UnicodeEncodeError:
                continue
            names.append(name)
            if by_others(whole) != {text}:
                problems.append(f"{charset}: another package reads another text")
        records = extract(radie, ["--input-format", "hl7"], stream)
        if [record["id"] for record in records] != names:
            problems.append(f"{charset}: {len(records)} records for {len(names)} messages")
        for record in records:
            places = record.pop("hl7", {"pieces": []})
            if record != wanted.get(record["id"]):
                problems.append(f"{charset}: a report differs from the plain one")
            lines = [record["text"][piece["start"] : piece["end"]] for piece in places["pieces"]]
            if "\n".join(lines) != record["text"]:
                problems.append(f"{charset}: the pieces do not make up the text")
        print(
            f"{charset}: {len(records)} messages of {len(sent)} reports, "
            f"{sum(len(record['entities']) for record in records)} entities"
        )
    for problem in problems[:20]:
        print(problem)
    return 1 if problems else 0


sys.exit(main())
