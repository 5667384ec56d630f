"""Writes text_steps.jsonl: what lists of normalisation steps make of texts, by Python's packages.

    python tests/golden/make_normalization_golden.py --output tests/golden

Needs neologdn 0.5.6 and jaconv 0.5.0; unicodedata and re are Python's own.
"""

import argparse
import re
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import jaconv
import neologdn

from golden_json import write_lines
from golden_sentences import all_texts

Step = str | dict[str, Any]

_REPORTS = (
    "検査日：5月3日\n依頼科 内科\n【所見】右肺上葉に12㎜大の結節。\n再検を\r\n以上\n読影医 某",
    "【所見】胸水ﾅｼ\r\n読影医 某\r\n", "所見なし", "依頼科\n\n【所見】", "以上", "\r\r\n\n\r",
    "依頼科 外科\n【所見】 ｶﾞｽ像ー−ー ～10mm\n【所見】再掲\n以上、以上\n",
    "CT 画像 CT 画像\n大きさ1,234mm、ｳﾞｨｰﾅｽ ﾊﾟﾊﾞ ﾞｶ゛ ｱﾞ", "~!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}",
)  # fmt: skip
_HEADER = {"cut_header": r"【所見】\s*"}
_HEADING_KEPT = {"cut_header": r"^.*?(?=【所見】)"}
_FOOTER = {"cut_footer": r"^(以上|読影医).*$"}
_LINES = {"cut": r"(検査日|依頼科).*|[０-９0-9]+(㎜|mm)"}

PROFILES: tuple[tuple[Step, ...], ...] = (
    ("nfkc",),
    ("neologdn",),
    ("h2z",),
    ({"h2z": ["kana"]},),
    ({"h2z": ["digits", "ascii"]},),
    ("newline_to_stop",),
    (_HEADER,),
    (_HEADING_KEPT, _FOOTER),
    (_LINES,),
    ("nfkc", "neologdn"),
    ("neologdn", "nfkc", "h2z"),
    ("h2z", "nfkc", "newline_to_stop"),
    (_HEADER, _FOOTER, "nfkc", "neologdn", "h2z", "newline_to_stop"),
    ("nfkc", _LINES, "h2z", "neologdn", {"h2z": ["ascii"]}),
)


def _lines(text: str) -> list[tuple[int, str]]:
    """Where each line begins, and the line without its LF or CR LF."""
    found, start = [], 0
    for line in text.split("\n"):
        last = start + len(line) == len(text)
        found.append((start, line if last else line.removesuffix("\r")))
        start += len(line) + 1
    return found


def _first(text: str, pattern: str) -> tuple[int, int] | None:
    for start, line in _lines(text):
        if match := re.search(pattern, line):
            return start + match.start(), start + match.end()
    return None


def _without(text: str, pattern: str) -> str:
    matches = [
        (start + m.start(), start + m.end())
        for start, line in _lines(text)
        for m in re.finditer(pattern, line)
    ]
    for begin, end in reversed(matches):
        text = text[:begin] + text[end:]
    return text


def apply(step: Step, text: str) -> str:
    """The text after one step."""
    if step == "nfkc":
        return unicodedata.normalize("NFKC", text)
    if step == "neologdn":
        result: str = neologdn.normalize(text)
        return result
    if step == "newline_to_stop":
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "。")
    if step == "h2z":
        step = {"h2z": ["kana", "digits", "ascii"]}
    assert isinstance(step, dict)
    ((name, value),) = step.items()
    if name == "h2z":
        wide: str = jaconv.h2z(
            text, kana="kana" in value, digit="digits" in value, ascii="ascii" in value
        )
        return wide
    if name == "cut":
        return _without(text, value)
    found = _first(text, value)
    if found is None:
        return text
    return text[found[1] :] if name == "cut_header" else text[: found[0]]


def make(output: Path) -> None:
    """Writes the file."""
    texts = [*_REPORTS, *all_texts()[::4]]
    records: list[dict[str, Any]] = [{"texts": texts}]
    for steps in PROFILES:
        results = []
        for text in texts:
            for step in steps:
                text = apply(step, text)
            results.append(text)
        records.append({"steps": steps, "results": results})
    write_lines(output / "text_steps.jsonl", records)


def main(argv: Sequence[str] | None = None) -> None:
    """Writes the file into the folder given."""
    parser = argparse.ArgumentParser(description="Writes the golden file of normalisation steps.")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    make(parser.parse_args(argv).output)


if __name__ == "__main__":
    main()
