"""Marks in the boxes and bubbles of a foreign sheet, told from what is printed in them.

A bubble has a letter inside, a box has lines of any width: what is printed is learnt from the sheet itself,
as what boxes of the same meaning have in common, or from the picture of the empty sheet. What is darker than
that, in shares of full black over the inside of a box, is ink. Empty and marked are parted at the widest gap
between the shares of all boxes of the page (as by hand on a histogram; cf. Otsu 1979).
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
_LIKE_ENOUGH = 4  # boxes of one meaning, from which what is printed in them is learnt
_IN_COMMON = 35  # per cent of them have no more than what is printed
_DEFAULT_GAP = (0.0, 0.55)  # where a page without any mark or without any empty box is parted
_PART, _LEAST_PART, _MOST_PART = 0.42, 0.085, 0.30
_SOLID, _HARDLY_SOLID = 0.9, 0.78  # of the inside is dark: a box filled whole; a box that may be
_DARK = 0.4  # of full black
_FAINT = 0.2  # share of ink up to which a mark is faint
_LEAST_NOISE = 0.012
_CERTAIN = 0.9999
_REVIEW = 0.97  # below, a person should look
_RIVAL = 0.5  # a second mark with so much less ink than the first may be a bad erasure


@dataclass(frozen=True, slots=True)
class _Box:
    field: PlacedField
    number: int
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
    ink = _ink(boxes, black, None if empty is None else _boxes(*empty))
    part = _parted(ink)
    noise = max(_LEAST_NOISE, _spread(ink[ink < part]))
    readings: dict[str, FieldReading] = {}
    first = 0
    for field in of_marks:
        last = first + len(field.cells)
        readings[field.id] = _field(field, boxes[first:last], ink[first:last], part, noise, black)
        first = last
    return readings


def _boxes(dark: Darkness, fields: Sequence[PlacedField]) -> list[_Box]:
    return [
        _Box(field, number, cell, _patch(dark, cell))
        for field in fields
        if isinstance(field.source, Marks)
        for number, cell in enumerate(field.cells, start=1)
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


def _ink(boxes: Sequence[_Box], black: float, empty: Sequence[_Box] | None) -> Floats:
    """For each box how much more is dark inside than is printed there: about 0 … 1 of full black."""
    expected = _in_common(boxes) if empty is None else _as_dark(boxes, [box.patch for box in empty])
    shares = [
        float((box.patch - print_)[_inside(box.field)].mean()) / black
        for box, print_ in zip(boxes, expected, strict=True)
    ]
    return np.array(shares, np.float32)


def _as_dark(boxes: Sequence[_Box], printed: list[Floats]) -> list[Floats]:
    """What is printed on the empty sheet, as dark as the same print is on this one."""
    lightness = np.array(
        [box.patch.sum() / max(float(print_.sum()), 1.0) for box, print_ in zip(boxes, printed, strict=True)]
    )
    return [print_ * min(1.5, float(np.percentile(lightness, _IN_COMMON))) for print_ in printed]


def _in_common(boxes: Sequence[_Box]) -> list[Floats]:
    """What is printed in each box: what boxes alike have in common."""
    alike: dict[tuple[object, ...], list[Floats]] = {}
    for box in boxes:
        alike.setdefault(_kind(box), []).append(box.patch)
    common = {
        kind: np.asarray(np.percentile(np.stack(patches), _IN_COMMON, axis=0), np.float32)
        for kind, patches in alike.items()
        if len(patches) >= _LIKE_ENOUGH
    }
    usual = np.median(np.stack(list(common.values())), axis=0) if common else None
    nothing = np.zeros((_PATCH, _PATCH), np.float32)
    flat = nothing if usual is None else np.full_like(nothing, float(usual[_centre()].mean()))
    return [common.get(_kind(box), flat) for box in boxes]


def _kind(box: _Box) -> tuple[object, ...]:
    """Boxes of which this is the same have the same print: their meaning, form and size."""
    return box.cell.value, is_round(box.field), round(box.cell.w_mm, 1), round(box.cell.h_mm, 1)


def _centre() -> tuple[slice, slice]:
    edge = round(_PATCH * (1 - _INSIDE) / 2)
    return slice(edge, -edge), slice(edge, -edge)


def _parted(ink: Floats) -> float:
    """The share of ink from which a box is marked: within the widest gap that can part them."""
    shares = np.sort(np.concatenate((np.clip(ink, *_DEFAULT_GAP), _DEFAULT_GAP)))
    gaps = np.diff(shares)
    parts = shares[:-1] + _PART * gaps
    possible = (parts > _LEAST_PART) & (parts < _MOST_PART + 0.1)
    if not possible.any():
        return 0.15
    widest = int(np.argmax(np.where(possible, gaps, -1)))
    return float(np.clip(parts[widest], _LEAST_PART, _MOST_PART))


def _spread(shares: Floats) -> float:
    return float(np.median(np.abs(shares - np.median(shares)))) * 1.5 if len(shares) else 0.0


# Readings --------------------------------------------------------------------------------------------------


def _field(
    field: PlacedField, boxes: Sequence[_Box], ink: Floats, part: float, noise: float, black: float
) -> FieldReading:
    source = field.source
    most = float(ink.max())
    cells = []
    for box, share in zip(boxes, ink.tolist(), strict=True):
        solid = float((box.patch > _DARK * black)[_inside(field)].mean())
        state, confidence = _state(source, share, solid, part, noise)
        if state in (State.MARKED, State.FAINT) and share < _RIVAL * most and most > 2 * part:
            confidence = min(confidence, 0.5 + 0.8 * share / most)
        value = box.cell.value if state in (State.MARKED, State.FAINT) else ""
        cells.append(CellReading(box.number, value, confidence, confidence < _REVIEW, state, box.cell))
    return FieldReading(field.id, field.kind, _field_state(source, cells), tuple(cells))


def _state(source: object, share: float, solid: float, part: float, noise: float) -> tuple[State, float]:
    """What a box holds, and how surely."""
    off = abs(share - part) / (2.0 * noise + 0.25 * part)
    confidence = min(_CERTAIN, float(1 / (1 + np.exp(-1.6 * off - 0.2))))
    if share < part:
        return State.EMPTY, confidence
    cancels = isinstance(source, Marks) and source.filled == "cancelled"
    if cancels and solid >= _SOLID:
        return State.CANCELLED, min(confidence, 0.5 + 0.5 * min(1.0, (solid - _HARDLY_SOLID) / 0.15))
    if cancels and solid >= _HARDLY_SOLID:
        return State.MARKED, 0.6
    return (State.FAINT if share < _FAINT else State.MARKED), confidence


def _field_state(source: object, cells: Sequence[CellReading]) -> FieldState:
    marked = sum(cell.state in (State.MARKED, State.FAINT) for cell in cells)
    cancelled = any(cell.state == State.CANCELLED for cell in cells)
    if marked > 1 and isinstance(source, Marks) and not source.multiple:
        return FieldState.DOUBLED
    if marked:
        return FieldState.CORRECTED if cancelled else FieldState.ANSWERED
    return FieldState.CANCELLED if cancelled else FieldState.EMPTY
