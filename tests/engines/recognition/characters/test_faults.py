"""What goes wrong with pens, cells and scans costs a look of a person now and then, not a wrong value."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from oko.engines.blanks.definition import CAPITALS
from oko.engines.recognition.characters import CharacterRead, CharacterReader

Crop = NDArray[np.uint8]
Cell = Callable[..., Crop]
DIGITS = "0123456789"
SURE = 0.98  # people look at what is less sure
HEIGHT, WIDTH, PAPER = 54, 42, 246


def strokes_apart(cell: Cell, character: str) -> Crop:
    """The pen skipped: a gap across the character."""
    crop, written = cell(character).copy(), cell(character, border=None)
    rows = np.flatnonzero((written < 150).any(axis=1))
    gap = slice(int(rows.mean()) + 5, int(rows.mean()) + 7)
    crop[gap, 10:-10] = PAPER
    return crop


def border_dropped_out(cell: Cell, character: str) -> Crop:
    """A border of a colour that the scanner hardly sees, and of which parts are missing."""
    crop = cell(character, border=205).copy()
    blank = cell(character, border=None)
    crop[8:20, :10], crop[-12:, 20:34], crop[:10, 14:22] = (
        blank[8:20, :10],
        blank[-12:, 20:34],
        blank[:10, 14:22],
    )
    return crop


def letter_of_the_next_cell(cell: Cell, character: str) -> Crop:
    """Strokes of the next cell's letter reach over the border."""
    crop = cell(character).copy()
    cv2.line(crop, (WIDTH - 3, 14), (WIDTH - 5, 40), 40, 3, cv2.LINE_AA)
    return crop


FAULTS: dict[str, Callable[[Cell, str], Crop]] = {
    "touches the border on the left": lambda cell, one: cell(one, shift=(-5, 0)),
    "crosses the border below": lambda cell, one: cell(one, shift=(1, 8)),
    "half in the next cell": lambda cell, one: cell(one, shift=(11, 0)),
    "strokes apart": strokes_apart,
    "border dropped out": border_dropped_out,
    "letter of the next cell": letter_of_the_next_cell,
    "pencil": lambda cell, one: cell(one, ink=165),
    "blue pen": lambda cell, one: cell(one, ink=95),
    "red pen without border": lambda cell, one: cell(one, ink=125, border=None),
}
#: What no reader can know from half of a character.
HARD = {"half in the next cell"}
#: Their last stroke is what a border or the next cell hides: a dictionary decides.
LOST = {"Щ": "Ш", "Ы": "Ь"}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("permitted", [DIGITS, CAPITALS], ids=["digits", "capitals"])
def test_nothing_is_surely_wrong(reader: CharacterReader, cell: Cell, fault: str, permitted: str) -> None:
    read = reader.read([FAULTS[fault](cell, one) for one in permitted], [permitted] * len(permitted))

    right = [one.value == truth for one, truth in zip(read, permitted, strict=True)]
    surely_wrong = [
        (truth, one.value, one.confidence)
        for one, truth in zip(read, permitted, strict=True)
        if one.value not in (truth, LOST.get(truth)) and one.confidence >= SURE
    ]
    assert surely_wrong == []
    assert fault in HARD or sum(right) >= 0.85 * len(permitted)


def test_a_correction_over_a_character_is_never_surely_either(reader: CharacterReader, cell: Cell) -> None:
    pairs = ["27", "17", "50", "АО", "ТШ", "НБ", "ПЕ", "46"]
    over = [np.minimum(cell(one, ink=90), cell(other, ink=40)) for one, other in pairs]

    read: list[CharacterRead] = reader.read(over, [DIGITS + CAPITALS] * len(pairs))

    assert [
        pair for pair, one in zip(pairs, read, strict=True) if one.value in pair and one.confidence >= SURE
    ] == []
