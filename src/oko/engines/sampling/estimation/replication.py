"""Replicates: the sample weighted anew many times, and how far apart its estimates then lie.

Rust, K. F., & Rao, J. N. K. (1996). Variance estimation for complex surveys using replication techniques.
Statistical
Methods in Medical Research, 5(3), 283–310. Delete-one jackknifes (JK1, JKn) deviate from the mean of the
replicates, as R's
`survey` has them; paired jackknife (JK2) and balanced replicates (Fay) from the full sample, as TIMSS and
PISA do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Method(StrEnum):
    """How replicates are made; JK2 is JK2_FULL."""

    JK1 = "jk1"
    JKN = "jkn"
    JK2_HALF = "jk2-half"
    JK2_FULL = "jk2-full"
    JK2 = "jk2"
    BRR = "brr"
    FAY = "fay"


class DesignError(ValueError):
    """A design that cannot be used; the message says why, in Russian."""


@dataclass(frozen=True)
class Replicates:
    """Factors of the weights, by cells of rows that are weighted alike.

    Attributes:
        cell: N, to which cell each row belongs.
        factor: C × R.
        scale: R: Σ scale × (estimate of a replicate − centre)² is the variance.
        around_full: the centre is the full sample's estimate; else the mean of the replicates.
    """

    cell: Whole
    factor: Floats
    scale: Floats
    around_full: bool

    def variance(self, estimates: Floats, full: Floats) -> Floats:
        """Of estimates R × … of the replicates.

        Replicates without any row of a group give nan and count nothing.
        """
        there = np.isfinite(estimates)
        if self.around_full:
            centre = full
        else:
            used = there & (self.scale > 0).reshape(-1, *(1,) * (estimates.ndim - 1))
            centre = np.where(used, estimates, 0).sum(axis=0) / np.maximum(used.sum(axis=0), 1)
        away = np.where(there, estimates - centre, 0)
        variance: Floats = np.tensordot(self.scale, away**2, axes=1)
        return variance

    def weights(self, weight: Floats) -> Iterator[Floats]:
        """N weights of each replicate in turn."""
        for factor in self.factor.T:
            yield weight * factor[self.cell]

    def sums(
        self, group: Whole, groups: int, weight: Floats, products: Sequence[Floats]
    ) -> tuple[Floats, Floats]:
        """Weighted sums of S products by group: G × S of the full sample, R × G × S of the replicates.

        Rows of a cell are weighted alike, so they are summed once; each replicate is a product with its
        factors.
        """
        cells = len(self.factor)
        key = group * cells + self.cell
        by_cell = np.stack(
            [np.bincount(key, weights=weight * one, minlength=groups * cells) for one in products], axis=-1
        ).reshape(groups, cells, -1)
        return by_cell.sum(axis=1), np.tensordot(self.factor.T, by_cell, axes=(1, 1))


@dataclass(frozen=True)
class GivenReplicates(Replicates):
    """Replicates whose weights stand in the data, as PISA's and PIAAC's do.

    Attributes:
        given: N × R.
    """

    given: Floats

    def weights(self, weight: Floats) -> Iterator[Floats]:
        return iter(self.given.T)

    def sums(
        self, group: Whole, groups: int, weight: Floats, products: Sequence[Floats]
    ) -> tuple[Floats, Floats]:
        columns = np.stack(products, axis=1)
        full: Floats = np.stack(
            [np.bincount(group, weights=weight * one, minlength=groups) for one in products], axis=-1
        ).astype(np.float64)
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(groups + 1))
        of_groups = [
            self.given[rows].T @ columns[rows] for rows in (order[low:high] for low, high in pairwise(bounds))
        ]
        return full, np.stack(of_groups, axis=1)


def given_weights(given: Floats, method: str, fay: float) -> GivenReplicates:
    """Replicate weights of the data with the rule that goes with their method.

    Raises:
        DesignError: the method does not tell how replicates add up.
    """
    count = given.shape[1]
    scales = {
        "jk1": (count - 1) / count,
        "jk2-half": 1.0,
        "jk2-full": 0.5,
        "brr": 1 / count,
        "fay": 1 / (count * (1 - fay) ** 2) if fay < 1 else np.nan,
    }
    if not np.isfinite(scales.get(method, np.nan)):
        raise DesignError(f"С весами повторных выборок из данных --replicates {method} не применить.")
    nobody = np.zeros(len(given), np.int64)
    scale = np.full(count, scales[method])
    return GivenReplicates(nobody, np.ones((1, count)), scale, method != "jk1", given)


def delete_one(units: Whole, strata: Whole, fraction: Floats) -> Replicates:
    """JKn (JK1 with one stratum): each unit is left out once, the others of its stratum stand for it.

    Args:
        units: N, numbers 0 … of the primary units.
        strata: of each unit.
        fraction: of each stratum, the share of its units that was drawn (0: with replacement).

    Raises:
        DesignError: a stratum has one unit.
    """
    size = np.bincount(strata, minlength=len(fraction))
    count = len(strata)
    factor = np.where(
        strata[:, None] == strata, (size[strata] / np.maximum(size[strata] - 1, 1))[None, :], 1.0
    )
    factor[np.arange(count), np.arange(count)] = 0.0
    scale = (size[strata] - 1) / size[strata] * (1 - fraction[strata])
    return Replicates(units, factor, scale, around_full=False)


def paired(zone: Whole, half: Whole, *, both: bool) -> Replicates:
    """JK2: in one zone at a time one half is doubled and the other left out.

    Args:
        zone, half: N; half 1 is doubled first, half 0 left out.
        both: also the other way round (2 replicates a zone, each counted half).
    """
    zones = int(zone.max()) + 1
    factor = np.ones((2 * zones, zones))
    factor[2 * np.arange(zones), np.arange(zones)] = 0.0
    factor[2 * np.arange(zones) + 1, np.arange(zones)] = 2.0
    if both:
        other = np.ones_like(factor)
        other[2 * np.arange(zones), np.arange(zones)] = 2.0
        other[2 * np.arange(zones) + 1, np.arange(zones)] = 0.0
        factor = np.concatenate([factor, other], axis=1)
    scale = np.full(factor.shape[1], 0.5 if both else 1.0)
    return Replicates(2 * zone + half, factor, scale, around_full=True)


def sylvester(columns: int) -> Floats:
    """The smallest Hadamard matrix of a power of two with more than so many columns, its first (all 1) left
    out: then every half of a zone is doubled in half of the replicates."""
    order = 2 ** int(np.ceil(np.log2(columns + 1)))
    return np.asarray(linalg.hadamard(order), np.float64)[:, 1:]


def balanced(zone: Whole, half: Whole, hadamard: Floats, fay: float) -> Replicates:
    """Fay's balanced repeated replication (fay 0: plain BRR).

    Judkins, D. R. (1990). Fay's method for variance estimation. Journal of Official Statistics, 6(3),
    223–239.

    Args:
        hadamard: R × at least as many columns as there are zones, of 1 and −1 (or 1 and 0).

    Raises:
        DesignError: the matrix has too few columns or other numbers.
    """
    zones = int(zone.max()) + 1
    signs = np.where(hadamard == 0, -1.0, hadamard)
    if not np.isin(signs, (-1.0, 1.0)).all():
        raise DesignError("В матрице Адамара могут стоять только 1 и −1 (или 1 и 0).")
    if signs.shape[1] < zones:
        raise DesignError(f"В матрице Адамара {signs.shape[1]} столбцов, а зон {zones}: нужно не меньше.")
    if not 0 <= fay < 1:
        raise DesignError(f"Коэффициент Фэя {fay:g}: нужен от 0 до 1, не включая 1.")
    replicates = len(signs)
    factor = np.empty((2 * zones, replicates))
    factor[1::2] = 1 + (1 - fay) * signs[:, :zones].T
    factor[0::2] = 1 - (1 - fay) * signs[:, :zones].T
    scale = np.full(replicates, 1 / (replicates * (1 - fay) ** 2))
    return Replicates(2 * zone + half, factor, scale, around_full=True)
