"""A scanned page found by its discs and its code, and laid straight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import CORNER_RADIUS_MM, PlacedPage
from oko.engines.blanks.page_code import PageCode
from oko.engines.recognition.locating.bending import bent_straight, net_of, projection_of, strays
from oko.engines.recognition.locating.codes import CodeRead, is_ours, read_codes, read_softly
from oko.engines.recognition.locating.discs import Quad, find_quads, printed_discs
from oko.engines.recognition.locating.fitting import Fit, Place, discs_near, in_scan, refined
from oko.engines.recognition.locating.geometry import (
    Floats,
    code_corners,
    code_crop,
    corner_discs,
    fitted,
    is_plausible,
    laid_where_read,
    projected,
    px_per_mm,
    quarter_turns,
    seen_part,
)
from oko.engines.recognition.locating.unread import reason_for_unread
from oko.engines.recognition.model import PX_PER_MM, GreyImage, Matrix, Reason, Sheet
from oko.engines.recognition.once import once_a_page

Pages = Mapping[tuple[str, int, int], PlacedPage]

LEAST_DPI = 110  # a module of a code has 2.5 pixels, a stroke of a pen one
MOST_UNSEEN = 0.05  # of the cells of a page; with more it is to be scanned again
_MM_IN_INCH = 25.4
_BENT = 0.9  # quality of a page that had to be followed line by line
_BIT_BY_BIT = 0.5  # quality of a page of which the code had to be read so


@dataclass(frozen=True, slots=True)
class Rejected:
    """A page that could not be read, and what is known of it all the same."""

    reason: Reason
    text: str = ""
    rotation: int | None = None
    dpi: float | None = None


def locate(
    scan: GreyImage,
    pages: Pages,
    key: bytes | None = None,
    full_per_px: float = 1.0,
    full: Callable[[], GreyImage] | None = None,
) -> Sheet | Rejected:
    """Find which page it is and lay it straight.

    Args:
        scan: the page, of any position; about 1,750 pixels high is enough and quick.
        pages: of the blanks that may come, by blank, version and page.
        key: with which the codes were made.
        full_per_px: pixels of the whole scan for a pixel of this picture.
        full: gives the whole scan; asked for only when the code cannot be read in this picture.
    """
    sizes = tuple(dict.fromkeys((page.width_mm, page.height_mm) for page in pages.values()))
    places = [place for quad in find_quads(scan, sizes) for place in _places(quad, scan)]
    read, place = _read_code(scan, places, key)
    if read is not None and read.contradicts:
        return Rejected(Reason.DAMAGED_CODE, read.text)
    if read is None or read.code is None:
        patient, where = _read_patiently(scan, places, sizes, key, full_per_px, full)
        if patient is not None and (patient.code is not None or read is None):
            read, place = patient, where or place
    if read is None:
        return _without_code(scan, places, full_per_px)
    if read.code is None:
        dpi = _dpi(places[0], full_per_px) if places else None
        if dpi is not None and dpi < LEAST_DPI:
            return Rejected(Reason.LOW_RESOLUTION, read.text, dpi=dpi)
        reason = (
            Reason.DAMAGED_CODE if is_ours(read) and not _has_other_key(read, key) else Reason.FOREIGN_CODE
        )
        return Rejected(reason, read.text, dpi=dpi)
    page = pages.get((read.code.blank, read.code.version, read.code.page))
    if page is None:
        return Rejected(Reason.WRONG_VERSION, read.text, dpi=_dpi(place, full_per_px) if place else None)
    fit = refined(scan, place, read)
    if fit is None:
        return Rejected(Reason.CROPPED, read.text)
    return _sheet(scan, fit, read, read.code, page, full_per_px)


def _places(quad: Quad, scan: GreyImage) -> Iterator[Place]:
    """Both ways along: the short side first, or the long one."""
    page = PlacedPage(1, *quad.size_mm, ())
    discs = corner_discs(page)
    sides = np.linalg.norm(np.roll(quad.points, -1, axis=0) - quad.points, axis=1)
    wide_first = (sides[0] + sides[2] < sides[1] + sides[3]) == (page.width_mm < page.height_mm)
    points = quad.points if wide_first else np.roll(quad.points, -1, axis=0)
    matrix = fitted(discs, points)
    if matrix is not None and is_plausible(matrix, quad.size_mm, scan.shape):
        yield Place(matrix, quad.size_mm, all(quad.sure))


def _read_code(
    scan: GreyImage, places: list[Place], key: bytes | None
) -> tuple[CodeRead | None, Place | None]:
    """Read the codes where they must stand; two that say different things are taken for none."""
    other: tuple[CodeRead, Place] | None = None
    for place in places:
        reads = [
            in_scan(found, place, corners)
            for corners in code_corners(place.size_mm)
            for found in read_codes(code_crop(scan, place.matrix, corners), key)
        ]
        whole = [read for read in reads if read.code is not None]
        if len({read.text for read in whole}) > 1:
            texts = " ≠ ".join(dict.fromkeys(read.text for read in whole))
            return replace(whole[0], text=texts, code=None, contradicts=True), place
        if whole:
            return whole[0], _upright(place, whole[0].turned)
        if reads and other is None:
            other = (reads[0], place)
    return other or (None, None)


def _upright(place: Place, turned: int) -> Place:
    """The place as the code has it: half a turn on when the code stands on its head."""
    if turned != 2:
        return place
    width, height = place.size_mm
    half_turn = np.array([[-1, 0, width], [0, -1, height], [0, 0, 1.0]])
    return Place(place.matrix @ half_turn, place.size_mm, place.sure)


def _read_patiently(
    scan: GreyImage,
    places: list[Place],
    sizes: tuple[tuple[float, float], ...],
    key: bytes | None,
    full_per_px: float,
    full: Callable[[], GreyImage] | None,
) -> tuple[CodeRead | None, Place | None]:
    """Codes anywhere in the picture; then module by module; then the same in the whole scan."""
    other: CodeRead | None = None
    for read in read_codes(scan, key, thorough=True):
        if read.code is not None:
            return read, _place_by_code(scan, read, sizes)
        other = other or read
    pictures: list[tuple[GreyImage, float]] = [(scan, 1.0)]
    if full is not None and full_per_px > 1:
        pictures.append((full(), full_per_px))
    for picture, scale in pictures:
        grown = np.diag([scale, scale, 1.0])
        for place in places:
            crops = [code_crop(picture, grown @ place.matrix, at) for at in code_corners(place.size_mm)]
            found = read_softly(crops, key)
            if found is not None:
                return found, _upright(place, found.turned)
    if not places and len(pictures) > 1:
        for read in read_codes(pictures[1][0], key, thorough=True):
            if read.code is not None and read.corners is not None:
                smaller = replace(read, corners=read.corners / full_per_px)
                return smaller, _place_by_code(scan, smaller, sizes)
            other = other or read
    return other, None


def _place_by_code(scan: GreyImage, read: CodeRead, sizes: tuple[tuple[float, float], ...]) -> Place | None:
    """The page around a code: which of the two it is, and where the discs then are."""
    if read.corners is None:
        return None
    best: tuple[int, Place] | None = None
    for size in sizes:
        for corners in code_corners(size):
            matrix = _similar(corners, read.corners)
            place = Place(matrix, size)
            count = sum(one is not None for one in discs_near(scan, place, far_mm=9.0))
            if best is None or count > best[0]:
                best = (count, place)
    return best[1] if best else None


def _similar(millimetres: Floats, pixels: Floats) -> Matrix:
    """Turned, grown and shifted, by least squares: the corners of one code tell nothing finer."""
    a, b = millimetres - millimetres.mean(axis=0), pixels - pixels.mean(axis=0)
    norm = (a**2).sum()
    cosine, sine = (a * b).sum() / norm, (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / norm
    turn = np.array([[cosine, -sine], [sine, cosine]])
    shift = pixels.mean(axis=0) - turn @ millimetres.mean(axis=0)
    return np.vstack([np.column_stack([turn, shift]), [0, 0, 1.0]])


def _sheet(
    scan: GreyImage, fit: Fit, read: CodeRead, code: PageCode, page: PlacedPage, full_per_px: float
) -> Sheet | Rejected:
    size = (page.width_mm, page.height_mm)
    matrix = fit.matrix
    quality = round(fit.quality * (_BIT_BY_BIT if read.corners is None else 1.0), 3)
    dpi = px_per_mm(matrix, size) * full_per_px * _MM_IN_INCH
    rotation = 90 * quarter_turns(matrix, size)
    if dpi < LEAST_DPI:
        return Rejected(Reason.LOW_RESOLUTION, read.text, rotation, dpi)
    seen = seen_part(scan, matrix, page)
    if _unseen_share(seen, page) > MOST_UNSEEN:
        return Rejected(Reason.CROPPED, read.text, rotation, dpi)
    image = laid_where_read(scan, matrix, page)
    if strays(image, page):
        net = net_of(scan, matrix, page, fit.anchors)
        image, matrix = bent_straight(scan, matrix, net, page), projection_of(matrix, net, page)
        seen, quality = seen_part(scan, matrix, page), round(quality * _BENT, 3)
    return Sheet(
        code=code,
        page=page,
        image=image,
        seen=seen,
        to_scan=np.diag([full_per_px, full_per_px, 1.0]) @ matrix,
        rotation=rotation,
        dpi=dpi,
        quality=quality,
    )


def _unseen_share(seen: GreyImage, page: PlacedPage) -> float:
    """Of the cells that are read, how many lie outside of the scan."""
    if seen[[0, 0, -1, -1], [0, -1, 0, -1]].all():  # a scan has no inward corners: what lies between is seen
        return 0.0
    rows, columns = _middles(page).T
    return float((seen[rows, columns] == 0).mean()) if len(rows) else 0.0


@once_a_page
def _middles(page: PlacedPage) -> NDArray[np.intp]:
    """Row and column of the middle of each cell that is read, in a page laid straight."""
    cells = [cell for field in page.fields if field.kind != "text" for cell in field.cells]
    middles = np.array([(cell.y_mm + cell.h_mm / 2, cell.x_mm + cell.w_mm / 2) for cell in cells])
    last = np.array([round(page.height_mm * PX_PER_MM), round(page.width_mm * PX_PER_MM)]) - 1
    return np.clip((middles.reshape(-1, 2) * PX_PER_MM).astype(np.intp), 0, last)


def _without_code(scan: GreyImage, places: list[Place], full_per_px: float) -> Rejected:
    """Discs of a page but no code that could be read, or neither."""
    page = next((place for place in places if _has_discs(scan, place)), None)
    if page is None:
        return Rejected(reason_for_unread(scan, 1 / full_per_px))
    dpi = _dpi(page, full_per_px)
    return Rejected(Reason.LOW_RESOLUTION if dpi < LEAST_DPI else Reason.DAMAGED_CODE, dpi=dpi)


def _has_discs(scan: GreyImage, place: Place) -> bool:
    """Whether at least three spots are discs as they are printed and not chance: even, on even paper."""
    radius = CORNER_RADIUS_MM * px_per_mm(place.matrix, place.size_mm)
    centres = projected(place.matrix, corner_discs(PlacedPage(1, *place.size_mm, ())))
    return printed_discs(scan, centres, radius) >= 3


def _dpi(place: Place, full_per_px: float) -> float:
    return px_per_mm(place.matrix, place.size_mm) * full_per_px * _MM_IN_INCH


def _has_other_key(read: CodeRead, key: bytes | None) -> bool:
    """Ours by its look, made with a key that we have not, or without one."""
    return read.text.startswith("K1") != bool(key)
