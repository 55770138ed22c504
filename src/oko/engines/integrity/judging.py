"""From deviations to signs: one-sided p-values, false discoveries over all schools, power; whom to compare.

Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical
Society B, 57(1), 289–300. Between-school variance by the moments of Paule, R. C., & Mandel, J. (1982).
Consensus values and weighting factors. Journal of Research of the NBS, 87(5), 377–385. Where all schools
are compared with all, those that depart widen the spread and hide one another; then the middle half of the
schools gives it: Efron, B. (2004). Large-scale simultaneous hypothesis testing: the choice of a null
hypothesis. Journal of the American Statistical Association, 99(465), 96–104.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

#: Fewer externally observed schools than this give no norm.
LEAST_OBSERVED = 20
#: Variance of the standard deviation of a normal sample over that of its quartiles' distance, scaled to it.
QUARTILES_KNOW = 0.37


class IntegrityError(ValueError):
    """Data for which an indicator can say nothing; the message says why, in Russian."""


@dataclass(frozen=True)
class Norm:
    """Whom schools are compared with: `observed` (a norm) or `region` (no norm, only a comparison)."""

    compared_with: str
    n_schools: int
    note: str
    members: Truths  # of all schools, those on which everything is fitted

    @property
    def is_norm(self) -> bool:
        return self.compared_with == "observed"


@dataclass(frozen=True)
class Judged:
    """One value a school; q and power are nan, and flagged is false, where too little is known."""

    z: Floats
    p: Floats
    q: Floats
    flagged: Truths
    power: Floats


@dataclass(frozen=True)
class Sign:
    """One indicator over all schools: its rule, whom it compares with, the school's numbers and pictures."""

    name: str
    rule: Any
    norm: Norm | None  # None: the indicator needs none
    numbers: dict[str, NDArray[Any]]  # one value a school
    judged: Judged
    shift: Floats  # of z under the supposed departure, for the power
    pictures: list[dict[str, Any]]  # one a school, arrays ready to draw
    notes: tuple[str, ...] = ()


def choose_norm(observed: Truths | None, usable: Truths) -> Norm:
    """The observed schools if there are enough of them among the usable, otherwise all usable ones.

    Raises:
        IntegrityError: fewer than two schools can be compared.
    """
    total = int(usable.sum())
    if total < 2:
        raise IntegrityError(
            f"Школ, по которым можно считать, {total}: сравнивать не с чем, нужны хотя бы две школы."
        )
    instead = "Норма не построена: школы сравнены со всеми школами набора, а не с нормой."
    if observed is None:
        return Norm("region", total, f"Столбца наблюдавшихся школ (observed) нет. {instead}", usable)
    members = observed & usable
    count = int(members.sum())
    if count < LEAST_OBSERVED:
        told = f"Наблюдавшихся школ {count}, для нормы нужно не меньше {LEAST_OBSERVED}. {instead}"
        return Norm("region", total, told, usable)
    return Norm("observed", count, f"Норма построена по наблюдавшимся школам: {count}.", members)


def judge(
    z: Floats, enough: Truths, shift: Floats, false_discoveries: float, p: Floats | None = None
) -> Judged:
    """p, q, flags and power of one-sided deviations.

    Args:
        z: standard normal where nothing is unusual, larger where something is.
        enough: schools of which something may be said.
        shift: how much z would grow by the departure that the rule supposes.
        false_discoveries: share among the flagged.
        p: where it is not simply the normal tail of z.
    """
    with np.errstate(invalid="ignore"):
        p = stats.norm.sf(z) if p is None else p
        q = false_discovery_rate(np.where(enough, p, np.nan))
        flagged = np.nan_to_num(q, nan=1.0) <= false_discoveries
        bound = false_discoveries * max(int(flagged.sum()), 1) / max(int(enough.sum()), 1)
        power = np.where(enough, stats.norm.sf(stats.norm.isf(bound) - shift), np.nan)
    return Judged(z, p, q, flagged, power)


def false_discovery_rate(p: Floats) -> Floats:
    """Benjamini and Hochberg's adjusted p-values; nan stays nan and is not counted."""
    there = np.flatnonzero(np.isfinite(p))
    order = there[np.argsort(p[there])]
    adjusted = p[order] * len(order) / np.arange(1, len(order) + 1)
    q = np.full(len(p), np.nan)
    q[order] = np.minimum(np.minimum.accumulate(adjusted[::-1])[::-1], 1.0)
    return q


def standardised(gap: Floats, error: Floats, norm: Norm, degrees: int) -> tuple[Floats, Floats, Floats]:
    """S each: gaps, their errors and z = gap / error as a standard normal deviate of Student's probability.

    Where there is no norm, but schools enough for quartiles, gaps are counted from the median and errors
    are those that the quartiles show. Quartiles know less than the standard deviation: as much as that of
    0.37 of the schools; and the median of n schools errs by π / 2n of the variance.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        t = gap / error
    among = t[norm.members & np.isfinite(t)]
    if not norm.is_norm and len(among) >= LEAST_OBSERVED:
        low, middle, high = np.quantile(among, [0.25, 0.5, 0.75])
        scale = (high - low) / (2 * stats.norm.isf(0.25)) or 1.0
        gap = gap - middle * error
        error = error * scale * np.sqrt(1 + np.pi / (2 * len(among)))
        degrees = min(degrees, int(QUARTILES_KNOW * len(among)))
        t = gap / error
    return gap, error, _as_normal(t, degrees)


def _as_normal(t: Floats, degrees: int) -> Floats:
    """Student's t as the standard normal deviate of the same probability."""
    with np.errstate(invalid="ignore"):
        tail = stats.t.sf(np.abs(t), max(degrees, 1))
        return np.asarray(np.sign(t) * stats.norm.isf(np.maximum(tail, 1e-300)))


def between_variance(effects: Floats, variances: Floats, design: Floats) -> float:
    """Variance of effects beyond their sampling variances, about a regression on the S × k design, k ≥ 0."""
    degrees = len(effects) - design.shape[1]

    def surplus(tau: float) -> float:
        weights = 1 / (tau + variances)
        rest = effects
        if design.shape[1]:
            root = np.sqrt(weights)
            rest = effects - design @ np.linalg.lstsq(design * root[:, None], effects * root, rcond=None)[0]
        return float(weights @ rest**2 - degrees)

    if degrees < 1 or surplus(0.0) <= 0:
        return 0.0
    most = float(effects.var() + variances.max())
    while surplus(most) > 0:
        most *= 4
    return float(optimize.brentq(surplus, 0.0, most))
