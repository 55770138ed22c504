"""The schools of a study: what was drawn, who took part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oko.engines.columns import TableError, Texts, read_texts
from oko.engines.sampling.drawing.frame import numbers_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Of every school that was drawn, and of those that took part.
OF_ALL = ("mos", "stratum_mos", "n_sampled")
OF_PARTICIPANTS = ("classes_total", "classes_sampled", "students_eligible", "students_tested")
NAMES = ("stratum", "school", "status", *OF_ALL, *OF_PARTICIPANTS)
NUMBERS = (*OF_ALL, *OF_PARTICIPANTS, "enrol_actual")
_TOLD = 20


class Status(StrEnum):
    ORIGINAL = "original"
    REPLACED = "replacement"
    NONRESPONSE = "nonresponse"
    INELIGIBLE = "ineligible"


_SAID = {
    **dict.fromkeys(("original", "selected", "certainty", "participating"), Status.ORIGINAL),
    **dict.fromkeys(("replacement", "replacement1", "replacement2"), Status.REPLACED),
    **dict.fromkeys(("nonresponse", "refusal", "refused"), Status.NONRESPONSE),
    **dict.fromkeys(("ineligible", "excludedineligible", "excluded", "closed"), Status.INELIGIBLE),
}


@dataclass(frozen=True)
class Study:
    """Schools in the order of the file, each column an array of their number.

    Attributes:
        table: as it was written, further columns too.
        numbers: columns of `OF_ALL` and `OF_PARTICIPANTS`; nan where nothing stands.
        enrolment: `enrol_actual` where it is given, else `mos`.
    """

    table: Texts
    stratum: NDArray[np.str_]
    status: NDArray[np.str_]
    numbers: dict[str, Floats]
    enrolment: Floats
    notes: tuple[str, ...] = ()

    @property
    def eligible(self) -> Flags:
        return np.asarray(self.status != Status.INELIGIBLE)

    @property
    def original(self) -> Flags:
        return np.asarray(self.status == Status.ORIGINAL)

    @property
    def participating(self) -> Flags:
        return np.asarray(np.isin(self.status, (Status.ORIGINAL, Status.REPLACED)))


def read_study(path: Path) -> Study:
    """Read the schools of a study from a CSV with the columns of `NAMES` (`enrol_actual` may be added).

    Raises:
        TableError: a column is not there, a status is unknown, a number is missing or cannot be.
    """
    table = read_texts(path)
    table.require(*NAMES)
    status = _statuses(table)
    numbers = {name: numbers_of(table.columns[name]) for name in (*OF_ALL, *OF_PARTICIPANTS)}
    taking_part = np.isin(status, (Status.ORIGINAL, Status.REPLACED))
    _check(table, numbers, status != Status.INELIGIBLE, taking_part)
    idle = taking_part & (numbers["students_tested"] == 0)
    status[idle] = Status.NONRESPONSE
    notes = [
        f"«{table.source}», строка {row + 2}: ни один ученик не писал, школа считается неучаствовавшей."
        for row in np.flatnonzero(idle)[:_TOLD].tolist()
    ]
    stratum = np.array(table.columns["stratum"])
    notes += _disagreements(table, stratum, numbers["n_sampled"])
    enrolment = numbers["mos"]
    if "enrol_actual" in table.columns:
        given = numbers_of(table.columns["enrol_actual"])
        enrolment = np.where(np.isnan(given), enrolment, given)
    return Study(table, stratum, status, numbers, enrolment, tuple(notes))


def _statuses(table: Texts) -> NDArray[np.str_]:
    found = []
    for row, said in enumerate(table.columns["status"]):
        status = _SAID.get("".join(letter for letter in said.lower() if letter.isalnum()))
        if status is None:
            known = "original, replacement1, replacement2, nonresponse, ineligible"
            raise TableError(f"«{table.source}», строка {row + 2}: status «{said}», ожидается {known}.")
        found.append(str(status))
    return np.array(found, dtype="<U12")


def _check(table: Texts, numbers: dict[str, Floats], eligible: Flags, taking_part: Flags) -> None:
    for name in OF_ALL:
        _require(table, name, eligible & ~(numbers[name] > 0), "ожидается число больше 0")
    for name in ("classes_total", "classes_sampled", "students_eligible"):
        _require(
            table, name, taking_part & ~(numbers[name] > 0), "ожидается число больше 0: школа участвовала"
        )
    tested = numbers["students_tested"]
    _require(table, "students_tested", taking_part & ~(tested >= 0), "ожидается число не меньше 0")
    more = taking_part & (tested > numbers["students_eligible"])
    _require(table, "students_tested", more, "писало больше, чем должно было (students_eligible)")
    more = taking_part & (numbers["classes_sampled"] > numbers["classes_total"])
    _require(table, "classes_sampled", more, "отобрано больше классов, чем есть (classes_total)")


def _require(table: Texts, name: str, wrong: Flags, expected: str) -> None:
    for row in np.flatnonzero(wrong)[:1].tolist():
        found = table.columns[name][row]
        place = f"«{table.source}», строка {row + 2}, столбец «{name}»"
        raise TableError(f"{place}: найдено «{found}», {expected}.")


def _disagreements(table: Texts, stratum: NDArray[np.str_], n_sampled: Floats) -> list[str]:
    """Strata in which not all schools that were drawn stand in the table."""
    notes = []
    for name in dict.fromkeys(stratum.tolist()):
        there, said = int((stratum == name).sum()), n_sampled[stratum == name]
        if not (said == there).all():
            notes.append(
                f"«{table.source}», страта «{name}»: строк {there}, а n_sampled {said[0]:g}. Должны стоять "
                "все отобранные школы, и неучаствовавшие тоже."
            )
    return notes
