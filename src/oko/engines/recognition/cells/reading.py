"""What stands in the cells of a sheet: marks, characters, free answers, signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Marks
from oko.engines.blanks.layout import PlacedField, Rectangle
from oko.engines.recognition.cells.characters import CharacterModel, ReadCharacter, characters_read
from oko.engines.recognition.cells.features import NAMES, against_page, page_numbers
from oko.engines.recognition.cells.free import written_freely
from oko.engines.recognition.cells.judging import judges
from oko.engines.recognition.cells.measuring import BOXED, Measured, measure
from oko.engines.recognition.cells.streaks import streaked
from oko.engines.recognition.characters.classes import UNREAD
from oko.engines.recognition.model import CellReading, FieldReading, FieldState, Sheet, State

_FILLED = 0.6  # of a box that is no mark: then it was filled whole
_FAINT = 0.45  # of black
_ASKS_FREE = 0.95
_PERHAPS = 0.02  # of probability that a cell for a character holds something: the model looks at such cells
_ASKS_BENT, _FLAT = 0.97, 0.95  # of pages of less quality people are asked below this confidence
_ASKS_ALWAYS = 1.1
_SOLID = 0.995  # of each ninth of a box that was filled to cancel it; of one scribbled upon to mark it, less,
_ASKS_SCRIBBLED = 0.99  # and a person sees which it is
_INK, _STROKE, _BLOCK_LEAST = (NAMES.index(name) for name in ("covered_mid", "stroke", "block_least"))

Shares = NDArray[np.float64]


class _Cell(NamedTuple):
    """What was found in one cell, before it gets its value.

    Attributes:
        share: the probability that something is written.
        trusted: it lies on the scan, and the page lies straight.
        written: surely enough to get a value.
        filled: so much ink that the box was filled whole; faint: a pale stroke.
    """

    share: float
    trusted: bool
    written: bool
    confidence: float
    unsure: bool
    filled: bool
    faint: bool


def read_fields(sheet: Sheet, model: CharacterModel | None = None) -> tuple[FieldReading, ...]:
    """All that is read on a page: each cell of each field, in the order of the layout.

    Args:
        model: reads the characters; without it a cell that holds something is «?».
    """
    found = measure(sheet)
    cells = _judged(found, flat=sheet.quality >= _FLAT)
    characters = {} if model is None else _characters(sheet, found, cells, model)
    readings = []
    first = 0
    for field in found.plan.fields:
        places = range(first, first + len(field.cells))
        readings.append(_field(field, [cells[n] for n in places], [characters.get(n) for n in places]))
        first += len(field.cells)
    return tuple(readings)


def _characters(
    sheet: Sheet, found: Measured, cells: Sequence[_Cell], model: CharacterModel
) -> Mapping[int, ReadCharacter]:
    """Of the cells for characters that perhaps hold something."""
    kinds = [found.plan.fields[owner].kind for owner in found.plan.owners.tolist()]
    perhaps = {
        number: cell.share
        for number, (kind, cell) in enumerate(zip(kinds, cells, strict=True))
        if kind == "characters" and cell.trusted and cell.share > _PERHAPS
    }
    return characters_read(sheet, found, perhaps, model) if perhaps else {}


def _judged(found: Measured, *, flat: bool) -> list[_Cell]:
    """How probably each cell of the plan holds something; where a page lies badly people are asked sooner."""
    shares: Shares = np.full(len(found.plan.cells), 0.5)
    asks: Shares = np.full(len(found.plan.cells), _ASKS_FREE)
    if found.boxed.any():
        _judge_boxes(found, shares, asks, least=0.0 if flat else _ASKS_BENT)
    for group in found.plan.groups:
        if group.kind not in BOXED:
            for number, cell in enumerate(group.cells):
                field = found.plan.fields[found.plan.owners[cell]]
                shares[cell] = written_freely(found, group, number, field)
    trusted = found.seen & found.straight
    confidence = np.where(trusted, np.maximum(shares, 1 - shares), 0.5)
    filled = found.features[:, _INK] > _FILLED
    asks[filled & (shares < 0.5) & (found.features[:, _BLOCK_LEAST] < _SOLID)] = _ASKS_SCRIBBLED
    written = trusted & (shares > 0.5)
    asks[streaked(found, written)] = _ASKS_ALWAYS
    columns = (
        shares,
        trusted,
        written,
        confidence,
        confidence < asks,
        filled,
        found.features[:, _STROKE] < _FAINT,
    )
    return list(map(_Cell._make, zip(*(column.tolist() for column in columns), strict=True)))


def _judge_boxes(found: Measured, shares: Shares, asks: Shares, least: float) -> None:
    """Fill in the cells for marks and characters; people are asked below `least` at any rate."""
    page = page_numbers(found.features[found.boxed], found.contrast)
    for kind in BOXED:
        groups = [group.cells for group in found.plan.groups if group.kind == kind]
        if groups:
            members, judge = np.concatenate(groups), judges()[kind]
            own = found.features[members]
            beside = against_page(own, page, found.fit[members])
            shares[members] = judge.written(np.concatenate([own, beside], axis=1))
            asks[members] = max(judge.asks_below, least)


def _field(
    field: PlacedField, cells: Sequence[_Cell], characters: Sequence[ReadCharacter | None]
) -> FieldReading:
    readings = tuple(
        _reading(field.kind, number, place, cell, character)
        for number, (place, cell, character) in enumerate(
            zip(field.cells, cells, characters, strict=True), start=1
        )
    )
    return FieldReading(field.id, field.kind, _field_state(field, readings), readings)


def _reading(
    kind: str, number: int, place: Rectangle, cell: _Cell, character: ReadCharacter | None
) -> CellReading:
    if character is not None:
        state = State.UNSURE if character.asked else State.MARKED if character.value else State.EMPTY
        return CellReading(number, character.value, character.confidence, character.asked, state, place)
    value = {"marks": place.value, "characters": UNREAD}.get(kind, "1") if cell.written else ""
    return CellReading(number, value, cell.confidence, cell.unsure, _state(kind, cell), place)


def _state(kind: str, cell: _Cell) -> State:
    if cell.unsure:
        return State.UNSURE
    if not cell.written:
        return State.CANCELLED if kind == "marks" and cell.filled else State.EMPTY
    return State.FAINT if kind == "marks" and cell.faint else State.MARKED


def _field_state(field: PlacedField, cells: Sequence[CellReading]) -> FieldState:
    marked = sum(bool(cell.value) for cell in cells)
    cancelled = any(cell.state == State.CANCELLED for cell in cells)
    if marked > 1 and isinstance(field.source, Marks) and not field.source.multiple:
        return FieldState.DOUBLED
    if marked:
        return FieldState.CORRECTED if cancelled else FieldState.ANSWERED
    return FieldState.CANCELLED if cancelled else FieldState.EMPTY
