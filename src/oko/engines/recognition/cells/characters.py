"""The characters of a page: cells that hold something are given to the model, fields are judged whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Characters
from oko.engines.recognition.cells.crops import cell_crops
from oko.engines.recognition.cells.measuring import Measured
from oko.engines.recognition.characters.classes import EMPTY, INDEX, NO_CHARACTER
from oko.engines.recognition.characters.fields import read_field
from oko.engines.recognition.model import GreyImage, Sheet

_JUDGED, _READ, _BOTH = 1.2, 0.55, -3.7  # by the judge of cells, by the model, constant
_LEAST = 1e-6


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
    """What stands in the cells that perhaps hold something, by position in the plan.

    Args:
        shares: these cells, and how probably they hold something. The others of their fields are empty.
    """
    perhaps = np.fromiter(shares, np.intp, len(shares))
    owners = found.plan.owners[perhaps]
    crops = cell_crops(sheet, [found.plan.cells[cell] for cell in shares], found.offsets[perhaps])
    alphabets = {owner: _source(found, owner).alphabet for owner in np.unique(owners).tolist()}
    table = model.probabilities(crops, [alphabets[owner] for owner in owners.tolist()])
    table = judged_together(table, np.fromiter(shares.values(), np.float64, len(shares)))
    read: dict[int, ReadCharacter] = {}
    for owner in alphabets:
        own = owners == owner
        read |= _field(found, owner, dict(zip(perhaps[own].tolist(), table[own], strict=True)))
    return read


def judged_together(table: NDArray[np.float32], shares: NDArray[np.float64]) -> NDArray[np.float32]:
    """The model's probabilities with what the page says of emptiness.

    The judge of cells compares a cell with the others of its page; the model knows what writing looks like.
    Each errs where the other seldom does: together, by a logistic regression on filled pages, they err one
    third as often as the judge alone.
    """
    empty = np.clip(table[:, INDEX[EMPTY]].astype(np.float64), _LEAST, 1 - _LEAST)
    judged = np.clip(shares, _LEAST, 1 - _LEAST)
    logit = _JUDGED * np.log(judged / (1 - judged)) - _READ * np.log(empty / (1 - empty)) + _BOTH
    written = 1 / (1 + np.exp(-logit))
    found = table.copy()
    found[:, INDEX[EMPTY]] = 0
    found[:, INDEX[NO_CHARACTER]] += _LEAST  # what the model takes for nothing at all and the page does not
    found *= (written / found.sum(axis=1))[:, None].astype(np.float32)
    found[:, INDEX[EMPTY]] = 1 - written
    return found


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
