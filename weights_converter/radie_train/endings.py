"""What a mention ends in, as far as its place in the sentence depends on it.

A noun does not stand where a verb did: 増大を認めます may become 縮小を認めます, not
変わりませんを認めます. Only types that are written in several of these forms are told apart.
"""

from __future__ import annotations

import re

_TYPES = frozenset({"Change_descriptor", "Characteristics_descriptor", "Size_descriptor"})
_NOUNS = re.compile(r"(新た|横ばい|[一二三四五六七八九0-9]つ|ずつ)$")
# By what the last words are; the first that fits.
_CLASSES = (
    ("polite", re.compile(r"(ます|ません|ました|です|でした)$")),
    ("none", re.compile(r"なし$")),
    ("adverb", re.compile(r"(く|ず|に|から)$")),
    ("adjective", re.compile(r"な$")),
    ("plain", re.compile(r"([いうすつたるむ]|べき)$")),
    ("continued", re.compile(r"[えけしちてでみりれ]$")),
)


def ending_of(entity_type: str, surface: str) -> str:
    """The class of a mention's ending; one and the same for all of most types."""
    if entity_type not in _TYPES or _NOUNS.search(surface):
        return "noun"
    return next((name for name, pattern in _CLASSES if pattern.search(surface)), "noun")
