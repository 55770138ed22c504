"""Estimates by group with their standard errors, plausible values combined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from oko.engines.sampling.estimation.linearised import Design, influence_of, variance_of_total
from oko.engines.sampling.estimation.replication import Replicates
from oko.engines.sampling.estimation.statistics import (
    Quantile,
    Statistic,
    SumStatistic,
    six_sums,
    weighted_quantile,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

WOODRUFF_LEVEL = 0.95


@dataclass(frozen=True)
class Sample:
    """Rows of a sample.

    Attributes:
        weight: N.
        group: N, numbers 0 … of groups.
        groups: their names.
        errors: how errors are reckoned: a design (linearised) or replicates.
    """

    weight: Floats
    group: Whole
    groups: tuple[str, ...]
    errors: Design | Replicates


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number.

    Attributes:
        se: √(sampling variance + imputation variance).
        var_imputation: (1 + 1/M) × the variance between plausible values; 0 of an ordinary variable.
    """

    statistic: str
    group: str
    n: int
    estimate: float
    se: float
    se_sampling: float
    var_imputation: float


def estimate(
    sample: Sample, wanted: Statistic, variables: Sequence[Floats], beside: Floats | None = None
) -> list[Estimate]:
    """Estimate one statistic for every group.

    Several variables are plausible values of one: Rubin, D. B. (1987). Multiple imputation for nonresponse
    in surveys, pp. 76–77. The sampling variance is the mean of theirs.

    Args:
        variables: each N, nan where a row has no value.
        beside: N, the regressor of a slope.
    """
    values, variances = [], []
    for variable in variables:
        there = np.isfinite(variable) & (np.isfinite(beside) if beside is not None else True)
        y = np.where(there, variable, 0.0)
        x = np.zeros_like(y) if beside is None else np.where(there, beside, 0.0)
        value, variance = _one(sample, wanted, np.where(there, sample.weight, 0.0), y, x)
        values.append(value)
        variances.append(variance)
    first = np.isfinite(variables[0])
    sizes = np.bincount(sample.group[first], minlength=len(sample.groups))
    return _combined(sample, wanted, np.array(values), np.array(variances), sizes)


def _combined(
    sample: Sample, wanted: Statistic, values: Floats, variances: Floats, sizes: Whole
) -> list[Estimate]:
    count = len(values)
    centre, sampling = values.mean(axis=0), variances.mean(axis=0)
    between = values.var(axis=0, ddof=1) * (1 + 1 / count) if count > 1 else np.zeros_like(centre)
    return [
        Estimate(
            wanted.name,
            name,
            int(sizes[g]),
            float(centre[g]),
            float(np.sqrt(sampling[g] + between[g])),
            float(np.sqrt(sampling[g])),
            float(between[g]),
        )
        for g, name in enumerate(sample.groups)
    ]


def _one(sample: Sample, wanted: Statistic, weight: Floats, y: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Estimates and sampling variances of all groups."""
    errors = sample.errors
    if isinstance(errors, Replicates):
        if isinstance(wanted, Quantile):
            return _replicated_quantiles(sample, errors, wanted, weight, y)
        return _replicated(sample, errors, wanted, weight, y, x)
    if isinstance(wanted, Quantile):
        return _linearised_quantiles(sample, errors, wanted, weight, y)
    return _linearised(sample, errors, wanted, weight, y, x)


def _replicated(
    sample: Sample, replicates: Replicates, wanted: SumStatistic, weight: Floats, y: Floats, x: Floats
) -> tuple[Floats, Floats]:
    """Sums by group and cell once; each replicate is a product with its factors."""
    groups, cells = len(sample.groups), len(replicates.factor)
    key = sample.group * cells + replicates.cell
    sums = np.stack(
        [np.bincount(key, weights=column, minlength=groups * cells) for column in six_sums(weight, y, x).T],
        axis=-1,
    ).reshape(groups, cells, -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        full = wanted.of_sums(sums.sum(axis=1))
        of_replicates = wanted.of_sums(np.einsum("cr,gcs->rgs", replicates.factor, sums, optimize=True))
    return full, replicates.variance(of_replicates, full)


def _replicated_quantiles(
    sample: Sample, replicates: Replicates, wanted: Quantile, weight: Floats, y: Floats
) -> tuple[Floats, Floats]:
    order = np.argsort(y, kind="stable")
    rows = [order[(sample.group[order] == g) & (weight[order] > 0)] for g in range(len(sample.groups))]
    full = np.array([_quantile(y, weight, of, wanted.share) for of in rows])
    of_replicates = np.array(
        [[_quantile(y, other, of, wanted.share) for of in rows] for other in replicates.weights(weight)]
    )
    return full, replicates.variance(of_replicates, full)


def _quantile(y: Floats, weight: Floats, rows: Whole, share: float) -> float:
    if not len(rows) or weight[rows].sum() <= 0:
        return float("nan")
    return weighted_quantile(y[rows], weight[rows], share)


def _linearised(
    sample: Sample, design: Design, wanted: SumStatistic, weight: Floats, y: Floats, x: Floats
) -> tuple[Floats, Floats]:
    groups = len(sample.groups)
    full, influence = np.empty(groups), np.empty((len(y), groups))
    kind = wanted.name.split(":")[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        for g in range(groups):
            own = np.where(sample.group == g, weight, 0.0)
            full[g] = wanted.of_sums(six_sums(own, y, x).sum(axis=0))
            influence[:, g] = influence_of(kind, own, y, x)
        return full, variance_of_total(design, influence)


def _linearised_quantiles(
    sample: Sample, design: Design, wanted: Quantile, weight: Floats, y: Floats
) -> tuple[Floats, Floats]:
    """Woodruff's interval of the share below the quantile, carried over to values."""
    width = stats.t.ppf((1 + WOODRUFF_LEVEL) / 2, max(design.degrees_of_freedom, 1))
    order = np.argsort(y, kind="stable")
    full, variance = np.empty(len(sample.groups)), np.empty(len(sample.groups))
    for g in range(len(sample.groups)):
        own = np.where(sample.group == g, weight, 0.0)
        rows = order[own[order] > 0]
        full[g] = _quantile(y, own, rows, wanted.share)
        below = (y <= full[g]).astype(float)
        share = own @ below / own.sum()
        error = np.sqrt(variance_of_total(design, influence_of("mean", own, below, below)[:, None])[0])
        low, high = (
            _quantile(y, own, rows, float(np.clip(share + side * width * error, 0, 1))) for side in (-1, 1)
        )
        variance[g] = ((high - low) / (2 * width)) ** 2
    return full, variance
