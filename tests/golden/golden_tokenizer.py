"""`tokenizer_*.jsonl` and `vocab_*.txt`: what transformers' tokenisers make of every text.

The reference for `bert-basic` is the algorithm in Python (BasicTokenizer, WordpieceTokenizer):
the one BERT was published with. Where the Rust backend gives other tokens, the line has them
under `fast`.
"""

import collections
import unicodedata
from pathlib import Path
from typing import Any

from transformers import BertJapaneseTokenizer, BertTokenizer
from transformers.models.bert.tokenization_bert_legacy import BasicTokenizer, WordpieceTokenizer
from transformers.models.bert_japanese.tokenization_bert_japanese import CharacterTokenizer

from golden_json import write_lines
from golden_sentences import all_texts, plain_sentences

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_VOCAB_SEED = 11
_SUBWORDS = 1500


def make(output: Path) -> None:
    """Writes the vocabularies and the three files, and one without CJK spacing."""
    texts = all_texts()
    _write_vocab(output / "vocab_char.txt", char_vocab())
    _make_char(output, texts)
    for name, vocab_name, options in (
        ("cased", "cased", {"do_lower_case": False, "tokenize_chinese_chars": True}),
        ("uncased", "uncased", {"do_lower_case": True, "tokenize_chinese_chars": True}),
        ("no_cjk_spacing", "cased", {"do_lower_case": False, "tokenize_chinese_chars": False}),
    ):
        vocab = wordpiece_vocab(lower=vocab_name == "uncased")
        _write_vocab(output / f"vocab_{vocab_name}.txt", vocab)
        some = texts[::3] if name == "no_cjk_spacing" else texts
        _make_wordpiece(output / f"tokenizer_wordpiece_{name}.jsonl", vocab, options, some)


def char_vocab() -> list[str]:
    """The characters of the invented sentences, less every ninth, so that some are unknown."""
    counts = collections.Counter(
        character
        for sentence in plain_sentences(300, _VOCAB_SEED)
        for character in unicodedata.normalize("NFKC", sentence)
        if character not in "\n\r"
    )
    ranked = sorted(counts, key=lambda character: (-counts[character], character))
    return [*_SPECIAL, *(c for rank, c in enumerate(ranked) if rank % 9 != 8)]


def wordpiece_vocab(lower: bool) -> list[str]:
    """Characters of the sentences, bare and as `##`, and their more frequent subwords."""
    basic = BasicTokenizer(do_lower_case=lower, tokenize_chinese_chars=True)
    whole = BasicTokenizer(do_lower_case=lower, tokenize_chinese_chars=False)
    characters: set[str] = set()
    counts: collections.Counter[str] = collections.Counter()
    for sentence in plain_sentences(300, _VOCAB_SEED):
        words = basic.tokenize(sentence) + whole.tokenize(sentence)
        for word in words:
            characters.update(word)
            for begin in range(len(word)):
                for end in range(begin + 2, min(begin + 9, len(word) + 1)):
                    counts[("##" if begin else "") + word[begin:end]] += 1
    kept = [c for rank, c in enumerate(sorted(characters)) if rank % 17 != 16]
    ranked = sorted(counts, key=lambda piece: (-counts[piece] * len(piece), piece))[:_SUBWORDS]
    return [*_SPECIAL, *kept, *("##" + c for c in kept), *sorted(set(ranked))]


def _make_char(output: Path, texts: list[str]) -> None:
    vocab = char_vocab()
    ids = {token: position for position, token in enumerate(vocab)}
    tokenizer = BertJapaneseTokenizer(
        str(output / "vocab_char.txt"),
        do_word_tokenize=False,
        subword_tokenizer_type="character",
    )
    characters = CharacterTokenizer(ids, "[UNK]")
    records = []
    for text in texts:
        tokens = characters.tokenize(text)
        # Text that spells a special token stays text, as it does in radie.
        if not any(special in text for special in _SPECIAL):
            assert tokens == tokenizer.tokenize(text), text
        records.append(_record(text, tokens, ids))
    write_lines(output / "tokenizer_char.jsonl", records)


def _make_wordpiece(
    path: Path, vocab: list[str], options: dict[str, bool], texts: list[str]
) -> None:
    ids = {token: position for position, token in enumerate(vocab)}
    basic = BasicTokenizer(**options)
    pieces = WordpieceTokenizer(ids, "[UNK]")
    fast = BertTokenizer(vocab=ids, **options)
    records = []
    for text in texts:
        tokens = [piece for word in basic.tokenize(text) for piece in pieces.tokenize(word)]
        record = _record(text, tokens, ids)
        other = fast.tokenize(text)
        if other != tokens:
            record["fast"] = other
        records.append(record)
    write_lines(path, records)


def _record(text: str, tokens: list[str], ids: dict[str, int]) -> dict[str, Any]:
    return {"text": text, "ids": [ids[token] for token in tokens], "tokens": tokens}


def _write_vocab(path: Path, vocab: list[str]) -> None:
    assert len(set(vocab)) == len(vocab)
    path.write_text("".join(token + "\n" for token in vocab), encoding="utf-8", newline="\n")
