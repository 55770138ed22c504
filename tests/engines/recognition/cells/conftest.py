"""Sheets as they come when a page was laid straight: printed, drawn on, never scanned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from oko.engines.blanks.definition import Definition, load_definition
from oko.engines.blanks.layout import place
from oko.engines.blanks.page_code import PageCode
from oko.engines.blanks.printing import render
from oko.engines.recognition.model import PX_PER_MM, GreyImage, Sheet

PERSON = {"assessment": "vpr-2026", "organisation": "edu640001", "participant": "40001", "room": "101"}


def printed_sheet(definition: Definition, folder: Path) -> Sheet:
    """The first page of a blank, as bright as the paper of a screen."""
    out = folder / "blank.pdf"
    render(definition, [PERSON], out)
    page = place(definition)[0]
    width, height = round(page.width_mm * PX_PER_MM), round(page.height_mm * PX_PER_MM)
    document = pypdfium2.PdfDocument(out)
    picture = document[0].render(scale=PX_PER_MM * 25.4 / 72).to_pil().convert("L")
    document.close()
    image: GreyImage = np.array(picture)[:height, :width]
    code = PageCode("vpr-2026", definition.blank, definition.version, 1, "edu640001", "40001")
    return Sheet(code, page, image, np.full_like(image, 255), np.eye(3), 0, 300.0, 1.0)


@pytest.fixture(scope="session")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Sheet]:
    """A fresh room protocol each time: 80 boxes, 180 cells for characters, a signature."""
    sheet = printed_sheet(load_definition(Path("room-protocol.json")), tmp_path_factory.mktemp("protocol"))

    def fresh() -> Sheet:
        image = sheet.image.copy()
        return Sheet(
            sheet.code, sheet.page, image, sheet.seen.copy(), sheet.to_scan, 0, sheet.dpi, sheet.quality
        )

    return fresh
