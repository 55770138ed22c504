"""Marks of a sheet as small pictures, to be looked for in a scan."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.foreign.pages import Mark
from oko.engines.recognition.model import GreyImage

_FINER = 4  # drawn so many times as large, then made small: edges are soft as in a scan
_MARGIN = 0.25  # white around a mark, of its size
_ALIKE = 0.9  # correlation from which a turned mark is the same mark


def picture_of(mark: Mark, px_per_mm: float, quarters: int = 0) -> GreyImage:
    """The mark with white around it, turned clockwise by quarters; its centre is the picture's."""
    width, height = (max(3.0, side * px_per_mm) for side in (mark.w_mm, mark.h_mm))
    margin = max(1.5, _MARGIN * min(width, height))
    outer = tuple(round(side + 2 * margin) | 1 for side in (width, height))
    fine = np.full((outer[1] * _FINER, outer[0] * _FINER), 255, np.uint8)
    x0, y0 = ((o - side) / 2 * _FINER for o, side in zip(outer, (width, height), strict=True))
    box = (x0, y0, x0 + width * _FINER, y0 + height * _FINER)
    if mark.picture is not None:
        _paste(fine, mark.picture, box)
    else:
        _draw(fine, mark, box, max(1.0, mark.line_mm * px_per_mm) * _FINER)
    small = cv2.resize(fine, outer, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), 0.6)
    return np.ascontiguousarray(np.rot90(soft, -quarters))


def distinct_quarters(mark: Mark) -> tuple[int, ...]:
    """For each quarter of a turn the first one at which the mark looks the same."""
    pictures = [picture_of(mark, 24 / max(mark.w_mm, mark.h_mm), quarters) for quarters in range(4)]
    return tuple(
        next(
            first
            for first in range(quarters + 1)
            if pictures[first].shape == pictures[quarters].shape
            and _correlation(pictures[first], pictures[quarters]) > _ALIKE
        )
        for quarters in range(4)
    )


def _correlation(first: GreyImage, second: GreyImage) -> float:
    a, b = (picture.astype(np.float64) - picture.mean() for picture in (first, second))
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-9))


def _paste(fine: GreyImage, picture: GreyImage, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = (round(side) for side in box)
    size = (max(1, right - left), max(1, bottom - top))
    fine[top : top + size[1], left : left + size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _draw(fine: NDArray[np.uint8], mark: Mark, box: tuple[float, float, float, float], line: float) -> None:
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    match mark.shape:
        case "square" | "rectangle":
            _fill(fine, left, top, right, bottom)
        case "disc" | "ring":
            axes = (round((right - left) / 2), round((bottom - top) / 2))
            cv2.ellipse(fine, (round(x), round(y)), axes, 0, 0, 360, 0, cv2.FILLED)
            if mark.shape == "ring":
                inside = (max(0, round(axes[0] - line)), max(0, round(axes[1] - line)))
                cv2.ellipse(fine, (round(x), round(y)), inside, 0, 0, 360, 255, cv2.FILLED)
        case "cross":
            _fill(fine, x - line / 2, top, x + line / 2, bottom)
            _fill(fine, left, y - line / 2, right, y + line / 2)
        case "corner":
            upper, before = "upper" in mark.corner, "left" in mark.corner
            _fill(fine, left, top if upper else bottom - line, right, top + line if upper else bottom)
            _fill(fine, left if before else right - line, top, left + line if before else right, bottom)


def _fill(fine: NDArray[np.uint8], left: float, top: float, right: float, bottom: float) -> None:
    fine[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = 0
