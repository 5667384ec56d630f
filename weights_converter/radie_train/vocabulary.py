"""The demo model's character vocabulary: special tokens, characters."""

from __future__ import annotations

from collections.abc import Iterable

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
SPECIAL = (PAD, UNK, CLS, SEP, MASK)
UNKNOWN_CHARACTER = "\ufffd"
"""Stands for a character that the vocabulary lacks; it is no token itself, whoever wrote it."""


def build_vocabulary(texts: Iterable[str]) -> list[str]:
    """Tokens by id. `texts` are normalised; kana, ASCII and Greek are in whether seen or not."""
    characters = {"\n"}
    for first, last in ((0x20, 0x7E), (0x3041, 0x3096), (0x30A1, 0x30FE), (0x3B1, 0x3C9)):
        characters.update(map(chr, range(first, last + 1)))
    for text in texts:
        characters.update(text)
    return [*SPECIAL, *sorted(characters - {UNKNOWN_CHARACTER})]


class Vocabulary:
    """Token ids by token."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.ids = {token: i for i, token in enumerate(tokens) if token != UNKNOWN_CHARACTER}
        self.pad, self.unk = self.ids[PAD], self.ids[UNK]
        self.cls, self.sep = self.ids[CLS], self.ids[SEP]

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Ids; what is not a token is the unknown token's id."""
        return [self.ids.get(token, self.unk) for token in tokens]
