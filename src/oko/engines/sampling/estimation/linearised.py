"""Standard errors by linearisation (Taylor): the variance of the total of each row's influence.

Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys.
International Statistical Review, 51(3), 279–292. Several stages: Särndal, C.-E., Swensson, B., & Wretman, J.
(1992). Model assisted survey sampling, pp. 137–139, as R `survey` sums them: the variance between units of a
stage, times the shares that were drawn in the stages above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.sampling.estimation.options import Lonely

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Stage:
    """Units drawn at one stage.

    Attributes:
        unit: N, to which unit each row belongs.
        stratum: of each unit; below the first stage a stratum is a unit of the stage above.
        fraction: of each stratum, the share of its units that was drawn (0: as with replacement).
        above: of each stratum, the product of the shares drawn in the stages above (1 of the first).
    """

    unit: Whole
    stratum: Whole
    fraction: Floats
    above: Floats

    @property
    def lonely(self) -> Whole:
        """Strata with a single unit of fewer than all: nothing tells their variance."""
        size = np.bincount(self.stratum, minlength=len(self.fraction))
        return np.flatnonzero((size == 1) & (self.fraction < 1))

    def totals(self, rows: Whole, influence: Floats) -> Floats:
        """Of each unit: U × K from n × K of some rows."""
        return _sums(influence, self.unit[rows], len(self.stratum))

    def variance(self, totals: Floats, lonely: Lonely, *, first: bool) -> Floats:
        """K: what this stage adds to the variance of the sum of the totals (U × K)."""
        strata = len(self.fraction)
        size = np.bincount(self.stratum, minlength=strata)
        centre = _sums(totals, self.stratum, strata) / np.maximum(size, 1)[:, None]
        alone = np.zeros(strata, bool)
        alone[self.lonely] = True
        factor = (1 - self.fraction) * np.where(size > 1, size / np.maximum(size - 1, 1), 0.0)
        if lonely is Lonely.ADJUST and first:
            centre[alone] = totals.mean(axis=0)
            factor[alone] = 1 - self.fraction[alone]
        away = _sums((totals - centre[self.stratum]) ** 2, self.stratum, strata)
        variance: Floats = (factor * self.above) @ away
        if lonely is Lonely.AVERAGE and alone.any():
            variance = variance * (strata / (~alone).sum() if not alone.all() else np.nan)
        return variance


@dataclass(frozen=True)
class Design:
    """Who was drawn together, stage by stage."""

    stages: tuple[Stage, ...]
    lonely: Lonely = Lonely.CERTAINTY

    def degrees_of_freedom(self, rows: Whole) -> int:
        """First-stage units less strata, of those that have some of these rows (R `survey`: degf)."""
        first = self.stages[0]
        units = np.unique(first.unit[rows])
        return len(units) - len(np.unique(first.stratum[units]))

    def totals(self, rows: Whole, influence: Floats) -> list[Floats]:
        """Of the units of each stage.

        Args:
            influence: n × K of these rows, weights included; all other rows have none.
        """
        return [stage.totals(rows, influence) for stage in self.stages]

    def variance(self, totals: list[Floats]) -> Floats:
        """K, of what `totals` gave or a difference of two such."""
        parts = [
            stage.variance(of, self.lonely, first=number == 0)
            for number, (stage, of) in enumerate(zip(self.stages, totals, strict=True))
        ]
        variance: Floats = np.sum(parts, axis=0)
        return variance


def _sums(values: Floats, of: Whole, count: int) -> Floats:
    return np.stack([np.bincount(of, weights=column, minlength=count) for column in values.T], axis=1)
