"""Four-cornered things in a scan: the paper on a darker ground, and printed frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.foreign.pages import ForeignPage
from oko.engines.recognition.foreign.projection import Points, corners_of, darkness, fitted, is_plausible
from oko.engines.recognition.model import GreyImage, Matrix

_LEAST_AREA = 0.08  # of the scan
_MOST_FRAMES = 8
_WAYS_UP = 4


def guesses_by_frame(scan: GreyImage, page: ForeignPage) -> list[Matrix]:
    """Ways in which the page may lie so that its frame is a four-cornered line of the scan."""
    if page.frame is None:
        return []
    dark = darkness(scan, round(0.06 * max(scan.shape)))
    frame = page.frame
    corners = corners_of(frame.w_mm, frame.h_mm) + np.array((frame.x_mm, frame.y_mm))
    found: list[Points] = []
    for threshold in (0.45, 0.25, 0.12):
        lines = (dark > threshold).astype(np.uint8) * 255
        found += _quads(cv2.morphologyEx(lines, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)))
    found.sort(key=lambda quad: -cv2.contourArea(quad.astype(np.float32)))
    return list(_ways_up(page, corners, _distinct(found)[:_MOST_FRAMES]))


def guesses_by_paper(scan: GreyImage, page: ForeignPage) -> list[Matrix]:
    """Ways in which the page may be the bright paper in the scan, or the whole scan."""
    found: list[Points] = []
    soft = cv2.GaussianBlur(scan, (0, 0), 2)
    level, _ = cv2.threshold(soft, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    for threshold in (level, level * 0.8, level * 1.2):
        bright = (soft > threshold).astype(np.uint8) * 255
        closed = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
        found += _quads(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((15, 15), np.uint8)), outer=True)
    edges = cv2.dilate(cv2.Canny(soft, 30, 90), np.ones((5, 5), np.uint8))
    found += _quads(edges, outer=True)
    found.sort(key=lambda quad: -cv2.contourArea(quad.astype(np.float32)))
    height, width = scan.shape
    whole = corners_of(width, height) - 0.5
    return list(_ways_up(page, corners_of(*page.size_mm), [*_distinct(found)[:_MOST_FRAMES], whole]))


def _ways_up(page: ForeignPage, corners: Points, quads: list[Points]) -> Iterator[Matrix]:
    for quad in quads:
        for quarters in range(_WAYS_UP):
            matrix = fitted(corners, np.roll(quad, -quarters, axis=0))
            if matrix is not None and is_plausible(matrix, *page.size_mm):
                yield matrix


def _quads(picture: NDArray[Any], *, outer: bool = False) -> list[Points]:
    """Corners of contours that have four, clockwise from the upper left one."""
    mode = cv2.RETR_EXTERNAL if outer else cv2.RETR_LIST
    contours, _ = cv2.findContours(picture, mode, cv2.CHAIN_APPROX_NONE)
    quads = []
    for contour in contours:
        hull = cv2.convexHull(contour)
        if cv2.contourArea(hull) < _LEAST_AREA * picture.size:
            continue
        for exactness in (0.01, 0.02, 0.035, 0.05):
            corners = cv2.approxPolyDP(hull, exactness * cv2.arcLength(hull, True), True)
            if len(corners) == 4:
                quads.append(_sharpened(contour[:, 0].astype(np.float64), _clockwise(corners[:, 0])))
                break
    return quads


def _clockwise(corners: NDArray[Any]) -> Points:
    points = corners.astype(np.float64)
    middle = points.mean(axis=0)
    order = np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))
    points = points[order]
    return np.roll(points, -int(np.argmin(points.sum(axis=1))), axis=0)


def _sharpened(contour: Points, corners: Points) -> Points:
    """Corners as crossings of lines through the contour: one that is rounded or torn off comes back."""
    lines = []
    for begin, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = end - begin
        length = float(np.hypot(*along))
        unit = along / max(length, 1e-6)
        offset = contour - begin
        part = offset @ unit / max(length, 1e-6)
        away = np.abs(offset @ np.array((-unit[1], unit[0])))
        close = contour[(part > 0.06) & (part < 0.94) & (away < max(3.0, 0.015 * length))]
        if len(close) < 10:
            return corners
        vx, vy, x, y = cv2.fitLine(close.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append((float(-vy), float(vx), float(vx * y - vy * x)))
    crossings = []
    for before, after in zip(np.roll(lines, 1, axis=0), np.array(lines), strict=True):
        matrix = np.array((before[:2], after[:2]))
        if abs(np.linalg.det(matrix)) < 1e-3:
            return corners
        crossings.append(np.linalg.solve(matrix, np.array((before[2], after[2]))))
    sharp = np.array(crossings)
    far = 0.1 * float(np.hypot(*(corners[2] - corners[0])))
    return corners if np.hypot(*(sharp - corners).T).max() > far else sharp


def _distinct(quads: list[Points]) -> list[Points]:
    kept: list[Points] = []
    for quad in quads:
        if all(np.abs(quad - other).max() > 4 for other in kept):
            kept.append(quad)
    return kept
