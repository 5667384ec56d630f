"""`encoder_*.radie` and their hidden states, computed by transformers' models in float64."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import safetensors.numpy
import torch
from radie_convert import BuildOptions, build_model
from transformers import (
    AutoModel,
    BertConfig,
    DistilBertConfig,
    ElectraConfig,
    PretrainedConfig,
    PreTrainedModel,
    RobertaConfig,
    RoFormerConfig,
)

_LENGTHS = (1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 64, 100, 127, 255, 512)
_ALL_LAYERS_UP_TO = 33
_STRIDE = 13


@dataclass(frozen=True)
class Shape:
    """One tiny encoder."""

    name: str
    hidden: int
    heads: int
    layers: int
    inner: int
    activation: str
    vocab: int = 97
    positions: int = 512
    epsilon: float = 1e-12
    dtype: str = "fp32"
    kind: str = "bert"
    embedding: int = 0
    """ELECTRA's and RoFormer's embedding size; 0: the hidden size."""


SHAPES = (
    Shape("h32_heads4", 32, 4, 2, 64, "gelu"),
    Shape("h36_heads3", 36, 3, 2, 100, "relu", vocab=61),
    Shape("h20_heads2", 20, 2, 3, 52, "gelu_new", vocab=83),
    Shape("h64_heads1", 64, 1, 1, 72, "gelu_pytorch_tanh", vocab=50, positions=128, epsilon=1e-5),
    Shape("h7_heads7", 7, 7, 1, 3, "gelu", vocab=11, positions=33),
    Shape("h32_heads4_fp16", 32, 4, 2, 64, "gelu", dtype="fp16"),
    Shape("roberta", 24, 3, 2, 40, "gelu", vocab=71, positions=130, epsilon=1e-5, kind="roberta"),
    Shape("distilbert", 28, 4, 2, 44, "relu", vocab=67, positions=128, kind="distilbert"),
    Shape("electra", 32, 2, 2, 48, "gelu", vocab=59, positions=128, kind="electra", embedding=20),
    Shape(
        "electra_fp16",
        20,
        4,
        1,
        28,
        "gelu_new",
        vocab=59,
        positions=128,
        dtype="fp16",
        kind="electra",
        embedding=36,
    ),
    Shape("roformer", 24, 3, 2, 40, "gelu", vocab=61, kind="roformer"),
    Shape(
        "roformer_h20_heads2",
        20,
        2,
        2,
        36,
        "gelu",
        vocab=53,
        positions=128,
        kind="roformer",
        embedding=12,
    ),
)


def make(output: Path) -> None:
    """Writes encoder_NAME.radie and encoder_NAME.expected.safetensors for every shape."""
    for seed, shape in enumerate(SHAPES):
        _make_one(output, shape, seed)


def config_of(shape: Shape) -> PretrainedConfig:
    """The settings of a shape, under the names of its kind."""
    common = {
        "vocab_size": shape.vocab,
        "max_position_embeddings": shape.positions,
        "attn_implementation": "eager",
    }
    if shape.kind == "distilbert":
        return DistilBertConfig(
            dim=shape.hidden,
            n_heads=shape.heads,
            n_layers=shape.layers,
            hidden_dim=shape.inner,
            activation=shape.activation,
            **common,
        )
    common |= {
        "hidden_size": shape.hidden,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "intermediate_size": shape.inner,
        "hidden_act": shape.activation,
        "layer_norm_eps": shape.epsilon,
    }
    if shape.kind == "roberta":
        return RobertaConfig(type_vocab_size=1, **common)
    if shape.kind == "electra":
        return ElectraConfig(embedding_size=shape.embedding or shape.hidden, **common)
    if shape.kind == "roformer":
        return RoFormerConfig(embedding_size=shape.embedding or shape.hidden, **common)
    return BertConfig(**common)


def random_encoder(config: PretrainedConfig, generator: torch.Generator) -> PreTrainedModel:
    """An encoder without pooler whose weights are large enough for every number to matter."""
    pooled = config.model_type in ("bert", "roberta")
    extra = {"add_pooling_layer": False} if pooled else {}
    model = AutoModel.from_config(config, **extra).eval()
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if parameter.requires_grad:  # RoFormer's angles are no weights
                randomise(name, parameter, generator)
    return model


def randomise(name: str, parameter: torch.Tensor, generator: torch.Generator) -> None:
    """Draws one parameter: LayerNorm weights round 1, biases and matrices round 0."""
    centre = 1.0 if re.search(r"(LayerNorm|layer_norm)\.weight$", name) else 0.0
    spread = 0.5 if "embeddings" in name and parameter.ndim == 2 else 0.2
    noise = torch.empty(parameter.shape).normal_(0.0, spread, generator=generator)
    parameter.copy_(centre + noise)


def hidden_states(model: PreTrainedModel, ids: list[int]) -> list[npt.NDArray[np.float64]]:
    """Embeddings' output and every layer's, each [len, H], of a model in float64."""
    with torch.no_grad():
        result = model(
            input_ids=torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            output_hidden_states=True,
        )
    return [state[0].numpy() for state in result.hidden_states]


def _make_one(output: Path, shape: Shape, seed: int) -> None:
    generator = torch.Generator().manual_seed(1000 + seed)
    config = config_of(shape)
    model = random_encoder(config, generator)
    low = 0
    if shape.kind == "roberta":
        low = config.pad_token_id + 1  # a padding token has a position of its own
    name = f"encoder_{shape.name}"
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        options = BuildOptions(name=name, dtype=shape.dtype, normalization="none", sentences="none")
        build_model(output / f"{name}.radie", encoder=folder, options=options)
    if shape.dtype == "fp16":
        model = model.half()
    model = model.double()

    tensors: dict[str, npt.NDArray[np.generic]] = {}
    for length in _LENGTHS:
        if length > shape.positions - low:
            continue
        ids = torch.randint(low, shape.vocab, (length,), generator=generator).tolist()
        tensors[f"ids.{length}"] = np.array(ids, dtype=np.int32)
        states = hidden_states(model, ids)
        assert len(states) == shape.layers + 1
        if length <= _ALL_LAYERS_UP_TO:
            for layer, state in enumerate(states):
                tensors[f"layer.{layer}.{length}"] = state.astype(np.float32)
        else:
            rows = np.array(sorted({*range(0, length, _STRIDE), length - 1}), dtype=np.int32)
            tensors[f"rows.{length}"] = rows
            tensors[f"layer.{shape.layers}.{length}"] = states[-1][rows].astype(np.float32)
    data = safetensors.numpy.save(tensors)
    (output / f"{name}.expected.safetensors").write_bytes(data)
