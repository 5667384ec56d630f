"""The recipe of fine-tuning: reports and a start in, trained stages out."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from torch import nn

from radie_convert.build import BuildOptions, build_model
from radie_train.augmentation import Noise
from radie_train.corpus import normalized, settled
from radie_train.errors import TrainError
from radie_train.evaluate import entity_score, relation_score
from radie_train.export import export_relations, export_tagger
from radie_train.fine_tuning import FineTuning, Measure, Run, State
from radie_train.growth import missing_characters
from radie_train.interrupt import Stop
from radie_train.masked_text import MaskedText
from radie_train.measure import Measurer
from radie_train.mention_words import MentionWords
from radie_train.mentions import Mentions
from radie_train.models import RelationClassifier, Tagger
from radie_train.progress import Progress
from radie_train.relation_data import (
    Mistakes,
    RelationRecipe,
    relation_batches,
    report_samples,
)
from radie_train.report import Entity, Report
from radie_train.stages import (
    MASKED_WEIGHT,
    RELATION_NOISE,
    TAGGER_NOISE,
    relation_loss,
    tagger_loss,
)
from radie_train.start import Start
from radie_train.tagger_data import tagger_batches
from radie_train.text import normalize
from radie_train.vocabulary import Vocabulary

_QUIET = Noise(0, 0, 0, 0, 0, 0, 0)
_EXACT = Mistakes(share=0)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Data:
    """What a run reads: `train` and `mix` normalised, `dev` as it was given."""

    train: list[Report]
    dev: list[Report]
    mix: list[Report] = field(default_factory=list)
    mix_weight: float = 0.0
    """Share of the batches that come from `mix`."""
    words: MentionWords | None = None
    """To stand in place of mentions, beside those of the reports."""
    recombined: float = 0.0
    """How often a report's sentences are put together anew."""
    lost: int = 0
    """Entities of `train` that normalisation left nothing to learn of."""


@dataclass(frozen=True)
class Surroundings:
    """Where a run keeps its state, whom it tells, who may stop it."""

    work: Path
    progress: Progress
    stop: Stop


ENOUGH_TO_HOLD_BACK = 100


def share_to_hold_back(given: float | None, reports: int) -> float:
    """The share that was given, or a tenth of ENOUGH_TO_HOLD_BACK reports or more, and nothing of
    fewer: too few would be held back to tell a better step from luck, and training misses them.
    """
    if given is not None:
        return given
    return 0.1 if reports >= ENOUGH_TO_HOLD_BACK else 0.0


def split_share(
    reports: Sequence[Report], share: float, seed: int
) -> tuple[list[Report], list[Report]]:
    """Reports to train on and a share, at least one, to hold back; both in their order."""
    if share == 0 or len(reports) < 2:
        return list(reports), []
    count = min(len(reports) - 1, max(1, round(share * len(reports))))
    held = set(random.Random(seed).sample(range(len(reports)), count))
    train = [report for i, report in enumerate(reports) if i not in held]
    return train, [report for i, report in enumerate(reports) if i in held]


def without_overlap(report: Report) -> Report:
    """Without an entity that shares a character (half of ｶﾞ, of ㎜) with the one before it."""
    kept: list[Entity] = []
    for entity in report.entities:
        if not kept or entity.start >= kept[-1].end:
            kept.append(entity)
    ids = {entity.id for entity in kept}
    return report.with_annotations(
        kept, (r for r in report.relations if r.head in ids and r.tail in ids)
    )


def prepared(reports: Sequence[Report]) -> tuple[list[Report], int]:
    """Reports in normalised form, and how many entities were lost on the way.

    Lost are those of which nothing is left, and those without_overlap leaves out.
    """
    result = [without_overlap(normalized(report)) for report in reports]
    lost = sum(len(a.entities) - len(b.entities) for a, b in zip(reports, result, strict=True))
    return result, lost


def check_data(data: Data, stages: Sequence[str], context: int) -> list[str]:
    """Notes on what training will not see; a TrainError where it would see nothing.

    `context` is the relation stage's reach.
    """
    if not any(report.text.strip() for report in data.train):
        raise TrainError("no report to train on has text")
    notes = []
    if data.lost:
        notes.append(f"entities not learned: {data.lost}, of which nothing is read")
    held = {normalize(report.text).text for report in data.dev}
    doubled = sum(report.text in held for report in data.train)
    if doubled:
        notes.append(f"reports in both training and dev: {doubled}; figures will flatter")
    if "relation" in stages:
        rng = random.Random(0)
        samples = [
            s
            for r in data.train
            for s in report_samples(settled(r), _QUIET, _EXACT, rng, context=context)
        ]
        if not samples:
            raise TrainError("no report to train on has two entities that a relation could join")
        reached = sum(label != 0 for sample in samples for label in sample.labels)
        lost = sum(len(report.relations) for report in data.train) - reached
        if lost:
            notes.append(
                f"relations not learned: {lost}; further apart than {context} characters, "
                "or too far for one window"
            )
    return notes


def train_stages(
    start: Start, data: Data, settings: Mapping[str, FineTuning], around: Surroundings
) -> dict[str, State]:
    """Trains the stages of `settings`, first stage first; `start` holds them afterwards."""
    new = missing_characters([*data.train, *data.mix, *words_as_reports(data)], start.tokens)
    start.grow(new, list(settings))
    if new:
        around.progress.say(f"vocabulary: {len(new)} characters more, {len(start.tokens)} tokens")
    states = {}
    for stage in ("tagger", "relation"):
        if stage in settings:
            train = _train_tagger if stage == "tagger" else _train_relation
            states[stage] = train(start, data, settings[stage], around)
    return states


