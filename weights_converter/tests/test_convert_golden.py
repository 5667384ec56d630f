"""The golden encoders say what docs/model-format.md says: a BERT in numpy gives their states."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from radie_convert import read_model
from radie_convert.arrays import Array, Tensors

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden"
MODELS = sorted(GOLDEN.glob("encoder_*.radie"))

_erf = np.vectorize(math.erf)


def _tanh_gelu(x: Array) -> Array:
    result: Array = 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return result


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "gelu": lambda x: 0.5 * x * (1 + _erf(x / math.sqrt(2))),
    "gelu_new": _tanh_gelu,
    "gelu_pytorch_tanh": _tanh_gelu,
    "relu": lambda x: np.maximum(x, 0),
}


def _turned(heads: Array, theta: float) -> Array:
    """Queries or keys [heads, tokens, size], each pair of elements turned by its angle."""
    size = heads.shape[2]
    angles = np.arange(heads.shape[1])[:, None] * theta ** (-np.arange(0, size, 2) / size)
    pairs = heads[..., 0::2] + 1j * heads[..., 1::2]
    turned = pairs * np.exp(1j * angles)
    result: Array = np.stack([turned.real, turned.imag], axis=-1).reshape(heads.shape)
    return result


def _states(settings: Mapping[str, Any], tensors: Tensors, ids: Array) -> list[Array]:
    """Embeddings' output and every layer's, in float64."""
    weights = {n.removeprefix("encoder.bert."): t.astype(np.float64) for n, t in tensors.items()}

    def linear(x: Array, name: str) -> Array:
        result: Array = x @ weights[name + ".weight"].T + weights[name + ".bias"]
        return result

    def norm(x: Array, name: str) -> Array:
        centred = x - x.mean(1, keepdims=True)
        spread = np.sqrt((centred**2).mean(1, keepdims=True) + settings["layer_norm_eps"])
        result: Array = centred / spread * weights[name + ".weight"] + weights[name + ".bias"]
        return result

    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    if "embedding_size" in settings:
        x = linear(x, "embeddings_project")
    states = [x]
    heads = settings["num_attention_heads"]
    for layer in range(settings["num_hidden_layers"]):
        prefix = f"encoder.layer.{layer}."
        q, k, v = (
            linear(x, f"{prefix}attention.self.{part}").reshape(len(ids), heads, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        if "rope_theta" in settings:
            q, k = (_turned(part, settings["rope_theta"]) for part in (q, k))
        scores = np.exp(q @ k.swapaxes(1, 2) / math.sqrt(q.shape[2]))
        mixed = (scores / scores.sum(2, keepdims=True) @ v).swapaxes(0, 1).reshape(len(ids), -1)
        x = norm(
            x + linear(mixed, prefix + "attention.output.dense"),
            prefix + "attention.output.LayerNorm",
        )
        inner = ACTIVATIONS[settings["hidden_act"]](linear(x, prefix + "intermediate.dense"))
        x = norm(x + linear(inner, prefix + "output.dense"), prefix + "output.LayerNorm")
        states.append(x)
    return states


@pytest.mark.parametrize("path", MODELS, ids=lambda path: str(path.stem))
def test_numpy_bert_agrees(path: Path) -> None:
    metadata, tensors = read_model(path)
    expected = safetensors.numpy.load_file(str(path.with_suffix(".expected.safetensors")))
    lengths = [int(name.removeprefix("ids.")) for name in expected if name.startswith("ids.")]
    for length in lengths:
        states = _states(metadata["encoder"]["encoder"], tensors, expected[f"ids.{length}"])
        for layer, state in enumerate(states):
            wanted = expected.get(f"layer.{layer}.{length}")
            if wanted is not None:
                rows = expected.get(f"rows.{length}", np.arange(length))
                np.testing.assert_allclose(state[rows], wanted, atol=2e-6, rtol=1e-6)


def test_golden_models_are_there() -> None:
    assert len(MODELS) >= 12
