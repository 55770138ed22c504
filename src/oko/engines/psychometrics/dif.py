"""Differential item functioning: Mantel–Haenszel with ETS classes, and logistic regression.

Holland, P. W., & Thayer, D. T. (1988). Differential item performance and the Mantel–Haenszel procedure. In
Test validity
(pp. 129–145). Classes: Zieky, M. (1993). Practical questions in the use of DIF statistics in test
development. In
Differential item functioning (pp. 337–347). Logistic regression: Swaminathan, H., & Rogers, H. J. (1990),
Journal of
Educational Measurement, 27(4), 361–370. Matching is by the total, the studied item included; strata are
single totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from oko.engines.psychometrics.scaling.data import Floats, Responses

Mask = NDArray[np.bool_]

DELTA = -2.35  # the odds ratio on the scale of ETS
SMALL, LARGE = 1.0, 1.5  # |delta| below which an item is of class A, from which of class C
SIGNIFICANT = 0.05
MOST_PURIFICATIONS = 10


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """Of one item; `alpha_MH` above 1 favours the reference group."""

    MH_chisq_cc: float
    MH_p_cc: float
    MH_chisq_nocc: float
    alpha_MH: float
    delta_MH: float
    se_log_alpha: float
    ETS: str
    STD_P_DIF: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """Likelihood ratios of logistic regressions on the total, the group, and both; R² is Nagelkerke's."""

    LR_both_2df: float
    LR_uniform_1df: float
    LR_nonuniform_1df: float
    deltaR2_both: float


@dataclass(frozen=True, slots=True)
class DifItem:
    item: str
    mantel_haenszel: MantelHaenszel
    purified: MantelHaenszel | None
    logistic: Logistic


@dataclass(frozen=True, slots=True)
class Dif:
    """Items are 0/1, others stand in `left_out`; `flagged`: numbers from 1, after purification if asked."""

    items: tuple[DifItem, ...]
    flagged: tuple[int, ...]
    purifications: int
    left_out: tuple[str, ...]


def differential_functioning(responses: Responses, focal: Mask, *, purify: bool = False) -> Dif:
    """Compare a focal group with all others, item by item.

    Args:
        focal: N.
        purify: leave items that show DIF out of the totals (but for the item studied), until none comes or
        goes.

    Raises:
        ValueError: one of the two groups is empty, or no item is 0/1.
    """
    if not focal.any() or focal.all():
        raise ValueError("Нужны обе группы: изучаемая и остальные.")
    usable = np.flatnonzero(responses.maximum == 1)
    if not len(usable):
        raise ValueError("Нет ни одного задания с баллами 0 и 1.")
    scores = responses.scores[:, usable]
    columns = range(len(usable))
    everything = np.arange(len(usable))
    first = [mantel_haenszel(scores[:, i], focal, _total(scores, everything, i)) for i in columns]
    flagged, times, purified = _flagged(first), 0, None
    if purify:
        purified, seen = first, [flagged]
        while times < MOST_PURIFICATIONS:
            times += 1
            clean = np.setdiff1d(everything, flagged)
            purified = [mantel_haenszel(scores[:, i], focal, _total(scores, clean, i)) for i in columns]
            now = _flagged(purified)
            if now == flagged or now in seen:
                flagged = now
                break
            flagged = now
            seen.append(now)
    return Dif(
        tuple(
            DifItem(
                responses.items[usable[i]],
                first[i],
                purified[i] if purified else None,
                logistic(scores[:, i], focal, _total(scores, everything, i)),
            )
            for i in columns
        ),
        tuple(int(i) + 1 for i in flagged),
        times,
        tuple(name for name, top in zip(responses.items, responses.maximum, strict=True) if top != 1),
    )


def _flagged(found: Sequence[MantelHaenszel]) -> tuple[int, ...]:
    return tuple(i for i, one in enumerate(found) if one.MH_p_cc < SIGNIFICANT)


