"""Persons' abilities: expected a posteriori, and weighted likelihood.

Warm, T. A. (1989). Weighted likelihood estimation of ability in item response theory. Psychometrika, 54(3),
427–450. For
models whose score has a slope the estimate solves Σ a (x − E) + J / 2I = 0, J = Σ a³ × third central moment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.engines.psychometrics.scaling.curves import Items, curves
from oko.engines.psychometrics.scaling.data import Floats, Responses
from oko.engines.psychometrics.scaling.expectation import Population

NODES, SPREAD = 161, 8.0  # of the posterior, in standard deviations of the population
LOWEST, HIGHEST, SPACING = -30.0, 30.0, 0.01  # where the weighted likelihood is looked for
AT_ONCE = 20_000  # persons


@dataclass(frozen=True)
class Abilities:
    """One value a person; nan for a person without any answer (but the population's for EAP)."""

    eap: Floats
    eap_se: Floats
    wle: Floats
    wle_se: Floats


def abilities(responses: Responses, items: Items, population: Population) -> Abilities:
    """Estimate all persons under a calibrated scale.

    Persons of one group with the same items and weighted score have the same estimates.
    """
    presented = responses.scores >= 0
    weighted = np.where(presented, responses.scores, 0) @ items.slope
    packed = np.ascontiguousarray(
        np.column_stack(
            [np.packbits(presented, axis=1), responses.group.astype(np.uint16).view(np.uint8).reshape(-1, 2)]
        )
    )
    _, first, sets = np.unique(
        packed.view(f"V{packed.shape[1]}").ravel(), return_index=True, return_inverse=True
    )
    result = np.full((4, len(weighted)), np.nan)
    order = np.argsort(sets, kind="stable")
    for rows, sample in zip(np.split(order, np.flatnonzero(np.diff(sets[order])) + 1), first, strict=True):
        scores, of = np.unique(np.round(weighted[rows], 9), return_inverse=True)
        own = items.some(np.flatnonzero(presented[sample]))
        group = int(responses.group[sample])
        found = np.concatenate(
            [
                _expected(own, scores, float(population.mean[group]), float(population.sd[group])),
                _weighted_likelihood(own, scores),
            ]
        )
        result[:, rows] = found[:, of]
    return Abilities(*result)


def _expected(items: Items, scores: Floats, mean: float, sd: float) -> Floats:
    """2 × n: mean and standard deviation of the posterior."""
    nodes = mean + sd * np.linspace(-SPREAD, SPREAD, NODES)
    base = -curves(items, nodes).log_sum.sum(axis=0) - ((nodes - mean) / sd) ** 2 / 2
    found = np.empty((2, len(scores)))
    for start in range(0, len(scores), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        log = np.multiply.outer(scores[part], nodes) + base
        posterior = np.exp(log - log.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
        centre = posterior @ nodes
        found[0, part] = centre
        found[1, part] = np.sqrt(np.maximum(posterior @ nodes**2 - centre**2, 0))
    return found


def _weighted_likelihood(items: Items, scores: Floats) -> Floats:
    """2 × n: the root of Warm's equation, and 1 / √(curvature of log likelihood + ½ log information) there.

    The equation is score = Σ a E − J / 2I, whose right side depends on ability alone: it is reckoned on a
    dense grid and turned round by cubic interpolation.
    """
    if not len(items.slope):
        return np.full((2, len(scores)), np.nan)
    grid = np.arange(LOWEST, HIGHEST, SPACING)
    level = _score_at(items, grid)
    rising = np.flatnonzero(np.diff(level) <= 0)  # in the far tails rounding makes it flat
    middle = len(grid) // 2
    first = int(rising[rising < middle].max(initial=-1)) + 1
    last = int(rising[rising >= middle].min(initial=len(grid) - 1)) + 1
    grid, level = grid[first:last], level[first:last]
    place = np.clip(np.searchsorted(level, scores) - 2, 0, len(grid) - 4)
    around = place[:, None] + np.arange(4)
    ability = _cubic(level[around], grid[around], scores)
    curvature = _cubic(grid[around], np.gradient(level, SPACING, edge_order=2)[around], ability)
    return np.stack([ability, 1 / np.sqrt(curvature)])


def _score_at(items: Items, ability: Floats) -> Floats:
    """Q: the weighted score at which Warm's estimate is this ability."""
    of = curves(items, ability)
    score = items.score[:, None]
    cube = np.zeros_like(of.expected)
    np.add.at(cube, items.item, score**3 * of.probability)
    third = cube - 3 * of.expected * of.variance - of.expected**3
    information = items.slope**2 @ of.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        level: Floats = items.slope @ of.expected - (items.slope**3 @ third) / (2 * information)
    return np.nan_to_num(level, nan=0.0, posinf=0.0, neginf=0.0)


def _cubic(known: Floats, values: Floats, at: Floats) -> Floats:
    """Lagrange's polynomial through four neighbours: known, values n × 4, at n."""
    result = np.zeros(len(at))
    for j in range(4):
        term = values[:, j].copy()
        for k in range(4):
            if k != j:
                term *= (at - known[:, k]) / (known[:, j] - known[:, k])
        result += term
    return result
