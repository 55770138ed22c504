"""How dark each pixel is against the paper around it, whatever the light, the shadow or the stain."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

import cv2
import numpy as np

from oko.engines.recognition.cells.plan import MARGIN
from oko.engines.recognition.model import PX_PER_MM, GreyImage, Sheet
from oko.engines.recognition.regions import Region

_REACH = 7  # mm: paper shows itself within such a square, beside strokes and filled boxes


def darkness(image: GreyImage, regions: Iterable[Region]) -> GreyImage:
    """How much darker than the paper, 0 … 255, with a margin of `MARGIN` pixels all around; 0 elsewhere."""
    height, width = image.shape
    found = np.zeros((height + 2 * MARGIN, width + 2 * MARGIN), np.uint8)
    inside = found[MARGIN : MARGIN + height, MARGIN : MARGIN + width]
    for left, top, right, bottom in regions:
        inside[top:bottom, left:right] = _darker_than_paper(image[top:bottom, left:right])
    return found


def _darker_than_paper(image: GreyImage) -> GreyImage:
    """The paper is the lightest square millimetre of the surroundings: means of 36 pixels, so that noise does
    not lift it; a stain or a shadow wider than 7 mm is paper too.
    """
    height, width = image.shape
    small = cv2.resize(image, (width // PX_PER_MM, height // PX_PER_MM), interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((_REACH, _REACH), np.uint8))
    paper = cv2.resize(cv2.blur(paper, (3, 3)), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(paper, image).astype(np.uint8, copy=False)


def soften(dark: GreyImage, regions: Iterable[Region]) -> None:
    """Blur the darkness slightly, in place."""
    for left, top, right, bottom in regions:
        part = dark[top + MARGIN : bottom + MARGIN, left + MARGIN : right + MARGIN]
        part[:] = cv2.blur(part, (3, 3))


def print_contrast(sheet: Sheet, dark: GreyImage) -> float | None:
    """How dark the printed discs are: what black is on this sheet; none where no disc can be seen."""
    half = PX_PER_MM
    found = []
    for x, y in sheet.page.corners:
        column, row = round(x * PX_PER_MM) + MARGIN, round(y * PX_PER_MM) + MARGIN
        if sheet.seen[row - MARGIN, column - MARGIN]:
            disc = np.sort(dark[row - half : row + half, column - half : column + half], axis=None)
            found.append(int(disc[disc.size // 2]))
    return max(60.0, statistics.median(found)) if found else None
