"""Growing a model's vocabulary: characters it lacks get tokens at its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from radie_train.models import RelationClassifier, Tagger
from radie_train.report import Report
from radie_train.vocabulary import UNK, UNKNOWN_CHARACTER


def missing_characters(reports: Iterable[Report], tokens: Sequence[str]) -> list[str]:
    """Characters of normalised reports that are no token and should be, in code-point order."""
    known = {*tokens, UNKNOWN_CHARACTER}
    return sorted({c for report in reports for c in report.text} - known)


@torch.no_grad()
def grow_vocabulary(
    model: Tagger | RelationClassifier, tokens: Sequence[str], added: int, trained: bool
) -> None:
    """Gives the model `added` embeddings after those of `tokens`.

    In a model that will be trained they begin as the mean of its characters'; in one that will
    not, as the unknown token's, so that it reads everything as it did before.
    """
    table = model.bert.embeddings.word_embeddings.weight
    if trained:
        characters = [i for i, token in enumerate(tokens) if len(token) == 1]
        row = table[characters].mean(0)
    else:
        row = table[list(tokens).index(UNK)]
    model.bert.embeddings.word_embeddings = _extended(table, row.expand(added, -1))
    model.bert.config = replace(model.bert.config, vocab_size=len(tokens) + added)


@torch.no_grad()
def grow_token_types(weight: Tensor, count: int) -> Tensor:
    """A token-type table of `count` rows: those it has, then the first one slightly changed."""
    new = weight[:1].expand(count - len(weight), -1)
    return torch.cat([weight, new + 0.02 * torch.randn(new.shape)])


def _extended(table: Tensor, rows: Tensor) -> nn.Embedding:
    grown = nn.Embedding(len(table) + len(rows), table.shape[1])
    grown.weight.copy_(torch.cat([table, rows]))
    return grown
