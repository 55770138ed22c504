"""Pens and what they leave on paper: strokes with width, pressure, grain, blended into a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.filling.raster import DPI, GreyImage

Stroke: TypeAlias = NDArray[np.float64]  # n × 2, x and y of points in pixels
Coverage: TypeAlias = NDArray[np.floating[Any]]  # height × width, 0 bare paper … 1 full ink

_FINER = 3  # strokes are drawn so many times larger
_SHIFT = 3  # bits of a fraction of a pixel
_PX_PER_MM = DPI / 25.4


@dataclass(frozen=True, slots=True)
class Pen:
    """A pen in somebody's hand.

    Attributes:
        width_mm: of a stroke at usual pressure.
        ink: grey of full ink, 0 black … 255 white.
        grain: how much of the ink bare grains of paper leave out, 0 (gel) … 1.
        pressure: how much pressure varies along a stroke, 0 … 1.
    """

    width_mm: float
    ink: int
    grain: float
    pressure: float


def some_pen(rng: np.random.Generator) -> Pen:
    """Black gel mostly, as the instruction asks; ballpoint, grey in a scan; pencil down to light grey."""
    kind = rng.choice(("gel", "ballpoint", "pencil"), p=(0.5, 0.32, 0.18))
    if kind == "gel":
        return Pen(rng.uniform(0.35, 0.9), int(rng.integers(5, 50)), 0.05, 0.15)
    if kind == "ballpoint":
        return Pen(rng.uniform(0.25, 0.55), int(rng.integers(45, 115)), 0.3, 0.35)
    return Pen(rng.uniform(0.3, 0.8), int(rng.integers(85, 172)), 0.55, 0.4)


def draw_strokes(
    image: GreyImage,
    strokes: Sequence[Stroke],
    pen: Pen,
    rng: np.random.Generator,
    px_per_mm: float = _PX_PER_MM,
) -> None:
    """Draw into the picture; what is outside of it is left out."""
    width = max(1.0, pen.width_mm * px_per_mm)
    points = np.vstack(strokes)
    left, top = np.floor(points.min(axis=0) - width - 2).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + width + 2).astype(int)
    layer = np.zeros(((bottom - top) * _FINER, (right - left) * _FINER), np.uint8)
    for stroke in strokes:
        _draw_stroke(layer, (stroke - (left, top)) * _FINER, width * _FINER, pen, rng)
    coverage = cv2.resize(layer, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    lay_ink(image, coverage.astype(np.float32) / 255, (left, top), pen, rng)


def lay_ink(
    image: GreyImage, coverage: Coverage, corner: tuple[int, int], pen: Pen, rng: np.random.Generator
) -> None:
    """Blend ink into the picture, the upper left of the coverage at `corner` (x, y)."""
    left, top = corner
    height, width = coverage.shape
    x0, y0, x1, y1 = (
        max(left, 0),
        max(top, 0),
        min(left + width, image.shape[1]),
        min(top + height, image.shape[0]),
    )
    if x0 >= x1 or y0 >= y1:
        return
    part = coverage[y0 - top : y1 - top, x0 - left : x1 - left]
    if pen.grain:
        part = part * (1 - pen.grain * _grains(part.shape, rng))
    under = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = np.rint(under * (1 - part * (1 - pen.ink / 255))).astype(np.uint8)


def _draw_stroke(layer: GreyImage, points: Stroke, width: float, pen: Pen, rng: np.random.Generator) -> None:
    """Segment by segment, each as wide and dark as the hand presses."""
    pressure = 1 - pen.pressure * _wander(len(points), rng)
    whole = np.rint(points * (1 << _SHIFT)).astype(int).tolist()
    for number in range(max(1, len(points) - 1)):
        press = float(pressure[number])
        cv2.line(
            layer,
            whole[number],
            whole[min(number + 1, len(whole) - 1)],
            color=int(255 * (0.45 + 0.55 * press)),
            thickness=max(1, round(width * (0.6 + 0.4 * press))),
            lineType=cv2.LINE_8,
            shift=_SHIFT,
        )


def _wander(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A smooth walk between 0 and 1."""
    knots = rng.random(max(2, count // 6 + 2))
    return np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots)


def _grains(shape: tuple[int, ...], rng: np.random.Generator) -> Coverage:
    """Where paper stays bare under a dry pen: 0 … 1, grains of about 0.15 mm."""
    noise = rng.random(((shape[0] + 1) // 2 + 1, (shape[1] + 1) // 2 + 1), np.float32)
    return cv2.resize(noise, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR).astype(np.float32)
