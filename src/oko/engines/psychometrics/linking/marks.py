"""Marks carried from one form to another: the cuts on the new form that mean the same as the old ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from oko.engines.psychometrics.linking.equating import EquatingError, Floats, Form, Method, equate
from oko.engines.psychometrics.scaling.calibration import Anchor
from oko.engines.psychometrics.scaling.curves import Items, curves

_WIDEST = 30.0  # of ability, where true scores are looked for


@dataclass(frozen=True)
class CarriedCut:
    """A cut of the old form on the new one.

    Attributes:
        cut: the least score of the mark on the old form.
        exact: its equivalent on the new form; se: the standard error, nan where the method gives none.
        carried: the least whole score of the new form with the mark: whose equivalent rounds to the cut or
        more. above_old, above_new: shares of those at the cut or above.
        above_uncarried: the same on the new form if the old cut had been kept.
    """

    cut: int
    exact: float
    se: float
    carried: int
    above_old: float
    above_new: float
    above_uncarried: float


def carry(old: Form, new: Form, cuts: Sequence[int], method: Method) -> tuple[CarriedCut, ...]:
    """Carry cuts by equating the forms, taken by equivalent groups.

    Raises:
        EquatingError: a cut that the old form has not.
    """
    _require(cuts, len(old.count) - 1)
    there, back = equate(old, new, method), equate(new, old, method)
    return tuple(
        _cut(old, new, cut, float(there.equivalent[cut]), float(there.se[cut]), back.equivalent)
        for cut in cuts
    )


def carry_by_items(
    old: Mapping[str, Anchor], new: Mapping[str, Anchor], of_old: Form, of_new: Form, cuts: Sequence[int]
) -> tuple[CarriedCut, ...]:
    """Carry cuts by true scores (K&B, ch. 6): items of both forms are on one scale.

    Raises:
        EquatingError: a cut that is no true score: 0 or the maximum.
    """
    one, other = _items(old), _items(new)
    _require(cuts, int(one.maximum.sum()))
    back = np.array([_true_score(other, one, float(score)) for score in range(int(other.maximum.sum()) + 1)])
    return tuple(
        _cut(of_old, of_new, cut, _true_score(one, other, float(cut)), float("nan"), back) for cut in cuts
    )


def _cut(old: Form, new: Form, cut: int, exact: float, se: float, back: Floats) -> CarriedCut:
    reached = np.flatnonzero(back >= cut - 0.5)
    carried = int(reached[0]) if len(reached) else len(back)
    return CarriedCut(
        cut, exact, se, carried,
        float(old.share[cut:].sum()), float(new.share[carried:].sum()), float(new.share[cut:].sum()),
    )  # fmt: skip


def _items(scale: Mapping[str, Anchor]) -> Items:
    return Items(
        np.array([one.slope for one in scale.values()]),
        np.concatenate([one.intercepts for one in scale.values()]),
        np.array([len(one.intercepts) for one in scale.values()]),
    )


def _true_score(of: Items, to: Items, score: float) -> float:
    """The expected score on other items of those who are expected to have this score; the ends stay ends."""
    top, other = float(of.maximum.sum()), float(to.maximum.sum())
    if score <= 0 or score >= top:
        return 0.0 if score <= 0 else other

    def away(ability: float) -> float:
        return float(curves(of, np.array([ability])).expected.sum()) - score

    if away(-_WIDEST) > 0 or away(_WIDEST) < 0:
        return 0.0 if away(-_WIDEST) > 0 else other
    ability = brentq(away, -_WIDEST, _WIDEST, xtol=1e-12)
    return float(curves(to, np.array([ability])).expected.sum())


def _require(cuts: Sequence[int], maximum: int) -> None:
    for cut in cuts:
        if not 0 < cut <= maximum:
            raise EquatingError(f"Граница {cut}: на старой форме баллы от 0 до {maximum}.")
