"""The frame: all units that may be drawn, without those that are excluded, by strata and in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oko.engines.columns import Texts, read_texts
from oko.engines.sampling.drawing.plan import Exclusion, Plan, PlanError

JOINT = " / "
_MISSING = frozenset(("", "na", "nan", "null", "н/д"))
_TOLD = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """Units after exclusions.

    Attributes:
        ids: as written, leading zeros too.
        rows: the lines of the file they stand in.
        measure: of size; ones where the plan has none.
        strata: places of the units of each explicit stratum, in the order in which they are drawn from.
        second: how many classes or students each has; None without a second stage.
        excluded: how many units were taken out, by reason.
    """

    ids: tuple[str, ...]
    rows: NDArray[np.intp]
    measure: Floats
    strata: dict[str, NDArray[np.intp]]
    second: NDArray[np.int64] | None
    excluded: dict[str, int]


def read_frame(path: Path, plan: Plan) -> Frame:
    """Read a frame and order it as the plan says.

    Raises:
        TableError: the file is no table.
        PlanError: a column of the plan is not there, a code stands twice, a measure is no positive number.
    """
    table = read_texts(path)
    named = [plan.id, plan.measure, *plan.stratify, *plan.implicit, *(one.column for one in plan.exclusions)]
    named += [plan.second_stage.count] if plan.second_stage else []
    table.require(*named)
    kept, excluded = _without_excluded(table, plan.exclusions)
    if not len(kept):
        raise PlanError(f"«{path.name}»: после исключений не осталось ни одной организации.")
    ids = [table.columns[plan.id][row] for row in kept.tolist()]
    _require_unique(path, ids, kept)
    measure = _positive(path, table, plan.measure, kept) if plan.measure else np.ones(len(kept))
    second = _positive(path, table, plan.second_stage.count, kept) if plan.second_stage else None
    names = [JOINT.join(table.columns[column][row] for column in plan.stratify) for row in kept.tolist()]
    columns = [_sortable([table.columns[column][row] for row in kept.tolist()]) for column in plan.implicit]
    by_id = _sortable(ids)
    strata = {}
    for name in sorted(set(names)):
        members = np.flatnonzero(np.array(names) == name)
        strata[name] = members[ordered([c[members] for c in columns], by_id[members], plan.serpentine)]
    return Frame(
        tuple(ids), kept + 2, measure, strata,
        None if second is None else np.rint(second).astype(np.int64), excluded,
    )  # fmt: skip


def ordered(columns: Sequence[Floats], ids: Floats, serpentine: bool) -> NDArray[np.intp]:
    """The order of units by columns, the first one first, ties by id; with `serpentine` a column turns its
    direction in every second group of the columns before it.
    """
    order = np.argsort(ids, kind="stable")
    groups = [order]
    for column in columns:
        split = []
        for number, group in enumerate(groups):
            down = serpentine and number % 2 == 1
            values = -column[group] if down else column[group]
            within = group[np.argsort(values, kind="stable")]
            edges = np.flatnonzero(np.diff(column[within]) != 0) + 1
            split += np.split(within, edges)
        groups = split
    return np.concatenate(groups)


def _sortable(values: Sequence[str]) -> Floats:
    """Ranks: of numbers by size where all are numbers, else of texts."""
    found = numbers_of(values)
    if not np.isnan(found).any():
        return found
    return np.unique(np.array(values), return_inverse=True)[1].astype(np.float64)


def numbers_of(values: Sequence[str]) -> Floats:
    """Texts as numbers; nan where there is none. A comma may stand for the point."""
    found = np.full(len(values), np.nan)
    for place, text in enumerate(values):
        try:
            found[place] = float(text.replace(",", "."))
        except ValueError:
            continue
    return np.where(np.isinf(found), np.nan, found)


def _without_excluded(table: Texts, rules: Sequence[Exclusion]) -> tuple[NDArray[np.intp], dict[str, int]]:
    out = np.zeros(table.rows, bool)
    counted: Counter[str] = Counter()
    for rule in rules:
        struck = _struck(table.columns[rule.column], rule) & ~out
        counted[rule.reason or _in_words(rule)] += int(struck.sum())
        out |= struck
    return np.flatnonzero(~out), dict(counted)


def _struck(values: Sequence[str], rule: Exclusion) -> NDArray[np.bool_]:
    holds = []
    missing = np.array([text.lower() in _MISSING for text in values])
    if rule.values:
        holds.append(np.isin(np.array(values), rule.values))
    sizes = numbers_of(values) if rule.below is not None or rule.above is not None else np.zeros(0)
    if rule.below is not None:
        holds.append(sizes < rule.below)
    if rule.above is not None:
        holds.append(sizes > rule.above)
    found = np.logical_and.reduce(holds) if holds else np.zeros(len(values), bool)
    return np.asarray(found | missing if rule.missing else found)


def _in_words(rule: Exclusion) -> str:
    parts = ["пусто"] if rule.missing else []
    parts += [", ".join(rule.values)] if rule.values else []
    parts += [f"меньше {rule.below:g}"] if rule.below is not None else []
    parts += [f"больше {rule.above:g}"] if rule.above is not None else []
    return f"{rule.column}: {' или '.join(parts)}"


def _require_unique(path: Path, ids: Sequence[str], kept: NDArray[np.intp]) -> None:
    first: dict[str, int] = {}
    for one, row in zip(ids, kept.tolist(), strict=True):
        if not one:
            raise PlanError(f"«{path.name}», строка {row + 2}: нет кода организации.")
        if one in first:
            raise PlanError(
                f"«{path.name}», строка {row + 2}: код «{one}» уже стоит в строке {first[one] + 2}."
            )
        first[one] = row


def _positive(path: Path, table: Texts, column: str, kept: NDArray[np.intp]) -> Floats:
    texts = [table.columns[column][row] for row in kept.tolist()]
    found = numbers_of(texts)
    wrong = np.flatnonzero(~(found > 0))
    if len(wrong):
        shown = "; ".join(f"строка {kept[one] + 2}: «{texts[one]}»" for one in wrong[:_TOLD].tolist())
        more = f" и ещё {len(wrong) - _TOLD}" if len(wrong) > _TOLD else ""
        raise PlanError(
            f"«{path.name}», столбец «{column}»: ожидается число больше 0, найдено: {shown}{more}. Исправьте "
            "или исключите такие организации (exclusions: missing или below)."
        )
    return found
