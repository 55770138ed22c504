"""«Индивидуальные результаты»: the works themselves, by code, and those behind one number of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from oko.engines.papers import Paper
from oko.engines.statistics.grid import Behind, Change, Having
from oko.engines.statistics.levels import KEYS
from oko.engines.statistics.rules import shipped_rules
from oko.engines.statistics.works import NOT_ATTEMPTED

SLUG, TITLE = "individual", "Индивидуальные результаты"

ORDER = ("region", "school", "class", "participant")
_SEARCHED = ("participant", "class", "school")
_FACTS = ("variant_1", "variant_2", "sex", "prior_mark", "status", "total", "mark")
_MARKS = ("prior_mark", "mark")


@dataclass(frozen=True, slots=True)
class IndividualRow:
    """One work; `scores` in the order of the paper's items, as works hold them (−1 is X, None is N)."""

    region: str
    municipality: str
    school: str
    class_label: str
    participant: str
    variant_1: int | None
    variant_2: int | None
    sex: str | None
    prior_mark: int | None
    status: str
    total: int | None
    mark: int | None
    scores: tuple[int | None, ...]

    @property
    def shown_scores(self) -> tuple[str, ...]:
        return tuple(score_text(score, known=self.total is not None) for score in self.scores)


@dataclass(frozen=True, slots=True)
class IndividualPage:
    """Some rows of a long list; `total` counts all of it."""

    rows: tuple[IndividualRow, ...]
    total: int


def score_text(score: int | None, *, known: bool) -> str:
    """«2», «X» (not attempted), «N» (not studied); empty where nobody knows, for the work has no total."""
    if score is None:
        return "N" if known else ""
    return "X" if score == NOT_ATTEMPTED else str(score)


def individual_rows(
    works: ir.Table,
    paper: Paper,
    *,
    search: str = "",
    order_by: Sequence[str] = (),
    limit: int | None = None,
    offset: int = 0,
) -> IndividualPage:
    """A page of the works, by region, school, class and code unless ordered otherwise.

    Args:
        works: narrowed before, for instance by `works_behind`.
        paper: whose items the scores are of.
        search: a part of a code of participant or school, or of a class.
        order_by: names of works' columns, the first the weightiest; «-total» is from the highest down. Works
            without a value stand last.
        limit: how many rows; all where None.
        offset: how many rows to leave out before.

    Raises:
        KeyError: works have no column that `order_by` names.
    """
    wanted = works.filter(_mentions(works, search)) if search.strip() else works
    columns = [*KEYS, "class", "participant", *_FACTS, *(item.code for item in paper.items)]
    page = wanted.order_by(*_sort_keys(wanted, order_by)).limit(limit, offset=offset).select(*columns)
    codes = [item.code for item in paper.items]
    return IndividualPage(
        rows=tuple(_row(work, codes) for work in page.to_pyarrow().to_pylist()),
        total=int(wanted.count().to_pyarrow().as_py()),
    )


def _mentions(works: ir.Table, search: str) -> ir.BooleanValue:
    part = search.strip().lower().replace("\0", "\ufffd")  # DuckDB takes no NUL, and no code has one
    return ibis.or_(*(works[name].lower().contains(part).fill_null(False) for name in _SEARCHED))


def _sort_keys(works: ir.Table, order_by: Sequence[str]) -> list[ir.Value]:
    """Those asked for, then the usual ones, so that equal rows never change places from page to page."""
    keys: dict[str, ir.Value] = {}
    for name in (*order_by, *ORDER):
        column = name.removeprefix("-")
        if column not in works.columns:
            raise KeyError(column)
        keys.setdefault(column, works[column].desc() if name.startswith("-") else works[column].asc())
    return list(keys.values())


def _row(work: dict[str, Any], codes: Sequence[str]) -> IndividualRow:
    return IndividualRow(
        **{key: work[key] for key in KEYS},
        class_label=work["class"] or "",
        participant=work["participant"],
        **{name: work[name] for name in _FACTS},
        scores=tuple(work[code] for code in codes),
    )


def works_behind(works: ir.Table, behind: Behind) -> ir.Table:
    """The works that a number was counted from, by region, school, class and code.

    Raises:
        KeyError: works have no such item.
    """
    conditions = _conditions(works, behind)
    return (works.filter(*conditions) if conditions else works).order_by(*ORDER)


def _conditions(works: ir.Table, behind: Behind) -> list[ir.BooleanValue]:
    territory = {key: getattr(behind.group, key) for key in KEYS}
    conditions = [works[key] == code for key, code in territory.items() if code is not None]
    if behind.mark is not None:
        conditions.append(works.mark == behind.mark)
    if behind.total is not None:
        conditions.append(works.total == behind.total)
    if behind.item is not None:
        if behind.item not in _item_codes(works):
            raise KeyError(behind.item)
        score = works[behind.item]
        conditions.append(score == NOT_ATTEMPTED if behind.not_attempted else score.notnull())
    if behind.change is not None:
        conditions.append(_changed(works, behind.change))
    if behind.having is not None:
        conditions.append(_has(works, behind.having))
    return conditions


def _changed(works: ir.Table, change: Change) -> ir.BooleanValue:
    """Whether the mark stands so to that in the class register; never where one of them is missing."""
    gap = works.mark.cast("int16") - works.prior_mark.cast("int16")
    return {
        Change.LOWERED: gap < 0,
        Change.CONFIRMED: gap == 0,
        Change.RAISED: gap > 0,
        Change.SIGNIFICANT: gap.abs() >= shipped_rules().significant_gap,
    }[change]


def _has(works: ir.Table, having: Having) -> ir.BooleanValue:
    match having:
        case Having.SCORE:
            return ibis.or_(*(works[code].notnull() for code in _item_codes(works)))
        case Having.TOTAL:
            return works.total.notnull()
        case Having.MARK:
            return works.mark.notnull()
        case Having.BOTH_MARKS:
            return works.mark.notnull() & works.prior_mark.notnull()


def _item_codes(works: ir.Table) -> list[str]:
    """Of all columns of works, those of items are the ones of small numbers that are no marks."""
    return [name for name, kind in works.schema().items() if kind.is_int8() and name not in _MARKS]
