"""Classical test theory: difficulty, discrimination, reliability, distributions.

Formulas: Lord, F. M., & Novick, M. R. (1968). Statistical theories of mental test scores; names of results
as in R's
`psych`. Standard error of alpha: Duhachek, A., & Iacobucci, D. (2004), Journal of Applied Psychology,
89(5), 792–808; its
interval: Feldt, L. S., Woodruff, D. J., & Salih, F. A. (1987), Applied Psychological Measurement, 11(1),
93–103.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from oko.engines.columns import told_names
from oko.engines.psychometrics.scaling.data import Floats, Responses, Scores

Mask = NDArray[np.bool_]

BLOCK = 65_536  # persons whose products are summed at once
UPPER_LOWER = 0.27  # Kelley, T. L. (1939), Journal of Educational Psychology, 30(1), 17–24


@dataclass(frozen=True, slots=True)
class Category:
    """Those with one score of an item; `percent` of those who were presented it."""

    score: int
    n: int
    percent: float
    mean_total: float


@dataclass(frozen=True, slots=True)
class ClassicalItem:
    """One item.

    Attributes:
        n: how many were presented it.
        p: the mean as a share of the maximum.
        sd_n1: standard deviation, n − 1 below.
        r_item_total, r_item_rest: correlations with the total, and with the total without the item.
        D27: p among the best 27 % minus p among the worst 27 %.
    """

    item: str
    n: int
    max: int
    mean: float
    p: float
    sd_n1: float
    r_item_total: float
    r_item_rest: float
    alpha_if_deleted: float
    D27: float
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Classical:
    """`n`: persons with at least one answer; `notes`: what to mind, in Russian."""

    n: int
    alpha_raw: float
    alpha_standardized: float
    alpha_ase: float
    feldt_alpha_CI95: tuple[float, float]
    guttman_lambda6: float
    omega_total: float
    total_mean: float
    total_sd: float
    SEM: float
    D27_n_upper: int
    D27_n_lower: int
    D27_cut_upper: int
    D27_cut_lower: int
    items: tuple[ClassicalItem, ...]
    raw_score_distribution: tuple[tuple[int, int], ...]
    notes: tuple[str, ...]


def alpha(covariance: Floats) -> float:
    """Cronbach's alpha of a covariance matrix (Cronbach, L. J. (1951), Psychometrika, 16(3), 297–334)."""
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())) if k > 1 else float("nan")


def alpha_error(covariance: Floats, persons: int) -> float:
    """Asymptotic standard error of alpha (Duhachek & Iacobucci, 2004, formula 1)."""
    k = len(covariance)
    total, trace = covariance.sum(), np.trace(covariance)
    square = covariance @ covariance
    q = 2 * k**2 / ((k - 1) ** 2 * total**3)
    inner = total * (np.trace(square) + trace**2) - 2 * trace * square.sum()
    return float(np.sqrt(q * inner / persons))


def alpha_interval(value: float, persons: int, items: int, level: float = 0.95) -> tuple[float, float]:
    """Feldt's exact interval of alpha."""
    between, within = persons - 1, (persons - 1) * (items - 1)
    outside = (1 - level) / 2
    low = 1 - (1 - value) * stats.f.ppf(1 - outside, between, within)
    high = 1 - (1 - value) * stats.f.ppf(outside, between, within)
    return float(low), float(high)


def guttman_lambda6(covariance: Floats) -> float:
    """Guttman, L. (1945). A basis for analyzing test-retest reliability. Psychometrika, 10(4), 255–282."""
    correlation = _correlation(covariance)
    with np.errstate(divide="ignore"):
        unique = 1 / np.diag(np.linalg.pinv(correlation))  # 1 − squared multiple correlation
    return float(1 - unique.sum() / correlation.sum())


