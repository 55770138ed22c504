"""Whether a cell is empty is said by the page and by the model together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from oko.engines.recognition.cells.characters import judged_together
from oko.engines.recognition.characters.classes import EMPTY, INDEX

chances = st.floats(0, 1)


def row(empty: float) -> NDArray[np.float32]:
    """The model sees nothing with this probability, else a seven."""
    table = np.zeros((1, len(INDEX)), np.float32)
    table[0, INDEX[EMPTY]], table[0, INDEX["7"]] = empty, 1 - empty
    return table


def written(share: float, empty: float) -> float:
    return float(judged_together(row(empty), np.array([share]))[0, INDEX["7"]])


@given(chances, chances)
def test_probabilities_stay_probabilities(share: float, empty: float) -> None:
    found = judged_together(row(empty), np.array([share]))

    assert float(found.sum()) == pytest.approx(1, abs=1e-4)
    assert found.min() >= 0


@given(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.01, 0.1))
def test_more_ink_never_makes_a_cell_emptier(share: float, seen: float, more: float) -> None:
    assert written(share + more, 1 - seen) >= written(share, 1 - seen) - 1e-6
    assert written(share, 1 - seen - more) >= written(share, 1 - seen) - 1e-6


def test_what_the_page_doubts_the_model_settles() -> None:
    assert written(0.5, empty=0.999) < 0.01
    assert written(0.5, empty=0.0001) > 0.75


def test_what_both_are_sure_of_stands() -> None:
    assert written(0.999, empty=0.0001) > 0.999
    assert written(0.02, empty=0.99) < 0.001
