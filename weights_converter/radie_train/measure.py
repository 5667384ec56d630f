"""Figures of models under training on held-out reports: docs/evaluation.md's strict F1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch

from radie_train.encoder import EncoderConfig
from radie_train.errors import Interrupted
from radie_train.evaluate import Score, entity_score, relation_score
from radie_train.infer import Pipeline
from radie_train.interrupt import Stop
from radie_train.models import RelationClassifier, Tagger
from radie_train.report import Entity, Report
from radie_train.shared_layout import TOKEN_TYPES
from radie_train.start import Start
from radie_train.text import normalize, split_sentences
from radie_train.vocabulary import Vocabulary

ENTITIES = "entities"
ON_GOLD = "relations on gold entities"
TWO_STAGE = "both stages"
TITLES = (ENTITIES, ON_GOLD, TWO_STAGE)


@dataclass
class Figures:
    """Scores by title; those whose stages are there."""

    scores: dict[str, Score] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """What stages find in reports; None where there is no such stage."""

    entities: Sequence[Report] | None = None
    on_gold: Sequence[Report] | None = None  # relations between the entities of the annotation
    both: Sequence[Report] | None = None

    def figures(self, gold: Sequence[Report]) -> Figures:
        """How well they agree with the annotation of the same reports, in the same order."""
        figures = Figures()
        if self.entities is not None:
            figures.scores[ENTITIES] = entity_score(gold, self.entities)
        if self.on_gold is not None:
            figures.scores[ON_GOLD] = relation_score(gold, self.on_gold)
        if self.both is not None:
            figures.scores[TWO_STAGE] = relation_score(gold, self.both)
        return figures


@dataclass(frozen=True)
class Measurer:
    """Runs stages over reports; may be stopped between two of them."""

    tokens: list[str]
    context: int
    device: str
    stop: Stop

    def tagged(self, tagger: Tagger, gold: Sequence[Report]) -> list[Report]:
        """The reports with the entities that stage 1 finds, and no relations."""
        tagger.to(self.device).eval()
        pipeline = Pipeline(tagger, _NO_RELATIONS, Vocabulary(self.tokens), self.context)
        with self._on_device():
            return [self._tagged(pipeline, report) for report in gold]

    def related(self, relations: RelationClassifier, reports: Sequence[Report]) -> list[Report]:
        """The reports with the relations that stage 2 finds between their entities."""
        relations.to(self.device).eval()
        pipeline = Pipeline(_NO_TAGGER, relations, Vocabulary(self.tokens), self.context)
        with self._on_device():
            return [self._related(pipeline, report) for report in reports]

    def findings(
        self, tagger: Tagger | None, relations: RelationClassifier | None, gold: Sequence[Report]
    ) -> Findings:
        """Everything that the stages find."""
        entities = self.tagged(tagger, gold) if tagger is not None else None
        if relations is None:
            return Findings(entities)
        on_gold = self.related(relations, gold)
        both = self.related(relations, entities) if entities is not None else None
        return Findings(entities, on_gold, both)

    def figures(
        self, tagger: Tagger | None, relations: RelationClassifier | None, gold: Sequence[Report]
    ) -> Figures:
        """Every figure that the stages allow."""
        return self.findings(tagger, relations, gold).figures(gold)

    def _tagged(self, pipeline: Pipeline, report: Report) -> Report:
        self._check_stop()
        normal = normalize(report.text)
        spans = pipeline.tag(normal.text, split_sentences(normal.text))
        entities = [
            Entity(f"T{i}", span.type, *normal.to_source(span.start, span.end))
            for i, span in enumerate(spans, 1)
        ]
        return report.with_annotations(entities, ())

    def _related(self, pipeline: Pipeline, report: Report) -> Report:
        self._check_stop()
        return pipeline.relate(report)

    def _check_stop(self) -> None:
        if self.stop.signal:
            raise Interrupted(self.stop.signal)

    @contextmanager
    def _on_device(self) -> Iterator[None]:
        # Pipeline makes its tensors on the default device.
        with torch.device(self.device), torch.no_grad():
            yield


# A pipeline has two stages; these stand for the one that is not asked. Made here and not when
# needed: that would move the random numbers on, and a run that goes on would differ.
_TINY = EncoderConfig(1, 4, 1, 1, 4, 4, TOKEN_TYPES)
_NO_TAGGER = Tagger(_TINY)
_NO_RELATIONS = RelationClassifier(_TINY)


def pipeline_of(start: Start) -> Pipeline:
    """The stages that there are, ready to run; a stage that is missing is a stand-in."""
    tagger = start.tagger or _NO_TAGGER
    relations = start.relation or _NO_RELATIONS
    return Pipeline(tagger.eval(), relations.eval(), Vocabulary(start.tokens), start.context)
