"""Statistics of groups: functions of weighted sums, and quantiles.

All but quantiles are functions of weighted sums of products of columns. A replicate has other sums, and the
same function of them; linearisation asks how much each row moves it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDING = 1e-12  # of sums of weights
COLLINEAR = 1e-12  # smallest eigenvalue of the scaled normal equations that still tells the slopes apart
_QUANTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)$")


class StatisticError(ValueError):
    """A statistic that there is not; the message says which there are, in Russian."""


@dataclass(frozen=True)
class SumStatistic(ABC):
    """K numbers of a group.

    Attributes:
        name: as it was asked for.
        beside: names of the columns that stand beside the variable: regressors, a denominator.
    """

    name: str
    beside: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """K names."""
        return (self.name,)

    def around(self, weight: Floats, y: Floats, x: Floats) -> SumStatistic:
        """The same statistic, reckoned from an origin that suits these rows (sums of squares cancel)."""
        return self

    @abstractmethod
    def products(self, y: Floats, x: Floats) -> Floats:
        """N × S, whose weighted sums are needed; x is N × len(beside)."""

    @abstractmethod
    def of_sums(self, sums: Floats) -> Floats:
        """… × S → … × K."""

    @abstractmethod
    def influence(self, weight: Floats, y: Floats, x: Floats) -> Floats:
        """N × K: how much each row of the group moves the statistic, its weight included."""


@dataclass(frozen=True)
class Mean(SumStatistic):
    """`times`: 100 for a share in per cent."""

    times: float = 1.0

    def products(self, y: Floats, x: Floats) -> Floats:
        return np.stack([np.ones_like(y), y], axis=1)

    def of_sums(self, sums: Floats) -> Floats:
        mean: Floats = self.times * sums[..., 1:] / sums[..., :1]
        return mean

    def influence(self, weight: Floats, y: Floats, x: Floats) -> Floats:
        total = weight.sum()
        moved: Floats = self.times * weight * (y - weight @ y / total) / total
        return moved[:, None]


@dataclass(frozen=True)
class Total(SumStatistic):
    def products(self, y: Floats, x: Floats) -> Floats:
        return y[:, None]

    def of_sums(self, sums: Floats) -> Floats:
        return sums

    def influence(self, weight: Floats, y: Floats, x: Floats) -> Floats:
        return (weight * y)[:, None]


@dataclass(frozen=True)
class Ratio(SumStatistic):
    """Σwy / Σwx."""

    def products(self, y: Floats, x: Floats) -> Floats:
        return np.stack([y, x[:, 0]], axis=1)

    def of_sums(self, sums: Floats) -> Floats:
        ratio: Floats = sums[..., :1] / sums[..., 1:]
        return ratio

    def influence(self, weight: Floats, y: Floats, x: Floats) -> Floats:
        below = weight @ x[:, 0]
        return (weight * (y - weight @ y / below * x[:, 0]) / below)[:, None]


@dataclass(frozen=True)
class Deviation(SumStatistic):
    """Standard deviation with the sum of weights below (PISA Data Analysis Manual, OECD, 2009)."""

    origin: float = 0.0

    def around(self, weight: Floats, y: Floats, x: Floats) -> Deviation:
        return replace(self, origin=float(weight @ y / weight.sum()))

    def products(self, y: Floats, x: Floats) -> Floats:
        away = y - self.origin
        return np.stack([np.ones_like(y), away, away**2], axis=1)

    def of_sums(self, sums: Floats) -> Floats:
        mean = sums[..., 1:2] / sums[..., :1]
        deviation: Floats = np.sqrt(np.maximum(sums[..., 2:] / sums[..., :1] - mean**2, 0))
        return deviation

    def influence(self, weight: Floats, y: Floats, x: Floats) -> Floats:
        total = weight.sum()
        squared = (y - weight @ y / total) ** 2
        variance = weight @ squared / total
        moved: Floats = weight * (squared - variance) / (2 * np.sqrt(variance) * total)
        return moved[:, None]


@dataclass(frozen=True)
class Regression(SumStatistic):
    """Weighted least squares on the columns beside: intercept, slopes, R²; or one slope alone.

    nan where a group does not tell the slopes apart: a constant regressor, too few rows.
    """

    slope_alone: bool = False
    origin: tuple[float, ...] = ()  # of the regressors, then of the variable

    @property
    def outputs(self) -> tuple[str, ...]:
        if self.slope_alone:
            return (self.name,)
        return tuple(f"{self.name}:{one}" for one in ("intercept", *self.beside, "r2"))

    def around(self, weight: Floats, y: Floats, x: Floats) -> Regression:
        means = weight @ np.column_stack([x, y]) / weight.sum()
        return replace(self, origin=tuple(means.tolist()))

    def products(self, y: Floats, x: Floats) -> Floats:
        columns = self._columns(y, x)
        above = np.triu_indices(columns.shape[1])
        return columns[:, above[0]] * columns[:, above[1]]

    def of_sums(self, sums: Floats) -> Floats:
        size = len(self.beside) + 2
        above = np.triu_indices(size)
        square = np.zeros((*sums.shape[:-1], size, size))
        square[..., above[0], above[1]] = sums
        square[..., above[1], above[0]] = sums
        normal, right, told = _normal_equations(square)
        beta = np.linalg.solve(normal, right[..., None])[..., 0]
        total = square[..., -1, -1] - square[..., 0, -1] ** 2 / square[..., 0, 0]
        residual = square[..., -1, -1] - (beta * square[..., :-1, -1]).sum(axis=-1)
        found = np.concatenate([beta, (1 - residual / total)[..., None]], axis=-1)
        return self._shown(np.where(told[..., None], found, np.nan), self.origin[-1])

    def influence(self, weight: Floats, y: Floats, x: Floats) -> Floats:
        columns = self._columns(y, x)
        regressors, away = columns[:, :-1], columns[:, -1]
        normal, right, told = _normal_equations((columns * weight[:, None]).T @ columns)
        if not told:
            return np.full((len(y), len(self.outputs)), np.nan)
        beta = np.linalg.solve(normal, right)
        residual = away - regressors @ beta
        moved = np.linalg.solve(normal, (regressors * (weight * residual)[:, None]).T).T
        centred = away - weight @ away / weight.sum()
        total, left = weight @ centred**2, weight @ residual**2
        moved_r2 = weight * (left * centred**2 / total - residual**2) / total
        return self._shown(np.column_stack([moved, moved_r2]), 0.0)

    def _columns(self, y: Floats, x: Floats) -> Floats:
        return np.column_stack([np.ones_like(y), np.column_stack([x, y]) - np.array(self.origin)])

    def _shown(self, found: Floats, origin: float) -> Floats:
        """Intercept carried from the origin to zero, or the slope alone."""
        if self.slope_alone:
            return found[..., 1:2]
        carried = found.copy()
        carried[..., 0] += origin - found[..., 1:-1] @ np.array(self.origin[:-1])
        return carried


def _normal_equations(square: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Left and right sides, and whether they tell the slopes; where not, the left side is made harmless."""
    normal = square[..., :-1, :-1]
    spread = np.sqrt(np.diagonal(normal, axis1=-2, axis2=-1))
    safe = np.where(spread > 0, spread, 1.0)
    scaled = normal / (safe[..., :, None] * safe[..., None, :])
    told = (np.linalg.eigvalsh(scaled)[..., 0] > COLLINEAR) & np.isfinite(normal).all(axis=(-2, -1))
    harmless = np.where(told[..., None, None], normal, np.eye(normal.shape[-1]))
    return harmless, square[..., :-1, -1], told


