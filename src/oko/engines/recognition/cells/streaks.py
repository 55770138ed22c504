"""Lines that run through several cells: streaks of the scanner's glass, folds, strokes across a sheet.

One cell alone cannot tell such a line from a slash; a line that goes on to the next cell without a break can.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import PlacedPage
from oko.engines.recognition.cells.alignment import patches
from oko.engines.recognition.cells.features import INSET, NAMES
from oko.engines.recognition.cells.measuring import Measured
from oko.engines.recognition.cells.plan import MARGIN, Group
from oko.engines.recognition.model import PX_PER_MM, GreyImage
from oko.engines.recognition.regions import regions_of

Floats = NDArray[np.float64]

_EXTENTS, _AREA = [NAMES.index("part_width"), NAMES.index("part_height")], NAMES.index("part_area")
_WHOLE, _MOST_AREA = 0.95, 0.18  # of the inside of a cell: a line runs across all of it and covers little
_LEVEL = 0.2  # of black: surely a stroke
_THIN_PX = 1.5  # standard deviation across
_LEAST_PX = 12  # of a line in a cell
_FARTHEST = 40 * PX_PER_MM  # from a cell to the next one on a line
_ASIDE_PX = 3.0  # from a line through another cell
_UNBROKEN = 0.85  # of the way between two cells


def streaked(found: Measured, written: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the marks that are `written` are parts of a line that runs on through another cell."""
    crossed = np.zeros(len(written), np.bool_)
    across = (found.features[:, _EXTENTS] > _WHOLE).any(axis=1) & (found.features[:, _AREA] < _MOST_AREA)
    runs_on = written & across
    for group in found.plan.groups:
        some = np.flatnonzero(runs_on[group.cells]) if group.kind == "marks" else np.zeros(0, np.intp)
        if len(some) > 1:
            chosen = replace(group, cells=group.cells[some], left=group.left[some], top=group.top[some])
            lines = _lines(found, chosen)
            for one, other in combinations(sorted(lines), 2):
                if _same_line(found, lines[one], lines[other]):
                    crossed[[one, other]] = True
    return crossed


def _lines(found: Measured, group: Group) -> dict[int, Floats]:
    """Thin straight lines inside of cells, by cell: middle and direction, in pixels of `soft`."""
    offsets = found.offsets[group.cells]
    inside = patches(found.soft, group, offsets, -INSET) > _LEVEL * found.contrast
    lines = {}
    for number, cell in enumerate(group.cells.tolist()):
        points = np.argwhere(inside[number])[:, ::-1].astype(np.float64)
        if len(points) < _LEAST_PX:
            continue
        middle = points.mean(axis=0)
        spread, axes = np.linalg.eigh(np.cov((points - middle).T))
        if np.sqrt(max(spread[0], 0)) < _THIN_PX:
            corner = np.array([group.left[number], group.top[number]]) + offsets[number] + MARGIN + INSET
            lines[cell] = np.concatenate([corner + middle, axes[:, 1]])
    return lines


def _same_line(found: Measured, one: Floats, other: Floats) -> bool:
    way = other[:2] - one[:2]
    length = float(np.hypot(*way))
    if not 0 < length < _FARTHEST:
        return False
    aside = max(abs(float(way[0] * line[3] - way[1] * line[2])) for line in (one, other))
    return aside < max(_ASIDE_PX, length / 20) and _inked(found, one[:2], way, length) > _UNBROKEN


def _inked(found: Measured, begin: Floats, way: Floats, length: float) -> float:
    """How much of the way between two points is inked, a pixel or two aside of it at most.

    Between columns of cells there are parts of the page that are not looked at; they do not count.
    """
    along = begin + np.linspace(0, 1, int(length))[:, None] * way
    along = along[_looked_at(along - MARGIN, found.plan.page)]
    aside = np.array([-way[1], way[0]]) / length
    near = np.stack([_at(found.soft, along + step * aside) for step in (-2, -1, 0, 1, 2)])
    return float((near.max(axis=0) > _LEVEL / 2 * found.contrast).mean())


def _looked_at(points: Floats, page: PlacedPage) -> NDArray[np.bool_]:
    inside = np.zeros(len(points), np.bool_)
    for left, top, right, bottom in regions_of(page):
        inside |= (points >= (left + 1, top + 1)).all(axis=1) & (points < (right - 1, bottom - 1)).all(axis=1)
    return inside


def _at(picture: GreyImage, points: Floats) -> GreyImage:
    columns, rows = np.rint(points).astype(np.intp).T
    values: GreyImage = picture[rows, columns]
    return values
