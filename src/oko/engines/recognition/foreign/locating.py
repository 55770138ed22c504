"""A scan without a page code, laid straight by the anchors of a foreign sheet.

Anchors only guess: whether a guess holds, and which way up, is decided by the printed boxes (or the picture
of the empty sheet), since anchors alone are often the same upside down. Boxes then say by how much each field
is off: positions of foreign sheets are measured by hand, and paper bends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import PlacedField, PlacedPage, Rectangle
from oko.engines.recognition.foreign.by_picture import guess_by_picture, refined_by_picture
from oko.engines.recognition.foreign.mark_pictures import picture_of
from oko.engines.recognition.foreign.mark_search import guesses_by_marks
from oko.engines.recognition.foreign.outlines import Shift, shift_of
from oko.engines.recognition.foreign.pages import ForeignPage
from oko.engines.recognition.foreign.projection import (
    Points,
    cut_out,
    darkness,
    fitted,
    is_plausible,
    lies_as,
    pixels_per_mm,
    projected,
    quarter_of,
    resized,
    to_larger,
)
from oko.engines.recognition.foreign.quads import guesses_by_frame, guesses_by_paper
from oko.engines.recognition.model import PX_PER_MM, GreyImage, Matrix, Sheet

_SEARCH_PX = 1000  # long side of the scan in which anchors are looked for
_COARSE, _FINE = (
    4.0,
    float(PX_PER_MM),
)  # pixels a millimetre where guesses are weighed, and made exact
_WIDE_MM, _NARROW_MM, _OWN_MM = (
    3.5,
    1.6,
    1.0,
)  # how far blocks, blocks again, and single fields are looked for
_HOLDS = 0.30  # likeness of boxes from which a guess holds
_SURE = 0.45  # from which no other size of the page is tried
_PICTURE_HOLDS = 0.5  # likeness of patches of the picture of the empty sheet
_MARK_REACH_MM, _MARK_LIKE = 4.0, 0.5
_FIELD_LIKE = 0.25  # a field whose boxes are less alike goes where its block goes
_SAME_PX = 2.0  # guesses whose corners are so near are one
_BEST_GUESSES = 4  # of each size are weighed
_MM_PER_INCH = 25.4
_BEND_MM = 0.9  # how much farther than its block a field may be off


@dataclass(frozen=True, slots=True)
class Found:
    page: ForeignPage
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class _Laid:
    """A way in which a page lies in the scan (of the search), and how well it holds: 0 … 1."""

    page: ForeignPage
    matrix: Matrix
    worth: float
    holds: bool


def locate(scan: GreyImage, pages: Sequence[ForeignPage], scale: float = 1.0) -> Found | None:
    """The page that a scan shows, laid straight; None where no sheet fits.

    Args:
        scan: grey, 150 dpi or more.
        scale: pixels of the whole scan for one of `scan`: 2 of a decode at half size.

    Returns:
        Which page, and its sheet: the page code has blank, version and page, and nothing else; cells of its
        page stand where they are in this scan.
    """
    factor = min(1.0, _SEARCH_PX / max(scan.shape))
    small = resized(scan, factor) if factor < 1 else scan
    laid = [best for page in pages if (best := _laid(small, page)) is not None]
    if not laid:
        return None
    best = max(laid, key=lambda one: one.worth)
    sheet = _sheet(scan, best.page, to_larger(best.matrix, factor), best.worth, scale)
    return Found(best.page, sheet)


# Guessing --------------------------------------------------------------------------------------------------


def _laid(scan: GreyImage, page: ForeignPage) -> _Laid | None:
    """The best way in which the page lies in a scan of about 1000 pixels."""
    best: _Laid | None = None
    weighed: list[Matrix] = []
    for guesses in _guesses(scan, page):
        for matrix in guesses:
            if lies_as(matrix, weighed, page.size_mm, _SAME_PX):
                continue
            weighed.append(matrix)
            one = _weighed(scan, page, matrix)
            if best is None or _is_better(one, best):
                best = one
        if best is not None and best.holds and best.worth >= _SURE:
            break
    return best if best is not None and best.holds else None


def _is_better(one: _Laid, other: _Laid) -> bool:
    """Upside down only when that is clearly better: boxes may stand evenly."""
    upright = {0: 0.03}
    worth, other_worth = (
        laid.worth + upright.get(quarter_of(laid.matrix, *laid.page.size_mm), 0.0) for laid in (one, other)
    )
    return (one.holds, worth) > (other.holds, other_worth)


def _guesses(scan: GreyImage, page: ForeignPage) -> Iterable[Sequence[Matrix]]:
    if page.kind == "marks":
        for guesses in guesses_by_marks(scan, page):
            yield [
                better
                for guess in guesses[:_BEST_GUESSES]
                if (better := by_marks_around(scan, page, guess.matrix)) is not None
            ]
    elif page.kind == "frame":
        yield guesses_by_frame(scan, page)
    elif page.kind == "paper":
        yield guesses_by_paper(scan, page)
    if page.reference is not None:
        guess = guess_by_picture(scan, page)
        yield [] if guess is None else [refined_by_picture(scan, page, guess)[0]]


def by_marks_around(scan: GreyImage, page: ForeignPage, matrix: Matrix) -> Matrix | None:
    """The projection by marks looked for again where they ought to be, in a scan that is laid straight."""
    for reach in (_MARK_REACH_MM, _MARK_REACH_MM / 2):
        expected: list[tuple[float, float]] = []
        found: list[tuple[float, float]] = []
        for number, mark in enumerate(page.marks):
            at = _mark_at(scan, page, matrix, number, reach)
            if at is not None:
                expected.append((mark.x_mm, mark.y_mm))
                found.append(at)
        if len(expected) < min(3, len(page.marks)):
            return None
        better = fitted(np.array(expected), projected(matrix, np.array(found)))
        if better is None or not is_plausible(better, *page.size_mm):
            return None
        matrix = better
    return matrix


def _mark_at(
    scan: GreyImage, page: ForeignPage, matrix: Matrix, number: int, reach: float
) -> tuple[float, float] | None:
    """Where a mark stands, in millimetres of the page; None when it is not to be seen."""
    mark = page.marks[number]
    side = np.array((mark.w_mm, mark.h_mm)) * 1.6 + 2 * reach
    corner = np.array((mark.x_mm, mark.y_mm)) - side / 2
    moved = matrix @ np.array(((1, 0, corner[0]), (0, 1, corner[1]), (0, 0, 1)))
    around = cut_out(scan, moved, (float(side[0]), float(side[1])), _FINE, outside=235)
    picture = picture_of(mark, _FINE)
    if picture.shape[0] >= around.shape[0] or picture.shape[1] >= around.shape[1] or around.std() < 5:
        return None
    like = cv2.matchTemplate(around, picture, cv2.TM_CCOEFF_NORMED)
    like = np.where(np.isfinite(like), like, -1)
    _, best, _, (column, row) = cv2.minMaxLoc(like)
    if best < _MARK_LIKE:
        return None
    x, y = (column + picture.shape[1] / 2) / _FINE, (row + picture.shape[0] / 2) / _FINE
    return float(corner[0] + x), float(corner[1] + y)


# Weighing --------------------------------------------------------------------------------------------------


def _weighed(scan: GreyImage, page: ForeignPage, matrix: Matrix) -> _Laid:
    """A guess laid more exactly by its boxes, and how well it holds."""
    if page.kind != "marks":
        matrix = _by_boxes(scan, page, matrix, _COARSE, _WIDE_MM)
    dark = dark_of(cut_out(scan, matrix, page.size_mm, _COARSE), page, _COARSE)
    shifts = [shift_of(dark, block, _COARSE, _NARROW_MM) for block in page.outlined]
    _, likeness = refined_by_picture(scan, page, matrix)
    if shifts:
        sizes = [sum(len(field.cells) for field in block) for block in page.outlined]
        worth = float(np.average([max(0.0, shift.likeness) for shift in shifts], weights=sizes))
        holds = worth >= _HOLDS or likeness >= _PICTURE_HOLDS
    else:
        worth, holds = likeness, likeness >= _PICTURE_HOLDS or page.reference is None
    if page.reference is not None:
        worth = max(worth, 0.5 * (worth + likeness))
    return _Laid(page, matrix, worth, holds)


def _by_boxes(
    scan: GreyImage, page: ForeignPage, matrix: Matrix, px_per_mm: float, reach_mm: float
) -> Matrix:
    """The projection by where boxes really are: blocks first, then single fields."""
    for fields, reach in (
        (page.outlined, reach_mm),
        (tuple((field,) for block in page.outlined for field in block), _NARROW_MM),
    ):
        dark = dark_of(cut_out(scan, matrix, page.size_mm, px_per_mm), page, px_per_mm)
        points, targets = [], []
        for block in fields:
            shift = shift_of(dark, block, px_per_mm, reach)
            if shift.likeness < _FIELD_LIKE:
                continue
            for x, y in _corners(block):
                points.append((x, y))
                targets.append((x + shift.right, y + shift.down))
        better = _robust(matrix, np.array(points), np.array(targets)) if len(points) >= 4 else None
        if better is not None and is_plausible(better, *page.size_mm):
            matrix = better
    return matrix


def _robust(matrix: Matrix, points: Points, targets: Points) -> Matrix | None:
    """The projection after the points of a page have moved to their targets, most of them rightly.

    Few boxes in one place say how the page moved and turned; many all over it say its perspective too.
    """
    spread = points.max(axis=0) - points.min(axis=0)
    if len(points) >= 24 and spread.min() > 60:
        change, _ = cv2.findHomography(points, targets, cv2.RANSAC, 0.5)
    else:
        affine, _ = cv2.estimateAffinePartial2D(points, targets, method=cv2.RANSAC, ransacReprojThreshold=0.5)
        change = None if affine is None else np.vstack((affine, (0.0, 0.0, 1.0)))
    return None if change is None else np.asarray(matrix @ change)


def _corners(fields: Sequence[PlacedField]) -> list[tuple[float, float]]:
    cells = [cell for field in fields for cell in field.cells]
    left, top = min(cell.x_mm for cell in cells), min(cell.y_mm for cell in cells)
    right = max(cell.x_mm + cell.w_mm for cell in cells)
    bottom = max(cell.y_mm + cell.h_mm for cell in cells)
    return [(left, top), (right, top), (left, bottom), (right, bottom)]


def dark_of(image: GreyImage, page: ForeignPage, px_per_mm: float = PX_PER_MM) -> NDArray[np.float32]:
    """Darkness of a page laid straight, 0 paper … 1 black."""
    return darkness(image, round(page.ground_mm * px_per_mm))


# The sheet -------------------------------------------------------------------------------------------------


def _sheet(scan: GreyImage, page: ForeignPage, matrix: Matrix, worth: float, scale: float) -> Sheet:
    if page.kind == "marks":
        better = by_marks_around(scan, page, matrix)
        matrix = matrix if better is None else better
    else:
        matrix, _ = refined_by_picture(scan, page, matrix)
        matrix = _by_boxes(scan, page, matrix, _FINE, _NARROW_MM)
    image = cut_out(scan, matrix, page.size_mm, _FINE)
    seen = cut_out(np.full_like(scan, 255), matrix, page.size_mm, _FINE, outside=0)
    to_edges = np.array(((scale, 0, scale / 2), (0, scale, scale / 2), (0, 0, 1)))  # of pixels, not centres
    return Sheet(
        code=page.code,
        page=standing(page, dark_of(image, page)),
        image=image,
        seen=np.where(seen > 127, 255, 0).astype(np.uint8),
        to_scan=to_edges @ matrix,
        rotation=quarter_of(matrix, *page.size_mm),
        dpi=pixels_per_mm(matrix, *page.size_mm) * scale * _MM_PER_INCH,
        quality=min(1.0, worth / 0.8),
    )


def standing(page: ForeignPage, dark: NDArray[np.float32]) -> PlacedPage:
    """The page with each cell where its box is on a sheet of this darkness."""
    moved: dict[str, PlacedField] = {}
    for block in page.outlined:
        common = shift_of(dark, block, _FINE, _NARROW_MM)
        for field in block:
            moved[field.id] = _moved(field, _own_shift(dark, field, common))
    fields = tuple(moved.get(field.id, field) for field in page.page.fields)
    return replace(page.page, fields=fields)


def _own_shift(dark: NDArray[np.float32], field: PlacedField, common: Shift) -> Shift:
    """Of a field: near that of its block, as far as its own boxes can be trusted."""
    shifted = _moved(field, common)
    own = shift_of(dark, (shifted,), _FINE, _OWN_MM)
    if own.likeness < _FIELD_LIKE or np.hypot(own.right, own.down) > _BEND_MM:
        return common
    return Shift(common.right + own.right, common.down + own.down, own.likeness)


def _moved(field: PlacedField, shift: Shift) -> PlacedField:
    cells = tuple(
        Rectangle(cell.x_mm + shift.right, cell.y_mm + shift.down, cell.w_mm, cell.h_mm, cell.value)
        for cell in field.cells
    )
    return replace(field, cells=cells)
