"""Letters of a printed page code as small pictures, and how alike places of a strip are to them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Floats = NDArray[np.float32]

#: All letters of a page code.
GLYPHS = "*0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%+-./:"
#: Pixels a millimetre at which texts are compared (203 dpi): a capital is 14 pixels high.
PX_PER_MM = 8

_POINTS = 7.0  # as printing does
_EM_MM = _POINTS * 25.4 / 72
_FINER = 8
_ABOVE_MM, _BELOW_MM = 2.1, 0.5  # of the base line, that belong to the picture of a letter
_BESIDE_MM = 0.2
_SOFT = 0.9  # pixels of blur: printers and scanners soften
_LEAST_DEVIATION = 0.12  # of darkness: less is noise of paper


@cache
def advances_mm() -> Floats:
    """How far each letter of `GLYPHS` moves the pen."""
    font = _font(1000)
    return np.array([font.getlength(letter) for letter in GLYPHS], np.float32) * np.float32(_EM_MM / 1000)


def likeness(dark: Floats) -> Floats:
    """How alike (correlation, −1 … 1) letters with their pen at each pixel are to what is there.

    Args:
        dark: 0 … 1, `PX_PER_MM` pixels a millimetre, text upright.

    Returns:
        Letters × height × width: of the letter's beginning on its base line.
    """
    above, before = round(_ABOVE_MM * PX_PER_MM), round(_BESIDE_MM * PX_PER_MM)
    height, width = dark.shape
    found = np.zeros((len(GLYPHS), height, width), np.float32)
    for number, picture in enumerate(_pictures()):
        rows, columns = picture.shape
        if rows > height or columns > width:
            continue
        centred = picture - picture.mean()
        alike = cv2.matchTemplate(dark, centred, cv2.TM_CCORR)
        deviation = _deviation(dark, rows, columns)
        spread = picture.size * max(float(picture.std()), 1e-6) * np.maximum(deviation, _LEAST_DEVIATION)
        found[number, above : above + alike.shape[0], before : before + alike.shape[1]] = alike / spread
    return found


def _deviation(dark: Floats, rows: int, columns: int) -> Floats:
    mean = cv2.boxFilter(dark, cv2.CV_32F, (columns, rows), anchor=(0, 0))
    squares = cv2.boxFilter(dark * dark, cv2.CV_32F, (columns, rows), anchor=(0, 0))
    size = (dark.shape[0] - rows + 1, dark.shape[1] - columns + 1)
    variance = (squares - mean * mean)[: size[0], : size[1]]
    return np.sqrt(np.maximum(variance, 0)).astype(np.float32)


@cache
def _pictures() -> tuple[Floats, ...]:
    """Darkness of each letter, its pen `_BESIDE_MM` from the left, its base line `_BELOW_MM` from below."""
    font = _font(_EM_MM * PX_PER_MM * _FINER)
    pictures = []
    for letter, advance in zip(GLYPHS, advances_mm().tolist(), strict=True):
        width = round((advance + 2 * _BESIDE_MM) * PX_PER_MM)
        above, below = round(_ABOVE_MM * PX_PER_MM), round(_BELOW_MM * PX_PER_MM)
        page = Image.new("L", (width * _FINER, (above + below) * _FINER), 0)
        pen = (round(_BESIDE_MM * PX_PER_MM) * _FINER, above * _FINER)
        ImageDraw.Draw(page).text(pen, letter, fill=255, font=font, anchor="ls")
        fine = np.asarray(page, np.float32) / 255
        small = cv2.resize(fine, (width, above + below), interpolation=cv2.INTER_AREA)
        pictures.append(np.asarray(cv2.GaussianBlur(small, (0, 0), _SOFT), np.float32))
    return tuple(pictures)


def _font(size: float) -> ImageFont.FreeTypeFont:
    path = files("ttf_opensans") / "ttf" / "OpenSans-Regular.ttf"
    return ImageFont.truetype(str(path), size)
