"""Every tokeniser profile against transformers, live: ids, tokens, and offsets that hold.

usage: tokenizer_parity.py RADIE_COMMAND [--reports FILE.jsonl …]      exit 1 on any difference

Lines: the invented corpus, transformers' awkward cases and random Unicode; with --reports (or
RADIE_REPORTS, paths joined by ":") also the lines of reports of one's own ({"text"} a line), of
which nothing is printed. Left out are lines that spell a special token, which transformers takes
for one, and for MeCab lines with a NUL, at which its MeCab stops reading.

SentencePiece is compared with the sentencepiece package, which transformers' own tokenisers were
made to follow; where T5Tokenizer (the Rust one) differs from that package, the script counts it and
says so, without failing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support.converted_tokenizers import model_cases
from support.tokenizer_cases import (
    Case,
    basic_cases,
    japanese_cases,
    sentencepiece_case,
    uth_cases,
)
from support.tokenizer_lines import awkward_lines, corpus_lines, random_lines, report_lines

WHITE_SPACE = "".join(
    map(
        chr,
        [
            *range(9, 14),
            0x20,
            0x85,
            0xA0,
            0x1680,
            *range(0x2000, 0x200B),
            0x2028,
            0x2029,
            0x202F,
            0x205F,
            0x3000,
        ],
    )
)


def run_radie(
    command: str, case: Case, lines: list[str], work: Path
) -> list[list[dict[str, object]]]:
    source = work / "lines.jsonl"
    source.write_text(
        "".join(json.dumps({"text": line}) + "\n" for line in lines), encoding="utf-8"
    )
    done = subprocess.run(
        [command, "tokenize", *case.arguments, "--format", "jsonl", str(source)],
        check=True,
        capture_output=True,
    )
    return [json.loads(line)["tokens"] for line in done.stdout.decode("utf-8").split("\n")[:-1]]


def offsets_hold(text: str, tokens: list[dict[str, object]], unknown: str, case: Case) -> bool:
    last = (0, 0)
    for token in tokens:
        start, end = int(str(token["start"])), int(str(token["end"]))
        if not 0 <= start < end <= len(text) or start < last[0] or end < last[1]:
            return False
        last = (start, end)
        piece = str(token["text"]).removeprefix("##").removeprefix("▁")
        if str(token["text"]) != unknown and piece not in case.fold(text[start:end]):
            return False
    return True


def compare(command: str, case: Case, lines: list[str], work: Path, unknown: str) -> int:
    used = [line for line in lines if not case.skips(line)]
    begin = time.process_time()
    expected = [case.tokenize(line) for line in used]
    seconds = time.process_time() - begin
    found = run_radie(command, case, used, work)
    assert len(found) == len(used), f"{case.name}: {len(found)} records for {len(used)} lines"
    different = loose = ties = 0
    shown = set(awkward_lines())  # reports are not shown
    for line, (tokens, ids), ours in zip(used, expected, found, strict=True):
        same = [t["id"] for t in ours] == ids and [t["text"] for t in ours] == tokens
        if (
            not same
            and case.score
            and abs(case.score([int(str(t["id"])) for t in ours]) - case.score(ids)) < 1e-4
        ):
            same = True
            ties += 1
        different += not same
        held = offsets_hold(line, ours, unknown, case)
        loose += not held
        if not (same and held) and line in shown:
            print(f"  {line!r}: {tokens} {[t['text'] for t in ours]}")
    megabytes = sum(len(line.encode("utf-8", "replace")) for line in used) / 1e6
    tied = f", {ties} split otherwise at the same score" if case.score else ""
    print(
        f"{case.name}: {len(used)} lines, {different} differ{tied}, "
        f"{loose} with offsets that do not hold (the reference read {megabytes / seconds:.2f} MB/s)"
    )
    return different + loose


def against_t5(case: Case, lines: list[str]) -> None:
    theirs = case.saved
    used = [line for line in lines if not case.skips(line)]
    differ = sum(
        theirs(line, add_special_tokens=False)["input_ids"] != case.tokenize(line)[1]
        for line in used
    )
    print(
        "sentencepiece: transformers' T5Tokenizer itself differs from the sentencepiece package "
        f"on {differ} of {len(used)} lines"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("radie")
    parser.add_argument(
        "--reports",
        nargs="*",
        default=[p for p in os.environ.get("RADIE_REPORTS", "").split(":") if p],
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="the cases whose name has it")
    options = parser.parse_args()
    corpus = corpus_lines()
    lines = [
        *corpus[::5],
        *awkward_lines(),
        *random_lines(1200, 41),
        *report_lines(options.reports),
    ]
    assert len(lines) >= 3000, len(lines)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        cases = [
            *basic_cases(work, corpus),
            *japanese_cases(work, corpus),
            *uth_cases(work, corpus),
            sentencepiece_case(work, corpus),
        ]
        for case in [*cases, *model_cases(work, cases)]:
            if options.only not in case.name:
                continue
            # A model's sentence has no white space at its ends.
            used = (
                [line.strip(WHITE_SPACE) for line in lines]
                if "--model" in case.arguments
                else lines
            )
            failed += compare(options.radie, case, used, work, "<unk>" if case.score else "[UNK]")
        against_t5(cases[-1], lines)
    print("tokenizers agree" if not failed else f"{failed} lines differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
