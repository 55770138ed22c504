"""What happens to paper: stains, stamps, holes, staples, corners folded or torn off.

All stay away from what a person must still be able to see (`Scan.keep`) as far as paper goes: a stain is seen
through, but a hole, a fold or a stamp does not lie on a cell.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.filling.degrading.scan import PX_PER_MM, Scan, coarse_noise

_FURTHEST_TEAR_MM = 58.0
_FURTHEST_FOLD_MM = 34.0


def coffee(scan: Scan, rng: np.random.Generator) -> None:
    """The ring of a cup, and a few drops: seen through."""
    height, width = scan.image.shape
    radius = rng.uniform(32, 42) * PX_PER_MM
    x, y = rng.uniform(0.05, 0.95) * width, rng.uniform(0.05, 0.95) * height
    stain = np.zeros((height // 4 + 1, width // 4 + 1), np.float32)
    wide = max(2, int(radius * 0.07 / 4))
    begin = rng.uniform(0, 360)
    centre = (int(x / 4), int(y / 4))
    cv2.circle(stain, centre, int(radius / 4), (0.25,), -1)
    cv2.ellipse(stain, centre, (int(radius / 4),) * 2, begin, 0, rng.uniform(230, 360), (1.0,), wide)
    for _ in range(int(rng.integers(2, 7))):
        drop = np.array(centre) + rng.normal(0, radius / 2.5, 2)
        cv2.circle(stain, (int(drop[0]), int(drop[1])), int(rng.uniform(1, 3.5) * PX_PER_MM / 4), (0.8,), -1)
    stain = cv2.GaussianBlur(stain, (0, 0), 3)
    stain *= np.clip(0.75 + 0.2 * coarse_noise(stain.shape, (40, 30), rng), 0.3, 1.1)
    dark = cv2.resize(stain, (width, height), interpolation=cv2.INTER_LINEAR) * rng.uniform(0.15, 0.32)
    scan.image = np.clip(scan.image * (1 - dark), 0, 255).astype(np.uint8)
    scan.note("coffee")


def stamp(scan: Scan, rng: np.random.Generator) -> None:
    """A round stamp in blue, grey in the scan, where no cell is."""
    radius = rng.uniform(15, 19) * PX_PER_MM
    place = _free_place(scan, radius, rng)
    if place is None:
        return
    side = int(2 * radius) + 8
    layer = np.zeros((side, side), np.uint8)
    middle = (side // 2, side // 2)
    thick = max(2, int(0.6 * PX_PER_MM))
    for part in (1.0, 0.9, 0.52):
        cv2.circle(layer, middle, int(radius * part), 255, thick if part == 1 else thick // 2, cv2.LINE_AA)
    for angle in np.arange(0, 360, 360 / rng.integers(30, 44)):
        _letter(layer, middle, radius * 0.7, angle, rng)
    for line in (-0.16, 0.06, 0.28):
        at = (int(middle[0] - radius * 0.4), int(middle[1] + radius * line))
        number = str(rng.integers(10000, 10**7))
        cv2.putText(layer, number, at, cv2.FONT_HERSHEY_SIMPLEX, radius / 190, 255, 2, cv2.LINE_AA)
    worn = np.clip(0.75 + 0.3 * coarse_noise(layer.shape, (9, 9), rng), 0.15, 1)
    _multiply(scan, 1 - layer / 255 * worn * rng.uniform(0.35, 0.65), place - side / 2)
    scan.note("stamp")


def punch_holes(scan: Scan, rng: np.random.Generator) -> None:
    """Two holes of 6 mm at the left edge, 80 mm apart; black or grey is seen through them."""
    height = scan.image.shape[0]
    seen, x = int(rng.choice((8, 30, 120, 200))), rng.uniform(8, 12) * PX_PER_MM
    middle = height / 2 + rng.uniform(-4, 4) * PX_PER_MM
    places = [np.array((x, middle + side * 40 * PX_PER_MM)) for side in (-1, 1)]
    radius = 3 * PX_PER_MM
    if any(_covers(scan, place - radius, place + radius) for place in places):
        return
    for place in places:
        cv2.circle(scan.image, _whole(place), int(radius), (seen,), -1, cv2.LINE_AA)
        cv2.circle(scan.image, _whole(place), int(radius) + 1, (170,), 2, cv2.LINE_AA)
    scan.note("punch holes")


def staple(scan: Scan, rng: np.random.Generator) -> None:
    """A staple at the upper left with its shadow, or only its holes."""
    at = np.array((rng.uniform(4, 14), rng.uniform(2, 5))) * PX_PER_MM
    along = np.array((np.cos(a := rng.uniform(-0.9, 0.9)), np.sin(a))) * 11 * PX_PER_MM
    if rng.random() < 0.6:
        shadow = np.zeros(scan.image.shape, np.uint8)[: int(40 * PX_PER_MM), : int(60 * PX_PER_MM)]
        cv2.line(shadow, _whole(at + 6), _whole(at + along + 6), 255, int(1.3 * PX_PER_MM), cv2.LINE_AA)
        soft = cv2.GaussianBlur(shadow, (0, 0), 0.6 * PX_PER_MM).astype(np.float32) / 255
        _multiply(scan, 1 - 0.5 * soft, np.zeros(2))
        cv2.line(scan.image, _whole(at), _whole(at + along), (70,), int(0.6 * PX_PER_MM), cv2.LINE_AA)
    for place in (at, at + along):
        cv2.circle(scan.image, _whole(place), int(0.45 * PX_PER_MM), (25,), -1, cv2.LINE_AA)
    scan.note("staple")


def torn_corner(scan: Scan, rng: np.random.Generator, beneath: int) -> None:
    """A corner is missing; what lies beneath is seen there. Three discs and a code are left at least."""
    corner, legs = _corner_legs(scan, _FURTHEST_TEAR_MM, rng, covers=1.0)
    count = 24
    along = np.linspace(0, 1, count)[:, None]
    edge = legs[0] + (legs[1] - legs[0]) * along
    towards = corner - edge.mean(axis=0)
    edge = edge + np.cumsum(rng.normal(0, 2.2, (count, 1)), axis=0) * towards / np.linalg.norm(towards)
    outside = corner + (corner - np.array(scan.image.shape[::-1]) / 2) * 0.1
    shape = np.vstack((edge, _beyond(legs[1], corner), outside, _beyond(legs[0], corner)))
    cv2.fillPoly(scan.image, [np.rint(shape).astype(np.int32)], (beneath,), cv2.LINE_AA)
    cv2.polylines(scan.image, [np.rint(edge).astype(np.int32)], False, (200,), 3, cv2.LINE_AA)
    scan.note(f"corner torn off {np.linalg.norm(legs[0] - corner) / PX_PER_MM:.0f} mm")


def folded_corner(scan: Scan, rng: np.random.Generator, beneath: int) -> None:
    """A dog's ear: its back lies on the page, and what lies beneath the page is seen where it was."""
    corner, legs = _corner_legs(scan, _FURTHEST_FOLD_MM, rng, covers=2.0)
    tip = _mirrored(corner, legs[0], legs[1])
    shadow = np.zeros(scan.image.shape, np.uint8)
    ear = np.rint(np.array((legs[0], legs[1], tip))).astype(np.int32)
    cv2.fillPoly(shadow, [ear + np.sign(tip - corner).astype(np.int32) * 7], 255)
    soft = cv2.GaussianBlur(shadow, (0, 0), 6).astype(np.float32) / 255
    scan.image = np.rint(scan.image * (1 - 0.3 * soft)).astype(np.uint8)
    missing = np.vstack(
        (legs[0], _beyond(legs[0], corner), corner * 2 - tip, _beyond(legs[1], corner), legs[1])
    )
    cv2.fillPoly(scan.image, [np.rint(missing).astype(np.int32)], (beneath,), cv2.LINE_AA)
    cv2.fillPoly(scan.image, [ear], (int(rng.integers(225, 250)),), cv2.LINE_AA)
    cv2.line(scan.image, _whole(legs[0]), _whole(legs[1]), (165,), 3, cv2.LINE_AA)
    scan.note(f"corner folded {np.linalg.norm(legs[0] - corner) / PX_PER_MM:.0f} mm")


