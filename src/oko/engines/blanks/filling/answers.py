"""What people answer: which boxes are marked or cancelled, what is written into cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.engines.blanks.definition import CAPITALS, Characters, Marks

EMPTY, DOUBLED, CANCELLED = 0.10, 0.08, 0.05
_CORRECTED = 0.5  # of cancelled answers
_UNANSWERED = 0.15  # of fields of characters


@dataclass(frozen=True, slots=True)
class Choice:
    """Positions of boxes, from 0."""

    marked: frozenset[int]
    cancelled: frozenset[int]


def choose(field: Marks, boxes: int, rng: np.random.Generator) -> Choice:
    """77 % answered, 10 % empty, 8 % doubled, 5 % cancelled, half of which are corrected by another mark.

    Where several answers are permitted, doubled ones are answers too; a field of one box is never doubled.
    """
    order = [int(box) for box in rng.permutation(boxes)]
    drawn = rng.random()
    if drawn < EMPTY:
        return Choice(frozenset(), frozenset())
    if drawn < EMPTY + CANCELLED:
        corrected = boxes > 1 and rng.random() < _CORRECTED
        return Choice(frozenset(order[1:2] if corrected else ()), frozenset(order[:1]))
    if field.multiple:
        return Choice(frozenset(order[: int(rng.integers(1, boxes + 1))]), frozenset())
    doubled = boxes > 1 and drawn < EMPTY + CANCELLED + DOUBLED
    return Choice(frozenset(order[: 2 if doubled else 1]), frozenset())


def write(field: Characters, cells: int, there: frozenset[str], rng: np.random.Generator) -> str:
    """A value for the field, of characters that there are glyphs of; empty when nothing fits.

    Dictionaries and check digits are kept.
    """
    usable = "".join(character for character in dict.fromkeys(field.alphabet) if character in there)
    if not usable or rng.random() < _UNANSWERED:
        return ""
    if field.dictionary:
        fitting = [word for word in field.dictionary if 0 < len(word) <= cells and set(word) <= there]
        return str(rng.choice(fitting)) if fitting else ""
    if field.check_digit == "luhn":
        return _with_check_digit(cells, rng) if set("0123456789") <= set(usable) else ""
    return _text(usable, _length(field, cells, rng), rng)


def luhn_digit(digits: str) -> str:
    """The digit that makes the number right by Luhn's rule (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def _with_check_digit(cells: int, rng: np.random.Generator) -> str:
    digits = "".join(str(digit) for digit in rng.integers(0, 10, cells - 1))
    return digits + luhn_digit(digits)


def _length(field: Characters, cells: int, rng: np.random.Generator) -> int:
    """Codes and dates fill their cells; answers are of any length."""
    if cells <= 6 and rng.random() < 0.85:
        return cells
    return int(rng.integers(1, cells + 1))


def _text(usable: str, length: int, rng: np.random.Generator) -> str:
    """A number or a word, as answers are; any characters at all now and then."""
    digits = [character for character in usable if character.isdigit()]
    letters = [character for character in usable if character in CAPITALS]
    drawn = rng.random()
    if digits and (drawn < 0.5 or (not letters and drawn < 0.95)):
        return _number(usable, digits, length, rng)
    pool = letters if letters and drawn < 0.92 else list(usable)
    return "".join(rng.choice(pool, length))


def _number(usable: str, digits: list[str], length: int, rng: np.random.Generator) -> str:
    text = list(rng.choice(digits, length))
    if "," in usable and length >= 3 and rng.random() < 0.4:
        text[int(rng.integers(1, length - 1))] = ","
    if "-" in usable and length >= 2 and text[1] != "," and rng.random() < 0.3:
        text[0] = "-"
    return "".join(text)
