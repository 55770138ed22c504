"""All cells of a sheet measured: the step between the picture and what is thought of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.cells.alignment import Offsets, offsets_of
from oko.engines.recognition.cells.features import NAMES, Floats, measured
from oko.engines.recognition.cells.paper import darkness, print_contrast
from oko.engines.recognition.cells.plan import Plan, plan_of
from oko.engines.recognition.model import GreyImage, Sheet

BOXED = ("marks", "characters")


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
    """

    plan: Plan
    soft: GreyImage
    contrast: float
    offsets: Offsets
    fit: Floats
    features: Floats
    boxed: NDArray[np.bool_]
    seen: NDArray[np.bool_]


def measure(sheet: Sheet) -> Measured:
    """Find every cell and measure it."""
    plan = plan_of(sheet.page)
    dark = darkness(sheet.image)
    contrast = print_contrast(sheet, dark)
    offsets, fit = offsets_of(plan, dark, contrast)
    soft: GreyImage = cv2.blur(dark, (3, 3))  # type: ignore[assignment]
    features = np.zeros((len(plan.cells), len(NAMES)), np.float32)
    boxed = np.zeros(len(plan.cells), np.bool_)
    for group in plan.groups:
        if group.kind in BOXED:
            features[group.cells] = measured(soft, group, offsets[group.cells], contrast)
            boxed[group.cells] = True
    return Measured(plan, soft, contrast, offsets, fit, features, boxed, _seen(sheet, plan))


def _seen(sheet: Sheet, plan: Plan) -> NDArray[np.bool_]:
    """Which cells lie on the scan from corner to corner."""
    seen = np.ones(len(plan.cells), np.bool_)
    if sheet.seen.all():
        return seen
    for group in plan.groups:
        for cell, left, top in zip(group.cells, group.left, group.top, strict=True):
            seen[cell] = sheet.seen[top : top + group.height, left : left + group.width].all()
    return seen
