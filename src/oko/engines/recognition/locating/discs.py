"""The black discs of a page found in a scan, and which four of them are its corners."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import CORNER_MM, CORNER_RADIUS_MM
from oko.engines.recognition.model import GreyImage

Floats = NDArray[np.float64]

_QUICK_PX = (
    420  # at least, of the long side of the picture in which discs are looked for first: 7 pixels a disc
)
SEARCH_PX = 600  # and then: 10 pixels a disc
_PAPER_MM = 9.0  # what is darker than the mean of such a square is looked at
_CONTRASTS = (0.30, 0.16, 0.08)  # of white, tried in turn
_ROUND = (0.62, 0.92)  # area over bounding box: of a disc 0.785
_LONGEST = 1.45  # bounding box, side over side: a disc in a tilted photograph
_PAGE_IN_SCAN = (0.45, 1.25)  # height of the page over the height of the scan
_MOST = 14  # candidates that are combined
_SIDES_DIFFER = 0.22  # opposite sides of a page in perspective
_RATIO_DIFFERS = 0.16
_RADIUS_DIFFERS = 0.35
_THIN = np.ones((3, 3), np.uint8)
_PIXEL_CENTRE = 0.5  # a pixel's middle, counted from the edge of the scan
_SQUARE = 0.30  # cosine of the angle at a corner
_FAINTEST = 20  # between paper and ink
_EVEN = 0.85  # of what is looked at within and around a disc must be dark, and light
_SLACK = 0.3  # of the contrast
_WITHIN, _AROUND = np.array([0.3, 0.65]), np.array([1.4, 1.6])  # radii at which it is looked at
_DIRECTIONS = 12
_SMALLEST, _LARGEST = 0.45, 1.9  # area of a spot over that of the disc


@dataclass(frozen=True, slots=True)
class Quad:
    """Four corner discs, going round clockwise as seen in the scan; `sure` ones were seen, others reckoned.

    Attributes:
        points: 4 × 2, x and y in pixels of the scan.
        short_first: whether the way from the first to the second is a short side of the page.
    """

    points: Floats
    sure: tuple[bool, bool, bool, bool]
    size_mm: tuple[float, float]


def find_quads(scan: GreyImage, sizes_mm: tuple[tuple[float, float], ...]) -> list[Quad]:
    """Ways in which discs of the scan may be the corners of a page, the likeliest first.

    Looked for in a small picture with much contrast at first, which nearly always does.
    """
    found: list[tuple[int, Quad]] = []
    for least_px, contrasts in ((_QUICK_PX, _CONTRASTS[:1]), (SEARCH_PX, _CONTRASTS)):
        small, shrink = _halved(scan, least_px)
        for contrast in contrasts:
            centres, radii = _round_spots(small, contrast, thin_away=least_px == _QUICK_PX)
            for size in sizes_mm:
                for quad in _quads((centres + _PIXEL_CENTRE) / shrink, radii / shrink, size):
                    found.append((printed_discs(scan, quad.points, _radius(quad)), quad))
            if any(discs == 4 for discs, _ in found):
                return _likeliest(found)
    return _likeliest(found)


def _likeliest(found: list[tuple[int, Quad]]) -> list[Quad]:
    return [quad for _, quad in sorted(found, key=lambda one: (-one[0], -sum(one[1].sure)))]


def _radius(quad: Quad) -> float:
    """Of a disc, in pixels, as the sides of the page tell."""
    sides = np.linalg.norm(np.roll(quad.points, -1, axis=0) - quad.points, axis=1).sum()
    return float(sides / (2 * sum(quad.size_mm) - 8 * CORNER_MM) * CORNER_RADIUS_MM)


def printed_discs(scan: GreyImage, centres: Floats, radius: float) -> int:
    """How many spots are discs as they are printed and not chance: dark within, paper all around."""
    inside = _looked_at(scan, centres, _WITHIN * radius)
    around = _looked_at(scan, centres, _AROUND * radius)
    ink, paper = _middle(inside), _middle(around)
    slack = _SLACK * (paper - ink)
    dark, light = inside < (ink + slack)[:, None], around > (paper - slack)[:, None]
    even = np.minimum(dark.mean(axis=1), light.mean(axis=1))
    return int(((paper - ink > _FAINTEST) & (even >= _EVEN)).sum())


def _middle(values: Floats) -> Floats:
    """The median of each row; the upper one of two."""
    found: Floats = np.sort(values, axis=1)[:, values.shape[1] // 2]
    return found


def _looked_at(scan: GreyImage, centres: Floats, away: Floats) -> Floats:
    """n × samples: what stands at some distances from each centre, all around."""
    angle = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)[None] * away[:, None, None]
    at = np.rint(centres[:, None, :] + ring.reshape(1, -1, 2)).astype(int)
    columns = np.clip(at[:, :, 0], 0, scan.shape[1] - 1)
    rows = np.clip(at[:, :, 1], 0, scan.shape[0] - 1)
    values: Floats = scan[rows, columns].astype(np.float64)
    return values


def _halved(scan: GreyImage, least_px: int) -> tuple[GreyImage, float]:
    """Half the size, as often as the long side stays `least_px`: two pixels into one are quick to reckon."""
    small, shrink = scan, 1.0
    while max(small.shape) >= 2 * least_px:
        rows, columns = small.shape[0] // 2, small.shape[1] // 2
        even = small[: 2 * rows, : 2 * columns]
        small = cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        shrink /= 2
    return small, shrink


def _round_spots(small: GreyImage, contrast: float, *, thin_away: bool) -> tuple[Floats, Floats]:
    """Centres (n × 2) and radii of dark round spots of about a disc's size.

    First come those that are dark and large, as dots of a pen are not.

    Args:
        thin_away: lines and letters are taken away before, which is quick and may take small discs along.
    """
    px_per_mm = max(small.shape) / 297.0
    side = int(_PAPER_MM * px_per_mm) | 1
    paper = cv2.blur(cv2.dilate(small, np.ones((3, 3), np.uint8)), (side, side))
    dark = cv2.subtract(paper, small)
    _, spots = cv2.threshold(dark, contrast * 255, 255, cv2.THRESH_BINARY)
    if thin_away:
        spots = cv2.morphologyEx(spots, cv2.MORPH_OPEN, _THIN)
    outlines, _ = cv2.findContours(spots.astype(np.uint8, copy=False), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    expected = np.pi * (CORNER_RADIUS_MM * px_per_mm) ** 2
    low, high = expected * _PAGE_IN_SCAN[0] ** 2 * 0.6, expected * _PAGE_IN_SCAN[1] ** 2 * 1.4
    found = []
    for left, top, width, height in {cv2.boundingRect(outline) for outline in outlines}:
        box = width * height
        if (
            max(width, height) < _LONGEST * min(width, height)
            and low < _ROUND[1] * box
            and _ROUND[0] * box < high
        ):
            moments = cv2.moments(spots[top : top + height, left : left + width], binaryImage=True)
            area = moments["m00"]
            if low <= area <= high and _ROUND[0] < area / box < _ROUND[1]:
                found.append((left + moments["m10"] / area, top + moments["m01"] / area, area))
    x, y, areas = np.array(found).reshape(-1, 3).T
    radii = np.sqrt(areas / np.pi)
    order = np.lexsort((x, y, -(dark[y.astype(int), x.astype(int)] * radii)))[: 3 * _MOST]
    return np.column_stack([x, y])[order], radii[order]


def _quads(centres: Floats, radii: Floats, size_mm: tuple[float, float]) -> list[Quad]:
    whole = _with_four(centres[:_MOST], radii[:_MOST], size_mm)
    return whole or _with_three(centres[:_MOST], radii[:_MOST], size_mm)


def _with_four(centres: Floats, radii: Floats, size_mm: tuple[float, float]) -> list[Quad]:
    if len(centres) < 4:
        return []
    chosen = _fours(len(centres))
    of_one_size = np.ptp(np.log(radii)[chosen], axis=1) < 2 * _RADIUS_DIFFERS
    chosen = chosen[of_one_size]
    points = centres[chosen]
    middle = points.mean(axis=1, keepdims=True)
    angle = np.arctan2(points[:, :, 1] - middle[:, :, 1], points[:, :, 0] - middle[:, :, 0])
    order = np.argsort(angle, axis=1)
    points = np.take_along_axis(points, order[:, :, None], axis=1)
    sides = np.linalg.norm(np.roll(points, -1, axis=1) - points, axis=2)
    pairs = np.stack([sides[:, [0, 2]], sides[:, [1, 3]]], axis=1)
    differ = (pairs.max(axis=2) / np.maximum(pairs.min(axis=2), 1e-6)).max(axis=1) - 1
    mean = pairs.mean(axis=2)
    wide, high = size_mm[0] - 2 * CORNER_MM, size_mm[1] - 2 * CORNER_MM
    ratio = mean.max(axis=1) / np.maximum(mean.min(axis=1), 1e-6) / (max(wide, high) / min(wide, high))
    along = (np.roll(points, -1, axis=1) - points) / np.maximum(sides[:, :, None], 1e-6)
    cosine = np.abs((along * np.roll(along, -1, axis=1)).sum(axis=2)).max(axis=1)
    expected = mean.max(axis=1) / max(wide, high) * CORNER_RADIUS_MM
    off = np.abs(np.log(radii[chosen] / expected[:, None])).max(axis=1)
    good = (
        (differ < _SIDES_DIFFER)
        & (np.abs(np.log(ratio)) < _RATIO_DIFFERS)
        & (cosine < _SQUARE)
        & (off < _RADIUS_DIFFERS)
    )
    faults = differ + np.abs(np.log(ratio)) + cosine + off
    best = np.flatnonzero(good)
    best = best[np.argsort(faults[best])][:3]
    return [Quad(points[n], (True,) * 4, size_mm) for n in best]


@lru_cache(maxsize=_MOST)
def _fours(count: int) -> NDArray[np.intp]:
    """All ways to choose four of so many."""
    return np.array(list(combinations(range(count), 4)), np.intp)


def _with_three(centres: Floats, radii: Floats, size_mm: tuple[float, float]) -> list[Quad]:
    """A right angle of the page's own proportions; the fourth corner is where a parallelogram has it."""
    wide, high = size_mm[0] - 2 * CORNER_MM, size_mm[1] - 2 * CORNER_MM
    proportion = max(wide, high) / min(wide, high)
    found: list[tuple[float, Quad]] = []
    for trio in combinations(range(len(centres)), 3):
        for at in range(3):
            corner, one, two = (trio[(at + turn) % 3] for turn in range(3))
            first, second = centres[one] - centres[corner], centres[two] - centres[corner]
            if first[0] * second[1] - first[1] * second[0] < 0:
                first, second, one, two = second, first, two, one
            long, short = sorted((np.linalg.norm(first), np.linalg.norm(second)), reverse=True)
            if short < 1:
                continue
            ratio = abs(np.log(long / short / proportion))
            cosine = abs(float(first @ second)) / float(long * short)
            off = np.abs(np.log(radii[list(trio)] / (long / max(wide, high) * CORNER_RADIUS_MM))).max()
            if ratio < _RATIO_DIFFERS / 2 and cosine < _SQUARE / 2 and off < _RADIUS_DIFFERS:
                points = np.stack([centres[corner], centres[one], centres[one] + second, centres[two]])
                found.append((ratio + cosine + off, Quad(points, (True, True, False, True), size_mm)))
    found.sort(key=lambda pair: pair[0])
    return [quad for _, quad in found[:4]]


