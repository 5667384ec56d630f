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
    rope_theta: float | None = None
    """Of rotary positions, which queries and keys have beside the table's; None: they have none."""

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON."""
        return {key: value for key, value in asdict(self).items() if value is not None}


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


class _Rotary(nn.Module):
    """Turns pairs of elements by an angle that grows with the position, so that the product of a
    query and a key depends on how far apart they stand (Su et al. 2021, RoFormer).
    """

    turns: Tensor
    """[positions, size / 2] complex numbers of length 1."""

    def __init__(self, positions: int, size: int, theta: float) -> None:
        super().__init__()
        rates = theta ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
        angles = torch.arange(positions, dtype=torch.float64)[:, None] * rates
        turns = torch.polar(torch.ones_like(angles), angles).to(torch.complex64)
        self.register_buffer("turns", turns, persistent=False)

    def forward(self, x: Tensor, rows: Tensor | None) -> Tensor:
        """`x` [B, heads, R, size], its positions `rows` [B, R], or counted from 0."""
        turns = self.turns[: x.shape[-2]] if rows is None else self.turns[rows][:, None]
        pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
        return torch.view_as_real(pairs * turns).flatten(-2).to(x.dtype)


class _SelfAttention(nn.Module):
    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.heads = config.num_attention_heads
        self.rotary: _Rotary | None = None
        if config.rope_theta is not None:
            positions = config.max_position_embeddings
            self.rotary = _Rotary(positions, size // self.heads, config.rope_theta)
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.value = nn.Linear(size, size)

    def forward(self, x: Tensor, mask: Tensor, asked: Tensor, rows: Tensor | None) -> Tensor:
        """What `asked` [B, R, H], the states of `rows`, read in `x` [B, L, H]."""
        query, key = self._split(self.query(asked)), self._split(self.key(x))
        if self.rotary is not None:
            query, key = self.rotary(query, rows), self.rotary(key, None)
        read = functional.scaled_dot_product_attention(
            query, key, self._split(self.value(x)), attn_mask=mask
        )
        return read.transpose(1, 2).flatten(2)

    def _split(self, y: Tensor) -> Tensor:
        batch, length, size = y.shape
        return y.view(batch, length, self.heads, size // self.heads).transpose(1, 2)


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

    def forward(self, x: Tensor, mask: Tensor, rows: Tensor | None) -> Tensor:
        """The new states of `rows` [B, R], or of all."""
        asked = x if rows is None else x.gather(1, rows[:, :, None].expand(-1, -1, x.shape[2]))
        x = self.attention["output"](self.attention["self"](x, mask, asked, rows), asked)
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

    def forward(
        self,
        ids: Tensor,
        mask: Tensor,
        types: Tensor | None = None,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Without `types` all are 0.

        `wanted` [B, L] says whose states the caller reads, in training a small part: the last layer
        leaves out others. What stands there and at padding positions has no meaning.
        """
        x: Tensor = self.embeddings(ids, types)
        visible = mask[:, None, None, :]
        *layers, last = self.encoder["layer"].children()
        for layer in layers:
            x = layer(x, visible, None)
        if wanted is None:
            whole: Tensor = last(x, visible, None)
            return whole
        # Of each sequence as many rows as the one with the most wants: those that it wants, then
        # what comes.
        count = int(wanted.sum(1).max())
        rows = wanted.int().argsort(dim=1, descending=True, stable=True)[:, :count]
        states = last(x, visible, rows)
        result: Tensor = states.new_zeros(x.shape)
        return result.scatter(1, rows[:, :, None].expand(-1, -1, x.shape[2]), states)


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
