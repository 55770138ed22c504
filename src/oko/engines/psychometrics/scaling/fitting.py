"""Marginal maximum likelihood: a few EM steps, then Newton's with the observed information.

Bock, R. D., & Aitkin, M. (1981). Marginal maximum likelihood estimation of item parameters: application of
an EM algorithm. Psychometrika, 46(4), 443–459. The information is exact (Louis, 1982, see `expectation`), so
the last step's is also that of the standard errors, the same that Oakes's identity gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from oko.engines.psychometrics.scaling.curves import Curves, Items, curves, information
from oko.engines.psychometrics.scaling.data import (
    Block,
    Floats,
    Responses,
    category_counts,
    likelihood_blocks,
)
from oko.engines.psychometrics.scaling.expectation import Expected, Population, expect

Mask = NDArray[np.bool_]

SPREAD = 6.5  # nodes reach so many standard deviations
ROUGH, FINE = 1.6, 0.9  # distance of nodes, in the smallest standard deviations of a posterior
EM_STEPS = 4  # before Newton's
MOST_STEPS = 300
CLOSE = 1e-8  # expected gain of the likelihood at which the maximum is reached
NEAR = 0.05  # gain at which nodes become fine
NARROWEST = 0.02  # a standard deviation that would be less stays here
LONGEST = 2.0  # of a step of any parameter
SHORTEST = 1e-9  # a shorter step is not halved any more
NOISE = 1e-12  # of sums over persons, relative


@dataclass(frozen=True)
class Free:
    """Which parameters are estimated: masks over slopes, intercepts, means, standard deviations."""

    slope: bool
    anchored: frozenset[int]
    mean: tuple[bool, ...]
    sd: tuple[bool, ...]

    def mask(self, items: Items) -> Mask:
        own = np.array([i not in self.anchored for i in range(len(items.slope))], dtype=bool)
        return np.concatenate([own & self.slope, own[items.item], self.mean, self.sd]).astype(bool)


@dataclass(frozen=True)
class Estimate:
    """The maximum, or where the search ended.

    Attributes:
        covariance: (I + T + 2G)², zero rows where a parameter was not estimated.
    """

    items: Items
    population: Population
    log_likelihood: float
    covariance: Floats
    free: Mask
    converged: bool
    iterations: int


def estimate(responses: Responses, start: Items, population: Population, free: Free) -> Estimate:
    """Find the parameters under which the responses are likeliest.

    Args:
        start: where the search begins; what is not free stays there.
    """
    only_raw = not free.slope and bool((start.slope == 1).all())
    blocks = likelihood_blocks(responses, raw_scores_suffice=only_raw)
    return estimate_blocks(blocks, category_counts(responses), start, population, free)


def estimate_blocks(
    blocks: Sequence[Block], categories: Sequence[Floats], start: Items, population: Population, free: Free
) -> Estimate:
    """The same of persons that stand in blocks already; with slopes of 1 their raw scores suffice.

    Args:
        categories: of each item the weight of the persons with each score.
    """
    counts = np.concatenate([count[1:] for count in categories])
    with threadpool_limits(1):  # threads go over persons; more in each product would only wait for each other
        return _climb(blocks, counts, _Point(start, population), free.mask(start))


@dataclass(frozen=True)
class _Point:
    """All parameters."""

    items: Items
    population: Population

    @property
    def flat(self) -> Floats:
        return np.concatenate(
            [self.items.slope, self.items.intercept, self.population.mean, self.population.sd]
        )

    @property
    def is_sd(self) -> Mask:
        return np.arange(len(self.flat)) >= len(self.flat) - len(self.population.sd)

    def moved(self, step: Floats) -> _Point:
        bounds = np.cumsum([len(self.items.slope), len(self.items.intercept), len(self.population.mean)])
        slope, intercept, mean, sd = np.split(self.flat + step, bounds)
        return _Point(Items(slope, intercept, self.items.maximum), Population(mean, sd))


@dataclass(frozen=True)
class _Slope:
    """The likelihood and its derivatives; the information is that of complete data until it is exact."""

    log_likelihood: float
    gradient: Floats
    information: Floats


def _climb(blocks: Sequence[Block], counts: Floats, point: _Point, free: Mask) -> Estimate:
    distance, exact, reached = ROUGH, False, -np.inf
    nodes = _nodes(point, distance)
    step = np.zeros(len(free))
    before = point
    for iteration in range(1, MOST_STEPS + 1):
        slope = _slope(blocks, counts, point, nodes, exact=exact)
        if slope.log_likelihood < reached - NOISE * abs(reached) and np.abs(step).max() > SHORTEST:
            step = step / 2
            point = before.moved(step)
            continue
        reached = slope.log_likelihood
        step, gain = _step(slope, point, free)
        if exact and distance == FINE and gain < CLOSE:
            return _estimate(point, slope, free, iteration, converged=True)
        before, point = point, point.moved(step)
        if (narrow := free & (point.flat < NARROWEST) & point.is_sd).any():  # the maximum is at no spread
            point = point.moved(np.where(narrow, NARROWEST - point.flat, 0.0))
            free, reached = free & ~narrow, -np.inf
        if exact and distance == ROUGH and gain < NEAR:
            distance, reached = FINE, -np.inf
            nodes = _nodes(point, distance)
        exact = exact or iteration >= EM_STEPS
    return _estimate(before, slope, free, MOST_STEPS, converged=False)


def _slope(blocks: Sequence[Block], counts: Floats, point: _Point, nodes: Floats, *, exact: bool) -> _Slope:
    items, population = point.items, point.population
    expected = expect(blocks, items, population, nodes, second_order=exact)
    of = curves(items, nodes)
    information_ = _complete_information(items, population, of, expected)
    if expected.shared is not None:
        information_ = information_ - expected.shared
    return _Slope(
        expected.log_likelihood + float(counts @ items.intercept),
        _gradient(items, population, of, expected, counts),
        information_,
    )


def _gradient(items: Items, population: Population, of: Curves, expected: Expected, counts: Floats) -> Floats:
    """By Fisher's identity: the expected complete-data score."""
    away = of.nodes - population.mean[:, None]
    sd = population.sd
    return np.concatenate(
        [
            (expected.scored - expected.presented * of.expected) @ of.nodes,
            counts - (expected.presented[items.item] * of.probability).sum(axis=1),
            (expected.persons * away).sum(axis=1) / sd**2,
            (expected.persons * away**2).sum(axis=1) / sd**3 - expected.persons.sum(axis=1) / sd,
        ]
    )


