"""A scan laid over the picture of the empty sheet: points that look alike (SIFT, Lowe 2004), then patches."""

from __future__ import annotations

import cv2
import numpy as np

from oko.engines.recognition.foreign.pages import ForeignPage
from oko.engines.recognition.foreign.projection import (
    cut_out,
    is_plausible,
    projected,
    resized,
)
from oko.engines.recognition.model import GreyImage, Matrix

_LONG_SIDE = 1100  # pixels of the picture in which points are looked for
_MOST_POINTS = 5000
_RATIO = 0.8  # Lowe 2004, section 7.1: the second best must be so much farther
_PIXELS_OFF = 4.0
_LEAST_POINTS = 14
_PATCH_MM, _REACH_MM, _FINE = 12.0, 2.5, 5.0  # side of a patch, how far it is looked for, pixels a millimetre
_LEAST_TEXTURE, _LEAST_LIKENESS = 10.0, 0.55
_LEAST_PATCHES = 6


def guess_by_picture(scan: GreyImage, page: ForeignPage) -> Matrix | None:
    """How the page lies, by its picture; None where too little is alike.

    Args:
        scan: of 1000 to 2000 pixels.
    """
    if page.reference is None:
        return None
    factor = _LONG_SIDE / max(page.reference.shape)
    reference = resized(page.reference, factor) if factor < 1 else page.reference
    sift = cv2.SIFT.create(nfeatures=_MOST_POINTS)
    points, said = sift.detectAndCompute(reference, None)
    others, said_of_others = sift.detectAndCompute(scan, None)
    if said is None or said_of_others is None or len(points) < _LEAST_POINTS or len(others) < 2:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(said, said_of_others, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _RATIO * pair[1].distance]
    if len(good) < _LEAST_POINTS:
        return None
    source = np.array([points[match.queryIdx].pt for match in good], np.float64)
    target = np.array([others[match.trainIdx].pt for match in good], np.float64)
    size = np.array(reference.shape[::-1], np.float64)
    source = (source + 0.5) / size * np.array(page.size_mm)
    matrix, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, _PIXELS_OFF)
    if matrix is None or int(inliers.sum()) < _LEAST_POINTS:
        return None
    found = np.asarray(matrix, np.float64)
    return found if is_plausible(found, *page.size_mm) else None


def refined_by_picture(scan: GreyImage, page: ForeignPage, matrix: Matrix) -> tuple[Matrix, float]:
    """The same laid exactly by patches of the picture, and how alike the patches are (median correlation)."""
    if page.reference is None:
        return matrix, 0.0
    width, height = page.size_mm
    size = (round(width * _FINE), round(height * _FINE))
    reference = np.asarray(cv2.resize(page.reference, size, interpolation=cv2.INTER_AREA), np.uint8)
    laid = cut_out(scan, matrix, page.size_mm, _FINE)
    if laid.shape != reference.shape:
        return matrix, 0.0
    expected, found, likeness = _patches(reference, laid)
    if len(likeness) < _LEAST_PATCHES:
        return matrix, float(np.median(likeness)) if likeness else 0.0
    source = (np.array(expected) + 0.5) / _FINE
    target = projected(matrix, (np.array(found) + 0.5) / _FINE)
    better, _ = cv2.findHomography(source, target, cv2.RANSAC, 2.0)
    worth = float(np.median(likeness))
    exact = matrix if better is None else np.asarray(better, np.float64)
    return (exact if is_plausible(exact, width, height) else matrix), worth


def _patches(
    reference: GreyImage, laid: GreyImage
) -> tuple[list[tuple[float, float]], list[tuple[float, float]], list[float]]:
    """Centres of patches of the picture, where they are on the page, and how alike."""
    side, reach = round(_PATCH_MM * _FINE), round(_REACH_MM * _FINE)
    expected, found, likeness = [], [], []
    for top in range(0, reference.shape[0] - side, side):
        for left in range(0, reference.shape[1] - side, side):
            patch = reference[top : top + side, left : left + side]
            if patch.std() < _LEAST_TEXTURE:
                continue
            y0, x0 = max(0, top - reach), max(0, left - reach)
            window = laid[y0 : top + side + reach, x0 : left + side + reach]
            like = cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED)
            _, best, _, (column, row) = cv2.minMaxLoc(np.where(np.isfinite(like), like, -1))
            likeness.append(best)
            if best >= _LEAST_LIKENESS:
                middle = (side - 1) / 2
                expected.append((left + middle, top + middle))
                found.append((x0 + column + middle, y0 + row + middle))
    return expected, found, likeness
