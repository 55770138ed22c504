"""Glyphs written into cells and scanned: what the model learns from.

A cell is 5 × 7 mm with a margin of 1 mm, 6 pixels a millimetre: 54 × 42 pixels, as `cell_crops` cuts it out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

GreyImage = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rng = np.random.Generator

HEIGHT, WIDTH, MARGIN = 54, 42, 6
_FINER = 2


@dataclass(frozen=True, slots=True)
class Conditions:
    """How hard cells are to read: shares of cells with a fault, 0 … 1.

    Attributes:
        border: cells that have their printed border.
        faults: each of: faint ink, touching or crossing the border, strokes apart, a neighbour's ink, dirt,
            grain, shadow.
        worn: scans that are blurred, noisy, squeezed by JPEG or black and white.
        hand: how far the writing is slanted, turned, stretched, bent and thickened beyond what the hand that
            wrote the glyph did, 1 as far as for learning.
    """

    border: float = 0.8
    faults: float = 0.12
    worn: float = 0.35
    hand: float = 1.0


def write(glyph: GreyImage | None, character: str, conditions: Conditions, rng: Rng) -> GreyImage:
    """A scanned cell with the glyph (ink 255, any size) in it, or with nothing."""
    page = np.zeros((HEIGHT, WIDTH), np.float32)
    bordered = rng.random() < conditions.border
    if bordered:
        page = _border(conditions, rng)
    if glyph is not None:
        layer = _placed(glyph, character, bordered, conditions, rng)
        if rng.random() < conditions.faults:
            layer = _apart(layer, rng)
        page = np.maximum(page, layer * _pen(conditions, rng))
    if bordered and rng.random() < conditions.faults:
        page = np.maximum(page, _neighbour(rng))
    if rng.random() < conditions.faults:
        _dirt(page, rng)
    return _scanned(page, conditions, rng)


def _border(conditions: Conditions, rng: Rng) -> Floats:
    """The printed border with that of the neighbours, of grey or black, worn now and then."""
    big = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8)
    shift = rng.normal(0, 0.8, 2).clip(-2.5, 2.5) if rng.random() < 0.7 else rng.uniform(-3.5, 3.5, 2)
    size = np.array((WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)) * rng.uniform(0.985, 1.015)
    thick = max(2, round(rng.uniform(0.8, 1.8) * 4))
    begin = np.array((MARGIN, MARGIN)) + shift
    tilt = rng.normal(0, 0.008)
    for step in (-36, 0, 36):
        corners = np.array(((0, 0), (1, 0), (1, 1), (0, 1))) * size + begin + (step, 0)
        corners = corners + np.column_stack((-corners[:, 1], corners[:, 0])) * tilt
        cv2.polylines(big, [np.rint(corners * 4).astype(np.int32)], True, 255, thick, cv2.LINE_AA)
    border = cv2.resize(big, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    border *= rng.uniform(0.35, 1.0) if rng.random() < 0.7 else rng.uniform(0.08, 0.4)
    if rng.random() < conditions.faults * 1.5:  # dropped out in places
        holes = cv2.resize(rng.random((7, 6), np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        border *= np.clip((holes - rng.uniform(0.2, 0.7)) * 6, 0, 1)
    return border.astype(np.float32)


def _placed(glyph: GreyImage, character: str, bordered: bool, conditions: Conditions, rng: Rng) -> Floats:
    """The glyph scaled, slanted, turned, bent and moved: coverage of the crop, 0 … 1."""
    ink = np.argwhere(glyph > 48)
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0) + 1
    cell_w, cell_h = float(WIDTH - 2 * MARGIN), float(HEIGHT - 2 * MARGIN)
    if not bordered and rng.random() < 0.5:  # the glyph may fill the whole crop
        cell_w, cell_h = rng.uniform(cell_w, WIDTH), rng.uniform(cell_h, HEIGHT)
    scale, middle = _scale(character, (right - left, bottom - top), (cell_w, cell_h), rng)
    hand = conditions.hand
    turn, slant = rng.normal(0, 0.06) * hand, rng.normal(0, 0.12) * hand
    matrix = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
    matrix = (
        matrix
        @ np.array(((1, -slant), (0, 1)))
        @ np.diag((scale * (1 + rng.uniform(-0.15, 0.15) * hand), scale))
    )
    place = np.array((WIDTH / 2 + rng.normal(0, 0.06) * cell_w, HEIGHT / 2 + (middle - 0.5) * cell_h))
    place[1] += rng.normal(0, 0.05) * cell_h
    if rng.random() < conditions.faults:  # touches or crosses the border, a part is in the next cell
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.24)
        place += np.array((np.cos(angle) * cell_w, np.sin(angle) * cell_h)) * far
    matrix *= _FINER
    aside = place * _FINER - matrix @ np.array(((left + right) / 2, (top + bottom) / 2))
    size = (WIDTH * _FINER, HEIGHT * _FINER)
    moved = cv2.warpAffine(glyph, np.column_stack((matrix, aside)), size, flags=cv2.INTER_LINEAR)
    grown = np.asarray(moved, np.uint8)
    if rng.random() < 0.4 * hand:
        grown = _bent(grown, rng)
    soft = cv2.GaussianBlur(grown, (0, 0), max(0.7, 0.3 * scale * _FINER)).astype(np.float32) / 255
    weight = np.clip(rng.normal(0.02, 0.12), -0.25, 0.22) * hand
    sharp = np.clip((soft - 0.45 + weight) * 3 + 0.5, 0, 1) * (soft > 0.06)
    whole = cv2.resize(sharp.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(whole, np.float32)


def _scale(character: str, size: tuple[int, int], cell: tuple[float, float], rng: Rng) -> tuple[float, float]:
    """By how much a glyph grows, and where its middle stands in the height of the cell."""
    wide, tall = size
    if character == "-":
        return cell[0] * rng.uniform(0.3, 0.75) / wide, 0.52
    if character == ",":
        part = rng.uniform(0.18, 0.4)
        return min(cell[1] * part / tall, cell[0] * 0.6 / wide), rng.uniform(0.66, 0.95)
    part = rng.uniform(0.5, 0.95) if rng.random() < 0.9 else rng.uniform(0.38, 0.5)
    return min(cell[1] * part / tall, cell[0] * rng.uniform(0.7, 1.0) / wide), 0.5


def _bent(glyph: GreyImage, rng: Rng) -> GreyImage:
    """A smooth displacement of up to about a stroke's width (elastic distortion, Simard et al. 2003)."""
    height, width = glyph.shape
    field = rng.normal(0, rng.uniform(0.8, 2.2), (2, 5, 4)).astype(np.float32)
    dx, dy = (cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC) for part in field)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(cv2.remap(glyph, x + dx, y + dy, cv2.INTER_LINEAR), np.uint8)


