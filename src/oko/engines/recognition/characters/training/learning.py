"""The model learns: so many minutes, with steps that grow and fade with the time that has passed."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import nn

from oko.engines.recognition.characters.classes import CLASSES, DIGITS, mask_of
from oko.engines.recognition.characters.normalising import SIZE
from oko.engines.recognition.characters.training.network import Network, Shape
from oko.engines.recognition.characters.training.sets import Cells

_BATCH, _STEP, _WARM = 256, 4e-3, 0.04
_DECAY = 0.05
_MASKED = 0.5  # of cells are judged as if the kind of their field was known
_SLOW = 0.995  # of the mean of weights stays at each step
_KNOTS, _BEND = 4, 0.06  # of the grid by which a cell is bent, in halves of its side
_PEN = 0.7  # of a pixel that a stroke may grow or shrink by on each side
_CALMER, _CALM = 0.6, 0.3  # from this part of the time on fewer cells are varied, in the end such a share
_GENTLY = 0.15  # of the steps where a model learns further
#: What the reader of weights raises for files that are something else, or the half of one.
_NO_WEIGHTS = (
    OSError,
    RuntimeError,
    UnpicklingError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)


class WeightsError(ValueError):
    """A file that does not hold the weights of the network that is asked for."""


def train(
    cells: Cells,
    shape: Shape,
    minutes: float,
    threads: int,
    say: Callable[[str], None],
    begin: Mapping[str, Any] | None = None,
) -> Network:
    """A network of such a shape that has learned from the cells; its members share out the time.

    `begin`: weights to go on from, where a model learns further instead of anew: by smaller steps, from cells
    of which fewer and fewer are varied.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    network = Network(shape)
    if begin is not None:
        network.load_state_dict(dict(begin))
    for number, member in enumerate(network.members):
        torch.manual_seed(number)
        network.members[number] = _learned(member, cells, minutes / shape.members, begin is not None, say)
    return network


def _learned(member: Any, cells: Cells, minutes: float, further: bool, say: Callable[[str], None]) -> Any:
    """The mean of a member's weights over the last steps.

    Half of the cells are judged among the characters of their kind of field alone, half among all, so that О
    and 0 are told apart by what the field permits, and by their looks where it permits both.
    """
    member = member.to(memory_format=torch.channels_last)
    slow = copy.deepcopy(member).eval()
    optimiser = torch.optim.AdamW(member.parameters(), lr=_STEP, weight_decay=_DECAY)
    images, labels, masks = torch.from_numpy(cells.images), torch.from_numpy(cells.labels), _masks()
    halved = _halved_is_quicker(member)
    highest, calmer = (_STEP * _GENTLY, 0.0) if further else (_STEP, _CALMER)
    begun, seen, told = time.monotonic(), 0, 0.0
    while (part := (time.monotonic() - begun) / (minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = highest * min(part / _WARM, 0.5 + 0.5 * math.cos(math.pi * part)) + 1e-6
        chosen = torch.randint(len(labels), (_BATCH,))
        share = 1 - (1 - _CALM) * max(0.0, part - calmer) / (1 - calmer)
        cells_seen = _varied(images[chosen], share).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=halved):
            logits = member(cells_seen)
        loss = _loss(logits.float(), labels[chosen], masks)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        steps = seen // _BATCH
        _follow(slow, member, min(_SLOW, (1 + steps) / (10 + steps)))  # the first steps are soon forgotten
        seen += _BATCH
        if part - told > 0.05:
            told = part
            say(f"{part:.0%}: {seen} cells, loss {float(loss.detach()):.4f}")
    return slow


def _halved_is_quicker(member: Any) -> bool:
    """Whether this processor multiplies bfloat16 faster than float32: older ones only imitate it."""
    cells = torch.zeros(_BATCH, 1, SIZE, SIZE).to(memory_format=torch.channels_last)
    took = {}
    trial = copy.deepcopy(member)
    for halved in (False, True):
        for _ in range(2):  # the first chooses the kernels
            begun = time.perf_counter()
            with torch.autocast("cpu", torch.bfloat16, enabled=halved):
                trial(cells).sum().backward()
            took[halved] = time.perf_counter() - begun
    return took[True] < took[False]


def _masks() -> Any:
    """For each class, which classes stand against it where the kind of its field is known."""
    digits = torch.tensor(mask_of(DIGITS + "-,"))
    letters = torch.tensor(mask_of(CLASSES[:33]))
    rows = [digits if bool(digits[n]) and n < len(CLASSES) - 3 else letters for n in range(len(CLASSES))]
    for state in range(len(CLASSES) - 3, len(CLASSES)):
        rows[state] = torch.ones(len(CLASSES), dtype=torch.bool)
    return torch.stack(rows)


def _loss(logits: Any, labels: Any, masks: Any) -> Any:
    known = (torch.rand(len(labels)) < _MASKED)[:, None]
    return nn.functional.cross_entropy(logits.masked_fill(known & ~masks[labels], -30.0), labels)


def _varied(images: Any, share: float) -> Any:
    """So many of them moved, scaled, slanted, turned, bent a little, in other pens, paler: another hand."""
    ink = images[:, None].float() / 255
    count = len(ink)
    bend = torch.randn(count, 2, _KNOTS, _KNOTS) * _BEND
    smooth = nn.functional.interpolate(bend, size=(SIZE, SIZE), mode="bilinear", align_corners=True)
    grid = nn.functional.affine_grid(_turned(count), [count, 1, SIZE, SIZE], align_corners=False)
    moved = nn.functional.grid_sample(ink, grid + smooth.permute(0, 2, 3, 1), align_corners=False)
    varied = _other_pens(moved) * (0.8 + 0.2 * torch.rand(count, 1, 1, 1))
    return torch.where(torch.rand(count, 1, 1, 1) < share, varied, ink)


def _turned(count: int) -> Any:
    """Affine maps, count × 2 × 3, as `affine_grid` takes them."""
    turn, slant = torch.randn(count) * 0.07, torch.randn(count) * 0.15
    grow, shift = 1 + torch.randn(count, 2) * 0.11, torch.randn(count, 2) * 0.05
    across = torch.stack((grow[:, 0] * torch.cos(turn), slant - torch.sin(turn), shift[:, 0]), 1)
    along = torch.stack((torch.sin(turn), grow[:, 1] * torch.cos(turn), shift[:, 1]), 1)
    return torch.stack((across, along), 1)


def _other_pens(ink: Any) -> Any:
    """A third of the cells with thicker strokes, a third with thinner ones."""
    thick, thin, same = ink.chunk(3)
    grown = nn.functional.max_pool2d(thick, 3, 1, 1)
    shrunk = -nn.functional.max_pool2d(-thin, 3, 1, 1)
    return torch.cat(
        (
            torch.lerp(thick, grown, torch.rand(len(thick), 1, 1, 1) * _PEN),
            torch.lerp(thin, shrunk, torch.rand(len(thin), 1, 1, 1) * _PEN),
            same,
        )
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


def save(network: Any, path: Path) -> None:
    """Write the weights, to go on from another time."""
    torch.save(network.state_dict(), path)


def load(path: Path, shape: Shape) -> Mapping[str, Any]:
    """Weights that `save` wrote, fit for a network of this shape.

    Raises:
        WeightsError: the file is not such.
    """
    try:
        weights: Mapping[str, Any] = torch.load(path, weights_only=True)
        Network(shape).load_state_dict(dict(weights))
    except _NO_WEIGHTS as error:
        raise WeightsError(path) from error
    return weights
