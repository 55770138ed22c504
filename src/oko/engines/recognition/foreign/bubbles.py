"""Marks in the boxes and bubbles of a foreign sheet, told from what is printed in them.

A bubble has a letter inside, a box has lines of any width: what is printed is learnt from the sheet itself,
as what boxes of the same meaning have in common, or from the picture of the empty sheet. What is darker than
that, in shares of full black over the inside of a box, is ink. How much of it is a mark, the marks of the
page tell: a page of filled bubbles has bad erasures that a page of thin ticks would take for ticks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Marks
from oko.engines.blanks.layout import PlacedField, Rectangle
from oko.engines.recognition.foreign.outlines import Darkness, is_round
from oko.engines.recognition.model import (
    PX_PER_MM,
    CellReading,
    FieldReading,
    FieldState,
    State,
)

Floats = NDArray[np.float32]
EmptySheet = tuple[Darkness, Sequence[PlacedField]]  # its darkness, and its fields where they stand on it

_PATCH = 20  # boxes of all sizes are seen as so many pixels a side
_INSIDE = 0.78  # of a circle's radius, of a box's half side: farther out is its line
_BLACK_QUANTILE, _LEAST_BLACK = 98.5, 0.25
_IN_COMMON = 35  # per cent of boxes of one meaning have no more than what is printed in them
_FEW = 3  # of so few the lightest shows what is printed
_OTHER_LETTER = 2.1  # times as dark as letters usually are may a single one be
_LEAST_MARK, _NOISES = 0.028, 5.0  # more ink than an empty box has: at least, and in its usual differences
_USUAL_MARK = 0.3  # share of ink of a mark where there is none to learn from
_PART, _MOST_PART = 0.35, 0.30  # of the usual mark: with less there is none beside others; and at most
_SOLID, _HARDLY_SOLID = 0.9, 0.78  # of the inside is dark: a box filled whole; a box that may be
_DARK = 0.4  # of full black
_FAINT = 0.06  # share of ink up to which a mark is faint
_EMPTY_TRUST, _MARK_DOUBT, _MARK_TRUST = 8.0, 0.4, 6.0  # logarithms of odds
_CERTAIN = 0.9999
_REVIEW = 0.97  # below, a person should look
_DARKEST, _PALE, _PALE_CONFIDENCE = 95, 0.24, 0.8  # per cent of pixels are lighter; darkness of its strokes
_RIVAL = 0.5  # a second mark with so much less ink than the first may be a bad erasure


@dataclass(frozen=True, slots=True)
class _Box:
    field: PlacedField
    cell: Rectangle
    patch: Floats  # darkness, _PATCH × _PATCH


def read_marks(
    dark: Darkness, fields: Sequence[PlacedField], empty: EmptySheet | None
) -> dict[str, FieldReading]:
    """The fields of marks among `fields`, by their ids.

    Args:
        dark: darkness 0 … 1 of the page laid straight, `PX_PER_MM` pixels a millimetre.
        empty: the same of the sheet without marks, where there is a picture of it.
    """
    of_marks = [field for field in fields if isinstance(field.source, Marks)]
    boxes = _boxes(dark, of_marks)
    if not boxes:
        return {}
    black = max(_LEAST_BLACK, float(np.percentile(np.stack([box.patch for box in boxes]), _BLACK_QUANTILE)))
    ink, deep = _ink(boxes, black, None if empty is None else _boxes(*empty))
    solid = np.array([float((box.patch > _DARK * black)[_inside(box.field)].mean()) for box in boxes])
    ends = np.cumsum([len(field.cells) for field in of_marks])[:-1]
    shares, solids, deeps = np.split(ink, ends), np.split(solid, ends), np.split(deep, ends)
    levels = _levels(of_marks, shares, solids)
    return {
        field.id: _field(field, share.tolist(), whole.tolist(), depth.tolist(), levels)
        for field, share, whole, depth in zip(of_marks, shares, solids, deeps, strict=True)
    }


def _boxes(dark: Darkness, fields: Sequence[PlacedField]) -> list[_Box]:
    return [
        _Box(field, cell, _patch(dark, cell))
        for field in fields
        if isinstance(field.source, Marks)
        for cell in field.cells
    ]


def _patch(dark: Darkness, cell: Rectangle) -> Floats:
    """A cell as a square of `_PATCH` pixels, white where the page ends."""
    step = np.array((cell.w_mm, cell.h_mm)) * PX_PER_MM / _PATCH
    corner = np.array((cell.x_mm, cell.y_mm)) * PX_PER_MM + step / 2 - 0.5
    matrix = np.array(((step[0], 0, corner[0]), (0, step[1], corner[1])))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(dark, matrix, (_PATCH, _PATCH), flags=flags), np.float32)


def _inside(field: PlacedField) -> NDArray[np.bool_]:
    """Which pixels of a patch are well within the line of the box."""
    away = (np.arange(_PATCH) + 0.5) / _PATCH * 2 - 1
    if is_round(field):
        return np.asarray(away[:, None] ** 2 + away[None, :] ** 2 < _INSIDE**2)
    return np.asarray(np.maximum(np.abs(away[:, None]), np.abs(away[None, :])) < _INSIDE)


# Ink -------------------------------------------------------------------------------------------------------


def _ink(boxes: Sequence[_Box], black: float, empty: Sequence[_Box] | None) -> tuple[Floats, Floats]:
    """For each box how much more is dark inside than is printed there, in the mean and at its darkest
    strokes: about 0 … 1 of full black.
    """
    expected = _in_common(boxes) if empty is None else _as_dark(boxes, [box.patch for box in empty])
    more = [
        (box.patch - print_)[_inside(box.field)] / black for box, print_ in zip(boxes, expected, strict=True)
    ]
    darkest = [float(np.percentile(each, _DARKEST)) for each in more]
    return np.array([float(each.mean()) for each in more], np.float32), np.array(darkest, np.float32)


def _as_dark(boxes: Sequence[_Box], printed: list[Floats]) -> list[Floats]:
    """What is printed on the empty sheet, as dark as the same print is on this one."""
    lightness = np.array(
        [box.patch.sum() / max(float(print_.sum()), 1.0) for box, print_ in zip(boxes, printed, strict=True)]
    )
    return [print_ * min(1.5, float(np.percentile(lightness, _IN_COMMON))) for print_ in printed]


def _in_common(boxes: Sequence[_Box]) -> list[Floats]:
    """What is printed in each box: what boxes alike have in common; of a box like no other, as much as may be
    printed in it by the others.
    """
    alike: dict[tuple[object, ...], list[Floats]] = {}
    for box in boxes:
        alike.setdefault(_kind(box), []).append(box.patch)
    common = {
        kind: np.percentile(patches, _IN_COMMON * (len(patches) > _FEW), axis=0).astype(np.float32)
        for kind, patches in alike.items()
        if len(patches) > 1
    }
    levels = [float(box.patch[_inside(box.field)].mean()) for box in boxes]
    level = float(np.percentile(levels, _IN_COMMON))
    flat = np.full((_PATCH, _PATCH), level * _OTHER_LETTER, np.float32)
    return [common.get(_kind(box), flat) for box in boxes]


def _kind(box: _Box) -> tuple[object, ...]:
    """Boxes of which this is the same have the same print: their meaning, form and size."""
    return box.cell.value, is_round(box.field), round(box.cell.w_mm, 1), round(box.cell.h_mm, 1)


# Levels ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Levels:
    """Shares of ink on this page: of an empty box, of the least that may be a mark, and of the least that is
    one beside others as hands make them here: a slash on a page of slashes, no bad erasure among filled ones.
    """

    empty: float
    low: float
    part: float


def _levels(fields: Sequence[PlacedField], shares: Sequence[Floats], solids: Sequence[Floats]) -> _Levels:
    every = np.concatenate(shares)
    lower = every[every <= np.median(every)]  # most boxes of a page are empty
    empty = float(np.median(every))
    spread = 1.5 * float(np.median(empty - lower))
    low = empty + max(_LEAST_MARK, _NOISES * spread)
    strongest = [_strongest(*of_field) for of_field in zip(fields, shares, solids, strict=True)]
    marks = [share for share in strongest if share > low]
    usual = float(np.median(marks)) if marks else _USUAL_MARK
    return _Levels(empty, low, float(np.clip(_PART * usual, low + 0.005, _MOST_PART)))


def _strongest(field: PlacedField, shares: Floats, solids: Floats) -> float:
    """The share of the mark of a field; a box that may be cancelled is none."""
    if _cancels(field):
        shares = shares[solids < _HARDLY_SOLID]
    return float(shares.max(initial=0.0))


def _cancels(field: PlacedField) -> bool:
    """Whether a box filled whole is a mark taken back."""
    return isinstance(field.source, Marks) and field.source.filled == "cancelled"


# Readings --------------------------------------------------------------------------------------------------


def _field(
    field: PlacedField,
    shares: Sequence[float],
    solids: Sequence[float],
    deeps: Sequence[float],
    levels: _Levels,
) -> FieldReading:
    most = max(shares)
    cells = []
    of_each = zip(field.cells, shares, solids, deeps, strict=True)
    for number, (cell, share, solid, deep) in enumerate(of_each, start=1):
        state, confidence = _state(share, most, levels)
        if state != State.EMPTY and deep < _PALE:  # all of it is pale: grey pencil, or a mark rubbed out
            state, confidence = _pale(deep < _RIVAL * max(deeps), confidence)
        if _cancels(field) and solid >= _HARDLY_SOLID:
            state = State.CANCELLED if solid >= _SOLID else State.MARKED
            confidence = min(_CERTAIN, 0.55 + 4.5 * abs(solid - _SOLID))
        value = cell.value if state in (State.MARKED, State.FAINT) else ""
        cells.append(CellReading(number, value, confidence, confidence < _REVIEW, state, cell))
    return FieldReading(field.id, field.kind, _field_state(field.source, cells), tuple(cells))


def _state(share: float, most: float, levels: _Levels) -> tuple[State, float]:
    """What a box holds of which the field has `most` in one box, and how surely."""
    doubtful = (share - levels.low) / (levels.part - levels.low)
    if doubtful < 0:
        return State.EMPTY, _odds(_EMPTY_TRUST * (levels.low - share) / (levels.low - levels.empty))
    if share >= levels.part:
        confidence = _odds(_MARK_DOUBT + _MARK_TRUST * (share - levels.part) / levels.part)
        if share < _RIVAL * most:  # beside a far stronger one: perhaps a bad erasure
            confidence = min(confidence, 0.5 + 0.8 * share / most)
        return (State.FAINT if share < _FAINT else State.MARKED), confidence
    if most >= levels.part:
        return State.EMPTY, 0.95 - 0.4 * doubtful
    return State.FAINT, 0.55 + 0.4 * doubtful


def _pale(beside_darker: bool, confidence: float) -> tuple[State, float]:
    """A pale mark is one when it stands alone; either way a person should look."""
    return (State.EMPTY if beside_darker else State.FAINT), min(confidence, _PALE_CONFIDENCE)


def _odds(logarithm: float) -> float:
    return min(_CERTAIN, float(1 / (1 + np.exp(-logarithm))))


def _field_state(source: object, cells: Sequence[CellReading]) -> FieldState:
    marked = sum(cell.state in (State.MARKED, State.FAINT) for cell in cells)
    cancelled = any(cell.state == State.CANCELLED for cell in cells)
    if marked > 1 and isinstance(source, Marks) and not source.multiple:
        return FieldState.DOUBLED
    if marked:
        return FieldState.CORRECTED if cancelled else FieldState.ANSWERED
    return FieldState.CANCELLED if cancelled else FieldState.EMPTY
