"""Handwriting: glyphs in cells, lines that look written, signatures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from oko.engines.blanks.filling.glyphs import INK
from oko.engines.blanks.filling.marks import Box, Style, some_style
from oko.engines.blanks.filling.pens import Pen, Stroke, draw_strokes, lay_ink, some_pen
from oko.engines.blanks.filling.raster import DPI, GreyImage

_PX_PER_MM = DPI / 25.4
_FINER = 2
#: Characters that do not fill a cell: height of the cell that they take, and where their middle stands.
_SMALL = {"-": (0.12, 0.52), ",": (0.26, 0.82), ".": (0.14, 0.85)}


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody writes.

    Attributes:
        marks: how boxes are marked, and with which pen all is written.
        slant: of letters, to the right.
        size: of letters, as a part of the cell's height.
        weight: of strokes of glyphs: below 0 thinner, above 0 thicker than in the archive.
    """

    marks: Style
    slant: float
    size: float
    weight: float

    @property
    def pen(self) -> Pen:
        return self.marks.pen


def some_hand(rng: np.random.Generator) -> Hand:
    return Hand(
        some_style(rng, some_pen(rng)),
        rng.normal(0.02, 0.1),
        rng.uniform(0.56, 0.82),
        rng.uniform(-0.15, 0.08),
    )


def write_character(
    image: GreyImage, box: Box, character: str, glyph: GreyImage, hand: Hand, rng: np.random.Generator
) -> None:
    """Write a glyph into a cell; one of sixteen touches the border."""
    glyph = cv2.normalize(glyph, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)  # type: ignore[call-overload]
    ink = np.argwhere(glyph > INK)
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0) + 1
    _, _, width, height = box
    part, middle = _SMALL.get(character, (hand.size, 0.5))
    tall = height * part * rng.uniform(0.9, 1.1)
    scale = min(tall / (bottom - top), width * rng.uniform(0.72, 0.9) / (right - left))
    if character == "-":
        scale = width * rng.uniform(0.35, 0.6) / (right - left)
    side = int(np.ceil(max(width, height) * 1.3))
    angle, slant = rng.normal(0, 0.04), hand.slant + rng.normal(0, 0.03)
    across, along = scale * rng.uniform(0.92, 1.08), scale
    turned = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
    matrix = turned @ np.array(((1, -slant), (0, 1))) @ np.diag((across, along)) * _FINER
    aside = side * _FINER / 2 - matrix @ ((left + right) / 2, (top + bottom) / 2)
    grown = cv2.warpAffine(
        glyph, np.column_stack((matrix, aside)), (side * _FINER, side * _FINER), flags=cv2.INTER_LINEAR
    )
    coverage = _crisp(grown.astype(np.uint8), hand.weight + rng.normal(0, 0.04), scale)
    place = _place(box, middle, (right - left) * across, rng)
    lay_ink(image, coverage, (round(place[0] - side / 2), round(place[1] - side / 2)), hand.pen, rng)


def write_lines(image: GreyImage, box: Box, step_mm: float, hand: Hand, rng: np.random.Generator) -> None:
    """A few lines as if written, from the top of the box."""
    left, top, width, height = box
    step = step_mm * _PX_PER_MM
    most = max(1, int(height / step))
    thin = replace(hand.pen, width_mm=min(hand.pen.width_mm, 0.6))
    for line in range(int(rng.integers(1, most + 1))):
        base = top + (line + 0.92) * step if most > 1 else top + height * 0.7
        words, x = [], left + rng.uniform(1, 6) * _PX_PER_MM
        until = left + width * rng.uniform(0.75, 0.97)
        while x < until - 10 * _PX_PER_MM:
            word = _word((x, base), min(step, height) * 0.36, hand, rng)
            x = float(word[:, 0].max()) + rng.uniform(2, 4) * _PX_PER_MM
            if x < left + width:
                words.append(word)
        if words:
            draw_strokes(image, words, thin, rng)


def sign(image: GreyImage, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    """A signature: loops that fade into a line."""
    left, top, width, height = box
    along = np.linspace(0, 1, 90)
    turns = rng.uniform(3, 7)
    fading = (1 - along) ** rng.uniform(0.4, 1.1)
    x = along * rng.uniform(0.45, 0.8) + 0.05 * np.cos(along * turns * 2 * np.pi)
    y = 0.5 + 0.42 * fading * np.sin(along * turns * 2 * np.pi + rng.uniform(0, 6))
    x = x + rng.uniform(0.05, 0.95 - float(x.max()))
    strokes = [np.column_stack((left + x * width, top + y * height))]
    if rng.random() < 0.5:
        under = np.array(((0.1, 0.8), (rng.uniform(0.5, 0.9), rng.uniform(0.5, 0.85))))
        strokes.append(under * (width, height) + (left, top))
    draw_strokes(image, strokes, hand.pen, rng)


def _crisp(
    smooth: GreyImage, weight: float, scale: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Strokes with edges as sharp as a pen's, whatever the size of the glyph was."""
    soft = cv2.GaussianBlur(smooth, (0, 0), max(0.6, 0.35 * scale * _FINER)).astype(np.float32) / 255
    sharp = np.clip((soft - 0.45 + weight) * 2.2 * max(1.0, scale) + 0.5, 0, 1)
    sharp[soft < 0.08] = 0
    half = cv2.resize(sharp, None, fx=1 / _FINER, fy=1 / _FINER, interpolation=cv2.INTER_AREA)
    return half.astype(np.float32)


def _place(box: Box, middle: float, wide: float, rng: np.random.Generator) -> tuple[float, float]:
    """Where the middle of a character comes to stand."""
    left, top, width, height = box
    x = left + width * (0.5 + float(np.clip(rng.normal(0, 0.05), -0.12, 0.12)))
    if rng.random() < 1 / 16:
        x = left + rng.choice((wide / 2, width - wide / 2))
    return x, top + height * (middle + float(np.clip(rng.normal(0, 0.04), -0.09, 0.09)))


def _word(begin: tuple[float, float], tall: float, hand: Hand, rng: np.random.Generator) -> Stroke:
    """Ups and downs of joined letters, with some that reach above or below the line."""
    letters = int(rng.integers(2, 10))
    count = letters * 4
    x = np.cumsum(rng.uniform(0.22, 0.5, count)) * tall
    y = np.where(np.arange(count) % 2, -tall, 0) * rng.uniform(0.75, 1.1, count)
    tails = rng.random(count)
    y = np.where(tails < 0.05, tall * 0.9, np.where(tails > 0.94, -1.9 * tall, y))
    x = x - y * (0.25 + hand.slant)
    points = np.column_stack((x, y)) + begin
    for _ in range(2):  # Chaikin: each corner is cut
        quarter, rest = points[:-1] * 0.75 + points[1:] * 0.25, points[:-1] * 0.25 + points[1:] * 0.75
        points = np.stack((quarter, rest), axis=1).reshape(-1, 2)
    return points
