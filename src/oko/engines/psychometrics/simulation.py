"""A seeded simulation of results: pupils of a school answer a paper under the partial credit model.

The model: Masters, G. N. (1982). A Rasch model for partial credit scoring. Psychometrika, 47(2), 149–174. A
pupil of ability θ earns score k of an item with probability ∝ exp Σ_{j ≤ k} (θ − δ_j), with step difficulties
δ_1 … δ_m. Ability is normal, with a school and a class effect in it; its mean and spread are set for each
paper so that its own scale of marks gives a distribution as one sees it. Everything is in logits. Meant for
demos and tests, not for research.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from oko.engines.papers import Item, Paper

SCHOOL_EFFECT_SD = 0.35  # draw `school_effect` from N(0, this)
CLASS_EFFECT_SD = 0.2
GIRLS_AHEAD = 0.12  # of boys, in logits

ABSENT = 0.06  # share of participants
MISSED_ONE_PART = 0.015  # share, in papers of two parts
NOT_STUDIED = 0.002  # share of (class, item): the class has not reached the topic yet
NO_PRIOR_MARK = 0.01  # share
MOST_NOT_ATTEMPTED = 0.45  # of the zeros of the weakest pupils at the hardest items
FIRST_PART = 1 / 3  # of the maximum, in papers of two parts

_SHARES_BELOW = (0.075, 0.40, 0.825)  # of marks below 3, below 4, below 5
_LEVEL_DIFFICULTY = {"Б": -0.35, "П": 0.75, "В": 1.5}
_PRIOR_CORRELATION = 0.7  # of ability with what the class mark shows
_PRIOR_SHARES_BELOW = (0.03, 0.34, 0.80)  # class marks are milder than the paper's

_ABILITIES = np.linspace(-6.0, 6.0, 121)
Floats = npt.NDArray[np.float64]


def simulate_school(
    paper: Paper, participants: Sequence[tuple[str, str]], *, school_effect: float, seed: int
) -> list[dict[str, Any]]:
    """Results of one school in one paper.

    Args:
        paper: its items, scale, variants and number of parts.
        participants: (participant code, class label) of all who were to write.
        school_effect: how much abler than the average school, in logits; draw it from N(0, SCHOOL_EFFECT_SD).
        seed: the same arguments give the same results; another paper gives other ones.

    Returns:
        One work for each participant, in their order: `participant, class_label, variant_1, variant_2, sex
        («м», «ж»), prior_mark, status («present», «partial», «absent»), scores` (item code → score, −1 for X,
        None for N or a missed part), `total, mark` (None unless the work is whole).
    """
    generator = np.random.default_rng([seed, number_of(paper.code)])
    count = len(participants)
    classes = sorted({label for _, label in participants})
    class_effects = dict(zip(classes, generator.normal(0, CLASS_EFFECT_SD, len(classes)), strict=True))
    unstudied = generator.random((len(classes), len(paper.items))) < NOT_STUDIED

    girls = generator.random(count) < 0.5
    mean, spread = calibrate(paper)
    own_spread = np.sqrt(max(spread**2 - SCHOOL_EFFECT_SD**2 - CLASS_EFFECT_SD**2, 0.1))
    abilities = mean + school_effect + own_spread * generator.standard_normal(count)
    abilities += np.array([class_effects[label] for _, label in participants])
    abilities += np.where(girls, GIRLS_AHEAD / 2, -GIRLS_AHEAD / 2)
    prior_marks, unknown_marks = draw_prior_marks((abilities - mean) / spread, generator)
    scores = draw_answers(paper, abilities, (abilities - mean) / spread, generator)
    variants = generator.choice(np.array(paper.variants), (count, 2))
    fates = generator.random(count)
    missed_parts = generator.integers(1, 3, count)

    return [
        _work(
            paper,
            participant=participant,
            class_label=label,
            sex="ж" if girls[row] else "м",
            prior_mark=None if unknown_marks[row] else int(prior_marks[row]),
            variants=(int(variants[row, 0]), int(variants[row, 1]) if paper.parts > 1 else None),
            answers=[
                None if unstudied[classes.index(label), column] else int(score)
                for column, score in enumerate(scores[row])
            ],
            missed=_missed(paper, float(fates[row]), int(missed_parts[row])),
        )
        for row, (participant, label) in enumerate(participants)
    ]


def number_of(text: str) -> int:
    """A number for a text that is the same in every process (Python's own hash is not)."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _missed(paper: Paper, fate: float, part: int) -> frozenset[int]:
    """The parts that a participant missed: all of them, one, or none."""
    if fate < ABSENT:
        return frozenset(range(1, max(paper.parts, 2) + 1))
    if paper.parts > 1 and fate < ABSENT + MISSED_ONE_PART:
        return frozenset({part})
    return frozenset()


def _work(
    paper: Paper,
    *,
    participant: str,
    class_label: str,
    sex: str,
    prior_mark: int | None,
    variants: tuple[int, int | None],
    answers: Sequence[int | None],
    missed: frozenset[int],
) -> dict[str, Any]:
    parts = part_of_items(paper)
    scores = {
        item.code: None if part in missed else answer
        for item, part, answer in zip(paper.items, parts, answers, strict=True)
    }
    total = None if missed else sum(max(score or 0, 0) for score in scores.values())
    status = "absent" if missed >= set(parts) else "partial" if missed else "present"
    return {
        "participant": participant,
        "class_label": class_label,
        "variant_1": None if 1 in missed else variants[0],
        "variant_2": None if 2 in missed else variants[1],
        "sex": sex,
        "prior_mark": prior_mark,
        "status": status,
        "scores": scores,
        "total": total,
        "mark": None if total is None else paper.mark(total),
    }


def part_of_items(paper: Paper) -> tuple[int, ...]:
    """The part (1 or 2) of each item: whole tasks up to a third of the maximum make the first."""
    if paper.parts == 1:
        return (1,) * len(paper.items)
    parts: list[int] = []
    earned = 0
    current, last_number = 1, ""
    for item in paper.items:
        number = item.code.replace("К", ".").split(".")[0]
        if number != last_number and earned >= FIRST_PART * paper.maximum:
            current = 2
        parts.append(current)
        earned += item.maximum
        last_number = number
    return tuple(parts)


def draw_answers(
    paper: Paper, abilities: Floats, standing: Floats, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Scores (participants × items); some zeros become X, more with weak pupils and late items."""
    scores = np.empty((len(abilities), len(paper.items)), dtype=np.int64)
    for column, (item, steps) in enumerate(zip(paper.items, step_difficulties(paper), strict=True)):
        cumulative = score_probabilities(abilities, steps).cumsum(axis=1)
        drawn = (generator.random((len(abilities), 1)) > cumulative).sum(axis=1)
        lateness = column / max(len(paper.items) - 1, 1)
        hardness = 0.25 + 0.5 * lateness + 0.25 * (item.level != "Б")
        gives_up = MOST_NOT_ATTEMPTED * hardness / (1 + np.exp(1.5 * standing))
        not_attempted = (drawn == 0) & (generator.random(len(abilities)) < gives_up)
        scores[:, column] = np.where(not_attempted, -1, np.minimum(drawn, item.maximum))
    return scores


def draw_prior_marks(
    standing: Floats, generator: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Class marks that go with ability, though not closely; and of whom the mark is not known."""
    noise = generator.standard_normal(len(standing))
    shown = _PRIOR_CORRELATION * standing + np.sqrt(1 - _PRIOR_CORRELATION**2) * noise
    marks = 2 + (shown[:, None] > _normal_quantiles(_PRIOR_SHARES_BELOW)).sum(axis=1)
    return marks, generator.random(len(standing)) < NO_PRIOR_MARK


def _normal_quantiles(shares: Sequence[float]) -> Floats:
    return np.array([NormalDist().inv_cdf(share) for share in shares])


@lru_cache(maxsize=64)
def step_difficulties(paper: Paper) -> tuple[tuple[float, ...], ...]:
    """Step difficulties δ_1 … δ_m of every item: from its level, and a fixed chance from its code."""
    return tuple(_steps(paper, item) for item in paper.items)


def _steps(paper: Paper, item: Item) -> tuple[float, ...]:
    generator = np.random.default_rng([number_of(paper.code), number_of(item.code)])
    location = _LEVEL_DIFFICULTY.get(item.level, 0.0) + generator.normal(0, 0.55)
    offsets = np.linspace(-0.6, 0.6, item.maximum) if item.maximum > 1 else np.zeros(1)
    return tuple(float(location + offset) for offset in offsets)


def score_probabilities(abilities: Floats, steps: Sequence[float]) -> Floats:
    """P(score = k | θ) of one item under the partial credit model (Masters, 1982): abilities × (m + 1)."""
    logits = np.concatenate(
        [np.zeros((len(abilities), 1)), np.cumsum(abilities[:, None] - np.array(steps)[None, :], axis=1)],
        axis=1,
    )
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@lru_cache(maxsize=64)
def calibrate(paper: Paper) -> tuple[float, float]:
    """Mean and spread (logits) of ability for which the paper's scale gives the marks of _SHARES_BELOW.

    The distribution of totals at an ability is exact: Lord, F. M., & Wingersky, M. S. (1984). Comparison of
    IRT true-score and equipercentile observed-score "equatings". Applied Psychological Measurement, 8(4),
    453–461.
    """
    totals = np.ones((len(_ABILITIES), 1))
    for steps in step_difficulties(paper):
        totals = _convolved(totals, score_probabilities(_ABILITIES, steps))
    below = np.stack([totals[:, :lowest].sum(axis=1) for lowest in paper.scale], axis=1)
    return min(
        (
            (float(mean), float(spread))
            for mean in np.arange(-2, 3, 0.05)
            for spread in np.arange(0.5, 2, 0.05)
        ),
        key=lambda candidate: _misfit(below, *candidate),
    )


def _convolved(totals: Floats, item: Floats) -> Floats:
    summed = np.zeros((len(totals), totals.shape[1] + item.shape[1] - 1))
    for score in range(item.shape[1]):
        summed[:, score : score + totals.shape[1]] += totals * item[:, [score]]
    return summed


def _misfit(below: Floats, mean: float, spread: float) -> float:
    weights = np.exp(-0.5 * ((_ABILITIES - mean) / spread) ** 2)
    shares = weights @ below / weights.sum()
    return float(((shares - np.array(_SHARES_BELOW)) ** 2).sum())
