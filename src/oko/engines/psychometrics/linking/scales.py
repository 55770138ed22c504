"""One scale brought onto another through the items that both have: θ_old = A θ_new + B.

Kolen, M. J., & Brennan, R. L. (2014). Test Equating, Scaling, and Linking (3rd ed.), ch. 6. Mean/mean: Loyd
& Hoover (1980); mean/sigma: Marco (1977); characteristic curves: Haebara (1980), Stocking & Lord (1983), for
polytomous
items Kim & Lee (2006). The error of linking is the jackknife over common items: Monseur & Berezner (2007).
The
computation of equating errors in international surveys in education. Journal of Applied Measurement, 8(3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import least_squares

from oko.engines.psychometrics.scaling.calibration import Anchor
from oko.engines.psychometrics.scaling.curves import Items, curves
from oko.engines.psychometrics.scaling.data import Floats

#: Where the curves of both scales are compared, and how much each place counts: N(0, 1) on the scale named.
_NODES = np.linspace(-6, 6, 61)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
_ALL_ONE = 1e-9


class Method(StrEnum):
    STOCKING_LORD = "stocking-lord"
    HAEBARA = "haebara"
    MEAN_MEAN = "mean-mean"
    MEAN_SIGMA = "mean-sigma"


class LinkingError(ValueError):
    """Scales that cannot be linked; the message says why, in Russian."""


@dataclass(frozen=True)
class Link:
    """θ_old = A θ_new + B.

    Attributes:
        A_se, B_se: by the jackknife over common items; nan with fewer than three.
        common: the items used.
        criterion: what the characteristic curves still differ by; nan of the moment methods.
    """

    method: Method
    A: float
    B: float
    A_se: float
    B_se: float
    common: tuple[str, ...]
    criterion: float
    converged: bool
    notes: tuple[str, ...]


def link(
    old: Mapping[str, Anchor], new: Mapping[str, Anchor], method: Method, *, symmetric: bool = False
) -> Link:
    """Constants that bring the new scale onto the old one.

    Where all slopes of both are 1 (Rasch, PCM), A is 1.

    Args:
        old, new: parameters of items by their names.
        symmetric: characteristic curves are compared on the new scale too, and both differences count.

    Raises:
        LinkingError: no common item, or common items of other maximum scores.
    """
    names = tuple(name for name in old if name in new)
    unlike = [name for name in names if len(old[name].intercepts) != len(new[name].intercepts)]
    common = tuple(name for name in names if name not in unlike)
    notes = [
        f"«{name}»: в старой шкале наибольший балл {len(old[name].intercepts)}, в новой "
        f"{len(new[name].intercepts)}; задание не связывает."
        for name in unlike
    ]
    if not common:
        raise LinkingError("У шкал нет ни одного общего задания: связать их нечем.")
    of_rasch = all(abs(one[name].slope - 1) < _ALL_ONE for one in (old, new) for name in common)
    if method is Method.MEAN_SIGMA and len(common) < 2 and not of_rasch:
        raise LinkingError("Для mean-sigma нужно хотя бы два общих задания.")

    def linked(some: tuple[str, ...]) -> tuple[float, float, float, bool]:
        return _constants(_items(old, some), _items(new, some), method, of_rasch, symmetric)

    slope, shift, criterion, converged = linked(common)
    errors = (float("nan"), float("nan"))
    if len(common) >= 3:
        without = np.array([linked(tuple(n for n in common if n != left))[:2] for left in common])
        spread = (len(common) - 1) / len(common) * ((without - without.mean(axis=0)) ** 2).sum(axis=0)
        errors = (float(np.sqrt(spread[0])), float(np.sqrt(spread[1])))
    if not converged:
        notes.append("Константы не сошлись: кривые общих заданий слишком различны.")
    return Link(method, slope, shift, *errors, common, criterion, converged, tuple(notes))


def _items(scale: Mapping[str, Anchor], names: tuple[str, ...]) -> Items:
    return Items(
        np.array([scale[name].slope for name in names]),
        np.concatenate([scale[name].intercepts for name in names]),
        np.array([len(scale[name].intercepts) for name in names]),
    )


def _constants(
    old: Items, new: Items, method: Method, of_rasch: bool, symmetric: bool
) -> tuple[float, float, float, bool]:
    slope, shift = _by_moments(old, new, spread=method is Method.MEAN_SIGMA)
    if of_rasch:
        slope, shift = 1.0, float(_all_steps(old).mean() - _all_steps(new).mean())
    if method in (Method.MEAN_MEAN, Method.MEAN_SIGMA):
        return slope, shift, float("nan"), True
    by_item = method is Method.HAEBARA

    def apart(constants: Floats) -> Floats:
        """The slope is sought by its logarithm, so that it stays positive."""
        a, b = (1.0, constants[0]) if of_rasch else (np.exp(constants[0]), constants[1])
        found = [_difference(old, transformed(new, a, b), by_item)]
        if symmetric:
            found.append(_difference(new, transformed(old, 1 / a, -b / a), by_item))
        return np.concatenate(found)

    start = np.array([shift] if of_rasch else [np.log(slope), shift])
    found = least_squares(apart, start, xtol=1e-12, ftol=1e-14, gtol=1e-14)
    slope, shift = (1.0, found.x[0]) if of_rasch else (float(np.exp(found.x[0])), found.x[1])
    return slope, float(shift), float(2 * found.cost), bool(found.success)


def _by_moments(old: Items, new: Items, *, spread: bool) -> tuple[float, float]:
    """The slope by the spread of the steps, else by the mean slopes; the shift by the mean steps."""
    of_old, of_new = _all_steps(old), _all_steps(new)
    if spread:
        slope = float(of_old.std() / of_new.std()) if of_new.std() > 0 else 1.0
    else:
        slope = float(new.slope.mean() / old.slope.mean())
    return slope, float(of_old.mean() - slope * of_new.mean())


def _all_steps(items: Items) -> Floats:
    return np.concatenate(items.steps())


def _difference(target: Items, moved: Items, by_item: bool) -> Floats:
    """Differences of the curves at each node, of each category of each item or of the expected score; the sum
    of their squares is the criterion.
    """
    one, other = curves(target, _NODES), curves(moved, _NODES)
    root = np.sqrt(_WEIGHTS)
    if not by_item:
        return np.asarray((one.expected.sum(axis=0) - other.expected.sum(axis=0)) * root)
    zero = np.exp(-one.log_sum) - np.exp(-other.log_sum)  # of score 0
    return np.concatenate([((one.probability - other.probability) * root).ravel(), (zero * root).ravel()])


def transformed(items: Items, slope: float, shift: float) -> Items:
    """The same items on the scale θ* = A θ + B: a* = a / A, d*_k = d_k − k a B / A."""
    score = items.score
    return Items(
        items.slope / slope,
        items.intercept - score * items.slope[items.item] * shift / slope,
        items.maximum,
    )