@dataclass(frozen=True)
class Quantile:
    """`share`: 0 … 1."""

    name: str
    share: float
    beside: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True)
class Percent:
    """Percentages of all the values that a variable takes: one `Mean` for each."""

    name: str
    beside: tuple[str, ...] = ()


Statistic: TypeAlias = SumStatistic | Quantile
Asked: TypeAlias = Statistic | Percent


def statistic(name: str) -> Asked:
    """`mean`, `total`, `sd`, `percent`, `p25`, `ratio:X`, `slope:X`, `regression:X1+X2`.

    Raises:
        StatisticError: there is no such statistic.
    """
    plain = {"mean": Mean, "total": Total, "sd": Deviation, "percent": Percent}
    if name in plain:
        made: Asked = plain[name](name)
        return made
    kind, _, columns = name.partition(":")
    beside = tuple(one.strip() for one in columns.split("+") if one.strip())
    if kind == "regression" and beside and len(set(beside)) == len(beside):
        return Regression(name, beside)
    if kind == "slope" and columns:
        return Regression(name, (columns,), slope_alone=True)
    if kind == "ratio" and columns:
        return Ratio(name, (columns,))
    found = _QUANTILE.match(name)
    if found and 0 < float(found[1]) < 100:
        return Quantile(name, float(found[1]) / 100)
    raise StatisticError(
        f"Показателя «{name}» нет. Есть: mean, total, sd, percent, p25 (и другие перцентили от p1 до p99), "
        "ratio:СТОЛБЕЦ, slope:СТОЛБЕЦ, regression:СТОЛБЕЦ+СТОЛБЕЦ."
    )


def weighted_quantile(values: Floats, weights: Floats, share: float) -> float:
    """The smallest value at which the weighted distribution reaches the share (R `survey`: «math»).

    Args:
        values: N, in rising order.
        weights: N.
    """
    reached = np.cumsum(weights)
    place = int(np.searchsorted(reached, share * reached[-1] * (1 - ROUNDING)))
    return float(values[min(place, len(values) - 1)])