def _apart(layer: Floats, rng: Rng) -> Floats:
    """The writing with a gap across it: its parts do not meet, or the pen skipped."""
    rows, columns = np.nonzero(layer > 0.5)
    if not len(rows):
        return layer
    place = int(rng.integers(len(rows)))
    angle = rng.uniform(0, 2 * np.pi)
    across = np.array((np.cos(angle), np.sin(angle)))
    x, y = np.arange(WIDTH) - columns[place], np.arange(HEIGHT)[:, None] - rows[place]
    far = x * across[0] + y * across[1]
    if rng.random() < 0.5:
        return np.asarray(layer * (np.abs(far) > rng.uniform(0.6, 1.6)), np.float32)
    move = np.column_stack((np.eye(2), across * rng.uniform(1, 3)))
    moved = cv2.warpAffine(np.where(far > 0, layer, 0).astype(np.float32), move, (WIDTH, HEIGHT))
    return np.maximum(np.where(far > 0, 0, layer), moved).astype(np.float32)


def _pen(conditions: Conditions, rng: Rng) -> Floats | float:
    """How dark the ink is: black, coloured, ballpoint; grainy pencil."""
    if rng.random() < conditions.faults * 1.5:
        grain = cv2.resize(rng.random((27, 21), np.float32), (WIDTH, HEIGHT))
        return np.asarray(rng.uniform(0.3, 0.7) * (1 - 0.6 * grain), np.float32)
    return rng.uniform(0.45, 1.0)


def _neighbour(rng: Rng) -> Floats:
    """Strokes of the next cells that reach into the margin."""
    layer = np.zeros((HEIGHT, WIDTH), np.uint8)
    for _ in range(int(rng.integers(1, 3))):
        x = rng.uniform(-1, 5) if rng.random() < 0.5 else rng.uniform(WIDTH - 5, WIDTH + 1)
        y = rng.uniform(4, HEIGHT - 4, 2)
        ends = np.rint(((x, y[0]), (x + rng.normal(0, 2), y[1]))).astype(int).tolist()
        cv2.line(layer, ends[0], ends[1], 255, int(rng.integers(2, 5)), cv2.LINE_AA)
    return np.asarray(layer * (rng.uniform(0.5, 1) / 255), np.float32)


def _dirt(page: Floats, rng: Rng) -> None:
    for _ in range(int(rng.integers(1, 5))):
        middle = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
        grey = float(rng.uniform(0.2, 0.9))
        if page[middle[1], middle[0]] < grey:
            cv2.circle(page, middle, int(rng.integers(0, 2)), grey, -1, cv2.LINE_AA)


def _scanned(page: Floats, conditions: Conditions, rng: Rng) -> GreyImage:
    """Ink on paper through a scanner: paper's grey, light, blur, noise, JPEG, black and white."""
    paper = rng.uniform(215, 255)
    image = paper * (1 - page * rng.uniform(0.85, 1))
    if rng.random() < conditions.faults:
        slope = rng.uniform(-25, 25, 2)
        y, x = np.mgrid[-0.5 : 0.5 : HEIGHT * 1j, -0.5 : 0.5 : WIDTH * 1j]
        image = image + slope[0] * x + slope[1] * y
    if rng.random() < conditions.worn:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.0)), np.float64)
    if rng.random() < conditions.worn:
        image = image + rng.normal(0, rng.uniform(1, 9), image.shape)
    scan = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < conditions.worn * 0.5:
        quality = int(rng.integers(35, 90))
        _, data = cv2.imencode(".jpg", scan, [cv2.IMWRITE_JPEG_QUALITY, quality])
        scan = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    if rng.random() < conditions.worn * 0.15:  # at a threshold that the ink stands
        ink = float(page[2 * MARGIN : -2 * MARGIN, 2 * MARGIN : -2 * MARGIN].max())
        scan = np.where(scan > paper * (1 - rng.uniform(0.3, 0.6) * max(ink, 0.3)), 255, 0).astype(np.uint8)
    return np.asarray(scan, np.uint8)
