"""A school's mean against its prediction from what is known of it: previous results, context.

A two-level model by its school means: mean_s = x_s β + u_s + e_s with var u_s = τ² and var e_s = σ²/n_s,
τ² by moments, β by generalised least squares; the prediction interval is Student's (Goldstein, H. (2011).
Multilevel statistical models, 4th ed., ch. 2; Raudenbush, S. W., & Bryk, A. S. (2002). Hierarchical linear
models, ch. 3; Higgins, J. P. T., Thompson, S. G., & Spiegelhalter, D. J. (2009). Journal of the Royal
Statistical Society A, 172(1), 137–159, for the interval). Small schools are drawn to the prediction by
τ² / (τ² + σ²/n): `shrunken_gap`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from oko.engines.integrity.answers import Answers, school_means
from oko.engines.integrity.judging import (
    IntegrityError,
    Sign,
    between_variance,
    choose_norm,
    judge,
    standardised,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """The indicator's numbers, with their version."""

    version: str = "2026.1"
    false_discoveries: float = 0.05
    least_pupils: int = 5
    confidence: float = 0.95  # of the interval
    schools_a_covariate: int = 5  # at least so many schools beyond each coefficient
    supposed_shift: float = 0.5  # in standard deviations of pupils within schools, for the power


def prediction(answers: Answers, rule: Rule | None = None) -> Sign:
    """Reckon how far each school's mean total stands above its prediction.

    A pupil who was not given all items has the share of what was possible, of the whole maximum.

    Raises:
        IntegrityError: too few schools, or totals are all the same.
    """
    rule = rule or Rule()
    size = answers.size
    totals = answers.shares * answers.maxima.sum()
    mean = school_means(totals, answers.school_of, len(size))
    names, values, notes = _covariates(answers)
    known = np.isfinite(values).all(axis=1)
    if not known.all():
        notes.append(
            f"Школ, у которых нет ни одного значения предиктора: {int((~known).sum())}; не предсказаны."
        )
    norm = choose_norm(answers.observed, np.asarray(known))
    within = _within(totals, answers, mean, norm.members)
    if not within > 0:
        raise IntegrityError("Внутри каждой школы баллы всех учеников одинаковы: предсказывать нечего.")
    design = np.column_stack([np.ones(len(size)), np.nan_to_num(values)])
    fitted = norm.members
    degrees = int(fitted.sum()) - design.shape[1]
    if degrees < rule.schools_a_covariate * design.shape[1]:
        raise IntegrityError(
            f"Школ {int(fitted.sum())} на {design.shape[1] - 1} предикторов: мало для предсказания. "
            "Уберите предикторы или добавьте школы."
        )
    sampling = within / size
    between = between_variance(mean[fitted], sampling[fitted], design[fitted])
    variance = between + sampling
    root = 1 / np.sqrt(variance)
    beta = np.linalg.lstsq(design[fitted] * root[fitted, None], mean[fitted] * root[fitted], rcond=None)[0]
    spread = np.linalg.pinv((design[fitted] / variance[fitted, None]).T @ design[fitted])
    leverage = np.einsum("sk,kl,sl->s", design, spread, design)
    predicted = np.where(known, design @ beta, np.nan)
    error = np.sqrt(np.maximum(variance + np.where(fitted, -leverage, leverage), 1e-12))
    gap, error, z = standardised(mean - predicted, error, norm, degrees)
    predicted = mean - gap
    half = stats.t.isf((1 - rule.confidence) / 2, degrees) * error
    shift = rule.supposed_shift * np.sqrt(within) / error
    enough = known & (size >= rule.least_pupils)
    numbers = {
        "n": size,
        "mean": mean,
        "predicted": predicted,
        "low": predicted - half,
        "high": predicted + half,
        "gap": gap,
        "gap_se": error,
        "shrunken_gap": gap * between / variance,
    }
    return Sign(
        name="prediction",
        rule=rule,
        norm=norm,
        numbers=numbers,
        judged=judge(z, enough, shift, rule.false_discoveries),
        shift=shift,
        pictures=_pictures(numbers, names, values),
        notes=tuple(notes),
    )


def _covariates(answers: Answers) -> tuple[list[str], Floats, list[str]]:
    """Those that vary and are not sums of the others: names, S × k values, what was left out."""
    notes: list[str] = []
    names: list[str] = []
    columns: list[Floats] = []
    for name, values in answers.covariates.items():
        there = np.isfinite(values)
        if not there.any():
            notes.append(f"Предиктор «{name}»: ни одного числа; не учтён.")
            continue
        if np.ptp(values[there]) == 0:
            notes.append(f"Предиктор «{name}» у всех школ одинаков; не учтён.")
            continue
        scaled = (values - values[there].mean()) / values[there].std()
        tried = np.column_stack([*columns, scaled])
        complete = tried[np.isfinite(tried).all(axis=1)]
        if np.linalg.matrix_rank(np.column_stack([np.ones(len(complete)), complete])) <= len(names) + 1:
            notes.append(f"Предиктор «{name}» складывается из других; не учтён.")
            continue
        names.append(name)
        columns.append(scaled)
    if not names:
        notes.append(
            "Предикторов нет: средний балл школы сравнивается со средним школ, а не с предсказанием."
        )
    scaled_all = np.column_stack(columns) if columns else np.zeros((len(answers.schools), 0))
    return names, scaled_all, notes


def _within(totals: Floats, answers: Answers, mean: Floats, member: NDArray[np.bool_]) -> float:
    """Variance of totals within schools, pooled over those compared with."""
    here = member[answers.school_of]
    degrees = int(here.sum()) - int(member.sum())
    if degrees < 1:
        raise IntegrityError("В каждой школе по одному ученику: разброс внутри школ неизвестен.")
    rest = totals[here] - mean[answers.school_of[here]]
    return float(rest @ rest / degrees)


def _pictures(numbers: dict[str, Any], names: list[str], values: Floats) -> list[dict[str, Any]]:
    """For each school: its mean, the interval in which it is expected, what it was predicted from."""
    columns = {name: numbers[name].tolist() for name in ("mean", "predicted", "low", "high")}
    return [
        {
            **{name: column[school] for name, column in columns.items()},
            "predictors": dict(zip(names, values[school].tolist(), strict=True)),
        }
        for school in range(len(values))
    ]
