"""What one cell says: the tolerant reading of scores, variants, codes, marks, sex and class.

People type digits as text, leave stray and non-breaking spaces, and mix the two alphabets. Everything here
maps a raw cell to a value or to a `Defect`; nothing here knows in which row or column the cell stands.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import isfinite

from oko.engines.forms.kinds import Kind

Cell = float | int | str | bool | date | datetime | time | timedelta

NOT_ATTEMPTED = -1  # X: the participant did not attempt the item; counts 0

# Letters that look alike in the two alphabets, Cyrillic to Latin: headers and marks are compared after this.
_LOOK_ALIKE = str.maketrans("авекмнорстух", "abekmhopctyx")
_TO_CYRILLIC = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


@dataclass(frozen=True, slots=True)
class Defect:
    """A cell that cannot be taken: its kind, and a note for the one who mends it."""

    kind: Kind
    note: str = ""


class Blank:
    """The reading of an empty cell where a value may be due: told apart from N, which is None."""

    def __repr__(self) -> str:
        return "BLANK"


BLANK = Blank()
Score = int | None | Blank | Defect


def text_of(value: Cell | None) -> str:
    """The text of a cell as its author sees it: 40001.0 is «40001», stray and odd spaces are gone."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _tidy(value)
    if isinstance(value, bool):
        return "ИСТИНА" if value else "ЛОЖЬ"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value).replace(".", ",")
    if isinstance(value, datetime | date):
        return value.strftime("%d.%m.%Y")
    return str(value)


@lru_cache(maxsize=16384)
def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_INVISIBLE).split())


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """Lower case, ё as е, one alphabet for letters that look alike: for comparison, never for showing."""
    return text.casefold().replace("ё", "е").translate(_LOOK_ALIKE)


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """`folded`, letters and digits only: «Отметка за  предыдущий триместр/ четверть» ignores spaces and
    slashes.
    """
    return "".join(filter(str.isalnum, folded(text_of(text))))


_WHOLE = re.compile(r"([+-]?) ?([0-9]{1,40})(?:[.,]0*)?")
_FRACTION = re.compile(r"[+-]? ?[0-9]*[.,][0-9]+")
_MINUS = str.maketrans("−–—", "---")


def whole_number(value: Cell) -> int | None:
    """The whole number in a cell, however it was typed (3, 3.0, «3 », «3,0»), or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if isfinite(value) and value == int(value) else None
    if not isinstance(value, str):
        return None
    match = _WHOLE.fullmatch(text_of(value).translate(_MINUS))
    return int(match[1] + match[2]) if match else None


def is_fraction(value: Cell) -> bool:
    """Whether the cell holds a number that is not whole: 1.5, «1,5»."""
    if isinstance(value, float):
        return not value.is_integer()
    return isinstance(value, str) and bool(_FRACTION.fullmatch(text_of(value).translate(_MINUS)))


MOST_REMEMBERED = 1_000


class ScoreReader(dict[Cell, Score]):
    """Reads the cells of items with one maximum; a raw value is understood once and remembered, file after
    file.

    Booleans must have been replaced before (`True` and 1 are one key in a dictionary).
    """

    def __init__(self, maximum: int) -> None:
        super().__init__({float(score): score for score in range(maximum + 1)})
        self.maximum = maximum

    def __missing__(self, value: Cell) -> Score:
        score = read_score(value, self.maximum)
        if len(self) < MOST_REMEMBERED:  # a hostile file must not fill the memory
            self[value] = score
        return score


@lru_cache(maxsize=64)
def score_reader(maximum: int) -> ScoreReader:
    return ScoreReader(maximum)


def read_score(value: Cell, maximum: int) -> Score:
    """The score 0…maximum, `NOT_ATTEMPTED` for X in either alphabet, None for N, `BLANK`, or a `Defect`."""
    number = whole_number(value)
    if number is not None:
        if number < 0:
            return Defect(Kind.BELOW_ZERO)
        return number if number <= maximum else Defect(Kind.ABOVE_MAXIMUM)
    if is_fraction(value):
        return Defect(Kind.NOT_WHOLE)
    if isinstance(value, date | time | timedelta):
        return Defect(Kind.NOT_A_SCORE, "Табличный редактор превратил число в дату")
    text = text_of(value)
    if not text:
        return BLANK
    if folded(text) == "x":
        return NOT_ATTEMPTED
    if text in ("N", "n"):
        return None
    return Defect(Kind.NOT_A_SCORE, _hint(text))


def _hint(text: str) -> str:
    if text.startswith("#"):
        return "Это ошибка вычисления формулы"
    if text in ("Н", "н"):
        return "Русская Н читается двояко: «не был» или «тема не пройдена»"
    if folded(text) == "o":
        return "Похоже, вместо нуля набрана буква О"
    return ""


_ABSENT_STARTS = tuple(map(key, ("отсутств", "не присутств", "не явил", "неявка")))
_ABSENT_WHOLE = frozenset(map(key, ("н/я", "отс.", "не был", "не была", "absent")))


@lru_cache(maxsize=1024)
def is_absent(value: Cell) -> bool:
    """Whether a variant's cell says «отсутствовал» or «не присутствовал», in any case and form."""
    if not isinstance(value, str):
        return False
    word = key(value)
    return word.startswith(_ABSENT_STARTS) or word in _ABSENT_WHOLE


