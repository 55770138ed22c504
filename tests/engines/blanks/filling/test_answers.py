"""What people answer: as often empty, doubled and cancelled as agreed, and only what a field permits."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from oko.engines.blanks.definition import Characters, Marks
from oko.engines.blanks.filling.answers import choose, luhn_digit, write

DIGITS = frozenset("0123456789")
SINGLE = Marks.model_validate({"kind": "marks", "id": "q", "values": ["1", "2", "3", "4"]})
MULTIPLE = SINGLE.model_copy(update={"multiple": True})


def characters(**more: object) -> Characters:
    return Characters.model_validate({"kind": "characters", "id": "c", "length": 6} | more)


def written(field: Characters, there: frozenset[str], times: int = 300) -> set[str]:
    rng = np.random.default_rng(5)
    return {write(field, field.length, there, rng) for _ in range(times)} - {""}


def test_single_choices_are_answered_left_empty_doubled_and_cancelled_as_agreed() -> None:
    rng = np.random.default_rng(1)
    times = 6000
    seen = Counter(
        (len(choice.marked), len(choice.cancelled))
        for choice in (choose(SINGLE, 4, rng) for _ in range(times))
    )
    expected = {(1, 0): 0.77, (0, 0): 0.10, (2, 0): 0.08, (0, 1): 0.025, (1, 1): 0.025}
    assert set(seen) == set(expected)
    for kind, share in expected.items():
        assert seen[kind] / times == pytest.approx(share, abs=0.015)


def test_a_box_is_never_marked_and_cancelled_at_once() -> None:
    rng = np.random.default_rng(2)
    for field in (SINGLE, MULTIPLE):
        for _ in range(500):
            choice = choose(field, 4, rng)
            assert not choice.marked & choice.cancelled


def test_several_answers_are_given_where_they_are_permitted() -> None:
    rng = np.random.default_rng(3)
    assert {len(choose(MULTIPLE, 4, rng).marked) for _ in range(300)} == {0, 1, 2, 3, 4}


def test_a_field_of_one_box_is_never_doubled_or_corrected() -> None:
    rng = np.random.default_rng(4)
    for _ in range(300):
        choice = choose(SINGLE, 1, rng)
        assert len(choice.marked) + len(choice.cancelled) <= 1


def test_only_permitted_characters_of_which_there_are_glyphs_are_written() -> None:
    texts = written(characters(permitted=["digits", "minus"]), frozenset("7А-"))
    assert set("".join(texts)) == set("7-")
    assert all(len(text) <= 6 for text in texts)


def test_nothing_is_written_where_no_glyph_fits() -> None:
    assert written(characters(permitted=["capitals"]), DIGITS) == set()
    assert written(characters(permitted=["digits"], check_digit="luhn"), DIGITS - {"3"}) == set()


def test_only_words_of_the_dictionary_that_fit_are_written() -> None:
    field = characters(permitted=["digits"], dictionary=["12", "345", "1234567"])
    assert written(field, DIGITS) == {"12", "345"}


def test_the_check_digit_is_right() -> None:
    assert luhn_digit("7992739871") == "3"  # the usual example
    for text in written(characters(permitted=["digits"], check_digit="luhn"), DIGITS):
        assert len(text) == 6
        assert luhn_digit(text[:-1]) == text[-1]
