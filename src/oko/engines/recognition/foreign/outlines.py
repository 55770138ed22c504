"""Whether the boxes of a page stand where its definition says, and by how much they are off.

A block of boxes is drawn and laid over the darkness of the page at all small shifts; the likeness is the
correlation of «line or beside a line» with darkness (point-biserial), so that contrast does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Marks
from oko.engines.blanks.layout import PlacedField, Rectangle

Darkness = NDArray[np.float32]

#: Half of it on both sides of the edge of a box is its line: of the side of the box, and millimetres.
_LINE, _LINE_MM = 0.06, (0.32, 1.2)
_BESIDE_MM, _LEAST_BESIDE_MM = 0.95, 0.45  # so far on both sides there is to be paper, and no letter:
_BESIDE = 0.17  # of the side of the box
_FILLED = 0.5  # darkness in its middle, from which a box is filled
_FINE = 4  # bits of a pixel's fraction in coordinates of cv2


@dataclass(frozen=True, slots=True)
class Shift:
    """How a block stands: millimetres right and down from where it ought to be, and how alike it is there."""

    right: float
    down: float
    likeness: float


def shift_of(dark: Darkness, fields: Sequence[PlacedField], px_per_mm: float, reach_mm: float) -> Shift:
    """The best place of some fields within `reach_mm`.

    Args:
        dark: of the page laid straight, 0 … 1.
    """
    cells = _unfilled(dark, [(cell, is_round(field)) for field in fields for cell in field.cells], px_per_mm)
    reach = max(1, round(reach_mm * px_per_mm))
    line, beside, corner = _drawn(cells, px_per_mm)
    window = _window(
        dark, corner[0] - reach, corner[1] - reach, line.shape[1] + 2 * reach, line.shape[0] + 2 * reach
    )
    like = _likeness(window, line, beside)
    row, column = np.unravel_index(int(np.argmax(like)), like.shape)
    right, down = _between(like, int(row), int(column))
    return Shift((right - reach) / px_per_mm, (down - reach) / px_per_mm, float(like[row, column]))


def is_round(field: PlacedField) -> bool:
    return isinstance(field.source, Marks) and field.source.shape == "circle"


def _unfilled(
    dark: Darkness, cells: list[tuple[Rectangle, bool]], px_per_mm: float
) -> list[tuple[Rectangle, bool]]:
    """Those of which the middle is not dark: a filled box shows no line; all of them when few are left."""
    empty = []
    for cell, ellipse in cells:
        left, right = ((cell.x_mm + part * cell.w_mm) * px_per_mm for part in (0.3, 0.7))
        top, bottom = ((cell.y_mm + part * cell.h_mm) * px_per_mm for part in (0.3, 0.7))
        middle = dark[max(0, int(top)) : max(1, int(bottom)), max(0, int(left)) : max(1, int(right))]
        if middle.size == 0 or middle.mean() < _FILLED:
            empty.append((cell, ellipse))
    return empty if len(empty) >= 0.3 * len(cells) else cells


def _drawn(
    cells: Sequence[tuple[Rectangle, bool]], px_per_mm: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], tuple[int, int]]:
    """Weights of lines, and of the paper beside them; where their upper left corner is, in pixels."""
    margin = _BESIDE_MM + 0.5
    left = int(np.floor((min(cell.x_mm for cell, _ in cells) - margin) * px_per_mm))
    top = int(np.floor((min(cell.y_mm for cell, _ in cells) - margin) * px_per_mm))
    right = int(np.ceil((max(cell.x_mm + cell.w_mm for cell, _ in cells) + margin) * px_per_mm))
    bottom = int(np.ceil((max(cell.y_mm + cell.h_mm for cell, _ in cells) + margin) * px_per_mm))
    line = np.zeros((bottom - top, right - left), np.uint8)
    beside = np.zeros_like(line)
    for cell, ellipse in cells:
        side = min(cell.w_mm, cell.h_mm)
        line_mm = float(np.clip(_LINE * side, *_LINE_MM))
        beside_mm = max(2.5 * line_mm, min(_BESIDE_MM, max(_LEAST_BESIDE_MM, _BESIDE * side)))
        narrow = max(1, round(line_mm * px_per_mm))
        wide = max(narrow + 2, round(2 * beside_mm * px_per_mm))
        x, y = cell.x_mm * px_per_mm - left - 0.5, cell.y_mm * px_per_mm - top - 0.5
        width, height = cell.w_mm * px_per_mm, cell.h_mm * px_per_mm
        for picture, thickness in ((line, narrow), (beside, wide)):
            if ellipse:
                centre, axes = _fine(x + width / 2, y + height / 2), _fine(width / 2, height / 2)
                cv2.ellipse(picture, centre, axes, 0, 0, 360, 255, thickness, cv2.LINE_AA, _FINE)
            else:
                cv2.rectangle(
                    picture, _fine(x, y), _fine(x + width, y + height), 255, thickness, cv2.LINE_AA, _FINE
                )
    lines = np.asarray(line / 255, np.float32)
    return lines, np.asarray(np.maximum(beside / 255 - lines, 0), np.float32), (left, top)


def _fine(x: float, y: float) -> tuple[int, int]:
    return round(x * 2**_FINE), round(y * 2**_FINE)


def _window(dark: Darkness, left: int, top: int, width: int, height: int) -> Darkness:
    """A part of the page; outside of it there is paper."""
    window = np.zeros((height, width), np.float32)
    y0, y1 = max(0, top), min(dark.shape[0], top + height)
    x0, x1 = max(0, left), min(dark.shape[1], left + width)
    if y1 > y0 and x1 > x0:
        window[y0 - top : y1 - top, x0 - left : x1 - left] = dark[y0:y1, x0:x1]
    return window


def _likeness(
    window: Darkness, line: NDArray[np.float32], beside: NDArray[np.float32]
) -> NDArray[np.float64]:
    on, off = float(line.sum()), float(beside.sum())

    def mean(picture: Darkness, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(cv2.matchTemplate(picture, weights, cv2.TM_CCORR), np.float64)

    on_line, on_paper = mean(window, line), mean(window, beside)
    squares = mean(window * window, line + beside) / (on + off)
    variance = np.maximum(squares - ((on_line + on_paper) / (on + off)) ** 2, 0)
    share = on / (on + off)
    differ = on_line / on - on_paper / off
    return np.asarray(differ * np.sqrt(share * (1 - share)) / np.sqrt(variance + 1e-4), np.float64)


def _between(like: NDArray[np.float64], row: int, column: int) -> tuple[float, float]:
    """Column and row of the top of the parabola through the best place and its neighbours."""

    def top(before: float, here: float, after: float) -> float:
        bend = before - 2 * here + after
        return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < 0 else 0.0

    right = top(*like[row, column - 1 : column + 2]) if 0 < column < like.shape[1] - 1 else 0.0
    down = top(*like[row - 1 : row + 2, column]) if 0 < row < like.shape[0] - 1 else 0.0
    return column + right, row + down
