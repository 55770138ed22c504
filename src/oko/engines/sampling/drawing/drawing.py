"""A draw: from a frame and a plan to the units of the sample, with their probabilities and weights."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from oko.engines.sampling.drawing.frame import Frame
from oko.engines.sampling.drawing.plan import Plan, PlanError
from oko.engines.sampling.drawing.selecting import (
    Selection,
    allocate,
    simple,
    systematic,
    systematic_pps,
)

CERTAINTY, SELECTED = "certainty", "selected"
REPLACEMENTS = ("replacement 1", "replacement 2")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A unit of the sample.

    Attributes:
        status: certainty, selected, replacement 1, replacement 2.
        replaces: the code of the unit that a replacement is for.
        row: the line of the frame it stands in.
        probability, weight: to be drawn, and its inverse; of a replacement those of the unit it is for.
        second: which classes or students of it were drawn, numbered from 1; their weight is `second_weight`.
    """

    stratum: str
    id: str
    status: str
    replaces: str
    row: int
    measure: float
    probability: float
    weight: float
    second: tuple[int, ...] = ()
    second_weight: float | None = None


@dataclass(frozen=True, slots=True)
class StratumDraw:
    """How one stratum was drawn.

    Attributes:
        start: u, given or drawn; None for simple random sampling.
        rounds: codes of the units that became certain in each round.
        numbers: the selection numbers.
    """

    stratum: str
    frame_size: int
    measure: float
    n: int
    start: float | None
    interval: float
    rounds: tuple[tuple[str, ...], ...]
    numbers: tuple[float, ...]
    without_replacement: int
    units: tuple[Drawn, ...]


def draw(frame: Frame, plan: Plan, seed: int) -> tuple[StratumDraw, ...]:
    """Draw a sample.

    The random start of a stratum comes from the seed and the stratum's name, so that a stratum that is
    added or left out changes nothing in the others.

    Raises:
        PlanError: strata of the plan and of the frame differ, or more is wanted than there is.
    """
    wanted = _wanted(frame, plan)
    given = {one.stratum: one.start for one in plan.strata}
    return tuple(
        _stratum(frame, plan, name, n, given.get(name), _generator(seed, name)) for name, n in wanted.items()
    )


def _wanted(frame: Frame, plan: Plan) -> dict[str, int]:
    """How many units of each stratum are drawn."""
    named = {one.stratum: one for one in plan.strata}
    absent = [name for name in named if name not in frame.strata]
    unnamed = [name for name in frame.strata if plan.strata and name not in named]
    if absent:
        there = ", ".join(f"«{name}»" for name in list(frame.strata)[:20])
        raise PlanError(f"Страты «{absent[0]}» в списке организаций нет. Есть: {there}.")
    if unnamed:
        raise PlanError(
            f"Страта «{unnamed[0]}» есть в списке организаций, а в плане её нет: назовите её (n может "
            "быть 0) или исключите."
        )
    sizes = {name: len(places) for name, places in frame.strata.items()}
    if plan.total is None:
        wanted = {name: one.n for name, one in named.items()}
    else:
        names = list(sizes)
        most = np.array([sizes[name] for name in names], np.int64)
        if plan.total > int(most.sum()):
            raise PlanError(f"Нужно {plan.total} организаций, а в списке их {int(most.sum())}.")
        if plan.total < int(np.minimum(most, plan.least).sum()):
            raise PlanError(
                f"total {plan.total} мало: в каждой страте нужно не меньше {plan.least} (least). Увеличьте "
                "total или уменьшите least."
            )
        shares = np.array([_share(frame, plan, name) for name in names])
        wanted = dict(zip(names, allocate(plan.total, shares, most, plan.least).tolist(), strict=True))
    for name, n in wanted.items():
        if n > sizes[name]:
            raise PlanError(f"Страта «{name}»: нужно {n} организаций, а в ней {sizes[name]}.")
    return wanted


def _share(frame: Frame, plan: Plan, stratum: str) -> float:
    places = frame.strata[stratum]
    if plan.allocation == "equal":
        return 1.0
    if plan.allocation == "neyman":
        spread = next(one.sd for one in plan.strata if one.stratum == stratum)
        return len(places) * (spread or 0.0)
    return float(frame.measure[places].sum())


def _generator(seed: int, stratum: str) -> np.random.Generator:
    name = int.from_bytes(sha256(stratum.encode()).digest()[:8], "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, name])))


def _stratum(
    frame: Frame, plan: Plan, name: str, n: int, start: float | None, rng: np.random.Generator
) -> StratumDraw:
    places = frame.strata[name]
    measure = frame.measure[places]
    if plan.method == "simple":
        start, selection = None, simple(len(places), n, rng)
    else:
        start = float(rng.random()) if start is None else start
        selection = (
            systematic_pps(measure, n, start) if plan.method == "pps" else systematic(len(places), n, start)
        )
    units = _units(frame, plan, name, places, selection, rng)
    chosen = sum(unit.status in (CERTAINTY, SELECTED) for unit in units)
    return StratumDraw(
        stratum=name,
        frame_size=len(places),
        measure=float(measure.sum()),
        n=n,
        start=start,
        interval=selection.interval,
        rounds=_rounds(frame, places, selection),
        numbers=tuple(selection.numbers.tolist()),
        without_replacement=chosen * min(1, plan.replacements)
        - len({unit.replaces for unit in units if unit.replaces}),
        units=units,
    )


def _rounds(frame: Frame, places: NDArray[np.intp], selection: Selection) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(frame.ids[place] for place in places[selection.certain == number].tolist())
        for number in range(1, int(selection.certain.max(initial=0)) + 1)
    )


def _units(
    frame: Frame,
    plan: Plan,
    stratum: str,
    places: NDArray[np.intp],
    selection: Selection,
    rng: np.random.Generator,
) -> tuple[Drawn, ...]:
    """The drawn units, each followed by its replacements."""
    drawn = set(selection.places.tolist())
    found = []
    for rank in selection.places.tolist():
        probability = float(selection.probability[rank])
        status = CERTAINTY if selection.certain[rank] else SELECTED
        own = (rank, status, "")
        neighbours = [
            (beside, REPLACEMENTS[number], frame.ids[places[rank]])
            for number, beside in enumerate((rank + 1, rank - 1)[: plan.replacements])
            if 0 <= beside < len(places) and beside not in drawn
        ]
        for at, said, replaced in (own, *neighbours):
            place = int(places[at])
            second, second_weight = _second(frame, plan, place, rng)
            found.append(
                Drawn(
                    stratum, frame.ids[place], said, replaced, int(frame.rows[place]),
                    float(frame.measure[place]), probability, 1 / probability, second, second_weight,
                )
            )  # fmt: skip
    return tuple(found)


def _second(
    frame: Frame, plan: Plan, place: int, rng: np.random.Generator
) -> tuple[tuple[int, ...], float | None]:
    """Classes or students by simple random sampling within a unit."""
    if plan.second_stage is None or frame.second is None:
        return (), None
    there = int(frame.second[place])
    n = min(plan.second_stage.n, there)
    chosen = np.sort(rng.choice(there, n, replace=False)) + 1
    return tuple(chosen.tolist()), there / n
