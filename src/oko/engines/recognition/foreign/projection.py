"""Projections from millimetres of a page to pixels of a scan, and pages cut out by them."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.model import GreyImage, Matrix

Points = NDArray[np.float64]  # n × 2

_LEAST_POINTS_FOR_PERSPECTIVE = 4
_MOST_STRETCH = 1.6  # how much longer a side of the page may be than the opposite one, or than it should be
_SHARP = 1.4  # pixels of the scan for one of the page, from which the scan is made smaller first


def projected(matrix: Matrix, points: Points) -> Points:
    """Where points (n × 2) come to lie."""
    homogeneous = np.column_stack((points, np.ones(len(points)))) @ matrix.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:])


def fitted(source: Points, target: Points) -> Matrix | None:
    """The projection that takes `source` to `target` best: with three points affine, with two none."""
    if len(source) >= _LEAST_POINTS_FOR_PERSPECTIVE:
        matrix, _ = cv2.findHomography(source, target, 0)
        return None if matrix is None else np.asarray(matrix, np.float64)
    if len(source) == _LEAST_POINTS_FOR_PERSPECTIVE - 1:
        affine = cv2.getAffineTransform(source.astype(np.float32), target.astype(np.float32))
        return np.vstack((affine, (0.0, 0.0, 1.0)))
    return None


def corners_of(width: float, height: float) -> Points:
    """Upper left, upper right, lower right, lower left."""
    return np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float64)


def is_plausible(matrix: Matrix, width_mm: float, height_mm: float) -> bool:
    """Whether a page can lie so: not mirrored, not folded, of nearly its proportions."""
    corners = projected(matrix, corners_of(width_mm, height_mm))
    if not np.isfinite(corners).all():
        return False
    sides = np.roll(corners, -1, axis=0) - corners
    following = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    if (turns <= 0).any():
        return False
    across, right, along, left = np.hypot(sides[:, 0], sides[:, 1])
    shape = (across + along) * height_mm / ((right + left) * width_mm)
    ratios = np.array((across / along, right / left, shape))
    return bool((np.maximum(ratios, 1 / ratios) < _MOST_STRETCH).all())


def pixels_per_mm(matrix: Matrix, width_mm: float, height_mm: float) -> float:
    """Of the scan, in the mean over the page."""
    corners = projected(matrix, corners_of(width_mm, height_mm))
    area = abs(cv2.contourArea(corners.astype(np.float32)))
    return float(np.sqrt(area / (width_mm * height_mm)))


def quarter_of(matrix: Matrix, width_mm: float, height_mm: float) -> int:
    """By how much the page is turned clockwise in the scan: 0, 90, 180 or 270."""
    corners = projected(matrix, corners_of(width_mm, height_mm))
    x, y = corners[1] + corners[2] - corners[0] - corners[3]
    return round(float(np.degrees(np.arctan2(y, x))) / 90) % 4 * 90


def lies_as(matrix: Matrix, others: Iterable[Matrix], size_mm: tuple[float, float], pixels: float) -> bool:
    """Whether the page lies as by one of the others, its corners within some pixels."""
    corners = corners_of(*size_mm)
    here = projected(matrix, corners)
    return any(np.abs(projected(other, corners) - here).max() < pixels for other in others)


def cut_out(
    scan: GreyImage, matrix: Matrix, size_mm: tuple[float, float], px_per_mm: float, outside: int = 255
) -> GreyImage:
    """The page upright, `px_per_mm` pixels a millimetre, `outside` where the scan has nothing."""
    width, height = (max(1, round(side * px_per_mm)) for side in size_mm)
    finer = pixels_per_mm(matrix, *size_mm) / px_per_mm
    if finer > _SHARP:  # a projection samples points: of a finer scan it would take noise
        factor = _SHARP / finer
        scan = np.asarray(
            cv2.resize(scan, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )
        matrix = _of_resized(matrix, factor)
    to_scan = matrix @ _from_pixels(px_per_mm)
    warped = cv2.warpPerspective(
        scan,
        to_scan,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=outside,
    )
    return np.asarray(warped, np.uint8)


def _from_pixels(px_per_mm: float) -> Matrix:
    """Centres of pixels of a page that was cut out, to millimetres."""
    half = 0.5 / px_per_mm
    return np.array(((1 / px_per_mm, 0, half), (0, 1 / px_per_mm, half), (0, 0, 1)))


def _of_resized(matrix: Matrix, factor: float) -> Matrix:
    """Centres of pixels move a little when a picture is resized."""
    move = 0.5 * (factor - 1)
    return np.asarray(np.array(((factor, 0, move), (0, factor, move), (0, 0, 1))) @ matrix)


def resized(scan: GreyImage, factor: float) -> GreyImage:
    """The scan `factor` times as large."""
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(scan, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def to_larger(matrix: Matrix, factor: float) -> Matrix:
    """The projection to the scan that `resized` with this factor made smaller."""
    return _of_resized(matrix, 1 / factor)


def darkness(image: GreyImage, reach: int) -> NDArray[np.float32]:
    """0 paper … 1 black, against the paper around within `reach` pixels: shadows and tables go away."""
    factor = min(1.0, 12 / max(reach, 1))
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    side = max(3, round(reach * factor) | 1)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), side / 4)
    height, width = image.shape
    ground = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    dark = 1 - image.astype(np.float32) / np.maximum(ground, 24)
    return np.asarray(np.clip(dark, 0, 1), np.float32)
