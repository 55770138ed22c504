"""A page on its way to a file: its picture, and where each of its points has gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.filling.raster import DPI, GreyImage
from oko.engines.blanks.layout import CORNER_RADIUS_MM, PlacedPage

Matrix: TypeAlias = NDArray[np.float64]  # 3 × 3, takes pixels of the page to pixels of the scan
Places: TypeAlias = NDArray[np.float64]  # n × 4: left, top, right, bottom in pixels of the page

PX_PER_MM = DPI / 25.4


@dataclass
class Scan:
    """What every fault changes.

    Attributes:
        image: as it is now.
        keep: what a person must still be able to see, in pixels of the page; faults stay away from it.
        matrix: from the page to `image`.
        dpi: of `image`.
        faults: what was done, in words of a table.
        anchors: corners of the squares around discs and codes, in pixels of the page.
    """

    image: GreyImage
    keep: Places
    matrix: Matrix = field(default_factory=lambda: np.eye(3))
    dpi: float = DPI
    faults: list[str] = field(default_factory=list)
    anchors: Places = field(init=False)

    def __post_init__(self) -> None:
        height, width = self.image.shape
        page = PlacedPage(1, width / PX_PER_MM, height / PX_PER_MM, ())
        squares = [
            (x - CORNER_RADIUS_MM, y - CORNER_RADIUS_MM, 2 * CORNER_RADIUS_MM) for x, y in page.corners
        ]
        squares += [(code.x_mm, code.y_mm, code.w_mm) for code in page.codes]
        points = [(x + a, y + b) for x, y, side in squares for a in (0, side) for b in (0, side)]
        self.anchors = np.array(points) * PX_PER_MM

    @property
    def px_per_mm(self) -> float:
        return self.dpi / 25.4

    def note(self, fault: str) -> None:
        self.faults.append(fault)


def shift(x: float, y: float) -> Matrix:
    return np.array(((1, 0, x), (0, 1, y), (0, 0, 1)), float)


def scale(x: float, y: float) -> Matrix:
    return np.diag((x, y, 1.0))


def turn(degrees: float) -> Matrix:
    """Clockwise, as one sees it."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array(((cos, -sin, 0), (sin, cos, 0), (0, 0, 1)))


def corners(image: GreyImage) -> Places:
    height, width = image.shape
    return np.array(((0, 0), (width, 0), (width, height), (0, height)), float)


def moved(points: Places, matrix: Matrix) -> Places:
    """Points (n × 2) where the matrix takes them."""
    return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float64), matrix)[0], np.float64)


def fine_noise(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> NDArray[np.int16]:
    """Noise of single pixels: a tile of 1024 × 1024, laid side by side from a place drawn by chance."""
    tile = np.rint(rng.normal(0, sigma, (1024, 1024))).astype(np.int16)
    down, across = -(-shape[0] // 1024), -(-shape[1] // 1024)
    return np.asarray(np.tile(tile, (down, across))[: shape[0], : shape[1]])


def coarse_noise(
    shape: tuple[int, ...], cells: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Smooth hills and valleys, of mean 0 and deviation about 1; `cells` knots down and across."""
    knots = rng.normal(0, 1, cells).astype(np.float32)
    return cv2.resize(knots, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC).astype(np.float32)
