"""Paper that does not lie flat: where its printed lines really are, and a net that follows them.

Discs hold the corners of a page only. Between them a curled, folded or crumpled sheet strays by some
millimetres, and where a corner is lost so does the projection. The frames of cells are known: blocks of
them are looked for in the page laid straight (normalised correlation), and a smooth field is put through
what was found.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import PlacedPage
from oko.engines.recognition.locating.geometry import Floats, projected
from oko.engines.recognition.model import PX_PER_MM, GreyImage, Matrix
from oko.engines.recognition.once import once_a_page
from oko.engines.recognition.regions import regions_of

_LOOK = 3  # pixels a millimetre in which lines are looked for
_FINE = 4  # times as fine the frames are drawn first
_LINE_MM = 0.3
_BLOCK_MM, _STEP_MM = 26, 15
_LEAST_LINES = 0.012  # of a block
_PROBES = 5
_AROUND = np.ones((7, 7), np.uint8)  # pixels of `_LOOK`: wider than a line
_PROBE_REACH_MM = 2.0
_FLAT_MM = 0.45  # what reading of cells puts right itself
_REACHES_MM = (3.4, 2.0, 1.3)  # of rounds
_ROUGH = 36  # blocks of the first round
_FOUND = 0.32  # correlation
_NET_MM = 6.0
_NEAR_MM = 22.0  # how far a block's own displacement is felt beside the smooth field
_ROBUST_MM = 0.5
_LOST_MM = 1.6  # from the smooth field: another line was taken for this one


@dataclass(frozen=True, slots=True)
class Expected:
    """What is printed on a page, and the blocks that have enough of it.

    Attributes:
        blocks: n × 2 pixels, their upper left corners.
        probes: a few of them, far from one another.
    """

    lines: GreyImage
    blocks: NDArray[np.intp]
    probes: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Net:
    """Displacements in millimetres at nodes `_NET_MM` apart, the first one step outside of the page."""

    right: Floats
    down: Floats


@once_a_page
def expected_of(page: PlacedPage) -> Expected:
    """Frames of cells, drawn once for all sheets of a page."""
    scale = _LOOK * _FINE
    paper = np.zeros((round(page.height_mm * scale), round(page.width_mm * scale)), np.uint8)
    for field in page.fields:
        for cell in field.cells if field.kind != "text" else ():
            left, top = round(cell.x_mm * scale), round(cell.y_mm * scale)
            right, bottom = round((cell.x_mm + cell.w_mm) * scale), round((cell.y_mm + cell.h_mm) * scale)
            start = (left, bottom) if field.kind == "signature" else (left, top)
            cv2.rectangle(paper, start, (right, bottom), 255, round(_LINE_MM * scale))
    size = (round(page.width_mm * _LOOK), round(page.height_mm * _LOOK))
    lines = cv2.resize(paper, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    side, step = _BLOCK_MM * _LOOK, _STEP_MM * _LOOK
    most = round(_REACHES_MM[0] * _LOOK)
    blocks = [
        (left, top)
        for top in range(most, size[1] - side - most, step)
        for left in range(most, size[0] - side - most, step)
        if lines[top : top + side, left : left + side].mean() > _LEAST_LINES * 255
    ]
    found = np.array(blocks, dtype=np.intp).reshape(-1, 2)
    return Expected(lines, found, _spread(found, _PROBES))


def _spread(blocks: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """A few blocks, each as far from the others as may be."""
    if len(blocks) <= count:
        return blocks
    chosen = [0]
    while len(chosen) < count:
        away = np.hypot(*(blocks[:, None, :] - blocks[None, chosen, :]).transpose(2, 0, 1)).min(axis=1)
        chosen.append(int(away.argmax()))
    return blocks[chosen]


def strays(straight: GreyImage, page: PlacedPage) -> bool:
    """Whether printed lines of a page laid straight are not where they must be.

    A few blocks are looked for in half as many pixels, which is quick; one that seems to be away, in all of
    them, since among many lines alike another one may fit by chance.
    """
    expected = expected_of(page)
    if not len(expected.probes):
        return False
    probes = [_probe(straight, expected, corner) for corner in expected.probes]
    found = [_displacement(_halved(dark), _halved(wanted), _LOOK / 2) for dark, wanted in probes]
    if sum(bool((weight > 0).any()) for _, weight in found) < len(found) / 2:
        return True
    away = [
        probe for probe, (shift, weight) in zip(probes, found, strict=True) if _is_away(shift[weight > 0])
    ]
    for dark, wanted in away:
        shift, weight = _displacement(dark, wanted, _LOOK)
        if not weight.all() or _is_away(shift):
            return True
    return False


def _is_away(shift: Floats) -> bool:
    return bool((np.abs(shift) > _FLAT_MM).any())


def net_of(scan: GreyImage, matrix: Matrix, page: PlacedPage, anchors: Floats) -> Net:
    """The net by which a page is laid straight; from a rough one to a fine one.

    Args:
        matrix: takes millimetres to pixels of the scan as well as discs tell.
        anchors: n × 2 millimetres, where `matrix` is right: discs that were seen.
    """
    expected = expected_of(page)
    nodes = _nodes(page)
    net = Net(np.zeros(nodes.shape[:2]), np.zeros(nodes.shape[:2]))
    if not len(expected.blocks):
        return net
    half = _halved(scan)  # lines are looked for in half as many pixels a millimetre as cells are read from
    to_half = np.diag([half.shape[1] / scan.shape[1], half.shape[0] / scan.shape[0], 1.0]) @ matrix
    for number, reach in enumerate(_REACHES_MM):
        small = _taken(half, _places(to_half, net, page, _LOOK))
        blocks = expected.blocks if number else _spread(expected.blocks, _ROUGH)
        shifts, weights = _displacements(_dark_lines(small), expected, blocks, reach)
        middles = (blocks + _BLOCK_MM * _LOOK / 2) / _LOOK
        axes = []
        for axis, before in ((0, net.right), (1, net.down)):
            at = _at(before, anchors)
            field = _field(
                np.concatenate([middles, anchors]),
                np.concatenate([shifts[:, axis], -at]),
                np.concatenate([weights[:, axis], np.full(len(anchors), 2.0)]),
                degree=min(number + 2, 3),
                page=page,
            )
            axes.append(before + field)
        net = Net(axes[0], axes[1])
    return net


def bent_straight(scan: GreyImage, matrix: Matrix, net: Net, page: PlacedPage) -> GreyImage:
    """The page by the net at `PX_PER_MM` where it is looked at (`regions_of`), white elsewhere."""
    places = _places(matrix, net, page, PX_PER_MM)
    found = np.full(places.shape[:2], 255, np.uint8)
    for left, top, right, bottom in regions_of(page):
        found[top:bottom, left:right] = _taken(scan, places[top:bottom, left:right])
    return found


def _halved(picture: GreyImage) -> GreyImage:
    size = (picture.shape[1] // 2, picture.shape[0] // 2)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _taken(scan: GreyImage, places: NDArray[np.float32]) -> GreyImage:
    across, down = cv2.split(places)
    found = cv2.remap(scan, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
    return found.astype(np.uint8, copy=False)


def _places(matrix: Matrix, net: Net, page: PlacedPage, scale: int) -> NDArray[np.float32]:
    """For each pixel of the page laid straight, where it is in the scan: rows × columns × 2.

    Args:
        scale: pixels a millimetre.
    """
    nodes = _nodes(page)
    moved = nodes + np.stack([net.right, net.down], axis=2)
    places = (projected(matrix, moved.reshape(-1, 2)).reshape(nodes.shape) - 0.5).astype(np.float32)
    step = round(_NET_MM * scale)
    rows, columns = nodes.shape[:2]
    between = cv2.resize(places, (columns * step, rows * step), interpolation=cv2.INTER_LINEAR)
    first = step + step // 2  # the first node lies a step outside of the page, its pixels half a step before
    height, width = round(page.height_mm * scale), round(page.width_mm * scale)
    return between[first : first + height, first : first + width].astype(np.float32, copy=False)


def projection_of(matrix: Matrix, net: Net, page: PlacedPage) -> Matrix:
    """The projection that comes nearest to a net."""
    nodes = _nodes(page)
    moved = (nodes + np.stack([net.right, net.down], axis=2)).reshape(-1, 2)
    nearest, _ = cv2.findHomography(nodes.reshape(-1, 2), projected(matrix, moved), 0)
    return matrix if nearest is None else np.asarray(nearest, dtype=np.float64)


def _nodes(page: PlacedPage) -> Floats:
    """rows × columns × 2 millimetres."""
    across = np.arange(-1, int(np.ceil(page.width_mm / _NET_MM)) + 2) * _NET_MM
    down = np.arange(-1, int(np.ceil(page.height_mm / _NET_MM)) + 2) * _NET_MM
    return np.stack(np.meshgrid(across, down), axis=2)


def _at(values: Floats, points: Floats) -> Floats:
    """Values of nodes at points in millimetres: those of the nearest nodes."""
    columns, rows = np.rint(points / _NET_MM + 1).astype(int).T
    found: Floats = values[np.clip(rows, 0, values.shape[0] - 1), np.clip(columns, 0, values.shape[1] - 1)]
    return found


def _dark_lines(picture: GreyImage) -> GreyImage:
    """What is darker than its surroundings, at `_LOOK`."""
    dark = cv2.morphologyEx(picture, cv2.MORPH_BLACKHAT, _AROUND)
    return dark.astype(np.uint8, copy=False)


def _probe(straight: GreyImage, expected: Expected, corner: NDArray[np.intp]) -> tuple[GreyImage, GreyImage]:
    """What is darker than its surroundings about one block of a page at `PX_PER_MM`, and what is expected."""
    left, top = corner
    side, reach = _BLOCK_MM * _LOOK, round(_PROBE_REACH_MM * _LOOK)
    grown = PX_PER_MM // _LOOK
    rows = slice(grown * (top - reach), grown * (top + side + reach))
    columns = slice(grown * (left - reach), grown * (left + side + reach))
    size = (side + 2 * reach, side + 2 * reach)
    small = cv2.resize(straight[rows, columns], size, interpolation=cv2.INTER_AREA)
    wanted = expected.lines[top : top + side, left : left + side]
    return _dark_lines(small.astype(np.uint8, copy=False)), wanted


def _displacements(
    dark: GreyImage, expected: Expected, blocks: NDArray[np.intp], reach_mm: float
) -> tuple[Floats, Floats]:
    """By how many millimetres each block is away, right and down, and how surely: both n × 2."""
    side, reach = _BLOCK_MM * _LOOK, round(reach_mm * _LOOK)
    found = [
        _displacement(
            dark[top - reach : top + side + reach, left - reach : left + side + reach],
            expected.lines[top : top + side, left : left + side],
            _LOOK,
        )
        for left, top in blocks
    ]
    shifts, weights = np.array([one for one, _ in found]), np.array([one for _, one in found])
    return shifts.reshape(-1, 2), weights.reshape(-1, 2)


def _displacement(around: GreyImage, wanted: GreyImage, scale: float) -> tuple[Floats, Floats]:
    """Of one block: by how many millimetres right and down it is away, and how surely (0: not found)."""
    reach = (around.shape[0] - wanted.shape[0]) // 2
    shift, weight = np.zeros(2), np.zeros(2)
    fit = cv2.matchTemplate(around, wanted, cv2.TM_CCOEFF_NORMED)
    _, peak, _, (x, y) = cv2.minMaxLoc(fit)
    if peak < _FOUND:
        return shift, weight
    for axis, line, at in ((0, fit[y], x), (1, fit[:, x], y)):
        sharp = peak - float(np.partition(line, len(line) // 2)[len(line) // 2])
        if 0 < at < 2 * reach and sharp > 0.1:
            low, high = float(line[at - 1]), float(line[at + 1])
            bend = low - 2 * peak + high
            shift[axis] = (at - reach + (0.5 * (low - high) / bend if bend < 0 else 0.0)) / scale
            weight[axis] = sharp
    return shift, weight


def _field(points: Floats, values: Floats, weights: Floats, *, degree: int, page: PlacedPage) -> Floats:
    """A smooth field through displacements, at the nodes of the net.

    A polynomial robustly fitted, and what neighbours have in common beside it.
    """
    known = weights > 0
    points, values, weights = points[known], values[known], weights[known]
    nodes = _nodes(page)
    if not len(points):
        return np.zeros(nodes.shape[:2])
    size = np.array([page.width_mm, page.height_mm])
    while degree and (degree + 1) * (degree + 2) > len(points):
        degree -= 1
    terms = _terms(points / size, degree)
    trust, solved, off = weights.copy(), np.zeros(terms.shape[1]), values
    calm = 1e-3 * np.eye(terms.shape[1])
    for _ in range(6):
        weighed = terms * trust[:, None]
        solved = np.asarray(np.linalg.solve(terms.T @ weighed + calm, weighed.T @ values))
        off = values - terms @ solved
        trust = weights / (1 + (off / _ROBUST_MM) ** 2)
    trust = np.where(np.abs(off) < _LOST_MM, weights, 0.0)
    across, down = _nearness(nodes[0, :, 0], points[:, 0]), _nearness(nodes[:, 0, 1], points[:, 1])
    near, felt = (down * trust) @ across.T, (down * (trust * off)) @ across.T
    polynomial = (_terms(nodes.reshape(-1, 2) / size, degree) @ solved).reshape(near.shape)
    common: Floats = polynomial + felt / (near + 0.15)
    return common


def _nearness(nodes: Floats, points: Floats) -> Floats:
    """Along one axis, nodes × points; the product of both axes' falls off as a bell over the page."""
    found: Floats = np.exp(-((nodes[:, None] - points) ** 2) / (2 * (_NEAR_MM / 2) ** 2))
    return found


def _terms(points: Floats, degree: int) -> Floats:
    """All products of powers up to a degree, of points about the middle of the page."""
    x, y = (2 * points - 1).T
    return np.stack([x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)], axis=1)
