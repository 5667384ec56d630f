"""`tagger.json`, `tagger_crf.radie`, `tagger_softmax.radie`: stage 1 in PyTorch."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torchcrf import CRF

from golden_checkpoint import TinyModel, convert, tiny_config
from golden_json import rounded, write_cases
from golden_reports import TYPES, char_vocab, reports, split_sentences

Array = npt.NDArray[np.float64]

_POSITIONS = 128
_LABELS = ["O", *(f"{prefix}-{kind}" for kind in TYPES.values() for prefix in "BI")]


def make(output: Path) -> None:
    """Writes tagger.json and both models."""
    cases = [_make_one(output, head, 7000 + i) for i, head in enumerate(("crf", "softmax"))]
    write_cases(output / "tagger.json", cases)


def viterbi(start: Array, end: Array, transitions: Array, emissions: Array) -> list[int]:
    """The best path; scores of minus infinity forbid."""
    score = start + emissions[0]
    back = []
    for row in emissions[1:]:
        step = score[:, None] + transitions
        back.append(step.argmax(0))
        score = step.max(0) + row
    path = [int((score + end).argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]


def forbidden() -> tuple[Array, Array]:
    """What to add to start and transitions so that no `I-X` follows but `B-X` and `I-X`."""
    start = np.array([-np.inf if name.startswith("I-") else 0.0 for name in _LABELS])
    transitions = np.zeros((len(_LABELS), len(_LABELS)))
    for i, before in enumerate(_LABELS):
        for j, after in enumerate(_LABELS):
            if after.startswith("I-") and before[2:] != after[2:]:
                transitions[i, j] = -np.inf
    return start, transitions


def marginals(start: Array, end: Array, transitions: Array, emissions: Array) -> Array:
    """Each token's label probabilities, over all paths (unconstrained)."""
    forward, backward = [start + emissions[0]], [end]
    for row in emissions[1:]:
        forward.append(_logsumexp(forward[-1][:, None] + transitions, 0) + row)
    for row in emissions[:0:-1]:
        backward.append(_logsumexp(transitions + (row + backward[-1])[None], 1))
    total = np.array(forward) + np.array(backward[::-1])
    return np.exp(total - _logsumexp(total, 1)[:, None])


def _make_one(output: Path, head: str, seed: int) -> dict[str, Any]:
    vocab = char_vocab([])
    count = len(_LABELS)
    layers: dict[str, torch.nn.Module] = {"classifier": torch.nn.Linear(16, count)}
    if head == "crf":
        layers["crf"] = CRF(count, batch_first=True)
    model = TinyModel(tiny_config(len(vocab), _POSITIONS, 2), layers, seed)
    sidecar = {
        "text": {"normalization": "none", "sentences": "radiology-ja"},
        "tokenizer": {"profile": "char"},
        "entities": {"labels": _LABELS, "constrained": head == "crf"},
    }
    name = f"tagger_{head}.radie"
    convert(output / name, "tagger", model, vocab, sidecar)
    model = model.double()
    ids = {token: position for position, token in enumerate(vocab)}
    texts = []
    for report in reports():
        sentences = []
        for begin, end in split_sentences(report.text):
            row = [ids.get(c, ids["[UNK]"]) for c in report.text[begin:end]]
            sentences.append({"begin": begin, "end": end, **_expect(model, ids, row)})
        texts.append({"text": report.text, "sentences": sentences})
    return {"model": name, "labels": _LABELS, "constrained": head == "crf", "texts": texts}


def _expect(model: TinyModel, ids: dict[str, int], row: list[int]) -> dict[str, Any]:
    sequence = [ids["[CLS]"], *row, ids["[SEP]"]]
    assert len(sequence) <= _POSITIONS
    with torch.no_grad():
        hidden = model.states(sequence)[1:-1]
        emissions: Array = model.get_submodule("classifier")(hidden).numpy()
    zeros = np.zeros(len(_LABELS))
    start, end, transitions = zeros, zeros, np.zeros((len(zeros), len(zeros)))
    if hasattr(model, "crf"):
        crf: Any = model.crf
        parameters = (crf.start_transitions, crf.end_transitions, crf.transitions)
        start, end, transitions = (parameter.detach().numpy() for parameter in parameters)
        decoded = crf.decode(torch.from_numpy(emissions)[None])[0]
        assert decoded == viterbi(start, end, transitions, emissions)
    no_start, no_step = forbidden()
    free = viterbi(start, end, transitions, emissions)
    constrained = viterbi(start + no_start, end, transitions + no_step, emissions)
    rng = np.random.default_rng(0)
    for _ in range(10):
        noisy = emissions + rng.normal(size=emissions.shape) * 2e-4
        assert free == viterbi(start, end, transitions, noisy), "a near tie: change the seed"
        again = viterbi(start + no_start, end, transitions + no_step, noisy)
        assert constrained == again, "a near tie: change the seed"
    return {
        "ids": sequence,
        "emissions": rounded(emissions.tolist(), 5),
        "path": free,
        "constrained_path": constrained,
        "marginals": rounded(marginals(start, end, transitions, emissions).tolist(), 5),
    }


def _logsumexp(values: Array, axis: int) -> Array:
    top = values.max(axis=axis, keepdims=True)
    result: Array = np.log(np.exp(values - top).sum(axis=axis)) + np.squeeze(top, axis)
    return result
