"""Whether two shares differ by more than chance.

The method is the z-test of two shares: their difference over its standard error √(p(1−p)·(d₁/n₁ + d₂/n₂)),
where p is the share in both groups together, n are the participants, and d is the design effect of a group of
several schools, 1 + (participants a school − 1)·ρ: pupils of one school are more alike than pupils taken at
random (ρ, `likeness_in_school`), so that many of them tell less than their number promises. A single school
has d = 1: how alike its own pupils are is part of what is described. Its classes are not told apart, so that
the error is, if anything, taken too small.

An item of several points is taken as a share of its maximum. The variance of such a share is at most p(1−p):
the error is rather too large, and less is claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from oko.engines.statistics.reading_rules import reading_rules
from oko.engines.statistics.rules import informativeness


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole` participants of so many schools (part of an item: Σ scores / maximum)."""

    part: float
    whole: int
    schools: int = 1

    @property
    def percent(self) -> float:
        return 100 * self.part / self.whole

    @property
    def may_be_shown(self) -> bool:
        return informativeness(self.whole).shows_percent

    def without(self, other: Share) -> Share:
        """Those of this group who are not of `other`, which is a part of it."""
        return Share(self.part - other.part, self.whole - other.whole, self.schools - other.schools)


@dataclass(frozen=True, slots=True)
class Difference:
    """In percentage points, and how many standard errors that is."""

    points: float
    errors: float

    def is_certain(self, errors: float) -> bool:
        """Whether it is both more than chance and large enough to be worth a sentence."""
        return abs(self.errors) >= errors and abs(self.points) >= reading_rules().least_points


def difference(own: Share, other: Share) -> Difference | None:
    """Own share minus that of another group that has no participant in common with it.

    None where either has too few participants to speak of shares.
    """
    if not (own.may_be_shown and other.may_be_shown):
        return None
    points = own.percent - other.percent
    together = (own.part + other.part) / (own.whole + other.whole)
    spread = max(together * (1 - together), 0.0)
    error = 100 * sqrt(spread * (_design_effect(own) / own.whole + _design_effect(other) / other.whole))
    return Difference(points, points / error if error else 0.0)


def _design_effect(share: Share) -> float:
    if share.schools <= 1:
        return 1.0
    return 1 + max(share.whole / share.schools - 1, 0) * reading_rules().likeness_in_school
