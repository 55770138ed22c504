"""Which character stands in a cell: the trained networks run over many cells at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.characters.calibration import Calibration
from oko.engines.recognition.characters.classes import (
    CLASSES,
    CROSSED_OUT,
    EMPTY,
    NO_CHARACTER,
    UNREAD,
)
from oko.engines.recognition.characters.normalising import GreyImage, normalised

Floats = NDArray[np.float32]

_AT_ONCE = 256


class CharacterState(StrEnum):
    CHARACTER = "character"
    EMPTY = EMPTY
    CROSSED_OUT = CROSSED_OUT
    NO_CHARACTER = NO_CHARACTER


@dataclass(frozen=True, slots=True)
class CharacterRead:
    """What stands in a cell.

    Attributes:
        value: the character; "" when the cell is empty or the character was crossed out; "?" when there is
            something else.
        confidence: the calibrated probability that `value` is right.
        probabilities: of `CLASSES`, 48 numbers that sum to 1; 0 for what is not permitted.
    """

    value: str
    confidence: float
    probabilities: Floats
    state: CharacterState


class Models(NamedTuple):
    """The two networks of a training as ONNX: what every cell is shown to, and what doubtful cells are.

    The calibration of both is written into the thorough one, with the digest of the quick one that it is for.
    """

    quick: bytes
    thorough: bytes


class CharacterReader:
    """Reads cells. Made once a process: it holds the networks.

    What they were trained on, and how well they read, is in `report.md` beside.
    """

    def __init__(self, models: Models | None = None) -> None:
        """`models`: others than those that come with Oko.

        Raises:
            ValueError: they are not models of these classes, or not of one training.
        """
        chosen = shipped_models() if models is None else models
        self._quick, self._thorough = session_of(chosen.quick), session_of(chosen.thorough)
        told = self._thorough.get_modelmeta().custom_metadata_map
        if json.loads(told.get("classes", "[]")) != list(CLASSES):
            raise ValueError("Модель знаков обучена на других классах, чем знает эта версия Око.")
        if told.get("quick") != sha256(chosen.quick).hexdigest():
            raise ValueError("Две сети модели знаков — от разных обучений.")
        self._calibration = Calibration.from_json(told["calibration"])

    def probabilities(self, crops: Sequence[GreyImage], permitted: Sequence[str]) -> Floats:
        """Calibrated probabilities of `CLASSES` for cells: n × 48.

        Args:
            crops: grey cells with 1 mm of margin; see `normalising.normalised`.
            permitted: for each cell, the characters that may stand in it.
        """
        if len(crops) != len(permitted):
            raise ValueError(f"{len(crops)} cells, but permitted characters of {len(permitted)}")
        cells = normalised(crops)
        quick = logits_of(self._quick, cells)
        return self._calibration.probabilities(
            quick, permitted, lambda places: logits_of(self._thorough, cells[places])
        )

    def read(self, crops: Sequence[GreyImage], permitted: Sequence[str]) -> list[CharacterRead]:
        """The most likely answer for each cell; arguments as of `probabilities`."""
        return [_answer(one) for one in self.probabilities(crops, permitted)]


def shipped_models() -> Models:
    """The models that come with Oko."""
    here = files("oko.engines.recognition.characters")
    return Models(here.joinpath("quick.onnx").read_bytes(), here.joinpath("thorough.onnx").read_bytes())


def session_of(model: bytes) -> Any:
    """A network ready to be run, on one thread: processes share out the cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])


def logits_of(session: Any, cells: GreyImage) -> Floats:
    """What a network says of normalised cells (n × 1 × 32 × 32): n × 48."""
    found = np.zeros((len(cells), len(CLASSES)), np.float32)
    for first in range(0, len(cells), _AT_ONCE):
        found[first : first + _AT_ONCE] = session.run(None, {"cells": cells[first : first + _AT_ONCE]})[0]
    return found


def _answer(probabilities: Floats) -> CharacterRead:
    """The likeliest value. An empty cell and a crossed-out character have the same value, ""."""
    characters, empty, crossed, other = (
        probabilities[:-3], float(probabilities[-3]), float(probabilities[-2]), float(probabilities[-1]),
    )  # fmt: skip
    best = int(characters.argmax())
    sure = float(characters[best])
    if sure >= max(empty + crossed, other):
        return CharacterRead(CLASSES[best], sure, probabilities, CharacterState.CHARACTER)
    if other > empty + crossed:
        return CharacterRead(UNREAD, other, probabilities, CharacterState.NO_CHARACTER)
    state = CharacterState.EMPTY if empty >= crossed else CharacterState.CROSSED_OUT
    return CharacterRead("", empty + crossed, probabilities, state)
