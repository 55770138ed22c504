"""The five ways of a page to a file, from none at all to all that an honest reader should survive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from oko.engines.blanks.filling.degrading import faults, geometry, light
from oko.engines.blanks.filling.degrading.scan import Matrix, Places, Scan
from oko.engines.blanks.filling.raster import GreyImage

_LID, _DARK = 250, 12  # what is seen beside a page


@dataclass(frozen=True, slots=True)
class Degraded:
    """A page as it is before it is written.

    Attributes:
        matrix: from pixels of the page to pixels of `image`; crumpling and curling (under 3 mm) not counted.
        quality: of JPEG; none: 1-bit TIFF.
        faults: what was done, in words of a table.
    """

    image: GreyImage
    matrix: Matrix
    dpi: float
    quality: int | None
    faults: tuple[str, ...]


def degrade(
    image: GreyImage, mode: str, rng: np.random.Generator, keep: Places | None = None
) -> tuple[GreyImage, Matrix]:
    """Degrade a page of 300 dpi and take it back from its file, with the marks of JPEG.

    Args:
        mode: one of `MODES`.
        keep: n × 4, left, top, right, bottom in pixels of the page: what may not be hidden or torn off.

    Returns:
        The scan, and the matrix (3 × 3) from pixels of the page to pixels of the scan.
    """
    scan = degraded(image, mode, rng, keep)
    if scan.quality is None:
        return scan.image, scan.matrix
    _, packed = cv2.imencode(".jpg", scan.image, [cv2.IMWRITE_JPEG_QUALITY, scan.quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8), scan.matrix


def degraded(image: GreyImage, mode: str, rng: np.random.Generator, keep: Places | None = None) -> Degraded:
    """The same before it is packed. Arguments as of `degrade`."""
    scan = Scan(image.copy(), np.empty((0, 4)) if keep is None else keep)
    quality = MODES[mode](scan, rng)
    return Degraded(scan.image, scan.matrix, scan.dpi, quality, tuple(scan.faults))


def _clean(scan: Scan, rng: np.random.Generator) -> int | None:
    return 90


def _scanner(scan: Scan, rng: np.random.Generator) -> int | None:
    light.tone(scan, rng.uniform(0, 45), rng.uniform(228, 252))
    geometry.on_glass(scan, rng)
    if rng.random() < 0.5:
        light.shade(scan, rng.uniform(0.02, 0.1), rng)
    light.blur(scan, rng.uniform(0.3, 0.8))
    light.noise(scan, rng.uniform(1.5, 5), rng)
    if rng.random() < 0.1:
        geometry.quarter_turns(scan, 2)
    return int(rng.integers(75, 86))


def _copier(scan: Scan, rng: np.random.Generator) -> int | None:
    light.generation_loss(scan, rng)
    if rng.random() < 0.5:
        light.worn_toner(scan, rng)
    geometry.on_glass(scan, rng)
    light.specks(scan, int(rng.integers(100, 1500)), rng)
    if rng.random() < 0.5:
        light.streaks(scan, rng)
    if rng.random() < 0.6:
        light.dark_edges(scan, 4.0, rng)
    light.blur(scan, rng.uniform(0.4, 0.9))
    light.noise(scan, rng.uniform(2, 6), rng)
    return int(rng.integers(70, 81))


def _phone(scan: Scan, rng: np.random.Generator) -> int | None:
    light.tone(scan, rng.uniform(20, 60), rng.uniform(205, 245))
    if rng.random() < 0.3:
        geometry.crumple(scan, rng.uniform(0.4, 1.2), rng)
    geometry.curl(scan, rng.uniform(0.3, 1.8), rng)
    size = (2448, 3264) if rng.random() < 0.5 else (3000, 4000)
    geometry.photographed(scan, light.table(size, rng), rng)
    light.shade(scan, rng.uniform(0.1, 0.4), rng)
    if rng.random() < 0.5:
        light.shadow(scan, rng.uniform(0.15, 0.4), rng)
    light.blur(scan, rng.uniform(0.6, 1.7))
    light.noise(scan, rng.uniform(2, 7), rng)
    geometry.quarter_turns(scan, int(rng.choice((0, 0, 0, 0, 1, 2, 3))))
    return 60


def _bad(scan: Scan, rng: np.random.Generator) -> int | None:
    """Several faults at once, but none so strong that a careful person could not read all marks."""
    beneath = int(rng.choice((_LID, _DARK, 170)))
    _spoil_paper(scan, beneath, rng)
    if rng.random() < 0.3:
        light.worn_toner(scan, rng)
    faint = rng.random() < 0.35
    white = rng.uniform(215, 250)
    light.tone(scan, white - rng.uniform(85, 140) if faint else rng.uniform(0, 70), white)
    if faint:
        scan.note("faint")
    if rng.random() < 0.35:
        geometry.crumple(scan, rng.uniform(0.5, 2.0), rng)
    one_bit = not faint and rng.random() < 0.25
    _lay_badly(scan, beneath, one_bit, rng)
    if rng.random() < 0.5:
        light.shade(scan, rng.uniform(0.05, 0.25), rng)
    if rng.random() < 0.3:
        light.streaks(scan, rng)
    if rng.random() < 0.3:
        light.specks(scan, int(rng.integers(50, 800)), rng)
    light.blur(scan, rng.uniform(0.3, 1.1 if faint or one_bit else 1.5))
    light.noise(scan, rng.uniform(1, 4 if faint or one_bit else 9), rng)
    if one_bit:
        light.one_bit(scan, rng)
    geometry.quarter_turns(scan, int(rng.choice((0, 0, 1, 2, 3))))
    return None if one_bit else int(rng.choice((30, 30, 40, 60)))


def _spoil_paper(scan: Scan, beneath: int, rng: np.random.Generator) -> None:
    corner = rng.random()
    if corner < 0.2:
        faults.torn_corner(scan, rng, beneath)
    elif corner < 0.4:
        faults.folded_corner(scan, rng, beneath)
    count = int(rng.integers(0, 3))
    for name in rng.permutation(sorted(faults.ON_PAPER))[:count]:
        faults.ON_PAPER[str(name)](scan, rng)


def _lay_badly(scan: Scan, beneath: int, one_bit: bool, rng: np.random.Generator) -> None:
    """A slight turn on the glass, or a strong one; coarse at times, but 1 bit only where it is fine."""
    dpi = float(rng.choice((150, 200, 300, 300, 300))) if not one_bit else float(rng.choice((200, 300, 300)))
    if rng.random() < 0.5:
        geometry.on_glass(scan, rng, beneath)
        geometry.askew(scan, 0.0, (1.0, 1.0), dpi, beneath)
        if rng.random() < 0.5:
            light.dark_edges(scan, 5.0, rng)
        return
    stretch = rng.uniform(0.96, 1.04, 2)
    geometry.askew(scan, rng.uniform(-15, 15), (float(stretch[0]), float(stretch[1])), dpi, beneath)


#: What `--degrade` takes.
MODES: dict[str, Callable[[Scan, np.random.Generator], int | None]] = {
    "clean": _clean,
    "scanner": _scanner,
    "copier": _copier,
    "phone": _phone,
    "bad": _bad,
}
