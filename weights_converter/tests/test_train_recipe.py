"""Fine-tuning: resume, early stop, vocabulary growth, data checks."""

import argparse
import dataclasses
import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from train_support import tiny_model, tiny_reports

from radie_train import demo, relation_data
from radie_train.augmentation import Noise
from radie_train.corpus import normalized
from radie_train.errors import Interrupted, TrainError
from radie_train.fine_tuning import FineTuning, Run
from radie_train.growth import missing_characters
from radie_train.interrupt import Stop
from radie_train.measure import Measurer
from radie_train.plan import plan_of
from radie_train.progress import Progress
from radie_train.recipe import (
    ENOUGH_TO_HOLD_BACK,
    Data,
    Surroundings,
    _mixed,
    check_data,
    claim_work,
    prepared,
    share_to_hold_back,
    split_share,
    train_stages,
)
from radie_train.relation_data import Mistakes, relation_batches
from radie_train.report import Entity, Report
from radie_train.schema import ENTITY_LABELS
from radie_train.start import from_model_file
from radie_train.tagger_data import report_samples

SETTINGS = FineTuning(steps=9, batch=4, rate=1e-2, measure_every=2, patience=9)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny.radie")


class _StopsAt(Stop):
    """Asks to stop the n-th time it is looked at."""

    def __init__(self, looks: int) -> None:
        self._looks = looks

    @property
    def signal(self) -> int:  # type: ignore[override]  # is plain there
        self._looks -= 1
        return 2 if self._looks < 0 else 0


def _data() -> Data:
    reports = tiny_reports()
    return Data([normalized(report) for report in reports[:3]], reports[3:] + reports[:1])


def _train(model: Path, work: Path, stop: Stop, steps: int = 9) -> dict[str, torch.Tensor]:
    settings = dataclasses.replace(SETTINGS, steps=steps)
    torch.manual_seed(settings.seed)
    start = from_model_file(model)
    both = {"tagger": settings, "relation": settings}
    train_stages(start, _data(), both, Surroundings(work, Progress(), stop))
    assert start.tagger is not None
    assert start.relation is not None
    state = {f"t.{name}": t for name, t in start.tagger.state_dict().items()}
    return state | {f"r.{name}": t for name, t in start.relation.state_dict().items()}


def test_a_run_that_was_stopped_ends_as_one_that_was_not(model_file: Path, tmp_path: Path) -> None:
    whole = _train(model_file, tmp_path / "whole", Stop())
    # 3, 9, …: after a step, in the middle of a measure, in either stage.
    rests = 0
    for looks in itertools.count(3, 6):
        try:
            resumed = _train(model_file, tmp_path / "parts", _StopsAt(looks))
            break
        except Interrupted:
            rests += 1
            content = torch.load(tmp_path / "parts" / "tagger.pt", weights_only=True)
            assert content["state"]["step"] <= SETTINGS.steps
        if rests == 4:
            resumed = _train(model_file, tmp_path / "parts", Stop())
            break
    assert rests >= 2
    assert whole.keys() == resumed.keys()
    for name, tensor in whole.items():
        assert torch.equal(tensor, resumed[name]), name
    for stage in ("tagger", "relation"):
        states = [
            torch.load(tmp_path / run / f"{stage}.pt", weights_only=True)["state"]
            for run in ("whole", "parts")
        ]
        assert states[0] == states[1]
        assert states[0]["done"]
        assert states[0]["step"] == SETTINGS.steps


def test_a_run_that_is_done_is_not_done_again(model_file: Path, tmp_path: Path) -> None:
    first = _train(model_file, tmp_path, Stop(), 2)
    again = _train(model_file, tmp_path, Stop(), 2)
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_a_broken_checkpoint_is_named(model_file: Path, tmp_path: Path) -> None:
    (tmp_path / "tagger.pt").write_bytes(b"PK nothing")
    with pytest.raises(TrainError, match=r"tagger\.pt: cannot go on from it"):
        _train(model_file, tmp_path, Stop(), 2)


class _Point(torch.nn.Module):
    """A model of one number, which training moves up."""

    def __init__(self) -> None:
        super().__init__()
        self.x = torch.nn.Parameter(torch.zeros(1))