def omega_total(covariance: Floats) -> float:
    """McDonald's omega of one common factor, by minimal residuals, on the covariance of items.

    McDonald, R. P. (1999). Test theory: A unified treatment, formula 6.20b; Harman, H. H., & Jones, W. H.
    (1966). Factor analysis by minimizing residuals (minres). Psychometrika, 31(3), 351–368.
    """
    loading = _one_factor(covariance)
    common = loading.sum() ** 2
    unique = np.maximum(np.diag(covariance) - loading**2, 0).sum()
    return float(common / (common + unique))


def _one_factor(covariance: Floats) -> Floats:
    """Loadings that reproduce the off-diagonal covariances best, one after another until none moves."""
    outside = covariance - np.diag(np.diag(covariance))
    loading = np.sqrt(np.maximum(np.diag(covariance), 0) / 2)
    for _ in range(10_000):
        before = loading.copy()
        for i in range(len(loading)):
            others = np.delete(loading, i)
            loading[i] = np.delete(outside[i], i) @ others / max(others @ others, 1e-12)
        if np.abs(loading - before).max() < 1e-12:
            break
    return loading


def classical(responses: Responses) -> Classical:
    """All classical results.

    What was not presented counts nothing in a total; correlations and covariances of items are over the
    persons who have both; persons without any answer are left out. Weights are not used.

    Raises:
        ValueError: fewer than two persons with answers or two items.
    """
    scores, notes = _answered(responses)
    persons, items = scores.shape
    if persons < 2 or items < 2:
        raise ValueError("Нужны хотя бы два участника с ответами и два задания.")
    total = np.maximum(scores, 0).sum(axis=1, dtype=np.float64)
    covariance = _covariance(scores)
    varied = np.flatnonzero(np.diag(covariance) > 0)
    correlations = _correlation(covariance[np.ix_(varied, varied)])
    value = alpha(covariance)
    upper_cut, lower_cut = _cuts(total)
    upper, lower = total >= upper_cut, total <= lower_cut
    interval = alpha_interval(value, persons, items)
    counted = np.bincount(total.astype(np.int64), minlength=int(responses.maximum.sum()) + 1)
    return Classical(
        n=persons,
        alpha_raw=value,
        alpha_standardized=alpha(correlations),
        alpha_ase=alpha_error(covariance, persons),
        feldt_alpha_CI95=interval,
        guttman_lambda6=guttman_lambda6(covariance[np.ix_(varied, varied)]),
        omega_total=omega_total(covariance),
        total_mean=float(total.mean()),
        total_sd=float(total.std(ddof=1)),
        SEM=float(total.std(ddof=1) * np.sqrt(max(1 - value, 0))),
        D27_n_upper=int(upper.sum()),
        D27_n_lower=int(lower.sum()),
        D27_cut_upper=int(upper_cut),
        D27_cut_lower=int(lower_cut),
        items=tuple(
            _item(responses, scores, total, covariance, (upper_cut, lower_cut), i) for i in range(items)
        ),
        raw_score_distribution=tuple((score, int(n)) for score, n in enumerate(counted)),
        notes=notes,
    )


def _answered(responses: Responses) -> tuple[Scores, tuple[str, ...]]:
    """Scores of the persons with answers, and what to mind of the data."""
    there = responses.scores >= 0
    some = there.any(axis=1)
    scores = responses.scores if some.all() else responses.scores[some]
    notes = []
    if not some.all():
        notes.append(f"Без единого ответа: {int((~some).sum())} строк; они не учтены.")
    if not there[some].all():
        notes.append(
            "Не всем предъявлены все задания: сумма — по предъявленным, связь заданий — по тем, у кого есть "
            "оба. Если варианты разной трудности, сравнивайте задания по шкале (oko scale fit)."
        )
    with np.errstate(invalid="ignore"):
        lowest = np.where(there, responses.scores, 127).min(axis=0, initial=127)
    same = [
        name for name, low, top in zip(responses.items, lowest, responses.maximum, strict=True) if low >= top
    ]
    if same:
        notes.append(f"Один и тот же балл у всех (или не предъявлено никому): {told_names(same)}.")
    return scores, tuple(notes)


