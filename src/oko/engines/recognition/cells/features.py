"""What is measured of each cell: how much ink, how dark, how far it spreads, whether it hangs together.

All of it is measured inside the border, around the cell (strokes overrun; streaks and stamps go on), and
against the other cells of the page: its empty cells show its own noise, its marks show its pen.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.cells.alignment import Offsets, patches, stacked
from oko.engines.recognition.cells.plan import Group
from oko.engines.recognition.model import GreyImage

Floats = NDArray[np.float32]

INSET = 4  # px inside of the printed edge: half a line, what alignment leaves, blur
_AROUND = 9  # px outside of the edge
_OUTSIDE = _AROUND - 3  # px of them beyond the border
_LEVELS = (0.10, 0.2, 0.4)  # of black: pencil and dirt; surely a stroke; pen

#: Names in the order of the columns; a trained model says which it was trained on.
NAMES = (
    "ink", "covered_low", "covered_mid", "covered_high", "stroke", "rows", "columns", "rows_high",
    "columns_high", "block_least", "block_second", "block_middle", "blocks_inked", "block_most", "uneven",
    "around_top", "around_right", "around_bottom", "around_left", "around_least", "streak_down",
    "streak_across", "part_area", "part_width", "part_height", "parts", "second_part", "white_rows",
    "darkest_row", "darkest_column",
)  # fmt: skip
PAGE_NAMES = (
    "contrast", "page_paper", "page_noise", "page_spread", "page_pen", "page_share", "ink_over",
    "low_over", "stroke_of_pen", "fit",
)  # fmt: skip


def measured(soft: GreyImage, group: Group, offsets: Offsets, contrast: float) -> Floats:
    """The features of the cells of one group.

    Args:
        soft: darkness (`paper.darkness`), slightly blurred.
        offsets: of these cells, from `alignment.offsets_of`.
        contrast: how dark black is.

    Returns:
        cells × `NAMES`, shares and levels of black, mostly 0 … 1.
    """
    around = stacked(patches(soft, group, offsets, _AROUND))
    edge = _AROUND + INSET
    inner = around[edge:-edge, edge:-edge]
    low, mid, high = (int(max(6.0, level * contrast)) for level in _LEVELS)
    light = inner.astype(np.float32) / np.float32(contrast)
    lows, mids, highs = ((inner > level).astype(np.float32) for level in (low, mid, high))
    down, across = light.mean(axis=0), light.mean(axis=1)
    darkest_of_rows, darkest_of_columns = inner.max(axis=1), inner.max(axis=0)
    grey, mid_blocks = _blocks(light), _blocks(mids)
    blocks = np.sort(mid_blocks, axis=0)
    sides = _sides(around > mid)
    features = [
        grey.mean(axis=0), _blocks(lows).mean(axis=0), blocks.mean(axis=0), _blocks(highs).mean(axis=0),
        (light * lows).sum(axis=(0, 1)) / np.maximum(lows.sum(axis=(0, 1)), 1),
        (darkest_of_rows > low).mean(axis=0), (darkest_of_columns > low).mean(axis=0),
        (darkest_of_rows > high).mean(axis=0), (darkest_of_columns > high).mean(axis=0),
        blocks[0], blocks[1], mid_blocks[4], (blocks > 0.03).mean(axis=0), blocks[8],
        grey.std(axis=0),
        *sides, np.min(sides, axis=0),
        _streak(around, down, contrast), _streak(around.transpose(1, 0, 2), across, contrast),
        *_parts(mids),
        (mids.mean(axis=1) < 0.5).mean(axis=0),
        across.max(axis=0), down.max(axis=0),
    ]  # fmt: skip
    return np.stack(features, axis=1).astype(np.float32)


def page_numbers(features: Floats, contrast: float) -> Floats:
    """What a page as a whole says: the first six of `PAGE_NAMES`.

    Args:
        features: of all cells of the page (or of a part of them).
    """
    ink, low, stroke = (features[:, NAMES.index(name)] for name in ("ink", "covered_low", "stroke"))
    paper, middle = np.quantile(ink, (0.2, 0.45))
    written = features[:, NAMES.index("covered_mid")] > 0.05
    pen = float(np.quantile(stroke[written], 0.6)) if written.any() else 0.0
    return np.array(
        [contrast / 255, paper, np.quantile(low, 0.2), middle - paper, pen, written.mean()], np.float32
    )


def against_page(features: Floats, page: Floats, fit: Floats) -> Floats:
    """The cells that are judged compared with their page: cells × `PAGE_NAMES`.

    Args:
        page: `page_numbers`.
        fit: how well the border of each cell was found.
    """
    _, paper, noise, _, pen, _ = page
    columns = (
        features[:, NAMES.index("ink")] - paper,
        features[:, NAMES.index("covered_low")] - noise,
        features[:, NAMES.index("stroke")] - pen,
        fit,
    )
    whole = np.broadcast_to(page, (len(features), len(page)))
    return np.concatenate([whole, np.stack(columns, axis=1)], axis=1).astype(np.float32)


def _blocks(inside: Floats) -> Floats:
    """Means of nine blocks, row by row: height × width × cells → 9 × cells."""
    height, width, count = inside.shape
    rows = (_thirds(height) @ inside.reshape(height, -1)).reshape(3, width, count)
    found: Floats = np.matmul(_thirds(width), rows).reshape(9, count)
    return found


@lru_cache(maxsize=64)
def _thirds(size: int) -> Floats:
    """3 × size, for means of thirds."""
    bounds = np.linspace(0, size, 4).round().astype(int).tolist()
    thirds = np.zeros((3, size), np.float32)
    for number, (first, last) in enumerate(pairwise(bounds)):
        thirds[number, first:last] = 1 / (last - first)
    return thirds


def _sides(inked: NDArray[np.bool_]) -> list[Floats]:
    """How much of what is above, right, below and left of each cell is inked; thirds count alike."""
    edge = _AROUND + INSET
    sides = (
        inked[:_OUTSIDE, edge:-edge].mean(axis=0, dtype=np.float32),
        inked[edge:-edge, -_OUTSIDE:].mean(axis=1, dtype=np.float32),
        inked[-_OUTSIDE:, edge:-edge].mean(axis=0, dtype=np.float32),
        inked[edge:-edge, :_OUTSIDE].mean(axis=1, dtype=np.float32),
    )
    return [_evenly(len(side)) @ side for side in sides]


@lru_cache(maxsize=64)
def _evenly(size: int) -> Floats:
    """The weights by which a mean counts thirds alike."""
    weights: Floats = _thirds(size).mean(axis=0)
    return weights


def _streak(around: GreyImage, inside: Floats, contrast: float) -> Floats:
    """How dark the darkest line is that runs down through the whole cell and goes on at both ends."""
    edge = _AROUND + INSET
    above, below = around[:_OUTSIDE, edge:-edge].min(axis=0), around[-_OUTSIDE:, edge:-edge].min(axis=0)
    beyond = np.minimum(above, below) / np.float32(contrast)
    dark: Floats = np.minimum(beyond, inside).max(axis=0)
    return dark


def _parts(inked: Floats) -> list[Floats]:
    """The largest connected piece of ink in each cell: area, width, height; number of pieces; the second.

    All cells with ink are laid one below another, a white pixel apart, and labelled at once.
    """
    height, width, count = inked.shape
    some = np.flatnonzero(inked.max(axis=0).any(axis=0))
    parts = np.zeros((5, count), np.float32)
    if len(some):
        mosaic = np.zeros((len(some), height + 1, width), np.uint8)
        mosaic[:, :height] = inked[:, :, some].transpose(2, 0, 1)
        size = np.array([height * width, width, height, 1, height * width])
        parts[:, some] = _largest(mosaic) / size[:, None]
    return list(parts)


def _largest(mosaic: GreyImage) -> Floats:
    """Of cells, each with ink and a white row below: area, width, height; number / 8; area of the second."""
    count, height, width = mosaic.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(mosaic.reshape(-1, width), connectivity=8)
    stats, owner = stats[1:], stats[1:, cv2.CC_STAT_TOP] // height
    order = np.lexsort((-stats[:, cv2.CC_STAT_AREA], owner))
    stats, owner = stats[order], owner[order]
    first = np.searchsorted(owner, np.arange(count))
    pieces = np.bincount(owner, minlength=count)
    following = np.append(stats[1:, cv2.CC_STAT_AREA], 0)
    columns = (
        stats[first, cv2.CC_STAT_AREA],
        stats[first, cv2.CC_STAT_WIDTH],
        stats[first, cv2.CC_STAT_HEIGHT],
        np.minimum(pieces / 8, 1),
        following[first] * (pieces > 1),
    )
    return np.stack(columns).astype(np.float32)
