"""Expectations over persons' posterior distributions: all that the likelihood's derivatives need.

With responses x and slopes a the likelihood of a person is proportional to exp(θ·Σ a_i x_i − Σ log Z_i(θ)):
only the
weighted score of the person matters. Derivatives: Louis, T. A. (1982). Finding the observed information
matrix when using the EM algorithm. Journal of the Royal Statistical Society B, 44(2), 226–233.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from oko.engines.psychometrics.scaling.curves import Curves, Items, curves, intercepts_of
from oko.engines.psychometrics.scaling.data import Block, Floats

PERSONS_AT_ONCE = 8192
THREADS = 2


@dataclass(frozen=True)
class Population:
    """Normal distributions of ability, one a group."""

    mean: Floats
    sd: Floats


@dataclass
class Expected:
    """Sums over persons.

    Attributes:
        log_likelihood: without the constant Σ counts × intercepts.
        presented: I × Q, the expected weight of persons at each node who were presented an item.
        scored: I × Q, the expected sum of their scores; nothing where raw scores suffice.
        persons: G × Q, the expected weight of persons of each group at each node.
        shared: the second moment of what is not known of persons: (I + T + 2G)², when it was asked for.
    """

    log_likelihood: float
    presented: Floats
    scored: Floats
    persons: Floats
    shared: Floats | None


def expect(
    blocks: Sequence[Block], items: Items, population: Population, nodes: Floats, *, second_order: bool
) -> Expected:
    """Sum up what is expected of all persons.

    Args:
        nodes: Q equally spaced abilities.
        second_order: also `shared`, for the observed information.
    """
    groups, parameters = (
        len(population.mean),
        len(items.slope) + len(items.intercept) + 2 * len(population.mean),
    )
    total = Expected(
        0.0,
        np.zeros((len(items.slope), len(nodes))),
        np.zeros((len(items.slope), len(nodes))),
        np.zeros((groups, len(nodes))),
        np.zeros((parameters, parameters)) if second_order else None,
    )
    views = [_View(block, items, population, nodes) for block in blocks]
    jobs = [(view, start) for view in views for start in range(0, len(view.block.raw), PERSONS_AT_ONCE)]
    with ThreadPoolExecutor(THREADS) as pool:
        sums = pool.map(lambda job: _sums_of_persons(*job, second_order=second_order), jobs)
        for (view, _), part in zip(jobs, sums, strict=True):
            view.sums.add(part)
    for view in views:
        _put_into(total, view)
    return total


def _nothing() -> Floats:
    """To which anything can be added."""
    return np.zeros(())


@dataclass(eq=False)
class _Sums:
    """What is added up over the persons of a block; names as in `_sums_of_persons`."""

    log_likelihood: float
    at_node: Floats = field(default_factory=_nothing)  # Q
    presented: Floats = field(default_factory=_nothing)  # i × Q, of mixed blocks
    scored: Floats = field(default_factory=_nothing)  # i × Q
    product: Floats = field(default_factory=_nothing)  # of expected complete-data scores of persons
    squared: Floats = field(default_factory=_nothing)  # i × i: Σ E(θ²) x x'
    both: Floats = field(default_factory=_nothing)  # Q × i × i: of mixed blocks, who was presented two items
    scored_both: Floats = field(default_factory=_nothing)  # Q × i × i

    def add(self, other: _Sums) -> None:
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class _View:
    """A block with the curves of its own items."""

    block: Block
    items: Items
    population: Population
    nodes: Floats
    own: Items = field(init=False)
    of: Curves = field(init=False)
    log_prior: Floats = field(init=False)
    moments: Floats = field(init=False)
    sums: _Sums = field(init=False)

    def __post_init__(self) -> None:
        self.own = self.items.some(self.block.items)
        self.of = curves(self.own, self.nodes)
        mean, sd = self.population.mean[self.block.group], self.population.sd[self.block.group]
        away = (self.nodes - mean) / sd
        spacing = self.nodes[1] - self.nodes[0]
        self.log_prior = -0.5 * away**2 - np.log(sd) - 0.5 * np.log(2 * np.pi) + np.log(spacing)
        self.moments = np.stack([away / sd, away**2 / sd])  # ∂/∂mean, ∂/∂sd but for a constant
        self.sums = _Sums(0.0)


def _sums_of_persons(view: _View, start: int, *, second_order: bool) -> _Sums:
    block, nodes = view.block, view.nodes
    rows = slice(start, start + PERSONS_AT_ONCE)
    weight = block.weight[rows]
    scores = None if block.scores is None else block.scores[rows].astype(np.float64)
    there = None if block.presented is None else block.presented[rows].astype(np.float64)
    weighted_score = block.raw[rows].astype(np.float64) if scores is None else scores @ view.own.slope
    posterior = np.multiply.outer(weighted_score, nodes)
    if there is None:
        posterior += view.log_prior - view.of.log_sum.sum(axis=0)
    else:
        posterior += view.log_prior - there @ view.of.log_sum
    largest = posterior.max(axis=1, keepdims=True)
    np.exp(posterior - largest, out=posterior)
    likelihood = posterior.sum(axis=1)
    posterior /= likelihood[:, None]
    weighted = posterior * weight[:, None]
    sums = _Sums(float(weight @ (np.log(likelihood) + largest[:, 0])), at_node=weighted.sum(axis=0))
    if there is not None:
        sums.presented = there.T @ weighted
    if scores is not None:
        sums.scored = scores.T @ weighted
    if second_order:
        _add_second_order(sums, view, posterior, weighted, scores, there)
    return sums


def _add_second_order(
    sums: _Sums, view: _View, posterior: Floats, weighted: Floats, scores: Floats | None, there: Floats | None
) -> None:
    """Σ E(s) E(s)' of persons' complete-data scores s, and the moments of which Σ E(s s') is made."""
    nodes, of = view.nodes, view.of
    weight = weighted.sum(axis=1)
    probability = posterior @ of.probability.T
    moments = posterior @ view.moments.T
    if there is not None:
        probability *= there[:, view.own.item]
    if scores is None:
        slopes = np.zeros((len(posterior), 0))
    else:
        expected = posterior @ (nodes * of.expected).T
        if there is not None:
            expected *= there
        slopes = scores * (posterior @ nodes)[:, None] - expected
        sums.squared = (scores * (weighted @ nodes**2)[:, None]).T @ scores
    score = np.concatenate([slopes, -probability, moments], axis=1)
    sums.product = (score * weight[:, None]).T @ score
    if there is not None and scores is not None:
        sums.both = np.stack([(there * column[:, None]).T @ there for column in weighted.T])
        sums.scored_both = np.stack([(scores * column[:, None]).T @ there for column in weighted.T])


def _put_into(total: Expected, view: _View) -> None:
    """Add a block's sums at the places of its items and its group."""
    block, sums, nodes = view.block, view.sums, view.nodes
    everywhere = np.broadcast_to(sums.at_node, (len(block.items), len(nodes)))
    total.log_likelihood += sums.log_likelihood
    total.presented[block.items] += everywhere if block.presented is None else sums.presented
    total.persons[block.group] += sums.at_node
    if block.scores is not None:
        total.scored[block.items] += sums.scored
    if total.shared is None:
        return
    items, groups = len(total.presented), len(total.persons)
    steps = intercepts_of(view.items.maximum, block.items)
    slopes = block.items if block.scores is not None else block.items[:0]
    first = items + len(view.items.intercept)
    places = np.concatenate([slopes, items + steps, [first + block.group, first + groups + block.group]])
    total.shared[np.ix_(places, places)] += _second_moment(view, everywhere) - sums.product


def _second_moment(view: _View, everywhere: Floats) -> Floats:
    """Σ E(s s') of a block, s in the order slopes, intercepts, mean, sd."""
    block, sums, nodes, of = view.block, view.sums, view.nodes, view.of
    mixed = block.presented is not None
    presented = sums.presented if mixed else everywhere
    step_item = view.own.item
    chance, moments = of.probability, view.moments
    steps = (
        np.einsum("pq,rq,qpr->pr", chance, chance, sums.both[:, step_item][:, :, step_item])
        if mixed
        else (chance * sums.at_node) @ chance.T
    )
    steps_moments = -(chance * presented[step_item]) @ moments.T
    both_moments = (moments * sums.at_node) @ moments.T
    if block.scores is None:
        return np.block([[steps, steps_moments], [steps_moments.T, both_moments]])
    leaning = nodes * of.expected  # θ E(score | θ)
    if mixed:
        cross = np.einsum("q,jq,qij->ij", nodes, leaning, sums.scored_both)
        slopes = np.einsum("iq,jq,qij->ij", leaning, leaning, sums.both)
        slopes_steps = np.einsum("iq,pq,qip->ip", leaning, chance, sums.both[:, :, step_item])
        slopes_steps -= np.einsum("q,pq,qip->ip", nodes, chance, sums.scored_both[:, :, step_item])
    else:
        cross = (sums.scored * nodes) @ leaning.T
        slopes = (leaning * sums.at_node) @ leaning.T
        slopes_steps = (leaning * sums.at_node - sums.scored * nodes) @ chance.T
    slopes = slopes + sums.squared - cross - cross.T
    slopes_moments = (sums.scored * nodes - leaning * presented) @ moments.T
    return np.block(
        [
            [slopes, slopes_steps, slopes_moments],
            [slopes_steps.T, steps, steps_moments],
            [slopes_moments.T, steps_moments.T, both_moments],
        ]
    )
