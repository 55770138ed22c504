"""The place where a model of characters is put in: cells that hold something are given to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Characters
from oko.engines.recognition.cells.crops import cell_crops
from oko.engines.recognition.cells.measuring import Measured
from oko.engines.recognition.model import Sheet

UNREAD = "?"


class CharacterReader(Protocol):
    """A model that reads single characters."""

    def read(
        self, crops: NDArray[np.uint8], permitted: Sequence[str]
    ) -> tuple[Sequence[str], Sequence[float]]:
        """The characters and the calibrated probabilities that they are right.

        Args:
            crops: cells of equal size with 1 mm around them, 6 px a millimetre, paper light: n × h × w.
            permitted: the characters that may stand there.
        """


def characters_read(
    sheet: Sheet, found: Measured, written: Sequence[int], reader: CharacterReader
) -> Mapping[int, tuple[str, float]]:
    """What stands in the cells that hold something, with its confidence, by position in the plan.

    Cells of the same size and the same permitted characters are read together.
    """
    batches: dict[tuple[tuple[int, ...], str], list[tuple[int, NDArray[np.uint8]]]] = {}
    cells = [found.plan.cells[cell] for cell in written]
    for cell, crop in zip(written, cell_crops(sheet, cells, found.offsets[list(written)]), strict=True):
        source = found.plan.fields[found.plan.owners[cell]].source
        alphabet = source.alphabet if isinstance(source, Characters) else ""
        batches.setdefault((crop.shape, alphabet), []).append((cell, crop))
    read: dict[int, tuple[str, float]] = {}
    for (_, alphabet), members in batches.items():
        texts, surely = reader.read(np.stack([crop for _, crop in members]), list(alphabet))
        for (cell, _), text, sure in zip(members, texts, surely, strict=True):
            read[cell] = (text, float(sure))
    return read
