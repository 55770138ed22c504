"""Item response curves of the generalised partial credit model, and its special cases.

P(score k | θ) ∝ exp(a·k·θ + d_k), d_0 = 0: Muraki, E. (1992). A generalized partial credit model. Applied
Psychological Measurement, 16(2), 159–176. With one step it is the two-parameter logistic model, with a = 1
the partial credit or the Rasch model. Metric D = 1. The steps are b_k = −(d_k − d_{k−1}) / a.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from oko.engines.psychometrics.scaling.data import Floats, Whole


@dataclass(frozen=True)
class Items:
    """Parameters of all items, flat.

    Attributes:
        slope: I.
        intercept: T, those of scores 1 … maximum of the first item, then of the second, …
        maximum: I.
    """

    slope: Floats
    intercept: Floats
    maximum: Whole

    @cached_property
    def item(self) -> Whole:
        """T: to which item each intercept belongs."""
        return np.repeat(np.arange(len(self.maximum)), self.maximum)

    @cached_property
    def score(self) -> Whole:
        """T: to which score each intercept belongs."""
        first = np.concatenate([[0], np.cumsum(self.maximum)[:-1]])
        score: Whole = np.arange(len(self.item)) - first[self.item] + 1
        return score

    def some(self, items: Whole) -> Items:
        """Only these items, in this order."""
        return Items(
            self.slope[items], self.intercept[intercepts_of(self.maximum, items)], self.maximum[items]
        )

    def steps(self) -> tuple[Floats, ...]:
        """For each item b_1 … b_maximum."""
        parts = np.split(self.intercept, np.cumsum(self.maximum)[:-1])
        return tuple(
            -np.diff(part, prepend=0.0) / slope for part, slope in zip(parts, self.slope, strict=True)
        )


def intercepts_of(maximum: Whole, items: Whole) -> Whole:
    """Where the intercepts of these items stand in the flat array."""
    first = np.concatenate([[0], np.cumsum(maximum)[:-1]])
    return np.concatenate([np.arange(first[i], first[i] + maximum[i]) for i in items] or [np.array([], int)])


@dataclass(frozen=True)
class Curves:
    """The curves of items at nodes of ability.

    Attributes:
        nodes: Q.
        probability: T × Q, of scores 1 … maximum.
        log_sum: I × Q, the logarithm of the denominator.
        expected: I × Q, the expected score.
        variance: I × Q, of the score.
    """

    nodes: Floats
    probability: Floats
    log_sum: Floats
    expected: Floats
    variance: Floats


def curves(items: Items, nodes: Floats) -> Curves:
    """Reckon the curves of all items at all nodes."""
    of, score = items.item, items.score[:, None]
    exponent = items.slope[of, None] * score * nodes + items.intercept[:, None]
    largest = np.zeros((len(items.slope), len(nodes)))
    np.maximum.at(largest, of, exponent)
    weight = np.exp(exponent - largest[of])
    total = np.exp(-largest)
    np.add.at(total, of, weight)
    probability = weight / total[of]
    expected = np.zeros_like(largest)
    np.add.at(expected, of, score * probability)
    square = np.zeros_like(largest)
    np.add.at(square, of, score**2 * probability)
    return Curves(nodes, probability, np.log(total) + largest, expected, square - expected**2)


def information(items: Items, nodes: Floats) -> Floats:
    """I × Q: the information of each item about the ability."""
    information_: Floats = items.slope[:, None] ** 2 * curves(items, nodes).variance
    return information_
