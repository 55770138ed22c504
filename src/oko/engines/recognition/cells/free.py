"""Free answers and signatures: whether somebody wrote there.

The printed rulings stand where the definition says and are left out, as are long straight lines (streaks of
the glass, folds). What remains counts where it hangs together as strokes do, not as specks.
"""

from __future__ import annotations

import cv2
import numpy as np

from oko.engines.blanks.definition import Area
from oko.engines.blanks.layout import PlacedField
from oko.engines.recognition.cells.measuring import Measured
from oko.engines.recognition.cells.plan import MARGIN, Group
from oko.engines.recognition.model import PX_PER_MM, GreyImage

_INSET_MM = 1.0
_LEVEL = 0.16  # of black: pencil
_RULED_MM = 0.9  # around a ruling
_STROKE_MM = 1.8  # a stroke reaches so far; specks do not
_NARROW_MM = 0.9
#: Square millimetres of strokes, and how surely something was written there.
_AREAS = (0.0, 0.8, 2.0, 4.0, 8.0)
_SURE = (0.003, 0.15, 0.6, 0.97, 0.998)


def written_freely(found: Measured, group: Group, number: int, field: PlacedField) -> float:
    """The probability that something was written in a cell of a group."""
    inset = round(_INSET_MM * PX_PER_MM)
    top, left = int(group.top[number]) + MARGIN + inset, int(group.left[number]) + MARGIN + inset
    part = found.soft[top : top + group.height - 2 * inset, left : left + group.width - 2 * inset]
    if not part.size:
        return 0.5
    inked = (part > max(10.0, _LEVEL * found.contrast)).astype(np.uint8)
    if isinstance(field.source, Area) and field.source.ruling != "none":
        _leave_out_rulings(inked, field.source, inset)
    return float(np.interp(_strokes_mm2(inked), _AREAS, _SURE))


def _leave_out_rulings(inked: GreyImage, source: Area, inset: int) -> None:
    step, half = source.ruling_mm * PX_PER_MM, round(_RULED_MM * PX_PER_MM / 2)
    height, width = inked.shape
    for at in np.arange(step, height + inset, step).round().astype(int) - inset:
        inked[max(0, at - half) : max(0, at + half + 1)] = 0
    if source.ruling == "squares":
        for at in np.arange(step, width + inset, step).round().astype(int) - inset:
            inked[:, max(0, at - half) : max(0, at + half + 1)] = 0


def _strokes_mm2(inked: GreyImage) -> float:
    """How much ink there is in pieces that are neither specks nor long straight lines."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    columns = (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    wide, tall, area = (np.asarray(stats[1:, column], np.int64) for column in columns)
    longest, narrowest = np.maximum(wide, tall), np.minimum(wide, tall)
    height, width = inked.shape
    most = np.asarray(np.where(wide > tall, width, height), np.int64)
    line = (longest > 0.6 * most) & (narrowest < _NARROW_MM * PX_PER_MM)
    strokes = (longest >= _STROKE_MM * PX_PER_MM) & ~line
    return float(area[strokes].sum()) / PX_PER_MM**2
