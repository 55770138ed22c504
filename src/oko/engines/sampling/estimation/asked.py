"""What the command line asks for, found in a CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from oko.engines.columns import TableError, codes, numbers, read_table, require_columns
from oko.engines.sampling.estimation.estimate import Estimate, Sample, estimate
from oko.engines.sampling.estimation.linearised import Design
from oko.engines.sampling.estimation.replication import (
    DesignError,
    Replicates,
    balanced,
    delete_one,
    paired,
)
from oko.engines.sampling.estimation.statistics import StatisticError, statistic

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_UNITS = 4000  # of a delete-one jackknife: as many replicates


class AskedError(ValueError):
    """What was asked cannot be reckoned; the message says why, in Russian."""


@dataclass(frozen=True)
class Asked:
    """The options of `oko estimate`; columns by name."""

    data: Path
    weight: str
    strata: str | None
    cluster: str | None
    fpc: str | None
    method: str | None
    zone: str | None
    half: str | None
    fay: float
    hadamard: Path | None
    variables: tuple[str, ...]
    by: str | None
    statistics: tuple[str, ...]


def estimates(asked: Asked) -> tuple[list[Estimate], list[str]]:
    """All statistics for all groups, and what was left out on the way.

    Raises:
        AskedError: a file, a column or the design is not usable.
    """
    try:
        wanted = [statistic(name) for name in asked.statistics]
        table = read_table(asked.data)
        named = (asked.weight, asked.strata, asked.cluster, asked.fpc, asked.zone, asked.half, asked.by)
        require_columns(table, asked.data.name, *named, *asked.variables, *(one.beside for one in wanted))
        notes: list[str] = []
        table, weight = _weighted(table, asked.weight, notes)
        group, groups = codes(table.column(asked.by)) if asked.by else (np.zeros(len(weight), int), ("",))
        errors = _replicates(asked, table) if asked.method else _design(asked, table, notes)
        sample = Sample(weight, group, groups, errors)
        variables = [_variable(table, name, notes) for name in asked.variables]
        found = [
            one
            for which in wanted
            for one in estimate(
                sample, which, variables, numbers(table.column(which.beside)) if which.beside else None
            )
        ]
    except (TableError, StatisticError, DesignError) as error:
        raise AskedError(str(error)) from error
    return found, notes


def _weighted(table: pa.Table, column: str, notes: list[str]) -> tuple[pa.Table, Floats]:
    weight = numbers(table.column(column))
    right = np.isfinite(weight) & (weight >= 0)
    if not right.all():
        notes.append(f"{int((~right).sum())} строк без веса или с отрицательным весом «{column}» не учтены.")
        table, weight = table.filter(pa.array(right)), weight[right]
    if not len(weight) or weight.sum() <= 0:
        raise AskedError(f"Веса «{column}»: нет ни одного положительного.")
    return table, weight


def _variable(table: pa.Table, name: str, notes: list[str]) -> Floats:
    values = numbers(table.column(name))
    missing = int((~np.isfinite(values)).sum())
    if missing == len(values):
        raise AskedError(f"В столбце «{name}» нет чисел.")
    if missing:
        notes.append(f"«{name}»: {missing} строк без числа не учтены.")
    return values


def _design(asked: Asked, table: pa.Table, notes: list[str]) -> Design:
    unit, stratum, fraction, names = _units(asked, table)
    design = Design(unit, stratum, fraction)
    if len(design.lonely):
        shown = ", ".join(f"«{names[h]}»" for h in design.lonely[:3])
        notes.append(
            f"В {len(design.lonely)} стратах ({shown}) один кластер: их разброс не определить, "
            "ошибки занижены. "
            "Объедините страты."
        )
    return design


def _units(asked: Asked, table: pa.Table) -> tuple[Whole, Whole, Floats, tuple[str, ...]]:
    """Primary units (a cluster code may stand again in another stratum), their strata, drawn shares."""
    rows = table.num_rows
    strata, names = codes(table.column(asked.strata)) if asked.strata else (np.zeros(rows, int), ("",))
    cluster = codes(table.column(asked.cluster))[0] if asked.cluster else np.arange(rows)
    _, first, unit = np.unique(strata * (cluster.max() + 1) + cluster, return_index=True, return_inverse=True)
    stratum = strata[first]
    fraction = np.zeros(len(names))
    if asked.fpc:
        size = numbers(table.column(asked.fpc))[first]
        drawn = np.bincount(stratum, minlength=len(names))
        for h in range(len(names)):
            of = size[stratum == h]
            if not (np.isfinite(of).all() and (of > 0).all()):
                raise AskedError(
                    f"«{asked.fpc}»: в страте «{names[h]}» не все размеры — положительные числа."
                )
            fraction[h] = of[0] if of[0] <= 1 else drawn[h] / of[0]
            if fraction[h] > 1:
                raise AskedError(
                    f"«{asked.fpc}»: в страте «{names[h]}» отобрано {drawn[h]} из {of[0]:g}: так не бывает."
                )
    return unit, stratum, fraction, names


def _replicates(asked: Asked, table: pa.Table) -> Replicates:
    if asked.method in ("jk1", "jkn"):
        unit, stratum, fraction, names = _units(asked, table)
        if asked.method == "jk1" and asked.strata:
            raise AskedError("jk1 — без страт; со стратами возьмите jkn.")
        if len(stratum) > MOST_UNITS:
            raise AskedError(
                f"Кластеров {len(stratum)}: столько повторных выборок не нужно. "
                "Уберите --replicates или укажите --cluster."
            )
        size = np.bincount(stratum, minlength=len(names))
        if (size == 1).any():
            raise AskedError(f"В страте «{names[int(np.argmin(size))]}» один кластер: объедините страты.")
        return delete_one(unit, stratum, fraction)
    if not (asked.zone and asked.half):
        raise AskedError(f"Для {asked.method} нужны --zone и --half.")
    zone, _ = codes(table.column(asked.zone))
    half = _halves(table, asked.half)
    if asked.method == "fay":
        if asked.hadamard is None:
            raise AskedError("Для fay нужна матрица Адамара: --hadamard.")
        return balanced(zone, half, _matrix(asked.hadamard), asked.fay)
    return paired(zone, half, both=asked.method == "jk2-full")


def _halves(table: pa.Table, column: str) -> Whole:
    """1 for the half that is doubled first: the one called 1, else the first by name."""
    halves, names = codes(table.column(column))
    if len(names) > 2:
        raise AskedError(f"«{column}»: половин должно быть две, а значений {len(names)}.")
    doubled = names.index("1") if "1" in names else 0
    first: Whole = (halves == doubled).astype(np.int64)
    return first


def _matrix(path: Path) -> Floats:
    table = read_table(path)
    return np.stack([numbers(column) for column in table.columns], axis=1)
