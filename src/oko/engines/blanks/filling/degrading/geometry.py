"""How a page lies: turned, stretched, shifted, in perspective, crumpled, curled."""

from __future__ import annotations

import cv2
import numpy as np

from oko.engines.blanks.filling.degrading.scan import (
    PX_PER_MM,
    Matrix,
    Scan,
    coarse_noise,
    corners,
    moved,
    scale,
    shift,
    turn,
)
from oko.engines.blanks.filling.raster import GreyImage


def lay(scan: Scan, matrix: Matrix, size: tuple[int, int], around: int | GreyImage) -> None:
    """Move the page to where the matrix takes it.

    Args:
        size: width and height of the new picture.
        around: grey of what lies around the page, or its picture.
    """
    shrunk = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    source = cv2.GaussianBlur(scan.image, (0, 0), 0.45 / shrunk) if shrunk < 0.9 else scan.image
    if isinstance(around, int):
        scan.image = _grey(cv2.warpPerspective(source, matrix, size, borderValue=(around,)))
    else:
        background = around.copy()
        cv2.warpPerspective(source, matrix, size, dst=background, borderMode=cv2.BORDER_TRANSPARENT)
        scan.image = background
    scan.matrix = matrix @ scan.matrix
    scan.dpi *= shrunk


def on_glass(scan: Scan, rng: np.random.Generator, around: int = 250) -> None:
    """On a scanner's glass: ±1.5°, ±2 %, up to 5 mm aside, as large as the page; discs stay whole."""
    height, width = scan.image.shape
    degrees, stretch = rng.uniform(-1.5, 1.5), rng.uniform(0.98, 1.02, 2)
    for attempt in range(20):
        aside = rng.uniform(-5, 5, 2) * PX_PER_MM * (1 - attempt / 20)
        matrix = about_centre(scan, turn(degrees) @ scale(*stretch), (width, height))
        matrix = shift(*aside) @ matrix
        there = moved(scan.anchors, matrix @ scan.matrix)
        if there.min() >= 2 and (there < (width - 2, height - 2)).all():
            break
    lay(scan, matrix, (width, height), around)
    scan.note(f"turned {degrees:.1f}°")
    scan.note(f"shifted {aside[0] / PX_PER_MM:.1f} {aside[1] / PX_PER_MM:.1f} mm")


def askew(scan: Scan, degrees: float, stretch: tuple[float, float], dpi: float, around: int) -> None:
    """Turned by any angle, on a glass large enough."""
    matrix = turn(degrees) @ scale(stretch[0] * dpi / scan.dpi, stretch[1] * dpi / scan.dpi)
    there = moved(corners(scan.image), matrix)
    least, most = there.min(axis=0), there.max(axis=0)
    size = int(np.ceil(most[0] - least[0])), int(np.ceil(most[1] - least[1]))
    lay(scan, shift(*-least) @ matrix, size, around)
    if degrees:
        scan.note(f"turned {degrees:.1f}°")


def quarter_turns(scan: Scan, turns: int) -> None:
    """Put in sideways or upside down; `turns` clockwise."""
    if not turns % 4:
        return
    height, width = scan.image.shape
    aside = {1: shift(height, 0), 2: shift(width, height), 3: shift(0, width)}[turns % 4]
    scan.image = np.ascontiguousarray(np.rot90(scan.image, -turns))
    scan.matrix = aside @ np.rint(turn(90 * turns)) @ scan.matrix
    scan.note(f"{90 * (turns % 4)}°")


