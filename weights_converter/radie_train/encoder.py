"""BERT encoder in plain torch whose state dict bears the names of a transformers checkpoint."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class EncoderConfig:
    """The shape, under the names of a transformers `config.json`."""

    vocab_size: int
    hidden_size: int = 192
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    intermediate_size: int = 768
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12
    hidden_act: str = "gelu"

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON."""
        return asdict(self)


class _Embeddings(nn.Module):
    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        size = config.hidden_size
        self.word_embeddings = nn.Embedding(config.vocab_size, size)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, size)
        self.LayerNorm = nn.LayerNorm(size, config.layer_norm_eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: Tensor, types: Tensor | None) -> Tensor:
        positions = self.position_embeddings.weight[: ids.shape[1]]
        kinds = self.token_type_embeddings.weight[0] if types is None else None
        if kinds is None:
            kinds = self.token_type_embeddings(types)
        total = self.word_embeddings(ids) + positions + kinds
        result: Tensor = self.dropout(self.LayerNorm(total))
        return result


class _SelfAttention(nn.Module):
    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.heads = config.num_attention_heads
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.value = nn.Linear(size, size)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, size = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(batch, length, self.heads, size // self.heads).transpose(1, 2)

        read = functional.scaled_dot_product_attention(
            split(self.query(x)), split(self.key(x)), split(self.value(x)), attn_mask=mask
        )
        return read.transpose(1, 2).reshape(batch, length, size)


class _AddNorm(nn.Module):
    """Linear, dropout, residual, layer norm: the end of both halves of a layer."""

    def __init__(self, inner: int, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        self.dense = nn.Linear(inner, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, residual: Tensor) -> Tensor:
        result: Tensor = self.LayerNorm(self.dropout(self.dense(x)) + residual)
        return result


class _Layer(nn.Module):
    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        self.attention = nn.ModuleDict(
            {
                "self": _SelfAttention(config),
                "output": _AddNorm(config.hidden_size, config, dropout),
            }
        )
        self.intermediate = nn.ModuleDict(
            {"dense": nn.Linear(config.hidden_size, config.intermediate_size)}
        )
        self.output = _AddNorm(config.intermediate_size, config, dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.attention["output"](self.attention["self"](x, mask), x)
        result: Tensor = self.output(functional.gelu(self.intermediate["dense"](x)), x)
        return result


class BertEncoder(nn.Module):
    """Token ids, their mask and their types, [B, L] each -> hidden states [B, L, H]."""

    def __init__(self, config: EncoderConfig, dropout: float = 0.1) -> None:
        super().__init__()
        self.config = config
        self.embeddings = _Embeddings(config, dropout)
        layers = [_Layer(config, dropout) for _ in range(config.num_hidden_layers)]
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(layers)})
        self.apply(_initialize)
        # Sinusoids let attention find "the next character" from the first step on, at positions
        # that few samples reach as well; training goes on from them.
        with torch.no_grad():
            self.embeddings.position_embeddings.weight.copy_(_sinusoids(config) * 0.03)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor | None = None) -> Tensor:
        """Padding positions give values without meaning; without `types` all are 0."""
        x: Tensor = self.embeddings(ids, types)
        visible = mask[:, None, None, :]
        for layer in self.encoder["layer"].children():
            x = layer(x, visible)
        return x


def _initialize(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02 if isinstance(module, nn.Embedding) else 0.04)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


def _sinusoids(config: EncoderConfig) -> Tensor:
    positions = torch.arange(config.max_position_embeddings, dtype=torch.float32)[:, None]
    rates = torch.exp(
        torch.arange(0, config.hidden_size, 2, dtype=torch.float32)
        * (-math.log(10000.0) / config.hidden_size)
    )
    table = torch.zeros(config.max_position_embeddings, config.hidden_size)
    table[:, 0::2] = torch.sin(positions * rates)
    table[:, 1::2] = torch.cos(positions * rates)
    return table
