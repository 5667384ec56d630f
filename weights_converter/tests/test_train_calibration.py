"""Temperatures: probabilities of spans against enumeration, the fit, and the command."""

import itertools
import math
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from radie_convert.model_file import read_model
from radie_train.calibration import (
    Confidences,
    fit_temperature,
    grid,
    write_calibrated,
)
from radie_train.cli import main
from radie_train.crf import Crf
from radie_train.errors import TrainError

DEMO = Path(__file__).parents[1] / "demo/demo.radie"
LABELS = ["O", "B-a", "I-a", "B-b", "I-b"]


def test_span_probabilities_are_those_of_all_paths() -> None:
    torch.manual_seed(3)
    crf = Crf(LABELS)
    for scores in crf.parameters():
        torch.nn.init.normal_(scores)
    emissions = torch.randn(4, len(LABELS)) * 2
    paths = [
        path
        for path in itertools.product(range(len(LABELS)), repeat=4)
        if not LABELS[path[0]].startswith("I-")
        and all(
            LABELS[b][0] != "I" or LABELS[a][2:] == LABELS[b][2:]
            for a, b in itertools.pairwise(path)
        )
    ]
    temperatures = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    spans = [(0, 2, 1, 2), (2, 4, 3, 4), (1, 2, 1, 2), (0, 4, 3, 4)]
    found = crf.span_probabilities(emissions, spans, temperatures)

    def score(path: tuple[int, ...]) -> float:
        moved = sum(float(crf.transitions[a, b]) for a, b in itertools.pairwise(path))
        ends = float(crf.start_transitions[path[0]]) + float(crf.end_transitions[path[-1]])
        return ends + moved + sum(float(emissions[i, k]) for i, k in enumerate(path))

    for row, temperature in enumerate(temperatures.tolist()):
        weights = [math.exp(score(path) / temperature) for path in paths]
        for column, (start, end, begin, inside) in enumerate(spans):
            wanted = [begin] + [inside] * (end - start - 1)
            share = sum(
                weight
                for weight, path in zip(weights, paths, strict=True)
                if list(path[start:end]) == wanted and (end == 4 or path[end] != inside)
            )
            assert float(found[row, column]) == pytest.approx(share / sum(weights), abs=1e-6)
    assert crf.span_probabilities(emissions, [], temperatures).shape == (3, 0)


def test_the_fit_finds_the_temperature_that_was_put_in() -> None:
    temperatures = grid()
    torch.manual_seed(5)
    logits = torch.randn(4000, dtype=torch.float64) * 2 + 1
    right = torch.rand(4000) < torch.sigmoid(logits / 1.8)
    found = Confidences(torch.sigmoid(logits[None] / temperatures[:, None]), right)
    fit = fit_temperature("entities", found, temperatures)
    assert fit.temperature == pytest.approx(1.8, rel=0.1)
    assert fit.error[1] < fit.error[0] and fit.log_loss[1] < fit.log_loss[0]
    assert temperatures[len(temperatures) // 2] == 1


def test_the_error_is_that_of_the_bins() -> None:
    confidence = torch.tensor([[0.95, 0.91, 0.55, 0.05]], dtype=torch.float64)
    found = Confidences(confidence, torch.tensor([True, False, True, False]))
    assert found.error(0) == pytest.approx((2 * 0.43 + 0.45 + 0.05) / 4)


def test_too_few_predictions_are_refused() -> None:
    few = Confidences(torch.ones(len(grid()), 3, dtype=torch.float64), torch.ones(3).bool())
    with pytest.raises(TrainError, match="relations: 3 predictions"):
        fit_temperature("relations", few, grid())


def test_only_temperatures_are_written(tmp_path: Path) -> None:
    output = tmp_path / "out.radie"
    write_calibrated(DEMO, output, {"entities": 1.5, "relations": 0.9})
    metadata, tensors = read_model(output)
    before, kept = read_model(DEMO)
    assert metadata["entities"].pop("temperature") == 1.5
    assert metadata["relations"].pop("temperature") == 0.9
    for stage in ("entities", "relations"):
        before[stage].pop("temperature", None)
    assert metadata == before
    assert all((tensors[name] == tensor).all() for name, tensor in kept.items())


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[1] / "corpus/w13.txt").read_text(encoding="utf-8")
    reports = tmp_path / "reports.txt"
    reports.write_text("\n=== ".join(text.split("\n=== ")[:4]), encoding="utf-8")
    arguments = ["calibrate", "--model", str(DEMO), "--reports", str(reports)]
    output = tmp_path / "out.radie"
    assert main([*arguments, "--output", str(output), "--threads", "1"]) == 0
    said = capsys.readouterr().err
    assert "entities: temperature" in said and "relations: temperature" in said
    metadata, _ = read_model(output)
    for stage in ("entities", "relations"):
        assert 0.2 <= metadata[stage]["temperature"] <= 5
    assert main([*arguments, "--output", str(DEMO)]) == 1
    assert "is what --model names" in capsys.readouterr().err
