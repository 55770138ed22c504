"""`docs/security.md` answers every requirement once, in a known word, and names only tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
TEXT = (TESTS.parent / "docs" / "security.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (.+) \|$", re.M)
STATES = {"met", "part", "not met", "n/a", "operator"}

#: ASVS 5.0.0, by section: level 1 of all chapters, level 2 of V5, V6, V7, V8 and V16.
LEVEL_1 = {
    "1.2": "1 2 3 4 5",
    "1.3": "1 2",
    "1.5": "1",
    "2.1": "1",
    "2.2": "1 2",
    "2.3": "1",
    "3.2": "1 2",
    "3.3": "1",
    "3.4": "1 2",
    "3.5": "1 2 3",
    "4.1": "1",
    "4.4": "1",
    "5.2": "1 2",
    "5.3": "1 2",
    "6.1": "1",
    "6.2": "1 2 3 4 5 6 7 8",
    "6.3": "1 2",
    "6.4": "1 2",
    "7.2": "1 2 3 4",
    "7.4": "1 2",
    "8.1": "1",
    "8.2": "1 2",
    "8.3": "1",
    "9.1": "1 2 3",
    "9.2": "1",
    "10.4": "1 2 3 4 5",
    "11.3": "1 2",
    "11.4": "1",
    "12.1": "1",
    "12.2": "1 2",
    "13.4": "1",
    "14.2": "1",
    "14.3": "1",
    "15.1": "1",
    "15.2": "1",
    "15.3": "1",
}
LEVEL_2 = {
    "5.1": "1",
    "5.2": "3",
    "5.4": "1 2 3",
    "6.1": "2 3",
    "6.2": "9 10 11 12",
    "6.3": "3 4",
    "6.4": "3 4",
    "6.5": "1 2 3 4 5",
    "6.6": "1 2 3",
    "6.8": "1 2 3 4",
    "7.1": "1 2 3",
    "7.3": "1 2",
    "7.4": "3 4 5",
    "7.5": "1 2",
    "7.6": "1 2",
    "8.1": "2",
    "8.2": "3",
    "8.4": "1",
    "16.1": "1",
    "16.2": "1 2 3 4 5",
    "16.3": "1 2 3 4",
    "16.4": "1 2 3",
    "16.5": "1 2 3",
}


def numbers(level: dict[str, str]) -> list[str]:
    return [f"{section}.{number}" for section, listed in level.items() for number in listed.split()]


def test_every_requirement_is_answered_once_and_in_order() -> None:
    answered = [number for number, *_rest in ROW.findall(TEXT)]

    assert len(numbers(LEVEL_1)) == 70
    assert sorted(answered) == sorted(numbers(LEVEL_1) + numbers(LEVEL_2))
    assert answered == sorted(answered, key=lambda number: [int(part) for part in number.split(".")])


def test_every_answer_is_a_known_word_with_a_reason() -> None:
    for number, asked, state, reason in ROW.findall(TEXT):
        assert state in STATES, number
        assert asked.strip(), number
        assert len(reason) > 3, number


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`([\w/]+\.py::test_\w+)`", TEXT))))
def test_named_test_is_there(named: str) -> None:
    path, _, function = named.partition("::")
    assert re.search(rf"^def {function}\(", (TESTS / path).read_text(), re.M)
