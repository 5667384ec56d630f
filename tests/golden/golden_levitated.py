"""Layout `levitated` in PyTorch: all pairs of a text beside it, told apart by a mask."""

from collections.abc import Mapping

import torch

from golden_checkpoint import TinyModel

Pair = tuple[int, int]
Markers = tuple[list[int], list[int]]
"""Four ids and their positions."""


def states_beside(
    model: TinyModel, text: tuple[int, ...], markers: Mapping[Pair, Markers]
) -> tuple[torch.Tensor, dict[Pair, int]]:
    """The states of the text's rows and of all markers behind it; each pair's first row."""
    ids, positions, owners = list(text), list(range(len(text))), [0] * len(text)
    first: dict[Pair, int] = {}
    for number, (pair, (own, places)) in enumerate(markers.items(), 1):
        first[pair] = len(ids)
        ids += own
        positions += places
        owners += [number] * len(own)
    owner = torch.tensor(owners)
    seen = (owner[None, :] == 0) | (owner[None, :] == owner[:, None])
    return model.masked_states(ids, positions, seen), first