#: Faults of paper that need nothing but the page.
ON_PAPER: dict[str, Callable[[Scan, np.random.Generator], None]] = {
    "coffee": coffee,
    "stamp": stamp,
    "punch holes": punch_holes,
    "staple": staple,
}


def _corner_legs(
    scan: Scan, furthest_mm: float, rng: np.random.Generator, covers: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A corner, and where the fault begins on the two edges that meet there: no cell is lost.

    Args:
        covers: how far the fault reaches into the page, in distances of the edge from the corner.
    """
    height, width = scan.image.shape
    right, low = rng.integers(0, 2, 2)
    corner = np.array((right * width, low * height), float)
    inward = np.array((1 - 2 * right, 1 - 2 * low), float)
    legs_mm = np.sort(rng.uniform(12, furthest_mm, 2))[:: rng.choice((-1, 1))]
    while legs_mm.max() > 6:
        legs = corner + np.diag(inward * legs_mm * PX_PER_MM)
        if not _lost(scan, corner, inward, legs_mm * PX_PER_MM * covers):
            break
        legs_mm = legs_mm * 0.85
    return corner, legs


def _lost(
    scan: Scan, corner: NDArray[np.float64], inward: NDArray[np.float64], legs: NDArray[np.float64]
) -> bool:
    """Whether a triangle at a corner, 3 mm larger for safety, holds a corner of a place to keep."""
    if not len(scan.keep):
        return False
    points = np.vstack((scan.keep[:, :2], scan.keep[:, 2:], scan.keep[:, [0, 3]], scan.keep[:, [2, 1]]))
    depth = ((points - corner) * inward / (legs + 3 * PX_PER_MM)).sum(axis=1)
    return bool((depth < 1).any())


def _beyond(leg: NDArray[np.float64], corner: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same point of the edge, just outside of the page."""
    outward = np.where(leg == corner, np.where(corner == 0, -30, 30), 0)
    return leg + outward


def _mirrored(
    point: NDArray[np.float64], first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    along = (second - first) / np.linalg.norm(second - first)
    foot = first + along * np.dot(point - first, along)
    return np.asarray(2 * foot - point)


def _letter(
    layer: NDArray[np.uint8], middle: tuple[int, int], radius: float, angle: float, rng: np.random.Generator
) -> None:
    """Something like a letter on the ring of a stamp: strokes that nobody reads."""
    radial = np.array((np.cos(np.radians(angle)), np.sin(np.radians(angle))))
    across = np.array((-radial[1], radial[0]))
    points = middle + radial * radius + radial * rng.uniform(-1, 1, (4, 1)) * radius * 0.11
    points = points + across * rng.uniform(-1, 1, (4, 1)) * radius * 0.06
    cv2.polylines(layer, [np.rint(points).astype(np.int32)], False, (255,), 3, cv2.LINE_AA)


def _free_place(scan: Scan, radius: float, rng: np.random.Generator) -> NDArray[np.float64] | None:
    """Where a circle hides no cell, and no corner in which a code may stand."""
    height, width = scan.image.shape
    corner = 42 * PX_PER_MM
    for _ in range(80):
        place = rng.uniform((radius, radius), (width - radius, height - radius))
        reach = np.minimum(place, (width, height) - place) - radius
        if (reach > corner).any() and not _covers(scan, place - radius, place + radius):
            return np.asarray(place)
    return None


def _covers(scan: Scan, upper_left: NDArray[np.float64], lower_right: NDArray[np.float64]) -> bool:
    return bool(((scan.keep[:, :2] < lower_right) & (scan.keep[:, 2:] > upper_left)).all(axis=1).any())


def _multiply(scan: Scan, light: NDArray[np.floating], corner: NDArray[np.float64]) -> None:
    """Darken a part of the page, its upper left at `corner`; what is outside of the page is left out."""
    left, top = np.rint(corner).astype(int)
    x0, y0 = max(left, 0), max(top, 0)
    x1 = min(left + light.shape[1], scan.image.shape[1])
    y1 = min(top + light.shape[0], scan.image.shape[0])
    part = light[y0 - top : y1 - top, x0 - left : x1 - left]
    scan.image[y0:y1, x0:x1] = np.rint(scan.image[y0:y1, x0:x1] * part).astype(np.uint8)


def _whole(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(point[0]), round(point[1])
