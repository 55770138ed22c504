"""From problems to findings: one root cause is told once, each with the words of its cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from oko.engines.forms.columns import Columns, cell_name
from oko.engines.forms.kinds import Finding, Kind, finding
from oko.engines.forms.problems import Problem
from oko.engines.forms.sheets import Sheet
from oko.engines.forms.values import text_of

FEWEST_TO_JOIN = 5
MOST_BY_CELL = 100  # of one kind in one column: a hostile file must not make a hundred thousand findings

# A wrong value is mended where it stands, so each is told by its own cell however many there are.
_BY_CELL = frozenset(
    {
        Kind.CODE_TWICE,
        Kind.UNKNOWN_VARIANT,
        Kind.ABOVE_MAXIMUM,
        Kind.BELOW_ZERO,
        Kind.NOT_WHOLE,
        Kind.NOT_A_SCORE,
        Kind.ABSENT_WITH_SCORE,
        Kind.TOTAL_DIFFERS,
    }
)


def findings_of(problems: Iterable[Problem], sheet: Sheet, participants: int) -> list[Finding]:
    """Findings in the order of the sheet; what half of a column lacks or has slid is one finding with a
    count.
    """
    groups: dict[tuple[Kind, int], list[Problem]] = defaultdict(list)
    for problem in problems:
        column = -1 if problem.kind is Kind.SHIFTED_COLUMNS else problem.column
        groups[problem.kind, column].append(problem)
    told: list[Problem] = []
    for (kind, _), group in groups.items():
        most = 2 * len(group) >= participants
        if kind is Kind.SHIFTED_COLUMNS and len(group) >= FEWEST_TO_JOIN and most:
            return [_finding(_joined(group), sheet)]  # the cause of whatever else was found
        told += _told_by_cell(kind, group, most)
    return [_finding(problem, sheet) for problem in sorted(told, key=lambda problem: problem[:2])]


def _told_by_cell(kind: Kind, group: list[Problem], most: bool) -> list[Problem]:
    """The problems of one kind in one column, each told by itself, or the last one for all that follow."""
    alone = MOST_BY_CELL
    if kind not in _BY_CELL and len(group) >= FEWEST_TO_JOIN and (most or kind is Kind.SHIFTED_COLUMNS):
        alone = 1
    return group if len(group) <= alone else [*group[: alone - 1], _joined(group[alone - 1 :])]


def _joined(group: Sequence[Problem]) -> Problem:
    also = f"То же ещё в {len(group) - 1} строках"
    return group[0]._replace(note=f"{group[0].note}. {also}" if group[0].note else also)


def _finding(problem: Problem, sheet: Sheet) -> Finding:
    if problem.row < 0:
        return finding(
            problem.kind,
            found=problem.found or "",
            expected=problem.expected,
            note=problem.note,
            sheet=sheet.name,
        )
    found = problem.found if problem.found is not None else text_of(sheet.rows[problem.row][problem.column])
    return finding(
        problem.kind,
        cell=cell_name(problem.row, problem.column),
        found=found,
        expected=problem.expected,
        note=problem.note,
        sheet=sheet.name,
    )


def with_formulas(
    problems: list[Problem], sheet: Sheet, columns: Columns, rows: Sequence[int], allowed: frozenset[str]
) -> list[Problem]:
    """Formulas in participants' cells are a problem of their own, and the only one of their cell.

    A formula's value is read as it was last computed; whoever sends values sends what they saw.
    """
    if not sheet.formulas:
        return problems
    watched = {column for role, column in columns.roles.items() if role not in allowed}
    watched |= {column for column in columns.items if column is not None}
    participants = set(rows)
    cells = {place for place in sheet.formulas if place[0] in participants and place[1] in watched}
    kept = [problem for problem in problems if problem[:2] not in cells]
    return kept + [Problem(*place, Kind.FORMULA, "значение, а не формула") for place in sorted(cells)]
