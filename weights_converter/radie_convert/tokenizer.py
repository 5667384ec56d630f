"""A stage's `tokenizer` object: from the sidecar, or from a transformers tokenizer config."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from radie_convert.errors import ConversionError

_BASIC: dict[str, Any] = {
    "do_lower_case": True,
    "strip_accents": None,
    "tokenize_chinese_chars": True,
    "max_input_chars_per_word": 100,
}
_MECAB: dict[str, Any] = {
    "do_lower_case": False,
    "normalize_text": True,
    "max_input_chars_per_word": 100,
    "dictionary": None,
}
_OPTIONS: dict[str, dict[str, Any]] = {
    "char": {},
    "bert-basic": _BASIC,
    "bert-ja-mecab-ipadic": _MECAB,
    "bert-ja-mecab-unidic": _MECAB,
    "bert-ja-char": {
        "do_lower_case": False,
        "normalize_text": True,
        "word_tokenizer": "none",
        "dictionary": None,
    },
    "uth-bert": {"max_input_chars_per_word": 200, "dictionary": None},
    "sentencepiece": {"do_lower_case": False},
}
PROFILES = tuple(_OPTIONS)
SENTENCEPIECE = "sentencepiece"

_SPECIAL = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
_SENTENCEPIECE_SPECIAL = {"unk_token": "<unk>", "cls_token": "[CLS]", "sep_token": "[SEP]"}
_XLM_SPECIAL = {"unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
_DICTIONARY_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
# What `mecab_kwargs` without `mecab_dic` meant: transformers 4.46 took another default.
_UNIDIC_SINCE = (4, 46)

_ADVICE = 'say which profile to use in radie.json: {"tokenizer": {"profile": …}}'


def tokenizer_class(config: Mapping[str, Any], model_config: Mapping[str, Any]) -> str:
    """The tokenizer's class in transformers, without `Fast`; empty when no file names one."""
    kind = config.get("tokenizer_class") or model_config.get("tokenizer_class") or ""
    return str(kind).removesuffix("Fast")


def tokenizer_settings(
    sidecar: Mapping[str, Any] | None,
    config: Mapping[str, Any],
    vocab: Sequence[str],
    vocab_name: str,
    origin: str,
    model_config: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The `tokenizer` object. `sidecar` wins over `config` (tokenizer_config.json) and
    `model_config` (config.json)."""
    given = dict(sidecar) if sidecar else _from_transformers(config, model_config or {}, origin)
    profile = given.get("profile")
    if profile not in PROFILES:
        raise ConversionError(
            f"{origin}: tokenizer profile is {profile!r}; supported are {', '.join(PROFILES)}"
        )
    settings: dict[str, Any] = {"profile": profile, "vocab": vocab_name}
    special = _SENTENCEPIECE_SPECIAL if profile == SENTENCEPIECE else _SPECIAL
    for name, default in special.items():
        token = given.get(name, default)
        if token not in vocab:
            raise ConversionError(f"{origin}: {name} {token!r} is not in the vocabulary")
        settings[name] = token
    settings |= {name: given.get(name, value) for name, value in _OPTIONS[profile].items()}
    _check_words(settings, origin)
    return settings


def _check_words(settings: dict[str, Any], origin: str) -> None:
    words = settings.get("word_tokenizer", "none")
    if words not in ("none", "basic", "mecab"):
        raise ConversionError(f"{origin}: word_tokenizer is {words!r}; one of none, basic, mecab")
    dictionary = settings.get("dictionary")
    if dictionary is None:
        settings.pop("dictionary", None)
        if words == "mecab":
            raise ConversionError(f"{origin}: word_tokenizer mecab needs the dictionary's name")
    elif not isinstance(dictionary, str) or not _DICTIONARY_NAME.fullmatch(dictionary):
        raise ConversionError(
            f"{origin}: dictionary {dictionary!r} is no name (letters, digits, '-', '_', '.'); "
            "radie is told its folder when it runs, by --dictionary"
        )


def _from_transformers(
    config: Mapping[str, Any], model_config: Mapping[str, Any], origin: str
) -> dict[str, Any]:
    kind = tokenizer_class(config, model_config)
    given = {name: _content(config[name]) for name in _SPECIAL if config.get(name)}
    if kind == "BertTokenizer":
        return {"profile": "bert-basic", **_known(config, _BASIC), **given}
    if kind == "BertJapaneseTokenizer":
        return {**_from_japanese(config, model_config, origin), **given}
    if kind == "T5Tokenizer":
        return {"profile": SENTENCEPIECE, **_known(config, ["do_lower_case"]), **given}
    if kind == "XLMRobertaTokenizer":
        return {"profile": SENTENCEPIECE, **_XLM_SPECIAL, **given}
    raise ConversionError(f"{origin}: tokenizer_class is {kind or None!r}; {_ADVICE}")


def _from_japanese(
    config: Mapping[str, Any], model_config: Mapping[str, Any], origin: str
) -> dict[str, Any]:
    words = "none"
    if config.get("do_word_tokenize", True):
        words = config.get("word_tokenizer_type", "basic")
    subwords = "none"
    if config.get("do_subword_tokenize", True):
        subwords = config.get("subword_tokenizer_type", "wordpiece")
    lower = {"do_lower_case": bool(config.get("do_lower_case", False))}
    if words == "mecab" and subwords in ("wordpiece", "character"):
        mecab = _from_mecab(config.get("mecab_kwargs") or {}, model_config, origin)
        if subwords == "character":
            return {"profile": "bert-ja-char", "word_tokenizer": "mecab", **lower, **mecab}
        if mecab["dictionary"] == "ipadic":
            return {"profile": "bert-ja-mecab-ipadic", **lower, **mecab}
        return {"profile": "bert-ja-mecab-unidic", **lower, **mecab}
    if words in ("none", "basic") and subwords == "character":
        return {"profile": "bert-ja-char", "word_tokenizer": words, **lower}
    if words == "basic" and subwords == "wordpiece":
        return {"profile": "bert-basic", "tokenize_chinese_chars": False, **lower}
    raise ConversionError(
        f"{origin}: its BertJapaneseTokenizer splits into words by {words!r} and into subwords by "
        f"{subwords!r}, which no profile of this format version does; {_ADVICE}"
    )


def _from_mecab(
    kwargs: Mapping[str, Any], model_config: Mapping[str, Any], origin: str
) -> dict[str, Any]:
    option = str(kwargs.get("mecab_option") or "").split()
    dictionary = kwargs.get("mecab_dic", _default_dictionary(model_config))
    if dictionary is None and len(option) == 2 and option[0] == "-d":
        dictionary, option = PurePosixPath(option[1].strip("\"'")).name, []
    if dictionary is None or option:
        raise ConversionError(
            f"{origin}: mecab_kwargs has options for MeCab that the format does not keep; say in "
            'radie.json: {"tokenizer": {"profile": "bert-ja-mecab-ipadic", "dictionary": NAME}}'
        )
    return {"dictionary": dictionary, "normalize_text": bool(kwargs.get("normalize_text", True))}


def _default_dictionary(model_config: Mapping[str, Any]) -> str:
    found = re.match(r"(\d+)\.(\d+)", str(model_config.get("transformers_version", "")))
    if found and (int(found[1]), int(found[2])) >= _UNIDIC_SINCE:
        return "unidic_lite"
    return "ipadic"


def _known(config: Mapping[str, Any], names: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
    return {name: config[name] for name in names if name in config}


def _content(token: Any) -> str:
    """A special token as tokenizer_config.json writes it: a string, or an object."""
    return str(token["content"]) if isinstance(token, dict) else str(token)
