"""A field of cells judged whole: its value, how surely, and whether a person should look.

Cells are read one by one, but a field is right or wrong as a whole, and more is known of it than of its
cells: which values there are, or how the last digit follows from the others. By Bayes' rule a value that
keeps the rule weighs more than one that breaks it; so a doubtful cell is settled by the rest of its field,
and a person looks only where that does not help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import CAPITALS
from oko.engines.recognition.characters.classes import (
    CROSSED_OUT,
    DIGITS,
    EMPTY,
    INDEX,
    PLACE,
    UNREAD,
    VALUES,
    by_value,
    mask_of,
)

Floats = NDArray[np.floating]
CheckDigit = Literal["none", "luhn"]


def _kinds() -> list[Floats]:
    """Of numbers, words, mixtures: what the probability of each of `VALUES` is multiplied by."""
    numbers = np.array([value in (*DIGITS, "-", ",") for value in VALUES])
    words = np.array([value in CAPITALS and value != "" for value in VALUES])
    all_of_them = numbers.sum() + words.sum()
    found = []
    for own, other in ((numbers, words), (words, numbers)):
        found.append(np.where(own, all_of_them / own.sum(), np.where(other, 0.0, 1.0)))
    return [*found, np.ones(len(VALUES))]


#: How often people write what the rule of a field permits: the rest is slips of the pen.
KEPT_RULES = 0.99
#: A wrong value costs as much as a person's look at so many cells.
WRONG_COSTS = 50.0
#: How many fields for letters and digits hold a number, a word, both; and by how much more the characters of
#: a kind weigh when it is known that no others stand there.
_KIND_SHARES = (0.45, 0.45, 0.1)
_KINDS = _kinds()
_DIGIT_OUTPUTS = [PLACE[digit] for digit in DIGITS]


@dataclass(frozen=True, slots=True)
class FieldRead:
    """What a field holds.

    Attributes:
        cells: the character of each cell, "" for an empty or crossed-out one, "?" for what is no character.
        value: the characters in a row, without empty cells before and after; a space for one in between.
        confidence: the probability that all cells are right.
        review: a person should look.
        sure: of each cell, the probability that it is right.
        asked: the cells that a person should look at; all that hold something when the field breaks its rule.
    """

    cells: tuple[str, ...]
    value: str
    confidence: float
    review: bool
    sure: tuple[float, ...]
    asked: tuple[bool, ...]


def read_field(
    cells: Sequence[Floats],
    permitted: str,
    dictionary: Sequence[str] = (),
    check_digit: CheckDigit = "none",
    cost: float = WRONG_COSTS,
) -> FieldRead:
    """Judge a field.

    Args:
        cells: for each cell the probabilities of `CLASSES` (48), as `CharacterReader` gives them.
        permitted: characters that may stand in the field.
        dictionary: the only values that there are; none when they are not known.
        check_digit: "luhn" where the last digit follows from the others by Luhn's rule (ISO/IEC 7812-1, annex
            B).
        cost: of a wrong value, in looks of a person at a cell. A person looks at a cell where not looking is
            expected to cost more than looking: (1 − confidence) × cost > 1. Errors are rare, so those of the
            cells of a field add up, and the same rule costs least for whole fields too.
    """
    states = _permitted(np.asarray(cells, np.float64), permitted)
    table = by_value(states)
    if _mixes(permitted) and not dictionary:
        table, best, likelihood = _by_kind(table)
    else:
        best, likelihood = _cell_by_cell(table)
    keeps_rule = True
    if dictionary:
        best, likelihood, keeps_rule = _by_dictionary(table, best, likelihood, dictionary, permitted)
    elif check_digit == "luhn" and len(table) > 1 and any(best):
        best, likelihood, keeps_rule = _by_check_digit(table, best, likelihood)
    confidence = float(min(1.0, likelihood))
    sure = [max(float(row[PLACE[one]]), confidence) for row, one in zip(table, best, strict=True)]
    asked = [
        (1 - one) * cost > 1 if keeps_rule else bool(value) for one, value in zip(sure, best, strict=True)
    ]
    crossed = states[:, INDEX[CROSSED_OUT]] > states[:, INDEX[EMPTY]]
    for number, (one, struck) in enumerate(zip(best, crossed.tolist(), strict=True)):
        asked[number] |= one == UNREAD or (not one and any(best) and struck)
    value = "".join(character or " " for character in best).strip()
    return FieldRead(best, value, confidence, any(asked) or not keeps_rule, tuple(sure), tuple(asked))


def _permitted(table: Floats, permitted: str) -> Floats:
    masked = table * mask_of(permitted)
    return np.asarray(masked / np.maximum(masked.sum(axis=1, keepdims=True), 1e-12))


def _cell_by_cell(table: Floats) -> tuple[tuple[str, ...], float]:
    """The likeliest value of each cell, and the probability that all are right."""
    return tuple(VALUES[place] for place in table.argmax(axis=1).tolist()), float(table.max(axis=1).prod())


def _mixes(permitted: str) -> bool:
    return any(one in DIGITS for one in permitted) and any(one in CAPITALS for one in permitted)


def _by_kind(table: Floats) -> tuple[Floats, tuple[str, ...], float]:
    """Cells of a field for letters and digits: mostly it holds a number or a word, seldom a mixture.

    A mixture model over the kind of the whole field: each kind is as likely as its share times the product of
    what the cells give to its characters. So О and 0, З and 3 are told apart by their neighbours, while a
    field that surely holds both stays as the model reads it.

    Returns:
        Probabilities of each cell's values, the likeliest value of each, the probability of all together.
    """
    chances = [
        share * np.prod((table * of).sum(axis=1)) for share, of in zip(_KIND_SHARES, _KINDS, strict=True)
    ]
    weights = np.array(chances) / max(sum(chances), 1e-300)
    told = [table * of for of in _KINDS]
    within = [one / np.maximum(one.sum(axis=1, keepdims=True), 1e-300) for one in told]
    mixed = np.asarray(sum(weight * one for weight, one in zip(weights, within, strict=True)))
    places = mixed.argmax(axis=1)
    rows = np.arange(len(table))
    likelihood = sum(
        weight * float(one[rows, places].prod()) for weight, one in zip(weights, within, strict=True)
    )
    return mixed, tuple(VALUES[place] for place in places.tolist()), float(likelihood)


def _by_dictionary(
    table: Floats, best: tuple[str, ...], likelihood: float, dictionary: Sequence[str], permitted: str
) -> tuple[tuple[str, ...], float, bool]:
    """The likeliest word, empty cells after it (or before: numbers are set to the right by some)."""
    if not any(best):
        return best, likelihood, True
    placed = _placed_words(dictionary, len(table))
    if not placed:
        return best, likelihood, False
    chances = np.array([_chance(table, cells) for cells in placed])
    known = KEPT_RULES / len(placed)
    other = (1 - KEPT_RULES) / float(max(2, len(permitted))) ** len(table)
    rest = max(0.0, 1 - float(chances.sum()))
    whole = float(chances.sum()) * known + rest * other
    first = int(chances.argmax())
    if chances[first] * known >= likelihood * other:
        return placed[first], float(chances[first] * known / max(whole, 1e-300)), True
    return best, float(likelihood * other / max(whole, 1e-300)), False


def _placed_words(dictionary: Sequence[str], cells: int) -> list[tuple[str, ...]]:
    placed: dict[tuple[str, ...], None] = {}
    for word in dictionary:
        if 0 < len(word) <= cells:
            empty = ("",) * (cells - len(word))
            placed[(*word, *empty)] = placed[(*empty, *word)] = None
    return list(placed)


def _chance(table: Floats, cells: tuple[str, ...]) -> float:
    chances = [row[PLACE[one]] if one in PLACE else 0.0 for row, one in zip(table, cells, strict=True)]
    return float(np.prod(chances))


def _by_check_digit(
    table: Floats, best: tuple[str, ...], likelihood: float
) -> tuple[tuple[str, ...], float, bool]:
    """The likeliest number that keeps Luhn's rule, found by its sum modulo 10 from cell to cell."""
    digits = table[:, _DIGIT_OUTPUTS]
    chance, mass, taken = np.zeros(10), np.zeros(10), []
    chance[0] = mass[0] = 1.0
    for place, row in enumerate(digits):
        adds = _added(len(digits) - place)
        from_sum = (np.arange(10)[:, None] - adds[None, :]) % 10  # by sum after, digit
        ways = chance[from_sum] * row[None, :]
        taken.append((ways.argmax(axis=1), from_sum))
        chance = ways.max(axis=1)
        mass = (mass[from_sum] * row[None, :]).sum(axis=1)
    keeping, breaking = KEPT_RULES * 10, (1 - KEPT_RULES) * 10 / 9  # a tenth of all numbers keep the rule
    whole = mass[0] * keeping + max(0.0, 1 - mass[0]) * breaking
    if chance[0] * keeping >= likelihood * breaking:
        return _traced(taken), float(chance[0] * keeping / max(whole, 1e-300)), True
    return best, float(likelihood * breaking / max(whole, 1e-300)), False


def _added(from_right: int) -> NDArray[np.intp]:
    """What each digit adds to Luhn's sum at a place, counted from the right from 1."""
    doubled = np.arange(10) * (2 if from_right % 2 == 0 else 1)
    return np.asarray(doubled // 10 + doubled % 10, np.intp)


def _traced(taken: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]) -> tuple[str, ...]:
    """The digits on the way to the sum 0, from the last to the first."""
    found, total = [], 0
    for digit_of, from_sum in reversed(taken):
        digit = int(digit_of[total])
        found.append(str(digit))
        total = int(from_sum[total, digit])
    return tuple(reversed(found))
