"""A password that everybody around would try first is refused; one with a word of one's own is not."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from oko.cabinet.site.passwords import NotOurOwnWords


@pytest.mark.parametrize(
    "password",
    [
        "Школа-2026!",
        "впрвпрвпр2026",
        "ОКО-пароль-1",
        "Irjkf20262026",
        "gfhjkm12345",
        "Shkola_№1_2026",
        "oko.vpr.2026",
    ],
)
def test_our_own_words_are_no_password(password: str) -> None:
    with pytest.raises(ValidationError, match="подберут первым"):
        NotOurOwnWords().validate(password)


@pytest.mark.parametrize(
    "password", ["Школа у реки 7", "око за око зуб", "корова-Батарея-7", "protokolist-vasya"]
)
def test_word_of_ones_own_makes_one(password: str) -> None:
    NotOurOwnWords().validate(password)


def test_long_password_is_judged_at_once() -> None:
    NotOurOwnWords().validate("око" * 4000 + "я")


def test_common_and_short_ones_are_refused_and_a_phrase_with_spaces_is_taken() -> None:
    for refused in ("qwertyuiop", "короткий", "1234567890"):
        with pytest.raises(ValidationError):
            validate_password(refused)
    validate_password("четыре слова и ни одной цифры " * 4)
