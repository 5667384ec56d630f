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

    def add(self, other: Figures) -> None:
        """Counts another set's reports as well."""
        for title, score in other.scores.items():
            into = self.scores.setdefault(title, Score())
            into.correct.update(score.correct)
            into.predicted.update(score.predicted)
            into.gold.update(score.gold)

    def to_json(self) -> dict[str, dict[str, dict[str, int]]]:
        """The counts."""
        return {
            title: {
                "correct": dict(s.correct),
                "predicted": dict(s.predicted),
                "gold": dict(s.gold),
            }
            for title, s in self.scores.items()
        }

    @staticmethod
    def from_json(counts: dict[str, dict[str, dict[str, int]]]) -> Figures:
        """What `to_json` gave."""
        figures = Figures()
        for title, by_kind in counts.items():
            score = figures.scores[title] = Score()
            score.correct.update(by_kind["correct"])
            score.predicted.update(by_kind["predicted"])
            score.gold.update(by_kind["gold"])
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

    def figures(
        self, tagger: Tagger | None, relations: RelationClassifier | None, gold: Sequence[Report]
    ) -> Figures:
        """Every figure that the stages allow."""
        figures = Figures()
        found: list[Report] = []
        if tagger is not None:
            found = self.tagged(tagger, gold)
            figures.scores[ENTITIES] = entity_score(gold, found)
        if relations is not None:
            figures.scores[ON_GOLD] = relation_score(gold, self.related(relations, gold))
        if tagger is not None and relations is not None:
            figures.scores[TWO_STAGE] = relation_score(gold, self.related(relations, found))
        return figures

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