def photographed(scan: Scan, table: GreyImage, rng: np.random.Generator) -> None:
    """In perspective, on a table that is seen around it."""
    height, width = table.shape
    inset = np.array((width, height)) * rng.uniform(0.03, 0.09, (4, 2))
    signs = np.array(((1, 1), (-1, 1), (-1, -1), (1, -1)))
    there = corners(table) + signs * inset
    there = moved(there, _about((width / 2, height / 2), turn(rng.uniform(-3, 3)) @ scale(0.96, 0.96)))
    matrix = cv2.getPerspectiveTransform(corners(scan.image).astype(np.float32), there.astype(np.float32))
    side = np.linalg.norm(there[1] - there[0]) + np.linalg.norm(there[2] - there[3])
    dpi = scan.dpi * side / 2 / scan.image.shape[1]
    lay(scan, matrix.astype(np.float64), (width, height), table)
    scan.dpi = float(dpi)
    scan.note("photographed")


def crumple(scan: Scan, strength: float, rng: np.random.Generator) -> None:
    """Paper that was crushed and smoothed: points move by up to `strength` mm or so, folds catch light."""
    shape = scan.image.shape
    cells = (int(rng.integers(7, 11)), int(rng.integers(5, 8)))
    far = strength * PX_PER_MM * 0.4
    _displace(scan, coarse_noise(shape, cells, rng) * far, coarse_noise(shape, cells, rng) * far)
    light = np.zeros((shape[0] // 4, shape[1] // 4), np.float32)
    for _ in range(int(rng.integers(4, 10))):
        _fold(light, rng)
    light = light + coarse_noise(light.shape, (cells[0] * 2, cells[1] * 2), rng) * 0.012
    light = cv2.resize(light, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    scan.image = _grey(np.clip(scan.image * (1 + light), 0, 255))
    scan.note(f"crumpled {strength:.1f} mm")


def curl(scan: Scan, strength: float, rng: np.random.Generator) -> None:
    """Paper that does not lie flat: a slow wave across the page, by up to `strength` mm."""
    height, width = scan.image.shape
    y = np.linspace(0, rng.uniform(1.5, 3.5), height, dtype=np.float32)[:, None] + rng.uniform(0, 6)
    x = np.linspace(0, rng.uniform(1.5, 3.5), width, dtype=np.float32)[None, :] + rng.uniform(0, 6)
    far = np.float32(strength * PX_PER_MM)
    _displace(scan, np.sin(y + x * 0.3) * far * 0.5, np.sin(x + y * 0.3) * far)
    scan.note(f"curled {strength:.1f} mm")


def about_centre(scan: Scan, matrix: Matrix, size: tuple[int, int]) -> Matrix:
    """The same, done around the middle of the page, which comes into the middle of the new picture."""
    height, width = scan.image.shape
    return shift(size[0] / 2, size[1] / 2) @ matrix @ shift(-width / 2, -height / 2)


def _about(centre: tuple[float, float], matrix: Matrix) -> Matrix:
    return shift(*centre) @ matrix @ shift(-centre[0], -centre[1])


def _displace(scan: Scan, across: np.ndarray, down: np.ndarray) -> None:
    """Each point of the new picture is taken from a place so far aside."""
    height, width = scan.image.shape
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    scan.image = _grey(
        cv2.remap(
            scan.image,
            (x + across).astype(np.float32),
            (y + down).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )


def _fold(light: np.ndarray, rng: np.random.Generator) -> None:
    """A crease from edge to edge: light on one side of it, dark on the other."""
    height, width = light.shape
    ends = rng.uniform(0, 1, (2, 2)) * (width, height)
    bent = (ends[0] + ends[1]) / 2 + rng.normal(0, width * 0.04, 2)
    path = np.rint(np.array((ends[0], bent, ends[1]))).astype(np.int32)
    sharp = rng.uniform(0.03, 0.12)
    crease = np.zeros_like(light)
    cv2.polylines(crease, [path], False, (1.0,), 2)
    soft = cv2.GaussianBlur(crease, (0, 0), rng.uniform(2, 6))
    light += sharp * (2.5 * soft - 4 * np.roll(soft, (3, 2), axis=(0, 1)))


def _grey(image: np.ndarray) -> GreyImage:
    return image.astype(np.uint8) if image.dtype != np.uint8 else image
