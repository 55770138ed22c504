"""What a cell may hold: the outputs of the model in their order."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import CAPITALS

DIGITS = "0123456789"
CHARACTERS = CAPITALS + DIGITS + "-,"
#: A cell without a character: nothing in it; one that was struck out; ink that is no character.
EMPTY, CROSSED_OUT, NO_CHARACTER = "empty", "crossed out", "not a character"
CLASSES = (*CHARACTERS, EMPTY, CROSSED_OUT, NO_CHARACTER)

INDEX = {name: number for number, name in enumerate(CLASSES)}


def mask_of(permitted: Iterable[str]) -> NDArray[np.bool_]:
    """Which outputs may be the answer where these characters may stand.

    The three states without a character are always possible. Characters that the model does not know are left
    out: a cell with such a character is "not a character".
    """
    mask = np.zeros(len(CLASSES), bool)
    mask[[INDEX[one] for one in permitted if one in INDEX]] = True
    mask[-3:] = True
    return mask
