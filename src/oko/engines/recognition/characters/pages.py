"""The characters of a page for whoever reads its cells: cell by cell, or field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Characters
from oko.engines.recognition.characters.fields import WRONG_COSTS, FieldRead, read_field
from oko.engines.recognition.characters.normalising import GreyImage
from oko.engines.recognition.characters.reader import CharacterReader


@dataclass(frozen=True, slots=True)
class FieldCells:
    """A field as it is described, and its cells as they were cut out, in their order."""

    field: Characters
    crops: Sequence[GreyImage]


class PageCharacters:
    """Reads what stands in the cells of pages. Made once a process.

    `read` is what `recognition.cells.CharacterReader` asks for.
    """

    def __init__(self, reader: CharacterReader | None = None) -> None:
        self._reader = reader or CharacterReader()

    def read(self, crops: NDArray[np.uint8], permitted: Sequence[str]) -> tuple[list[str], list[float]]:
        """Each cell for itself: values and the calibrated probabilities that they are right.

        Args:
            crops: cells of equal size with 1 mm around them, 6 px a millimetre, paper light: n × h × w.
            permitted: the characters that may stand there.
        """
        found = self._reader.read(list(crops), ["".join(permitted)] * len(crops))
        return [one.value for one in found], [one.confidence for one in found]

    def fields(self, cells: Sequence[FieldCells], cost: float = WRONG_COSTS) -> list[FieldRead]:
        """Fields judged whole, with what their descriptions say of values; all cells are read at once.

        Args:
            cost: see `read_field`.
        """
        crops = [crop for one in cells for crop in one.crops]
        permitted = [one.field.alphabet for one in cells for _ in one.crops]
        table = self._reader.probabilities(crops, permitted)
        found, first = [], 0
        for one in cells:
            last = first + len(one.crops)
            rows, described = list(table[first:last]), one.field
            found.append(
                read_field(rows, described.alphabet, described.dictionary, described.check_digit, cost)
            )
            first = last
        return found
