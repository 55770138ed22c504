"""Cells cut out of a sheet, as the model of characters wants them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
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
    image: GreyImage = cv2.copyMakeBorder(  # type: ignore[assignment]
        sheet.image, *(2 * _MARGIN,) * 4, cv2.BORDER_CONSTANT, value=255
    )
    if offsets is None:
        offsets = np.zeros((len(cells), 2), np.intp)
    found = []
    for cell, (right, down) in zip(cells, offsets.tolist(), strict=True):
        left, top = round(cell.x_mm * PX_PER_MM) + _MARGIN, round(cell.y_mm * PX_PER_MM) + _MARGIN
        width = round(cell.w_mm * PX_PER_MM) + 2 * _MARGIN
        height = round(cell.h_mm * PX_PER_MM) + 2 * _MARGIN
        left = min(max(left + right, 0), image.shape[1] - width)
        top = min(max(top + down, 0), image.shape[0] - height)
        found.append(image[top : top + height, left : left + width].copy())
    return found
