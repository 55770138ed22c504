"""Cells made alike for the model: border taken away, paper and ink equalised, the writing in the middle.

The same function serves training and reading, so that the model sees in use what it has learned from.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

GreyImage = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIZE = 32  # px, height and width of what the model sees
_GLYPH = 27  # px that the longer side of the writing takes
#: A crop is a cell with such a part of margin on each side: 1 mm around 5 × 7 mm.
_MARGIN_X, _MARGIN_Y = 1 / 7, 1 / 9
_GROWN = (
    1.25 * 54
)  # small writing is magnified no more than so (at 54 px a crop), so that a comma stays small
_FROM_MIDDLE = (
    0.6  # of its distance from the middle of the cell, which small writing keeps where there is room
)
_PAPER = 0.7  # the quantile of a crop that is paper
_LEAST_INK = 36.0  # grey levels: what is fainter is not stretched to black
_REACH = 4  # px at 54 px a crop that a border may be displaced
_STRAIGHT = 0.4  # of a border's length that may be missing
_BORDER = 14.0  # grey levels, the faintest border
_SIDES = 3  # of four must be found before anything is taken for a border
_TAILS = 0.006  # of the ink at each end is not counted for the extent of the writing: specks
_FAINT = 0.3  # of full ink: what is fainter does not count for the extent
_AT_ONCE = 64  # cells: what they need stays in the processor's cache
_LARGEST = 81  # px of height that are scaled without shrinking first


def normalised(crops: Sequence[GreyImage]) -> GreyImage:
    """What the model sees of cells.

    Args:
        crops: grey cells with 1 mm of margin, paper light, at any resolution (6 px a millimetre is usual) and
            of any sizes; with their printed border, a part of it, or none.

    Returns:
        n × 1 × 32 × 32, ink 255.
    """
    found = np.zeros((len(crops), 1, SIZE, SIZE), np.uint8)
    by_shape: dict[tuple[int, ...], list[int]] = {}
    fitting = [_shrunk(crop) for crop in crops]
    for number, crop in enumerate(fitting):
        by_shape.setdefault(crop.shape, []).append(number)
    for members in by_shape.values():
        for first in range(0, len(members), _AT_ONCE):
            some = members[first : first + _AT_ONCE]
            found[some, 0] = _normalised(np.stack([fitting[number] for number in some]))
    return found


def _shrunk(crop: GreyImage) -> GreyImage:
    if crop.shape[0] <= _LARGEST:
        return crop
    scale = 54 / crop.shape[0]
    return np.asarray(cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _normalised(crops: GreyImage) -> GreyImage:
    """The same for crops of one shape: n × height × width."""
    dark = darkness(crops)
    erase_border(dark)
    ink = np.maximum(_quantile(dark, 0.985), _LEAST_INK)
    light = np.minimum(dark * (255 / ink)[:, None, None], 255).astype(np.uint8)
    return _centred(light)


def darkness(crops: GreyImage) -> GreyImage:
    """How much darker than its paper each pixel is, 0 … 255."""
    paper = np.maximum(_quantile(crops, _PAPER) - 4, 0).astype(np.uint8)[:, None, None]
    return np.asarray(paper - np.minimum(crops, paper))


def _quantile(images: GreyImage, share: float) -> Floats:
    """Of each image, from every fifth pixel, by its histogram."""
    flat = images.reshape(len(images), -1)[:, ::5]
    place = int(share * (flat.shape[1] - 1))
    levels = flat + (np.arange(len(flat)) * 256)[:, None]
    counts = np.bincount(levels.ravel(), minlength=len(flat) * 256).reshape(-1, 256)
    return np.asarray((counts.cumsum(axis=1) > place).argmax(axis=1), np.float32)


def erase_border(dark: GreyImage) -> None:
    """Make the printed border and all outside of it paper, in place, where at least three sides are found."""
    height, width = dark.shape[1:]
    sides = [_line(np.moveaxis(view, axis, 1), margin, span) for view, axis, margin, span in _views(dark)]
    bordered = sum((place >= 0).astype(np.intp) for place in sides) >= _SIDES
    usual = [margin for _, _, margin, _ in _views(dark)]
    rows, columns = np.arange(height), np.arange(width)
    top, bottom, left, right = (
        np.where(bordered, np.where(place >= 0, place, expected) + 1, -1)
        for place, expected in zip(sides, usual, strict=True)
    )
    keep_rows = (rows > top[:, None]) & (rows < height - 1 - bottom[:, None])
    keep_columns = (columns > left[:, None]) & (columns < width - 1 - right[:, None])
    dark *= keep_rows[:, :, None]
    dark *= keep_columns[:, None, :]


def _views(dark: GreyImage) -> list[tuple[GreyImage, int, int, slice]]:
    """Top, bottom, left, right: the image seen from that side, its axis, the usual place of the border, and
    the part of the side where only border is sure to be."""
    height, width = dark.shape[1:]
    x, y = round(width * _MARGIN_X), round(height * _MARGIN_Y)
    inside_x, inside_y = slice(x + 2, width - x - 2), slice(y + 2, height - y - 2)
    return [
        (dark, 1, y, inside_x),
        (dark[:, ::-1], 1, y, inside_x),
        (dark, 2, x, inside_y),
        (dark[:, :, ::-1], 2, x, inside_y),
    ]


def _line(seen: GreyImage, margin: int, span: slice) -> NDArray[np.intp]:
    """How many pixels from the side a straight line ends; -1 without one. `seen`: n × depth × length."""
    reach = max(2, round(_REACH * margin / 6))
    first = max(1, margin - reach)
    band = seen[:, first - 1 : margin + reach + 2, span]
    wide = np.maximum(np.maximum(band[:, :-2], band[:, 1:-1]), band[:, 2:])
    place = int(_STRAIGHT * (wide.shape[2] - 1))
    level = np.sort(wide, axis=2, kind="stable")[:, :, place]
    best = level.max(axis=1)
    there = level > 0.7 * best[:, None]
    last = there.shape[1] - 1 - there[:, ::-1].argmax(axis=1)  # the band is widened by one on either side
    return np.where(best > _BORDER, first + last - 1, -1)


def _centred(light: GreyImage) -> GreyImage:
    """The writing of each image scaled and moved into the middle: n × SIZE × SIZE."""
    height, width = light.shape[1:]
    counted = np.where(light > _FAINT * 255, light, 0)
    top, bottom = _extent(counted.sum(axis=2, dtype=np.float32))
    left, right = _extent(counted.sum(axis=1, dtype=np.float32))
    scale = np.minimum(_GLYPH / np.maximum(bottom - top, right - left), _GROWN / height)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    room_x = np.maximum(0, (_GLYPH - (right - left) * scale) / 2)
    room_y = np.maximum(0, (_GLYPH - (bottom - top) * scale) / 2)
    small = scale >= _GROWN / height * 0.999
    aside_x = np.clip((middle_x - width / 2) * scale * _FROM_MIDDLE, -room_x, room_x) * small
    aside_y = np.clip((middle_y - height / 2) * scale * _FROM_MIDDLE, -room_y, room_y) * small
    found = np.empty((len(light), SIZE, SIZE), np.uint8)
    move_x = (SIZE / 2 + aside_x - middle_x * scale).tolist()
    move_y = (SIZE / 2 + aside_y - middle_y * scale).tolist()
    matrix = np.zeros((2, 3))
    for number, one in enumerate(scale.tolist()):
        matrix[0, 0] = matrix[1, 1] = one
        matrix[0, 2], matrix[1, 2] = move_x[number] + one / 2 - 0.5, move_y[number] + one / 2 - 0.5
        cv2.warpAffine(light[number], matrix, (SIZE, SIZE), found[number], cv2.INTER_LINEAR)
    return found


def _extent(profile: Floats) -> tuple[Floats, Floats]:
    """From where to where the ink of each profile reaches; all of it where there is none."""
    along = np.cumsum(profile, axis=1)
    total = along[:, -1:]
    begin = (along > _TAILS * total).argmax(axis=1)
    end = (along >= (1 - _TAILS) * total).argmax(axis=1) + 1
    inked = total[:, 0] > 0
    length = profile.shape[1]
    return (
        np.where(inked, begin, 0).astype(np.float32),
        np.where(inked, end, length).astype(np.float32),
    )
