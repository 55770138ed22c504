"""A scale from responses: model chosen, items checked, parameters with their standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from oko.engines.psychometrics.scaling.curves import Items, intercepts_of
from oko.engines.psychometrics.scaling.data import (
    NOT_PRESENTED,
    Floats,
    Responses,
    Whole,
    category_counts,
)
from oko.engines.psychometrics.scaling.expectation import Population
from oko.engines.psychometrics.scaling.fitting import NARROWEST, Estimate, Free, Mask, estimate

SHOWN = 3  # names in a message
STEEPEST = 10.0  # a slope beyond is one that the responses do not bound
NOTHING_LEFT = "Не осталось ни одного задания, по которому баллы различаются."


class Model(StrEnum):
    RASCH = "rasch"
    PCM = "pcm"
    TWO_PL = "2pl"
    GPCM = "gpcm"

    @property
    def has_slopes(self) -> bool:
        return self in (Model.TWO_PL, Model.GPCM)

    @property
    def of_two_scores(self) -> bool:
        return self in (Model.RASCH, Model.TWO_PL)


class CalibrationError(ValueError):
    """Responses that the model cannot be fitted to; the message says why, in Russian."""


@dataclass(frozen=True)
class Anchor:
    """Parameters of an item that are known and stay as they are."""

    slope: float
    intercepts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CalibratedItem:
    """One item; standard errors are nan for what was not estimated."""

    item: str
    slope: float
    slope_se: float
    steps: tuple[float, ...]
    steps_se: tuple[float, ...]
    intercepts: tuple[float, ...]
    intercepts_se: tuple[float, ...]


@dataclass(frozen=True)
class Scale:
    """A calibrated scale.

    Attributes:
        names, groups: of the items that were calibrated and of the groups of persons.
        persons: how many rows were taken.
        notes: what was left out, in Russian.
    """

    model: Model
    names: tuple[str, ...]
    groups: tuple[str, ...]
    persons: int
    estimate: Estimate
    notes: tuple[str, ...]

    @property
    def n_parameters(self) -> int:
        return int(self.estimate.free.sum())

    def items(self) -> list[CalibratedItem]:
        """Parameters of every item, in metric D = 1."""
        items, covariance = self.estimate.items, self.estimate.covariance
        error = np.sqrt(np.diag(covariance))
        error = np.where(self.estimate.free, error, np.nan)
        made = []
        for i, (name, steps) in enumerate(zip(self.names, items.steps(), strict=True)):
            own = intercepts_of(items.maximum, np.array([i]))
            made.append(
                CalibratedItem(
                    name,
                    float(items.slope[i]),
                    float(error[i]),
                    tuple(steps.tolist()),
                    tuple(_errors_of_steps(items, covariance, self.estimate.free, i, own).tolist()),
                    tuple(items.intercept[own].tolist()),
                    tuple(error[len(items.slope) + own].tolist()),
                )
            )
        return made


@dataclass(frozen=True)
class ScaleOfPersons(Scale):
    """A scale beside the responses to its items."""

    responses: Responses


def calibrate(
    responses: Responses, model: Model, anchors: Mapping[str, Anchor] | None = None
) -> ScaleOfPersons:
    """Fit a model by marginal maximum likelihood.

    2PL, GPCM: the first group is N(0, 1), means and spreads of the others are free. Rasch, PCM: slopes 1,
    the mean of the first group 0, spreads free. With anchors, their parameters stay and all groups are free.

    Raises:
        CalibrationError: no item is left, or the model is one of 0/1 items and these are not.
    """
    anchors = anchors or {}
    notes: list[str] = []
    responses = _scores_without_gaps(responses, notes, frozenset(anchors))
    responses = _items_that_tell(responses, notes, frozenset(anchors))
    require_scores_of(model, responses.items, responses.maximum)
    presented = (responses.scores >= 0).astype(np.float32)
    notes += notes_on_persons(int((responses.scores < 0).all(axis=1).sum()))
    notes += notes_on_links(responses.items, presented.T @ presented > 0)
    groups = len(responses.groups)
    anchored = frozenset(i for i, name in enumerate(responses.items) if name in anchors)
    others = (True,) * (groups - 1)
    free = Free(
        slope=model.has_slopes,
        anchored=anchored,
        mean=(bool(anchored), *others),
        sd=(bool(anchored) or not model.has_slopes, *others),
    )
    found = estimate(
        responses, _start(responses, anchors), Population(np.zeros(groups), np.ones(groups)), free
    )
    notes += notes_on_estimate(found, responses.groups)
    notes += notes_on_slopes(found, responses.items)
    return ScaleOfPersons(
        model, responses.items, responses.groups, len(responses.scores), found, tuple(notes), responses
    )


def require_scores_of(model: Model, names: Sequence[str], maximum: Whole) -> None:
    """Raise CalibrationError where an item has scores that the model is not for."""
    if not model.of_two_scores:
        return
    for name, top in zip(names, maximum.tolist(), strict=True):
        if top > 1:
            better = Model.PCM if model is Model.RASCH else Model.GPCM
            raise CalibrationError(
                f"Модель {model} — для баллов 0 и 1, а у «{name}» максимум {top}. Возьмите модель {better}."
            )


def notes_on_persons(silent: int) -> list[str]:
    if not silent:
        return []
    return [f"Без единого ответа: {silent} строк; на параметры они не влияют."]


def notes_on_estimate(found: Estimate, groups: Sequence[str]) -> list[str]:
    """What of it is not to be relied on."""
    notes = [] if found.converged else ["Оценивание не сошлось: параметры и ошибки ненадёжны."]
    for name, sd in zip(groups, found.population.sd.tolist(), strict=True):
        if sd <= NARROWEST:
            who = f" группы «{name}»" if name else ""
            notes.append(
                f"Разброс способностей{who} не отличить от нуля: ответы на задания связаны не сильнее, "
                f"чем случайно. Принято σ = {NARROWEST}, его ошибка не определена."
            )
    return notes


def notes_on_slopes(found: Estimate, names: Sequence[str]) -> list[str]:
    """Slopes that no sound item has."""
    notes = []
    for name, slope in zip(names, found.items.slope.tolist(), strict=True):
        if abs(slope) > STEEPEST:
            notes.append(f"«{name}»: наклон {slope:.1f} — ответы его не определяют, шаги и ошибки ненадёжны.")
        elif slope < 0:
            notes.append(
                f"«{name}»: наклон отрицателен ({slope:.2f}), сильные решают хуже слабых; проверьте ключ."
            )
    return notes


def note_on_nothing_told(name: str, *, shown: bool) -> str:
    """Of an item that all have solved alike, or that nobody was presented."""
    why = "у всех один и тот же балл" if shown else "не предъявлен никому"
    return f"«{name}»: {why}, его параметры не определить; он не учтён."


def _scores_without_gaps(responses: Responses, notes: list[str], anchored: frozenset[str]) -> Responses:
    """Scores that nobody has are closed up: the model has no step for them."""
    scores = responses.scores
    for i, count in enumerate(category_counts(responses)):
        if responses.items[i] in anchored or (count > 0).all() or not count.any():
            continue
        there = np.flatnonzero(count > 0)
        if scores is responses.scores:
            scores = scores.copy()
        column = responses.scores[:, i]
        scores[:, i] = np.where(column >= 0, np.searchsorted(there, column), NOT_PRESENTED)
        missing = ", ".join(str(score) for score in np.flatnonzero(count == 0))
        if len(there) > 1:
            notes.append(f"«{responses.items[i]}»: балла {missing} нет ни у кого, остальные сдвинуты подряд.")
    return Responses(scores, responses.items, responses.group, responses.groups, responses.weight)


def _items_that_tell(responses: Responses, notes: list[str], anchored: frozenset[str]) -> Responses:
    """Without items that all have solved alike: nothing can be told of them."""
    same = responses.maximum == 0
    for i in np.flatnonzero(same):
        if responses.items[i] not in anchored:
            shown = bool((responses.scores[:, i] >= 0).any())
            notes.append(note_on_nothing_told(responses.items[i], shown=shown))
    keep = np.flatnonzero(~same)
    if not len(keep):
        raise CalibrationError(NOTHING_LEFT)
    if len(keep) == len(responses.items):
        return responses
    return Responses(
        np.ascontiguousarray(responses.scores[:, keep]),
        tuple(responses.items[i] for i in keep),
        responses.group,
        responses.groups,
        responses.weight,
    )


def notes_on_links(items: Sequence[str], linked: Mask) -> list[str]:
    """Sets of items that no person connects; `linked`: I × I, somebody was presented both."""
    part = np.arange(len(linked))
    for _ in range(len(linked)):
        nearest = np.where(linked, part, len(part)).min(axis=1)
        if (nearest == part).all():
            break
        part = nearest
    first = np.unique(part)
    if len(first) == 1:
        return []
    names = "; ".join(
        "«" + "», «".join(items[i] for i in np.flatnonzero(part == one)[:SHOWN]) + "»…"
        for one in first[:SHOWN]
    )
    return [
        f"Варианты не связаны общими заданиями ({len(first)} частей: {names}). "
        "Шкалы частей сравнимы лишь постольку, "
        "поскольку участники одинаково сильны."
    ]


def _start(responses: Responses, anchors: Mapping[str, Anchor]) -> Items:
    counts = category_counts(responses)
    slope = np.ones(len(counts))
    intercepts = [np.log(np.maximum(count[1:], 0.5) / max(count[0], 0.5)) for count in counts]
    for i, name in enumerate(responses.items):
        if name in anchors:
            slope[i] = anchors[name].slope
            intercepts[i] = _anchored(name, anchors[name], int(responses.maximum[i]))
    return Items(slope, np.concatenate(intercepts), responses.maximum)


def _anchored(name: str, anchor: Anchor, maximum: int) -> Floats:
    if len(anchor.intercepts) != maximum:
        raise CalibrationError(
            f"Якорь «{name}»: шагов {len(anchor.intercepts)}, а наибольший балл в ответах — {maximum}."
        )
    return np.array(anchor.intercepts)


def _errors_of_steps(items: Items, covariance: Floats, free: Mask, item: int, own: Whole) -> Floats:
    """By the delta method: b_k = −(d_k − d_{k−1}) / a."""
    count = len(items.slope)
    if not free[count + own].all():
        return np.full(len(own), np.nan)
    places = np.concatenate([[item], count + own])
    slope, intercepts = items.slope[item], items.intercept[own]
    jacobian = np.zeros((len(own), len(places)))
    jacobian[:, 0] = np.diff(intercepts, prepend=0.0) / slope**2
    jacobian[:, 1:] = (np.eye(len(own), k=-1) - np.eye(len(own))) / slope
    with np.errstate(invalid="ignore"):
        return np.sqrt(np.diag(jacobian @ covariance[np.ix_(places, places)] @ jacobian.T))
