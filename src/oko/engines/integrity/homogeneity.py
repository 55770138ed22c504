"""Classes in which pupils are too much alike: little spread of totals, the same answers to the same items.

The ingredients of INVALSI's index by class: mean, standard deviation, share of missing answers, homogeneity
of answers by Gini's index (Quintano, C., Castellano, R., & Longobardi, S. (2009). A fuzzy clustering approach
to improve the accuracy of Italian student data. Statistica & Applicazioni, 7(2), 149–171; Longobardi, S.,
Falzetti, P., & Pagliuca, M. M. (2018). Quis custodiet ipsos custodes? Statistical Methods & Applications,
27(4)). Here spread and homogeneity are regressed on the class mean (a high mean leaves little room for
either), so that ability is no sign, and their residuals are standardised by the class size. A share of
missing answers is shown, but makes no sign by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from oko.engines.integrity.answers import NOT_ATTEMPTED, NOT_PRESENTED, Answers, school_means
from oko.engines.integrity.judging import (
    IntegrityError,
    Sign,
    choose_norm,
    judge,
    standardised,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """The indicator's numbers, with their version."""

    version: str = "2026.1"
    false_discoveries: float = 0.05
    least_pupils: int = 8  # of a class
    least_classes: int = 10  # to regress on
    degree: int = 2  # of the regression on the class mean
    supposed_loss: float = 0.25  # of the variance and of Gini's index, for the power


@dataclass(frozen=True)
class _Classes:
    """C classes."""

    n: Whole
    mean: Floats  # share of the highest total
    variance: Floats  # of that share
    missing: Floats  # share of presented items without an answer
    gini: Floats  # mean over items of class / all schools compared with; 1: as diverse as all together


@dataclass(frozen=True)
class _Residual:
    """How much less a class has than its mean foretells; what that is; the error as a share of it."""

    z: Floats
    expected: Floats
    error: Floats


def homogeneity(answers: Answers, rule: Rule | None = None) -> Sign:
    """Reckon how much more alike the pupils of each school's classes are than classes of such a mean.

    Raises:
        IntegrityError: too few schools or classes, or totals are all the same.
    """
    rule = rule or Rule()
    classes = _measured(answers)
    fit = (classes.n >= rule.least_pupils) & (classes.variance > 0) & (classes.gini > 0)
    judged_classes = (classes.n >= rule.least_pupils) & (classes.mean > 0) & (classes.mean < 1)
    schools = len(answers.schools)
    of = answers.school_of_class
    if not fit.any():
        raise _too_few(fit, rule)
    norm = choose_norm(answers.observed, np.bincount(of[fit], minlength=schools) > 0)
    fit &= norm.members[of]
    if fit.sum() < rule.least_classes:
        raise _too_few(fit, rule)
    # cube roots of variances are nearly normal (Wilson & Hilferty, 1931)
    spread = _residual(np.cbrt(classes.variance), classes, fit, rule.degree)
    alike = _residual(classes.gini, classes, fit, rule.degree)
    joint = max(float((spread.z[fit] * alike.z[fit]).mean()), 0.0)
    own = np.sqrt(2 + 2 * joint)
    z_class = np.where(judged_classes, (spread.z + alike.z) / own, np.nan)
    loss = (1 - np.cbrt(1 - rule.supposed_loss)) / spread.error + rule.supposed_loss / alike.error
    z, shift = _of_schools(z_class, loss / own, of, fit, schools)
    degrees = norm.n_schools - rule.degree - 1  # classes of a school are alike
    _, error, z = standardised(z, np.ones(schools), norm, degrees)
    shift = shift / error
    numbers = {
        "n": answers.size,
        "classes": np.bincount(of[judged_classes], minlength=schools),
        "mean": _weighted(classes.mean, classes.n, of, schools),
        "sd": np.sqrt(_weighted(classes.variance, classes.n, of, schools)),
        "missing": _weighted(classes.missing, classes.n, of, schools),
        "gini": _weighted(classes.gini, classes.n, of, schools),
        "expected_gini": _weighted(alike.expected, classes.n, of, schools),
    }
    return Sign(
        name="homogeneity",
        rule=rule,
        norm=norm,
        numbers=numbers,
        judged=judge(z, np.isfinite(z), shift, rule.false_discoveries),
        shift=shift,
        pictures=_pictures(answers, classes, spread, alike, z_class),
    )


def _too_few(fit: Truths, rule: Rule) -> IntegrityError:
    return IntegrityError(
        f"Классов, где не меньше {rule.least_pupils} учеников и баллы различаются, {int(fit.sum())}: "
        f"для сравнения нужно не меньше {rule.least_classes}."
    )


