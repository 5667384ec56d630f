"""Every tokeniser profile against transformers, live: ids, tokens, and offsets that hold.

usage: tokenizer_parity.py RADIE_COMMAND [--reports FILE.jsonl …]      exit 1 on any difference

Lines: the invented corpus, transformers' awkward cases and random Unicode; with --reports (or
RADIE_REPORTS, paths joined by ":") also the lines of reports of one's own ({"text"} a line), of
which nothing is printed. Left out are lines that spell a special token, which transformers takes
for one, and for MeCab lines with a NUL, at which its MeCab stops reading.

SentencePiece is compared with the sentencepiece package, which transformers' own tokenisers were
made to follow; where T5Tokenizer (the Rust one) differs from that package, the script counts it and
says so, without failing.
"""

import argparse
import collections
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/golden"))
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import fugashi  # noqa: E402
import ipadic  # noqa: E402
import numpy as np  # noqa: E402
import sentencepiece  # noqa: E402
import transformers  # noqa: E402
import unidic_lite  # noqa: E402
from golden_sentences import all_texts  # noqa: E402
from radie_convert.build import BuildOptions, build_model  # noqa: E402
from radie_convert.encoder import encoder_shapes  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402
from transformers import BertJapaneseTokenizer, T5Tokenizer  # noqa: E402
from transformers.models.bert.tokenization_bert_legacy import BasicTokenizer, WordpieceTokenizer  # noqa: E402

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SPELLED = re.compile(r"\[(PAD|UNK|CLS|SEP|MASK)\]|</?s>|<unk>|<pad>")
WHITE_SPACE = "".join(
    map(
        chr,
        [
            *range(9, 14),
            0x20,
            0x85,
            0xA0,
            0x1680,
            *range(0x2000, 0x200B),
            0x2028,
            0x2029,
            0x202F,
            0x205F,
            0x3000,
        ],
    )
)
AWKWARD = [
    "こんにちは、世界。\nこんばんは、世界。",
    "アップルストアでiPhone８ が  \n 発売された　。",
    "ﾊﾝｶｸｶﾀｶﾅとＺＥＮＫＡＫＵ",
    "ΑΣ ΟΔΥΣΣΕΥΣ ς",
    "İstanbul ẞ ǅ",
    "令和6年、平成31年",
    "㍻㋿㈱㌔①Ⅻ½",
    "…‥、。・",
    "　　字下げ",
    "a\u3000b\u00a0c\u2003d",
    "\r\n\x0b\x0c\x1c\x85",
    "\u200b\ufeff\u00ad\u2060",
    "x" * 200,
    "肺" * 200,
    "ｱ" * 200,
    "é" * 100,
    "e\u0301" * 101,
    "👨‍👩‍👧‍👦🇯🇵👍🏽",
    "𠮷野家で𩸽を𠮟る",
    "か\u3099か\u309a\u3099",
    "葛\U000e0100城",
    "##able a##b",
    "``quoted'' ~～〜",
    "▁ ▁a",
    "1,234,567.8 mm",
    "http://example.org/?a=b&c",
    "\u0378\ufdd0",
    "\u1112\u1161\u11ab 한글",
    "\x01\x02\x7f\x9f",
    " 先頭と末尾 ",
    "\t",
    " ",
    "",
    "﷽ﷺ",
    "ﬀﬃ",
    "\u0344\u212b\u2126",
    "ｶ\uff9eﾊ\uff9f\uff9e",
    "①" * 60,
    "㎜" * 120,
]


def corpus_lines() -> list[str]:
    """Lines of the invented reports, their annotation marks taken out."""
    lines = []
    for path in sorted((ROOT / "weights_converter/corpus").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("=", "-", "#")):
                lines.append(re.sub(r"⟦[A-Z]+\d*:|⟧", "", line))
    return lines


