"""Easy items failed while hard ones are solved: the item profile of a school against that of others.

A pupil's contrast is Σ (w_j − w̄) x_j with w_j the difficulty of item j: Sato's caution, the covariance of
answers with difficulties (Harnisch, D. L., & Linn, R. L. (1981). Analysis of item response patterns. Journal
of Educational Measurement, 18(3), 133–146). Its mean and variance are those of pupils with the same total of
the same items, so that an able school is no sign; the conditioning is that of standardisation (Dorans, N. J.,
& Holland, P. W. (1993), in Differential item functioning, 35–66). The idea for schools: Jacob, B. A., &
Levitt, S. D. (2003). Rotten apples. Quarterly Journal of Economics, 118(3), 843–877, measure 4.
Schools differ also where nobody helps: that variance is estimated and added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oko.engines.integrity.answers import NOT_PRESENTED, Answers
from oko.engines.integrity.judging import (
    IntegrityError,
    Norm,
    Sign,
    between_variance,
    choose_norm,
    judge,
    standardised,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Rule:
    """The indicator's numbers, with their version."""

    version: str = "2026.1"
    false_discoveries: float = 0.05
    least_pupils: int = 10
    least_alike: int = 30  # pupils compared with, of one total
    least_items: int = 5
    supposed_shift: float = 0.5  # in standard deviations of a pupil's contrast, for the power


@dataclass(frozen=True)
class _Cells:
    """Pupils of the same items and the same total."""

    of: Whole  # N, −1: nobody to compare with
    count: Whole  # K, those compared with
    schools: Whole  # S × K, pupils of each school


def profile(answers: Answers, rule: Rule | None = None) -> Sign:
    """Reckon the item profiles of all schools.

    Raises:
        IntegrityError: too few items, schools or pupils to compare.
    """
    rule = rule or Rule()
    if len(answers.items) < rule.least_items:
        raise IntegrityError(f"Заданий {len(answers.items)}: для профиля нужно не меньше {rule.least_items}.")
    norm = choose_norm(answers.observed, answers.size >= 2)
    member = norm.members[answers.school_of]
    difficulty = _difficulty(answers, member)
    cells = _cells(answers, member, rule.least_alike)
    if not (cells.of >= 0).any():
        raise IntegrityError(
            f"Нет {rule.least_alike} учеников с одинаковыми заданиями и близкими баллами: "
            "сравнить профили не с кем."
        )
    contrast = _contrast(answers, difficulty)
    gap, variance, spread, n = _departures(answers, contrast, cells, member, norm)
    usable = norm.members & (n > 0) & (variance > 0)
    if usable.sum() < 2:
        raise IntegrityError("Баллы всех учеников одинаковы или школ слишком мало: профилей нет.")
    between = between_variance(gap[usable], variance[usable], np.zeros((int(usable.sum()), 0)))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.where(variance > 0, between + variance, np.nan))
        gap, error, z = standardised(gap, error, norm, int(usable.sum()) - 1)
        shift = rule.supposed_shift * spread / error
    enough = (n >= rule.least_pupils) & np.isfinite(z)
    left_out = int((cells.of < 0).sum())
    notes = (f"Учеников, чей балл встречается слишком редко для сравнения: {left_out}.",) if left_out else ()
    return Sign(
        name="profile",
        rule=rule,
        norm=norm,
        numbers={"n": answers.size, "compared": n, "contrast_gap": gap, "contrast_se": error},
        judged=judge(z, enough, shift, rule.false_discoveries),
        shift=shift,
        pictures=_pictures(answers, cells, member, difficulty),
        notes=notes,
    )


def _difficulty(answers: Answers, member: NDArray[np.bool_]) -> Floats:
    """I: 1 − the share of the highest score that those compared with have."""
    score = answers.scores[member]
    there = score != NOT_PRESENTED
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.maximum(score, 0).sum(axis=0, dtype=np.int64) / (there.sum(axis=0) * answers.maxima)
    return np.asarray(1 - np.nan_to_num(share, nan=0.5))


def _contrast(answers: Answers, difficulty: Floats) -> Floats:
    """N: Σ (w_j − w̄) x_j over the items presented, w̄ weighted by their highest scores."""
    there = answers.scores != NOT_PRESENTED
    possible = np.maximum(there @ answers.maxima, 1)
    mean = there @ (difficulty * answers.maxima) / possible
    return np.asarray(np.maximum(answers.scores, 0) @ difficulty - mean * answers.totals)


