"""What stands in the cells of a sheet: marks, characters, free answers, signatures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Marks
from oko.engines.blanks.layout import PlacedField, Rectangle
from oko.engines.recognition.cells.alignment import offsets_of, patches
from oko.engines.recognition.cells.paper import darkness, print_contrast
from oko.engines.recognition.cells.plan import plan_of
from oko.engines.recognition.model import CellReading, FieldReading, FieldState, Sheet, State

Floats = NDArray[np.float32]

_INSET = 4  # px of each side that the border may take
_INK = 0.3  # of black


def read_fields(sheet: Sheet) -> tuple[FieldReading, ...]:
    """All that is read on a page: each cell of each field, in the order of the layout."""
    plan = plan_of(sheet.page)
    dark = darkness(sheet.image)
    contrast = print_contrast(sheet, dark)
    offsets = offsets_of(plan, dark, contrast)
    covered = np.zeros(len(plan.cells), np.float32)
    for group in plan.groups:
        inner = patches(dark, group, offsets[group.cells], -_INSET)
        covered[group.cells] = (inner > _INK * contrast).mean(axis=(1, 2))
    readings = []
    first = 0
    for field in plan.fields:
        last = first + len(field.cells)
        readings.append(_field(field, covered[first:last]))
        first = last
    return tuple(readings)


def _field(field: PlacedField, covered: Floats) -> FieldReading:
    states = [_state(field.kind, float(share)) for share in covered]
    cells = tuple(
        CellReading(number, _value(field.kind, state, cell), 0.99, False, state, cell)
        for number, (cell, state) in enumerate(zip(field.cells, states, strict=True), start=1)
    )
    return FieldReading(field.id, field.kind, _field_state(field, states), cells)


def _state(kind: str, share: float) -> State:
    if kind != "marks":
        return State.MARKED if share > (0.02 if kind == "characters" else 0.004) else State.EMPTY
    return State.EMPTY if share < 0.04 else State.CANCELLED if share > 0.85 else State.MARKED


def _value(kind: str, state: State, cell: Rectangle) -> str:
    if state not in (State.MARKED, State.FAINT):
        return ""
    return {"marks": cell.value, "characters": "?"}.get(kind, "1")


def _field_state(field: PlacedField, states: Sequence[State]) -> FieldState:
    marked = sum(state in (State.MARKED, State.FAINT) for state in states)
    cancelled = State.CANCELLED in states
    if marked > 1 and isinstance(field.source, Marks) and not field.source.multiple:
        return FieldState.DOUBLED
    if marked:
        return FieldState.CORRECTED if cancelled else FieldState.ANSWERED
    return FieldState.CANCELLED if cancelled else FieldState.EMPTY