def _fit(scores: list[float], tmp_path: Path, patience: int = 2) -> tuple[Run, float]:
    settings = FineTuning(
        steps=20, batch=1, rate=0.1, measure_every=1, patience=patience, average=0.0
    )
    run = Run(_Point(), settings, tmp_path / "point.pt")
    seen: list[float] = []

    def measure(model: torch.nn.Module) -> float:
        assert isinstance(model, _Point)
        seen.append(float(model.x.detach()))
        return scores[min(len(seen), len(scores)) - 1]

    batches: Iterator[None] = itertools.repeat(None)
    model = run.model
    assert isinstance(model, _Point)
    kept = run.fit(lambda _: -model.x.sum(), batches, measure, Progress(), Stop(), "point")
    assert isinstance(kept, _Point)
    assert seen == sorted(set(seen))
    assert float(kept.x.detach()) == seen[run.state.best_step]
    return run, float(kept.x.detach())


def test_training_ends_when_nothing_gets_better(tmp_path: Path) -> None:
    run, _ = _fit([0.5] * 14 + [0.6, 0.55, 0.7, 0.7, 0.69, 0.9], tmp_path)
    assert (run.state.step, run.state.best_step, run.state.best) == (18, 16, 0.7)


def test_measures_near_the_peak_of_the_rate_end_nothing(tmp_path: Path) -> None:
    run, _ = _fit([0.5] + [0.4] * 11 + [0.6, 0.5], tmp_path)
    assert (run.state.step, run.state.best_step) == (15, 12)


def test_what_stands_beside_a_stage_is_trained_and_not_averaged(tmp_path: Path) -> None:
    model, beside = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    before = beside.weight.detach().clone()
    run = Run(model, FineTuning(steps=1, batch=1, rate=1e-2), tmp_path / "x.pt", beside)
    batches = iter([torch.ones(1, 2)])
    trained = run.fit(
        lambda batch: beside(model(batch)).sum(), batches, None, Progress(), Stop(), "tagger"
    )
    assert not torch.equal(beside.weight, before)
    assert trained.state_dict().keys() == model.state_dict().keys()


def test_what_begins_anew_is_trained_as_the_bundled_model_is(tmp_path: Path) -> None:
    start = from_model_file(tiny_model(tmp_path / "tiny.radie"))
    arguments = argparse.Namespace(
        device="cpu", precision="fp32", steps=None, batch=None, rate=None, seed=7
    )
    arguments.patience, arguments.measure_every = 5, None
    for stage, own in plan_of(arguments, "scratch", start, ("tagger", "relation")).items():
        bundled = demo.Run(tmp_path, tmp_path, seed=7).settings(stage)
        assert (own.steps, own.batch, own.rate) == (bundled.steps, bundled.batch, bundled.rate)
        assert own.masked == bundled.masked


def test_a_head_that_begins_anew_has_a_rate_of_its_own(tmp_path: Path) -> None:
    start = from_model_file(tiny_model(tmp_path / "tiny.radie"))
    arguments = argparse.Namespace(
        device="cpu", precision="fp32", steps=1, batch=None, rate=None, seed=7
    )
    arguments.patience, arguments.measure_every = 5, None
    start.new_heads.add("tagger")
    settings = plan_of(arguments, "checkpoint", start, ("tagger", "relation"))
    assert [s.rate for s in settings.values()] == [3e-4, 3e-4]
    assert [s.head_rate for s in settings.values()] == [1e-3, None]
    assert [s.masked for s in settings.values()] == [0, 0]
    assert plan_of(arguments, "scratch", start, ("tagger",))["tagger"].masked == 0.08
    arguments.rate = 2e-3
    assert plan_of(arguments, "checkpoint", start, ("tagger",))["tagger"].head_rate == 2e-3
    # In one step from nothing AdamW moves every number by about the rate.
    model = start.tagger
    assert model is not None
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    quick = dataclasses.replace(SETTINGS, steps=1, rate=1e-6, head_rate=1e-3, warmup=0.0)
    around = Surroundings(tmp_path / "work", Progress(), Stop())
    train_stages(start, _data(), {"tagger": quick}, around)
    moved = {n: float((p.detach() - before[n]).abs().max()) for n, p in model.named_parameters()}
    assert all((m > 1e-4) != n.startswith("bert.") for n, m in moved.items() if m)
    assert {n.partition(".")[0] for n, m in moved.items() if m} == {"bert", "classifier", "crf"}


def test_what_got_worse_is_kept_as_it_was(tmp_path: Path) -> None:
    run, value = _fit([0.5, 0.4, 0.3], tmp_path)
    assert (run.state.step, run.state.best_step, value) == (15, 0, 0.0)


