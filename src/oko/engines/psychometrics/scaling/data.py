"""Responses as the models take them, and what the likelihood needs of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Scores = NDArray[np.int8]

NOT_PRESENTED = -1
#: A set of items that so many persons were presented is reckoned by itself; rarer sets all together.
COMMON_SET = 200


@dataclass(frozen=True)
class Responses:
    """Persons × items.

    Attributes:
        scores: N × I, whole numbers 0 … the maximum of the item; −1 where it was not presented.
        items: I names.
        group: N numbers of groups; 0 is the reference group.
        groups: names of the groups.
        weight: N, how many persons each row stands for.
    """

    scores: Scores
    items: tuple[str, ...]
    group: Whole
    groups: tuple[str, ...]
    weight: Floats
    maximum: Whole = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "maximum", self.scores.max(axis=0, initial=0).astype(np.int64))


@dataclass(frozen=True)
class Block:
    """Persons of one group whose likelihood is reckoned in one go.

    Attributes:
        items: the numbers of the items that they were presented, all or some of them.
        scores: n × len(items), 0 where not presented; None where raw scores are all that is needed.
        presented: n × len(items); None when everybody was presented all of them.
        raw: n, the raw scores.
        weight: n.
    """

    group: int
    items: Whole
    scores: Scores | None
    presented: NDArray[np.bool_] | None
    raw: Whole
    weight: Floats


def category_counts(responses: Responses) -> tuple[Floats, ...]:
    """For each item the weight of the persons with each score 0 … maximum."""
    counts = []
    equal = bool((responses.weight == 1).all())
    for item, top in enumerate(responses.maximum):
        column = responses.scores[:, item]
        counts.append(
            np.array(
                [
                    np.count_nonzero(column == score) if equal else responses.weight[column == score].sum()
                    for score in range(top + 1)
                ],
                dtype=np.float64,
            )
        )
    return tuple(counts)


def likelihood_blocks(responses: Responses, *, raw_scores_suffice: bool) -> tuple[Block, ...]:
    """Responses by group and by the set of items presented.

    Args:
        raw_scores_suffice: all slopes are 1, so persons with the same items and raw score are one row.
    """
    presented = responses.scores >= 0
    if presented.all():
        sets = np.zeros(len(presented), dtype=np.int64)
    else:
        packed = np.packbits(presented, axis=1)
        _, sets = np.unique(packed.view(f"V{packed.shape[1]}").ravel(), return_inverse=True)
    key = responses.group * (sets.max(initial=0) + 1) + sets
    order = np.argsort(key, kind="stable") if key.any() else np.arange(len(key))
    bounds = np.flatnonzero(np.diff(key[order])) + 1
    made, rare = [], []
    for rows in np.split(order, bounds):
        if len(rows) >= COMMON_SET or len(bounds) < COMMON_SET:
            made.append(_common(responses, rows, presented[rows[0]], raw_scores_suffice))
        else:
            rare.append(rows)
    if rare:
        together = np.concatenate(rare)
        for group in np.unique(responses.group[together]):
            rows = together[responses.group[together] == group]
            made.append(_mixed(responses, rows, presented))
    return tuple(made)


def _common(
    responses: Responses, rows: Whole, presented: NDArray[np.bool_], raw_scores_suffice: bool
) -> Block:
    items = np.flatnonzero(presented)
    everybody = len(rows) == len(responses.scores) and len(items) == len(responses.items)
    scores = responses.scores if everybody else responses.scores[np.ix_(rows, items)]
    raw = scores.sum(axis=1, dtype=np.int64)
    weight = responses.weight if everybody else responses.weight[rows]
    group = int(responses.group[rows[0]])
    if not raw_scores_suffice:
        return Block(group, items, scores, None, raw, weight)
    weights = np.bincount(raw, weights=weight).astype(np.float64)
    there = np.flatnonzero(weights)
    return Block(group, items, None, None, there, weights[there])


def _mixed(responses: Responses, rows: Whole, presented: NDArray[np.bool_]) -> Block:
    there = presented[rows]
    scores = np.where(there, responses.scores[rows], 0).astype(np.int8)
    return Block(
        int(responses.group[rows[0]]),
        np.arange(len(responses.items)),
        scores,
        there,
        scores.sum(axis=1, dtype=np.int64),
        responses.weight[rows],
    )
