"""UTH-BERT's tokeniser put together from the packages it uses: neologdn, jaconv, MeCab (fugashi).

Its dictionary (mecab-ipadic-neologd with J-Medic) is in no package registry; ipadic stands in.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

import fugashi
import ipadic
import jaconv
import neologdn
from transformers.models.bert.tokenization_bert_legacy import WordpieceTokenizer


def preprocessed(text: str) -> str:
    """The text as it goes to MeCab."""
    text = unicodedata.normalize("NFKC", neologdn.normalize(text))
    text = re.sub(r"(\d),(\d+)", r"\1\2", text)
    text = text.replace(",", "、").replace("，", "、")
    text = jaconv.h2z(text, kana=True, digit=True, ascii=True).replace("\u3000", "")
    kept = []
    for character in text.replace(" ", ""):
        category = unicodedata.category(character)
        if character in "\t\n\r" or category == "Zs":
            kept.append(" ")
        elif character not in "\0\ufffd" and category not in ("Cc", "Cf"):
            kept.append(character)
    return "".join(kept)


def tagger() -> fugashi.GenericTagger:
    """MeCab with ipadic."""
    return fugashi.GenericTagger(f'-d "{ipadic.DICDIR}" -r /dev/null')


def words(text: str, mecab: fugashi.GenericTagger) -> list[str]:
    """MeCab's words of a preprocessed text, punctuation apart."""
    return [part for word in mecab(text) for part in _apart(word.surface)]


def tokenizer(vocab: Mapping[str, int]) -> Callable[[str], list[str]]:
    """From a text to its tokens."""
    mecab = tagger()
    pieces = WordpieceTokenizer(vocab, "[UNK]", max_input_chars_per_word=200)

    def tokenize(text: str) -> list[str]:
        return [p for word in words(preprocessed(text), mecab) for p in pieces.tokenize(word)]

    return tokenize


def _apart(word: str) -> list[str]:
    parts: list[str] = []
    joined = False
    for character in word:
        code = ord(character)
        ascii_mark = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
        mark = ascii_mark or unicodedata.category(character).startswith("P")
        if mark or not joined:
            parts.append(character)
        else:
            parts[-1] += character
        joined = not mark
    return parts