def test_nothing_found_yet_is_no_reason_to_end(tmp_path: Path) -> None:
    run, _ = _fit([0.0] * 17 + [0.4, 0.3, 0.2], tmp_path)
    assert (run.state.step, run.state.best_step) == (19, 17)


def test_a_loss_that_is_no_number_ends_training(tmp_path: Path) -> None:
    run = Run(_Point(), FineTuning(steps=3, batch=1, rate=0.1), tmp_path / "point.pt")
    model = run.model
    assert isinstance(model, _Point)
    with pytest.raises(TrainError, match="try a smaller --rate"):
        run.fit(
            lambda _: model.x.sum() * float("nan"),
            itertools.repeat(None),
            None,
            Progress(),
            Stop(),
            "point",
        )


def test_training_learns(model_file: Path, tmp_path: Path) -> None:
    start = from_model_file(model_file)
    reports = tiny_reports()
    data = Data([normalized(report) for report in reports], reports)
    settings = FineTuning(steps=150, batch=8, rate=2e-2, measure_every=50)
    around = Surroundings(tmp_path, Progress(), Stop())
    measurer = Measurer(start.tokens, start.context, "cpu", Stop())
    before = measurer.figures(start.tagger, start.relation, reports)
    train_stages(start, data, {"tagger": settings, "relation": settings}, around)
    measurer = Measurer(start.tokens, start.context, "cpu", Stop())
    after = measurer.figures(start.tagger, start.relation, reports)
    assert before.scores["entities"].f1() < 0.3
    assert after.scores["entities"].f1() > 0.8
    assert after.scores["both stages"].f1() > 0.6


def test_the_vocabulary_grows_by_what_is_missing(tmp_path: Path) -> None:
    start = from_model_file(tiny_model(tmp_path / "small.radie", ["肺に結節"]))
    assert start.tagger is not None
    assert start.relation is not None
    tokens, old = start.tokens, start.tagger.bert.embeddings.word_embeddings.weight.clone()
    reports = tiny_reports()
    before = Measurer(tokens, start.context, "cpu", Stop()).related(start.relation, reports)
    # One step with no rate to speak of: what grows, and nothing else, is seen.
    settings = dataclasses.replace(SETTINGS, steps=1, rate=1e-12, average=0.0)
    data = Data([normalized(report) for report in reports], [])
    train_stages(start, data, {"tagger": settings}, Surroundings(tmp_path, Progress(), Stop()))
    new = start.tokens[len(tokens) :]
    assert start.tokens[: len(tokens)] == tokens
    assert new == sorted({c for r in data.train for c in r.text} - set(tokens))
    assert "癌" in new
    grown = start.tagger.bert.embeddings.word_embeddings.weight
    assert grown.shape == (len(start.tokens), 16)
    assert start.tagger.bert.config.vocab_size == len(start.tokens)
    assert torch.allclose(grown[: len(tokens)], old, atol=1e-6)
    mean = old[[i for i, token in enumerate(tokens) if len(token) == 1]].mean(0)
    assert torch.allclose(grown[len(tokens) :], mean.expand(len(new), -1), atol=1e-6)
    # The stage that was not trained reads them as it did.
    measurer = Measurer(start.tokens, start.context, "cpu", Stop())
    assert measurer.related(start.relation, reports) == before
    table = start.relation.bert.embeddings.word_embeddings.weight
    assert torch.equal(table[len(tokens) :], table[1].expand(len(new), -1))


def test_a_replacement_character_in_a_report_gets_no_token() -> None:
    assert missing_characters([Report("x", "結\ufffd節")], ["節"]) == ["結"]


def test_batches_are_mixed_by_weight() -> None:
    own, other = tiny_reports(1), tiny_reports(2)[1:]

    def names(reports: list[Report], _: random.Random) -> Iterator[str]:
        return itertools.repeat(reports[0].id)

    drawn = _mixed(names, Data(own, [], other, 0.3), 7)  # type: ignore[arg-type]  # makes ids
    ten = list(itertools.islice(drawn, 10))
    assert (ten.count("r1"), ten.count("r2")) == (7, 3)
    unmixed = _mixed(names, Data(own, [], other, 0.0), 7)  # type: ignore[arg-type]  # makes ids
    assert set(itertools.islice(unmixed, 10)) == {"r1"}


