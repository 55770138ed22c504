"""Characters and non-characters drawn by strokes: what no archive holds.

Points are parts of the writing's box, x to the right and y down, 0 … 1.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

GreyImage = NDArray[np.uint8]
Line = list[tuple[float, float]]
Rng = np.random.Generator

SIDE = 64  # px, of a glyph
_SHIFT = 4


def drawn(lines: list[Line], wide: float, tall: float, rng: Rng, width: float | None = None) -> GreyImage:
    """Lines as a glyph of SIDE × SIDE, ink 255, in a box of `wide` × `tall` parts of it, as by hand."""
    glyph = np.zeros((SIDE, SIDE), np.uint8)
    thick = rng.uniform(2.5, 7) if width is None else width
    for line in lines:
        points = np.asarray(line, float) + rng.normal(0, 0.025, (len(line), 2))
        points = (points - 0.5) * (wide, tall) * (SIDE - 12) + SIDE / 2
        for _ in range(2):  # Chaikin: each corner is cut, the ends stay
            quarter, rest = points[:-1] * 0.75 + points[1:] * 0.25, points[:-1] * 0.25 + points[1:] * 0.75
            middle = np.stack((quarter, rest), axis=1).reshape(-1, 2)
            points = np.concatenate((points[:1], middle, points[-1:]))
        whole = np.rint(points * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(glyph, [whole], False, 255, max(1, round(thick)), cv2.LINE_AA, _SHIFT)
    return glyph


def one(rng: Rng) -> GreyImage:
    """The Russian 1: a stem with an upstroke, now and then with a foot."""
    lean, flag = rng.uniform(-0.05, 0.3), rng.uniform(0.25, 0.6)
    lines: list[Line] = [[(0.0, flag), (0.75 + lean / 3, 0.02), (0.76 + lean / 3, 0.0)]]
    lines.append([(0.75 + lean / 3, 0.0), (0.72, 0.5), (0.7 - lean, 1.0)])
    if rng.random() < 0.15:
        lines.append([(0.2, 1.0), (1.1, 1.0)])
    return drawn(lines, rng.uniform(0.28, 0.6), rng.uniform(0.9, 1.0), rng)


def four(rng: Rng) -> GreyImage:
    """An open 4: a corner and a stem through it."""
    bar = rng.uniform(0.5, 0.68)
    first: Line = [(rng.uniform(0, 0.25), 0), (0.04, bar * 0.7), (0.02, bar), (0.1, bar), (1.0, bar)]
    lean = rng.uniform(-0.05, 0.12)
    return drawn([first, [(0.78, rng.uniform(-0.02, 0.3)), (0.75, 0.6), (0.72 - lean, 1)]],
                 rng.uniform(0.5, 0.8), rng.uniform(0.9, 1), rng)  # fmt: skip


def seven(rng: Rng) -> GreyImage:
    """A 7 with a bar through its stem, a wave or a hook on its top."""
    foot = rng.uniform(0.15, 0.5)
    hook = rng.uniform(0.0, 0.18)
    lines: list[Line] = [
        [(0.02, hook), (0.08, 0.02), (0.5, 0.05), (0.98, 0.0), (0.97, 0.02), (0.6, 0.5), (foot, 1)]
    ]
    if rng.random() < 0.75:
        bar = rng.uniform(0.42, 0.6)
        lines.append([(rng.uniform(0.1, 0.35), bar + 0.03), (rng.uniform(0.8, 1.0), bar - 0.02)])
    return drawn(lines, rng.uniform(0.5, 0.8), rng.uniform(0.9, 1), rng)


def minus(rng: Rng) -> GreyImage:
    return drawn([[(0, 0.5), (0.5, rng.uniform(0.2, 0.8)), (1, 0.5)]], rng.uniform(0.35, 0.95),
                 rng.uniform(0.0, 0.1), rng, rng.uniform(2.5, 6))  # fmt: skip


def comma(rng: Rng) -> GreyImage:
    """A comma: a dot with a tail, or a short slanted or hooked stroke."""
    hooked: Line = [(0.5, 0), (1, 0.1), (1, 0.4), (0.6, 0.8), (0, 1)]
    slanted: Line = [(1, 0), (0.6, 0.5), (0, 1)]
    line = hooked if rng.random() < 0.55 else slanted
    return drawn([line], rng.uniform(0.25, 0.55), rng.uniform(0.6, 0.95), rng, rng.uniform(5, 13))


#: Characters that are drawn by strokes for training, beside those of archives and fonts.
DRAWN: dict[str, Callable[[Rng], GreyImage]] = {"1": one, "4": four, "7": seven, "-": minus, ",": comma}


def scrawl(rng: Rng) -> GreyImage:
    """Strokes that are no character: ticks, zigzags, loops, rings around nothing, bundles of lines."""
    kind = rng.integers(5)
    if kind == 0:
        lines: list[Line] = [[(0, 0.55), (0.35, 1.0), (1, 0)]]
    elif kind == 1:
        count = int(rng.integers(7, 11))
        lines = [[(n / count, float(n % 2) * rng.uniform(0.6, 1)) for n in range(count + 1)]]
    elif kind == 2:
        turns, begin = np.linspace(0, rng.uniform(2.2, 4) * 2 * np.pi, 40), rng.uniform(0, 6)
        radius = 0.5 * np.linspace(rng.uniform(0.1, 0.4), 1, 40)
        lines = [[(0.5 + r * np.cos(t + begin), 0.5 + r * np.sin(t + begin))
                  for r, t in zip(radius, turns, strict=True)]]  # fmt: skip
    elif kind == 3:
        lines = [[(float(x), float(y)) for x, y in rng.random((int(rng.integers(3, 6)), 2))]
                 for _ in range(int(rng.integers(4, 8)))]  # fmt: skip
    else:
        lines = [[(float(x), float(y)) for x, y in rng.random((int(rng.integers(6, 14)), 2))]]
    return drawn(lines, rng.uniform(0.5, 1), rng.uniform(0.5, 1), rng, rng.uniform(2, 4.5))


def struck(glyph: GreyImage, rng: Rng) -> GreyImage:
    """The glyph crossed out: by lines, a cross, a zigzag, or blotted whole."""
    ink = np.argwhere(glyph > 60)
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0)
    tall, wide = max(bottom - top, 12), max(right - left, 12)
    kind = rng.integers(5)
    if kind == 0:  # lines all the same way
        tilt = rng.uniform(-0.25, 0.25)
        lines: list[Line] = [[(-0.12, y + tilt / 2), (1.12, y - tilt / 2)]
                             for y in rng.uniform(0.25, 0.75, int(rng.integers(2, 5)))]  # fmt: skip
    elif kind == 1:
        lines = [[(-0.1, rng.uniform(-0.1, 0.1)), (1.1, rng.uniform(0.9, 1.1))],
                 [(1.1, rng.uniform(-0.1, 0.1)), (-0.1, rng.uniform(0.9, 1.1))]]  # fmt: skip
    elif kind == 2:
        count = int(rng.integers(6, 13))
        lines = [[(n / count * 1.1 - 0.05, 0.5 + (0.6 if n % 2 else -0.6) * rng.uniform(0.7, 1))
                  for n in range(count + 1)]]  # fmt: skip
    elif kind == 3:
        count = int(rng.integers(6, 13))
        lines = [[(0.5 + (0.62 if n % 2 else -0.62) * rng.uniform(0.7, 1), n / count) for n in range(count)]]
    else:
        falling = rng.random() < 0.5
        ends = (-0.25, 1.25) if falling else (1.25, -0.25)
        lines = [[(-0.2, ends[0]), (1.2, ends[1])]]
        if rng.random() < 0.6:
            lines.append([(-0.2, ends[0] + 0.2), (1.2, ends[1] + 0.2)])
    room = np.pad(glyph, 8)
    over = np.zeros_like(room)
    thick = max(1, round(rng.uniform(0.04, 0.11) * glyph.shape[0]))
    for line in lines:
        points = np.asarray(line) * (wide, tall) + (left + 8, top + 8)
        cv2.polylines(over, [np.rint(points).astype(np.int32)], False, 255, thick, cv2.LINE_AA)
    return np.maximum(room, over)
