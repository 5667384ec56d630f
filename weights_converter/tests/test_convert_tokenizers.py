"""Tokeniser profiles out of transformers' tokeniser folders."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from convert_support import SPECIAL, VOCAB, encoder_tensors, write_checkpoint, write_tagger

from radie_convert import ConversionError, build_model, read_model
from radie_convert.inspect import describe_model
from radie_convert.sentencepiece import pieces_of
from radie_convert.tokenizer import tokenizer_settings

GOLDEN = Path(__file__).resolve().parents[2] / "tests/golden"
SPECIAL_KEYS = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}


def settings_of(config: dict[str, Any], model_config: dict[str, Any] | None = None) -> Any:
    return tokenizer_settings(None, config, VOCAB, "v", "here", model_config)


def japanese(**more: Any) -> dict[str, Any]:
    return {"tokenizer_class": "BertJapaneseTokenizer", **more}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            {"word_tokenizer_type": "mecab", "mecab_kwargs": {"mecab_dic": "ipadic"}},
            {"profile": "bert-ja-mecab-ipadic", "dictionary": "ipadic"},
        ),
        (
            {"word_tokenizer_type": "mecab", "mecab_kwargs": {"mecab_dic": "unidic_lite"}},
            {"profile": "bert-ja-mecab-unidic", "dictionary": "unidic_lite"},
        ),
        (
            {"word_tokenizer_type": "mecab", "mecab_kwargs": {"mecab_dic": "unidic"}},
            {"profile": "bert-ja-mecab-unidic", "dictionary": "unidic"},
        ),
        (
            {
                "word_tokenizer_type": "mecab",
                "do_lower_case": True,
                "mecab_kwargs": {
                    "mecab_dic": None,
                    "mecab_option": "-d /usr/lib/mecab/dic/mecab-ipadic-neologd",
                    "normalize_text": False,
                },
            },
            {
                "profile": "bert-ja-mecab-unidic",
                "dictionary": "mecab-ipadic-neologd",
                "do_lower_case": True,
                "normalize_text": False,
            },
        ),
        (
            {
                "word_tokenizer_type": "mecab",
                "subword_tokenizer_type": "character",
                "mecab_kwargs": {"mecab_dic": "unidic_lite"},
            },
            {"profile": "bert-ja-char", "word_tokenizer": "mecab", "dictionary": "unidic_lite"},
        ),
        (
            {"do_word_tokenize": False, "subword_tokenizer_type": "character"},
            {"profile": "bert-ja-char", "word_tokenizer": "none"},
        ),
        (
            {"word_tokenizer_type": "basic", "subword_tokenizer_type": "character"},
            {"profile": "bert-ja-char", "word_tokenizer": "basic"},
        ),
        ({}, {"profile": "bert-basic", "do_lower_case": False, "tokenize_chinese_chars": False}),
    ],
)
def test_japanese(config: dict[str, Any], expected: dict[str, Any]) -> None:
    found = settings_of(japanese(**config))
    assert {key: found.get(key) for key in expected} == expected
    assert {key: found[key] for key in SPECIAL_KEYS} == SPECIAL_KEYS
    assert ("dictionary" in found) == ("dictionary" in expected)


@pytest.mark.parametrize(
    ("version", "dictionary"),
    [(None, "ipadic"), ("4.45.2", "ipadic"), ("4.46.0", "unidic_lite"), ("5.24.0", "unidic_lite")],
)
def test_a_missing_dictionary_means_what_it_meant_then(
    version: str | None, dictionary: str
) -> None:
    model_config = {"tokenizer_class": "BertJapaneseTokenizer"}
    if version:
        model_config["transformers_version"] = version
    found = settings_of({"word_tokenizer_type": "mecab"}, model_config)
    assert found["dictionary"] == dictionary


@pytest.mark.parametrize(
    ("config", "part"),
    [
        (japanese(word_tokenizer_type="sudachi"), "words by 'sudachi'"),
        (japanese(word_tokenizer_type="jumanpp"), "words by 'jumanpp'"),
        (japanese(subword_tokenizer_type="sentencepiece"), "subwords by 'sentencepiece'"),
        (japanese(do_word_tokenize=False), "words by 'none'"),
        (
            japanese(word_tokenizer_type="mecab", mecab_kwargs={"mecab_option": "-u my.dic"}),
            "options for MeCab",
        ),
        (
            japanese(word_tokenizer_type="mecab", mecab_kwargs={"mecab_dic": "../x"}),
            "is no name",
        ),
        ({"tokenizer_class": "AlbertTokenizer"}, "say which profile to use"),
        ({}, "say which profile to use"),
    ],
)
def test_what_no_profile_does_is_refused(config: dict[str, Any], part: str) -> None:
    with pytest.raises(ConversionError, match=part):
        settings_of(config)


@pytest.mark.parametrize(
    ("sidecar", "part"),
    [
        ({"profile": "bert-ja-char", "word_tokenizer": "mecab"}, "needs the dictionary"),
        ({"profile": "bert-ja-char", "word_tokenizer": "juman"}, "one of none, basic, mecab"),
        ({"profile": "uth-bert", "dictionary": "/usr/lib/x"}, "is no name"),
        ({"profile": "uth-bert", "unk_token": "[NONE]"}, "not in the vocabulary"),
    ],
)
def test_a_sidecar_that_contradicts_itself(sidecar: dict[str, Any], part: str) -> None:
    with pytest.raises(ConversionError, match=part):
        tokenizer_settings(sidecar, {}, VOCAB, "v", "here")


def test_uth_bert_needs_only_its_name() -> None:
    found = tokenizer_settings({"profile": "uth-bert"}, {}, VOCAB, "v", "here")
    expected = {"profile": "uth-bert", "vocab": "v", "max_input_chars_per_word": 200}
    assert found == {**expected, **SPECIAL_KEYS}


def write_sentencepiece(folder: Path, config: dict[str, Any], rows: int) -> Path:
    """A random encoder with the golden SentencePiece model."""
    write_checkpoint(folder, encoder_tensors(rows), vocab=None, sidecar={})
    (folder / "spiece.model").write_bytes((GOLDEN / "sentencepiece_small.model").read_bytes())
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_sentencepiece(tmp_path: Path) -> None:
    model = (GOLDEN / "sentencepiece_small.model").read_bytes()
    pieces = pieces_of(model, "golden")
    assert pieces[:5] == ["<unk>", "<s>", "</s>", "[CLS]", "[SEP]"]
    config = {
        "tokenizer_class": "T5Tokenizer",
        "extra_ids": 2,
        "do_lower_case": True,
        "added_tokens_decoder": {"0": {"content": "<unk>"}, "402": {"content": "[MASK]"}},
    }
    folder = write_sentencepiece(tmp_path / "e", config, len(pieces) + 3)
    build_model(tmp_path / "m.radie", encoder=folder)
    metadata, _ = read_model(tmp_path / "m.radie")
    assert metadata["vocab.encoder"] == [*pieces, "<extra_id_1>", "<extra_id_0>", "[MASK]"]
    assert base64.b64decode(metadata["sentencepiece.encoder"]) == model
    assert metadata["encoder"]["tokenizer"] == {
        "profile": "sentencepiece",
        "vocab": "encoder",
        "unk_token": "<unk>",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "do_lower_case": True,
    }
    assert f"sentencepiece.encoder: {len(model)} bytes" in describe_model(tmp_path / "m.radie")


def test_xlm_roberta_shifts_its_ids(tmp_path: Path) -> None:
    pieces = pieces_of((GOLDEN / "sentencepiece_small.model").read_bytes(), "golden")
    config = {"tokenizer_class": "XLMRobertaTokenizerFast"}
    folder = write_sentencepiece(tmp_path / "e", config, len(pieces) + 2)
    build_model(tmp_path / "m.radie", encoder=folder)
    metadata, _ = read_model(tmp_path / "m.radie")
    wanted = ["<s>", "<pad>", "</s>", "<unk>", *pieces[3:], "<mask>"]
    assert metadata["vocab.encoder"] == wanted
    assert metadata["encoder"]["tokenizer"]["cls_token"] == "<s>"


def test_xlm_roberta_with_added_tokens(tmp_path: Path) -> None:
    pieces = pieces_of((GOLDEN / "sentencepiece_small.model").read_bytes(), "golden")
    mask = len(pieces) + 1
    config = {
        "tokenizer_class": "XLMRobertaTokenizer",
        "added_tokens_decoder": {
            "0": {"content": "<s>"},
            str(mask): {"content": "<mask>"},
            str(mask + 2): {"content": "</e>"},
            str(mask + 1): {"content": "<e>"},
        },
    }
    folder = write_sentencepiece(tmp_path / "e", config, mask + 3)
    build_model(tmp_path / "m.radie", encoder=folder)
    metadata, _ = read_model(tmp_path / "m.radie")
    assert metadata["vocab.encoder"][mask - 1 :] == [pieces[-1], "<mask>", "<e>", "</e>"]


def test_sentencepiece_without_its_model(tmp_path: Path) -> None:
    folder = write_sentencepiece(tmp_path / "e", {"tokenizer_class": "T5Tokenizer"}, 500)
    (folder / "spiece.model").unlink()
    with pytest.raises(ConversionError, match=r"has no spiece\.model"):
        build_model(tmp_path / "m.radie", encoder=folder)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "no piece"),
        (b"\x0a\x7fabc", "cut off"),
        (b"\xff" * 20, "damaged"),
        (b"\x0a\x03\x0a\x01a\x12\x02\x18\x02", "algorithm is number 2"),
        (b"\x0a\x03\x0a\x01\xff", "damaged"),
        (b"\x0b", "damaged"),
    ],
)
def test_damaged_sentencepiece(data: bytes, part: str) -> None:
    with pytest.raises(ConversionError, match=part):
        pieces_of(data, "here")


def test_a_tagger_with_mecab(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "ner", sidecar={})
    config = japanese(word_tokenizer_type="mecab", mecab_kwargs={"mecab_dic": "unidic_lite"})
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    build_model(tmp_path / "m.radie", tagger=folder)
    tokenizer = read_model(tmp_path / "m.radie")[0]["entities"]["tokenizer"]
    assert tokenizer["profile"] == "bert-ja-mecab-unidic"
    assert tokenizer["unk_token"] == SPECIAL[1]
