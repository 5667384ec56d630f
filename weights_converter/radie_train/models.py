"""The two stages as torch modules, with the tensor names of the model file's stages."""

from __future__ import annotations

import torch
from torch import Tensor, nn

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

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.out_proj(self.dropout(torch.tanh(self.dense(x))))
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
        hidden = states.float()
        row = pairs[:, 0]
        head = (hidden[row, pairs[:, 1]] + hidden[row, pairs[:, 2]]) / 2
        tail = (hidden[row, pairs[:, 3]] + hidden[row, pairs[:, 4]]) / 2
        logits: Tensor = self.classifier(torch.cat([head, tail, head * tail], dim=1))
        return logits.float()
