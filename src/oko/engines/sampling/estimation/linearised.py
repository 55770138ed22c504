"""Standard errors by linearisation (Taylor): the variance of the total of each row's influence.

Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys.
International Statistical
Review, 51(3), 279–292. Quantiles: Woodruff, R. S. (1952). Confidence intervals for medians and other
position measures. Journal of the American Statistical Association, 47(260), 635–646.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Design:
    """Who was drawn together.

    Attributes:
        unit: N, numbers 0 … of the primary units (each row its own without clusters).
        stratum: of each unit.
        fraction: of each stratum, the share of its units that was drawn (0: as with replacement).
    """

    unit: Whole
    stratum: Whole
    fraction: Floats

    @property
    def degrees_of_freedom(self) -> int:
        return len(self.stratum) - len(self.fraction)

    @property
    def lonely(self) -> Whole:
        """Strata with a single unit of fewer than all: nothing tells their variance."""
        size = np.bincount(self.stratum, minlength=len(self.fraction))
        return np.flatnonzero((size == 1) & (self.fraction < 1))


def variance_of_total(design: Design, influence: Floats) -> Floats:
    """Of Σ influence over rows.

    Args:
        influence: N × K, weights included; 0 outside of the group that is estimated.

    Returns:
        K. Strata with one unit add nothing (they are told elsewhere).
    """
    units = _sums(influence, design.unit, len(design.stratum))
    strata = len(design.fraction)
    size = np.bincount(design.stratum, minlength=strata)
    centre = _sums(units, design.stratum, strata) / size[:, None]
    away = _sums((units - centre[design.stratum]) ** 2, design.stratum, strata)
    factor = np.where(size > 1, (1 - design.fraction) * size / np.maximum(size - 1, 1), 0.0)
    variance: Floats = factor @ away
    return variance


def _sums(values: Floats, of: Whole, count: int) -> Floats:
    return np.stack([np.bincount(of, weights=column, minlength=count) for column in values.T], axis=1)


def influence_of(name: str, weight: Floats, y: Floats, x: Floats) -> Floats:
    """N: how much each row moves `mean`, `total`, `sd` or a slope; rows of other groups weigh 0."""
    total = weight.sum()
    away = y - weight @ y / total
    moved: Floats
    if name == "mean":
        moved = weight * away / total
    elif name == "total":
        moved = weight * y
    elif name == "sd":
        variance = weight @ away**2 / total
        moved = weight * (away**2 - variance) / (2 * np.sqrt(variance) * total)
    else:
        centred = x - weight @ x / total
        spread = weight @ centred**2
        slope = weight @ (centred * y) / spread
        moved = weight * centred * (away - slope * centred) / spread
    return moved
