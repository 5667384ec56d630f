"""The encoder: the command's bits, as views."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import radie
from safetensors.numpy import load_file

SEQUENCES = [[2, 45, 17, 3], [2, 7, 3], list(range(2, 40))]


@pytest.mark.parametrize("stage", ["entities", "relations"])
def test_same_states_as_the_command(
    command: Path, bundled: Path, model: radie.Model, tmp_path: Path, stage: str
) -> None:
    ids, output = tmp_path / "ids.jsonl", tmp_path / "states.safetensors"
    ids.write_text("".join(f"{json.dumps(sequence)}\n" for sequence in SEQUENCES))
    options: list[str | Path] = ["--model", bundled, "--isa", model.info.isa, "--stage", stage]
    subprocess.run([command, "encode", *options, "--ids", ids, "-o", output], check=True)
    expected = load_file(output)
    states = model.encode_batch(SEQUENCES, stage)
    for i, (state, sequence) in enumerate(zip(states, SEQUENCES, strict=True)):
        assert state.dtype == np.float32 and state.tobytes() == expected[str(i)].tobytes()
        assert model.encode(np.array(sequence), stage).tobytes() == state.tobytes()
    assert states[0].base is states[1].base is not None  # views of one block
    states[0][:] = 0  # which is writable and stays while a view is there
    hidden = next(info.hidden_size for info in model.info.stages if info.name == stage)
    assert states[2].shape == (38, hidden) and states[2].any()


def test_token_types_count(model: radie.Model) -> None:
    stages = [stage for stage in model.info.stages if stage.token_types > 1]
    assert stages
    zeros, ones = [0] * 4, [1] * 4
    plain = model.encode(SEQUENCES[0], stages[0].name)
    assert np.array_equal(model.encode(SEQUENCES[0], stages[0].name, zeros), plain)
    assert not np.array_equal(model.encode(SEQUENCES[0], stages[0].name, ones), plain)


@pytest.mark.parametrize(
    "ids", [[1.5], [[2, 3]], [], [-1], [10**6], [2**40], ["a"], [2] * 5000], ids=str
)
def test_wrong_ids(model: radie.Model, ids: list[int]) -> None:
    with pytest.raises(radie.Error) as caught:
        model.encode(ids)
    assert caught.value.code == "invalid_argument"


def test_wrong_arguments(model: radie.Model) -> None:
    assert model.encode_batch([]) == []
    for arguments in [{"stage": "heart"}, {"token_types": [0]}, {"token_types": [9] * 4}]:
        with pytest.raises(radie.Error):
            model.encode(SEQUENCES[0], **arguments)  # type: ignore[arg-type]  # of any type
