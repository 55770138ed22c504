"""The foreign sheets that a reader knows: made ready once, tried on every scan without a page code."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from oko.engines.blanks.definition import Definition
from oko.engines.recognition.cells import CharacterModel
from oko.engines.recognition.foreign.bubbles import EmptySheet
from oko.engines.recognition.foreign.locating import dark_of, locate, standing
from oko.engines.recognition.foreign.pages import ForeignPage, foreign_pages
from oko.engines.recognition.foreign.reading import read_foreign
from oko.engines.recognition.model import PX_PER_MM, FieldReading, GreyImage, Sheet


class ForeignSheets:
    """Reads scans of sheets that Oko did not print."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        """Of all definitions those that describe a foreign sheet are taken."""
        self._pages = [page for definition in definitions for page in foreign_pages(definition)]
        self._empty = {id(page): _empty(page) for page in self._pages}

    def __bool__(self) -> bool:
        """Whether there is any foreign sheet to be tried."""
        return bool(self._pages)

    def read(
        self, scan: GreyImage, scale: float = 1.0, characters: CharacterModel | None = None
    ) -> tuple[Sheet, tuple[FieldReading, ...]] | None:
        """The sheet that a scan shows and all its fields; None where no sheet fits: that page has no code.

        Args:
            scan: grey, 150 dpi or more.
            scale: pixels of the whole scan for one of `scan`: 2 of a decode at half size.
            characters: reads what stands in cells for characters; without it that is «?».

        Returns:
            The sheet, of which the page code has the blank, version, page and the serial that fields spell,
            and the fields in the order of the layout.
        """
        found = locate(scan, self._pages, scale)
        if found is None:
            return None
        return read_foreign(found.sheet, found.page, self._empty[id(found.page)], characters)


def _empty(page: ForeignPage) -> EmptySheet | None:
    if page.reference is None:
        return None
    size = (round(page.page.width_mm * PX_PER_MM), round(page.page.height_mm * PX_PER_MM))
    dark = dark_of(np.asarray(cv2.resize(page.reference, size, interpolation=cv2.INTER_AREA), np.uint8), page)
    return dark, standing(page, dark).fields
