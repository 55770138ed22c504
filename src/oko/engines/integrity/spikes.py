"""Spikes at mark boundaries: more pupils just above, fewer just below than the distribution foretells.

National: a Poisson regression of the counts of scores on a polynomial of the score, the windows at the
boundaries left out,
gives the counterfactual (Diamond, R., & Persson, P. (2016). The long-term consequences of teacher
discretion in grading of
high-stakes tests. NBER Working Paper 22207; Chetty, R., Friedman, J. N., Olsen, T., & Pistaferri, L.
(2011), Quarterly Journal
of Economics, 126(2), 749–804). A school: the counterfactual tilted exponentially to the school's own mean,
and a one-sided score
test within the windows (Cox, D. R., & Hinkley, D. V. (1974). Theoretical statistics, §4.8). p-values of all
schools: Benjamini, Y., & Hochberg, Y. (1995), Journal of the Royal Statistical Society B, 57(1), 289–300.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.integrity.judging import judge

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


TILT, TILTS = 2.0, 4001  # the strongest tilt, a score; how many are tried


class SpikesError(ValueError):
    """Scores or boundaries for which nothing can be said; the message says why, in Russian."""


@dataclass(frozen=True)
class Rule:
    """The indicator's numbers, with their version."""

    version: str = "2026.2"  # .2: z without skewness
    window: int = 2  # scores on each side of a boundary
    degree: int = 6  # of the polynomial
    false_discoveries: float = 0.05  # share among flagged schools
    least_pupils: int = 10  # in all windows of a school, for anything to be said
    supposed_shift: float = 0.5  # share of those just below who were moved, for the power


@dataclass(frozen=True, slots=True)
class Boundary:
    """One boundary over all schools: numbers of works."""

    cut: int
    observed_up: int
    cf_up: float
    excess_up: float
    missing_down: float
    share_of_down_moved: float


@dataclass(frozen=True)
class Schools:
    """One value a school, in the order of `schools`; q and power are nan where too few pupils are judged."""

    schools: NDArray[np.object_]
    n: Whole
    in_windows: Whole
    expected_up: Floats
    observed_up: Whole
    z: Floats
    p: Floats
    q: Floats
    flagged: NDArray[np.bool_]
    power: Floats
    shift: Floats  # of z, if the supposed share of near-misses were moved
    shape: Floats  # S × scores: the counterfactual tilted to the school's mean


@dataclass(frozen=True)
class Spikes:
    rule: Rule
    boundaries: tuple[Boundary, ...]
    schools: Schools
    counts: Whole
    counterfactual: Floats


def spikes(
    counts: Whole, names: NDArray[np.object_], cuts: Sequence[int], rule: Rule | None = None
) -> Spikes:
    """Reckon the spikes of all schools and of each.

    Args:
        counts: schools × (highest score + 1): how many pupils have which score.
        cuts: the lowest score of each mark but the first.

    Raises:
        SpikesError: boundaries outside of the scores, windows that meet, or too few scores between them;
            scores are all the same.
    """
    rule = rule or Rule()
    inside = _windows(counts.shape[1], cuts, rule)
    national = counts.sum(axis=0)
    if (national > 0).sum() == 1:
        raise SpikesError(f"У всех один и тот же балл, {national.argmax()}: всплески искать не в чем.")
    met = int((national[~inside] > 0).sum())
    if met <= rule.degree:
        raise SpikesError(
            f"Вне окон у границ встретилось разных баллов: {met}; мало для кривой степени {rule.degree}."
        )
    foretold = counterfactual(national, inside, rule.degree)
    boundaries = tuple(_boundary(national, foretold, cut, rule) for cut in sorted(cuts))
    return Spikes(rule, boundaries, _schools(counts, names, foretold, sorted(cuts), rule), national, foretold)


def _windows(scores: int, cuts: Sequence[int], rule: Rule) -> NDArray[np.bool_]:
    inside = np.zeros(scores, dtype=bool)
    for cut in sorted(cuts):
        first, last = cut - rule.window, cut + rule.window - 1
        if first < 0 or last >= scores:
            raise SpikesError(
                f"Граница {cut}: рядом с ней нет по {rule.window} балла с каждой стороны "
                f"(баллы от 0 до {scores - 1})."
            )
        if inside[first : last + 1].any():
            raise SpikesError(
                f"Граница {cut} слишком близко к соседней: окна в {rule.window} балла перекрываются."
            )
        inside[first : last + 1] = True
    if (~inside).sum() <= rule.degree:
        raise SpikesError(
            f"Вне окон у границ только {(~inside).sum()} баллов: мало для кривой степени {rule.degree}."
        )
    return inside