def words_as_reports(data: Data) -> list[Report]:
    """The words as texts, for the characters in them."""
    words = data.words.forms.values() if data.words is not None else ()
    return [Report("", form) for forms in words for form in forms]


def _train_tagger(start: Start, data: Data, settings: FineTuning, around: Surroundings) -> State:
    assert start.tagger is not None
    vocabulary = Vocabulary(start.tokens)
    mentions = Mentions([*data.train, *data.mix], data.words)
    measurer = Measurer(start.tokens, start.context, settings.device, around.stop)

    def batches(reports: Sequence[Report], rng: random.Random) -> Iterator[Any]:
        return tagger_batches(
            reports, mentions, vocabulary, TAGGER_NOISE, settings.batch, rng, data.recombined
        )

    def measure(model: nn.Module) -> float:
        assert isinstance(model, Tagger)
        return entity_score(data.dev, measurer.tagged(model, data.dev)).f1()

    model = start.tagger
    masked = _masked_text("tagger", model, vocabulary, settings)
    run = Run(model, settings, around.work / "tagger.pt", masked)
    trained = run.fit(
        lambda batch: tagger_loss(model, batch, masked),
        _mixed(batches, data, settings.seed),
        _if_dev(measure, data),
        around.progress,
        around.stop,
        "tagger",
    )
    assert isinstance(trained, Tagger)
    start.tagger = trained
    return run.state


def _train_relation(start: Start, data: Data, settings: FineTuning, around: Surroundings) -> State:
    assert start.relation is not None
    vocabulary = Vocabulary(start.tokens)
    mentions = Mentions([*data.train, *data.mix], data.words)
    recipe = RelationRecipe(
        RELATION_NOISE,
        Mistakes(),
        settings.batch,
        recombined=data.recombined,
        context=start.context,
    )
    measurer = Measurer(start.tokens, start.context, settings.device, around.stop)
    # With a first stage at hand what counts is both of them; its entities stay the same.
    ground = data.dev if start.tagger is None else measurer.tagged(start.tagger, data.dev)

    def batches(reports: Sequence[Report], rng: random.Random) -> Iterator[Any]:
        return relation_batches(reports, vocabulary, recipe, rng, mentions)

    def measure(model: nn.Module) -> float:
        assert isinstance(model, RelationClassifier)
        return relation_score(data.dev, measurer.related(model, ground)).f1()

    model = start.relation
    masked = _masked_text("relation", model, vocabulary, settings)
    run = Run(model, settings, around.work / "relation.pt", masked)
    trained = run.fit(
        lambda batch: relation_loss(model, batch, masked),
        _mixed(batches, data, settings.seed),
        _if_dev(measure, data),
        around.progress,
        around.stop,
        "relation",
    )
    assert isinstance(trained, RelationClassifier)
    start.relation = trained
    return run.state


def _masked_text(
    stage: str, model: Tagger | RelationClassifier, vocabulary: Vocabulary, settings: FineTuning
) -> MaskedText | None:
    if settings.masked == 0:
        return None
    size = model.bert.config.hidden_size
    return MaskedText(size, vocabulary, settings.masked, MASKED_WEIGHT[stage])


def _if_dev(measure: Measure, data: Data) -> Measure | None:
    return measure if data.dev else None


def _mixed(
    batches: Callable[[Sequence[Report], random.Random], Iterator[_T]], data: Data, seed: int
) -> Iterator[_T]:
    """Batches of `train`, and of `mix` by its weight, evenly spread."""
    own = batches(data.train, random.Random(seed))
    if not data.mix or data.mix_weight == 0:
        yield from own
        return
    other = batches(data.mix, random.Random(seed + 1))
    number = 0
    while True:
        before, number = int(number * data.mix_weight), number + 1
        yield next(other if int(number * data.mix_weight) > before else own)


def claim_work(work: Path, identity: Mapping[str, Any]) -> None:
    """Makes the work folder this run's; one of another run is a TrainError."""
    record = work / "run.json"
    text = json.dumps(identity, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if record.exists():
        try:
            found = json.loads(record.read_text(encoding="utf-8"))
        except ValueError:
            found = {}
        differing = sorted(k for k in {*identity, *found} if identity.get(k) != found.get(k))
        if differing:
            raise TrainError(
                f"{work}: belongs to a run with another {', '.join(differing)}; "
                "remove it or name another --work"
            )
        return
    if work.exists() and next(work.iterdir(), None) is not None:
        raise TrainError(f"{work}: holds other files and no run.json; name another --work")
    work.mkdir(parents=True, exist_ok=True)
    partial = record.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(record)


def identity_of(settings: Mapping[str, FineTuning]) -> dict[str, Any]:
    """What of the settings makes a run this one."""
    return {f"{stage} settings": asdict(value) for stage, value in settings.items()}


def write_model_file(start: Start, output: Path, work: Path, options: BuildOptions) -> None:
    """Every stage of `start` into one model file."""
    folders: dict[str, Path] = {}
    if start.tagger is not None:
        folders["tagger"] = work / "tagger"
        export_tagger(folders["tagger"], start.tagger.cpu(), start.tokens)
    if start.relation is not None:
        folders["relation"] = work / "relation"
        export_relations(folders["relation"], start.relation.cpu(), start.tokens, start.context)
    output.parent.mkdir(parents=True, exist_ok=True)
    build_model(output, **folders, options=options)
