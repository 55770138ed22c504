"""Cells made alike for the model: border taken away, paper and ink equalised, the writing in the middle.

The same function serves training and reading, so that the model sees in use what it has learned from.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.characters.borders import erase_border

GreyImage = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIZE = 32  # px, height and width of what the model sees
_GLYPH = 27  # px that the longer side of the writing takes
_GROWN = (
    1.25 * 54
)  # small writing is magnified no more than so (at 54 px a crop), so that a comma stays small
_FROM_MIDDLE = (
    0.6  # of its distance from the middle of the cell, which small writing keeps where there is room
)
_PAPER = 0.7  # the quantile of a crop that is paper
_LEAST_INK = 36.0  # grey levels: what is fainter is not stretched to black
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
    height, width = crop.shape
    size = (max(1, round(width * 54 / height)), 54)
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)


def _normalised(crops: GreyImage) -> GreyImage:
    """The same for crops of one shape: n × height × width."""
    dark = darkness(crops)
    erase_border(dark)
    ink = np.maximum(_quantile(dark, 0.985), _LEAST_INK)
    return _centred(_stretched(dark, ink))


def _stretched(dark: GreyImage, ink: Floats) -> GreyImage:
    """Each image with its ink at full black."""
    tables = np.minimum(np.arange(256, dtype=np.float32) * (255 / ink)[:, None], 255).astype(np.uint8)
    found = np.empty_like(dark)
    for image, table, place in zip(dark, tables, found, strict=True):
        cv2.LUT(image, table, place)
    return found


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


def _centred(light: GreyImage) -> GreyImage:
    """The writing of each image scaled and moved into the middle: n × SIZE × SIZE."""
    height, width = light.shape[1:]
    rows, columns = _profiles(light)
    (top, bottom), (left, right) = _extent(rows), _extent(columns)
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


def _profiles(light: GreyImage) -> tuple[Floats, Floats]:
    """How much ink stands in each row and in each column of each image."""
    count, height, width = light.shape
    _, inked = cv2.threshold(light.reshape(-1, width), int(_FAINT * 255), 0, cv2.THRESH_TOZERO)
    rows = cv2.reduce(inked, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F).reshape(count, height)
    columns = np.empty((count, 1, width), np.float32)
    for image, place in zip(inked.reshape(light.shape), columns, strict=True):
        cv2.reduce(image, 0, cv2.REDUCE_SUM, place, cv2.CV_32F)
    return np.asarray(rows, np.float32), columns[:, 0]


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
