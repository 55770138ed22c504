"""Data that slid under the wrong headers: told by values that can only belong to another column.

Real files show digits and X in «Учебник»: the whole row was pasted one cell to the right.
"""

from __future__ import annotations

from collections.abc import Sequence

from oko.engines.forms.columns import Columns
from oko.engines.forms.values import (
    Cell,
    Defect,
    folded,
    grade_of,
    is_absent,
    read_class,
    read_sex,
    text_of,
    whole_number,
)

SIGNALS_NEEDED = 2
SMALLEST_CODE_SLIP = 100  # a code that lost a digit is larger; below stand variants, marks and scores
_A_CODE = range(10_000, 100_000)


def shifted_at(row: Sequence[Cell], columns: Columns, last_header: int) -> int | None:
    """The first column whose value betrays a shift of the row, or None if fewer than two signals speak for
    one.
    """
    signals: list[int] = []
    places = {column: role for role, column in columns.roles.items()}
    places |= {column: "item" for column in columns.items if column is not None}
    for column, role in places.items():
        signals += [column] * _strangeness(row[column], role)
    signals += [column for column in range(last_header + 1, len(row)) if _is_score(row[column])][:1]
    if len(signals) + _has_gap(row, columns) < SIGNALS_NEEDED:
        return None
    return min(signals)


def _has_gap(row: Sequence[Cell], columns: Columns) -> bool:
    """Whether a score is missing from a row whose other scores are there: what slid away left a hole."""
    cells = [row[column] for column in columns.items if column is not None]
    return 0 < 2 * cells.count("") < len(cells)


def _strangeness(cell: Cell, role: str) -> int:
    """How strongly a value says that it belongs elsewhere: 0, 1 or 2."""
    if cell == "":
        return 0
    if role == "textbook":
        return 2 * _is_score(cell)
    if is_absent(cell):
        return int(role not in ("variant_1", "variant_2"))
    match role:
        case "sex":
            return int(_is_score(cell) or _is_class(cell))
        case "prior_mark" | "total" | "mark" | "class_number":
            return int(_is_sex(cell) or _is_class(cell))
        case "class":
            return int(_is_sex(cell) or _is_code(cell))
        case "grade":
            return int(_is_sex(cell) or _is_class(cell) or _is_code(cell))
        case "participant":
            return int(_is_sex(cell) or _is_class(cell) or _is_small(cell))
        case "variant_1" | "variant_2" | "item":
            return int(_is_sex(cell) or _is_class(cell) or _is_code(cell))
    return 0


def _is_score(cell: Cell) -> bool:
    return whole_number(cell) is not None or folded(text_of(cell)) == "x"


def _is_sex(cell: Cell) -> bool:
    return not isinstance(read_sex(cell), Defect)


def _is_code(cell: Cell) -> bool:
    number = whole_number(cell)
    return number is not None and number in _A_CODE


def _is_small(cell: Cell) -> bool:
    number = whole_number(cell)
    return number is not None and number < SMALLEST_CODE_SLIP


def _is_class(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return False
    label = read_class(cell)
    return not isinstance(label, Defect) and grade_of(label) is not None and any(map(str.isalpha, label))