def _measured(answers: Answers) -> _Classes:
    count = len(answers.classes)
    n = np.bincount(answers.class_of, minlength=count)
    share = answers.shares
    mean = school_means(share, answers.class_of, count)
    rest = (share - mean[answers.class_of]) ** 2
    variance = np.bincount(answers.class_of, weights=rest, minlength=count) / np.maximum(n - 1, 1)
    presented = (answers.scores != NOT_PRESENTED).sum(axis=1)
    empty = (answers.scores == NOT_ATTEMPTED).sum(axis=1)
    missing = np.bincount(answers.class_of, weights=empty, minlength=count) / np.maximum(
        np.bincount(answers.class_of, weights=presented, minlength=count), 1
    )
    return _Classes(n, mean, variance, missing, _gini(answers, count))


def _gini(answers: Answers, count: int) -> Floats:
    """C: Gini's index 1 − Σ p² of each item's answers, free of bias, over that of all, averaged over items.

    «Not attempted» is an answer of its own. Items that all answer alike say nothing.
    """
    summed, items = np.zeros(count), np.zeros(count)
    for item in range(len(answers.items)):
        score = answers.scores[:, item]
        there = score != NOT_PRESENTED
        kinds = int(answers.maxima[item]) + 2
        table = np.bincount(answers.class_of[there] * kinds + score[there] + 1, minlength=count * kinds)
        table = table.reshape(count, kinds)
        of_all = _unlike(table.sum(axis=0, keepdims=True))[0]
        n = table.sum(axis=1)
        if of_all > 0:
            summed += np.where(n > 1, _unlike(table) / of_all, 0.0)
            items += n > 1
    return np.divide(summed, items, out=np.zeros(count), where=items > 0)


def _unlike(table: Whole) -> Floats:
    """For each row of counts the chance that two different pupils answered differently."""
    n = table.sum(axis=1)
    pairs = np.maximum(n * (n - 1), 1)
    return np.asarray((n**2 - (table**2).sum(axis=1)) / pairs)


def _residual(values: Floats, classes: _Classes, fit: Truths, degree: int) -> _Residual:
    """Regress on the class mean; the error is a share of the expectation, its square a + b / n (both ≥ 0)."""
    design = np.vander(np.clip(classes.mean, *np.quantile(classes.mean[fit], [0, 1])), degree + 1)
    expected = design @ np.linalg.lstsq(design[fit], values[fit], rcond=None)[0]
    expected = np.maximum(expected, 1e-3 * np.abs(values[fit]).mean())
    less = 1 - values / expected
    size = np.column_stack([np.ones(len(values)), 1 / np.maximum(classes.n, 1)])
    squares = less[fit] ** 2 * fit.sum() / max(int(fit.sum()) - degree - 1, 1)
    part = optimize.nnls(size[fit], squares)[0]
    leverage = np.einsum("ck,kl,cl->c", design, np.linalg.pinv(design[fit].T @ design[fit]), design)
    own = 1 + np.where(fit, -leverage, leverage)  # of those fitted the residual is less, of others more
    error = np.sqrt(np.maximum(size @ part * np.maximum(own, 0.1), 1e-12))
    return _Residual(less / error, expected, error)


def _of_schools(z: Floats, shift: Floats, of: Whole, fit: Truths, schools: int) -> tuple[Floats, Floats]:
    """S each: Stouffer over the classes of a school, whose likeness is estimated from those compared with."""
    known = np.isfinite(z)

    def summed(values: Floats, which: Truths) -> Floats:
        return np.bincount(of[which], weights=values[which], minlength=schools).astype(np.float64)

    k = summed(np.ones(len(z)), known)
    pairs = summed(np.ones(len(z)), fit & known)
    crossed = summed(z, fit & known) ** 2 - summed(z**2, fit & known)
    several = float((pairs * (pairs - 1)).sum())
    alike = min(max(float(crossed.sum()) / several, 0.0), 1.0) if several else 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.sqrt(k + k * (k - 1) * alike)
        return summed(z, known) / own, summed(shift, known) / own


def _weighted(values: Floats, n: Whole, of: Whole, schools: int) -> Floats:
    """S: the mean over classes, weighted by pupils."""
    return np.asarray(
        np.bincount(of, weights=values * n, minlength=schools) / np.bincount(of, weights=n, minlength=schools)
    )


def _pictures(
    answers: Answers, classes: _Classes, spread: _Residual, alike: _Residual, z: Floats
) -> list[dict[str, Any]]:
    """For each school its classes: what was measured, what was expected of classes of such a mean, z."""
    found: list[dict[str, Any]] = [{"classes": []} for _ in answers.schools]
    columns = {
        "n": classes.n,
        "mean": classes.mean,
        "sd": np.sqrt(classes.variance),
        "expected_sd": np.maximum(spread.expected, 0) ** 1.5,
        "missing": classes.missing,
        "gini": classes.gini,
        "expected_gini": alike.expected,
        "z": z,
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    for label, school, row in zip(answers.classes, answers.school_of_class.tolist(), rows, strict=True):
        found[school]["classes"].append({"class": label, **dict(zip(columns, row, strict=True))})
    return found
