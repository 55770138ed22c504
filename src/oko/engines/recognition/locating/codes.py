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
_THRESHOLDS = (0.0, -0.12, 0.12)
_STRUCTURE = 0.80  # of the modules that every code has must look right


@dataclass(frozen=True, slots=True)
class CodeRead:
    """A text that was read.

    Attributes:
        code: what it says when it is whole and ours.
        corners: 4 × 2, pixels of the picture: the code's own upper left one, and on clockwise; None when it
            was read bit by bit.
        turned: 0 … 3: by how many quarter turns clockwise the code is turned in the picture.
    """

    text: str
    code: PageCode | None
    corners: NDArray[np.float64] | None
    turned: int


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
    """Decode from the mean brightness of modules, each code alone and both together, in all four positions.

    Args:
        crops: the places of the codes laid straight, `CROP_PX` square, all turned alike.

    Returns:
        Only a text whose check holds.
    """
    for turned in range(4):
        upright = [np.ascontiguousarray(np.rot90(crop, turned)) for crop in crops]
        for size in _SIZES:
            grids = [grid for crop in upright if (grid := _modules(crop, size)) is not None]
            for grid in _together(grids):
                for text in _texts_of(grid):
                    code = _whole(text, key)
                    if code is not None:
                        return CodeRead(text, code, None, turned)
    return None


def _together(grids: list[Floats]) -> Iterator[Floats]:
    if len(grids) > 1:
        yield np.mean(grids, axis=0)
    yield from grids


def _texts_of(grid: Floats) -> Iterator[str]:
    for threshold in _THRESHOLDS:
        light = np.where(grid > threshold, 255, 0).astype(np.uint8)
        _write_structure(light)
        picture = cv2.copyMakeBorder(
            np.kron(light, np.ones((_MODULE_PX, _MODULE_PX), np.uint8)),
            *(_QUIET * _MODULE_PX,) * 4,
            cv2.BORDER_CONSTANT,
            value=255,
        )
        decoded = zxingcpp.read_barcodes(
            picture,
            formats=_QR,
            try_rotate=False,
            try_downscale=False,
            is_pure=True,
        )
        yield from (one.text for one in decoded if one.valid)


def _modules(crop: GreyImage, size: int) -> Floats | None:
    """size × size, −1 black … 1 white: the brightness of each module, placed by the finder patterns.

    None when what every code has does not look like it.
    """
    soft = cv2.GaussianBlur(crop, (0, 0), CODE_MM * CROP_PX_PER_MM / size / 4).astype(np.float32)
    template, mask = _structure(size)
    best: tuple[float, Floats] | None = None
    for scale in (1.0, 0.985, 1.015):
        pitch = CODE_MM * CROP_PX_PER_MM / size * scale
        reach = CROP_MARGIN_MM * CROP_PX_PER_MM
        offsets = np.arange(-reach * 0.8, reach * 0.81, pitch / 3)
        for down in offsets:
            rows = CROP_PX / 2 + down + (np.arange(size) - (size - 1) / 2) * pitch
            if rows[0] < 1 or rows[-1] > CROP_PX - 2:
                continue
            for right in offsets:
                columns = CROP_PX / 2 + right + (np.arange(size) - (size - 1) / 2) * pitch
                if columns[0] < 1 or columns[-1] > CROP_PX - 2:
                    continue
                grid = soft[np.ix_(np.rint(rows).astype(int), np.rint(columns).astype(int))]
                known = grid[mask]
                fit = float(np.corrcoef(known, template[mask])[0, 1]) if known.std() > 1 else 0.0
                if best is None or fit > best[0]:
                    best = (fit, grid)
    if best is None or best[0] < _STRUCTURE - 0.2:
        return None
    return _levelled(best[1], template, mask)


def _levelled(grid: Floats, template: Floats, mask: NDArray[np.bool_]) -> Floats:
    """Black and white are what the known modules are; where light falls off, those nearby count more."""
    rows, columns = np.nonzero(mask)
    values, signs = grid[mask], template[mask]
    size = len(grid)
    y, x = (axis.ravel() for axis in np.mgrid[:size, :size])
    near = np.exp(-((y[:, None] - rows) ** 2 + (x[:, None] - columns) ** 2) / (2 * (size / 2.5) ** 2)).astype(
        np.float32
    )
    white = (near @ (values * (signs > 0))) / (near @ (signs > 0))
    black = (near @ (values * (signs < 0))) / (near @ (signs < 0))
    level = (white + black) / 2
    span = np.maximum((white - black) / 2, 1.0)
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


def _write_structure(light: NDArray[np.uint8]) -> None:
    """Put what every code has in place as it must be."""
    template, mask = _structure(len(light))
    light[mask] = np.where(template[mask] > 0, 255, 0)
