"""Reading a checkpoint's vocabulary: a list of tokens, position = id."""

import json
from pathlib import Path
from typing import Any

from radie_convert.errors import ConversionError


def read_vocab(folder: Path) -> list[str] | None:
    """The vocabulary of a checkpoint folder, or None when it has none.

    Read from the first that exists: `vocab.json` (a JSON array, which can hold a line feed),
    `vocab.txt` (one token a line), `tokenizer.json`. Tokens of `added_tokens.json` follow.
    """
    for name, read in (
        ("vocab.json", _read_array),
        ("vocab.txt", _read_lines),
        ("tokenizer.json", _read_tokenizer),
    ):
        path = folder / name
        if path.is_file():
            tokens = read(path)
            break
    else:
        return None
    added = folder / "added_tokens.json"
    if added.is_file():
        tokens = _extended(tokens, _load(added), added)
    _check(tokens, path)
    return tokens


def added_tokens(folder: Path, tokenizer_config: dict[str, Any]) -> list[str]:
    """The tokens a tokenizer was given later, in order of their ids."""
    ids: dict[str, int] = {}
    added = folder / "added_tokens.json"
    if added.is_file():
        value = _load(added)
        if not isinstance(value, dict) or not all(isinstance(i, int) for i in value.values()):
            raise ConversionError(f"{added} must hold a JSON object from token to id")
        ids.update(value)
    decoder = tokenizer_config.get("added_tokens_decoder")
    if isinstance(decoder, dict):
        for key, token in decoder.items():
            if isinstance(token, dict) and str(key).isdigit():
                ids[str(token.get("content"))] = int(key)
    return [token for token, _ in sorted(ids.items(), key=lambda item: item[1])]


def _read_lines(path: Path) -> list[str]:
    # Only a line feed ends a token: U+2028 and its like may be one.
    lines = path.read_text(encoding="utf-8").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _read_array(path: Path) -> list[str]:
    value = _load(path)
    if isinstance(value, dict):
        return _extended([], value, path)
    if not isinstance(value, list) or not all(isinstance(token, str) for token in value):
        raise ConversionError(f"{path} must hold a JSON array of strings")
    return value


def _read_tokenizer(path: Path) -> list[str]:
    value = _load(path)
    model = value.get("model") if isinstance(value, dict) else None
    if not isinstance(model, dict) or model.get("type") != "WordPiece":
        raise ConversionError(
            f"{path} is no WordPiece tokenizer; add the vocabulary as vocab.txt (or, of a "
            "SentencePiece tokenizer, spiece.model)"
        )
    tokens = _extended([], model.get("vocab"), path)
    added = {
        entry["content"]: entry["id"]
        for entry in value.get("added_tokens", [])
        if entry["id"] >= len(tokens)
    }
    return _extended(tokens, added, path)


def _extended(tokens: list[str], ids: Any, path: Path) -> list[str]:
    """The tokens followed by those of a token → id object, whose ids must go on without a gap."""
    if not isinstance(ids, dict) or not all(isinstance(i, int) for i in ids.values()):
        raise ConversionError(f"{path} must hold a JSON object from token to id")
    more = sorted((i, token) for token, i in ids.items() if tokens[i : i + 1] != [token])
    expected = list(range(len(tokens), len(tokens) + len(more)))
    if [i for i, _ in more] != expected:
        raise ConversionError(
            f"{path}: ids must run on from {len(tokens)} without a gap or a repetition"
        )
    return tokens + [token for _, token in more]


def _check(tokens: list[str], path: Path) -> None:
    seen: dict[str, int] = {}
    for position, token in enumerate(tokens):
        if token in seen:
            raise ConversionError(
                f"{path}: token {token!r} stands at {seen[token]} and at {position}; "
                "a token has one id"
            )
        seen[token] = position


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConversionError(f"{path} is not JSON: {error}") from error
