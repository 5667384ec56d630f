"""Writes the golden files of the Japanese tokenisers: MeCab, characters, UTH-BERT, SentencePiece.

    python tests/golden/make_japanese_golden.py --output tests/golden

Needs transformers, fugashi, ipadic, neologdn, jaconv and sentencepiece, but no PyTorch.
"""

import argparse
import collections
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sentencepiece
from transformers import BertJapaneseTokenizer

import golden_uth
from golden_json import write_lines
from golden_sentences import all_texts, plain_sentences

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_SEED = 23
_MORE = (
    "令状と令息", "大きさ1,234mm、1,234,567個", "１，２３４", "A ～あ", "カ゛ハ゜",
    "スーパーーーー", "o₋-−o", "検索 エンジン 自作", "CT 画像 CT 画像", "Coding the Matrix",
    "“quoted” ‘text’ ¥100", "a,b，c", "ＡＢＣ　ｄｅｆ", "ΑΣ ΟΔΥΣΣΕΥΣ", "İstanbul", "㌔㍉㌢",
    "ﾊﾟｰｷﾝｿﾝ病", "右肺上葉\r\n左肺下葉", "すもももももももものうち",
)  # fmt: skip
# Text → what stands for it: enough of NFKC to try every way a table can change offsets.
_RULES = {
    "㎜": "mm", "①": "1", "…": "...", "½": "1/2", "　": " ", "ﾊﾞ": "バ", "ﾊ": "ハ", "ﾟ": "",
    "\t": " ", "\n": " ", "Ａ": "A", "Ｂ": "B", "Ｓ": "S", "か\u3099": "が", "㍿": "株式会社",
    "\u200b": "",
}  # fmt: skip


def texts() -> list[str]:
    """Every third of the shared texts and the lines above.

    None spells a special token, which transformers would take out first; none has a NUL, at which
    its MeCab stops reading; none has 令和, which Debian's ipadic knows and PyPI's does not.
    """
    given = [*_MORE, *all_texts()[::3]]
    return [t for t in given if not any(s in t for s in (*_SPECIAL, "\0", "令和"))]


def make(output: Path) -> None:
    """Writes every file."""
    lines = texts()
    cases: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("mecab_ipadic", "cased", {"word_tokenizer_type": "mecab"}),
        ("mecab_ipadic_lower", "uncased", {"word_tokenizer_type": "mecab", "do_lower_case": True}),
        (
            "ja_char_mecab",
            "char",
            {"word_tokenizer_type": "mecab", "subword_tokenizer_type": "character"},
        ),
        ("ja_char", "char", {"do_word_tokenize": False, "subword_tokenizer_type": "character"}),
        (
            "ja_char_basic",
            "char",
            {"word_tokenizer_type": "basic", "subword_tokenizer_type": "character"},
        ),
    )
    for name, vocab, options in cases:
        if options.get("word_tokenizer_type") == "mecab":
            options["mecab_kwargs"] = {"mecab_dic": "ipadic"}
        tokenizer = BertJapaneseTokenizer(str(output / f"vocab_{vocab}.txt"), **options)
        _write(output / f"tokenizer_{name}.jsonl", lines, tokenizer.tokenize, dict(tokenizer.vocab))
    _make_uth(output, lines)
    _make_sentencepiece(output, lines)


def _make_uth(output: Path, lines: list[str]) -> None:
    mecab = golden_uth.tagger()
    counts: collections.Counter[str] = collections.Counter()
    for sentence in plain_sentences(200, _SEED):
        for word in golden_uth.words(golden_uth.preprocessed(sentence), mecab):
            counts[word] += 1
            counts.update(("##" if i else "") + c for i, c in enumerate(word))
    ranked = sorted(counts, key=lambda piece: (-counts[piece], piece))
    vocab = [*_SPECIAL, *(piece for rank, piece in enumerate(ranked) if rank % 19 != 18)][:600]
    text = "".join(token + "\n" for token in vocab)
    (output / "vocab_uth.txt").write_text(text, encoding="utf-8", newline="\n")
    ids = {token: i for i, token in enumerate(vocab)}
    _write(output / "tokenizer_uth.jsonl", lines, golden_uth.tokenizer(ids), ids)


def _make_sentencepiece(output: Path, lines: list[str]) -> None:
    rules = output / "rules.tsv.partial"
    rules.write_text(
        "".join(
            " ".join(f"{ord(c):X}" for c in source)
            + "\t"
            + " ".join(f"{ord(c):X}" for c in target)
            + "\n"
            for source, target in _RULES.items()
        ),
        encoding="utf-8",
    )
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(plain_sentences(300, _SEED)),
            model_writer=model,
            model_type="unigram",
            vocab_size=400,
            character_coverage=0.99,
            normalization_rule_tsv=str(rules),
            unk_id=0,
            bos_id=1,
            eos_id=2,
            user_defined_symbols=["[CLS]", "[SEP]"],
            num_threads=1,
            minloglevel=2,
        )
    finally:
        rules.unlink()
    (output / "sentencepiece_small.model").write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    records = ({"text": line, "ids": processor.encode(line, out_type=int)} for line in lines)
    write_lines(output / "tokenizer_sentencepiece.jsonl", records)


def _write(
    path: Path, lines: list[str], tokenize: Callable[[str], list[str]], ids: dict[str, int]
) -> None:
    unknown = ids["[UNK]"]
    write_lines(
        path,
        ({"text": t, "ids": [ids.get(token, unknown) for token in tokenize(t)]} for t in lines),
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Writes the files into the folder given."""
    parser = argparse.ArgumentParser(
        description="Writes the golden files of the Japanese tokenisers."
    )
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    make(parser.parse_args(argv).output)


if __name__ == "__main__":
    main()
