"""Estimates by group and of differences between groups, with standard errors; plausible values combined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from oko.engines.sampling.estimation.linearised import Design
from oko.engines.sampling.estimation.options import Differences
from oko.engines.sampling.estimation.replication import Replicates
from oko.engines.sampling.estimation.statistics import (
    Mean,
    Quantile,
    Statistic,
    SumStatistic,
    Total,
    weighted_quantile,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

WOODRUFF_LEVEL = 0.95
EVERYBODY = "total"  # the group of all groups


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
        n: rows with a value; of a difference, of both its groups.
        deff: sampling variance ÷ that of a simple random sample of n without replacement (Kish, 1965), of
            means, percentages and totals; nan of all else.
    """

    statistic: str
    group: str
    estimate: float
    se: float
    se_sampling: float
    var_imputation: float
    n: int
    deff: float


@dataclass(frozen=True)
class _Compared:
    """What is shown: groups, or the group `of` less the group `less`."""

    name: str
    of: int
    less: int | None = None


@dataclass(frozen=True)
class _Found:
    """Q × K of one variable."""

    value: Floats
    variance: Floats
    simple: Floats
    n: Whole


def estimate(
    sample: Sample,
    wanted: Statistic,
    variables: Sequence[Floats],
    beside: Floats | None = None,
    differences: Differences | None = None,
) -> list[Estimate]:
    """Estimate one statistic for every group.

    Several variables are plausible values of one: Rubin, D. B. (1987). Multiple imputation for nonresponse
    in surveys, pp. 76–77. The sampling variance is the mean of theirs. A row without the variable or a column
    beside it is out of the group, and its unit stays in the design (a domain, as R `survey`'s subset).

    Args:
        variables: each N, nan where a row has no value.
        beside: N × P, the columns that the statistic needs beside the variable.
        differences: also those between groups, or of each group from all; covariances are those of the
            design, rows that two groups share included.
    """
    shown = _compared(sample.groups, differences)
    found = [_one(sample, wanted, variable, beside, shown) for variable in variables]
    values = np.stack([one.value for one in found])
    sampling = np.mean([one.variance for one in found], axis=0)
    simple = np.mean([one.simple for one in found], axis=0)
    count = len(found)
    between = values.var(axis=0, ddof=1) * (1 + 1 / count) if count > 1 else np.zeros_like(sampling)
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = np.where(simple > 0, sampling / simple, np.nan)
    return [
        Estimate(
            name,
            one.name,
            float(values[:, q, k].mean()),
            float(np.sqrt(sampling[q, k] + between[q, k])),
            float(np.sqrt(sampling[q, k])),
            float(between[q, k]),
            int(found[0].n[q]),
            float(deff[q, k]),
        )
        for q, one in enumerate(shown)
        for k, name in enumerate(wanted.outputs)
    ]


def _compared(groups: tuple[str, ...], differences: Differences | None) -> list[_Compared]:
    shown = [_Compared(name, g) for g, name in enumerate(groups)]
    if differences is Differences.PAIRS:
        pairs = combinations(range(len(groups)), 2)
        shown += [_Compared(f"{groups[a]} - {groups[b]}", a, b) for a, b in pairs]
    if differences is Differences.TOTAL:
        everybody = len(groups)
        shown += [
            _Compared(EVERYBODY, everybody),
            *(_Compared(f"{name} - {EVERYBODY}", g, everybody) for g, name in enumerate(groups)),
        ]
    return shown


def _one(
    sample: Sample, wanted: Statistic, variable: Floats, beside: Floats | None, shown: list[_Compared]
) -> _Found:
    there = np.isfinite(variable) & (sample.weight > 0)
    x = np.zeros((len(variable), 0)) if beside is None else beside
    there &= np.isfinite(x).all(axis=1)
    weight, y, x = sample.weight * there, np.where(there, variable, 0.0), np.where(there[:, None], x, 0.0)
    if isinstance(wanted, SumStatistic) and there.any():
        wanted = wanted.around(weight, y, x)
    everybody = any(one.of == len(sample.groups) for one in shown)
    with np.errstate(divide="ignore", invalid="ignore"):
        if isinstance(sample.errors, Replicates):
            value, variance = _replicated(sample, sample.errors, wanted, (there, weight, y, x), shown)
        else:
            value, variance = _linearised(sample, sample.errors, wanted, (there, weight, y, x), shown)
        simple, sizes = _simple(sample, wanted, there, y, everybody=everybody)
    alone = [one.less is None for one in shown]
    n = [sizes[one.of] + (0 if one.less is None else sizes[one.less]) for one in shown]
    of = [one.of for one in shown]
    return _Found(
        value,
        variance,
        np.where(np.array(alone)[:, None], simple[of][:, None], np.nan) * np.ones_like(value),
        np.array(n, dtype=np.int64),
    )


_Rows = tuple[NDArray[np.bool_], Floats, Floats, Floats]


