"""The layer of R-BERT's head, as its own code has it."""

import torch


class FCLayer(torch.nn.Module):
    """R-BERT's: the activation comes before the layer."""

    def __init__(self, inputs: int, outputs: int, activation: bool = True) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(inputs, outputs)
        self.activation = activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.linear(torch.tanh(x) if self.activation else x)
        return result