def test_a_share_is_held_back() -> None:
    reports = tiny_reports(20)
    train, dev = split_share(reports, 0.1, 7)
    assert (len(train), len(dev)) == (18, 2)
    assert {r.id for r in train}.isdisjoint(r.id for r in dev)
    assert split_share(reports, 0.1, 7) == (train, dev)
    assert split_share(reports, 0.0, 7) == (reports, [])
    assert split_share(reports[:1], 0.5, 7) == (reports[:1], [])
    assert share_to_hold_back(None, ENOUGH_TO_HOLD_BACK) == 0.1
    assert share_to_hold_back(None, ENOUGH_TO_HOLD_BACK - 1) == 0
    assert share_to_hold_back(0.3, 5) == 0.3
    assert len(split_share(reports[:2], 0.01, 7)[1]) == 1


def test_says_what_training_will_not_see() -> None:
    far = "右肺" + "、" * 300 + "結節"
    entities = (
        Entity("T1", "Anatomical_entity", 0, 2),
        Entity("T2", "Imaging_observation", 302, 304),
    )
    relation = tiny_reports(2)[1].relations[0]
    distant = Report("far", far, entities, (relation,))
    near = tiny_reports(1)[0]
    notes = check_data(Data([normalized(distant), normalized(near)], [near]), ["relation"], 300)
    assert len(notes) == 2
    assert notes[0].startswith("reports in both training and dev: 1")
    assert notes[1].startswith("relations not learned: 1; further apart than 300 characters")
    assert len(check_data(Data([normalized(distant)], []), ["relation"], 302)) == 0
    with pytest.raises(TrainError, match="no report to train on has two entities"):
        check_data(Data([normalized(distant)], []), ["relation"], 120)
    with pytest.raises(TrainError, match="no report to train on has text"):
        check_data(Data([Report("x", " ")], []), ["tagger"], 300)


def test_a_model_that_is_fine_tuned_keeps_its_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = from_model_file(tiny_model(tmp_path / "near.radie", context=4))
    used: list[int] = []

    def batches(*arguments: Any) -> Iterator[Any]:
        used.append(arguments[2].context)
        return relation_batches(*arguments)

    monkeypatch.setattr("radie_train.recipe.relation_batches", batches)
    settings = dataclasses.replace(SETTINGS, steps=1)
    train_stages(start, _data(), {"relation": settings}, Surroundings(tmp_path, Progress(), Stop()))
    assert set(used) == {start.context} == {4}


def test_samples_hold_the_pairs_in_reach() -> None:
    report = normalized(tiny_reports(1)[0])
    exact = Mistakes(share=0)

    def pairs(context: int) -> int:
        found = relation_data.report_samples(
            report, Noise(0, 0, 0, 0, 0, 0, 0), exact, random.Random(0), context=context
        )
        return sum(len(sample.pairs) for sample in found)

    assert [pairs(context) for context in (0, 9, 300)] == [0, 6, 9]


def test_entities_that_share_a_character_are_counted() -> None:
    entities = (
        Entity("T1", "Imaging_observation", 0, 1),
        Entity("T2", "Clinical_finding", 1, 3),
        Entity("T3", "Size_descriptor", 3, 4),
    )
    reports, lost = prepared([Report("x", "ｶﾞﾝ㎜\u200b", entities)])
    assert [e.id for e in reports[0].entities] == ["T1", "T3"]
    assert lost == 1


def test_a_sentence_without_end_is_cut_between_mentions() -> None:
    text = "あ" * 505 + "すりガラス影" + "い" * 700
    report = Report("x", text, (Entity("T1", "Imaging_observation", 505, 511),))
    samples = report_samples(report, Noise(0, 0, 0, 0, 0, 0, 0), random.Random(0))
    assert "".join("".join(sample.characters) for sample in samples) == text
    assert [len(sample.characters) for sample in samples] == [505, 510, 196]
    begins = ENTITY_LABELS.index("B-Imaging_observation")
    assert [sample.labels.count(begins) for sample in samples] == [0, 1, 0]


def test_a_work_folder_is_one_runs(tmp_path: Path) -> None:
    work = tmp_path / "work"
    claim_work(work, {"seed": 7, "steps": 3})
    claim_work(work, {"seed": 7, "steps": 3})
    with pytest.raises(TrainError, match="belongs to a run with another seed, steps;"):
        claim_work(work, {"seed": 8, "steps": 4})
    with pytest.raises(TrainError, match="holds other files"):
        claim_work(tmp_path, {})
