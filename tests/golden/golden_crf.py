"""`crf.json`: small random CRFs, their best path by pytorch-crf, the rest by enumeration."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torchcrf import CRF

from golden_json import rounded, write_cases

Array = npt.NDArray[np.float64]
Path_ = tuple[int, ...]

_SEED = 20230
_MAX_PATHS = 60_000


def make(output: Path) -> None:
    """Writes crf.json."""
    rng = np.random.default_rng(_SEED)
    cases = []
    for labels in range(1, 8):
        for length in range(1, 9):
            scale = float(rng.choice([0.5, 1.0, 3.0]))
            case = _random_case(rng, labels, length, scale)
            if case is not None:
                cases.append(case)
    for labels, length, scale in ((3, 6, 30.0), (5, 4, 30.0), (4, 5, 0.01), (2, 8, 100.0)):
        case = _random_case(rng, labels, length, scale)
        assert case is not None
        cases.append(case)
    for names in (["O", "B-A", "I-A"], ["O", "B-A", "I-A", "B-B", "I-B"], ["I-A", "O", "B-A"]):
        for length in range(1, 7):
            case = _random_case(rng, len(names), length, 2.0, names)
            assert case is not None
            cases.append(case)
    write_cases(output / "crf.json", cases, seed=_SEED)


def is_allowed(names: list[str], path: Path_) -> bool:
    """Whether no `I-X` in the path stands at its start or after another than `B-X`, `I-X`."""
    previous = "O"
    for label in path:
        name = names[label]
        if name.startswith("I-") and previous[2:] != name[2:]:
            return False
        previous = name
    return True


def _random_case(
    rng: np.random.Generator,
    labels: int,
    length: int,
    scale: float,
    names: list[str] | None = None,
) -> dict[str, Any] | None:
    """One case; None where it has too many paths to enumerate."""
    if labels**length > _MAX_PATHS:
        return None

    def draw(*shape: int) -> Array:
        # Float32 values exactly, with few digits: what the test reads is what was used.
        return np.round(rng.normal(size=shape) * scale, 4).astype(np.float32).astype(np.float64)

    start, end = draw(labels), draw(labels)
    transitions, emissions = draw(labels, labels), draw(length, labels)
    paths = list(itertools.product(range(labels), repeat=length))
    index = np.array(paths)
    scores = start[index[:, 0]] + end[index[:, -1]] + emissions[np.arange(length), index].sum(1)
    scores += transitions[index[:, :-1], index[:, 1:]].sum(1)

    ranked = np.sort(scores)
    assert len(ranked) == 1 or ranked[-1] - ranked[-2] > 1e-6 * max(1.0, scale), "a near tie"
    best = paths[int(scores.argmax())]
    decoded = _torch_decode(start, end, transitions, emissions)
    assert decoded == list(best), (decoded, best)
    top = scores.max()
    weights = np.exp(scores - top)
    log_partition = float(top + np.log(weights.sum()))
    marginals = np.zeros((length, labels))
    for position in range(length):
        np.add.at(marginals[position], index[:, position], weights)
    marginals /= weights.sum()

    case: dict[str, Any] = {
        "labels": labels,
        "length": length,
        "start": rounded(start.tolist(), 7),
        "end": rounded(end.tolist(), 7),
        "transitions": rounded(transitions.tolist(), 7),
        "emissions": rounded(emissions.tolist(), 7),
        "path": decoded,
        "score": round(float(top), 9),
        "log_partition": round(log_partition, 9),
        "marginals": rounded(marginals.tolist(), 9),
    }
    if names is not None:
        allowed = np.array([is_allowed(names, path) for path in paths])
        constrained = np.where(allowed, scores, -np.inf)
        case["label_names"] = names
        case["constrained_path"] = list(paths[int(constrained.argmax())])
        case["constrained_score"] = round(float(constrained.max()), 9)
    return case


def _torch_decode(start: Array, end: Array, transitions: Array, emissions: Array) -> list[int]:
    crf = CRF(len(start), batch_first=True).double()
    with torch.no_grad():
        crf.start_transitions.copy_(torch.from_numpy(start))
        crf.end_transitions.copy_(torch.from_numpy(end))
        crf.transitions.copy_(torch.from_numpy(transitions))
        path: list[int] = crf.decode(torch.from_numpy(emissions)[None])[0]
    return path
