"""What a cell may hold: the outputs of the model in their order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import CAPITALS

Number = TypeVar("Number", bound=np.floating)

DIGITS = "0123456789"
CHARACTERS = CAPITALS + DIGITS + "-,"
#: A cell without a character: nothing in it; one that was struck out; ink that is no character.
EMPTY, CROSSED_OUT, NO_CHARACTER = "empty", "crossed out", "not a character"
CLASSES = (*CHARACTERS, EMPTY, CROSSED_OUT, NO_CHARACTER)

INDEX = {name: number for number, name in enumerate(CLASSES)}

#: What is given for a cell that holds something which is no character.
UNREAD = "?"
#: The values that a cell can have: an empty cell and a crossed-out character have the same, "".
VALUES = (*CHARACTERS, "", UNREAD)
PLACE = {value: number for number, value in enumerate(VALUES)}
#: Of `CLASSES`, those that have a value of their own.
_VALUED = np.flatnonzero(np.array(CLASSES) != CROSSED_OUT)


@lru_cache(maxsize=64)  # the fields of a blank have a few alphabets, and each page asks again
def mask_of(permitted: Sequence[str]) -> NDArray[np.bool_]:
    """Which outputs may be the answer where these characters may stand.

    The three states without a character are always possible. Characters that the model does not know are left
    out: a cell with such a character is "not a character".
    """
    mask = np.zeros(len(CLASSES), bool)
    mask[[INDEX[one] for one in permitted if one in INDEX]] = True
    mask[-3:] = True
    mask.flags.writeable = False
    return mask


def by_value(probabilities: NDArray[Number]) -> NDArray[Number]:
    """Probabilities of `CLASSES` (n × 48) as those of `VALUES` (n × 47)."""
    found = probabilities[:, _VALUED]
    found[:, PLACE[""]] += probabilities[:, INDEX[CROSSED_OUT]]
    return found
