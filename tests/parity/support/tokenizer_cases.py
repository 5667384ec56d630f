"""Each tokeniser profile beside its reference, with a vocabulary made out of the corpus."""

import collections
import io
import unicodedata
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import fugashi
import ipadic
import sentencepiece
import unidic_lite
from transformers import BertJapaneseTokenizer, T5Tokenizer
from transformers.models.bert.tokenization_bert_legacy import BasicTokenizer, WordpieceTokenizer

from support.tokenizer_lines import spelled, with_nul

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


class Case(NamedTuple):
    name: str
    arguments: list[str]  # of `radie tokenize`
    tokenize: Callable[[str], tuple[list[str], list[int]]]
    skips: Callable[[str], bool]
    fold: Callable[[str], str]  # what a piece must be found in, of the text at its offsets
    saved: Any = None  # the tokenizer that transformers can save
    score: Callable[[list[int]], float] | None = (
        None  # of SentencePiece: ids of equal score are both right
    )


def word_pieces(words: Iterable[str], size: int = 8000) -> list[str]:
    """A vocabulary out of words: characters, bare and continued, and frequent words and parts. Some
    characters are missing."""
    counts: collections.Counter[str] = collections.Counter()
    characters: set[str] = set()
    for word in words:
        characters.update(word)
        for begin in range(len(word)):
            for end in range(begin + 2, min(begin + 7, len(word) + 1)):
                counts[("##" if begin else "") + word[begin:end]] += 1
    kept = [c for rank, c in enumerate(sorted(characters)) if rank % 23 != 22 and not c.isspace()]
    frequent = sorted(counts, key=lambda piece: (-counts[piece] * len(piece), piece))
    pieces = [
        *kept,
        *("##" + c for c in kept),
        *(p for p in frequent if not any(c.isspace() for c in p)),
    ]
    return [*SPECIAL, *dict.fromkeys(pieces)][:size]


def write_vocab(path: Path, vocab: list[str]) -> dict[str, int]:
    path.write_text("".join(token + "\n" for token in vocab), encoding="utf-8", newline="\n")
    return {token: i for i, token in enumerate(vocab)}


def known(
    tokens: list[str], ids: dict[str, int], unknown: str = "[UNK]"
) -> tuple[list[str], list[int]]:
    numbers = [ids.get(token, ids[unknown]) for token in tokens]
    return [token if token in ids else unknown for token in tokens], numbers


def pieces_of_text(tokenizer: Any, ids: dict[str, int], text: str) -> tuple[list[str], list[int]]:
    return known(tokenizer.tokenize(text), ids)


def pieces_of_words(
    words: Any, pieces: Any, ids: dict[str, int], text: str
) -> tuple[list[str], list[int]]:
    return known([t for w in words.tokenize(text) for t in pieces.tokenize(w)], ids)


def nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def clean(text: str) -> str:
    return "".join(c for c in text if c != "\ufffd" and not unicodedata.category(c).startswith("C"))


def bare(text: str) -> str:
    """Lower case without accents, as the uncased tokeniser leaves it; both sigmas count."""
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFC", clean(text)).lower())
    kept = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    return kept + kept.replace("ς", "σ") + kept.replace("σ", "ς")


def basic_cases(work: Path, corpus: list[str]) -> list[Case]:
    """BERT's tokeniser as it was published: BasicTokenizer and WordpieceTokenizer in Python."""
    cases = []
    for lower in (False, True):
        basic = BasicTokenizer(do_lower_case=lower)
        path = work / f"basic{lower}.txt"
        ids = write_vocab(
            path, word_pieces(w for line in corpus[:2000] for w in basic.tokenize(line))
        )
        pieces = WordpieceTokenizer(ids, "[UNK]")
        fold = bare if lower else (lambda text: unicodedata.normalize("NFC", clean(text)))
        cases.append(
            Case(
                f"bert-basic {'uncased' if lower else 'cased'}",
                [
                    "--profile",
                    "bert-basic",
                    "--vocab",
                    str(path),
                    "--lower-case",
                    str(lower).lower(),
                ],
                partial(pieces_of_words, basic, pieces, ids),
                spelled,
                fold,
            )
        )
    return cases