def counterfactual(counts: Whole, inside: NDArray[np.bool_], degree: int) -> Floats:
    """What the counts would be without spikes: a Poisson regression by Newton's method, windows left out."""
    place = np.linspace(-1, 1, len(counts))
    design = np.polynomial.chebyshev.chebvander(place, degree)
    known, y = design[~inside], counts[~inside].astype(float)
    weights = np.linalg.lstsq(known, np.log(y + 0.5), rcond=None)[0]
    reached = -np.inf
    for _ in range(100):
        mean = np.exp(np.clip(known @ weights, -30, 30))
        likelihood = float(y @ (known @ weights) - mean.sum())
        if likelihood - reached < 1e-10 * abs(likelihood):
            break
        reached = likelihood
        weights = (
            weights + np.linalg.lstsq((known * mean[:, None]).T @ known, known.T @ (y - mean), rcond=None)[0]
        )
    fitted: Floats = np.exp(np.clip(design @ weights, -30, 30))
    return fitted


def _boundary(counts: Whole, foretold: Floats, cut: int, rule: Rule) -> Boundary:
    up, down = slice(cut, cut + rule.window), slice(cut - rule.window, cut)
    missing = float(foretold[down].sum() - counts[down].sum())
    return Boundary(
        cut=cut,
        observed_up=int(counts[up].sum()),
        cf_up=float(foretold[up].sum()),
        excess_up=float(counts[up].sum() - foretold[up].sum()),
        missing_down=missing,
        share_of_down_moved=missing / float(foretold[down].sum()),
    )


def tilted(foretold: Floats, mean: Floats) -> Floats:
    """S × scores: the distribution ∝ counterfactual × exp(t · score) that has each school's mean."""
    score = np.arange(len(foretold))
    base = np.log(np.maximum(foretold, 1e-12))
    grid = np.linspace(-TILT, TILT, TILTS)
    shapes = np.exp(base + grid[:, None] * (score - score.mean()))
    shapes /= shapes.sum(axis=1, keepdims=True)
    place = np.interp(mean, shapes @ score, grid)
    found = np.exp(base + place[:, None] * (score - score.mean()))
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _schools(
    counts: Whole, names: NDArray[np.object_], foretold: Floats, cuts: Sequence[int], rule: Rule
) -> Schools:
    """The score test of «some of those just below were given the boundary's own score», at all cuts.

    It is the locally most powerful one: pupils below weigh −1, those at the boundary as much as was
    foretold below over what was foretold at it, those above it nothing.
    """
    n = counts.sum(axis=1)
    shape = tilted(foretold, counts @ np.arange(counts.shape[1]) / np.maximum(n, 1))
    inside, observed = np.zeros_like(n), np.zeros_like(n)
    expected, excess, variance, third, shift = (np.zeros(len(counts)) for _ in range(5))
    for cut in cuts:
        window, below = slice(cut - rule.window, cut + rule.window), slice(0, rule.window)
        here, share = counts[:, window], shape[:, window]
        share = share / share.sum(axis=1, keepdims=True)
        weight = np.zeros_like(share)
        weight[:, below] = -1
        weight[:, rule.window] = share[:, below].sum(axis=1) / share[:, rule.window]
        pupils = here.sum(axis=1)
        inside += pupils
        observed += here[:, rule.window :].sum(axis=1)
        expected += pupils * share[:, rule.window :].sum(axis=1)
        excess += (weight * here).sum(axis=1)
        variance += pupils * (share * weight**2).sum(axis=1)
        third += pupils * (share * weight**3).sum(axis=1)
        moved = rule.supposed_shift * share[:, below].sum(axis=1)
        shift += pupils * moved * (1 + weight[:, rule.window])
    enough = (inside >= rule.least_pupils) & (variance > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, excess / np.sqrt(variance), np.nan)
        z = _without_skewness(z, third / variance**1.5)
        shift = shift / np.sqrt(variance)
    found = judge(z, enough, shift, rule.false_discoveries)
    return Schools(
        names, n, inside, expected, observed, z, found.p, found.q, found.flagged, found.power, shift, shape
    )


def _without_skewness(z: Floats, skewness: Floats) -> Floats:
    """The standard normal deviate of the same probability: few pupils below weigh much at the boundary, so
    that chance alone gives large z more often than a normal distribution has them.

    z − γ (z² − 1) / 6 with the cube that keeps the order of z, after Hall, P. (1992). On the removal of
    skewness by transformation. Journal of the Royal Statistical Society B, 54(1), 221–228.
    """
    a = skewness / 3
    return np.asarray(z + skewness / 6 - a * z**2 / 2 + a**2 * z**3 / 12)