def centre_of_disc(scan: GreyImage, x: float, y: float, radius: float) -> tuple[float, float] | None:
    """The middle of a dark disc near a place, to a tenth of a pixel; None when there is none.

    The weight of each pixel is how much darker it is than half-way between paper and ink.
    """
    reach = int(np.ceil(radius * 1.9))
    left, top = max(round(x) - reach, 0), max(round(y) - reach, 0)
    window = scan[top : round(y) + reach + 1, left : round(x) + reach + 1]
    if min(window.shape) < reach:
        return None
    ink, paper, _, _ = cv2.minMaxLoc(cv2.blur(window, (5, 5)))
    if paper - ink < _FAINTEST:
        return None
    half_way = (ink + paper) / 2
    _, spots = cv2.threshold(window, half_way, 255, cv2.THRESH_BINARY_INV)
    _, labels, stats, centres = cv2.connectedComponentsWithStats(
        spots.astype(np.uint8, copy=False), connectivity=4
    )
    area = stats[:, cv2.CC_STAT_AREA] / (np.pi * radius**2)
    away = np.hypot(centres[:, 0] + left - x, centres[:, 1] + top - y)
    away[(area < _SMALLEST) | (area > _LARGEST)] = np.inf
    away[0] = np.inf  # the background
    best = int(np.argmin(away))
    if not np.isfinite(away[best]):
        return None
    weight = np.minimum(half_way - window, (paper - ink) / 4).astype(np.float32)
    weight[labels != best] = 0
    moments = cv2.moments(weight)
    across, down = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    return left + across + _PIXEL_CENTRE, top + down + _PIXEL_CENTRE
