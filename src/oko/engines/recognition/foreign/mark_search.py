"""Where the marks of a sheet are in a scan: pictures of them are looked for at all sizes and four ways up,
then places are put together that lie as the marks of the sheet do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.foreign.mark_pictures import distinct_quarters, picture_of
from oko.engines.recognition.foreign.pages import ForeignPage, Mark
from oko.engines.recognition.foreign.projection import Points, fitted, is_plausible
from oko.engines.recognition.model import GreyImage, Matrix

_STEP = 1.13  # between sizes that are tried; a mark half a step too large or small is still found
_LARGEST, _SMALLEST = 1.12, 0.38  # of the size at which the page fills the scan
_PLACES = 24  # of each mark at each size
_LIKE = 0.5  # correlation from which a place may be a mark
_CONTRAST = 14.0  # standard deviation of grey levels: less is paper
_NEAR = 0.09  # of the page's diagonal: how far perspective may move a mark
_ANGLE = 24.0  # degrees from a quarter of a turn
_MOST_GUESSES = 6  # from one size and one way up
_LEAST_MARKS = 3
_PAIRS = 8
_EDGE_PX = 8


@dataclass(frozen=True, slots=True)
class Guess:
    """A way in which the page may lie; `marks` of it were found, of the worth `score`."""

    matrix: Matrix
    marks: int
    score: float


@dataclass(frozen=True, slots=True)
class _Places:
    points: Points
    scores: NDArray[np.float64]


def guesses_by_marks(scan: GreyImage, page: ForeignPage) -> Iterator[list[Guess]]:
    """For each size of the page, the largest first, what its marks allow; pixels of `scan`.

    Args:
        scan: of about 1000 pixels.
    """
    left, top, right, bottom = page.extent
    sides = sorted((right - left, bottom - top))
    fills = min(side / mm for side, mm in zip(sorted(scan.shape), sides, strict=True))
    soft = np.asarray(cv2.GaussianBlur(scan, (0, 0), 0.6), np.uint8)
    turns = [distinct_quarters(mark) for mark in page.marks]
    pictures = _Pictures(soft, page.marks, turns)
    count = int(np.ceil(np.log(_LARGEST / _SMALLEST) / np.log(_STEP)))
    for number in range(count + 1):
        px_per_mm = fills * _LARGEST / _STEP**number
        yield sorted(
            (
                guess
                for quarters in range(4)
                for guess in _put_together(
                    page,
                    [pictures.places(n, quarters, px_per_mm) for n in range(len(page.marks))],
                    quarters,
                    px_per_mm,
                )
            ),
            key=lambda guess: -guess.score,
        )


class _Pictures:
    """Places of marks in one scan; marks that look alike are looked for once."""

    def __init__(self, scan: GreyImage, marks: Sequence[Mark], turns: Sequence[tuple[int, ...]]) -> None:
        self._marks, self._turns = marks, turns
        self._found: dict[bytes, _Places] = {}
        self._margin = _EDGE_PX  # a mark at the edge of the scan
        ground = int(np.median(scan))
        framed = cv2.copyMakeBorder(scan, *(self._margin,) * 4, cv2.BORDER_CONSTANT, value=ground)
        self._scan = np.asarray(framed, np.uint8)
        self._sums, self._squares = cv2.integral2(self._scan)

    def places(self, mark: int, quarters: int, px_per_mm: float) -> _Places:
        picture = picture_of(self._marks[mark], px_per_mm, self._turns[mark][quarters])
        name = picture.tobytes() + bytes(picture.shape[0].to_bytes(4))
        if name not in self._found:
            self._found[name] = self._places_of(picture)
        return self._found[name]

    def _places_of(self, picture: GreyImage) -> _Places:
        """The best places of a picture, each the best within half of its size."""
        height, width = picture.shape
        if self._scan.shape[0] <= height or self._scan.shape[1] <= width:
            return _Places(np.zeros((0, 2)), np.zeros(0))
        like = cv2.matchTemplate(self._scan, picture, cv2.TM_CCOEFF_NORMED)
        like[~np.isfinite(like)] = 0
        reach = max(3, min(width, height) // 2 | 1)
        best = (like == cv2.dilate(like, np.ones((reach, reach), np.uint8))) & (like > _LIKE)
        rows, columns = np.nonzero(best)
        order = np.argsort(-like[rows, columns])
        order = order[self._contrast(rows[order], columns[order], width, height) > _CONTRAST][:_PLACES]
        rows, columns = rows[order], columns[order]
        points = np.column_stack((columns + (width - 1) / 2, rows + (height - 1) / 2)) - self._margin
        return _Places(points.astype(np.float64), like[rows, columns].astype(np.float64))

    def _contrast(
        self, rows: NDArray[np.intp], columns: NDArray[np.intp], width: int, height: int
    ) -> NDArray[np.float64]:
        """Standard deviation of grey within a picture of this size at each of the places."""

        def within(table: NDArray[Any]) -> NDArray[np.float64]:
            below, right = rows + height, columns + width
            whole = table[below, right].astype(np.float64) + table[rows, columns]
            return np.asarray((whole - table[rows, right] - table[below, columns]) / (width * height))

        mean = within(self._sums)
        return np.sqrt(np.maximum(within(self._squares) - mean * mean, 0))


def _put_together(
    page: ForeignPage, places: Sequence[_Places], quarters: int, px_per_mm: float
) -> Iterator[Guess]:
    """Pairs of places of two far marks say where the others ought to be."""
    marks = np.array([complex(mark.x_mm, mark.y_mm) for mark in page.marks])
    near = _NEAR * np.hypot(*page.size_mm) * px_per_mm
    told: list[tuple[float, NDArray[np.intp], NDArray[np.bool_]]] = []
    for first, second in _far_pairs(marks):
        a, b = (places[n].points @ np.array((1, 1j)) for n in (first, second))
        if not len(a) or not len(b):
            continue
        turn = ((b[None, :] - a[:, None]) / (marks[second] - marks[first])).ravel()
        moved = np.repeat(a, len(b)) - turn * marks[first]
        off = np.degrees(np.angle(turn * np.exp(-1j * np.pi / 2 * quarters)))
        fit = (np.abs(off) < _ANGLE) & (np.abs(np.log(np.abs(turn) / px_per_mm + 1e-9)) < np.log(_STEP) * 1.6)
        if not fit.any():
            continue
        told += _best(places, marks, turn[fit], moved[fit], near)
    told.sort(key=lambda entry: -entry[0])
    done: set[bytes] = set()
    for score, chosen, found in told:
        name = chosen.tobytes() + found.tobytes()
        if name in done or len(done) >= _MOST_GUESSES:
            continue
        done.add(name)
        guess = _guess(page, places, chosen, found, score)
        if guess is not None:
            yield guess


def _far_pairs(marks: NDArray[np.complex128]) -> list[tuple[int, int]]:
    distances = np.abs(marks[:, None] - marks[None, :])
    pairs = [(i, j) for i in range(len(marks)) for j in range(i + 1, len(marks))]
    pairs.sort(key=lambda pair: -distances[pair])
    return pairs[:_PAIRS]


def _best(
    places: Sequence[_Places],
    marks: NDArray[np.complex128],
    turn: NDArray[np.complex128],
    moved: NDArray[np.complex128],
    near: float,
) -> list[tuple[float, NDArray[np.intp], NDArray[np.bool_]]]:
    """Of each way to lie: the worth of the marks found, which places they are, and which marks were found."""
    count = len(turn)
    worth = np.zeros((count, len(marks)))
    chosen = np.zeros((count, len(marks)), np.intp)
    for number, mark in enumerate(marks):
        points = places[number].points @ np.array((1, 1j))
        if not len(points):
            continue
        away = np.abs((turn * mark + moved)[:, None] - points[None, :]) / near
        each = np.where(away < 1, places[number].scores[None, :] - 0.5 * away, 0)
        chosen[:, number] = each.argmax(axis=1)
        worth[:, number] = np.maximum(each.max(axis=1), 0)
    total = worth.sum(axis=1)
    order = np.argsort(-total)[: 2 * _MOST_GUESSES]
    return [(float(total[n]), chosen[n], worth[n] > 0) for n in order]


def _guess(
    page: ForeignPage,
    places: Sequence[_Places],
    chosen: NDArray[np.intp],
    found: NDArray[np.bool_],
    score: float,
) -> Guess | None:
    numbers = np.flatnonzero(found).tolist()
    if len(numbers) < min(_LEAST_MARKS, len(page.marks)):
        return None
    source = np.array([(page.marks[n].x_mm, page.marks[n].y_mm) for n in numbers])
    target = np.array([places[n].points[chosen[n]] for n in numbers])
    if len(np.unique(target, axis=0)) < len(target):
        return None
    matrix = fitted(source, target)
    if matrix is None or not is_plausible(matrix, *page.size_mm):
        return None
    return Guess(matrix, len(numbers), score)
