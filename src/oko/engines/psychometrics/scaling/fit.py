"""How well a scale fits: each item, pairs of items, the model as a whole.

Sources: infit and outfit, Wright, B. D., & Masters, G. N. (1982), Rating Scale Analysis, pp. 99–102, at
Warm's estimates of persons. S-X²: Orlando, M., & Thissen, D. (2000), Applied Psychological Measurement, 24,
50–64; for several scores Kang, T., & Chen, T. T. (2008), Journal of Educational Measurement, 45(4), 391–406;
expected counts below 1 are put together as R's mirt does. Q3: Yen, W. M. (1984), Applied Psychological
Measurement, 8(2), 125–145. M2: Maydeu-Olivares, A., & Joe, H. (2005), JASA, 100(471), 1009–1020.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import null_space
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from oko.engines.psychometrics.scaling.calibration import Model, ScaleOfPersons
from oko.engines.psychometrics.scaling.curves import Items, curves
from oko.engines.psychometrics.scaling.data import Floats
from oko.engines.psychometrics.scaling.persons import Abilities

LEAST_EXPECTED = 1.0  # persons in a cell of S-X²
LEAST_COMPLETE = 50  # persons with all items, for what needs them
MOST_ITEMS = 60  # of M2: its matrices grow with the fourth power
AT_ONCE = 50_000  # persons
_NODES = np.linspace(-6, 6, 61)


@dataclass(frozen=True, slots=True)
class ItemFit:
    """Fit of one item; nan where it cannot be reckoned.

    Attributes:
        outfit, infit: mean squares, 1 is expected; outfit_z, infit_z: as normal deviates (Wilson–Hilferty).
        S_X2, df_S_X2, p_S_X2, RMSEA_S_X2: against the scores of the other items.
    """

    item: str
    n: int
    outfit: float
    outfit_z: float
    infit: float
    infit_z: float
    S_X2: float
    df_S_X2: int
    p_S_X2: float
    RMSEA_S_X2: float


@dataclass(frozen=True, slots=True)
class ModelFit:
    """M2 with its degrees of freedom, the error of approximation with its 90 % interval, mean residual."""

    M2: float
    df: int
    p: float
    RMSEA: float
    RMSEA_5: float
    RMSEA_95: float
    SRMSR: float


@dataclass(frozen=True)
class Fit:
    """Fit of a scale.

    Attributes:
        Q3: I × I, correlations of residuals; the diagonal is 1.
        model: nothing where items have several scores or persons were given different items.
        person_outfit, person_infit: mean squares of each person.
    """

    items: tuple[ItemFit, ...]
    Q3: Floats
    model: ModelFit | None
    person_outfit: Floats
    person_infit: Floats
    notes: tuple[str, ...]


def fit_of(scale: ScaleOfPersons, persons: Abilities) -> Fit:
    """Reckon the fit of a calibrated scale; `persons`: their abilities under it."""
    notes: list[str] = []
    outfit, infit = _mean_squares(scale, persons.wle)
    complete = np.asarray((scale.responses.scores >= 0).all(axis=1))
    enough = int(complete.sum()) >= LEAST_COMPLETE and len(scale.responses.groups) == 1
    if not enough:
        notes.append(
            "S-X² и M2 считаются по участникам одной группы, которым предъявлены все задания: таких "
            f"{int(complete.sum())}, нужно не меньше {LEAST_COMPLETE}."
        )
    tables = _s_x2(scale, complete) if enough else [None] * len(scale.responses.items)
    taken = (scale.responses.scores >= 0).sum(axis=0)
    items = tuple(
        _item_fit(name, int(n), out, inn, table)
        for name, n, out, inn, table in zip(
            scale.responses.items, taken, outfit.by_item, infit.by_item, tables, strict=True
        )
    )
    dichotomous = bool((scale.responses.maximum == 1).all())
    model = _m2(scale, complete) if enough and dichotomous and len(items) <= MOST_ITEMS else None
    return Fit(items, _q3(scale, persons.eap), model, outfit.by_person, infit.by_person, tuple(notes))


@dataclass(frozen=True)
class _MeanSquare:
    by_item: list[tuple[float, float]]  # mean square, as a normal deviate
    by_person: Floats


def _mean_squares(scale: ScaleOfPersons, ability: Floats) -> tuple[_MeanSquare, _MeanSquare]:
    """Outfit and infit of items and persons, in portions of persons."""
    items, scores = scale.estimate.items, scale.responses.scores
    count = len(items.slope)
    sums = {name: np.zeros(count) for name in ("n", "z2", "out", "r2", "v", "inn")}
    of_persons = np.full((2, len(scores)), np.nan)
    for start in range(0, len(scores), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        expected, variance, fourth = _moments(items, ability[rows])
        there = (scores[rows] >= 0) & np.isfinite(ability[rows])[:, None] & (variance > 1e-12)
        weight = scale.responses.weight[rows, None] * there
        square = np.where(there, (scores[rows] - expected) ** 2, 0.0)
        v = np.where(there, variance, 1.0)
        sums["n"] += weight.sum(axis=0)
        sums["z2"] += (weight * square / v).sum(axis=0)
        sums["out"] += (weight * (np.where(there, fourth, 1.0) / v**2 - 1)).sum(axis=0)
        sums["r2"] += (weight * square).sum(axis=0)
        sums["v"] += (weight * v).sum(axis=0)
        sums["inn"] += (weight * (np.where(there, fourth, 1.0) - v**2)).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            of_persons[0, rows] = (square / v).sum(axis=1) / there.sum(axis=1)
            of_persons[1, rows] = square.sum(axis=1) / (v * there).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        outfit, of_outfit = sums["z2"] / sums["n"], np.sqrt(sums["out"]) / sums["n"]
        infit, of_infit = sums["r2"] / sums["v"], np.sqrt(sums["inn"]) / sums["v"]
    return (
        _MeanSquare(_deviates(outfit, of_outfit), of_persons[0]),
        _MeanSquare(_deviates(infit, of_infit), of_persons[1]),
    )


def _moments(items: Items, ability: Floats) -> tuple[Floats, Floats, Floats]:
    """n × I: expected score, its variance, its fourth central moment."""
    of = curves(items, np.nan_to_num(ability))
    zero = np.exp(-of.log_sum)
    fourth = zero * of.expected**4
    np.add.at(fourth, items.item, of.probability * (items.score[:, None] - of.expected[items.item]) ** 4)
    return of.expected.T, of.variance.T, fourth.T


def _deviates(square: Floats, sd: Floats) -> list[tuple[float, float]]:
    """Wilson and Hilferty's cube root."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (np.cbrt(square) - 1) * 3 / sd + sd / 3
    return list(zip(square.tolist(), z.tolist(), strict=True))


