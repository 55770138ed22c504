"""Page codes read: the quick way from where they must stand, and the patient way bit by bit.

Both codes of a page hold the same text. When neither can be decoded, the brightness of their modules is
averaged: noise, specks and streaks fall on different modules of the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from oko.engines.blanks.layout import CODE_MM
from oko.engines.blanks.page_code import PageCode, PageCodeError, decode, looks_like_ours
from oko.engines.recognition.model import GreyImage

Floats = NDArray[np.float32]

CROP_PX_PER_MM = 10
CROP_MARGIN_MM = 2.5
CROP_PX = round((CODE_MM + 2 * CROP_MARGIN_MM) * CROP_PX_PER_MM)
_SIZES = (29, 33, 25, 37, 41)  # modules a side, the likeliest first
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_FINDER = 7
_QUIET = 4
_MODULE_PX = 4
_THRESHOLDS = (0.0, -0.1, 0.1, -0.2, 0.2)  # between black −1 and white 1
_SEARCH_MM = 1.6  # a finder pattern lies so far from where discs have it
_LIKE_A_FINDER = 0.35  # mean correlation of the three
_LEAST_FIT = 0.05  # so that a code of which nothing is seen weighs next to nothing
_LIKELIEST = 3  # ways to see a code that are worth decoding
_BLED = 0.9
_NEIGHBOURS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4


@dataclass(frozen=True, slots=True)
class CodeRead:
    """A text that was read.

    Attributes:
        code: what it says when it is whole and ours.
        corners: 4 × 2, pixels of the picture: the code's own upper left one, and on clockwise; None when it
            was read bit by bit.
        turned: 0 … 3: by how many quarter turns clockwise the code is turned in the picture.
        contradicts: the other code of the page says something else.
    """

    text: str
    code: PageCode | None
    corners: NDArray[np.float64] | None
    turned: int
    contradicts: bool = False


def read_codes(picture: GreyImage, key: bytes | None, *, thorough: bool = False) -> list[CodeRead]:
    """All QR codes that the library decodes in a picture."""
    found = zxingcpp.read_barcodes(
        picture,
        formats=_QR,
        try_rotate=True,
        try_downscale=thorough,
        try_invert=False,
    )
    return [_read(one, key) for one in found if one.valid]


def _read(found: zxingcpp.Barcode, key: bytes | None) -> CodeRead:
    at = found.position
    corners = np.array(
        [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)],
        dtype=np.float64,
    )
    across = corners[1] - corners[0]
    turned = round(np.degrees(np.arctan2(across[1], across[0])) / 90) % 4
    return CodeRead(found.text, _whole(found.text, key), corners, turned)


def _whole(text: str, key: bytes | None) -> PageCode | None:
    try:
        return decode(text, key)
    except PageCodeError:
        return None


def is_ours(read: CodeRead) -> bool:
    """Meant to be Oko's, whole or not, with whichever key."""
    return looks_like_ours(read.text)


def read_softly(crops: Sequence[GreyImage], key: bytes | None) -> CodeRead | None:
    """Decode from the brightness of modules: of both codes together, and of each alone.

    Args:
        crops: the places of the codes laid straight, `CROP_PX` square, all turned alike: upright or on their
            heads.

    Returns:
        Only a text whose check holds.
    """
    tries = []
    for turned in (0, 2):
        upright = [np.ascontiguousarray(np.rot90(crop, turned)) for crop in crops]
        for size in _SIZES:
            grids = [grid for crop in upright if (grid := _modules(crop, size)) is not None]
            if grids:
                tries.append((max(grid.fit for grid in grids), turned, grids))
    tries.sort(key=lambda one: -one[0])
    for _, turned, grids in tries[:_LIKELIEST]:
        for text in _texts_of(grids):
            code = _whole(text, key)
            if code is not None:
                return CodeRead(text, code, None, turned)
    return None


@dataclass(frozen=True, slots=True)
class _Modules:
    """A code by its modules: size × size, −1 black … 1 white; `fit`: how like a code it looks."""

    light: Floats
    fit: float


def _texts_of(grids: Sequence[_Modules]) -> Iterator[str]:
    candidates = [grid.light for grid in grids]
    if len(grids) > 1:
        weights = np.array([max(grid.fit, _LEAST_FIT) ** 2 for grid in grids], np.float32)
        candidates.insert(0, np.tensordot(weights / weights.sum(), np.stack(candidates), axes=1))
    for light in candidates:
        for sharp in (light, _sharpened(light)):
            for threshold in _THRESHOLDS:
                yield from _decoded(np.where(sharp > threshold, 255, 0).astype(np.uint8))


def _sharpened(light: Floats) -> Floats:
    """Without what blur brought into each module from its four neighbours."""
    around = cv2.filter2D(light, -1, _NEIGHBOURS, borderType=cv2.BORDER_REPLICATE)
    sharp: Floats = (light + _BLED * (light - around)).astype(np.float32, copy=False)
    return sharp


