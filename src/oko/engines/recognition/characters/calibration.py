"""What two networks say of a cell, made one honest probability.

The quick network sees every cell; a cell that it is not sure of is seen by the thorough one too, and both are
heard.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import CAPITALS
from oko.engines.recognition.characters.classes import CROSSED_OUT, DIGITS, INDEX, NO_CHARACTER, mask_of

Floats = NDArray[np.float32]
Places = NDArray[np.intp]

#: A quick answer of so high a confidence stands. It is more than people are asked below: what is near to that
#: has been seen twice before it stands without a look.
SURE = 0.985
_NEVER = -1e9  # added to the logits of what is not permitted
#: Added to those of what is rarer in life than among the cells that the networks learned from (label shift;
#: Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
#: Neural Computation 14, 2002, eq. 2.4): about a third as common.
_RARER = -1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become probabilities, by the kind of the field (`kind_of`).

    Attributes:
        alone: what the quick network's logits are multiplied by (the inverse of a temperature; Guo et al.,
            "On calibration of modern neural networks", ICML 2017).
        together: what the logits of the quick and of the thorough network are multiplied by, before they are
            added up (a logistic regression of both).
    """

    alone: Mapping[str, float]
    together: Mapping[str, tuple[float, float]]

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, content: str) -> Calibration:
        told = json.loads(content)
        return cls(told["alone"], {kind: (one, other) for kind, (one, other) in told["together"].items()})

    def probabilities(
        self, quick: Floats, permitted: Sequence[str], again: Callable[[Places], Floats]
    ) -> Floats:
        """Probabilities of `CLASSES`, n × 48.

        Args:
            quick: logits of the quick network, n × 48.
            permitted: for each cell the characters that may stand in it.
            again: gives the logits of the thorough network for the cells at some places.
        """
        if not len(quick):
            return quick
        unlike = list(dict.fromkeys(permitted))
        which = np.array([unlike.index(one) for one in permitted], np.intp)
        priors = np.stack([prior_of(one) for one in unlike])[which]
        alone = np.array([self.alone[kind_of(one)] for one in unlike], np.float32)[which, None]
        found = softmax(quick * alone + priors)
        unsure = doubtful(found)
        if len(unsure):
            both = np.array([self.together[kind_of(one)] for one in unlike], np.float32)[which[unsure]]
            sums = both[:, :1] * quick[unsure] + both[:, 1:] * again(unsure)
            found[unsure] = softmax(sums + priors[unsure])
        return found


def prior_of(permitted: str) -> Floats:
    """What is added to logits, 48: nothing but these characters and the states can be the answer, and what
    was struck out or is no character is as rare as in life."""
    found = np.where(mask_of(permitted), 0, _NEVER).astype(np.float32)
    found[[INDEX[CROSSED_OUT], INDEX[NO_CHARACTER]]] = _RARER
    return found


def doubtful(alone: Floats) -> Places:
    """Of which cells the quick network is not sure, by the probabilities that it gives alone."""
    return np.flatnonzero(alone.max(axis=1) < SURE)


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
