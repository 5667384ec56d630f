"""What the tests of radie tokenize share: vocabularies, and which tokenisers the command has."""

from harness import SOURCE, radie

GOLDEN = SOURCE / "tests/golden"
CASED = GOLDEN / "vocab_cased.txt"
CHAR = GOLDEN / "vocab_char.txt"
PIECES = GOLDEN / "sentencepiece_small.model"


def has(option: str) -> bool:
    return f"RADIE_WITH_{option}: on" in radie("--version").stdout.decode()
