"""Reference inference in torch: a model file and a text in, entities and relations out.

It follows docs/model-format.md and docs/text.md and serves to measure a model and to check other
implementations. It reads what the recipe writes: character tokenizer, CRF head, layout `shared`,
pooling `both`, combine `concat_product`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from radie_convert.arrays import widened
from radie_convert.model_file import read_unpacked_model
from radie_train.encoder import EncoderConfig
from radie_train.models import RelationClassifier, Tagger
from radie_train.report import Entity, Relation, Report
from radie_train.schema import (
    ENTITY_LABELS,
    OBJECT_TYPES,
    RELATION_LABELS,
    allowed_labels,
    is_candidate,
)
from radie_train.shared_layout import (
    Span,
    in_reach,
    is_inside,
    rows_of,
    type_ids,
    window_of,
    windows_of,
)
from radie_train.text import NormalizedText, normalize, split_sentences
from radie_train.vocabulary import Vocabulary


@dataclass
class Pipeline:
    """Both stages and what they need."""

    tagger: Tagger
    relations: RelationClassifier
    vocabulary: Vocabulary
    context: int

    @torch.no_grad()
    def extract(self, report_id: str, text: str) -> Report:
        """Both stages."""
        normal = normalize(text)
        sentences = split_sentences(normal.text)
        spans = self.tag(normal.text, sentences)
        return self._assemble(report_id, text, normal, sentences, spans)

    @torch.no_grad()
    def relate(self, report: Report) -> Report:
        """Stage 2 on the report's own entities; the ids stay."""
        normal = normalize(report.text)
        sentences = split_sentences(normal.text)
        spans, ids = [], []
        for entity in report.entities:
            found = normal.from_source(entity.start, entity.end)
            if found is not None:
                spans.append(Span(entity.type, *found))
                ids.append(entity.id)
        pairs = self.classify(normal.text, sentences, spans)
        relations = [Relation(label, ids[head], ids[tail]) for head, tail, label in pairs]
        return report.with_annotations(report.entities, relations)

    def tag(self, text: str, sentences: Sequence[tuple[int, int]]) -> list[Span]:
        """Stage 1: entities of a normalised text, sentence by sentence."""
        spans: list[Span] = []
        for start, end in sentences:
            emissions = self.emissions(text[start:end])
            labels = [ENTITY_LABELS[i] for i in self.tagger.crf.decode(emissions)]
            spans += spans_of(labels, start)
        return spans

    def classify(
        self, text: str, sentences: Sequence[tuple[int, int]], spans: Sequence[Span]
    ) -> list[tuple[int, int, str]]:
        """Stage 2: (head, tail, relation) by index into `spans`, which are in order."""
        found = []
        for head, tail, scores in self.score(text, sentences, spans):
            best = best_label(scores, spans[head].type, spans[tail].type)
            if best != 0:
                found.append((head, tail, RELATION_LABELS[best]))
        return sorted(found, key=lambda pair: (pair[1], pair[0]))

    def score(
        self, text: str, sentences: Sequence[tuple[int, int]], spans: Sequence[Span]
    ) -> list[tuple[int, int, Tensor]]:
        """The candidate pairs of stage 2 with the logits of their labels."""
        row, place = _row(text, sentences)
        in_row: list[Span] = []
        numbers: list[int] = []
        for i, span in enumerate(spans):
            covered = [place[p] for p in range(span.start, span.end) if p in place]
            if covered:
                in_row.append(Span(span.type, covered[0], covered[-1] + 1))
                numbers.append(i)
        found = []
        size = self.relations.bert.config.max_position_embeddings - 2
        windows = windows_of(len(row), size)
        for window in windows:
            tails = [
                i
                for i, span in enumerate(in_row)
                if span.type in OBJECT_TYPES and window_of(span, windows, len(row)) == window
            ]
            for head, tail, scores in self._score_window(row, in_row, window, tails):
                found.append((numbers[head], numbers[tail], scores))
        return found

    def _score_window(
        self, row: list[str], spans: Sequence[Span], window: tuple[int, int], tails: Sequence[int]
    ) -> list[tuple[int, int, Tensor]]:
        candidates = [
            (head, tail)
            for tail in tails
            for head in range(len(spans))
            if head != tail
            and is_candidate(spans[head].type, spans[tail].type)
            and in_reach(spans[head], spans[tail], self.context)
            and is_inside(spans[head], window)
        ]
        if not candidates:
            return []
        voc = self.vocabulary
        ids = torch.tensor([[voc.cls, *voc.encode(row[window[0] : window[1]]), voc.sep]])
        types = torch.tensor([type_ids(spans, window)])
        pairs = torch.tensor(
            [
                (0, *rows_of(spans[head], window), *rows_of(spans[tail], window))
                for head, tail in candidates
            ]
        )
        logits = self.relations(ids, types, torch.ones_like(ids, dtype=torch.bool), pairs)
        return [
            (head, tail, scores) for (head, tail), scores in zip(candidates, logits, strict=True)
        ]

    def emissions(self, sentence: str) -> Tensor:
        """[characters, labels]; of a long sentence, each row from the window that suits it best."""
        size = self.tagger.bert.config.max_position_embeddings - 2
        best: dict[int, tuple[int, Tensor]] = {}
        starts = [0]
        while starts[-1] + size < len(sentence):
            starts.append(min(starts[-1] + size // 2, len(sentence) - size))
        for start in starts:
            piece = sentence[start : start + size]
            tokens = [self.vocabulary.cls, *self.vocabulary.encode(piece), self.vocabulary.sep]
            ids = torch.tensor([tokens])
            rows = self.tagger.emissions(ids, torch.ones_like(ids, dtype=torch.bool))[0, 1:-1]
            for i, emission in enumerate(rows):
                distance = min(i, len(piece) - 1 - i)
                if start + i not in best or distance > best[start + i][0]:
                    best[start + i] = (distance, emission)
        return torch.stack([best[i][1] for i in range(len(sentence))])

    def _assemble(
        self,
        report_id: str,
        text: str,
        normal: NormalizedText,
        sentences: Sequence[tuple[int, int]],
        spans: Sequence[Span],
    ) -> Report:
        entities = [
            Entity(f"T{i}", span.type, *normal.to_source(span.start, span.end))
            for i, span in enumerate(spans, 1)
        ]
        relations = [
            Relation(label, entities[head].id, entities[tail].id)
            for head, tail, label in self.classify(normal.text, sentences, spans)
        ]
        return Report(report_id, text, tuple(entities), tuple(relations))


def best_label(logits: Tensor, head_type: str, tail_type: str) -> int:
    """The index of the best label that the types allow."""
    return max(allowed_labels(head_type, tail_type), key=lambda k: float(logits[k]))


def spans_of(labels: Sequence[str], offset: int = 0) -> list[Span]:
    """Entities of an IOB2 label sequence."""
    spans: list[Span] = []
    for i, label in enumerate(labels):
        if label.startswith("B-"):
            spans.append(Span(label[2:], offset + i, offset + i + 1))
        elif label.startswith("I-"):
            spans[-1] = Span(spans[-1].type, spans[-1].start, offset + i + 1)
    return spans


def _row(text: str, sentences: Sequence[tuple[int, int]]) -> tuple[list[str], dict[int, int]]:
    row: list[str] = []
    place: dict[int, int] = {}
    for start, end in sentences:
        for position in range(start, end):
            place[position] = len(row)
            row.append(text[position])
    return row, place


def load_pipeline(path: Path) -> Pipeline:
    """The pipeline of a model file; its arithmetic is single precision whatever is stored."""
    metadata, tensors = read_unpacked_model(path)
    entities, relations = metadata["entities"], metadata["relations"]
    if tuple(entities["labels"]) != ENTITY_LABELS or tuple(relations["labels"]) != RELATION_LABELS:
        raise ValueError(f"{path} has other labels than this recipe's models")
    if (relations["layout"], relations["combine"]) != ("shared", "concat_product"):
        raise ValueError(f"{path} has another relation layout than this recipe's models")
    tensors = widened(tensors)
    modules: dict[str, Tagger | RelationClassifier] = {
        "entities": Tagger(_config(entities)),
        "relations": RelationClassifier(_config(relations)),
    }
    for stage, module in modules.items():
        state = {
            name.removeprefix(stage + "."): torch.from_numpy(tensor)
            for name, tensor in tensors.items()
            if name.startswith(stage + ".")
        }
        module.load_state_dict(state)
        module.eval()
    vocabulary = Vocabulary(metadata["vocab." + entities["tokenizer"]["vocab"]])
    return Pipeline(
        modules["entities"],  # type: ignore[arg-type]  # the dict has either at both
        modules["relations"],  # type: ignore[arg-type]  # the same
        vocabulary,
        relations["context_tokens"],
    )


def _config(stage: dict[str, Any]) -> EncoderConfig:
    names = EncoderConfig.__dataclass_fields__
    return EncoderConfig(**{k: v for k, v in stage["encoder"].items() if k in names})
