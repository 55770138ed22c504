"""The model learns: so many minutes, with steps that grow and fade with the time that has passed."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from oko.engines.recognition.characters.classes import CLASSES, DIGITS, mask_of
from oko.engines.recognition.characters.normalising import SIZE
from oko.engines.recognition.characters.training.network import Network
from oko.engines.recognition.characters.training.sets import Cells

_BATCH, _STEP, _WARM = 128, 3e-3, 0.04
_DECAY = 0.02
_MASKED = 0.5  # of cells are judged as if the kind of their field was known
_SLOW = 0.995  # of the mean of weights stays at each step


def train(
    cells: Cells,
    minutes: float,
    threads: int,
    say: Callable[[str], None],
    begin: Mapping[str, Any] | None = None,
) -> Any:
    """A network that has learned from the cells; the mean of its weights over the last steps.

    `begin`: weights to go on from, where a model learns further instead of anew.

    Half of the cells are judged among the characters of their kind of field alone, half among all, so that О
    and 0 are told apart by what the field permits, and by their looks where it permits both.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    network = Network()
    if begin is not None:
        network.load_state_dict(dict(begin))
    slow = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=_STEP, weight_decay=_DECAY)
    images, labels, masks = torch.from_numpy(cells.images), torch.from_numpy(cells.labels), _masks()
    begun, seen, told = time.monotonic(), 0, 0.0
    while (part := (time.monotonic() - begun) / (minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = _STEP * min(part / _WARM, 0.5 + 0.5 * math.cos(math.pi * part)) + 1e-6
        chosen = torch.randint(len(labels), (_BATCH,))
        loss = _loss(network, _varied(images[chosen]), labels[chosen], masks)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        steps = seen // _BATCH
        _follow(slow, network, min(_SLOW, (1 + steps) / (10 + steps)))  # the first steps are soon forgotten
        seen += _BATCH
        if part - told > 0.05:
            told = part
            say(f"{part:.0%}: {seen} cells, loss {float(loss.detach()):.4f}")
    return slow


def _masks() -> Any:
    """For each class, which classes stand against it where the kind of its field is known."""
    digits = torch.from_numpy(mask_of(DIGITS + "-,"))
    letters = torch.from_numpy(mask_of(CLASSES[:33]))
    rows = [digits if bool(digits[n]) and n < len(CLASSES) - 3 else letters for n in range(len(CLASSES))]
    for state in range(len(CLASSES) - 3, len(CLASSES)):
        rows[state] = torch.ones(len(CLASSES), dtype=torch.bool)
    return torch.stack(rows)


def _loss(network: Any, images: Any, labels: Any, masks: Any) -> Any:
    logits = network(images)
    known = (torch.rand(len(labels)) < _MASKED)[:, None]
    return nn.functional.cross_entropy(logits.masked_fill(known & ~masks[labels], -30.0), labels)


def _varied(images: Any) -> Any:
    """Moved, scaled and turned a little, paler, with a patch missing in some."""
    ink = images[:, None].float() / 255
    count = len(ink)
    turn, grow = torch.randn(count) * 0.05, 1 + torch.randn(count, 2) * 0.05
    shift = torch.randn(count, 2) * 0.04
    matrix = torch.stack(
        (
            torch.stack((grow[:, 0] * torch.cos(turn), -torch.sin(turn), shift[:, 0]), 1),
            torch.stack((torch.sin(turn), grow[:, 1] * torch.cos(turn), shift[:, 1]), 1),
        ),
        1,
    )
    grid = nn.functional.affine_grid(matrix, [count, 1, SIZE, SIZE], align_corners=False)
    return nn.functional.grid_sample(ink, grid, align_corners=False) * (
        0.8 + 0.2 * torch.rand(count, 1, 1, 1)
    )


def _follow(slow: Any, fast: Any, keep: float) -> None:
    with torch.no_grad():
        for one, other in zip(slow.state_dict().values(), fast.state_dict().values(), strict=True):
            if one.dtype.is_floating_point:
                one.lerp_(other, 1 - keep)
            else:
                one.copy_(other)


def export(network: Any, path: Path) -> None:
    """Write the network as ONNX with a free number of cells; bytes of ink go in, logits come out."""

    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, x: Any) -> Any:
            return self.network(x.float() / 255)

    torch.onnx.export(
        Whole().eval(), (torch.zeros(2, 1, SIZE, SIZE, dtype=torch.uint8),), str(path),
        input_names=["cells"], output_names=["logits"],
        dynamic_axes={"cells": {0: "n"}, "logits": {0: "n"}}, opset_version=17, dynamo=False,
    )  # fmt: skip


def logits_of(path: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What an exported network says of normalised cells (n × 32 × 32): n × classes."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path))
    parts = [images[first : first + 512, None] for first in range(0, len(images), 512)]
    return np.concatenate([session.run(None, {"cells": part})[0] for part in parts])
