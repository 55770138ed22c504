"""Weights made to add up to known totals: post-stratification and raking.

Deming, W. E., & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the
expected marginal totals are known. Annals of Mathematical Statistics, 11(4), 427–444.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oko.engines.columns import TableError, read_texts
from oko.engines.sampling.drawing.frame import numbers_of

Floats = NDArray[np.float64]
_CLOSE, _MOST = 1e-12, 2000


@dataclass(frozen=True)
class Raked:
    """Factors of the weights; `converged` says whether all totals are met, `off` by how much at worst."""

    factor: Floats
    converged: bool
    rounds: int
    off: float


def read_margins(path: Path) -> dict[str, dict[str, float]]:
    """Known totals by column and value, from a CSV `column,value,total`.

    Raises:
        TableError: it cannot be read, or a total is no number above 0.
    """
    table = read_texts(path)
    table.require("column", "value", "total")
    totals = numbers_of(table.columns["total"])
    found: dict[str, dict[str, float]] = {}
    for row, (column, value) in enumerate(zip(table.columns["column"], table.columns["value"], strict=True)):
        if not totals[row] > 0:
            raise TableError(
                f"«{table.source}», строка {row + 2}, столбец «total»: "
                f"найдено «{table.columns['total'][row]}», ожидается число больше 0."
            )
        found.setdefault(column, {})[value] = float(totals[row])
    return found


def rake(
    weighted: Floats, values: Mapping[str, NDArray[np.str_]], margins: Mapping[str, Mapping[str, float]]
) -> Raked:
    """Factors by which the weights meet the totals of each column in turn, until all of them hold.

    With one column it is post-stratification.

    Args:
        weighted: what each unit stands for now (weight × students); nan where nothing.
        values: of each column of the margins, the value of each unit.

    Raises:
        TableError: a value has a total and no unit, or units and no total.
    """
    there = np.isfinite(weighted)
    groups = []
    for column, totals in margins.items():
        own = values[column]
        absent = [value for value in totals if not (there & (own == value)).any()]
        unknown = sorted({str(value) for value in own[there]} - set(totals))
        if absent:
            raise TableError(f"Для «{column}» = «{absent[0]}» задан итог, а участвовавших школ с ним нет.")
        if unknown:
            raise TableError(f"«{column}» = «{unknown[0]}» есть среди школ, а итога для него нет.")
        groups += [(there & (own == value), total) for value, total in totals.items()]
    factor = np.where(there, 1.0, np.nan)
    rounds, off = 0, float("inf")
    while off >= _CLOSE and rounds < _MOST:
        rounds += 1
        for members, total in groups:
            factor[members] *= total / _sum(weighted, factor, members)
        off = max(abs(_sum(weighted, factor, members) / total - 1) for members, total in groups)
    return Raked(factor, off < _CLOSE, rounds, off)


def _sum(weighted: Floats, factor: Floats, members: NDArray[np.bool_]) -> float:
    return float((weighted[members] * factor[members]).sum())