_CODE_DIGITS = 5


def read_code(value: Cell) -> str | Defect:
    """The participant code, five digits as text."""
    number = text_of(value)
    if _is_code(number):
        return number
    if not number:
        return Defect(Kind.CODE_MISSING)
    number = number.replace(" ", "").removesuffix(".0")
    return number if isinstance(value, str) and _is_code(number) else Defect(Kind.NOT_A_CODE)


def _is_code(text: str) -> bool:
    return len(text) == _CODE_DIGITS and text.isascii() and text.isdigit()


_SEX = {key(word): "м" for word in ("м", "муж", "муж.", "мужской", "мальчик", "юноша", "m")} | {
    key(word): "ж" for word in ("ж", "жен", "жен.", "женский", "девочка", "девушка", "f")
}


@lru_cache(maxsize=1024)
def read_sex(value: Cell) -> str | Defect:
    """«м» or «ж»."""
    if isinstance(value, str) and (sex := _SEX.get(key(value))):
        return sex
    return Defect(Kind.UNKNOWN_SEX)


LOWEST_MARK, HIGHEST_MARK = 2, 5
_NO_MARK = frozenset(
    map(key, ("нет отметки", "нет", "н/а", "не аттестован", "не аттестована", "без отметки"))
)


@lru_cache(maxsize=1024)
def read_prior_mark(value: Cell) -> int | Defect | None:
    """The mark 2–5 of the last term; None where there is none («НЕТ ОТМЕТКИ», «-», «—», empty)."""
    number = whole_number(value)
    if number is not None:
        return number if LOWEST_MARK <= number <= HIGHEST_MARK else Defect(Kind.UNKNOWN_MARK)
    if isinstance(value, str):
        word = key(value)
        if word in _NO_MARK or (not word and not text_of(value).translate(_MINUS).strip("-")):
            return None
    return Defect(Kind.UNKNOWN_MARK)


_CLASS = re.compile(r"([0-9]{1,2})([А-ЯЁ]{0,3}[0-9]{0,2}|-[0-9]{1,2})")
_NUMBERED_CLASS = re.compile(r"([0-9]{1,2}) ?[-/.,] ?([0-9]{1,2})")
_LONGEST_CLASS = 20
LAST_GRADE = 11


@lru_cache(maxsize=1024)
def read_class(value: Cell) -> str | Defect:
    """The class label: «4А» however it was typed («4-а», «4 "A"», «4А класс»), «4-1» where classes are
    numbered; a group's name is kept as it is.
    """
    text = text_of(value)
    numbered = _NUMBERED_CLASS.fullmatch(text.translate(_MINUS))
    if numbered and 1 <= int(numbered[1]) <= LAST_GRADE:
        return f"{int(numbered[1])}-{int(numbered[2])}"
    squeezed = "".join(filter(str.isalnum, text.upper())).translate(_TO_CYRILLIC).removesuffix("КЛАСС")
    if match := _CLASS.fullmatch(squeezed):
        is_number = bool(match[2]) and squeezed.isdigit()
        if is_number or not 1 <= int(match[1]) <= LAST_GRADE:
            return Defect(Kind.CLASS_NOT_RECOGNISED)
        return squeezed
    if isinstance(value, str) and len(text) <= _LONGEST_CLASS and any(map(str.isalpha, text)):
        return text
    return Defect(Kind.CLASS_NOT_RECOGNISED)


@lru_cache(maxsize=1024)
def grade_of(label: str) -> int | None:
    """The grade that a class label begins with: «4А» → 4."""
    match = _CLASS.fullmatch(label)
    return int(match[1]) if match else None


MOST_CLASSES = 40


def read_class_number(value: Cell) -> str | Defect:
    """The ordinal number of the class in its grade, as text: 1, 2, 3…"""
    number = whole_number(value)
    if number is not None and 1 <= number <= MOST_CLASSES:
        return str(number)
    return Defect(Kind.CLASS_NOT_RECOGNISED)