def _decoded(light: NDArray[np.uint8]) -> list[str]:
    """A code drawn anew from its modules, with all that every code has as it must be."""
    template, mask = _structure(len(light))
    light[mask] = np.where(template[mask] > 0, 255, 0)
    picture = cv2.copyMakeBorder(
        np.kron(light, np.ones((_MODULE_PX, _MODULE_PX), np.uint8)),
        *(_QUIET * _MODULE_PX,) * 4,
        cv2.BORDER_CONSTANT,
        value=255,
    )
    found = zxingcpp.read_barcodes(picture, formats=_QR, try_rotate=False, try_downscale=False, is_pure=True)
    return [one.text for one in found if one.valid]


def _modules(crop: GreyImage, size: int) -> _Modules | None:
    """The modules of a code that is sought near the middle of an upright crop, by its three finder patterns.

    Each pattern is found for itself, so that a code that is stretched or askew is still met.
    """
    pitch = CODE_MM * CROP_PX_PER_MM / size
    soft = cv2.GaussianBlur(crop, (0, 0), pitch / 4).astype(np.float32)
    pattern = _finder_pattern(pitch)
    begin = (CROP_PX - size * pitch) / 2
    centres_in_modules = np.array([(3.5, 3.5), (size - 3.5, 3.5), (3.5, size - 3.5)], np.float32)
    centres, fits = [], []
    for x, y in begin + centres_in_modules * pitch:
        reach = pattern.shape[0] / 2 + _SEARCH_MM * CROP_PX_PER_MM
        left, top = int(max(0, x - reach)), int(max(0, y - reach))
        window = soft[top : int(y + reach) + 1, left : int(x + reach) + 1]
        if min(window.shape) < pattern.shape[0]:
            return None
        _, fit, _, (right, down) = cv2.minMaxLoc(cv2.matchTemplate(window, pattern, cv2.TM_CCOEFF_NORMED))
        fits.append(fit)
        centres.append((left + right + pattern.shape[0] / 2, top + down + pattern.shape[0] / 2))
    if np.mean(fits) < _LIKE_A_FINDER:
        return None
    to_crop = cv2.getAffineTransform(centres_in_modules, np.array(centres, np.float32))
    x, y = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
    at = np.tensordot(to_crop, np.stack([x, y, np.ones_like(x)]), axes=1) - 0.5
    places = at.astype(np.float32)
    grid = cv2.remap(soft, places[0], places[1], cv2.INTER_LINEAR).astype(np.float32, copy=False)
    template, mask = _structure(size)
    return _Modules(_levelled(grid, template, mask), float(np.corrcoef(grid[mask], template[mask])[0, 1]))


def _finder_pattern(pitch: float) -> Floats:
    """The square in the square with its white rim, as blurred as the picture."""
    pattern = np.ones((_FINDER + 2, _FINDER + 2), np.float32)
    pattern[1:-1, 1:-1] = -1
    pattern[2:-2, 2:-2] = 1
    pattern[3:-3, 3:-3] = -1
    side = round((_FINDER + 2) * pitch)
    drawn = cv2.resize(pattern, (side, side), interpolation=cv2.INTER_NEAREST)
    blurred: Floats = cv2.GaussianBlur(drawn, (0, 0), pitch / 2.5).astype(np.float32, copy=False)
    return blurred


def _levelled(grid: Floats, template: Floats, mask: NDArray[np.bool_]) -> Floats:
    """Black and white are what the known modules are; where light falls off, those nearby count more."""
    rows, columns = np.nonzero(mask)
    values, signs = grid[mask], template[mask]
    size = len(grid)
    y, x = (axis.ravel() for axis in np.mgrid[:size, :size])
    away = (y[:, None] - rows) ** 2 + (x[:, None] - columns) ** 2
    near = np.exp(-away / (2 * (size / 2.5) ** 2)).astype(np.float32)
    white = (near @ (values * (signs > 0))) / (near @ (signs > 0))
    black = (near @ (values * (signs < 0))) / (near @ (signs < 0))
    level, span = (white + black) / 2, np.maximum((white - black) / 2, 1.0)
    levelled: Floats = np.clip((grid.ravel() - level) / span, -1.5, 1.5).reshape(size, size)
    return levelled


_structures: dict[int, tuple[Floats, NDArray[np.bool_]]] = {}


def _structure(size: int) -> tuple[Floats, NDArray[np.bool_]]:
    """What every code of a size has: finder patterns with their white rim, timing; −1 black, 1 white."""
    if size not in _structures:
        template = np.ones((size, size), np.float32)
        mask = np.zeros((size, size), bool)
        ring = np.ones((_FINDER + 1, _FINDER + 1), np.float32)
        square = -np.ones((_FINDER, _FINDER), np.float32)
        square[1:-1, 1:-1] = 1
        square[2:-2, 2:-2] = -1
        ring[:_FINDER, :_FINDER] = square
        last = size - _FINDER - 1
        for turns, top, left in ((0, 0, 0), (3, 0, last), (1, last, 0)):
            template[top : top + _FINDER + 1, left : left + _FINDER + 1] = np.rot90(ring, turns)
            mask[top : top + _FINDER + 1, left : left + _FINDER + 1] = True
        line = np.arange(_FINDER + 1, size - _FINDER - 1)
        timing = np.where(line % 2 == 0, -1.0, 1.0)
        template[6, line], template[line, 6] = timing, timing
        mask[6, line] = mask[line, 6] = True
        _structures[size] = (template, mask)
    return _structures[size]
