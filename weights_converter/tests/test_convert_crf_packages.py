"""CRFs of the packages themselves: their scores, converted, give the paths they decode."""

import itertools
from typing import Any

import numpy as np
import pytest

from radie_convert.arrays import Array, Tensors
from radie_convert.tagger_heads import END, START, STEPS, canonical_head
from radie_convert.tags import best_path

torch: Any = pytest.importorskip("torch")

LABELS, HIDDEN = 5, 8


def _tensors(crf: Any, scope: str) -> Tensors:
    rng = np.random.default_rng(2)
    head = {
        "classifier.weight": rng.normal(size=(LABELS, HIDDEN)).astype(np.float32),
        "classifier.bias": np.zeros(LABELS, np.float32),
    }
    return head | {f"{scope}.{n}": t.detach().numpy() for n, t in crf.state_dict().items()}


def _randomise(crf: Any) -> None:
    torch.manual_seed(4)
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.normal_(0, 1)


def _emissions() -> list[Array]:
    rng = np.random.default_rng(3)
    return [rng.normal(size=(n, LABELS)).astype(np.float32) for n in (1, 2, 3, 7, 20, 60)]


def _path(tensors: Tensors, emissions: Array) -> list[int]:
    return best_path(tensors[START], tensors[END], tensors[STEPS], emissions)


def test_pytorch_crf() -> None:
    torchcrf = pytest.importorskip("torchcrf")
    crf = torchcrf.CRF(LABELS, batch_first=True)
    _randomise(crf)
    head = canonical_head(_tensors(crf, "crf"), "x")
    assert head.kind == "pytorch-crf"
    for emissions in _emissions():
        assert crf.decode(torch.from_numpy(emissions)[None])[0] == _path(head.tensors, emissions)


def test_torchcrf() -> None:
    package = pytest.importorskip("TorchCRF")
    crf = package.CRF(LABELS, use_gpu=False)
    _randomise(crf)
    head = canonical_head(_tensors(crf, "model.crf_layer"), "x")
    assert head.kind == "TorchCRF"
    for emissions in _emissions():
        mask = torch.ones(1, len(emissions), dtype=torch.bool)
        found = crf.viterbi_decode(torch.from_numpy(emissions)[None], mask)[0]
        assert found == _path(head.tensors, emissions)


def test_allennlp_constraints_by_trying_every_path() -> None:
    """Its decoder adds -10000 to each step, from the start and to the end, that is ruled out."""
    rng = np.random.default_rng(6)
    for _ in range(20):
        tensors: Tensors = {
            "classifier.weight": rng.normal(size=(LABELS, HIDDEN)).astype(np.float32),
            "classifier.bias": np.zeros(LABELS, np.float32),
            "crf.start_transitions": rng.normal(size=LABELS).astype(np.float32),
            "crf.end_transitions": rng.normal(size=LABELS).astype(np.float32),
            "crf.transitions": rng.normal(size=(LABELS, LABELS)).astype(np.float32),
            "crf._constraint_mask": rng.integers(0, 2, (LABELS + 2, LABELS + 2)).astype(np.float32),
        }
        emissions = rng.normal(size=(3, LABELS)).astype(np.float32)
        mask = tensors["crf._constraint_mask"]

        def score(
            path: tuple[int, ...],
            tensors: Tensors = tensors,
            mask: Array = mask,
            emissions: Array = emissions,
        ) -> float:
            def step(before: int, after: int, value: float) -> float:
                return value if mask[before, after] else -10000.0

            total = step(LABELS, path[0], float(tensors["crf.start_transitions"][path[0]]))
            total += step(path[-1], LABELS + 1, float(tensors["crf.end_transitions"][path[-1]]))
            for a, b in itertools.pairwise(path):
                total += step(a, b, float(tensors["crf.transitions"][a, b]))
            return total + float(sum(emissions[i, label] for i, label in enumerate(path)))

        best = max(itertools.product(range(LABELS), repeat=3), key=score)
        found = _path(canonical_head(tensors, "x").tensors, emissions)
        assert score(tuple(found)) == pytest.approx(score(best), abs=2e-2)
        if score(best) > -5000:
            assert tuple(found) == best
