"""Pages in every position are laid straight; what cannot be read is told why."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
import zxingcpp

from oko.engines.blanks.definition import load_definition, shipped_definitions
from oko.engines.blanks.filling.raster import page_rasters
from oko.engines.blanks.layout import place
from oko.engines.recognition.locating import Rejected, locate
from oko.engines.recognition.locating.bending import expected_of, strays
from oko.engines.recognition.model import PX_PER_MM, GreyImage, Reason, Sheet

PERSON = {"assessment": "vpr-2026", "organisation": "edu640001", "participant": "40001"}
DPI = 150
KNOWN = {
    (one.blank, one.version, page.number): page
    for one in [load_definition(shipped_definitions()["answers-1.json"])]
    for page in place(one)
}


@cache
def _printed() -> GreyImage:
    definition = load_definition(shipped_definitions()["answers-1.json"])
    return page_rasters(definition, PERSON, dpi=DPI)[0]


def _read(scan: GreyImage) -> Sheet | Rejected:
    return locate(scan, KNOWN)


def _is_straight(sheet: Sheet) -> bool:
    """Whether the frames of cells are dark where the definition has them, and the paper inside is not."""
    image = sheet.image
    frames, inside = [], []
    for field in sheet.page.fields:
        for cell in field.cells if field.kind == "characters" else ():
            row, middle = round(cell.y_mm * PX_PER_MM), round((cell.x_mm + cell.w_mm / 2) * PX_PER_MM)
            frames.append(image[row - 2 : row + 3, middle].min())
            inside.append(image[row + 6 : row + 12, middle].min())
    return bool(np.percentile(frames, 90) + 40 < np.percentile(inside, 10))


def _turned(page: GreyImage, degrees: float, scale: float = 1.0) -> GreyImage:
    height, width = page.shape
    side = round(1.35 * max(height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    matrix[:, 2] += (side / 2 - width / 2, side / 2 - height / 2)
    return cv2.warpAffine(page, matrix, (side, side), borderValue=235).astype(np.uint8)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("skew", [-14, 0, 14])
def test_a_page_is_read_however_it_lies(quarters: int, skew: int) -> None:
    sheet = _read(_turned(np.ascontiguousarray(np.rot90(_printed(), -quarters)), -skew))

    assert isinstance(sheet, Sheet)
    assert sheet.code.serial == "40001"
    assert sheet.rotation == 90 * quarters
    assert abs(sheet.dpi - DPI) < 3
    assert _is_straight(sheet)


def test_a_photograph_in_perspective_is_laid_straight() -> None:
    page = _printed()
    height, width = page.shape
    there = np.array([(190, 150), (1210, 190), (1290, 1790), (110, 1740)], np.float32)
    here = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    photograph = cv2.warpPerspective(
        page, cv2.getPerspectiveTransform(here, there), (1420, 1900), borderValue=90
    )

    sheet = _read(photograph.astype(np.uint8))

    assert isinstance(sheet, Sheet)
    assert _is_straight(sheet)


def test_a_curled_page_is_followed_by_its_lines() -> None:
    page = _printed()
    height, width = page.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    wave = np.sin(np.pi * rows / height) * DPI / 25.4 * 1.7  # 1.7 mm in the middle
    curled = cv2.remap(page, columns + wave, rows + 0.5 * wave, cv2.INTER_LINEAR, borderValue=255)

    sheet = _read(curled.astype(np.uint8))

    assert isinstance(sheet, Sheet)
    assert _is_straight(sheet)


@pytest.mark.parametrize(("astray_mm", "bent"), [(0.0, False), (0.35, False), (0.6, True)])
def test_what_cells_put_right_themselves_is_not_taken_for_bent_paper(astray_mm: float, bent: bool) -> None:
    (page,) = KNOWN.values()
    straight = cv2.bitwise_not(cv2.resize(expected_of(page).lines, None, fx=2, fy=2))
    moved = cv2.warpAffine(
        straight, np.array(((1, 0, astray_mm * PX_PER_MM), (0, 1, 0))), straight.shape[::-1], borderValue=255
    )
    assert strays(moved.astype(np.uint8), page) is bent


@pytest.mark.parametrize("corner", range(4))
def test_a_corner_torn_off_costs_nothing(corner: int) -> None:
    page = _printed().copy()
    size = 150
    rows = slice(0, size) if corner < 2 else slice(-size, None)
    columns = slice(0, size) if corner % 2 == 0 else slice(-size, None)
    page[rows, columns] = 255

    sheet = _read(page)

    assert isinstance(sheet, Sheet)
    assert _is_straight(sheet)
    assert sheet.quality < 0.8


def test_a_page_without_codes_is_damaged_and_one_with_another_code_is_foreign() -> None:
    page, foreign = _printed().copy(), _printed().copy()
    other = np.asarray(
        zxingcpp.create_barcode("HTTPS://EXAMPLE.ORG", zxingcpp.BarcodeFormat.QRCode).to_image()
    )
    for code in next(iter(KNOWN.values())).codes:
        left, top, side = (round(mm * DPI / 25.4) for mm in (code.x_mm, code.y_mm, code.w_mm))
        page[top : top + side + 1, left : left + side + 1] = 255
        foreign[top : top + side, left : left + side] = cv2.resize(
            other, (side, side), interpolation=cv2.INTER_NEAREST
        )

    damaged, of_others = _read(page), _read(foreign)

    assert isinstance(damaged, Rejected)
    assert damaged.reason == Reason.DAMAGED_CODE
    assert isinstance(of_others, Rejected)
    assert of_others.reason == Reason.FOREIGN_CODE
    assert of_others.text == "HTTPS://EXAMPLE.ORG"


def test_reasons_are_told_apart() -> None:
    paper = np.full((1754, 1240), 245, np.uint8)
    unknown = locate(_printed(), {("other", 1, 1): next(iter(KNOWN.values()))})
    keyed = locate(_printed(), KNOWN, b"a key")

    assert isinstance(unknown, Rejected)
    assert unknown.reason == Reason.WRONG_VERSION
    assert isinstance(keyed, Rejected)
    assert keyed.reason == Reason.FOREIGN_CODE
    assert _reason(paper) == Reason.BLANK_PAGE
    assert _reason(np.full_like(paper, 12)) == Reason.TOO_DARK


def _reason(scan: GreyImage) -> Reason | None:
    found = _read(scan)
    return found.reason if isinstance(found, Rejected) else None
