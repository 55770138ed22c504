"""Equating of persons' scores, with errors by the delta method or by drawing the persons again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.engines.psychometrics.linking.equating import (
    Equated,
    Floats,
    Form,
    Method,
    Whole,
    chained,
    equate,
    form_of,
    smoothed,
)

Persons = tuple[Whole, Whole]  # total scores, scores on the anchor


@dataclass(frozen=True)
class Design:
    """How to equate; `smooth`: moments kept by presmoothing; `top_x`, `top_y`: highest possible scores."""

    method: Method
    smooth: int | None = None
    top_x: int | None = None
    top_y: int | None = None


def equated(design: Design, x: Persons, y: Persons, replicates: int, seed: int) -> Equated:
    """Equate form X to Y; through the anchor, where it has any points (chained equipercentile).

    Args:
        replicates: of the bootstrap (Efron; K&B, ch. 7), 0: errors by the delta method, nan with an anchor.

    Raises:
        EquatingError: see `equate`, `form_of`, `smoothed`.
    """
    tops = (
        design.top_x if design.top_x is not None else int(x[0].max(initial=0)),
        design.top_y if design.top_y is not None else int(y[0].max(initial=0)),
        int(max(x[1].max(initial=0), y[1].max(initial=0))),
    )
    found = _once(design, x, y, tops)
    if not replicates:
        return found
    rng = np.random.default_rng(seed)
    drawn = np.array(
        [_once(design, _again(x, rng), _again(y, rng), tops).equivalent for _ in range(replicates)]
    )
    return Equated(found.score, found.equivalent, drawn.std(axis=0, ddof=1))


def _again(persons: Persons, rng: np.random.Generator) -> Persons:
    rows = rng.integers(0, len(persons[0]), len(persons[0]))
    return persons[0][rows], persons[1][rows]


def _once(design: Design, x: Persons, y: Persons, tops: tuple[int, int, int]) -> Equated:
    form_x, form_y = _form(design, x[0], tops[0]), _form(design, y[0], tops[1])
    if not tops[2]:
        return equate(form_x, form_y, design.method)
    equivalent: Floats = chained(form_x, _form(design, x[1], tops[2]), _form(design, y[1], tops[2]), form_y)
    return Equated(form_x.scores, equivalent, np.full(len(equivalent), np.nan))


def _form(design: Design, scores: Whole, top: int) -> Form:
    form = form_of(scores, top)
    return form if design.smooth is None else smoothed(form, design.smooth)
