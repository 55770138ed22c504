"""Characters in cells are told apart, whatever the border, the pen and the place in the cell."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from oko.engines.blanks.definition import CAPITALS
from oko.engines.recognition.characters import (
    CharacterReader,
    CharacterState,
    read_field,
)
from oko.engines.recognition.characters.classes import CLASSES

Crop = NDArray[np.uint8]
Cell = Callable[..., Crop]
DIGITS = "0123456789"
ALL = CAPITALS + DIGITS + "-,"


def values(reader: CharacterReader, crops: list[Crop], permitted: str) -> str:
    return "".join(one.value or " " for one in reader.read(crops, [permitted] * len(crops)))


@pytest.mark.parametrize("look", [{}, {"border": None}, {"border": 200, "ink": 130}, {"shift": (2, -2)}])
def test_digits_are_read_with_and_without_border_by_pen_and_by_pencil(
    reader: CharacterReader, cell: Cell, look: dict[str, object]
) -> None:
    assert values(reader, [cell(one, **look) for one in DIGITS], DIGITS) == DIGITS


def test_nearly_all_capitals_of_an_unknown_hand_are_read(reader: CharacterReader, cell: Cell) -> None:
    read = values(reader, [cell(one) for one in CAPITALS], CAPITALS)

    assert sum(one == other for one, other in zip(read, CAPITALS, strict=True)) >= 31


def test_the_field_decides_between_what_looks_alike(reader: CharacterReader, cell: Cell) -> None:
    ring, curl = cell("О"), cell("З")

    assert values(reader, [ring, curl], DIGITS) == "03"
    assert values(reader, [ring, curl], CAPITALS) == "ОЗ"


def test_size_and_place_tell_comma_minus_and_one(reader: CharacterReader, cell: Cell) -> None:
    assert values(reader, [cell(one) for one in ",-1"], DIGITS + "-,") == ",-1"


def test_an_empty_cell_is_empty_with_border_and_without(reader: CharacterReader, cell: Cell) -> None:
    read = reader.read([cell(), cell(border=None), cell(border=215)], [ALL] * 3)

    assert [one.state for one in read] == [CharacterState.EMPTY] * 3
    assert [one.value for one in read] == ["", "", ""]


def test_what_is_crossed_out_has_no_value(reader: CharacterReader, cell: Cell) -> None:
    crossed = []
    for one in "8БК5":
        crop = cell(one, ink=60).copy()
        for left, right in (((9, 12), (33, 42)), ((33, 12), (9, 42)), ((8, 26), (34, 29))):
            cv2.line(crop, left, right, 50, 2, cv2.LINE_AA)
        crossed.append(crop)

    read = reader.read(crossed, [ALL] * 4)

    assert [one.state for one in read].count(CharacterState.CROSSED_OUT) >= 3
    assert not any(one.value in "8БК5" and one.value and one.confidence > 0.9 for one in read)


def test_probabilities_are_whole_and_of_what_is_permitted_alone(reader: CharacterReader, cell: Cell) -> None:
    (read,) = reader.read([cell("Ж")], ["01"])

    assert read.probabilities.shape == (len(CLASSES),)
    assert float(read.probabilities.sum()) == pytest.approx(1)
    permitted = {*"01", "empty", "crossed out", "not a character"}
    assert {CLASSES[n] for n in np.flatnonzero(read.probabilities)} <= permitted


def test_cells_of_other_sizes_and_resolutions_are_read_among_others(
    reader: CharacterReader, cell: Cell
) -> None:
    finer = cv2.resize(cell("4"), (126, 162), interpolation=cv2.INTER_CUBIC)
    wider = np.pad(cell("2", border=None), ((0, 0), (6, 6)), mode="edge")

    assert values(reader, [finer, cell("7"), np.asarray(wider)], DIGITS) == "472"


def test_no_cells_give_no_answers(reader: CharacterReader) -> None:
    assert reader.read([], []) == []


def test_each_cell_needs_its_permitted_characters(reader: CharacterReader, cell: Cell) -> None:
    with pytest.raises(ValueError, match="1 cells, but permitted characters of 2"):
        reader.read([cell("1")], [DIGITS, DIGITS])


def test_fields_are_judged_by_the_rules_of_their_descriptions(reader: CharacterReader, cell: Cell) -> None:
    number = reader.probabilities([cell(one) for one in "79927398713"], [DIGITS] * 11)
    town = reader.probabilities([cell(one) for one in ["О", "М", "С", "К", ""]], [CAPITALS] * 5)

    assert read_field(list(number), DIGITS, check_digit="luhn").value == "79927398713"
    assert read_field(list(town), CAPITALS, dictionary=("ТОМСК", "ОМСК")).value == "ОМСК"
