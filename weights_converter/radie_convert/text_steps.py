"""Steps of normalisation (docs/text.md): checking them, and doing in Python what the library does.

The Python side is made of the packages that the checkpoints were trained with (`unicodedata`,
neologdn, `re`), so that `verify` compares two implementations.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from radie_convert.errors import ConversionError

Step = str | Mapping[str, Any]
Normalization = str | list[Any]

NAMES = ("nfkc", "radiology-ja", "neologdn", "h2z", "newline_to_stop")
PATTERNS = ("cut", "cut_header", "cut_footer")
WIDENED = ("kana", "digits", "ascii")
MAX_STEPS = 16
MAX_PATTERN = 1000
"""Bytes of UTF-8."""

Piece = tuple[str, int, int]
"""A character, and the range of source characters that it came from."""


def check_normalization(value: Any) -> Normalization:
    """A name, or a list of steps; anything else is a `ConversionError`."""
    if value == "none":
        return "none"
    if isinstance(value, str):
        _check_step(value, "text normalization")
        return value
    if not isinstance(value, list) or not value:
        raise ConversionError(
            f"text normalization is {value!r}; a name (none, {', '.join(NAMES)}) or a list of steps"
        )
    if len(value) > MAX_STEPS:
        raise ConversionError(f"text normalization has {len(value)} steps, at most {MAX_STEPS}")
    for number, step in enumerate(value):
        _check_step(step, f"text normalization[{number}]")
    return value


def parse_normalization(text: str) -> Normalization:
    """An option's value: a name, names joined by commas, or a JSON list of steps."""
    if not text.lstrip().startswith("["):
        names = text.split(",")
        return check_normalization(names if len(names) > 1 else text)
    try:
        return check_normalization(json.loads(text))
    except json.JSONDecodeError as error:
        raise ConversionError(f"text normalization is no JSON list: {error}") from error


def describe_normalization(value: Any) -> str:
    """The steps in one line."""
    if not isinstance(value, list):
        return str(value)
    names = []
    for step in value:
        if isinstance(step, Mapping):
            ((name, setting),) = step.items()
            step = f"{name} {json.dumps(setting, ensure_ascii=False)}"
        names.append(str(step))
    return ", ".join(names)


def _check_step(step: Any, where: str) -> None:
    known = ", ".join((*NAMES, *PATTERNS))
    if isinstance(step, str):
        if step in PATTERNS:
            raise ConversionError(f'{where}: {step} needs a pattern: {{"{step}": PATTERN}}')
        if step not in NAMES:
            raise ConversionError(f"{where} is {step!r}; one of {known}")
        return
    if not isinstance(step, Mapping) or len(step) != 1:
        raise ConversionError(f"{where} is {step!r}; a name or an object of one name")
    ((name, setting),) = step.items()
    if name in PATTERNS:
        _check_pattern(setting, f"{where}: {name}")
    elif name == "h2z":
        if not isinstance(setting, list) or not setting or not set(setting) <= set(WIDENED):
            raise ConversionError(f"{where}: h2z is {setting!r}; a list of {', '.join(WIDENED)}")
    elif name in NAMES:
        raise ConversionError(f"{where}: {name} takes no setting; give its name alone")
    else:
        raise ConversionError(f"{where} is {name!r}; one of {known}")


def _check_pattern(pattern: Any, where: str) -> None:
    if not isinstance(pattern, str) or not pattern:
        raise ConversionError(f"{where} is {pattern!r}; a regular expression is expected")
    if len(pattern.encode("utf-8", "surrogatepass")) > MAX_PATTERN:
        raise ConversionError(f"{where}: the pattern is longer than {MAX_PATTERN} bytes")


def apply_steps(steps: Sequence[Step], source: str) -> tuple[str, list[tuple[int, int]] | None]:
    """The text after all steps, and each character's source range.

    The ranges are None where a package does not tell them (neologdn, if it changed anything).
    """
    pieces = [(c, i, i + 1) for i, c in enumerate(source)]
    placed = True
    for step in steps:
        if step == "neologdn":
            text = _joined(pieces)
            folded = _neologdn(text)
            if folded != text:
                pieces, placed = [(c, 0, 0) for c in folded], False
        else:
            pieces = _apply(step, pieces)
    return _joined(pieces), _merged(pieces) if placed else None