def _s_x2(scale: ScaleOfPersons, complete: NDArray[np.bool_]) -> list[tuple[float, int, int]]:
    """Of each item: S-X², degrees of freedom, persons.

    In Rasch's family the spread of ability is counted as the slope that all items share.
    """
    items, population = scale.estimate.items, scale.estimate.population
    scores, weight = scale.responses.scores[complete], scale.responses.weight[complete]
    density = np.exp(-(((_NODES - population.mean[0]) / population.sd[0]) ** 2) / 2)
    density /= density.sum()
    probability = _by_score(items, _NODES)
    raw = scores.sum(axis=1, dtype=np.int64)
    top = int(items.maximum.sum())
    persons = np.bincount(raw, weights=weight, minlength=top + 1).astype(np.float64)
    found = []
    for item, own in enumerate(probability):
        rest = _distribution([one for other, one in enumerate(probability) if other != item])
        together = np.stack([own[score] * _shifted(rest, score, top) for score in range(len(own))]) @ density
        share = together / np.maximum(together.sum(axis=0), 1e-300)
        expected = (share * persons).T[1:-1]
        observed = np.stack(
            [
                np.bincount(raw, weights=weight * (scores[:, item] == score), minlength=top + 1)
                for score in range(len(own))
            ]
        ).T[1:-1]
        value, cells, rows = _chi_square(observed.astype(np.float64), expected)
        found.append((value, max(cells - rows - len(own), 0), int(complete.sum())))
    return found


def _by_score(items: Items, nodes: Floats) -> list[Floats]:
    """For each item, scores 0 … maximum × Q."""
    of = curves(items, nodes)
    parts = np.split(of.probability, np.cumsum(items.maximum)[:-1])
    return [
        np.vstack([np.exp(-log_sum)[None], part]) for log_sum, part in zip(of.log_sum, parts, strict=True)
    ]


