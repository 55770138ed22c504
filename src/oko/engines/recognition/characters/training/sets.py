"""The sets of cells that the model is trained, calibrated and tested on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.characters.training import data
from oko.engines.recognition.characters.training.cells import Conditions
from oko.engines.recognition.characters.training.data import CALIBRATE, TEST, TRAIN, Glyphs

#: How cells are that a normal scan gives, and those that a poor one gives; the model learns from both.
USUAL, POOR = Conditions(border=0.9, faults=0.02, worn=0.3, hand=0.3), Conditions()
#: How often each glyph of an archive is written into a cell: about as many cells of each character.
_TIMES = {"digits-mnist": 3, "letters-comnist": 12, "letters-cmnist": 4}
_LOWER_TIMES, _FONTS_TIMES, _DRAWN, _STATES = 2, 12, 4000, 9000


@dataclass(frozen=True, slots=True)
class Cells:
    """Normalised cells, n × 32 × 32, and their classes."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


def training_cells(
    archives: Sequence[Glyphs],
    lower_case: Sequence[Glyphs],
    fonts: Glyphs | None,
    workers: int,
    told: Callable[[str, int], None],
) -> Cells:
    """All cells that the model learns from; `told` hears the name of each part and how many there are."""
    own = [archive.of(TRAIN) for archive in archives]
    parts = [(glyphs, _TIMES.get(glyphs.name, 3)) for glyphs in own]
    parts += [(glyphs, _LOWER_TIMES) for glyphs in lower_case if len(glyphs.labels)]
    if fonts is not None and len(fonts.labels):
        parts.append((fonts, _FONTS_TIMES))
    parts += [
        (data.drawn(_DRAWN, 1), 1),
        (data.without_character(_STATES, own, 2), 1),
        (data.nothing(_STATES), 1),
    ]
    made = []
    for number, (glyphs, times) in enumerate(parts):
        made.append(data.into_cells(glyphs, times, (USUAL, POOR), 100 + number, workers))
        told(glyphs.name, len(made[-1][1]))
    return Cells(np.concatenate([one for one, _ in made]), np.concatenate([one for _, one in made]))


def held_out(archives: Sequence[Glyphs], part: int, conditions: Conditions, workers: int) -> dict[str, Cells]:
    """Cells of glyphs that were not learned from, by archive, and of the states without a character."""
    own = [glyphs for archive in archives if len((glyphs := archive.of(part)).labels)]
    sets = {one.name: Cells(*data.into_cells(one, 1, (conditions,), 200 + part, workers)) for one in own}
    states = [data.without_character(1000, own, 50 + part), data.nothing(1000)]
    made = [data.into_cells(one, 1, (conditions,), 300 + part, workers) for one in states]
    drawn = data.into_cells(data.drawn(500, 60 + part), 1, (conditions,), 400 + part, workers)
    sets["drawn"] = Cells(*drawn)
    sets["without a character"] = Cells(
        np.concatenate([one for one, _ in made]), np.concatenate([one for _, one in made])
    )
    return sets


def read_archives(folder: Path) -> list[Glyphs]:
    """All archives of a folder, in the order of their names."""
    return [data.read_archive(path) for path in sorted(folder.glob("*.npz"))]


def read_lower_case(folder: Path) -> list[Glyphs]:
    """What of the same archives is written small in the shape of a capital."""
    return [data.read_lower_case(path) for path in sorted(folder.glob("*.npz"))]


__all__ = [
    "CALIBRATE",
    "POOR",
    "TEST",
    "USUAL",
    "Cells",
    "held_out",
    "read_archives",
    "read_lower_case",
    "training_cells",
]
