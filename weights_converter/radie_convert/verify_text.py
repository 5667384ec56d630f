"""The texts of a comparison: sentences, and their tokens as the checkpoint's tokenizer has them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from radie_convert.checkpoint import Checkpoint
from radie_convert.errors import ConversionError
from radie_convert.text_steps import apply_steps

Span = tuple[int, int, str]


@dataclass(frozen=True)
class Text:
    """One text as the model reads it; positions are code points."""

    source: str
    text: str
    """Normalised."""
    sources: tuple[tuple[int, int], ...]
    """The source range of each code point."""
    sentences: list[tuple[int, int]]
    entities: list[Span] | None = None
    """Those given with it, in the source."""

    def placed(self, spans: Sequence[Span]) -> list["Placed"]:
        """Mentions of the normalised text, in order, as they lie in the source.

        Two can meet inside one piece of the source (the halves of ㎜): it belongs to the first, and
        a mention of which nothing is left is none.
        """
        found: list[Placed] = []
        for start, end, kind in spans:
            begin = max(self.sources[start][0], found[-1].source[1] if found else 0)
            stop = self.sources[end - 1][1]
            if begin < stop:
                found += self.given([(begin, stop, kind)])
        return found

    def given(self, spans: Sequence[Span]) -> list["Placed"]:
        """Mentions of the source, as they lie in the normalised text; what is not in it is none."""
        found = []
        for start, end, kind in spans:
            touched = [i for i, (a, b) in enumerate(self.sources) if a < end and b > start]
            if touched:
                found.append(Placed((start, end, kind), (touched[0], touched[-1] + 1, kind)))
        return found


@dataclass(frozen=True)
class Placed:
    """A mention in the source and in the normalised text."""

    source: Span
    text: Span


@dataclass
class Tokens:
    """The tokens of one sentence."""

    ids: list[int]
    tokens: list[str]
    ranges: list[tuple[int, int]] | None
    """Code points of the sentence; None where the tokenizer does not tell."""
    offset: int = field(default=0)
    """Where the sentence begins in the text."""


class Tokenize(Protocol):
    """Tokens of a sentence, without special ones."""

    def __call__(self, sentence: str) -> Tokens: ...


def read_texts(path: Path, settings: Mapping[str, Any]) -> list[Text]:
    """A text a line, or JSON Lines of {"text", "entities"} where the name ends in .jsonl."""
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    texts = []
    for number, line in enumerate(lines, 1):
        source, entities = line.rstrip("\r"), None
        if path.suffix == ".jsonl":
            source, entities = _record(path, number, line)
        texts.append(_prepare(source, settings, entities))
    if not texts:
        raise ConversionError(f"{path} holds no text")
    return texts


def _record(path: Path, number: int, line: str) -> tuple[str, list[Span] | None]:
    try:
        record = json.loads(line)
        entities = record.get("entities")
        spans = None
        if entities is not None:
            spans = [(int(e["start"]), int(e["end"]), str(e["type"])) for e in entities]
        return str(record["text"]), spans
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ConversionError(
            f"{path} line {number}: not an object with text and, where given, entities of "
            "start, end and type"
        ) from error


def _prepare(source: str, settings: Mapping[str, Any], entities: list[Span] | None) -> Text:
    # The Python twin of the library's text room comes with the trainer.
    from radie_train.text import normalize, split_sentences

    text, sources = source, tuple((i, i + 1) for i in range(len(source)))
    if settings["normalization"] == "radiology-ja":
        normal = normalize(source)
        text, sources = normal.text, normal.source
    elif settings["normalization"] != "none":
        steps = settings["normalization"]
        text, places = apply_steps([steps] if isinstance(steps, str) else steps, source)
        sources = tuple(places or ())  # nothing is compared by places that are not told
    sentences = split_sentences(text) if settings["sentences"] == "radiology-ja" else []
    if settings["sentences"] == "none" and text:
        sentences = [(0, len(text))]
    return Text(source, text, sources, sentences, entities)


def make_tokenizer(
    checkpoint: Checkpoint, base: Path | None, settings: Mapping[str, Any], vocab: Sequence[str]
) -> Tokenize:
    """The tokenizer that the checkpoint was trained with."""
    if settings["profile"] == "char":
        return _characters(settings, vocab)
    import transformers

    folder = checkpoint.path if checkpoint.path.is_dir() else checkpoint.path.parent
    if base is not None and not (folder / "tokenizer_config.json").is_file():
        folder = base
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        raise ConversionError(
            f"{folder}: transformers cannot load its tokenizer: {str(error).splitlines()[0]}"
        ) from error

    def tokenize(sentence: str) -> Tokens:
        if not tokenizer.is_fast:
            tokens = tokenizer.tokenize(sentence)
            known: Any = tokenizer.convert_tokens_to_ids(tokens)  # a list for a list
            return Tokens(known, tokens, None)
        found = tokenizer(sentence, add_special_tokens=False, return_offsets_mapping=True)
        ids: list[int] = found["input_ids"]
        ranges = [(int(a), int(b)) for a, b in found["offset_mapping"]]
        pieces: Any = tokenizer.convert_ids_to_tokens(ids)
        return Tokens(ids, pieces, ranges)

    return tokenize


def _characters(settings: Mapping[str, Any], vocab: Sequence[str]) -> Tokenize:
    index = {token: position for position, token in enumerate(vocab)}
    unknown = index[settings["unk_token"]]

    def tokenize(sentence: str) -> Tokens:
        ids = [index.get(character, unknown) for character in sentence]
        return Tokens(ids, list(sentence), [(i, i + 1) for i in range(len(sentence))])

    return tokenize


def tokens_of(text: Text, tokenize: Tokenize) -> list[Tokens]:
    """Those of every sentence that has any."""
    found = []
    for start, end in text.sentences:
        tokens = tokenize(text.text[start:end])
        tokens.offset = start
        if tokens.ids:
            found.append(tokens)
    return found
