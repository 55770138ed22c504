"""The characters of a page: cells that hold something are given to the model, fields are judged whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Characters
from oko.engines.recognition.cells.crops import cell_crops
from oko.engines.recognition.cells.measuring import Measured
from oko.engines.recognition.characters.classes import EMPTY, INDEX
from oko.engines.recognition.characters.fields import read_field
from oko.engines.recognition.model import GreyImage, Sheet


class CharacterModel(Protocol):
    """What reads single cells: `recognition.characters.CharacterReader`."""

    def probabilities(self, crops: Sequence[GreyImage], permitted: Sequence[str]) -> NDArray[np.float32]:
        """Calibrated probabilities of `CLASSES`, n × 48, for cells with 1 mm around them, 6 px a millimetre,
        and the characters that may stand in each.
        """


class ReadCharacter(NamedTuple):
    """What stands in a cell; `asked`: a person should look."""

    value: str
    confidence: float
    asked: bool


def characters_read(
    sheet: Sheet, found: Measured, shares: Mapping[int, float], model: CharacterModel
) -> Mapping[int, ReadCharacter]:
    """What stands in the cells that hold something, by position in the plan.

    Args:
        shares: the cells that hold something, and how probably they do. The others of their fields are empty.
    """
    written = np.fromiter(shares, np.intp, len(shares))
    owners = found.plan.owners[written]
    crops = cell_crops(sheet, [found.plan.cells[cell] for cell in shares], found.offsets[written])
    table = model.probabilities(crops, [_source(found, owner).alphabet for owner in owners.tolist()])
    table = table * np.fromiter(shares.values(), np.float32, len(shares))[:, None]
    table[:, INDEX[EMPTY]] += 1 - table.sum(axis=1)
    read: dict[int, ReadCharacter] = {}
    for owner in np.unique(owners).tolist():
        own = owners == owner
        read |= _field(found, owner, dict(zip(written[own].tolist(), table[own], strict=True)))
    return read


def _field(found: Measured, owner: int, rows: Mapping[int, NDArray[np.float32]]) -> dict[int, ReadCharacter]:
    """The cells of a field that hold something, judged with what its description says of its values."""
    source = _source(found, owner)
    cells = np.flatnonzero(found.plan.owners == owner).tolist()
    empty = np.eye(len(INDEX), dtype=np.float32)[INDEX[EMPTY]]
    whole = read_field(
        [rows.get(cell, empty) for cell in cells], source.alphabet, source.dictionary, source.check_digit
    )
    judged = zip(cells, whole.cells, whole.sure, whole.asked, strict=True)
    return {cell: ReadCharacter(value, sure, asked) for cell, value, sure, asked in judged if cell in rows}


def _source(found: Measured, owner: int) -> Characters:
    source = found.plan.fields[owner].source
    if not isinstance(source, Characters):
        raise TypeError(f"{source.id}: only fields of characters are read by the model")
    return source
