"""How a page lies in a scan, as its discs and the corners of its codes tell together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from oko.engines.blanks.layout import CORNER_RADIUS_MM, PlacedPage
from oko.engines.recognition.locating.codes import CodeRead, read_codes
from oko.engines.recognition.locating.discs import centre_of_disc
from oko.engines.recognition.locating.geometry import (
    Floats,
    affine,
    code_corners,
    code_crop,
    corner_discs,
    crop_to_mm,
    fitted,
    is_plausible,
    is_square,
    projected,
    px_per_mm,
)
from oko.engines.recognition.model import GreyImage, Matrix

_FAR_MM, _NEAR_MM = 9.0, 3.0  # from where a code, and then where discs put a disc
_EXACT_MM = 0.25  # how far off the corners of a code are told on a good scan
_GOOD_MM = 1.0  # residual of a page that is crumpled
_FLAT_MM = 0.3  # no disc and no corner of a code is farther from where a flat sheet has it
_HELD_MM = 1.2  # a disc farther from its place is another spot
_FREE_MM = 0.5  # by how much a projection from one side of the page must be better than an affine picture
_EXACT_FIT_MM = 0.05  # and one that four discs give exactly, so that it tells nothing of them
_ONE_LESS_MM = 0.2  # and one that leaves out a disc of four, than one that does not
_FEW_MM = 0.3  # and one that two discs of three or more hold, than one that more do


@dataclass(frozen=True, slots=True)
class Place:
    """A way in which a page of a size lies in the scan, but for a half turn; `sure`: four discs hold it."""

    matrix: Matrix
    size_mm: tuple[float, float]
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """How a page lies; `anchors`: millimetres of the discs that hold it, n × 2."""

    matrix: Matrix
    residual_mm: float
    anchors: Floats

    @property
    def quality(self) -> float:
        """0 … 1: how many discs there are, and how well all that was seen agrees."""
        return len(self.anchors) / 4 * float(np.exp(-max(self.residual_mm - _EXACT_MM, 0) / _GOOD_MM))


def in_scan(found: CodeRead, place: Place, corners_mm: Floats) -> CodeRead:
    """With its corners in pixels of the scan instead of the crop."""
    if found.corners is None:
        return found
    return replace(found, corners=projected(place.matrix, crop_to_mm(found.corners, corners_mm)))


def discs_near(scan: GreyImage, place: Place, *, far_mm: float) -> list[tuple[float, float] | None]:
    """Where the discs really are, clockwise from the upper left one; None where there is none near."""
    page = PlacedPage(1, *place.size_mm, ())
    scale = px_per_mm(place.matrix, place.size_mm)
    found: list[tuple[float, float] | None] = []
    for x, y in projected(place.matrix, corner_discs(page)):
        centre = centre_of_disc(scan, float(x), float(y), CORNER_RADIUS_MM * scale)
        near = centre is not None and np.hypot(centre[0] - x, centre[1] - y) < far_mm * scale
        found.append(centre if near else None)
    return found


def refined(scan: GreyImage, place: Place | None, read: CodeRead) -> Fit | None:
    """The projection that most of what was seen agrees with: discs, and the corners of codes."""
    if place is None:
        return None
    fit: Fit | None = None
    for far_mm in (_NEAR_MM,) if place.sure else (_FAR_MM, _NEAR_MM):
        there = discs_near(scan, place, far_mm=far_mm)
        corners = _corners_of(place, read)
        fit = _best_fit(there, corners, place, scan)
        if fit is None or fit.residual_mm > _GOOD_MM or len(fit.anchors) < len(there):
            corners = _code_points(scan, place, read)
            fit = _best_fit(there, corners, place, scan)
        if fit is None:
            return None
        place = Place(fit.matrix, place.size_mm)
    return fit


def _best_fit(
    there: list[tuple[float, float] | None], corners: tuple[Floats, Floats], place: Place, scan: GreyImage
) -> Fit | None:
    """Of the projections that some of the points give, the one to which all points are nearest.

    A punch hole or a stamp may be taken for a disc: three that agree with the codes outvote it.
    """
    known = [n for n, centre in enumerate(there) if centre is not None]
    discs_mm = corner_discs(PlacedPage(1, *place.size_mm, ()))[known]
    discs_px = np.array([there[n] for n in known]).reshape(-1, 2)
    all_mm, all_px = np.concatenate([discs_mm, corners[0]]), np.concatenate([discs_px, corners[1]])
    quick = _flat_fit(all_mm, all_px, place, scan) if len(known) == 4 and len(all_mm) > 4 else None
    if quick is not None:
        return quick
    tried: list[tuple[Matrix | None, float]] = []
    for count in (2, 3, 4):
        doubt = _FEW_MM if count == 2 < len(known) else 0.0
        for some in combinations(range(len(known)), count):
            chosen = list(some)
            with_codes = np.concatenate([discs_mm[chosen], corners[0]])
            flat = affine(with_codes, np.concatenate([discs_px[chosen], corners[1]]))
            tried.append((flat if flat is not None and is_square(flat) else None, doubt))
            flat = affine(discs_mm[chosen], discs_px[chosen])
            tried.append((flat if flat is not None and is_square(flat) else None, doubt))
    if len(known) == 4:
        tried.append((fitted(discs_mm, discs_px), _EXACT_FIT_MM))
        for some in combinations(range(4), 3):
            chosen = list(some)
            with_codes = np.concatenate([discs_mm[chosen], corners[0]])
            tried.append((fitted(with_codes, np.concatenate([discs_px[chosen], corners[1]])), _ONE_LESS_MM))
    elif len(known) >= 2:
        tried.append((fitted(all_mm, all_px), _FREE_MM))
    best: tuple[float, Fit] | None = None
    for matrix, doubt in tried:
        if matrix is None or not is_plausible(matrix, place.size_mm, scan.shape):
            continue
        scale = px_per_mm(matrix, place.size_mm)
        away = np.linalg.norm(projected(matrix, all_mm) - all_px, axis=1) / scale
        total = float(np.minimum(away, _HELD_MM).mean()) + doubt
        if best is None or total < best[0]:
            best = total, Fit(matrix, total, discs_mm[away[: len(known)] < _HELD_MM])
    return best[1] if best and (len(best[1].anchors) >= 2 or len(all_mm) - len(known) >= 8) else None


def _flat_fit(all_mm: Floats, all_px: Floats, place: Place, scan: GreyImage) -> Fit | None:
    """Four discs and a code that all agree that the sheet lies flat: nothing else needs to be tried."""
    matrix = affine(all_mm, all_px)
    if matrix is None or not is_square(matrix) or not is_plausible(matrix, place.size_mm, scan.shape):
        return None
    scale = px_per_mm(matrix, place.size_mm)
    away = np.linalg.norm(projected(matrix, all_mm) - all_px, axis=1) / scale
    if away.max() > _FLAT_MM:
        return None
    return Fit(matrix, float(away.mean()), all_mm[:4])


def _corners_of(place: Place, read: CodeRead) -> tuple[Floats, Floats]:
    """The corners of the code that was read, in millimetres and pixels; of a code read bit by bit none."""
    if read.corners is None:
        return np.zeros((0, 2)), np.zeros((0, 2))
    either = code_corners(place.size_mm)
    away = [
        float(np.linalg.norm(projected(place.matrix, one) - read.corners, axis=1).mean()) for one in either
    ]
    return either[int(np.argmin(away))], read.corners


def _code_points(scan: GreyImage, place: Place, read: CodeRead) -> tuple[Floats, Floats]:
    """Corners of the codes that can be decoded where they must stand: millimetres, and pixels of the scan."""
    millimetres, pixels = [np.zeros((0, 2))], [np.zeros((0, 2))]
    for corners in code_corners(place.size_mm):
        for found in read_codes(code_crop(scan, place.matrix, corners), None):
            if found.text == read.text and found.corners is not None:
                millimetres.append(corners)
                pixels.append(projected(place.matrix, crop_to_mm(found.corners, corners)))
    return np.concatenate(millimetres), np.concatenate(pixels)
