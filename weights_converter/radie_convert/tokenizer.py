"""A stage's `tokenizer` object: from the sidecar, or from a transformers tokenizer config."""

from collections.abc import Mapping, Sequence
from typing import Any

from radie_convert.errors import ConversionError

PROFILES = ("char", "bert-basic")

_SPECIAL = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
_BASIC_OPTIONS: dict[str, Any] = {
    "do_lower_case": True,
    "strip_accents": None,
    "tokenize_chinese_chars": True,
    "max_input_chars_per_word": 100,
}


def tokenizer_settings(
    sidecar: Mapping[str, Any] | None,
    config: Mapping[str, Any],
    vocab: Sequence[str],
    vocab_name: str,
    origin: str,
) -> dict[str, Any]:
    """The `tokenizer` object. `sidecar` wins over `config` (tokenizer_config.json)."""
    given = dict(sidecar) if sidecar else _from_transformers(config, origin)
    profile = given.get("profile")
    if profile not in PROFILES:
        raise ConversionError(
            f"{origin}: tokenizer profile is {profile!r}; supported are {', '.join(PROFILES)}"
        )
    settings: dict[str, Any] = {"profile": profile, "vocab": vocab_name}
    for name, default in _SPECIAL.items():
        token = given.get(name, default)
        if token not in vocab:
            raise ConversionError(f"{origin}: {name} {token!r} is not in the vocabulary")
        settings[name] = token
    if profile == "bert-basic":
        settings |= {name: given.get(name, value) for name, value in _BASIC_OPTIONS.items()}
    return settings


def _from_transformers(config: Mapping[str, Any], origin: str) -> dict[str, Any]:
    advice = 'say which profile to use in radie.json: {"tokenizer": {"profile": …}}'
    kind = str(config.get("tokenizer_class") or "").removesuffix("Fast")
    given = {name: _content(config[name]) for name in _SPECIAL if config.get(name)}
    if kind == "BertTokenizer":
        known = {n: config[n] for n in _BASIC_OPTIONS if n in config}
        return {"profile": "bert-basic", **known, **given}
    if kind == "BertJapaneseTokenizer":
        words = config.get("do_word_tokenize", True)
        if not words and config.get("subword_tokenizer_type") == "character":
            return {"profile": "char", **given}
        raise ConversionError(
            f"{origin}: its BertJapaneseTokenizer splits into words by "
            f"{config.get('word_tokenizer_type', 'basic')!r}, which no profile of this format "
            f"version does; {advice}"
        )
    raise ConversionError(f"{origin}: tokenizer_class is {kind or None!r}; {advice}")


def _content(token: Any) -> str:
    """A special token as tokenizer_config.json writes it: a string, or an object."""
    return str(token["content"]) if isinstance(token, dict) else str(token)