def _joined(pieces: Sequence[Piece]) -> str:
    return "".join(c for c, _, _ in pieces)


def _merged(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Ranges that overlap are one piece of the text, and all its characters came from the whole."""
    groups: list[list[int]] = []
    for _, begin, end in pieces:
        if groups and begin < groups[-1][1]:
            groups[-1][1] = max(groups[-1][1], end)
            groups[-1][2] += 1
        else:
            groups.append([begin, end, 1])
    return [(begin, end) for begin, end, count in groups for _ in range(count)]


def _neologdn(text: str) -> str:
    try:
        import neologdn
    except ImportError as error:
        raise ConversionError(
            "the model's normalization has the step neologdn: pip install neologdn"
        ) from error
    folded: str = neologdn.normalize(text)
    return folded


def _apply(step: Step, pieces: list[Piece]) -> list[Piece]:
    if step == "nfkc":
        from radie_train.text import nfkc_pieces

        return nfkc_pieces(pieces)
    if step == "radiology-ja":
        from radie_train.text import normalize

        normal = normalize(_joined(pieces))
        return [
            (c, pieces[begin][1], pieces[end - 1][2])
            for c, (begin, end) in zip(normal.text, normal.source, strict=True)
        ]
    if step == "newline_to_stop":
        return _stops(pieces)
    if step == "h2z":
        step = {"h2z": list(WIDENED)}
    assert isinstance(step, Mapping)
    ((name, setting),) = step.items()
    return _wide(pieces, setting) if name == "h2z" else _cut(name, setting, pieces)


def _stops(pieces: list[Piece]) -> list[Piece]:
    result: list[Piece] = []
    for i, (c, begin, end) in enumerate(pieces):
        if c == "\n" and i > 0 and pieces[i - 1][0] == "\r":
            result[-1] = ("。", result[-1][1], end)
        else:
            result.append(("。" if c in "\r\n" else c, begin, end))
    return result


_KANA = (
    "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホ"
    "マミムメモヤユヨラリルレロワン"
)
_MARKED = {
    "ﾞ": dict(zip("カキクケコサシスセソタチツテトハヒフヘホウ",
                  "ガギグゲゴザジズゼゾダヂヅデドバビブベボヴ", strict=True)),
    "ﾟ": dict(zip("ハヒフヘホ", "パピプペポ", strict=True)),
}  # fmt: skip


def _wide(pieces: list[Piece], which: Sequence[str]) -> list[Piece]:
    result: list[Piece] = []
    half_kana = ""  # the full-width letter of a half-width one just before
    for c, begin, end in pieces:
        marked = _MARKED.get(c, {}).get(half_kana)
        half_kana = ""
        if marked is not None:
            result[-1] = (marked, result[-1][1], end)
            continue
        if "0" <= c <= "9":
            wide = chr(ord(c) + 0xFEE0) if "digits" in which else c
        elif " " <= c <= "~":
            wide = ("\u3000" if c == " " else chr(ord(c) + 0xFEE0)) if "ascii" in which else c
        elif "\uff61" <= c <= "\uff9d" and "kana" in which:
            wide = half_kana = _KANA[ord(c) - 0xFF61]
        else:
            wide = c
        result.append((wide, begin, end))
    return result


def _cut(name: str, pattern: str, pieces: list[Piece]) -> list[Piece]:
    """Matches are looked for line by line; a line is without its LF or CR LF."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ConversionError(
            f"{name}: Python's re does not read the pattern that ICU does: {error}"
        ) from error
    text = _joined(pieces)
    matches: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        last = start + len(line) == len(text)
        inner = line if last else line.removesuffix("\r")
        matches += [(start + m.start(), start + m.end()) for m in compiled.finditer(inner)]
        start += len(line) + 1
    if not matches:
        return pieces
    if name == "cut_header":
        return pieces[matches[0][1] :]
    if name == "cut_footer":
        return pieces[: matches[0][0]]
    result, done = [], 0
    for begin, end in matches:
        result += pieces[done:begin]
        done = end
    return result + pieces[done:]