def _distribution(items: list[Floats]) -> Floats:
    """Raw scores × Q: Lord and Wingersky's recursion (1984)."""
    found = np.ones((1, len(_NODES)))
    for item in items:
        longer = np.zeros((len(found) + len(item) - 1, len(_NODES)))
        for score, chance in enumerate(item):
            longer[score : score + len(found)] += found * chance
        found = longer
    return found


def _shifted(rest: Floats, score: int, top: int) -> Floats:
    """The distribution of the others, moved up by the score of the item: raw scores 0 … top."""
    found = np.zeros((top + 1, rest.shape[1]))
    found[score : score + len(rest)] = rest
    return found


def _chi_square(observed: Floats, expected: Floats) -> tuple[float, int, int]:
    """The statistic, its cells and its rows (groups of raw scores).

    Rows at either end join their neighbour towards the middle until no cell of two scores expects fewer than
    LEAST_EXPECTED; with more scores, scores of a row are put together first.
    """
    rows = [_together(o, e) for o, e in zip(observed, expected, strict=True) if e.sum() > 0]
    rows = _joined(_joined(rows)[::-1])[::-1]
    value = sum(float(((o - e) ** 2 / e).sum()) for o, e in rows)
    return value, sum(len(e) for _, e in rows), len(rows)


def _together(observed: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Neighbouring scores of a row put together from the lowest on, where there are more than two."""
    o, e = observed.tolist(), expected.tolist()
    place = 0
    while len(e) > 2 and place < len(e):
        if e[place] >= LEAST_EXPECTED:
            place += 1
            continue
        into = place + 1 if place + 1 < len(e) else place - 1
        o[into] += o[place]
        e[into] += e[place]
        del o[place], e[place]
        place = min(place, len(e))
    return np.array(o), np.array(e)


def _joined(rows: list[tuple[Floats, Floats]]) -> list[tuple[Floats, Floats]]:
    rows = list(rows)
    while len(rows) > 1 and (rows[0][1] < LEAST_EXPECTED).any():
        (o, e), (next_o, next_e) = rows[0], rows[1]
        if len(e) > len(next_e):
            o, e = (
                np.append(o[: len(next_e) - 1], o[len(next_e) - 1 :].sum()),
                np.append(e[: len(next_e) - 1], e[len(next_e) - 1 :].sum()),
            )
        elif len(e) < len(next_e):
            next_o, next_e = (
                np.append(next_o[: len(e) - 1], next_o[len(e) - 1 :].sum()),
                np.append(next_e[: len(e) - 1], next_e[len(e) - 1 :].sum()),
            )
        rows[:2] = [(o + next_o, e + next_e)]
    return rows


def _item_fit(
    name: str,
    n: int,
    outfit: tuple[float, float],
    infit: tuple[float, float],
    table: tuple[float, int, int] | None,
) -> ItemFit:
    nothing = float("nan")
    if table is None or table[1] == 0:
        return ItemFit(name, n, *outfit, *infit, nothing if table is None else table[0], 0, nothing, nothing)
    value, df, persons = table
    rmsea = float(np.sqrt(max(0.0, (value - df) / (df * (persons - 1)))))
    return ItemFit(name, n, *outfit, *infit, value, df, float(chi2.sf(value, df)), rmsea)


def _q3(scale: ScaleOfPersons, ability: Floats) -> Floats:
    scores = scale.responses.scores
    residual = np.full(scores.shape, np.nan)
    for start in range(0, len(scores), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        expected = curves(scale.estimate.items, np.nan_to_num(ability[rows])).expected.T
        there = (scores[rows] >= 0) & np.isfinite(ability[rows])[:, None]
        residual[rows] = np.where(there, scores[rows] - expected, np.nan)
    there = np.isfinite(residual).astype(np.float64) * np.sqrt(scale.responses.weight)[:, None]
    filled = np.nan_to_num(residual)
    shared = there.T @ there
    with np.errstate(invalid="ignore", divide="ignore"):
        weighted = filled * there
        mean = weighted.T @ there / shared  # of the row's item over persons who have the column's too
        second = (filled**2 * there).T @ there / shared
        covariance = weighted.T @ weighted / shared - mean * mean.T
        spread = np.sqrt(second - mean**2)
        found: Floats = covariance / (spread * spread.T)
    np.fill_diagonal(found, 1.0)
    return found


def _m2(scale: ScaleOfPersons, complete: NDArray[np.bool_]) -> ModelFit:
    """Univariate and bivariate proportions against the model's."""
    items, population = scale.estimate.items, scale.estimate.population
    scores = scale.responses.scores[complete].astype(np.float64)
    share = scale.responses.weight[complete] / scale.responses.weight[complete].sum()
    persons, count = len(scores), len(items.slope)
    mean, sd = float(population.mean[0]), float(population.sd[0])
    standard = np.exp(-(_NODES**2) / 2)
    density = standard / standard.sum()
    chance = curves(items, mean + sd * _NODES).expected
    pairs = list(combinations(range(count), 2))
    margins = [[i] for i in range(count)] + [list(pair) for pair in pairs]
    product = np.stack([chance[one].prod(axis=0) for one in margins])
    seen = np.concatenate([share @ scores, [(share * scores[:, i]) @ scores[:, j] for i, j in pairs]])
    residual = seen - product @ density
    member = np.zeros((len(margins), count), bool)
    for row, one in enumerate(margins):
        member[row, one] = True
    covariance = _joint(chance, density, member) - np.outer(product @ density, product @ density)
    change = _change(scale, chance, density, member, product)
    apart = null_space(change.T)
    value = persons * float(
        residual @ apart @ np.linalg.solve(apart.T @ covariance @ apart, apart.T @ residual)
    )
    df = apart.shape[1]
    correlations = _correlations(seen, count) - _correlations(product @ density, count)
    return ModelFit(
        value, df, float(chi2.sf(value, df)), _rmsea(value, df, persons),
        _bound(value, df, persons, 0.95), _bound(value, df, persons, 0.05),
        float(np.sqrt((correlations**2).mean())),
    )  # fmt: skip


def _joint(chance: Floats, density: Floats, member: NDArray[np.bool_]) -> Floats:
    """The probability that all items of both margins are solved, for each pair of margins."""
    log = np.log(np.maximum(chance, 1e-300))
    found = np.empty((len(member), len(member)))
    for row, own in enumerate(member):
        both = (member | own).astype(np.float64)
        found[row] = np.exp(both @ log) @ density
    return found


def _change(
    scale: ScaleOfPersons, chance: Floats, density: Floats, member: NDArray[np.bool_], product: Floats
) -> Floats:
    """Derivatives of the margins by the free parameters: intercepts, then slopes or the spread of ability."""
    mean, sd = float(scale.estimate.population.mean[0]), float(scale.estimate.population.sd[0])
    ability = mean + sd * _NODES
    others = 1 - chance  # of a product, d ln P / d intercept
    by_intercept = (product[:, None, :] * others[None] * member[:, :, None]) @ density
    if Model(scale.model).has_slopes:
        by_slope = (product[:, None, :] * (others * ability)[None] * member[:, :, None]) @ density
    else:
        rising = (others * scale.estimate.items.slope[:, None] * _NODES)[None] * member[:, :, None]
        by_slope = (product[:, None, :] * rising).sum(axis=1, keepdims=True) @ density
    found: Floats = np.concatenate([by_intercept, by_slope.reshape(len(member), -1)], axis=1)
    return found


def _correlations(margins: Floats, count: int) -> Floats:
    of = margins[:count]
    spread = np.sqrt(of * (1 - of))
    return np.array(
        [
            (both - of[i] * of[j]) / (spread[i] * spread[j])
            for both, (i, j) in zip(margins[count:], combinations(range(count), 2), strict=True)
        ]
    )


def _rmsea(value: float, df: int, persons: int) -> float:
    return float(np.sqrt(max(0.0, (value - df) / (df * (persons - 1))))) if df else float("nan")


def _bound(value: float, df: int, persons: int, level: float) -> float:
    """The error of approximation at which so large a share lies below the value; 0 where none does."""
    if not df or chi2.cdf(value, df) < level:
        return 0.0
    shift = brentq(lambda one: ncx2.cdf(value, df, one) - level, 1e-9, 10 * value + 100)
    return float(np.sqrt(shift / (df * persons)))
