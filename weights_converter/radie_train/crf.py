"""Linear-chain CRF over label sequences; forbidden transitions have no part in it.

Parameters bear pytorch-crf's names: `transitions[from, to]`, `start_transitions`,
`end_transitions`. All values are log potentials.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_FORBIDDEN = -1e4


class Crf(nn.Module):
    """Training loss and constrained decoding."""

    forbidden: Tensor
    forbidden_start: Tensor

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__()
        count = len(labels)
        self.transitions = nn.Parameter(torch.zeros(count, count))
        self.start_transitions = nn.Parameter(torch.zeros(count))
        self.end_transitions = nn.Parameter(torch.zeros(count))
        follows = [[_may_follow(a, b) for b in labels] for a in labels]
        starts = [not label.startswith("I-") for label in labels]
        self.register_buffer("forbidden", ~torch.tensor(follows), persistent=False)
        self.register_buffer("forbidden_start", ~torch.tensor(starts), persistent=False)

    def forward(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Mean negative log likelihood a sequence; emissions [B, L, N], labels and mask [B, L]."""
        start, transitions = self._constrained()
        path = self._path_score(emissions, labels, mask, start, transitions)
        alpha = start + emissions[:, 0]
        for t in range(1, emissions.shape[1]):
            step = torch.logsumexp(alpha[:, :, None] + transitions, dim=1) + emissions[:, t]
            alpha = torch.where(mask[:, t, None], step, alpha)
        total = torch.logsumexp(alpha + self.end_transitions, dim=1)
        return (total - path).mean()

    def _constrained(self) -> tuple[Tensor, Tensor]:
        return (
            self.start_transitions.masked_fill(self.forbidden_start, _FORBIDDEN),
            self.transitions.masked_fill(self.forbidden, _FORBIDDEN),
        )

    def _path_score(
        self, emissions: Tensor, labels: Tensor, mask: Tensor, start: Tensor, transitions: Tensor
    ) -> Tensor:
        emitted = emissions.gather(2, labels[:, :, None])[:, :, 0]
        moved = transitions[labels[:, :-1], labels[:, 1:]]
        last = labels.gather(1, mask.sum(1, keepdim=True) - 1)[:, 0]
        inner = (emitted * mask).sum(1) + (moved * mask[:, 1:]).sum(1)
        return start[labels[:, 0]] + inner + self.end_transitions[last]

    @torch.no_grad()
    def span_probabilities(
        self, emissions: Tensor, spans: Sequence[tuple[int, int, int, int]], temperatures: Tensor
    ) -> Tensor:
        """P(exactly this span) [temperatures, spans], all scores divided by the temperature.

        `emissions` is [L, N]; a span is (start, end, label at its start, label inside).
        """
        cool = 1 / temperatures.double()[:, None]
        start, transitions = (scores.double() for scores in self._constrained())
        start, end = start * cool, self.end_transitions.double() * cool
        steps = transitions * cool[:, :, None]
        emitted = emissions.double()[None] * cool[:, :, None]
        moves = torch.exp(steps)
        forward = [start + emitted[:, 0]]
        for t in range(1, len(emissions)):
            forward.append(_log_product(forward[-1], moves) + emitted[:, t])
        backward = [end]
        for t in range(len(emissions) - 1, 0, -1):
            backward.append(_log_product(backward[-1] + emitted[:, t], moves.transpose(1, 2)))
        backward.reverse()
        total = torch.logsumexp(forward[-1] + end, dim=1)
        found = []
        for first, last, begin, inside in spans:
            score = forward[first][:, begin]
            label = begin
            for t in range(first + 1, last):
                score = score + steps[:, label, inside] + emitted[:, t, inside]
                label = inside
            if last == len(emissions):
                score = score + end[:, label]
            else:  # anything but going on
                after = steps[:, label] + emitted[:, last] + backward[last]
                after[:, inside] = -torch.inf
                score = score + torch.logsumexp(after, dim=1)
            found.append(torch.exp(score - total).clamp(0, 1))
        return torch.stack(found, dim=1) if found else cool.new_zeros(len(cool), 0)

    @torch.no_grad()
    def decode(self, emissions: Tensor) -> list[int]:
        """The best path over emissions [L, N]; of equal paths the one with the lower labels."""
        start, transitions = self._constrained()
        score = start + emissions[0]
        back = []
        for t in range(1, emissions.shape[0]):
            best, origin = (score[:, None] + transitions).max(dim=0)
            back.append(origin)
            score = best + emissions[t]
        label = int((score + self.end_transitions).argmax())
        path = [label]
        for origin in reversed(back):
            label = int(origin[label])
            path.append(label)
        return path[::-1]


def _log_product(scores: Tensor, moves: Tensor) -> Tensor:
    """log(exp(scores) moves): [T, N] of [T, N] and [T, N, N], without an exponential a move."""
    top = scores.amax(1, keepdim=True)
    return top + torch.log(torch.bmm(torch.exp(scores - top)[:, None], moves)[:, 0])


def _may_follow(before: str, after: str) -> bool:
    return not after.startswith("I-") or before[2:] == after[2:]
