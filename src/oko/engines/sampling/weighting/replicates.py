"""Replicate weights of a study, for programs that estimate errors from them.

Zones are pairs of schools that took part, in the order of the table within each stratum: keep the order in
which the sample was drawn. A last school without a pair joins the pair before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oko.engines.sampling.estimation.replication import (
    Method,
    Replicates,
    balanced,
    delete_one,
    paired,
    sylvester,
)

Whole = NDArray[np.int64]


def zones(strata: NDArray[np.str_], taking_part: NDArray[np.bool_], seed: int) -> tuple[Whole, Whole]:
    """Zone of each school, from 0, and its half, 0 or 1; −1 for those that did not take part."""
    rng = np.random.default_rng(seed)
    zone, half = np.full(len(strata), -1, np.int64), np.full(len(strata), -1, np.int64)
    used = 0
    for name in dict.fromkeys(strata.tolist()):
        own = np.flatnonzero((strata == name) & taking_part)
        pairs = max(1, len(own) // 2) if len(own) else 0
        zone[own] = used + np.minimum(np.arange(len(own)) // 2, pairs - 1)
        half[own] = np.arange(len(own)) % 2
        first_of_pair = rng.integers(0, 2, pairs)
        half[own] ^= first_of_pair[zone[own] - used] if len(own) else 0
        used += pairs
    return zone, half


def replicates(
    method: Method, strata: NDArray[np.str_], zone: Whole, half: Whole, fay: float = 0.5
) -> Replicates:
    """Replicates of the schools that took part.

    Args:
        strata, zone, half: of these schools.

    Raises:
        DesignError: a stratum has one school (JKn).
    """
    units = np.arange(len(zone))
    if method in (Method.JK1, Method.JKN):
        codes = (
            np.unique(strata, return_inverse=True)[1] if method is Method.JKN else np.zeros(len(zone), int)
        )
        return delete_one(units, codes.astype(np.int64), np.zeros(int(codes.max(initial=0)) + 1))
    if method in (Method.JK2_HALF, Method.JK2_FULL, Method.JK2):
        return paired(zone, half, both=method is not Method.JK2_HALF)
    count = int(zone.max()) + 1
    return balanced(zone, half, sylvester(count), 0.0 if method is Method.BRR else fay)
