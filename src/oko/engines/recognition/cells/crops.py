"""Cells cut out of a sheet, as the model of characters wants them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import Rectangle
from oko.engines.recognition.model import PX_PER_MM, GreyImage, Sheet

CROP_MARGIN_MM = 1.0
_MARGIN = round(CROP_MARGIN_MM * PX_PER_MM)


def cell_crops(
    sheet: Sheet, cells: Sequence[Rectangle], offsets: NDArray[np.intp] | None = None
) -> list[GreyImage]:
    """Each cell with 1 mm around it, 6 pixels a millimetre, paper light; white outside of the page.

    Args:
        offsets: n × 2, by how many pixels each cell is displaced to the right and down.
    """
    if offsets is None:
        offsets = np.zeros((len(cells), 2), np.intp)
    found = []
    for cell, (right, down) in zip(cells, offsets.tolist(), strict=True):
        left, top = (
            round(cell.x_mm * PX_PER_MM) - _MARGIN + right,
            round(cell.y_mm * PX_PER_MM) - _MARGIN + down,
        )
        width = round(cell.w_mm * PX_PER_MM) + 2 * _MARGIN
        height = round(cell.h_mm * PX_PER_MM) + 2 * _MARGIN
        found.append(_cut(sheet.image, left, top, width, height))
    return found


def _cut(image: GreyImage, left: int, top: int, width: int, height: int) -> GreyImage:
    """A part of a picture, white where it reaches beyond."""
    rows, columns = image.shape
    if left >= 0 and top >= 0 and left + width <= columns and top + height <= rows:
        return image[top : top + height, left : left + width].copy()
    found = np.full((height, width), 255, np.uint8)
    seen = image[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)]
    first_row, first_column = max(0, -top), max(0, -left)
    found[first_row : first_row + seen.shape[0], first_column : first_column + seen.shape[1]] = seen
    return found