def _item(
    responses: Responses, scores: Scores, total: Floats, covariance: Floats, cuts: tuple[float, float], i: int
) -> ClassicalItem:
    """All of one item follows from how many have each score of it with each total."""
    there = scores[:, i] >= 0
    maximum, width = int(responses.maximum[i]), int(total.max(initial=0)) + 1
    key = scores[:, i].astype(np.int64) * width + total.astype(np.int64)
    counts = np.bincount(key[there], minlength=(maximum + 1) * width).reshape(-1, width).astype(np.float64)
    score, totals = np.arange(maximum + 1.0), np.arange(float(width))
    top, n = max(maximum, 1), counts.sum()
    keep = np.arange(len(covariance)) != i
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = score @ counts.sum(axis=1) / n
        variance = (score - mean) ** 2 @ counts.sum(axis=1) / (n - 1)
        upper, lower = counts[:, totals >= cuts[0]], counts[:, totals <= cuts[1]]
        difference = score @ upper.sum(axis=1) / upper.sum() - score @ lower.sum(axis=1) / lower.sum()
        category_means = counts @ totals / counts.sum(axis=1)
    return ClassicalItem(
        item=responses.items[i],
        n=int(n),
        max=maximum,
        mean=float(mean),
        p=float(mean / top),
        sd_n1=float(np.sqrt(variance)) if n > 1 else float("nan"),
        r_item_total=_correlation_of_counts(counts, score[:, None], totals[None, :]),
        r_item_rest=_correlation_of_counts(counts, score[:, None], totals[None, :] - score[:, None]),
        alpha_if_deleted=alpha(covariance[np.ix_(keep, keep)]),
        D27=float(difference / top),
        categories=tuple(
            Category(
                k, int(of.sum()), float(100 * of.sum() / n) if n else float("nan"), float(category_means[k])
            )
            for k, of in enumerate(counts)
        ),
    )


def _correlation_of_counts(counts: Floats, first: Floats, second: Floats) -> float:
    n = counts.sum()
    if n < 2:
        return float("nan")
    first = first - (counts * first).sum() / n
    second = second - (counts * second).sum() / n
    spread = (counts * first**2).sum() * (counts * second**2).sum()
    return float((counts * first * second).sum() / np.sqrt(spread)) if spread > 0 else float("nan")


def _cuts(total: Floats) -> tuple[float, float]:
    """The totals of the round(0.27 N)-th best and worst; those with the same total belong to it too."""
    ordered = np.sort(total)
    place = max(round(UPPER_LOWER * len(total)), 1)
    return float(ordered[-place]), float(ordered[place - 1])


def _covariance(scores: Scores) -> Floats:
    """Over the persons who have both, block by block, around the means of the items."""
    items = scores.shape[1]
    counts = np.maximum(np.count_nonzero(scores >= 0, axis=0), 1)
    means = np.maximum(scores, 0).sum(axis=0, dtype=np.float64) / counts
    n, sums, products = (np.zeros((items, items)) for _ in range(3))
    for begin in range(0, len(scores), BLOCK):
        block = scores[begin : begin + BLOCK]
        there = (block >= 0).astype(np.float64)
        away = (block - means) * there
        n += there.T @ there
        sums += away.T @ there
        products += away.T @ away
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num((products - sums * sums.T / n) / (n - 1)), np.float64)


def _correlation(covariance: Floats) -> Floats:
    spread = np.sqrt(np.diag(covariance))
    spread = np.where(spread > 0, spread, 1.0)
    correlation: Floats = covariance / np.outer(spread, spread)
    return correlation


def correlation(first: Floats, second: Floats) -> float:
    """Pearson's; nan where one of the two does not vary."""
    if len(first) < 2 or first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])
