"""radie as a component of spaCy: ``nlp.add_pipe("radie")``, after ``pip install "radie[spacy]"``.

For each entity of the report, doc.spans["radie"] has a span of the same type in the same order. A
span is made of whole tokens: where an entity begins or ends inside a token, its span is that much
wider. ``span._.radie`` is the Entity with its own offsets, ``doc._.radie`` the whole Report; both
count code points of doc.text. doc.ents has the entities that begin and end with a token. With one
token a character (the tokenizer "radie.CharTokenizer.v1") that is every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans
from spacy.vocab import Vocab

from radie._errors import Error
from radie._model import Model, load
from radie._report import Entity, Report, from_raw, to_raw

KEY = "radie"  # of doc.spans and of doc.user_data, where the report stays when a Doc is serialised

ErrorHandler = Callable[[str, Any, list[Doc], Exception], object]


def report_of(doc: Doc) -> Report | None:
    """doc._.radie: None where no radie component has seen the document."""
    raw = doc.user_data.get(KEY)
    return None if raw is None else from_raw(doc.text, raw)


def entity_of(span: Span) -> Entity | None:
    """span._.radie: None where the span is none of radie's."""
    raw = span.doc.user_data.get(KEY)
    number = span.id_[1:] if span.id_.startswith("T") else ""
    if raw is None or not number.isdecimal() or not 0 < int(number) <= len(raw[0]):
        return None
    return Entity(span.id_, *raw[0][int(number) - 1])


class RadieComponent:
    """Calls a model on documents. `set_ents`: whether doc.ents is set, too."""

    def __init__(self, model: Model, name: str, set_ents: bool) -> None:
        self.model = model
        self.name = name
        self.set_ents = set_ents
        self._handle_error: ErrorHandler | None = None
        if not Doc.has_extension(KEY):
            Doc.set_extension(KEY, getter=report_of)
        if not Span.has_extension(KEY):
            Span.set_extension(KEY, getter=entity_of)

    def __call__(self, doc: Doc) -> Doc:
        """Raises Error."""
        return self._annotate(doc, self.model.extract(doc.text))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Documents in their order; one that fails goes to the error handler, if there is one."""
        waiting = iter(stream)
        while docs := list(islice(waiting, batch_size)):
            results = self.model.extract_batch([doc.text for doc in docs], errors="return")
            for doc, result in zip(docs, results, strict=True):
                if isinstance(result, Report):
                    yield self._annotate(doc, result)
                elif self._handle_error is None:
                    raise result
                else:
                    self._handle_error(self.name, self, [doc], result)

    def set_error_handler(self, handler: ErrorHandler) -> None:
        """For nlp.set_error_handler."""
        self._handle_error = handler

    def get_error_handler(self) -> ErrorHandler:
        """What nlp.pipe asks for."""
        return self._handle_error or _raise

    def to_disk(self, path: object, *, exclude: Sequence[str] = ()) -> None:
        """Nothing to write: the pipeline's config names the model."""

    def from_disk(self, path: object, *, exclude: Sequence[str] = ()) -> RadieComponent:
        """Nothing to read."""
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:
        """Nothing to write."""
        return b""

    def from_bytes(self, data: bytes, *, exclude: Sequence[str] = ()) -> RadieComponent:
        """Nothing to read."""
        return self

    def _annotate(self, doc: Doc, report: Report) -> Doc:
        doc.user_data[KEY] = to_raw(report)
        spans, aligned = [], []
        for entity in report.entities:
            span = _span(doc, entity, "expand")
            if span is None:
                raise Error("internal", f"{entity.id}: no token of the document holds it")
            spans.append(span)
            exact = _span(doc, entity, "strict")
            if exact is not None:
                aligned.append(exact)
        doc.spans[KEY] = spans
        if self.set_ents:
            doc.ents = filter_spans(aligned)
        return doc


def _span(doc: Doc, entity: Entity, mode: str) -> Span | None:
    span: Span | None = doc.char_span(
        entity.start, entity.end, label=entity.type, span_id=entity.id, alignment_mode=mode
    )
    return span


def _raise(name: str, component: Any, docs: list[Doc], error: Exception) -> object:
    raise error


@Language.factory(
    "radie",
    assigns=["doc.spans", "doc.ents", "doc._.radie"],
    default_config={
        "path": None,
        "precision": None,
        "isa": None,
        "threads": 0,
        "min_confidence": 0.0,
        "set_ents": True,
    },
)
def make_component(
    nlp: Language,
    name: str,
    path: str | None,
    precision: str | None,
    isa: str | None,
    threads: int,
    min_confidence: float,
    set_ents: bool,
) -> RadieComponent:
    """The factory "radie"; its settings are load()'s."""
    model = load(path, precision, isa, threads=threads, min_confidence=min_confidence)
    return RadieComponent(model, name, set_ents)


class CharTokenizer:
    """One token a code point, white space too; doc.text is the text."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        return Doc(self.vocab, words=list(text), spaces=[False] * len(text))

    def to_disk(self, path: object, *, exclude: Sequence[str] = ()) -> None:
        """Nothing to write."""

    def from_disk(self, path: object, *, exclude: Sequence[str] = ()) -> CharTokenizer:
        """Nothing to read."""
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:
        """Nothing to write."""
        return b""

    def from_bytes(self, data: bytes, *, exclude: Sequence[str] = ()) -> CharTokenizer:
        """Nothing to read."""
        return self


def make_char_tokenizer() -> Callable[[Language], CharTokenizer]:
    """The tokenizer "radie.CharTokenizer.v1", for a pipeline's config."""

    def create(nlp: Language) -> CharTokenizer:
        return CharTokenizer(nlp.vocab)

    return create
