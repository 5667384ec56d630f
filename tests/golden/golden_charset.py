"""`charsets.json`: all of Japan's double-byte sets and the half-width kana, by Python's codecs.

Needs the standard library only: `python tests/golden/golden_charset.py tests/golden`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from golden_json import write_cases

_NONE = " "  # stands where a set has no character; no double-byte character is a space
_CELLS = range(1, 95)
_EXTENSION_ROWS = (13, 89, 90, 91, 92)  # of CP51932: NEC's, and IBM's as NEC has them
CP932_LEADS = (*range(0x81, 0xA0), *range(0xE0, 0xFD))
CP932_TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFD))


def character(sequence: bytes, codec: str) -> str:
    """The one character that the bytes are, or a space."""
    try:
        text = sequence.decode(codec)
    except UnicodeDecodeError:
        return _NONE
    return text if len(text) == 1 else _NONE


def shift_jis(row: int, cell: int) -> bytes:
    """Row and cell of JIS X 0208 as Shift_JIS has them."""
    lead = (row - 1) // 2 + 0x81
    if lead > 0x9F:
        lead += 0x40
    if row % 2 == 0:
        return bytes([lead, cell + 0x9E])
    return bytes([lead, cell + (0x3F if cell < 64 else 0x40)])


def jisx0208(row: int, cell: int) -> str:
    """By euc_jp; the rows that CP51932 adds, which Python lacks, by cp932."""
    sequence = bytes([row + 0xA0, cell + 0xA0])
    standard = character(sequence, "euc_jp")
    by_escape = character(b"\x1b$B" + bytes([row + 0x20, cell + 0x20]) + b"\x1b(B", "iso2022_jp")
    if standard != by_escape:
        raise ValueError(f"Python's codecs do not agree at row {row}, cell {cell}")
    if standard != _NONE or row not in _EXTENSION_ROWS:
        return standard
    return character(shift_jis(row, cell), "cp932")


def jisx0212(row: int, cell: int) -> str:
    """By euc_jp."""
    return character(bytes([0x8F, row + 0xA0, cell + 0xA0]), "euc_jp")


def rows() -> Iterator[tuple[str, int, str]]:
    """Set, row (CP932: lead byte) and the row's characters, for every row that has any."""
    for lead in CP932_LEADS:
        text = "".join(character(bytes([lead, trail]), "cp932") for trail in CP932_TRAILS)
        yield "cp932", lead, text
    for row in _CELLS:
        yield "jisx0208", row, "".join(jisx0208(row, cell) for cell in _CELLS)
    for row in _CELLS:
        yield "jisx0212", row, "".join(jisx0212(row, cell) for cell in _CELLS)
    yield "kana", 0, "".join(character(bytes([byte]), "cp932") for byte in range(0xA1, 0xE0))


def make(output: Path) -> None:
    """Writes charsets.json."""
    cases = [
        {"set": name, "row": row, "characters": text} for name, row, text in rows() if text.strip()
    ]
    write_cases(output / "charsets.json", cases)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
