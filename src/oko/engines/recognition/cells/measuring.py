"""All cells of a sheet measured: the step between the picture and what is thought of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.cells.alignment import Offsets, offsets_of
from oko.engines.recognition.cells.features import NAMES, Floats, measured
from oko.engines.recognition.cells.paper import darkness, print_contrast, soften
from oko.engines.recognition.cells.plan import Plan, plan_of
from oko.engines.recognition.model import GreyImage, Sheet
from oko.engines.recognition.regions import regions_of

BOXED = ("marks", "characters")
_CONTRAST = 160.0  # of sheets without discs
_STRAIGHT = 0.45  # how well borders fit at the least where the page was laid straight
_AS_STRAIGHT = 0.75  # how well those about a cell fit, over those of the page
_MOST_STRAIGHT = 0.7  # of the cells: where fewer are, the others may have taken their neighbours' places
_NOBODY_NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of the cells of a sheet, in the order of `plan.cells`.

    Attributes:
        soft: darkness of the page, slightly blurred, with a margin of `MARGIN` pixels.
        contrast: how dark black is.
        offsets: by how many pixels each cell is displaced; fit: how well its border was found.
        features: cells × `features.NAMES`; zeros for areas and signatures.
        boxed: which cells are marks or characters.
        seen: which cells lie on the scan as a whole.
        straight: which cells have their printed borders where they should be; others were laid wrongly.
    """

    plan: Plan
    soft: GreyImage
    contrast: float
    offsets: Offsets
    fit: Floats
    features: Floats
    boxed: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    straight: NDArray[np.bool_]


def measure(sheet: Sheet) -> Measured:
    """Find every cell and measure it."""
    plan = plan_of(sheet.page)
    regions = regions_of(sheet.page)
    dark = darkness(sheet.image, regions)
    black = print_contrast(sheet, dark)
    contrast = _CONTRAST if black is None else black
    offsets, fit = offsets_of(plan, dark, contrast)
    soften(dark, regions)
    features = np.zeros((len(plan.cells), len(NAMES)), np.float32)
    boxed = np.zeros(len(plan.cells), np.bool_)
    for group in plan.groups:
        if group.kind in BOXED:
            features[group.cells] = measured(dark, group, offsets[group.cells], contrast)
            boxed[group.cells] = True
    straight = np.ones(len(plan.cells), np.bool_) if black is None else _straight(plan, fit, boxed)
    return Measured(plan, dark, contrast, offsets, fit, features, boxed, _seen(sheet, plan), straight)


def _straight(plan: Plan, fit: Floats, boxed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which cells stand where they should, as their own borders and those of their neighbours tell."""
    if not boxed.any():
        return np.ones(len(plan.cells), np.bool_)
    ordered = np.sort(fit[boxed])
    median, usual = ordered[len(ordered) // 2], ordered[len(ordered) * 3 // 4]
    if median < _STRAIGHT:
        return np.zeros(len(plan.cells), np.bool_)
    if ordered[0] >= _AS_STRAIGHT * usual:
        return np.ones(len(plan.cells), np.bool_)
    near = plan.near[:, boxed]
    about = (near @ fit[boxed]) / np.maximum(near.sum(axis=1), _NOBODY_NEAR)
    straight: NDArray[np.bool_] = ~boxed | (about >= _AS_STRAIGHT * usual)
    whole = bool(straight[boxed].mean() >= _MOST_STRAIGHT)
    return straight if whole else np.zeros(len(plan.cells), np.bool_)


def _seen(sheet: Sheet, plan: Plan) -> NDArray[np.bool_]:
    """Which cells lie on the scan: all four corners, since a scan has no holes and no inward corners."""
    seen = np.ones(len(plan.cells), np.bool_)
    last = np.array(sheet.seen.shape) - 1
    for group in plan.groups:
        for down, right in ((0, 0), (0, group.width), (group.height, 0), (group.height, group.width)):
            rows = np.minimum(group.top + down, last[0])
            columns = np.minimum(group.left + right, last[1])
            seen[group.cells] &= sheet.seen[rows, columns] > 0
    return seen
