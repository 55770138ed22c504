"""Marks in boxes as people make them, boxes filled whole to cancel a mark, and dirt in empty ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np

from oko.engines.blanks.filling.pens import Pen, Stroke, draw_strokes, lay_ink, some_pen
from oko.engines.blanks.filling.raster import DPI, GreyImage

Box: TypeAlias = tuple[float, float, float, float]  # left, top, width, height in pixels

#: Kinds of marks and how usual they are.
KINDS = {
    "cross": 0.42,
    "tick": 0.19,
    "slash": 0.09,
    "backslash": 0.06,
    "scribble": 0.10,
    "twofold cross": 0.05,
    "ring": 0.05,
    "dot": 0.04,
}
_PX_PER_MM = DPI / 25.4


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody marks boxes.

    Attributes:
        kind: one of `KINDS`.
        size: of the mark, as a part of the box; above 1 it runs over the border.
        jitter: how far points stray, as a part of the box.
    """

    kind: str
    pen: Pen
    size: float = 0.9
    jitter: float = 0.06


def some_style(rng: np.random.Generator, pen: Pen | None = None) -> Style:
    """A person's way; the pen is drawn too when none is given."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    return Style(kind, pen or some_pen(rng), rng.uniform(0.6, 1.25), rng.uniform(0.02, 0.1))


def near_style(style: Style, rng: np.random.Generator) -> Style:
    """The same hand once more: never twice alike, and now and then in quite another way."""
    kind = style.kind if rng.random() > 0.06 else some_style(rng, style.pen).kind
    return replace(style, kind=kind, size=float(np.clip(style.size * rng.normal(1, 0.1), 0.5, 1.35)))


def draw_mark(
    image: GreyImage, box: Box, style: Style, rng: np.random.Generator, px_per_mm: float = _PX_PER_MM
) -> None:
    """Draw a mark into the picture: in the box, moved a little, overrunning it at large sizes.

    Args:
        box: left, top, width and height of the box in pixels.
    """
    left, top, width, height = box
    strokes = _SHAPES[style.kind](style, rng)
    centre = np.array((0.5, 0.5)) + np.clip(rng.normal(0, 0.07, 2), -0.16, 0.16)
    size = min(style.size, 0.95) if style.kind in ("ring", "dot", "scribble") else style.size
    placed = [(centre + stroke * size) * (width, height) + (left, top) for stroke in strokes]
    draw_strokes(image, placed, style.pen, rng, px_per_mm)


def fill_whole(
    image: GreyImage, box: Box, pen: Pen, rng: np.random.Generator, px_per_mm: float = _PX_PER_MM
) -> None:
    """Cancel: the box is filled, a little unevenly, over its border or with a thin white rim."""
    left, top, width, height = box
    beyond = rng.uniform(-0.3, 0.45) * px_per_mm
    margin = int(np.ceil(abs(beyond) + px_per_mm))
    corner = int(left) - margin, int(top) - margin
    outline = _uneven_outline(box, beyond, 0.12 * px_per_mm, rng) - corner
    layer = np.zeros((int(height) + 2 * margin, int(width) + 2 * margin), np.uint8)
    cv2.fillPoly(layer, [np.rint(outline * 8).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=3)
    firm = replace(pen, grain=pen.grain * 0.5)
    lay_ink(image, layer.astype(np.float32) / 255 * rng.uniform(0.82, 1), corner, firm, rng)
    inner = (left - beyond * 0.7, top - beyond * 0.7, width + 1.4 * beyond, height + 1.4 * beyond)
    draw_strokes(image, [_hatching(inner, rng)], firm, rng, px_per_mm)


def draw_dirt(image: GreyImage, box: Box, rng: np.random.Generator, px_per_mm: float = _PX_PER_MM) -> None:
    """A speck or two of at most 0.4 mm: nobody takes them for a mark."""
    left, top, width, height = box
    for _ in range(int(rng.integers(1, 3))):
        place = np.array((left + width * rng.uniform(0.1, 0.9), top + height * rng.uniform(0.1, 0.9)))
        speck = place + rng.normal(0, 0.05 * px_per_mm, (3, 2))
        pen = Pen(rng.uniform(0.12, 0.26), int(rng.integers(40, 190)), 0.3, 0.3)
        draw_strokes(image, [speck], pen, rng, px_per_mm)


# Shapes, in a square from -0.5 to 0.5 -----------------------------------------------------------------------


def _cross(style: Style, rng: np.random.Generator) -> list[Stroke]:
    return [*_slash(style, rng), *_backslash(style, rng)]


def _twofold_cross(style: Style, rng: np.random.Generator) -> list[Stroke]:
    return [*_cross(style, rng), *_cross(style, rng)]


def _slash(style: Style, rng: np.random.Generator) -> list[Stroke]:
    steep = rng.uniform(0.28, 0.5)
    return [_line((-steep, 0.5), (steep, -0.5), style, rng)]


def _backslash(style: Style, rng: np.random.Generator) -> list[Stroke]:
    steep = rng.uniform(0.28, 0.5)
    return [_line((-steep, -0.5), (steep, 0.5), style, rng)]


def _tick(style: Style, rng: np.random.Generator) -> list[Stroke]:
    low = (rng.uniform(-0.2, 0.02), rng.uniform(0.3, 0.5))
    down = _line((-0.45, rng.uniform(-0.15, 0.15)), low, style, rng)
    up = _line(
        tuple(down[-1]), (rng.uniform(0.35, 0.55), rng.uniform(-0.6, -0.35)), style, rng, starts=down[-1]
    )
    return [np.vstack((down, up))]


def _scribble(style: Style, rng: np.random.Generator) -> list[Stroke]:
    """A zigzag that leaves a good part of the box white."""
    turns = int(rng.integers(4, 7))
    across = np.linspace(-0.42, 0.42, turns)
    along = np.where(np.arange(turns) % 2, 0.4, -0.4)
    corners = np.column_stack((across, along)) + rng.normal(0, style.jitter, (turns, 2))
    turned = corners @ _turn(rng.uniform(-0.8, 0.8))
    return [_smooth(turned, 6)]


def _ring(style: Style, rng: np.random.Generator) -> list[Stroke]:
    """A circle, not always closed."""
    angles = rng.uniform(0, 2 * np.pi) + np.linspace(0, rng.uniform(5.3, 7.2), 28)
    radius = 0.42 * (1 + 0.12 * np.sin(angles * 0.5 + rng.uniform(0, 6)))
    return [np.column_stack((radius * np.cos(angles), radius * np.sin(angles) * rng.uniform(0.8, 1.1)))]


def _dot(style: Style, rng: np.random.Generator) -> list[Stroke]:
    """A blob of about a third of the box."""
    angles = np.linspace(0, rng.uniform(14, 20), 40)
    radius = np.linspace(0.03, rng.uniform(0.15, 0.22), 40)
    return [np.column_stack((radius * np.cos(angles), radius * np.sin(angles)))]


_SHAPES = {
    "cross": _cross,
    "twofold cross": _twofold_cross,
    "slash": _slash,
    "backslash": _backslash,
    "tick": _tick,
    "scribble": _scribble,
    "ring": _ring,
    "dot": _dot,
}


def _line(
    begin: tuple[float, ...],
    end: tuple[float, ...],
    style: Style,
    rng: np.random.Generator,
    starts: Stroke | None = None,
) -> Stroke:
    """A line drawn by hand: ends stray, the middle bows."""
    first = np.asarray(begin) + (0 if starts is not None else rng.normal(0, style.jitter, 2))
    last = np.asarray(end) + rng.normal(0, style.jitter, 2)
    along = np.linspace(0, 1, 10)[:, None]
    across = np.array((first[1] - last[1], last[0] - first[0]))
    bow = rng.normal(0, 0.06)
    return first + (last - first) * along + across * bow * 4 * along * (1 - along)


def _smooth(corners: Stroke, per_corner: int) -> Stroke:
    """Points between corners, turning softly as a hand does."""
    count = len(corners)
    at = np.linspace(0, count - 1, count * per_corner)
    dense = np.column_stack([np.interp(at, np.arange(count), corners[:, axis]) for axis in (0, 1)])
    kernel = np.array((0.25, 0.5, 0.25))
    padded = np.pad(dense, ((1, 1), (0, 0)), mode="edge")
    return np.column_stack([np.convolve(padded[:, axis], kernel, "valid") for axis in (0, 1)])


def _turn(angle: float) -> Stroke:
    return np.array(((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))


def _uneven_outline(box: Box, beyond: float, stray: float, rng: np.random.Generator) -> Stroke:
    left, top, width, height = box
    x0, y0, x1, y1 = left - beyond, top - beyond, left + width + beyond, top + height + beyond
    corners = np.array(((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)))
    at = np.linspace(0, 4, 33)[:-1]
    even = np.column_stack([np.interp(at, np.arange(5), corners[:, axis]) for axis in (0, 1)])
    return even + rng.normal(0, stray, even.shape)


def _hatching(box: Box, rng: np.random.Generator) -> Stroke:
    """Close strokes to and fro over the whole box."""
    left, top, width, height = box
    turns = int(rng.integers(9, 15))
    x = np.linspace(left, left + width, turns)
    y = np.where(np.arange(turns) % 2, top + height, top) + rng.normal(0, height * 0.03, turns)
    return _smooth(np.column_stack((x, y)), 4)
