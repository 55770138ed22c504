"""A border is taken out of a cell; what is written stays, also beside the border and across it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from oko.engines.recognition.characters.borders import erase_border
from oko.engines.recognition.characters.normalising import SIZE, darkness, normalised

Crop = NDArray[np.uint8]
Line = tuple[tuple[int, int], tuple[int, int]]
HEIGHT, WIDTH, MARGIN = 54, 42, 6
PAPER = 246


def cell(
    *strokes: Line, border: int = 120, pen: int = 30, moved: tuple[int, int] = (0, 0), thick: int = 2
) -> Crop:
    """A crop of a cell with its border and lines of a pen; left and right, the walls of the next cells."""
    crop = np.full((HEIGHT, WIDTH), PAPER, np.uint8)
    left, top = MARGIN + moved[0], MARGIN + moved[1]
    for step in (-36, 0, 36):
        corners = (left + step, top), (left + step + 29, top + 41)
        cv2.rectangle(crop, *corners, border, thick)
    for begin, end in strokes:
        cv2.line(crop, begin, end, pen, 2)
    return crop


def left_of(crop: Crop) -> Crop:
    """The darkness of a crop without its border."""
    dark = darkness(crop[None])
    erase_border(dark)
    return np.asarray(dark[0])


def drawn(*strokes: Line, pen: int = 30) -> Crop:
    """The darkness of the strokes alone."""
    paper = np.full((HEIGHT, WIDTH), PAPER, np.uint8)
    for begin, end in strokes:
        cv2.line(paper, begin, end, pen, 2)
    return np.asarray(PAPER - paper)


@pytest.mark.parametrize("moved", [(0, 0), (3, -2), (-3, 3)])
@pytest.mark.parametrize("border", [20, 120, 215])
def test_nothing_is_left_of_an_empty_cell(border: int, moved: tuple[int, int]) -> None:
    assert left_of(cell(border=border, moved=moved)).max() < 10


@pytest.mark.parametrize("border", [20, 120, 215])
@pytest.mark.parametrize(
    "letter",
    [
        pytest.param((((11, 12), (11, 42)), ((11, 12), (31, 12)), ((31, 12), (31, 42))), id="П"),
        pytest.param((((11, 11), (11, 43)), ((11, 27), (31, 27)), ((31, 11), (31, 43))), id="Н"),
        pytest.param((((11, 11), (11, 43)), ((11, 11), (31, 11))), id="Г"),
    ],
)
def test_legs_beside_the_border_are_not_taken_for_it(letter: tuple[Line, ...], border: int) -> None:
    kept, wanted = left_of(cell(*letter, border=border)), drawn(*letter)

    for (left, top), (right, bottom) in letter:
        stroke = (slice(top, bottom + 1), slice(left - 1, right + 2))
        assert kept[stroke].sum() > 0.6 * wanted[stroke].sum()  # a border as dark may take an edge with it


@pytest.mark.parametrize("pen", [40, 80, 110])
@pytest.mark.parametrize("place", [8, 9])
def test_a_stroke_that_touches_the_border_is_left_to_the_letter(place: int, pen: int) -> None:
    stroke = ((place, 14), (place, 40))
    kept = left_of(cell(stroke, border=90, pen=pen, thick=1))

    assert kept[16:38, place].min() > 100
    assert kept[18:36, :MARGIN].max() < 10


def test_a_tail_that_crosses_the_border_is_kept_and_the_border_is_not() -> None:
    tail = ((28, 34), (28, 52))
    kept = left_of(cell(tail))

    assert kept[51, 28] > 100
    assert kept[47, 10:24].max() < 10


def test_what_the_next_cells_hold_is_taken_away() -> None:
    theirs = ((1, 10), (1, 40))
    kept = left_of(cell(theirs, ((20, 20), (20, 40))))

    assert kept[:, :8].max() < 10
    assert kept[30, 20] > 100


def test_a_letter_without_a_border_is_left_whole() -> None:
    crop = np.full((HEIGHT, WIDTH), PAPER, np.uint8)
    cv2.line(crop, (20, 2), (20, 52), 30, 3)

    assert left_of(crop)[2:52, 20].min() > 100


@given(st.integers(1, 130), st.integers(1, 130), st.integers(0, 2**32 - 1))
def test_any_picture_is_made_alike(height: int, width: int, seed: int) -> None:
    crop = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)

    assert normalised([crop]).shape == (1, 1, SIZE, SIZE)
