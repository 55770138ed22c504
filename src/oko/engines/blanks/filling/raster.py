"""Pages of one person as pictures: printed by the same code as the PDF, drawn by PDFium.

Nothing is cached: a set of one page is printed and drawn in 25 ms, which is little beside a degradation.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import closing
from typing import TypeAlias

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from oko.engines.blanks.definition import Definition
from oko.engines.blanks.layout import PlacedPage, Rectangle
from oko.engines.blanks.printing import print_blanks

GreyImage: TypeAlias = NDArray[np.uint8]  # height × width, 0 black … 255 white
DPI = 300


def page_rasters(
    definition: Definition, person: Mapping[str, str], key: bytes | None = None, dpi: float = DPI
) -> list[GreyImage]:
    """The pages of a person's set, as they come from the printer.

    Args:
        person: the columns that the definition names.
        key: with which codes are made.

    Returns:
        A picture for each page, 0 black … 255 white. PDFium rounds sides up: the pixels of a millimetre are
        those of `box_in_pixels`, within 0.03 % of dpi / 25.4.

    Raises:
        DataError: a column is missing, or a value is not fit for a code.
    """
    printed = io.BytesIO()
    print_blanks(definition, [person], printed, key=key)
    with closing(pypdfium2.PdfDocument(printed.getvalue())) as document:
        return [np.array(page.render(scale=dpi / 72, grayscale=True).to_numpy()) for page in document]


def box_in_pixels(cell: Rectangle, page: PlacedPage, image: GreyImage) -> tuple[float, float, float, float]:
    """Left, top, width and height of a cell in the picture of its page."""
    across, down = image.shape[1] / page.width_mm, image.shape[0] / page.height_mm
    return cell.x_mm * across, cell.y_mm * down, cell.w_mm * across, cell.h_mm * down
