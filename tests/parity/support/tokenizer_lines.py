"""The lines that tokenisers are compared on, and which of them a reference cannot be given."""

import json
import random
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from golden_sentences import all_texts

ROOT = Path(__file__).resolve().parents[3]

SPELLED = re.compile(r"\[(PAD|UNK|CLS|SEP|MASK)\]|</?s>|<unk>|<pad>")
AWKWARD = [
    "こんにちは、世界。\nこんばんは、世界。",
    "アップルストアでiPhone８ が  \n 発売された　。",
    "ﾊﾝｶｸｶﾀｶﾅとＺＥＮＫＡＫＵ",
    "ΑΣ ΟΔΥΣΣΕΥΣ ς",
    "İstanbul ẞ ǅ",
    "令和6年、平成31年",
    "㍻㋿㈱㌔①Ⅻ½",
    "…‥、。・",
    "　　字下げ",
    "a\u3000b\u00a0c\u2003d",
    "\r\n\x0b\x0c\x1c\x85",
    "\u200b\ufeff\u00ad\u2060",
    "x" * 200,
    "肺" * 200,
    "ｱ" * 200,
    "é" * 100,
    "e\u0301" * 101,
    "👨‍👩‍👧‍👦🇯🇵👍🏽",
    "𠮷野家で𩸽を𠮟る",
    "か\u3099か\u309a\u3099",
    "葛\U000e0100城",
    "##able a##b",
    "``quoted'' ~～〜",
    "▁ ▁a",
    "1,234,567.8 mm",
    "http://example.org/?a=b&c",
    "\u0378\ufdd0",
    "\u1112\u1161\u11ab 한글",
    "\x01\x02\x7f\x9f",
    " 先頭と末尾 ",
    "\t",
    " ",
    "",
    "﷽ﷺ",
    "ﬀﬃ",
    "\u0344\u212b\u2126",
    "ｶ\uff9eﾊ\uff9f\uff9e",
    "①" * 60,
    "㎜" * 120,
]


def awkward_lines() -> list[str]:
    """transformers' awkward cases and the texts of the golden files."""
    return [*AWKWARD, *all_texts()]


def corpus_lines() -> list[str]:
    """Lines of the invented reports, their annotation marks taken out."""
    lines = []
    for path in sorted((ROOT / "weights_converter/corpus").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("=", "-", "#")):
                lines.append(re.sub(r"⟦[A-Z]+\d*:|⟧", "", line))
    return lines


def random_lines(count: int, seed: int) -> list[str]:
    """Of code points that this Python's Unicode knows; half are mostly Japanese."""
    rng = random.Random(seed)
    blocks = [
        (0x20, 0x7F),
        (0xA0, 0x250),
        (0x300, 0x370),
        (0x370, 0x530),
        (0x1100, 0x1200),
        (0x2000, 0x2100),
        (0x2100, 0x2600),
        (0x2E80, 0x3000),
        (0x3000, 0x3100),
        (0x3200, 0x3400),
        (0x4E00, 0xA000),
        (0xAC00, 0xD7A4),
        (0xF900, 0xFB00),
        (0xFE00, 0x10000),
        (0x1F300, 0x1F700),
        (0x20000, 0x20100),
        (0x1, 0x20),
    ]
    japanese = [
        (0x3040, 0x3100),
        (0x4E00, 0x9000),
        (0xFF01, 0xFFA0),
        (0x30, 0x3A),
        (0x3000, 0x3003),
        (0x20, 0x21),
        (0x3099, 0x309D),
    ]
    lines = []
    for number in range(count):
        chosen = japanese if number % 2 else blocks
        characters: list[str] = []
        while len(characters) < rng.randrange(1, 40):
            character = chr(rng.randrange(*rng.choice(chosen)))
            if unicodedata.category(character) not in ("Cn", "Cs", "Co"):
                characters.append(character)
        lines.append("".join(characters))
    return lines


def report_lines(paths: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for path in paths:
        for record in Path(path).read_text(encoding="utf-8").splitlines():
            text = json.loads(record)["text"]
            lines += [text, *text.splitlines()]
    return lines


def spelled(text: str) -> bool:
    return bool(SPELLED.search(text))


def with_nul(text: str) -> bool:
    return "\0" in text or spelled(text)
