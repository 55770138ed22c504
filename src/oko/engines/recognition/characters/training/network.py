"""The network: three residual stages on 16 × 16, 8 × 8 and 4 × 4 pixels."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from oko.engines.recognition.characters.classes import CLASSES

#: Widths of the stages of the network that sees every cell, and of the one that sees doubtful cells again.
#: Multiples of 16, which processors multiply at full width.
QUICK, THOROUGH = (16, 32, 64), (32, 64, 128)


def _convolution(inputs: int, outputs: int, size: int = 3, step: int = 1) -> Any:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, step, size // 2, bias=False), nn.BatchNorm2d(outputs)
    )


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _convolution(width, width)
        self.second = _convolution(width, width)

    def forward(self, x: Any) -> Any:
        return torch.relu(x + self.second(torch.relu(self.first(x))))


class Network(nn.Module):
    """n × 1 × 32 × 32 of ink, 0 … 1, to n × classes of logits."""

    def __init__(self, widths: tuple[int, int, int]) -> None:
        super().__init__()
        small, middle, large = widths
        self.stages = nn.Sequential(
            _convolution(1, small, 5, 2), nn.ReLU(), _Residual(small),
            _convolution(small, middle, 3, 2), nn.ReLU(), _Residual(middle),
            _convolution(middle, large, 3, 2), nn.ReLU(), _Residual(large),
        )  # fmt: skip
        self.last = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(large * 16, len(CLASSES)))

    def forward(self, x: Any) -> Any:
        return self.last(self.stages(x))
