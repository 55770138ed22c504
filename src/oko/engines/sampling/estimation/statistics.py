"""Statistics that are functions of weighted sums, and quantiles.

All but quantiles need six sums of a group of rows: Σw, Σwy, Σwy², Σwx, Σwx², Σwxy. A replicate has other
sums, and the same function of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Six sums along the last axis, in the order above.
Sums = Floats
OfSums: TypeAlias = Callable[[Sums], Floats]

ROUNDING = 1e-12  # of sums of weights
_QUANTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)$")


class StatisticError(ValueError):
    """A statistic that there is not; the message says which there are, in Russian."""


@dataclass(frozen=True)
class SumStatistic:
    """A function of the six sums; `beside` is the column of the regressor of a slope."""

    name: str
    of_sums: OfSums
    beside: str | None = None


@dataclass(frozen=True)
class Quantile:
    """`share`: 0 … 1."""

    name: str
    share: float
    beside: None = None


Statistic: TypeAlias = SumStatistic | Quantile


def statistic(name: str) -> Statistic:
    """`mean`, `total`, `sd`, `p25`, `slope:X`.

    Raises:
        StatisticError: there is no such statistic.
    """
    if name in _OF_SUMS:
        return SumStatistic(name, _OF_SUMS[name])
    if name.startswith("slope:") and len(name) > len("slope:"):
        return SumStatistic(name, _slope, name.removeprefix("slope:"))
    found = _QUANTILE.match(name)
    if found and 0 < float(found[1]) < 100:
        return Quantile(name, float(found[1]) / 100)
    raise StatisticError(
        f"Показателя «{name}» нет. Есть: mean, total, sd, p25 (и другие перцентили от p1 до p99), "
        "slope:СТОЛБЕЦ."
    )


def six_sums(weight: Floats, y: Floats, x: Floats) -> Floats:
    """N × 6: what each row adds to the sums."""
    return np.stack([weight, weight * y, weight * y * y, weight * x, weight * x * x, weight * x * y], axis=1)


def weighted_quantile(values: Floats, weights: Floats, share: float) -> float:
    """The smallest value at which the weighted distribution reaches the share (R `survey`: «math»).

    Args:
        values: N, in rising order.
        weights: N.
    """
    reached = np.cumsum(weights)
    place = int(np.searchsorted(reached, share * reached[-1] * (1 - ROUNDING)))
    return float(values[min(place, len(values) - 1)])


def _mean(sums: Sums) -> Floats:
    mean: Floats = sums[..., 1] / sums[..., 0]
    return mean


def _total(sums: Sums) -> Floats:
    return sums[..., 1]


def _sd(sums: Sums) -> Floats:
    """With the sum of weights below, as in the PISA Data Analysis Manual (OECD, 2009)."""
    sd: Floats = np.sqrt(np.maximum(sums[..., 2] / sums[..., 0] - _mean(sums) ** 2, 0))
    return sd


def _slope(sums: Sums) -> Floats:
    """Of the regression of y on x with an intercept."""
    w, wy, _, wx, wxx, wxy = np.moveaxis(sums, -1, 0)
    slope: Floats = (wxy - wx * wy / w) / (wxx - wx**2 / w)
    return slope


_OF_SUMS: dict[str, OfSums] = {"mean": _mean, "total": _total, "sd": _sd}
