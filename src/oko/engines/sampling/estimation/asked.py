"""What the command line asks for, found in a table.

Missing values: rows without a weight are left out of all; rows without the variable (or a regressor, or the
group) of that estimate only, their units staying in the design; a gap in a column of the design is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from oko.engines.columns import TableError, codes, numbers, read_table, require_columns, told_lines
from oko.engines.sampling.estimation.designs import DesignColumns, errors_of
from oko.engines.sampling.estimation.estimate import Estimate, Sample, estimate
from oko.engines.sampling.estimation.options import Differences
from oko.engines.sampling.estimation.replication import DesignError
from oko.engines.sampling.estimation.statistics import Asked as Statistic
from oko.engines.sampling.estimation.statistics import Mean, Percent, StatisticError, statistic

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_CATEGORIES = 200  # of which percentages are told


class AskedError(ValueError):
    """What was asked cannot be reckoned; the message says why, in Russian."""


@dataclass(frozen=True)
class Asked:
    """The options of `oko estimate`; columns by name."""

    data: Path
    weight: str
    variables: tuple[str, ...]
    by: str | None = None
    statistics: tuple[str, ...] = ("mean",)
    differences: Differences | None = None
    design: DesignColumns = field(default_factory=DesignColumns)


def estimates(asked: Asked) -> tuple[list[Estimate], list[str]]:
    """All statistics for all groups, and what was left out on the way.

    Raises:
        AskedError: a file, a column or the design is not usable.
    """
    try:
        wanted = [statistic(name) for name in asked.statistics]
        beside = [name for one in wanted for name in one.beside]
        needed = (asked.weight, *asked.design.names, asked.by, *asked.variables, *beside)
        # Names of replicate weights may be only begun, so then all is read.
        table = read_table(asked.data, () if asked.design.replicate_weights else needed)
        require_columns(table, asked.data.name, *needed)
        notes: list[str] = []
        table, weight, lines = _weighted(table, asked.weight, notes)
        errors = errors_of(asked.design, table, lines, notes)
        group, groups, weight = _groups(table, asked.by, weight, lines, notes)
        sample = Sample(weight, group, groups, errors)
        found = [one for which in wanted for one in _estimates(asked, table, sample, which, lines, notes)]
    except (TableError, StatisticError, DesignError) as error:
        raise AskedError(str(error)) from error
    return found, list(dict.fromkeys(notes))


def _estimates(
    asked: Asked, table: pa.Table, sample: Sample, wanted: Statistic, lines: Whole, notes: list[str]
) -> list[Estimate]:
    if isinstance(wanted, Percent):
        return _percentages(asked, table, sample, notes)
    variables = [_variable(table, name, lines, notes) for name in asked.variables]
    beside = [_variable(table, name, lines, notes) for name in wanted.beside]
    found = estimate(
        sample, wanted, variables, np.stack(beside, axis=1) if beside else None, asked.differences
    )
    nowhere = sorted({one.group for one in found if one.n and not np.isfinite(one.estimate)})
    if nowhere:
        shown = ", ".join(f"«{name}»" for name in nowhere[:3])
        notes.append(f"{wanted.name}: не определить в группах {shown} (нет разброса или мало строк).")
    return found


def _percentages(asked: Asked, table: pa.Table, sample: Sample, notes: list[str]) -> list[Estimate]:
    """Of every value of the variable (of several plausible classifications: of every value of any)."""
    coded = [codes(table.column(name)) for name in asked.variables]
    values = sorted({name for _, names in coded for name in names if name})
    if len(values) > MOST_CATEGORIES:
        raise AskedError(
            f"«{asked.variables[0]}»: {len(values)} разных значений; percent — для признаков, "
            f"у которых их не больше {MOST_CATEGORIES}."
        )
    empty = sum(int((of == names.index("")).sum()) for of, names in coded if "" in names)
    if empty:
        notes.append(f"«{', '.join(asked.variables)}»: {empty} пустых значений не учтены.")
    found = []
    for value in values:
        indicators = [
            np.array([np.nan if name == "" else float(name == value) for name in names])[of]
            for of, names in coded
        ]
        mean = Mean(f"percent:{value}", times=100.0)
        found += estimate(sample, mean, indicators, None, asked.differences)
    return found


def _weighted(table: pa.Table, column: str, notes: list[str]) -> tuple[pa.Table, Floats, Whole]:
    """Rows with a weight, their weights and the lines of the file where they stand (the header is line 1)."""
    weight = numbers(table.column(column))
    lines = np.arange(2, len(weight) + 2)
    right = np.isfinite(weight) & (weight >= 0)
    if not right.all():
        notes.append(
            f"{int((~right).sum())} строк без веса или с отрицательным весом «{column}» не учтены "
            f"({told_lines(lines[~right])})."
        )
        table, weight, lines = table.filter(pa.array(right)), weight[right], lines[right]
    if not len(weight) or weight.sum() <= 0:
        raise AskedError(f"Веса «{column}»: нет ни одного положительного.")
    return table, weight, lines


def _groups(
    table: pa.Table, by: str | None, weight: Floats, lines: Whole, notes: list[str]
) -> tuple[Whole, tuple[str, ...], Floats]:
    """Numbers and names of groups; a row without a group weighs nothing."""
    if by is None:
        return np.zeros(len(weight), np.int64), ("",), weight
    group, groups = codes(table.column(by))
    if "" not in groups:
        return group, groups, weight
    nobody = group == groups.index("")
    notes.append(f"«{by}»: {int(nobody.sum())} строк без группы не учтены ({told_lines(lines[nobody])}).")
    if len(groups) == 1:
        raise AskedError(f"«{by}»: группа не указана ни в одной строке.")
    # The empty value is the first by name.
    return np.maximum(group - 1, 0), groups[1:], np.where(nobody, 0.0, weight)


def _variable(table: pa.Table, name: str, lines: Whole, notes: list[str]) -> Floats:
    values = numbers(table.column(name))
    missing = ~np.isfinite(values)
    if missing.all():
        raise AskedError(f"В столбце «{name}» нет чисел.")
    if missing.any():
        notes.append(
            f"«{name}»: {int(missing.sum())} строк без числа не учтены ({told_lines(lines[missing])})."
        )
    return values
