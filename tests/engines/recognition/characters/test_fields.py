"""A field is judged whole: its dictionary, its check digit and what an error costs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from oko.engines.recognition.characters import read_field
from oko.engines.recognition.characters.classes import CROSSED_OUT, EMPTY, INDEX, NO_CHARACTER

DIGITS = "0123456789"
CAPITALS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
Row = NDArray[np.float64]


def cell(**likely: float) -> Row:
    """A cell that is surely something, or perhaps one of several: `cell(Ш=0.6, Щ=0.4)`."""
    row = np.full(len(INDEX), 1e-6)
    for name, probability in likely.items():
        row[INDEX[name]] = probability
    return row / row.sum()


def text(characters: str) -> list[Row]:
    return [cell(**{one: 1.0}) for one in characters]


def state(name: str) -> Row:
    return cell(**{name: 1.0})


def test_a_sure_field_is_its_characters_and_nobody_looks() -> None:
    read = read_field([*text("2417"), state(EMPTY)], DIGITS)

    assert (read.value, read.cells, read.review) == ("2417", ("2", "4", "1", "7", ""), False)
    assert read.confidence > 0.99


def test_a_field_is_as_sure_as_all_its_cells_together() -> None:
    cells = [cell(**{"1": 0.97, "7": 0.03}) for _ in range(5)]

    read = read_field(cells, DIGITS)

    assert read.confidence == pytest.approx(0.97**5, abs=0.001)
    assert read.review


def test_a_cheap_error_is_let_pass_and_a_dear_one_is_looked_at() -> None:
    cells = [cell(**{"1": 0.97, "7": 0.03})]

    assert not read_field(cells, DIGITS, cost=10).review
    assert read_field(cells, DIGITS, cost=1000).review


def test_what_is_not_permitted_is_no_answer() -> None:
    assert read_field([cell(О=0.9, **{"0": 0.1})], DIGITS).value == "0"


def test_the_dictionary_settles_a_doubtful_letter() -> None:
    cells = [*text("МЫ"), cell(Щ=0.7, Ш=0.3), *text("Ь"), state(EMPTY)]

    read = read_field(cells, CAPITALS, dictionary=("МЫШЬ", "РЫСЬ"))

    assert (read.value, read.review) == ("МЫШЬ", False)
    assert read.confidence > 0.99


def test_a_word_that_is_not_in_the_dictionary_is_shown_to_a_person() -> None:
    read = read_field(text("СЛОН"), CAPITALS, dictionary=("МЫШЬ", "РЫСЬ"))

    assert (read.value, read.review) == ("СЛОН", True)


def test_two_words_that_are_as_likely_go_to_a_person() -> None:
    read = read_field([cell(Т=0.5, Г=0.5), *text("ОЛ")], CAPITALS, dictionary=("ТОЛ", "ГОЛ"))

    assert read.confidence == pytest.approx(0.5, abs=0.01)
    assert read.review


def test_a_word_set_to_the_right_is_found_too() -> None:
    assert read_field([state(EMPTY), *text("РЫСЬ")], CAPITALS, dictionary=("МЫШЬ", "РЫСЬ")).value == "РЫСЬ"


def test_an_empty_field_with_a_dictionary_is_empty() -> None:
    read = read_field([state(EMPTY)] * 4, CAPITALS, dictionary=("МЫШЬ",))

    assert (read.value, read.review) == ("", False)


def test_the_check_digit_settles_a_doubtful_digit() -> None:
    cells = [*text("799"), cell(**{"7": 0.55, "2": 0.45}), *text("7398713")]

    read = read_field(cells, DIGITS, check_digit="luhn")

    assert read.value == "79927398713"
    assert read.confidence > 0.95


def test_a_number_surely_written_against_its_check_digit_is_not_changed_but_shown() -> None:
    read = read_field(text("79917398713"), DIGITS, check_digit="luhn")

    assert (read.value, read.review) == ("79917398713", True)


@pytest.mark.parametrize("number", ["18", "182", "1826", "4561261212345467", "000"])
def test_luhns_rule_holds_for_numbers_of_any_length(number: str) -> None:
    """Found by its own definition: every second digit from the right is doubled, its digits added up."""
    digits = [int(one) for one in reversed(number)]
    total = sum(sum(divmod(one * 2, 10)) if place % 2 else one for place, one in enumerate(digits))

    read = read_field(text(number), DIGITS, check_digit="luhn", cost=1)

    assert read.review is (total % 10 != 0)


@pytest.mark.parametrize("name", [CROSSED_OUT, NO_CHARACTER])
def test_a_correction_or_a_scrawl_between_characters_is_shown_to_a_person(name: str) -> None:
    read = read_field([*text("12"), state(name), *text("3")], DIGITS)

    assert read.review
    assert read.value == ("12 3" if name == CROSSED_OUT else "12?3")


def test_only_the_cells_in_doubt_are_asked_about() -> None:
    read = read_field([*text("24"), cell(**{"1": 0.9, "7": 0.1}), *text("5")], DIGITS)

    assert read.review
    assert read.asked == (False, False, True, False)
    assert read.sure[2] == pytest.approx(0.9, abs=1e-3)


def test_a_field_that_breaks_its_rule_is_looked_at_whole() -> None:
    read = read_field([*text("СЛОН"), state(EMPTY)], CAPITALS, dictionary=("МЫШЬ", "РЫСЬ"))

    assert read.asked == (True, True, True, True, False)


def test_neighbours_tell_a_nought_from_an_o_where_both_may_stand() -> None:
    either = cell(О=0.5, **{"0": 0.5})

    assert read_field([*text("1"), either, *text("5")], CAPITALS + DIGITS).value == "105"
    assert read_field([*text("К"), either, *text("Т")], CAPITALS + DIGITS).value == "КОТ"
    assert not read_field([*text("1"), either, *text("5")], CAPITALS + DIGITS, cost=10).review


def test_a_field_that_surely_holds_both_is_left_as_it_was_read() -> None:
    mixed = read_field([*text("А7"), cell(О=0.6, **{"0": 0.4})], CAPITALS + DIGITS)

    assert mixed.value == "А7О"
    assert mixed.sure[2] == pytest.approx(0.6, abs=0.01)
    assert mixed.asked == (False, False, True)


def test_an_empty_field_has_no_kind() -> None:
    read = read_field([state(EMPTY)] * 3, CAPITALS + DIGITS)

    assert (read.value, read.review) == ("", False)
