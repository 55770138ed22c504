"""Scores of one form turned into those of another: equipercentile, linear, mean; with their errors.

Kolen, M. J., & Brennan, R. L. (2014). Test Equating, Scaling, and Linking (3rd ed.): ch. 2 (methods), 3
(log-linear
presmoothing, Holland & Thayer 1987), 5 (chained equipercentile), 7 (standard errors: eq. 7.12, Lord 1982;
table 7.2, Braun & Holland 1982). Form X is the new one, its scores are brought onto the scale of form Y.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_LEAST = 1e-12  # of a relative frequency
_STEPS = 200


class Method(StrEnum):
    EQUIPERCENTILE = "equipercentile"
    LINEAR = "linear"
    MEAN = "mean"


class EquatingError(ValueError):
    """Scores that cannot be equated; the message says why, in Russian."""


@dataclass(frozen=True)
class Form:
    """Scores of those who took a form: `count` persons with each score 0 … maximum."""

    count: Floats

    @property
    def n(self) -> float:
        return float(self.count.sum())

    @property
    def share(self) -> Floats:
        found: Floats = self.count / self.count.sum()
        return found

    @property
    def scores(self) -> Floats:
        return np.arange(len(self.count), dtype=np.float64)

    def moments(self) -> tuple[float, float, float, float]:
        """Mean, standard deviation, skewness, kurtosis (3 of a normal distribution)."""
        mean = float(self.share @ self.scores)
        away = self.scores - mean
        sd = float(np.sqrt(self.share @ away**2))
        if sd == 0:
            return mean, 0.0, 0.0, 0.0
        return mean, sd, float(self.share @ away**3) / sd**3, float(self.share @ away**4) / sd**4


@dataclass(frozen=True)
class Equated:
    """For each score of form X the equivalent on form Y and its standard error."""

    score: Floats
    equivalent: Floats
    se: Floats


def form_of(scores: Whole, maximum: int | None = None) -> Form:
    """The form of these scores; `maximum`: the highest that there can be.

    Raises:
        EquatingError: no score, a negative one, or one above the maximum.
    """
    if not len(scores):
        raise EquatingError("Нет ни одного участника с баллом.")
    top = int(scores.max()) if maximum is None else maximum
    if scores.min() < 0 or scores.max() > top:
        raise EquatingError(f"Баллы от {scores.min()} до {scores.max()}, а могут быть от 0 до {top}.")
    return Form(np.bincount(scores, minlength=top + 1).astype(np.float64))


def equate(x: Form, y: Form, method: Method) -> Equated:
    """Equate form X to form Y for equivalent groups.

    Raises:
        EquatingError: scores of a form do not differ (linear).
    """
    if method is Method.EQUIPERCENTILE:
        return _equipercentile(x, y)
    (mean_x, sd_x, skew_x, kurt_x), (mean_y, sd_y, skew_y, kurt_y) = x.moments(), y.moments()
    if method is Method.MEAN:
        error = np.sqrt(sd_x**2 / x.n + sd_y**2 / y.n)
        return Equated(x.scores, x.scores - mean_x + mean_y, np.full(len(x.count), error))
    if sd_x == 0 or sd_y == 0:
        raise EquatingError("Все участники одной формы получили один и тот же балл: линейно не уравнять.")
    z = (x.scores - mean_x) / sd_x
    variance = sd_y**2 * (
        1 / x.n
        + 1 / y.n
        + (skew_x / x.n + skew_y / y.n) * z
        + ((kurt_x - 1) / (4 * x.n) + (kurt_y - 1) / (4 * y.n)) * z**2
    )
    return Equated(x.scores, sd_y / sd_x * (x.scores - mean_x) + mean_y, np.sqrt(np.maximum(variance, 0)))


def percentile_ranks(form: Form) -> Floats:
    """Of each whole score, 0 … 1: those below and half of those at it (eq. 2.14)."""
    share = form.share
    found: Floats = np.cumsum(share) - share / 2
    return found


def _equipercentile(x: Form, y: Form) -> Equated:
    rank, share_y = percentile_ranks(x), y.share
    upper, place = _inverse(y, rank)
    below = np.concatenate([[0.0], np.cumsum(share_y)])[upper]
    at = np.maximum(share_y[upper], _LEAST)
    variance = (
        rank * (1 - rank) * (x.n + y.n) / (x.n * y.n) - (below + at - rank) * (rank - below) / (y.n * at)
    ) / at**2
    return Equated(x.scores, place, np.sqrt(np.maximum(variance, 0)))


def _inverse(form: Form, rank: Floats) -> tuple[Whole, Floats]:
    """The scores with these percentile ranks (eq. 2.18), and the whole scores y_U above them."""
    cumulative = np.cumsum(form.share)
    upper = np.minimum(np.searchsorted(cumulative, rank, side="right"), _last(form))
    below = np.concatenate([[0.0], cumulative])[upper]
    place = (rank - below) / np.maximum(form.share[upper], _LEAST) + upper - 0.5
    return upper.astype(np.int64), np.clip(place, -0.5, len(form.count) - 0.5)


def _last(form: Form) -> int:
    """The highest score that anybody has."""
    return int(np.flatnonzero(form.count > 0).max())


def chained(x: Form, anchor_x: Form, anchor_y: Form, y: Form) -> Floats:
    """Equivalents of the scores of X on Y through an anchor, for groups that differ (K&B, ch. 5).

    X is equated to the anchor in the group that took X, the anchor to Y in the group that took Y.
    """
    _, on_anchor = _inverse(anchor_x, percentile_ranks(x))
    rank = _rank_at(anchor_y, on_anchor)
    return _inverse(y, rank)[1]


def _rank_at(form: Form, score: Floats) -> Floats:
    """Percentile ranks of scores that need not be whole (eq. 2.14)."""
    share = form.share
    whole = np.clip(np.floor(score + 0.5), 0, len(share) - 1).astype(np.int64)
    below = np.concatenate([[0.0], np.cumsum(share)])[whole]
    found: Floats = np.clip(below + (score - (whole - 0.5)) * share[whole], 0, 1)
    return found


def smoothed(form: Form, degree: int) -> Form:
    """The distribution of a log-linear model with so many moments as it was observed (presmoothing).

    Raises:
        EquatingError: more moments than there are different scores, or the model does not converge.
    """
    seen = int((form.count > 0).sum())
    if not 1 <= degree < seen:
        raise EquatingError(f"Сглаживание {degree}: нужно от 1 до {seen - 1}, различных баллов {seen}.")
    z = np.linspace(-1, 1, len(form.count))
    basis = np.polynomial.legendre.legvander(z, degree)
    coefficients = np.zeros(degree + 1)
    coefficients[0] = np.log(form.n / len(form.count))
    likelihood = -np.inf
    for _ in range(_STEPS):
        fitted = np.exp(basis @ coefficients)
        gradient = basis.T @ (form.count - fitted)
        step = np.linalg.solve(basis.T @ (basis * fitted[:, None]), gradient)
        scale = 1.0
        while scale > 1e-6:
            with np.errstate(over="ignore"):
                log = basis @ (coefficients + scale * step)
                found = float(form.count @ log - np.exp(log).sum())
            if found >= likelihood:
                break
            scale /= 2
        coefficients = coefficients + scale * step
        if abs(found - likelihood) < 1e-12 * (1 + abs(found)):
            return Form(np.exp(basis @ coefficients))
        likelihood = found
    raise EquatingError(f"Сглаживание {degree} не сошлось: возьмите меньше моментов.")