def _replicated(
    sample: Sample, replicates: Replicates, wanted: Statistic, rows: _Rows, shown: list[_Compared]
) -> tuple[Floats, Floats]:
    there, weight, y, x = rows
    groups = len(sample.groups)
    everybody = any(one.of == groups for one in shown)
    if isinstance(wanted, Quantile):
        members = _members(sample, there, everybody=everybody)
        ordered = [of[np.argsort(y[of], kind="stable")] for of in members]
        full = np.array([[_quantile(y, weight, of, wanted.share)] for of in ordered])
        parts = np.array(
            [
                [[_quantile(y, other, of, wanted.share)] for of in ordered]
                for other in replicates.weights(weight)
            ]
        )
    else:
        products = (wanted.products(y, x) * there[:, None]).T
        sums, of_replicates = replicates.sums(sample.group, groups, weight, list(products))
        if everybody:
            sums = np.concatenate([sums, sums.sum(axis=0, keepdims=True)])
            of_replicates = np.concatenate([of_replicates, of_replicates.sum(axis=1, keepdims=True)], axis=1)
        full, parts = wanted.of_sums(sums), wanted.of_sums(of_replicates)
    full, parts = _differences(full, shown, 0), _differences(parts, shown, 1)
    return full, np.where(np.isfinite(full), replicates.variance(parts, full), np.nan)


def _differences(values: Floats, shown: list[_Compared], axis: int) -> Floats:
    own = np.take(values, [one.of for one in shown], axis)
    less = np.take(values, [one.of if one.less is None else one.less for one in shown], axis)
    alone = np.array([one.less is None for one in shown])
    return np.where(alone[:, None], own, own - less)


def _linearised(
    sample: Sample, design: Design, wanted: Statistic, rows: _Rows, shown: list[_Compared]
) -> tuple[Floats, Floats]:
    there, weight, y, x = rows
    members = _members(sample, there, everybody=any(one.of == len(sample.groups) for one in shown))
    compared = len(shown) > len(members)
    full, variances, kept = [], [], []
    for of in members:
        value, influence = _influence(design, wanted, of, weight[of], y[of], x[of])
        totals = design.totals(of, influence)
        full.append(value)
        variances.append(design.variance(totals))
        kept.append(totals if compared else [])
    made = [
        variances[one.of]
        if one.less is None
        else design.variance([a - b for a, b in zip(kept[one.of], kept[one.less], strict=True)])
        for one in shown
    ]
    values = _differences(np.array(full), shown, 0)
    return values, np.where(np.isfinite(values), np.array(made), np.nan)


def _members(sample: Sample, there: NDArray[np.bool_], *, everybody: bool) -> list[Whole]:
    """Rows of each group, and of all of them."""
    present = np.flatnonzero(there)
    present = present[np.argsort(sample.group[present], kind="stable")]
    bounds = np.searchsorted(sample.group[present], np.arange(1, len(sample.groups)))
    return [*np.split(present, bounds), *([np.sort(present)] if everybody else [])]


def _influence(
    design: Design, wanted: Statistic, rows: Whole, weight: Floats, y: Floats, x: Floats
) -> tuple[Floats, Floats]:
    """K values of a group and what each of its rows adds to them."""
    if not len(rows):
        return np.full(len(wanted.outputs), np.nan), np.full((0, len(wanted.outputs)), np.nan)
    if not isinstance(wanted, Quantile):
        return wanted.of_sums(weight @ wanted.products(y, x)), wanted.influence(weight, y, x)
    order = np.argsort(y, kind="stable")
    value = _quantile(y, weight, order, wanted.share)
    below = (y <= value).astype(float)
    of_share = Mean("mean").influence(weight, below, x)
    error = float(np.sqrt(design.variance(design.totals(rows, of_share))[0]))
    return np.array([value]), of_share * _steepness(design, rows, weight, y, order, value, error)


def _steepness(
    design: Design, rows: Whole, weight: Floats, y: Floats, order: Whole, value: float, error: float
) -> float:
    """How many units of the variable go to one of the share below it, so that the error is Woodruff's.

    Woodruff, R. S. (1952). Confidence intervals for medians and other position measures. Journal of the
    American Statistical Association, 47(260), 635–646. As R `survey` has it: the interval by Student's t with
    the degrees of freedom of the group; nan where it goes beyond 0 or 1.
    """
    degrees = design.degrees_of_freedom(rows)
    if degrees < 1 or not np.isfinite(error):
        return float("nan")
    if error == 0:
        return 0.0
    reach = float(stats.t.ppf((1 + WOODRUFF_LEVEL) / 2, degrees)) * error
    share = weight @ (y <= value) / weight.sum()
    if share - reach < 0 or share + reach > 1:
        return float("nan")
    low, high = (_quantile(y, weight, order, share + side * reach) for side in (-1, 1))
    return (high - low) / (2 * reach)


def _quantile(y: Floats, weight: Floats, order: Whole, share: float) -> float:
    if not len(order) or weight[order].sum() <= 0:
        return float("nan")
    return weighted_quantile(y[order], weight[order], share)


def _simple(
    sample: Sample, wanted: Statistic, there: NDArray[np.bool_], y: Floats, *, everybody: bool
) -> tuple[Floats, Whole]:
    """Of each group: the variance under simple random sampling without replacement, as R `survey`; rows."""
    groups = len(sample.groups)
    group, weight, value = sample.group[there], sample.weight[there], y[there]
    value = value - (weight @ value / weight.sum() if len(value) else 0)
    n = np.bincount(group, minlength=groups)
    sums = np.stack(
        [np.bincount(group, weights=weight * value**power, minlength=groups) for power in (0, 1, 2)]
    )
    if everybody:
        n, sums = np.append(n, n.sum()), np.column_stack([sums, sums.sum(axis=1)])
    if not isinstance(wanted, Mean | Total):
        return np.full(len(n), np.nan), n
    total = sums[0]
    spread = n / np.maximum(n - 1, 1) * (sums[2] / total - (sums[1] / total) ** 2)
    variance = np.where((total > n) & (n > 1), spread * (total - n) / (total * n), np.nan)
    return variance * (total**2 if isinstance(wanted, Total) else wanted.times**2), n
