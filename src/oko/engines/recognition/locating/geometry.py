"""From millimetres of a page to pixels of a scan."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import PlacedPage
from oko.engines.recognition.locating.codes import CROP_MARGIN_MM, CROP_PX, CROP_PX_PER_MM
from oko.engines.recognition.model import PX_PER_MM, GreyImage, Matrix
from oko.engines.recognition.regions import regions_of

Floats = NDArray[np.float64]

_PIXEL_CENTRE = 0.5
_SLANTED, _STRETCHED = 0.05, 0.12  # cosine of a right angle, logarithm of scale by scale
_NOTHING = 1e-6
_AS_GOOD_AS_AFFINE = 0.35  # pixels at a corner: discs are found to a tenth of one, each for itself
_TO_MM = np.diag([1 / PX_PER_MM, 1 / PX_PER_MM, 1.0])
_TO_MIDDLE = np.array([[1, 0, _PIXEL_CENTRE], [0, 1, _PIXEL_CENTRE], [0, 0, 1.0]])
_FROM_MIDDLE = np.array([[1, 0, -_PIXEL_CENTRE], [0, 1, -_PIXEL_CENTRE], [0, 0, 1.0]])
_FARTHEST = 30_000  # pixels: what polygons can hold


def fitted(millimetres: Floats, pixels: Floats) -> Matrix | None:
    """The projection that takes the one to the other, by least squares; None with fewer than four points."""
    if len(millimetres) < 4:
        return None
    matrix, _ = cv2.findHomography(millimetres.astype(np.float64), pixels.astype(np.float64), 0)
    if matrix is None or not np.isfinite(matrix).all():
        return None
    return np.asarray(matrix, dtype=np.float64)


def affine(millimetres: Floats, pixels: Floats) -> Matrix | None:
    """The same without perspective, from three points on: what a sheet on flat glass is."""
    if len(millimetres) < 3:
        return None
    terms = np.column_stack([millimetres, np.ones(len(millimetres))])
    solved, _, rank, _ = np.linalg.lstsq(terms, pixels, rcond=None)
    return np.vstack([solved.T, [0, 0, 1.0]]) if rank == 3 else None


def projected(matrix: Matrix, millimetres: Floats) -> Floats:
    """n × 2 pixels of n × 2 millimetres."""
    moved: Floats = np.column_stack([millimetres, np.ones(len(millimetres))]) @ matrix.T
    pixels: Floats = moved[:, :2] / moved[:, 2:]
    return pixels


def corner_discs(page: PlacedPage) -> Floats:
    """4 × 2 millimetres, clockwise from the upper left one."""
    upper_left, upper_right, lower_left, lower_right = page.corners
    return np.array([upper_left, upper_right, lower_right, lower_left])


def code_corners(size_mm: tuple[float, float]) -> tuple[Floats, Floats]:
    """Of the upper and of the lower code: 4 × 2 millimetres, clockwise from the upper left corner."""
    page = PlacedPage(1, *size_mm, ())
    found = []
    for code in page.codes:
        right, bottom = code.x_mm + code.w_mm, code.y_mm + code.h_mm
        found.append(
            np.array([(code.x_mm, code.y_mm), (right, code.y_mm), (right, bottom), (code.x_mm, bottom)])
        )
    return found[0], found[1]


def code_crop(scan: GreyImage, matrix: Matrix, corners_mm: Floats) -> GreyImage:
    """The place of a code laid straight, with a margin: `CROP_PX` square."""
    left, top = corners_mm[0] - CROP_MARGIN_MM
    to_mm = np.array([[1 / CROP_PX_PER_MM, 0, left], [0, 1 / CROP_PX_PER_MM, top], [0, 0, 1.0]])
    return warped(scan, matrix @ to_mm, (CROP_PX, CROP_PX))


def crop_to_mm(pixels: Floats, corners_mm: Floats) -> Floats:
    """Millimetres of the page of pixels in a `code_crop`."""
    millimetres: Floats = corners_mm[0] - CROP_MARGIN_MM + (pixels + _PIXEL_CENTRE) / CROP_PX_PER_MM
    return millimetres


def laid_straight(scan: GreyImage, matrix: Matrix, page: PlacedPage) -> GreyImage:
    """The whole page at `PX_PER_MM`."""
    return warped(scan, matrix @ _TO_MM, _size(page))


def laid_where_read(scan: GreyImage, matrix: Matrix, page: PlacedPage) -> GreyImage:
    """The page at `PX_PER_MM` where it is looked at (`regions_of`), white elsewhere: twice as quick."""
    width, height = _size(page)
    back = _back(matrix @ _TO_MM, (width, height))
    found = np.full((height, width), 255, np.uint8)
    for left, top, right, bottom in regions_of(page):
        there = np.array([[1, 0, left], [0, 1, top], [0, 0, 1.0]])
        found[top:bottom, left:right] = _taken(scan, back @ there, (right - left, bottom - top))
    return found


def _size(page: PlacedPage) -> tuple[int, int]:
    """Width and height of a page at `PX_PER_MM`."""
    return round(page.width_mm * PX_PER_MM), round(page.height_mm * PX_PER_MM)


def seen_part(scan: GreyImage, matrix: Matrix, page: PlacedPage) -> GreyImage:
    """Where the page laid straight shows something of the scan: 255, elsewhere 0."""
    width, height = _size(page)
    rows, columns = scan.shape
    edges = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], dtype=np.float64)
    outline = projected(np.asarray(np.linalg.inv(matrix), np.float64), edges) * PX_PER_MM - _PIXEL_CENTRE
    seen = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(seen, np.rint(np.clip(outline, -_FARTHEST, _FARTHEST)).astype(np.int32), 255)
    return seen


def warped(scan: GreyImage, matrix: Matrix, size: tuple[int, int]) -> GreyImage:
    """A picture of which each pixel is taken from where `matrix` sends its middle; white outside.

    A page that lies flat on the glass is an affine picture: that is twice as quick, and no worse as long as
    no corner moves by more than the discs are exact.
    """
    return _taken(scan, _back(matrix, size), size)


def _taken(scan: GreyImage, back: Floats, size: tuple[int, int]) -> GreyImage:
    """By a matrix of `_back`."""
    warp = cv2.warpAffine if len(back) == 2 else cv2.warpPerspective
    found = warp(
        scan,
        back,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    )
    return found.astype(np.uint8, copy=False)


def _back(matrix: Matrix, size: tuple[int, int]) -> Floats:
    """What takes pixels, counted from their middles, to pixels of the scan: 3 × 3, or 2 × 3 when an affine
    picture does the same to a picture of a size.
    """
    whole: Floats = _FROM_MIDDLE @ matrix @ _TO_MIDDLE
    width, height = size
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)], dtype=np.float64)
    at = projected(whole, corners)
    terms = np.column_stack([corners, np.ones(4)])
    solved, *_ = np.linalg.lstsq(terms, at, rcond=None)
    same: Floats = np.ascontiguousarray(solved.T, np.float64)
    return same if np.abs(terms @ solved - at).max() < _AS_GOOD_AS_AFFINE else whole


def px_per_mm(matrix: Matrix, size_mm: tuple[float, float]) -> float:
    """In the middle of a page."""
    width, height = size_mm
    points = np.array(
        [
            (width * 0.1, height / 2),
            (width * 0.9, height / 2),
            (width / 2, height * 0.1),
            (width / 2, height * 0.9),
        ]
    )
    at = projected(matrix, points)
    across = np.linalg.norm(at[1] - at[0]) / (0.8 * width)
    down = np.linalg.norm(at[3] - at[2]) / (0.8 * height)
    return float((across + down) / 2)


def is_square(matrix: Matrix) -> bool:
    """Whether an affine picture leaves right angles right and both scales alike, as glass does."""
    right, down = matrix[:2, 0], matrix[:2, 1]
    across, along = float(np.hypot(*right)), float(np.hypot(*down))
    if min(across, along) < _NOTHING:
        return False
    return abs(float(right @ down)) / (across * along) < _SLANTED and abs(np.log(across / along)) < _STRETCHED


def quarter_turns(matrix: Matrix, size_mm: tuple[float, float]) -> int:
    """By how many quarters the page is turned clockwise in the scan."""
    width, height = size_mm
    at = projected(matrix, np.array([(width * 0.1, height / 2), (width * 0.9, height / 2)]))
    across = at[1] - at[0]
    return round(float(np.degrees(np.arctan2(across[1], across[0]))) / 90) % 4


def is_plausible(matrix: Matrix, size_mm: tuple[float, float], shape: Sequence[int]) -> bool:
    """Whether a page may lie so: not turned over, not folded, about as large as the scan."""
    width, height = size_mm
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    depth = np.column_stack([corners, np.ones(4)]) @ matrix[2]
    if (depth * depth[0] <= 0).any():
        return False
    at = projected(matrix, corners)
    x, y = at.T
    area = 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    return 0.12 * shape[0] * shape[1] < area < 2.5 * shape[0] * shape[1]
