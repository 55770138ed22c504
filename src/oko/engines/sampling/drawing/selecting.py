"""Which units of an ordered list are drawn, and with which probability.

Sources: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), ch. 5, 8, 9A; for certainty units and systematic
selection with probability proportional to size, TIMSS 2019 Methods and Procedures, ch. 3.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was drawn from a list.

    Attributes:
        places: of the drawn units, ascending.
        probability: of each unit of the list to be drawn.
        certain: of each unit, in which round it became certain, from 1; 0 when it did not.
        interval: between selection numbers; nan where there are none.
        numbers: the selection numbers.
    """

    places: Places
    probability: Floats
    certain: NDArray[np.int64]
    interval: float
    numbers: Floats


def systematic_pps(measure: Floats, n: int, start: float) -> Selection:
    """Systematic selection with probability proportional to size.

    Units as large as the interval (sum of measures / n) are certain; the interval of the others is reckoned
    again until none is. Then the unit is drawn whose cumulated measure first reaches (start + k) × interval.

    Args:
        measure: positive sizes in the order of the frame.
        n: units to draw, at most as many as there are.
        start: u in [0, 1).
    """
    certain = np.zeros(len(measure), np.int64)
    while (left := n - int((certain > 0).sum())) > 0:
        open_to_chance = certain == 0
        interval = measure[open_to_chance].sum() / left
        large = open_to_chance & (measure >= interval)
        if not large.any():
            break
        certain[large] = certain.max() + 1
    by_chance = np.flatnonzero(certain == 0)
    sizes = measure[by_chance]
    left = n - int((certain > 0).sum())
    interval = float(sizes.sum() / left) if left else float("nan")
    numbers = np.asarray((start + np.arange(left)) * interval if left else (), np.float64)
    reached = np.searchsorted(np.cumsum(sizes), numbers, side="left")
    drawn = by_chance[np.minimum(reached, max(0, len(by_chance) - 1))]
    probability = (certain > 0).astype(np.float64)
    probability[by_chance] = sizes / interval if left else 0.0
    return Selection(np.union1d(np.flatnonzero(certain), drawn), probability, certain, interval, numbers)


def systematic(size: int, n: int, start: float) -> Selection:
    """Every (size / n)-th unit, the first one at start × size / n."""
    interval = size / n if n else float("nan")
    numbers = np.asarray((start + np.arange(n)) * interval if n else (), np.float64)
    places = np.minimum(np.floor(numbers).astype(np.intp), size - 1)
    return Selection(places, np.full(size, n / size), np.zeros(size, np.int64), interval, numbers)


def simple(size: int, n: int, rng: np.random.Generator) -> Selection:
    """Simple random sampling without replacement."""
    places = np.sort(rng.choice(size, n, replace=False))
    return Selection(places, np.full(size, n / size), np.zeros(size, np.int64), float("nan"), np.zeros(0))


def allocate(total: int, shares: Floats, most: NDArray[np.int64], least: int) -> NDArray[np.int64]:
    """Share out a total over strata, each with `least` at least (or all it has) and `most` at most.

    One by one to the stratum that is furthest behind its share (Webster's method; Balinski & Young, Fair
    Representation, 2nd ed. (2001), ch. 9), which keeps to both bounds.

    Args:
        total: at least the sum of the least numbers, at most that of `most`.
        shares: what each stratum counts for, not negative.
    """
    given = np.minimum(least, most)
    behind = [(-share / (2 * n + 1), k) for k, (share, n) in enumerate(zip(shares, given, strict=True))]
    heapq.heapify(behind)
    for _ in range(total - int(given.sum())):
        while given[(k := heapq.heappop(behind)[1])] >= most[k]:
            continue
        given[k] += 1
        heapq.heappush(behind, (-shares[k] / (2 * given[k] + 1), k))
    return given