def _cells(answers: Answers, member: NDArray[np.bool_], least: int) -> _Cells:
    """Same items, same total; totals that few have go with their neighbours. Rare sets of items go together
    by the share of the highest total.
    """
    there = np.packbits(answers.scores != NOT_PRESENTED, axis=1)
    pattern = np.unique(np.ascontiguousarray(there).view(f"V{there.shape[1]}").ravel(), return_inverse=True)[
        1
    ]
    frequent = np.bincount(pattern[member], minlength=pattern.max() + 1) >= 20 * least
    level = np.where(
        frequent[pattern], answers.totals, (50 * answers.totals) // np.maximum(answers.possible, 1)
    )
    group = np.where(frequent[pattern], pattern + 1, 0)
    of = np.full(len(level), -1)
    begun = 0
    for one in np.unique(group):
        here = group == one
        counts = np.bincount(level[here & member], minlength=level[here].max() + 1)
        cell_of_level = _merged(counts, least)
        if cell_of_level is not None:
            of[here] = begun + cell_of_level[level[here]]
            begun += int(cell_of_level[-1]) + 1
    known = of >= 0
    shape = (len(answers.schools), max(begun, 1))
    schools = np.bincount(answers.school_of[known] * shape[1] + of[known], minlength=shape[0] * shape[1])
    return _Cells(of, np.bincount(of[known & member], minlength=shape[1]), schools.reshape(shape))


def _merged(counts: Whole, least: int) -> Whole | None:
    """For each level the number of its cell: neighbours together until `least` are there; None if never."""
    if counts.sum() < least:
        return None
    cell = np.zeros(len(counts), dtype=np.int64)
    number = gathered = 0
    for level, count in enumerate(counts):
        cell[level] = number
        gathered += count
        if gathered >= least and counts[level + 1 :].sum() >= least:
            number, gathered = number + 1, 0
    return cell


def _departures(
    answers: Answers, contrast: Floats, cells: _Cells, member: NDArray[np.bool_], norm: Norm
) -> tuple[Floats, Floats, Floats, Whole]:
    """S each: mean departure of the contrast, its sampling variance, a pupil's spread, pupils compared.

    A school among those compared with has part in its own expectation: the variance is less by that part;
    for another school the uncertainty of the expectation adds to it.
    """
    known = cells.of >= 0
    base = known & member
    count = np.maximum(cells.count, 1)
    rest = _about_line(contrast, answers.shares, cells, base, count)
    squares = np.bincount(cells.of[base], weights=rest[base] ** 2, minlength=len(count))
    variance = squares / np.maximum(cells.count - 1, 1)
    n = np.bincount(answers.school_of[known], minlength=len(answers.schools))
    sign = np.where(norm.members, -1.0, 1.0)[:, None]
    total = ((cells.schools * (1 + sign * cells.schools / count)) * variance).sum(axis=1)
    pupils = np.maximum(n, 1)
    gap = np.bincount(answers.school_of, weights=rest, minlength=len(answers.schools)) / pupils
    return gap, total / pupils**2, np.sqrt(cells.schools @ variance / pupils), n


def _about_line(
    contrast: Floats, share: Floats, cells: _Cells, base: NDArray[np.bool_], count: Whole
) -> Floats:
    """N: the contrast less its line on the share of the total within the cell; 0 outside of cells."""

    def centred(values: Floats) -> Floats:
        mean = np.bincount(cells.of[base], weights=values[base], minlength=len(count)) / count
        return np.where(cells.of >= 0, values - mean[cells.of], 0.0)

    rest, place = centred(contrast), centred(share)
    joint, own = (
        np.bincount(cells.of[base], weights=(place * other)[base], minlength=len(count))
        for other in (rest, place)
    )
    slope = np.divide(joint, own, out=np.zeros(len(count)), where=own > 1e-9)
    return np.where(cells.of >= 0, rest - slope[cells.of] * place, 0.0)


def _pictures(
    answers: Answers, cells: _Cells, member: NDArray[np.bool_], difficulty: Floats
) -> list[dict[str, Any]]:
    """For each school: items from easy to hard, the share of the highest score there, as expected from pupils
    of the same totals, and of all compared with; the standardised residual of each item.
    """
    order = np.argsort(difficulty, kind="stable")
    names = [answers.items[index] for index in order]
    shape = (len(order), len(answers.schools))
    share, expected, residual = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for place, item in enumerate(order):
        known = (cells.of >= 0) & (answers.scores[:, item] != NOT_PRESENTED)
        score = np.maximum(answers.scores[:, item], 0) / max(int(answers.maxima[item]), 1)
        base = known & member
        count = np.maximum(np.bincount(cells.of[base], minlength=len(cells.count)), 1)
        mean = np.bincount(cells.of[base], weights=score[base], minlength=len(count)) / count
        square = np.bincount(cells.of[base], weights=score[base] ** 2, minlength=len(count)) / count
        schools, of = answers.school_of[known], cells.of[known]
        with np.errstate(invalid="ignore", divide="ignore"):
            n = np.bincount(schools, minlength=shape[1])
            share[place] = np.bincount(schools, weights=score[known], minlength=shape[1]) / n
            expected[place] = np.bincount(schools, weights=mean[of], minlength=shape[1]) / n
            error = np.bincount(schools, weights=(square - mean**2)[of], minlength=shape[1])
            residual[place] = (share[place] - expected[place]) * n / np.sqrt(np.maximum(error, 1e-12))
    region = (1 - difficulty[order]).tolist()
    return [
        {
            "items": names,
            "share": share[:, school].tolist(),
            "expected": expected[:, school].tolist(),
            "region": region,
            "residual": residual[:, school].tolist(),
        }
        for school in range(shape[1])
    ]
