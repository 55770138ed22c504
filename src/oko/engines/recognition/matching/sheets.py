"""A page laid straight whose code was matched, so that its fields are read like those of any other."""

from __future__ import annotations

import numpy as np

from oko.engines.blanks.layout import PlacedPage
from oko.engines.blanks.page_code import PageCode
from oko.engines.recognition.foreign.projection import pixels_per_mm, quarter_of
from oko.engines.recognition.locating.geometry import laid_straight, seen_part
from oko.engines.recognition.matching.finding import place_of_text
from oko.engines.recognition.model import GreyImage, Sheet

#: Of the long side of a scan: letters of 7 points need 8 pixels a millimetre.
LEAST_PX = 2300

_MM_PER_INCH = 25.4
_QUALITY = 0.5  # a page without its code is one that people look at


def sheet_with_code(
    scan: GreyImage, page: PlacedPage, code: PageCode, text: str, full_per_px: float = 1.0
) -> Sheet | None:
    """The page that a scan shows, of which is known which it is; None when its text is not found on it.

    Args:
        scan: grey, 200 dpi or more.
        page: of the blank, version and number that the code names.
        text: of the code, as it is printed.
        full_per_px: pixels of the whole scan for a pixel of `scan`.
    """
    centres = place_of_text(scan, page, code, text)
    if centres is None:
        return None
    size = (page.width_mm, page.height_mm)
    matrix = np.array(((1, 0, 0.5), (0, 1, 0.5), (0, 0, 1))) @ centres  # pixels count from their edges
    return Sheet(
        code=code,
        page=page,
        image=laid_straight(scan, matrix, page),
        seen=seen_part(scan, matrix, page),
        to_scan=np.diag((full_per_px, full_per_px, 1.0)) @ matrix,
        rotation=quarter_of(matrix, *size),
        dpi=pixels_per_mm(matrix, *size) * full_per_px * _MM_PER_INCH,
        quality=_QUALITY,
    )
