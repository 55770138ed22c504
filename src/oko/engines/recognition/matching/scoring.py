"""How well each candidate fits the text on a page.

A text is the sum of the likenesses of its letters where it would have them; so thousands of texts are weighed
by looking numbers up, without drawing any.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.matching.candidates import Candidates
from oko.engines.recognition.matching.glyphs import PX_PER_MM, Floats, likeness

_BY_CHANCE = 0.3  # likeness of a letter to something else: what a letter has to be better than
_SAMPLE = 48  # candidates by which the place of the text is found
_PLACES = 4
_STRETCH = (0.985, 1.0, 1.015)
_CHECK = 5  # letters at the end that are the check: they differ from those of any other text


@dataclass(frozen=True, slots=True)
class Line:
    """A strip of a page in which the text of the code stands.

    Attributes:
        dark: 0 … 1, `PX_PER_MM` pixels a millimetre.
        anchor_mm: where the text ought to begin, or end when `to_the_right`, from the left of the strip.
        base_mm: where its base line ought to be, from the top of the strip.
        slack_mm: how far from there it may be.
    """

    dark: Floats
    anchor_mm: float
    base_mm: float
    slack_mm: float
    to_the_right: bool


@dataclass(frozen=True, slots=True)
class Scores:
    """Of each candidate.

    Attributes:
        total: sum over letters of how much they are liker than by chance.
        mean: likeness of all its letters.
        check: how far its check letters are behind the likest letters there; 0: they are the likest.
    """

    total: NDArray[np.float64]
    mean: NDArray[np.float64]
    check: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Place:
    """Pixels of the strip at which the text begins on its base line."""

    start: int
    row: int
    stretch: float
    worth: float


def scores_of(line: Line, among: Candidates) -> Scores:
    """All candidates against one strip."""
    alike = likeness(line.dark)
    near = np.ones((3, 3), np.uint8)
    total = np.full(len(among), -np.inf)
    mean, check = np.zeros(len(among)), np.full(len(among), -1.0)
    order = np.arange(among.glyphs.shape[1])
    there = order < among.lengths[:, None]
    last = there & (order >= among.lengths[:, None] - _CHECK)
    for place in _places(alike, line, among):
        strip = alike[:, max(0, place.row - 1) : place.row + 2]
        flat = np.stack([cv2.dilate(np.ascontiguousarray(one), near).max(axis=0) for one in strip])
        columns = _columns(among.starts, place.stretch, place.start, flat.shape[1])
        each = flat[among.glyphs, columns]
        sums = np.where(there, each - _BY_CHANCE, 0).sum(axis=1)
        better = sums > total
        behind = np.where(last, each - flat.max(axis=0)[columns], 0).sum(axis=1) / _CHECK
        total = np.where(better, sums, total)
        mean = np.where(better, np.where(there, each, 0).sum(axis=1) / among.lengths, mean)
        check = np.where(better, behind, check)
    return Scores(total, mean, check)


def _columns(starts: Floats, stretch: float, begin: int, width: int) -> NDArray[np.intp]:
    columns = np.rint(starts * (stretch * PX_PER_MM) + begin).astype(np.intp)
    return np.asarray(np.clip(columns, 0, width - 1), np.intp)


def _places(alike: Floats, line: Line, among: Candidates) -> list[_Place]:
    """Where the text begins: where some of the candidates fit best, since all of them begin alike."""
    slack = round(line.slack_mm * PX_PER_MM)
    row = round(line.base_mm * PX_PER_MM)
    rows = slice(max(0, row - slack), row + slack + 1)
    found: dict[tuple[int, int, float], float] = {}
    for number in np.unique(np.linspace(0, len(among) - 1, _SAMPLE).astype(int)).tolist():
        begin = line.anchor_mm - (float(among.widths[number]) if line.to_the_right else 0.0)
        first = max(0, round(begin * PX_PER_MM) - slack)
        glyphs = among.glyphs[number, : among.lengths[number]].tolist()
        for stretch in _STRETCH:
            fit = _fit(alike[:, rows], glyphs, among.starts[number] * (stretch * PX_PER_MM) + first, slack)
            for _ in range(_PLACES):
                down, right = (int(at) for at in np.unravel_index(int(fit.argmax()), fit.shape))
                key = (first + right, rows.start + down, stretch)
                found[key] = max(found.get(key, -np.inf), float(fit[down, right]))
                fit[down, right] = -np.inf
    best = sorted((_Place(*key, worth) for key, worth in found.items()), key=lambda place: -place.worth)
    return best[:_PLACES]


def _fit(alike: Floats, glyphs: list[int], columns: Floats, slack: int) -> Floats:
    """How well a text fits at each row and each of the columns 0 … 2 × slack after its first one."""
    count = 2 * slack + 1
    fit = np.zeros((alike.shape[1], count), np.float32)
    for glyph, column in zip(glyphs, np.rint(columns).astype(int).tolist(), strict=False):
        part = alike[glyph, :, column : column + count] - _BY_CHANCE
        fit[:, : part.shape[1]] += part
    return fit
