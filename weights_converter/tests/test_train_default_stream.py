"""What is off by default takes part in nothing: samples are those of a loop without it."""

import random

import pytest

pytest.importorskip("torch")

from train_support import tiny_reports

from radie_train import relation_data, tagger_data
from radie_train.augmentation import replace_mentions
from radie_train.mentions import Mentions
from radie_train.pooling import groups_of
from radie_train.relation_data import Mistakes, RelationRecipe, join, relation_batches
from radie_train.report import Report
from radie_train.stages import RELATION_NOISE, TAGGER_NOISE
from radie_train.tagger_data import tagger_batches
from radie_train.vocabulary import Vocabulary, build_vocabulary

REPORTS = tiny_reports(8)
VOCABULARY = Vocabulary(build_vocabulary(report.text for report in REPORTS))
ROUNDS = 40


def _tagger_rows(recombined: float) -> list[bytes]:
    batches = tagger_batches(
        REPORTS, Mentions(REPORTS), VOCABULARY, TAGGER_NOISE, 4, random.Random(3), recombined
    )
    return [next(batches).ids.numpy().tobytes() for _ in range(ROUNDS)]


def test_tagger_samples() -> None:
    def plain() -> list[bytes]:
        rng, mentions = random.Random(3), Mentions(REPORTS)
        order = list(REPORTS)
        pool: list[tagger_data.TaggerSample] = []
        rows: list[bytes] = []
        while len(rows) < ROUNDS:
            rng.shuffle(order)
            for report in order:
                changed = replace_mentions(report, mentions, TAGGER_NOISE.mention, rng)
                pool += tagger_data.report_samples(changed, TAGGER_NOISE, rng)
                groups = groups_of(pool, 4, lambda sample: len(sample.characters), rng)
                rows += [tagger_data.collate(g, VOCABULARY).ids.numpy().tobytes() for g in groups]
        return rows[:ROUNDS]

    assert _tagger_rows(0.0) == plain()
    assert _tagger_rows(0.5) != plain()


def _relation_rows(recipe: RelationRecipe) -> list[bytes]:
    batches = relation_batches(REPORTS, VOCABULARY, recipe, random.Random(3))
    return [next(batches).ids.numpy().tobytes() for _ in range(ROUNDS)]


def test_relation_samples() -> None:
    recipe = RelationRecipe(RELATION_NOISE, Mistakes(), 4)

    def changed(report: Report, order: list[Report], rng: random.Random) -> Report:
        if rng.random() < recipe.joined:
            report = join(report, rng.choice(order))
        return replace_mentions(report, Mentions(REPORTS), RELATION_NOISE.mention, rng)

    def plain() -> list[bytes]:
        rng = random.Random(3)
        order = list(REPORTS)
        pool: list[relation_data.RelationSample] = []
        rows: list[bytes] = []
        while len(rows) < ROUNDS:
            rng.shuffle(order)
            for report in order:
                pool += relation_data.report_samples(
                    changed(report, order, rng), RELATION_NOISE, Mistakes(), rng, recipe.excerpts
                )
                groups = groups_of(pool, 4, lambda sample: len(sample.tokens), rng)
                rows += [relation_data.collate(g, VOCABULARY).ids.numpy().tobytes() for g in groups]
        return rows[:ROUNDS]

    assert _relation_rows(recipe) == plain()
    assert _relation_rows(RelationRecipe(RELATION_NOISE, Mistakes(), 4, recombined=0.5)) != plain()


def test_every_batch_is_full() -> None:
    """What makes no full batch stays for the next pool, and which ones is chance."""
    rng = random.Random(2)
    left = set()
    for _ in range(20):
        pool = list(range(1, 136))
        groups = groups_of(pool, 8, int, rng)
        assert [len(group) for group in groups] == [8] * 16
        assert sorted([*pool, *(length for group in groups for length in group)]) == [
            *range(1, 136)
        ]
        assert sum(max(group) - min(group) for group in groups) < 16 * 16
        left |= set(pool)
        assert groups_of(pool, 8, int, rng) == [] and len(pool) == 7
    assert min(left) < 40 and max(left) > 90
    batches = tagger_batches(
        REPORTS, Mentions(REPORTS), VOCABULARY, TAGGER_NOISE, 4, random.Random(3)
    )
    assert {len(next(batches).ids) for _ in range(200)} == {4}
