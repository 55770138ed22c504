"""Pages that are hard to read, and pages that must not be read."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from oko.engines.blanks.definition import load_definition, shipped_definitions
from oko.engines.blanks.filling.raster import page_rasters
from oko.engines.blanks.layout import place
from oko.engines.recognition.locating import Rejected, locate
from oko.engines.recognition.model import GreyImage, Reason, Sheet

BLANK = load_definition(shipped_definitions()["answers-1.json"])
KNOWN = {(BLANK.blank, BLANK.version, page.number): page for page in place(BLANK)}


@cache
def printed(serial: str = "40001", dpi: int = 300) -> GreyImage:
    person = {"assessment": "vpr-2026", "organisation": "edu640001", "participant": serial}
    return page_rasters(BLANK, person, dpi=dpi)[0]


def read(full: GreyImage) -> Sheet | Rejected:
    """As a scan comes: at half size, and whole when it is asked for."""
    half = cv2.resize(full, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return locate(half, KNOWN, None, 2.0, lambda: full)


def reason(found: Sheet | Rejected) -> Reason | None:
    return found.reason if isinstance(found, Rejected) else None


@pytest.mark.parametrize("seed", range(3))
def test_codes_that_no_decoder_stands_are_read_from_both_together(seed: int) -> None:
    random = np.random.default_rng(seed)
    grey = cv2.GaussianBlur(printed(), (0, 0), 3.5).astype(np.float32)
    grey = 70 + grey * (120 / 255) + random.normal(0, 30, grey.shape)
    sheet = read(np.clip(grey, 0, 255).astype(np.uint8))
    assert isinstance(sheet, Sheet)
    assert sheet.code.serial == "40001"


def test_two_codes_that_say_different_things_are_taken_for_none() -> None:
    page, other = printed().copy(), printed("40002")
    page[page.shape[0] // 2 :] = other[page.shape[0] // 2 :]
    found = read(page)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.DAMAGED_CODE
    assert "*40001*" in found.text
    assert "*40002*" in found.text


def test_a_page_under_other_things_on_a_large_glass_is_found() -> None:
    glass = np.full((3508, 4961), 30, np.uint8)
    glass[:3508, 900 : 900 + 2480] = printed()[:, :2480]
    cv2.rectangle(glass, (200, 300), (700, 2400), 240, -1)  # a slip of paper beside it
    assert isinstance(read(glass), Sheet)


def test_half_a_page_is_cropped_or_damaged_and_never_read() -> None:
    page = printed()
    assert reason(read(np.ascontiguousarray(page[:1900]))) in (
        Reason.CROPPED,
        Reason.NO_CODE,
        Reason.DAMAGED_CODE,
    )


def test_a_scan_of_72_dpi_is_too_coarse() -> None:
    assert reason(locate(printed(dpi=72), KNOWN)) is Reason.LOW_RESOLUTION


def test_a_scan_of_600_dpi_is_read_as_any_other() -> None:
    full = printed(dpi=600)
    quarter = cv2.resize(full, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(np.uint8)
    sheet = locate(quarter, KNOWN, None, 4.0, lambda: full)
    assert isinstance(sheet, Sheet)
    assert sheet.dpi == pytest.approx(600, rel=0.01)


def test_print_that_is_hardly_seen_is_too_light_and_a_cat_has_no_code() -> None:
    pale = (255 - (255 - printed().astype(np.float32)) * 0.09).astype(np.uint8)
    assert reason(read(pale)) in (Reason.TOO_LIGHT, None)
    assert reason(read(cat())) is Reason.NO_CODE


def cat() -> GreyImage:
    """A photograph of a cat, as far as a test can draw one."""
    random = np.random.default_rng(5)
    fur = cv2.GaussianBlur(random.uniform(0, 255, (2400, 1800)).astype(np.float32), (0, 0), 6)
    photo = cv2.normalize(fur, None, 60, 200, cv2.NORM_MINMAX).astype(np.uint8)
    for eye in (700, 1100):
        cv2.circle(photo, (eye, 900), 120, 230, -1)
        cv2.ellipse(photo, (eye, 900), (30, 110), 0, 0, 360, 5, -1)
    return photo
