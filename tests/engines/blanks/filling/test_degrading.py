"""Degraded pages: known geometry, repeatable, and never so bad that an answer is lost."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from oko.engines.blanks.definition import Definition
from oko.engines.blanks.filling.degrading import MODES, degrade, degraded, faults
from oko.engines.blanks.filling.degrading.scan import PX_PER_MM, Scan, moved
from oko.engines.blanks.filling.raster import GreyImage, page_rasters
from oko.engines.blanks.layout import place
from oko.engines.blanks.page_code import decode

PERSON = {"assessment": "proba", "organisation": "edu1", "participant": "10001"}


@pytest.fixture(scope="module")
def page(definition: Definition) -> GreyImage:
    return page_rasters(definition, PERSON)[0]


def disc_centres(definition: Definition) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array(place(definition)[0].corners) * PX_PER_MM


@pytest.mark.parametrize("mode", MODES)
def test_the_matrix_says_where_each_point_went(definition: Definition, page: GreyImage, mode: str) -> None:
    for seed in range(4):
        image, matrix = degrade(page, mode, np.random.default_rng(seed))
        around = moved(disc_centres(definition), matrix)
        beside = moved(
            disc_centres(definition) + (9 * PX_PER_MM, 0) * np.array((1, -1, 1, -1))[:, None], matrix
        )
        seen = sum(
            int(image[round(y), round(x)]) + 40 < int(image[round(v), round(u)])
            for (x, y), (u, v) in zip(around, beside, strict=True)
        )
        assert seen >= 3


@pytest.mark.parametrize("mode", MODES)
def test_a_code_of_the_page_still_reads(page: GreyImage, mode: str) -> None:
    for seed in range(3):
        image, _ = degrade(page, mode, np.random.default_rng(100 + seed))
        serials = {decode(code.text).serial for code in zxingcpp.read_barcodes(image)}
        assert serials == {"10001"}


def test_the_same_seed_gives_the_same_picture(page: GreyImage) -> None:
    once, again, other = (degrade(page, "bad", np.random.default_rng(seed))[0] for seed in (7, 7, 8))
    assert np.array_equal(once, again)
    assert once.shape != other.shape or (once != other).any()


def test_the_page_itself_stays_as_it_was(page: GreyImage) -> None:
    before = page.copy()
    degrade(page, "bad", np.random.default_rng(3))
    assert np.array_equal(page, before)


@pytest.mark.parametrize("fault", ["torn", "folded", "stamp", "punch holes"])
def test_no_fault_of_paper_hides_what_must_be_kept(fault: str) -> None:
    """Cells right up to 21 mm from the edges, all grey: their grey is still there afterwards."""
    side = np.arange(21, 120, 8.0) * PX_PER_MM
    keep = np.array([(x, y, x + 50, y + 50) for x in side for y in side])
    for seed in range(15):
        paper = np.full((1748, 1748), 255, np.uint8)
        for left, top, right, bottom in keep.astype(int):
            paper[top:bottom, left:right] = 128
        scan = Scan(paper, keep)
        rng = np.random.default_rng(seed)
        match fault:
            case "torn":
                faults.torn_corner(scan, rng, 12)
            case "folded":
                faults.folded_corner(scan, rng, 12)
            case _:
                faults.ON_PAPER[fault](scan, rng)
        for left, top, right, bottom in keep.astype(int):
            assert np.median(scan.image[top:bottom, left:right]) >= 85  # shadows, but no hole


def test_a_cancelled_box_stays_full_in_one_bit(page: GreyImage) -> None:
    full = page.copy()
    cv2.rectangle(full, (700, 900), (760, 960), (90,), -1)
    found = 0
    for seed in range(60):
        scan = degraded(full, "bad", np.random.default_rng(seed))
        if scan.quality is None:
            found += 1
            assert set(np.unique(scan.image)) <= {0, 255}
            x, y = moved(np.array(((730.0, 930.0),)), scan.matrix)[0]
            assert scan.image[round(y) - 4 : round(y) + 5, round(x) - 4 : round(x) + 5].mean() < 100
        if found == 3:
            return
    pytest.fail("one of five bad pages is 1 bit")