def _complete_information(items: Items, population: Population, of: Curves, expected: Expected) -> Floats:
    """Minus the second derivatives of the expected complete-data likelihood."""
    count, steps, groups = len(items.slope), len(items.intercept), len(population.mean)
    made = np.zeros((count + steps + 2 * groups,) * 2)
    slopes = np.arange(count)
    made[slopes, slopes] = (expected.presented * of.variance) @ of.nodes**2
    with_score = (items.score[:, None] - of.expected[items.item]) * of.probability
    places = count + np.arange(steps)
    made[items.item, places] = (expected.presented[items.item] * with_score) @ of.nodes
    made[places, items.item] = made[items.item, places]
    same = items.item[:, None] == items.item
    products = (of.probability * expected.presented[items.item]) @ of.probability.T
    made[np.ix_(places, places)] = np.where(same, -products, 0.0)
    made[places, places] += (expected.presented[items.item] * of.probability).sum(axis=1)
    away, sd = of.nodes - population.mean[:, None], population.sd
    weight = expected.persons.sum(axis=1)
    means = count + steps + np.arange(groups)
    sds = means + groups
    made[means, means] = weight / sd**2
    made[means, sds] = made[sds, means] = 2 * (expected.persons * away).sum(axis=1) / sd**3
    made[sds, sds] = 3 * (expected.persons * away**2).sum(axis=1) / sd**4 - weight / sd**2
    return made


def _step(slope: _Slope, point: _Point, free: Mask) -> tuple[Floats, float]:
    """Newton's step of the free parameters, and by how much it should raise the likelihood."""
    step = np.zeros(len(free))
    gradient = slope.gradient[free]
    step[free] = _solved(slope.information[np.ix_(free, free)], gradient)
    gain = float(step[free] @ gradient) / 2
    shorter = min(1.0, LONGEST / max(np.abs(step).max(initial=0.0), 1e-300))
    groups = len(point.population.sd)
    narrowing = -step[-groups:] / point.population.sd
    shorter = min(shorter, 0.5 / max(narrowing.max(), 0.5))  # a standard deviation is at most halved
    return step * shorter, gain


def _solved(information: Floats, gradient: Floats) -> Floats:
    """information⁻¹ gradient; where the information is not positive, its size is taken for it."""
    try:
        np.linalg.cholesky(information)
        return np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(information)
        floor = max(values.max(initial=0.0), 1.0) * 1e-6
        sizes = np.maximum(np.abs(values), floor)
        return np.asarray(vectors @ ((vectors.T @ gradient) / sizes), dtype=np.float64)


def _nodes(point: _Point, distance: float) -> Floats:
    """Equally spaced over all groups, near enough for the narrowest posterior."""
    mean, sd = point.population.mean, point.population.sd
    low, high = (mean - SPREAD * sd).min(), (mean + SPREAD * sd).max()
    most = information(point.items, np.linspace(low, high, 61)).sum(axis=0).max()
    spacing = distance / np.sqrt(most + 1 / sd.min() ** 2)
    return np.linspace(low, high, int(np.ceil((high - low) / spacing)) + 1)


def _estimate(point: _Point, slope: _Slope, free: Mask, iterations: int, *, converged: bool) -> Estimate:
    covariance = np.zeros((len(free),) * 2)
    try:
        covariance[np.ix_(free, free)] = np.linalg.inv(slope.information[np.ix_(free, free)])
        usable = bool((np.diag(covariance)[free] > 0).all())
    except np.linalg.LinAlgError:
        usable = False
    if not usable:
        covariance[:] = np.nan
    return Estimate(
        point.items,
        point.population,
        slope.log_likelihood,
        covariance,
        free,
        converged and usable,
        iterations,
    )