def random_lines(count: int, seed: int) -> list[str]:
    """Of code points that this Python's Unicode knows; half are mostly Japanese."""
    rng = random.Random(seed)
    blocks = [
        (0x20, 0x7F),
        (0xA0, 0x250),
        (0x300, 0x370),
        (0x370, 0x530),
        (0x1100, 0x1200),
        (0x2000, 0x2100),
        (0x2100, 0x2600),
        (0x2E80, 0x3000),
        (0x3000, 0x3100),
        (0x3200, 0x3400),
        (0x4E00, 0xA000),
        (0xAC00, 0xD7A4),
        (0xF900, 0xFB00),
        (0xFE00, 0x10000),
        (0x1F300, 0x1F700),
        (0x20000, 0x20100),
        (0x1, 0x20),
    ]
    japanese = [
        (0x3040, 0x3100),
        (0x4E00, 0x9000),
        (0xFF01, 0xFFA0),
        (0x30, 0x3A),
        (0x3000, 0x3003),
        (0x20, 0x21),
        (0x3099, 0x309D),
    ]
    lines = []
    for number in range(count):
        chosen = japanese if number % 2 else blocks
        characters = []
        while len(characters) < rng.randrange(1, 40):
            character = chr(rng.randrange(*rng.choice(chosen)))
            if unicodedata.category(character) not in ("Cn", "Cs", "Co"):
                characters.append(character)
        lines.append("".join(characters))
    return lines


def report_lines(paths: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for path in paths:
        for record in Path(path).read_text(encoding="utf-8").splitlines():
            text = json.loads(record)["text"]
            lines += [text, *text.splitlines()]
    return lines


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


def run_radie(
    command: str, case: Case, lines: list[str], work: Path
) -> list[list[dict[str, object]]]:
    source = work / "lines.jsonl"
    source.write_text(
        "".join(json.dumps({"text": line}) + "\n" for line in lines), encoding="utf-8"
    )
    done = subprocess.run(
        [command, "tokenize", *case.arguments, "--format", "jsonl", str(source)],
        check=True,
        capture_output=True,
    )
    return [json.loads(line)["tokens"] for line in done.stdout.decode("utf-8").split("\n")[:-1]]


def offsets_hold(text: str, tokens: list[dict[str, object]], unknown: str, case: Case) -> bool:
    last = (0, 0)
    for token in tokens:
        start, end = int(str(token["start"])), int(str(token["end"]))
        if not 0 <= start < end <= len(text) or start < last[0] or end < last[1]:
            return False
        last = (start, end)
        piece = str(token["text"]).removeprefix("##").removeprefix("▁")
        if str(token["text"]) != unknown and piece not in case.fold(text[start:end]):
            return False
    return True


def compare(command: str, case: Case, lines: list[str], work: Path, unknown: str) -> int:
    used = [line for line in lines if not case.skips(line)]
    begin = time.process_time()
    expected = [case.tokenize(line) for line in used]
    seconds = time.process_time() - begin
    found = run_radie(command, case, used, work)
    assert len(found) == len(used), f"{case.name}: {len(found)} records for {len(used)} lines"
    different = loose = ties = 0
    shown = {*AWKWARD, *all_texts()}  # reports are not shown
    for line, (tokens, ids), ours in zip(used, expected, found, strict=True):
        same = [t["id"] for t in ours] == ids and [t["text"] for t in ours] == tokens
        if (
            not same
            and case.score
            and abs(case.score([int(str(t["id"])) for t in ours]) - case.score(ids)) < 1e-4
        ):
            same = True
            ties += 1
        different += not same
        held = offsets_hold(line, ours, unknown, case)
        loose += not held
        if not (same and held) and line in shown:
            print(f"  {line!r}: {tokens} {[t['text'] for t in ours]}")
    megabytes = sum(len(line.encode("utf-8", "replace")) for line in used) / 1e6
    tied = f", {ties} split otherwise at the same score" if case.score else ""
    print(
        f"{case.name}: {len(used)} lines, {different} differ{tied}, "
        f"{loose} with offsets that do not hold (the reference read {megabytes / seconds:.2f} MB/s)"
    )
    return different + loose


def write_vocab(path: Path, vocab: list[str]) -> dict[str, int]:
    path.write_text("".join(token + "\n" for token in vocab), encoding="utf-8", newline="\n")
    return {token: i for i, token in enumerate(vocab)}


def known(
    tokens: list[str], ids: dict[str, int], unknown: str = "[UNK]"
) -> tuple[list[str], list[int]]:
    numbers = [ids.get(token, ids[unknown]) for token in tokens]
    return [token if token in ids else unknown for token in tokens], numbers


def nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


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
                    lambda text, t=theirs, ids=ids: known(t.tokenize(text), ids),
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
                lambda text, t=theirs, ids=ids: known(t.tokenize(text), ids),
                with_nul if kind == "mecab" else spelled,
                nfkc,
                theirs,
            )
        )
    return cases


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
                lambda text, b=basic, p=pieces, ids=ids: known(
                    [t for w in b.tokenize(text) for t in p.tokenize(w)], ids
                ),
                spelled,
                fold,
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
        return processor.normalize(text).replace("▁", " ") + " " + processor.normalize(text)

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


