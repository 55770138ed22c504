"""The networks: three residual stages on 16 × 16, 8 × 8 and 4 × 4 pixels; several heard as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from oko.engines.recognition.characters.classes import CLASSES


@dataclass(frozen=True, slots=True)
class Shape:
    """Widths of the stages, multiples of 16 as processors multiply at full width; and how many members."""

    widths: tuple[int, int, int]
    members: int


#: The network that sees every cell, and the one that sees doubtful cells again.
QUICK, THOROUGH = Shape((16, 32, 64), 1), Shape((32, 64, 128), 2)


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


class Member(nn.Module):
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


class Network(nn.Module):
    """The mean of the logits of members that learned apart (deep ensembles; Lakshminarayanan, Pritzel and
    Blundell, "Simple and scalable predictive uncertainty estimation using deep ensembles", NeurIPS 2017)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.members = nn.ModuleList(Member(shape.widths) for _ in range(shape.members))

    def forward(self, x: Any) -> Any:
        return torch.stack([member(x) for member in self.members]).mean(dim=0)