def japanese_cases(work: Path, corpus: list[str]) -> list[Case]:
    cases = []
    folders = {"ipadic": ipadic.DICDIR, "unidic_lite": unidic_lite.DICDIR}
    for profile, dictionary in (
        ("bert-ja-mecab-ipadic", "ipadic"),
        ("bert-ja-mecab-unidic", "unidic_lite"),
    ):
        mecab = fugashi.GenericTagger(f'-d "{folders[dictionary]}" -r /dev/null')
        for lower in (False, True):
            words = [
                w.surface.lower() if lower else w.surface
                for line in corpus[:2000]
                for w in mecab(nfkc(line))
            ]
            path = work / f"{profile}{lower}.txt"
            ids = write_vocab(path, word_pieces(words))
            theirs = BertJapaneseTokenizer(
                str(path),
                word_tokenizer_type="mecab",
                do_lower_case=lower,
                mecab_kwargs={"mecab_dic": dictionary},
            )
            cases.append(
                Case(
                    f"{profile} {'uncased' if lower else 'cased'}",
                    [
                        "--profile",
                        profile,
                        "--vocab",
                        str(path),
                        "--dictionary",
                        folders[dictionary],
                        "--lower-case",
                        str(lower).lower(),
                    ],
                    partial(pieces_of_text, theirs, ids),
                    with_nul,
                    (lambda text: nfkc(text).lower().replace("ς", "σ") + nfkc(text).lower())
                    if lower
                    else nfkc,
                    theirs,
                )
            )
    path = work / "char.txt"
    characters = sorted(
        {c for line in corpus for c in nfkc(line) if not c.isspace() and c not in "[]"}
    )
    ids = write_vocab(path, [*SPECIAL, *(c for i, c in enumerate(characters) if i % 11 != 10)])
    for words_by in ("mecab ipadic", "mecab unidic_lite", "basic", "none"):
        kind, _, dictionary = words_by.partition(" ")
        options = {"do_word_tokenize": kind != "none", "subword_tokenizer_type": "character"}
        arguments = ["--profile", "bert-ja-char", "--vocab", str(path), "--word-tokenizer", kind]
        if kind != "none":
            options["word_tokenizer_type"] = kind
        if dictionary:
            options["mecab_kwargs"] = {"mecab_dic": dictionary}
            arguments += ["--dictionary", folders[dictionary]]
        theirs = BertJapaneseTokenizer(str(path), **options)
        cases.append(
            Case(
                f"bert-ja-char, words by {words_by}",
                arguments,
                partial(pieces_of_text, theirs, ids),
                with_nul if kind == "mecab" else spelled,
                nfkc,
                theirs,
            )
        )
    return cases


def uth_cases(work: Path, corpus: list[str]) -> list[Case]:
    try:
        import golden_uth
    except ImportError as missing:
        print(f"uth-bert: compared with the golden file only ({missing.name} is not installed)")
        return []
    mecab = golden_uth.tagger()
    words = [
        w for line in corpus[:2000] for w in golden_uth.words(golden_uth.preprocessed(line), mecab)
    ]
    path = work / "uth.txt"
    ids = write_vocab(path, word_pieces(words))
    tokenize = golden_uth.tokenizer(ids)
    return [
        Case(
            "uth-bert, on ipadic",
            ["--profile", "uth-bert", "--vocab", str(path), "--dictionary", ipadic.DICDIR],
            lambda text: known(tokenize(text), ids),
            lambda text: False,
            golden_uth.preprocessed,
        )
    ]


def sentencepiece_case(work: Path, corpus: list[str]) -> Case:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus[:4000]),
        model_writer=model,
        model_type="unigram",
        vocab_size=3000,
        character_coverage=0.999,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        control_symbols=["[CLS]", "[SEP]"],
        num_threads=1,
        minloglevel=2,
    )
    folder = work / "t5"
    folder.mkdir()
    path = folder / "spiece.model"
    path.write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())

    def tokenize(text: str) -> tuple[list[str], list[int]]:
        ids = processor.encode(text, out_type=int)
        return [processor.id_to_piece(i) for i in ids], ids

    def fold(text: str) -> str:
        normal: str = processor.normalize(text)
        return normal.replace("▁", " ") + " " + normal

    case = Case(
        "sentencepiece",
        [
            "--profile",
            "sentencepiece",
            "--vocab",
            str(path),
            "--cls-token",
            "[CLS]",
            "--sep-token",
            "[SEP]",
        ],
        tokenize,
        spelled,
        fold,
        T5Tokenizer.from_pretrained(str(folder), extra_ids=0),
        lambda ids: sum(map(processor.get_score, ids)),
    )
    return case
