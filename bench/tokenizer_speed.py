"""Speed of every tokeniser beside transformers' own, in the same run: a Markdown table.

usage: tokenizer_speed.py TOKENIZE_LINES [--seconds S] [--rounds N]

TOKENIZE_LINES is the program built from bench/tokenize_lines.cc. Lines, vocabularies and the
reference are those of tests/parity/tokenizer_parity.py, which proves that the ids are the same.
One thread and its processor time; the sides take turns, and the median of the rounds counts.
radie's time includes each token's offsets in three units; transformers gives ids.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TOKENIZERS_PARALLELISM"] = "false"
sys.path.insert(0, str(Path(__file__).resolve().parent / "peers"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/parity"))

from machine import describe_machine, package_version
from support.tokenizer_cases import (
    Case,
    basic_cases,
    japanese_cases,
    sentencepiece_case,
    uth_cases,
)
from support.tokenizer_lines import corpus_lines
from transformers import BertTokenizer

ROOT = Path(__file__).resolve().parents[1]
LINES = 2000
Read = Callable[[list[str]], object]


def references(cases: list[Case]) -> list[tuple[str, Case, str, Read]]:
    """Name, radie's case, what it is compared with, and how that reads lines."""
    rows: list[tuple[str, Case, str, Read]] = []
    for case in cases:
        kind = "transformers, Python"
        if case.name.startswith("uth-bert"):
            kind = "neologdn, jaconv, fugashi, transformers' WordPiece"
        elif case.name == "sentencepiece":
            kind = "sentencepiece package"
        elif case.name.startswith("bert-ja"):
            kind = "transformers, Python and fugashi" if "mecab" in case.name else kind

        def read_each(lines: list[str], c: Case = case) -> object:
            return [c.tokenize(line) for line in lines]

        rows.append((case.name, case, kind, read_each))
        rust = None
        if case.name.startswith("bert-basic"):
            vocab = (
                Path(case.arguments[case.arguments.index("--vocab") + 1])
                .read_text(encoding="utf-8")
                .split("\n")[:-1]
            )
            ids = {token: i for i, token in enumerate(vocab)}
            rust = BertTokenizer(vocab=ids, do_lower_case=case.name.endswith("uncased"))
        elif case.name == "sentencepiece":
            rust = case.saved
        if rust is not None:

            def read(lines: list[str], t: Any = rust) -> object:
                return t(lines, add_special_tokens=False)["input_ids"]

            rows.append((case.name, case, "transformers, Rust, one batch", read))
    return rows


def radie_speed(program: str, case: Case, lines: Path, seconds: float) -> float:
    done = subprocess.run(
        [program, str(seconds), str(lines), *case.arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def reference_speed(read: Read, lines: list[str], seconds: float) -> float:
    size = sum(len(line.encode()) for line in lines)
    begin, count = time.process_time(), 0
    while (elapsed := time.process_time() - begin) < seconds or not count:
        read(lines)
        count += 1
    return size * count / elapsed


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tokenize_lines")
    parser.add_argument(
        "--seconds", type=float, default=1.0, help="of processor time, for each side in each round"
    )
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    corpus = corpus_lines()
    lines = corpus[:: max(1, len(corpus) // LINES)][:LINES]
    print(
        "| tokeniser | radie MB/s | compared with | its MB/s | radie is faster |\n"
        "|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        file = work / "lines.txt"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        cases = [
            *basic_cases(work, corpus),
            *japanese_cases(work, corpus),
            *uth_cases(work, corpus),
            sentencepiece_case(work, corpus),
        ]
        for title, case, kind, read in references(cases):
            ours, theirs = [], []
            for _ in range(options.rounds):
                ours.append(radie_speed(options.tokenize_lines, case, file, options.seconds))
                theirs.append(reference_speed(read, lines, options.seconds))
            a, b = statistics.median(ours), statistics.median(theirs)
            print(
                f"| {title} | {a / 1e6:.1f} | {kind} | {b / 1e6:.2f} | {a / b:.1f} × |", flush=True
            )
    facts = describe_machine(1, sorted(os.sched_getaffinity(0)))
    packages = ", ".join(
        f"{p} {package_version(p)}"
        for p in ("transformers", "tokenizers", "fugashi", "sentencepiece")
    )
    print(
        f"\n{facts['cpu']}, Python {facts['python']}, {packages}; "
        f"{len(lines)} lines of the invented corpus."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
