"""`text_normalize.jsonl`: NFKC by Python's unicodedata."""

import unicodedata
from pathlib import Path

from golden_json import write_lines
from golden_sentences import all_texts


def make(output: Path) -> None:
    """Writes text_normalize.jsonl."""
    write_lines(
        output / "text_normalize.jsonl",
        ({"text": text, "nfkc": unicodedata.normalize("NFKC", text)} for text in all_texts()),
    )
