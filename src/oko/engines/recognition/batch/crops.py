"""What values came from: cells cut out of the scan at its full resolution, laid straight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import Rectangle
from oko.engines.recognition.batch.sources import safe_name
from oko.engines.recognition.model import CellReading, FieldReading, Sheet

Picture = NDArray[np.uint8]  # height × width × 3: blue, green, red; or height × width

MARGIN_MM = 1.0
_MM_PER_INCH = 25.4
_SHARPEST = 24.0  # pixels a millimetre: 600 dpi


def write_crops(
    scan: Picture, sheet: Sheet, fields: tuple[FieldReading, ...], folder: Path
) -> dict[str, str]:
    """Cut out of a scan what people and experts look at, as PNG files in `folder`.

    These are all characters, free answers and signatures, and marks that go to people; a millimetre around.

    Returns:
        The names of the files by «field-cell».

    Raises:
        OSError: a file cannot be written.
    """
    names = {}
    for entry, cell in _of_interest(fields):
        place = f"{entry.id}-{cell.number}"
        names[place] = f"{safe_name(place)}.png"
        folder.mkdir(parents=True, exist_ok=True)
        picture = _without_needless_colour(cut_out(scan, sheet, cell.place.grown(MARGIN_MM)))
        _, content = cv2.imencode(".png", picture)
        (folder / names[place]).write_bytes(content.tobytes())
    return names


def _of_interest(fields: tuple[FieldReading, ...]) -> Iterator[tuple[FieldReading, CellReading]]:
    for entry in fields:
        for cell in entry.cells:
            if entry.kind != "marks" or cell.review:
                yield entry, cell


def cut_out(scan: Picture, sheet: Sheet, place: Rectangle) -> Picture:
    """A rectangle of the page as the scan shows it, upright, as fine as the scan; white outside of it."""
    scale = min(sheet.dpi / _MM_PER_INCH, _SHARPEST)
    size = max(1, round(place.w_mm * scale)), max(1, round(place.h_mm * scale))
    to_page = np.array([[1 / scale, 0, place.x_mm], [0, 1 / scale, place.y_mm], [0, 0, 1]])
    found: Picture = cv2.warpPerspective(  # type: ignore[assignment]
        scan,
        sheet.to_scan @ to_page,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    return found


def _without_needless_colour(picture: Picture) -> Picture:
    """A third of the size where the scan is grey."""
    if picture.ndim == 3 and np.ptp(picture, axis=2).max() == 0:
        return np.ascontiguousarray(picture[:, :, 0])
    return picture
