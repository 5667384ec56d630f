"""The demo model's character vocabulary: special tokens, typed markers, characters."""

from __future__ import annotations

from collections.abc import Iterable

from radie_train.schema import ENTITY_TYPES, OBJECT_TYPES

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
SPECIAL = (PAD, UNK, CLS, SEP, MASK)

MARKERS = {
    "head_start": "<{type}>",
    "head_end": "</{type}>",
    "tail_start": "<object:{type}>",
    "tail_end": "</object:{type}>",
}


def marker(role: str, entity_type: str) -> str:
    """The marker token of a role (`head_start` …) for a type."""
    return MARKERS[role].replace("{type}", entity_type)


def all_markers() -> list[str]:
    """Every marker that the layout `tail` can put into a sequence."""
    heads = [marker(r, t) for t in ENTITY_TYPES for r in ("head_start", "head_end")]
    tails = [marker(r, t) for t in OBJECT_TYPES for r in ("tail_start", "tail_end")]
    return heads + tails


def build_vocabulary(texts: Iterable[str]) -> list[str]:
    """Tokens by id. `texts` are normalised; kana, ASCII and Greek are in whether seen or not."""
    characters = {"\n"}
    for first, last in ((0x20, 0x7E), (0x3041, 0x3096), (0x30A1, 0x30FE), (0x3B1, 0x3C9)):
        characters.update(map(chr, range(first, last + 1)))
    for text in texts:
        characters.update(text)
    return [*SPECIAL, *all_markers(), *sorted(characters)]


class Vocabulary:
    """Token ids by token."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.ids = {token: i for i, token in enumerate(tokens)}
        self.pad, self.unk = self.ids[PAD], self.ids[UNK]
        self.cls, self.sep = self.ids[CLS], self.ids[SEP]

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Ids; what is not a token is the unknown token's id."""
        return [self.ids.get(token, self.unk) for token in tokens]
