"""The printed border of a cell taken out of its picture, and with it what belongs to the next cells.

A stroke of a letter may be as straight and as long as the border, darker, and close beside it: П, О, Щ that
fill their cell. So opposite sides are looked for together: two lines as far apart as the cell is wide. What
crosses the border keeps its part outside: the tail of Щ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

GreyImage = NDArray[np.uint8]
Floats = NDArray[np.float32]
Places = NDArray[np.intp]
Truths = NDArray[np.bool_]
Scalar = TypeVar("Scalar", np.uint8, np.bool_)

#: A crop is a cell with such a part of margin on each side: 1 mm around 5 × 7 mm.
_MARGIN_X, _MARGIN_Y = 1 / 7, 1 / 9
_SMALLEST = 14  # px of height and width: in less no border can be told from writing
_USUAL = 6  # px of margin at which the next two are told
_REACH = 4  # px that a border may be displaced
_THICK = 4  # px that a border takes at most, with its blur
_FARTHER = 0.08  # of its darkness a line must have more for each of these px that it stands farther away
_STRAIGHT = 0.4  # of a border's length that may be missing
_BORDER = 14.0  # grey levels, the faintest border
_UNSEEN = 99  # px, more than any border takes
_SIDES = 3  # of four must be found before anything is taken for a border
_OF_LINE, _DARKER = 0.7, 1.6  # of a line's darkness: what is lighter or darker is not the line any more
_OF_INK = 0.4  # of the darkest ink that writing has where it crosses a border
_NEAR = 2  # px beside a border where writing that crosses it is seen


@dataclass(frozen=True, slots=True)
class _Side:
    """A side of n crops: from `first` to `last` pixel from that edge of the crop is border and its blur."""

    found: Truths
    first: Places
    last: Places


def erase_border(dark: GreyImage) -> None:
    """Make the printed border and all outside of it paper, in place, where at least three sides are found.

    Writing that crosses the border is left whole, as far as it is seen.

    Args:
        dark: darkness of crops of one shape, n × height × width.
    """
    height, width = dark.shape[1:]
    if min(height, width) < _SMALLEST:
        return
    margin_y, margin_x = round(height * _MARGIN_Y), round(width * _MARGIN_X)
    turned = dark.swapaxes(1, 2)
    rows = _opposite(dark, margin_y, slice(margin_x + 2, width - margin_x - 2, 2))
    columns = _opposite(turned, margin_x, slice(margin_y + 2, height - margin_y - 2, 2))
    sides = top, bottom, left, right = _evened((*rows, *columns))
    bordered = np.sum([side.found for side in sides], axis=0) >= _SIDES
    across, along = _between(top, bottom, height), _between(left, right, width)
    kept = across[:, :, None] & along[:, None, :] | ~bordered[:, None, None]
    ink = dark[:, margin_y:-margin_y, margin_x:-margin_x].max(axis=(1, 2)) * _OF_INK
    views = ((dark, along), (dark[:, ::-1], along), (turned, across), (turned[:, ::-1], across))
    crossed = [_crossed(view, side, ink) & within for (view, within), side in zip(views, sides, strict=True)]
    for number in np.flatnonzero(bordered & np.any([one.any(axis=1) for one in crossed], axis=0)).tolist():
        written = dark[number] > ink[number]
        for view, side, here in zip(_seen_from_sides(written), sides, crossed, strict=True):
            view[side.first[number] : side.last[number] + 1] &= here[number]
        kept[number] |= _connected(written, kept[number])
    dark *= kept


def _opposite(seen: GreyImage, margin: int, span: slice) -> tuple[_Side, _Side]:
    """The borders of two opposite sides: both found where they are moved to the same direction as far.

    Args:
        seen: n × depth × length.
        margin: where a border usually is, from both ends of the depth.
        span: the part of the length where nothing but the border is sure to be.
    """
    reach = max(2, round(_REACH * margin / _USUAL))
    depth = margin + reach + _THICK
    levels = _levels(np.concatenate((seen[:, :depth, span], seen[:, ::-1][:, :depth, span])))
    places = slice(margin - reach, margin + reach + 1)
    ours, theirs = levels[: len(seen), places], levels[len(seen) :, places][:, ::-1]
    moved, level, near, far = _displaced(ours, theirs, _USUAL / margin)
    where = np.concatenate((margin + moved, margin - moved))
    first, last = _ends(levels, where, np.tile(level, 2), np.concatenate((near, far)))
    half = len(seen)
    return _Side(near, first[:half], last[:half]), _Side(far, first[half:], last[half:])


def _displaced(
    ours: GreyImage, theirs: GreyImage, coarser: float
) -> tuple[Places, GreyImage, Truths, Truths]:
    """By how much cells are displaced, how dark their border is, and whether it is seen here and opposite.

    Where no two lines agree, the darker one of a single side counts: the other may have dropped out.

    Args:
        ours, theirs: how dark a line is on this and on the opposite side for cells displaced by as much as
            −reach … reach pixels, n × (2 · reach + 1).
        coarser: the usual resolution as a multiple of theirs.
    """
    both = np.minimum(ours, theirs)
    together, alone = both.max(axis=1) > _BORDER, ours.max(axis=1) > theirs.max(axis=1)
    line = np.where(together[:, None], both, np.where(alone[:, None], ours, theirs))
    reach = ours.shape[1] // 2
    best = (line * (1 - _FARTHER * coarser * np.abs(np.arange(-reach, reach + 1)))).argmax(axis=1)
    level = line[np.arange(len(line)), best]
    seen = level > _BORDER
    return np.where(seen, best - reach, 0), level, seen & (together | alone), seen & (together | ~alone)


def _levels(band: GreyImage) -> GreyImage:
    """How dark a line at each depth is, that may be a pixel aside and have gaps: n × depth."""
    wide = _spread(band)
    place = int(_STRAIGHT * (wide.shape[2] - 1))
    level: GreyImage = np.partition(wide, place, axis=2)[:, :, place]
    return level


def _spread(values: NDArray[Scalar]) -> NDArray[Scalar]:
    """The greatest of each value and its two neighbours along the second axis."""
    wide = values.copy()
    np.maximum(wide[:, 1:], values[:, :-1], out=wide[:, 1:])
    np.maximum(wide[:, :-1], values[:, 1:], out=wide[:, :-1])
    return wide


def _ends(levels: GreyImage, place: Places, level: GreyImage, found: Truths) -> tuple[Places, Places]:
    """From where to where lines of such darkness are, that stand at about these places. `levels`: n × depth.

    `_levels` makes lines a pixel wider on each side: that takes their blur away too.
    """
    deepest = levels.shape[1] - 1
    alike = (levels > (_OF_LINE * level)[:, None]) & (levels <= (_DARKER * level)[:, None])
    every = np.arange(len(levels))[:, None]
    around = place[:, None] + (0, -1, 1)
    place = around[every[:, 0], alike[every, np.minimum(np.maximum(around, 0), deepest)].argmax(axis=1)]
    beside = place[:, None] + np.arange(1 - _THICK, _THICK)
    goes_on = alike[every, np.minimum(np.maximum(beside, 0), deepest)] & found[:, None]
    outwards = np.logical_and.accumulate(goes_on[:, _THICK - 2 :: -1], axis=1).sum(axis=1)
    inwards = np.logical_and.accumulate(goes_on[:, _THICK:], axis=1).sum(axis=1)
    return np.maximum(place - outwards, 0), np.minimum(place + inwards, deepest)


def _evened(sides: tuple[_Side, ...]) -> tuple[_Side, ...]:
    """Sides of which none takes much more than the others: what goes on inwards is a stroke touching it."""
    found = np.stack([side.found for side in sides])
    takes = np.stack([side.last - side.first for side in sides])
    usual = np.sort(np.where(found, takes, _UNSEEN), axis=0)[1]  # the thinnest may have dropped out in part
    last = [
        np.where(more, side.first + usual, side.last)
        for side, more in zip(sides, found & (takes > usual + 1), strict=True)
    ]
    return tuple(_Side(side.found, side.first, inner) for side, inner in zip(sides, last, strict=True))


def _between(near: _Side, far: _Side, length: int) -> Truths:
    """Which places of a length are between two borders: n × length."""
    along = np.arange(length)
    return (along > near.last[:, None]) & (along < length - 1 - far.last[:, None])


def _crossed(seen: GreyImage, side: _Side, ink: Floats) -> Truths:
    """Where along a border writing is on both sides of it: n × length. `seen`: n × depth × length."""
    every, steps = np.arange(len(seen))[:, None], np.arange(1, _NEAR + 1)
    deepest = seen.shape[1] - 1
    inside = seen[every, np.minimum(side.last[:, None] + steps, deepest)].max(axis=1) > ink[:, None]
    outside = seen[every, np.maximum(side.first[:, None] - steps, 0)].max(axis=1) > ink[:, None]
    here: Truths = inside & _spread(outside & (side.first[:, None] > 0))
    return here


def _seen_from_sides(image: Truths) -> tuple[Truths, Truths, Truths, Truths]:
    """The same image seen from the top, the bottom, the left and the right: depth × length."""
    return image, image[::-1], image.T, image.T[::-1]


def _connected(ink: Truths, inside: Truths) -> Truths:
    """What hangs together with the writing inside; a pixel around it too, for its soft edge."""
    _, pieces = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    reached = np.zeros(pieces.max() + 1, np.uint8)
    reached[pieces[inside]] = 1
    reached[0] = 0  # paper
    return np.asarray(cv2.dilate(reached[pieces], np.ones((3, 3), np.uint8)), bool)
