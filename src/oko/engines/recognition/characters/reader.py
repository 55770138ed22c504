"""Which character stands in a cell: the trained network run over many cells at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import CAPITALS
from oko.engines.recognition.characters.classes import (
    CLASSES,
    CROSSED_OUT,
    DIGITS,
    EMPTY,
    NO_CHARACTER,
    UNREAD,
    mask_of,
)
from oko.engines.recognition.characters.normalising import GreyImage, normalised

Floats = NDArray[np.float32]

_AT_ONCE = 256
NEVER = -1e9  # added to the logits of what is not permitted


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


class CharacterReader:
    """Reads cells. Made once a process: it holds the network.

    The network and its calibration (temperatures; Guo et al., "On calibration of modern neural networks",
    ICML 2017) are one file, `model.onnx`; what it was trained on is in `report.md` beside.
    """

    def __init__(self, model: bytes | None = None) -> None:
        """`model`: the bytes of another model than the one that comes with Oko.

        Raises:
            ValueError: it is not a model of these classes.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # processes share out the cores
        content = shipped_model() if model is None else model
        self._session: Any = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
        told = self._session.get_modelmeta().custom_metadata_map
        if json.loads(told.get("classes", "[]")) != list(CLASSES):
            raise ValueError("Модель знаков обучена на других классах, чем знает эта версия Око.")
        self._temperatures: dict[str, float] = json.loads(told["temperatures"])

    def probabilities(self, crops: Sequence[GreyImage], permitted: Sequence[str]) -> Floats:
        """Calibrated probabilities of `CLASSES` for cells: n × 48.

        Args:
            crops: grey cells with 1 mm of margin; see `normalising.normalised`.
            permitted: for each cell, the characters that may stand in it.
        """
        if len(crops) != len(permitted):
            raise ValueError(f"{len(crops)} cells, but permitted characters of {len(permitted)}")
        logits = np.zeros((len(crops), len(CLASSES)), np.float32)
        for first in range(0, len(crops), _AT_ONCE):
            cells = normalised(crops[first : first + _AT_ONCE])
            logits[first : first + _AT_ONCE] = self._session.run(None, {"cells": cells})[0]
        return self._calibrated(logits, permitted)

    def read(self, crops: Sequence[GreyImage], permitted: Sequence[str]) -> list[CharacterRead]:
        """The most likely answer for each cell; arguments as of `probabilities`."""
        return [_answer(one) for one in self.probabilities(crops, permitted)]

    def _calibrated(self, logits: Floats, permitted: Sequence[str]) -> Floats:
        kinds = list(dict.fromkeys(permitted))
        number = {kind: place for place, kind in enumerate(kinds)}
        masks = np.stack([_mask(kind) for kind in kinds]) if kinds else np.zeros((0, len(CLASSES)), bool)
        heat = np.array([self._temperatures[kind_of(kind)] for kind in kinds], np.float32)
        which = np.array([number[kind] for kind in permitted], np.intp)
        return softmax((logits + np.where(masks[which], 0, NEVER).astype(np.float32)) / heat[which, None])


def kind_of(permitted: str) -> str:
    """Under which name the calibration for these permitted characters is kept."""
    digits = any(one in DIGITS for one in permitted)
    letters = any(one in CAPITALS for one in permitted)
    return "digits" if digits and not letters else "letters" if letters and not digits else "all"


def softmax(logits: Floats) -> Floats:
    """Probabilities of the last axis."""
    grown = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: Floats = grown / grown.sum(axis=-1, keepdims=True)
    return found


def shipped_model() -> bytes:
    """The model that comes with Oko."""
    return files("oko.engines.recognition.characters").joinpath("model.onnx").read_bytes()


@cache
def _mask(permitted: str) -> NDArray[np.bool_]:
    return mask_of(permitted)


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
