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

from oko.engines.recognition.cells.alignment import Offsets, patches
from oko.engines.recognition.cells.plan import Group
from oko.engines.recognition.model import GreyImage

Floats = NDArray[np.float32]

INSET = 4  # px inside of the printed edge: half a line, what alignment leaves, blur
_AROUND = 9  # px outside of the edge
_OFF_BORDER = 3  # px outside of the edge where the border ends
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
    around = patches(soft, group, offsets, _AROUND)
    _, height, width = around.shape
    edge = _AROUND + INSET
    inner = around[:, edge : height - edge, edge : width - edge]
    grey = _means(around, edge) / np.float32(contrast)
    low, mid, high = (_means((around > max(6.0, level * contrast)).view(np.uint8), edge) for level in _LEVELS)
    ink, around_ink = grey[:, :9].mean(axis=1), mid[:, 9:]
    blocks = np.sort(mid[:, :9], axis=1)
    lows, highs = inner > max(6.0, _LEVELS[0] * contrast), inner > _LEVELS[2] * contrast
    mids = inner > max(6.0, _LEVELS[1] * contrast)
    low_share = low[:, :9].mean(axis=1)
    light = inner.astype(np.float32) / np.float32(contrast)
    down, across = light.mean(axis=1), light.mean(axis=2)
    features = [
        ink, low_share, blocks.mean(axis=1), high[:, :9].mean(axis=1),
        (light * lows).sum(axis=(1, 2)) / np.maximum(lows.sum(axis=(1, 2)), 1),
        lows.any(axis=2).mean(axis=1), lows.any(axis=1).mean(axis=1),
        highs.any(axis=2).mean(axis=1), highs.any(axis=1).mean(axis=1),
        blocks[:, 0], blocks[:, 1], mid[:, 4], (blocks > 0.03).mean(axis=1), blocks[:, 8],
        grey[:, :9].std(axis=1),
        around_ink[:, 0], around_ink[:, 1], around_ink[:, 2], around_ink[:, 3], around_ink.min(axis=1),
        _streak(around, down, edge, contrast), _streak(around.transpose(0, 2, 1), across, edge, contrast),
        *_parts(mids),
        (mids.mean(axis=2) < 0.5).mean(axis=1),
        across.max(axis=1), down.max(axis=1),
    ]  # fmt: skip
    return np.stack(features, axis=1).astype(np.float32)


def against_page(features: Floats, page: Floats, fit: Floats, contrast: float) -> Floats:
    """What the page as a whole says of its cells: cells × `PAGE_NAMES`.

    Args:
        features: of the cells that are judged.
        page: features of all cells of the page (or of a part of them).
        fit: how well the border of each cell was found.
    """
    ink, low, stroke = (page[:, NAMES.index(name)] for name in ("ink", "covered_low", "stroke"))
    paper, middle = np.quantile(ink, 0.2), np.quantile(ink, 0.45)
    noise = np.quantile(low, 0.2)
    written = page[:, NAMES.index("covered_mid")] > 0.05
    pen = float(np.quantile(stroke[written], 0.6)) if written.any() else 0.0
    own_ink = features[:, NAMES.index("ink")]
    same = np.array([contrast / 255, paper, noise, middle - paper, pen, written.mean()], np.float32)
    columns = [
        own_ink - paper,
        features[:, NAMES.index("covered_low")] - noise,
        features[:, NAMES.index("stroke")] - pen,
        fit,
    ]
    whole = np.broadcast_to(same, (len(features), len(same)))
    return np.concatenate([whole, np.stack(columns, axis=1)], axis=1).astype(np.float32)


def _means(around: NDArray[np.uint8], edge: int) -> Floats:
    """Of nine blocks of the inside, then of what is above, right, below and left: cells × 13."""
    count, height, width = around.shape
    lines = around.reshape(-1, width).astype(np.float32) @ _bands(width, edge)
    means = np.matmul(_bands(height, edge).T, lines.reshape(count, height, -1))
    sides = [means[:, 0, 2:5], means[:, 2:5, 6], means[:, 6, 2:5], means[:, 2:5, 0]]
    parts = [means[:, 2:5, 2:5].reshape(-1, 9), *(side.mean(axis=1, keepdims=True) for side in sides)]
    return np.concatenate(parts, axis=1).astype(np.float32)


@lru_cache(maxsize=64)
def _bands(size: int, edge: int) -> Floats:
    """size × 7, for means of the outside, the border, thirds of the inside, the border, the outside."""
    line = _AROUND - _OFF_BORDER
    thirds = np.linspace(edge, size - edge, 4).round().astype(int).tolist()
    bounds = [0, line, *thirds, size - line, size]
    bands = np.zeros((size, len(bounds) - 1), np.float32)
    for number, (first, last) in enumerate(pairwise(bounds)):
        bands[first:last, number] = 1 / (last - first)
    return bands


def _streak(around: GreyImage, inside: Floats, edge: int, contrast: float) -> Floats:
    """How dark the darkest line is that runs through the whole cell and goes on at both ends."""
    line = _AROUND - _OFF_BORDER
    width = around.shape[2]
    above = around[:, :line, edge : width - edge].min(axis=1) / np.float32(contrast)
    below = around[:, -line:, edge : width - edge].min(axis=1) / np.float32(contrast)
    dark: Floats = np.minimum(np.minimum(above, below), inside).max(axis=1)
    return dark


def _parts(inked: NDArray[np.bool_]) -> list[Floats]:
    """The largest connected piece of ink in each cell: area, width, height; number of pieces; the second.

    All cells are laid side by side, a white pixel apart, and labelled at once.
    """
    count, height, width = inked.shape
    mosaic = np.zeros((count, height + 1, width), np.uint8)
    mosaic[:, :height] = inked
    _, _, stats, _ = cv2.connectedComponentsWithStats(mosaic.reshape(-1, width), connectivity=8)
    stats, owner = stats[1:], stats[1:, cv2.CC_STAT_TOP] // (height + 1)
    order = np.lexsort((-stats[:, cv2.CC_STAT_AREA], owner))
    stats, owner = stats[order], owner[order]
    first = np.searchsorted(owner, np.arange(count))
    pieces = np.bincount(owner, minlength=count)
    padded = np.concatenate([stats, np.zeros((2, stats.shape[1]), stats.dtype)])
    largest = padded[first] * (pieces > 0)[:, None]
    second = padded[first + 1, cv2.CC_STAT_AREA] * (pieces > 1)
    return [
        (largest[:, cv2.CC_STAT_AREA] / (height * width)).astype(np.float32),
        (largest[:, cv2.CC_STAT_WIDTH] / width).astype(np.float32),
        (largest[:, cv2.CC_STAT_HEIGHT] / height).astype(np.float32),
        np.minimum(pieces / 8, 1).astype(np.float32),
        (second / (height * width)).astype(np.float32),
    ]
