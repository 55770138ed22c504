"""What to say of a page on which neither discs nor a code were found."""

from __future__ import annotations

import cv2
import numpy as np

from oko.engines.recognition.model import GreyImage, Reason

_LOOK_PX = 600
_DARK_PAGE = 70  # median
_SMOOTH, _PALE = 14, 34  # how much darker than its surroundings the darkest thousandth is
_MIDDLE = 0.06  # of each side is left out: edges of paper and shadows of the lid
_EMPTY_SHARE = 0.0006  # of the page that is darker than its surroundings: specks
_LEAST_PX = 1000  # of the long side: A4 at 85 dpi


def reason_for_unread(scan: GreyImage, scale: float) -> Reason:
    """Too dark, too light, blank, too coarse, or a page without Oko's code."""
    shrink = _LOOK_PX / max(scan.shape)
    small = cv2.resize(scan, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else scan
    rows, columns = (round(length * _MIDDLE) for length in small.shape)
    small = small[rows : small.shape[0] - rows, columns : small.shape[1] - columns]
    if not small.size or float(np.median(small)) < _DARK_PAGE:
        return Reason.TOO_DARK
    dark = cv2.subtract(cv2.blur(small, (25, 25)), small)
    peak = float(np.percentile(dark, 99.9))
    if peak < _SMOOTH or float((dark > max(peak / 3, _SMOOTH)).mean()) < _EMPTY_SHARE:
        return Reason.BLANK_PAGE
    if peak < _PALE:
        return Reason.TOO_LIGHT
    if max(scan.shape) / scale < _LEAST_PX:
        return Reason.LOW_RESOLUTION
    return Reason.NO_CODE
