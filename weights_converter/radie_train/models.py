"""The two stages as torch modules, with the tensor names of the model file's stages."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from radie_train.crf import Crf
from radie_train.encoder import BertEncoder, EncoderConfig
from radie_train.schema import ENTITY_LABELS, RELATION_LABELS


class Tagger(nn.Module):
    """Stage 1: encoder, linear, CRF."""

    def __init__(self, config: EncoderConfig, dropout: float = 0.1) -> None:
        super().__init__()
        self.bert = BertEncoder(config, dropout)
        self.classifier = nn.Linear(config.hidden_size, len(ENTITY_LABELS))
        self.crf = Crf(ENTITY_LABELS)

    def emissions(self, ids: Tensor, mask: Tensor) -> Tensor:
        """[B, L, labels] for every position, [CLS] and [SEP] too."""
        return self.emissions_of(self.bert(ids, mask))

    def emissions_of(self, states: Tensor) -> Tensor:
        """The same from the encoder's states."""
        logits: Tensor = self.classifier(states)
        return logits.float()


class _RelationHead(nn.Module):
    def __init__(self, inputs: int, inner: int, labels: int) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, inner)
        self.out_proj = nn.Linear(inner, labels)
        self.dropout = nn.Dropout(0.1)

    def forward(self, mentions: Tensor, heads: Tensor, tails: Tensor) -> Tensor:
        """Logits [P, labels] of the pairs of rows `heads` and `tails` [P] of `mentions` [M, H].

        That is `dense` over [head; tail; head * tail] side by side. Its first two parts are
        computed once a mention instead of once a pair: there are ten times as many pairs.
        """
        of_head, of_tail, of_product = self.dense.weight.chunk(3, dim=1)
        head, tail = (functional.embedding(rows, mentions) for rows in (heads, tails))
        inner = functional.linear(head * tail, of_product, self.dense.bias)
        for part, rows in ((of_head, heads), (of_tail, tails)):
            inner = inner + functional.embedding(rows, functional.linear(mentions, part))
        logits: Tensor = self.out_proj(self.dropout(torch.tanh(inner)))
        return logits


class RelationClassifier(nn.Module):
    """Stage 2: layout `shared`, pooling `both`, combine `concat_product`."""

    def __init__(self, config: EncoderConfig, dropout: float = 0.1) -> None:
        super().__init__()
        self.bert = BertEncoder(config, dropout)
        size = config.hidden_size
        self.classifier = _RelationHead(3 * size, size, len(RELATION_LABELS))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor, pairs: Tensor) -> Tensor:
        """Logits [P, labels].

        `pairs` [P, 5]: the row of the batch, then the positions of the head's and the tail's
        first and last token.
        """
        return self.logits_of(self.bert(ids, mask, types), pairs)

    def logits_of(self, states: Tensor, pairs: Tensor) -> Tensor:
        """The same from the encoder's states."""
        hidden, length = states.float(), states.shape[1]
        firsts, lasts = pairs[:, 1::2], pairs[:, 2::2]
        spans = (pairs[:, :1] * length + firsts) * length + lasts
        mentions, of_pair = torch.unique(spans, return_inverse=True)
        starts, last = mentions // length, mentions % length
        row, first = starts // length, starts % length
        means = (hidden[row, first] + hidden[row, last]) / 2
        logits: Tensor = self.classifier(means, of_pair[:, 0], of_pair[:, 1])
        return logits.float()
