"""Choices of an estimate that have names."""

from __future__ import annotations

from enum import StrEnum


class Lonely(StrEnum):
    """What a stratum with a single unit adds to the variance, in R `survey`'s words."""

    FAIL = "fail"  #: nothing is reckoned
    ADJUST = "adjust"  #: its distance from the mean of all units
    AVERAGE = "average"  #: what the other strata add on average
    CERTAINTY = "certainty"  #: nothing


class Differences(StrEnum):
    """Between which groups differences are wanted."""

    PAIRS = "pairs"
    TOTAL = "total"
