"""How well a model reads, how honest its confidence is, and the temperatures that make it so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.characters.classes import CHARACTERS, CLASSES, DIGITS, INDEX, by_value, mask_of
from oko.engines.recognition.characters.reader import NEVER, kind_of, softmax

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]

#: What a field may permit, by the name under which its calibration is kept.
PERMITTED = {"digits": DIGITS + "-,", "letters": CHARACTERS[:33], "all": CHARACTERS}
_TEMPERATURES = np.geomspace(0.4, 4, 116)
_BINS = 15
_WORST = 15


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model said of the cells of a set, values alone.

    Attributes:
        confidence: of the value given, calibrated.
        right: whether it was right. Of empty and crossed-out cells the value is the same, "".
    """

    confidence: Floats
    right: NDArray[np.bool_]

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())

    def calibration_error(self) -> float:
        """Expected calibration error: mean distance of confidence and accuracy over bins of equal numbers
        of cells (Nixon et al., "Measuring calibration in deep learning", 2019)."""
        order = np.argsort(self.confidence, kind="stable")
        bins = np.array_split(order, _BINS)
        gaps = [
            abs(self.confidence[one].mean() - self.right[one].mean()) * len(one) for one in bins if len(one)
        ]
        return float(sum(gaps) / len(order))

    def curve(self) -> list[tuple[float, float, int]]:
        """Mean confidence, accuracy and number of cells of each bin."""
        order = np.argsort(self.confidence, kind="stable")
        return [
            (float(self.confidence[one].mean()), float(self.right[one].mean()), len(one))
            for one in np.array_split(order, _BINS)
            if len(one)
        ]

    def wrong_when_sent(self, share: float) -> float:
        """Wrong values among all cells when people look at so large a share of them, the least sure."""
        kept = np.argsort(self.confidence, kind="stable")[round(share * len(self.right)) :]
        return float((~self.right[kept]).sum() / len(self.right))


def judge(logits: Floats, labels: Labels, permitted: str, temperatures: Mapping[str, float]) -> Judged:
    """What is answered where these characters may stand."""
    values = by_value(calibrated(logits, permitted, temperatures[kind_of(permitted)]))
    truth = np.minimum(labels, INDEX["empty"])
    truth = np.where(labels == len(CLASSES) - 1, values.shape[1] - 1, truth)
    return Judged(values.max(axis=1), values.argmax(axis=1) == truth)


def calibrated(logits: Floats, permitted: str, temperature: float) -> Floats:
    masked = logits + np.where(mask_of(permitted), 0, NEVER).astype(np.float32)
    return softmax(masked / np.float32(temperature))


def fitted_temperatures(sets: Sequence[tuple[Floats, Labels, Sequence[str]]]) -> dict[str, float]:
    """For each kind of field the temperature that makes unseen cells likeliest, each set weighing the same.

    Args:
        sets: logits and classes of cells that were not learned from, and the kinds of field for them.
    """
    found = {}
    for kind, permitted in PERMITTED.items():
        members = [(logits, labels) for logits, labels, kinds in sets if kind in kinds]
        losses = [
            sum(_loss(logits, labels, permitted, float(heat)) for logits, labels in members)
            for heat in _TEMPERATURES
        ]
        found[kind] = round(float(_TEMPERATURES[int(np.argmin(losses))]), 4)
    return found


def _loss(logits: Floats, labels: Labels, permitted: str, heat: float) -> float:
    chances = calibrated(logits, permitted, heat)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chances, 1e-9)).mean())


def worst_pairs(logits: Floats, labels: Labels, permitted: str) -> list[tuple[str, str, int]]:
    """What is taken for what most often: truth, answer, how often."""
    said = np.where(mask_of(permitted), logits, -np.inf).argmax(axis=1)
    wrong = said != labels
    pairs = Counter(zip(labels[wrong].tolist(), said[wrong].tolist(), strict=True))
    return [(CLASSES[a], CLASSES[b], count) for (a, b), count in pairs.most_common(_WORST)]


def confusion(logits: Floats, labels: Labels, permitted: str) -> NDArray[np.int64]:
    """How often each class (rows) was taken for each (columns): 48 × 48."""
    said = np.where(mask_of(permitted), logits, -np.inf).argmax(axis=1)
    found = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    np.add.at(found, (labels, said), 1)
    return found
