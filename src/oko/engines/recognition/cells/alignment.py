"""Where each cell really stands: found by its own printed border, helped by its neighbours.

A crumpled or stretched page leaves up to about a millimetre after it was laid straight. A border is two dark
lines a cell apart, lighter outside; where strokes or a worn print hide it, the neighbours tell, since paper
bends smoothly.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.cells.plan import MARGIN, Group, Plan
from oko.engines.recognition.model import GreyImage

Floats = NDArray[np.float32]
Offsets = NDArray[np.intp]

REACH = 8  # px that a border may be displaced to each side
_OUTSIDE = 3  # px from the line to the paper outside of it
_PRIOR = 0.012  # of black, for a pixel squared away from the neighbours
_SHIFTS = np.arange(-REACH, REACH + 1)


def patches(dark: GreyImage, group: Group, offsets: Offsets, margin: int = MARGIN) -> GreyImage:
    """The cells of a group with `margin` around them, each displaced by its offset: n × height × width."""
    rows, columns = dark.shape
    height, width = group.height + 2 * margin, group.width + 2 * margin
    top = np.clip(group.top + offsets[:, 1] + MARGIN - margin, 0, rows - height)
    left = np.clip(group.left + offsets[:, 0] + MARGIN - margin, 0, columns - width)
    windows = np.lib.stride_tricks.sliding_window_view(dark, (height, width))
    found: GreyImage = windows[top, left]
    return found


def stacked(cells: GreyImage) -> GreyImage:
    """n × height × width → height × width × n: what is reckoned of all cells at once goes fastest so."""
    count, height, width = cells.shape
    return cv2.transpose(cells.reshape(count, -1)).astype(np.uint8, copy=False).reshape(height, width, count)


def offsets_of(plan: Plan, dark: GreyImage, contrast: float) -> tuple[Offsets, Floats]:
    """By how many pixels each cell of a plan is displaced to the right and down, n × 2; and their fit."""
    votes = np.zeros((len(plan.cells), 2, len(_SHIFTS)), np.float32)
    for group in plan.groups:
        if group.kind in ("marks", "characters"):
            votes[group.cells] = _votes(dark, group, contrast)
    best = votes.max(axis=2)
    own = _SHIFTS[votes.argmax(axis=2)].astype(np.float32)
    trust = np.maximum(best - np.sort(votes, axis=2)[:, :, REACH], 0) ** 2  # over the median
    smooth = (plan.near @ (trust * own)) / (plan.near @ trust + 1e-3)
    away = (_SHIFTS[None, None, :] - smooth[:, :, None]) ** 2
    chosen = (votes - _PRIOR * away).argmax(axis=2)
    fit = np.take_along_axis(votes, chosen[:, :, None], axis=2).mean(axis=(1, 2))
    return _SHIFTS[chosen].astype(np.intp), fit.astype(np.float32)


def _votes(dark: GreyImage, group: Group, contrast: float) -> Floats:
    """How well the border fits at each displacement, right and down: n × 2 × shifts, 0 … about 1."""
    still = np.zeros((len(group.cells), 2), np.intp)
    around = stacked(patches(dark, group, still))
    far = MARGIN + REACH
    across = around[far:-far].mean(axis=0, dtype=np.float32) / contrast
    down = around[:, far:-far].mean(axis=1, dtype=np.float32) / contrast
    return np.stack([_line_pairs(across.T, group.width), _line_pairs(down.T, group.height)], axis=1)


def _line_pairs(profile: Floats, size: int) -> Floats:
    """Of profiles (n × length), how much like a pair of lines `size` apart they are at each displacement."""
    line = profile.copy()
    line[:, :-1] += profile[:, 1:]  # a line is one to two pixels wide
    first = MARGIN + _SHIFTS - 1
    second = first + size
    lines_1 = line[:, first] - line[:, np.maximum(first - _OUTSIDE, 0)]
    lines_2 = line[:, second] - line[:, np.minimum(second + _OUTSIDE, profile.shape[1] - 2)]
    votes: Floats = np.minimum(lines_1, 0.6) + np.minimum(lines_2, 0.6)
    return votes