def _total(scores: NDArray[np.int8], items: NDArray[np.int64], studied: int) -> NDArray[np.int64]:
    """Totals over some items, always with the one studied."""
    used = np.union1d(items, [studied])
    total: NDArray[np.int64] = np.maximum(scores[:, used], 0).sum(axis=1, dtype=np.int64)
    return total


def mantel_haenszel(score: NDArray[np.int8], focal: Mask, total: NDArray[np.int64]) -> MantelHaenszel:
    """One 0/1 item; persons without it (−1) are left out, and strata where one group is missing."""
    there = score >= 0
    score, focal, total = score[there], focal[there], total[there]
    size = int(total.max(initial=0)) + 1
    a = np.bincount(total[~focal & (score == 1)], minlength=size).astype(float)  # reference, solved
    b = np.bincount(total[~focal & (score == 0)], minlength=size).astype(float)
    c = np.bincount(total[focal & (score == 1)], minlength=size).astype(float)
    d = np.bincount(total[focal & (score == 0)], minlength=size).astype(float)
    both = (a + b > 0) & (c + d > 0)
    a, b, c, d = a[both], b[both], c[both], d[both]
    n = a + b + c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = (a + b) * (a + c) / n
        variance = ((a + b) * (c + d) * (a + c) * (b + d) / (n**2 * (n - 1)))[n > 1].sum()
        away = abs((a - expected).sum())
        corrected = (away - 0.5) ** 2 / variance  # so also below 0.5, as R's difR has it
        plain = away**2 / variance
        r, s = a * d / n, b * c / n
        odds = r.sum() / s.sum()
        p, q = (a + d) / n, (b + c) / n
        error = np.sqrt(
            (p * r).sum() / (2 * r.sum() ** 2)
            + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
            + (q * s).sum() / (2 * s.sum() ** 2)
        )
        delta = DELTA * np.log(odds)
        standardised = ((c + d) * (c / (c + d) - a / (a + b))).sum() / (c + d).sum()
    return MantelHaenszel(
        float(corrected),
        float(stats.chi2.sf(corrected, 1)),
        float(plain),
        float(odds),
        float(delta),
        float(error),
        _ets_class(float(delta)),
        float(standardised),
    )


def _ets_class(delta: float) -> str:
    size = abs(delta)
    return "A" if size < SMALL else "B" if size < LARGE else "C"


def logistic(score: NDArray[np.int8], focal: Mask, total: NDArray[np.int64]) -> Logistic:
    """Nested logistic regressions of one 0/1 item."""
    there = score >= 0
    solved = score[there].astype(float)
    level, group = total[there].astype(float), focal[there].astype(float)
    one = np.ones_like(level)
    none = _log_likelihood(np.stack([one], axis=1), solved)
    matched = _log_likelihood(np.stack([one, level], axis=1), solved)
    uniform = _log_likelihood(np.stack([one, level, group], axis=1), solved)
    full = _log_likelihood(np.stack([one, level, group, level * group], axis=1), solved)
    return Logistic(
        2 * (full - matched),
        2 * (uniform - matched),
        2 * (full - uniform),
        _nagelkerke(full, none, len(solved)) - _nagelkerke(matched, none, len(solved)),
    )


def _nagelkerke(found: float, none: float, n: int) -> float:
    """Nagelkerke, N. J. D. (1991). A note on a general definition of R². Biometrika, 78(3), 691–692."""
    return float((1 - np.exp(2 * (none - found) / n)) / (1 - np.exp(2 * none / n)))


def _log_likelihood(design: Floats, solved: Floats) -> float:
    """The largest, by Newton's method on standardised columns."""
    spread = design.std(axis=0)
    design = np.where(spread > 0, (design - design.mean(axis=0)) / np.where(spread > 0, spread, 1), design)
    weights = np.zeros(design.shape[1])
    reached = -np.inf
    for _ in range(100):
        odds = design @ weights
        now = float(solved @ odds - np.logaddexp(0, odds).sum())
        if now - reached < 1e-12 * abs(now):
            break
        reached = now
        chance = 1 / (1 + np.exp(-odds))
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        weights = weights + np.linalg.lstsq(information, design.T @ (solved - chance), rcond=None)[0]
    return max(reached, now)