def model_cases(work: Path, cases: list[Case]) -> list[Case]:
    """Cases once more by way of the folder that transformers saves, radie-convert and the model
    file."""
    made = []
    for case, name in ((c, f"model{i}") for i, c in enumerate(cases) if c.saved is not None):
        folder = work / name
        case.saved.save_pretrained(str(folder))
        if (work / "t5/spiece.model").exists() and isinstance(case.saved, T5Tokenizer):
            shutil.copy(work / "t5/spiece.model", folder)
        rows = len(case.saved)
        settings = {
            "model_type": "bert",
            "hidden_size": 4,
            "num_hidden_layers": 1,
            "num_attention_heads": 1,
            "intermediate_size": 4,
            "max_position_embeddings": 8,
            "type_vocab_size": 1,
            "hidden_act": "gelu",
            "layer_norm_eps": 1e-12,
            "vocab_size": rows,
            "transformers_version": transformers.__version__,
        }
        (folder / "config.json").write_text(json.dumps(settings))
        tensors = {n: np.zeros(shape, np.float32) for n, shape in encoder_shapes(settings).items()}
        save_file(tensors, str(folder / "model.safetensors"))
        path = work / f"{name}.radie"
        build_model(
            path, encoder=folder, options=BuildOptions(normalization="none", sentences="none")
        )
        dictionary = (
            case.arguments[case.arguments.index("--dictionary") :][:2]
            if "--dictionary" in case.arguments
            else []
        )
        made.append(
            case._replace(
                name=case.name + ", converted", arguments=["--model", str(path), *dictionary]
            )
        )
    return made


def spelled(text: str) -> bool:
    return bool(SPELLED.search(text))


def with_nul(text: str) -> bool:
    return "\0" in text or spelled(text)


def clean(text: str) -> str:
    return "".join(c for c in text if c != "\ufffd" and not unicodedata.category(c).startswith("C"))


def bare(text: str) -> str:
    """Lower case without accents, as the uncased tokeniser leaves it; both sigmas count."""
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFC", clean(text)).lower())
    kept = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    return kept + kept.replace("ς", "σ") + kept.replace("σ", "ς")


def against_t5(case: Case, lines: list[str]) -> None:
    theirs = case.saved
    used = [line for line in lines if not case.skips(line)]
    differ = sum(
        theirs(line, add_special_tokens=False)["input_ids"] != case.tokenize(line)[1]
        for line in used
    )
    print(
        "sentencepiece: transformers' T5Tokenizer itself differs from the sentencepiece package "
        f"on {differ} of {len(used)} lines"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("radie")
    parser.add_argument(
        "--reports",
        nargs="*",
        default=[p for p in os.environ.get("RADIE_REPORTS", "").split(":") if p],
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="the cases whose name has it")
    options = parser.parse_args()
    corpus = corpus_lines()
    lines = [
        *corpus[::5],
        *AWKWARD,
        *all_texts(),
        *random_lines(1200, 41),
        *report_lines(options.reports),
    ]
    assert len(lines) >= 3000, len(lines)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        cases = [
            *basic_cases(work, corpus),
            *japanese_cases(work, corpus),
            *uth_cases(work, corpus),
            sentencepiece_case(work, corpus),
        ]
        for case in [*cases, *model_cases(work, cases)]:
            if options.only not in case.name:
                continue
            # A model's sentence has no white space at its ends.
            used = (
                [line.strip(WHITE_SPACE) for line in lines]
                if "--model" in case.arguments
                else lines
            )
            failed += compare(options.radie, case, used, work, "<unk>" if case.score else "[UNK]")
        against_t5(cases[-1], lines)
    print("tokenizers agree" if not failed else f"{failed} lines differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
