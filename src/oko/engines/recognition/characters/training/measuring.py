"""How well a model reads, how honest its confidence is, and the calibration that makes it so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from oko.engines.recognition.characters.calibration import Calibration, doubtful, kind_of, prior_of, softmax
from oko.engines.recognition.characters.classes import CHARACTERS, CLASSES, DIGITS, INDEX, by_value

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]

#: What a field may permit, by the name under which its calibration is kept.
PERMITTED = {"digits": DIGITS + "-,", "letters": CHARACTERS[:33], "all": CHARACTERS}
_TEMPERATURES = np.geomspace(0.4, 4, 116)
_BINS = 15
_DRAWS = 100
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

    def error_by_chance(self) -> float:
        """What `calibration_error` would be on as many cells if every confidence was honest: a mean of draws
        (consistency resampling; Bröcker and Smith, "Increasing the reliability of reliability diagrams",
        Weather and Forecasting 22, 2007)."""
        drawn = np.random.default_rng(0).random((_DRAWS, len(self.confidence))) < self.confidence
        return float(np.mean([Judged(self.confidence, right).calibration_error() for right in drawn]))

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


@dataclass(frozen=True, slots=True)
class Seen:
    """What both networks said of the cells of a set, logits n × 48, and the classes of the cells."""

    quick: Floats
    thorough: Floats
    labels: Labels

    def probabilities(self, permitted: str, calibration: Calibration) -> Floats:
        """As a reader would give them where these characters may stand."""
        kinds = [permitted] * len(self.labels)
        return calibration.probabilities(self.quick, kinds, lambda places: self.thorough[places])

    def seen_twice(self, permitted: str, calibration: Calibration) -> float:
        """The share of cells that the thorough network is asked about, 0 … 1."""
        alone = softmax(self.quick * calibration.alone[kind_of(permitted)] + prior_of(permitted))
        return len(doubtful(alone)) / max(1, len(self.labels))


def judge(probabilities: Floats, labels: Labels) -> Judged:
    """What is answered, as values, and whether it is right."""
    values = by_value(probabilities)
    truth = np.minimum(labels, INDEX["empty"])
    truth = np.where(labels == len(CLASSES) - 1, values.shape[1] - 1, truth)
    return Judged(values.max(axis=1), values.argmax(axis=1) == truth)


def fitted(sets: Sequence[tuple[Seen, Sequence[str]]]) -> Calibration:
    """The calibration that makes unseen cells likeliest, each set weighing the same.

    Args:
        sets: cells that were not learned from, and the kinds of field for them.
    """
    alone, together = {}, {}
    for kind, permitted in PERMITTED.items():
        members = [seen for seen, kinds in sets if kind in kinds]
        prior = prior_of(permitted)
        alone[kind] = round(_likeliest_alone(members, prior), 4)
        one, other = _likeliest_together(members, prior, alone[kind])
        together[kind] = (round(one, 4), round(other, 4))
    return Calibration(alone, together)


def _likeliest_alone(members: Sequence[Seen], prior: Floats) -> float:
    def loss(heat: float) -> float:
        return sum(_loss(seen.quick / np.float32(heat), prior, seen.labels) for seen in members)

    return 1 / float(min(_TEMPERATURES.tolist(), key=loss))


def _likeliest_together(members: Sequence[Seen], prior: Floats, alone: float) -> tuple[float, float]:
    """Weights of both networks over the cells that the quick one is not sure of."""
    unsure = [doubtful(softmax(seen.quick * alone + prior)) for seen in members]
    both = [
        np.stack((seen.quick, seen.thorough), 2)[some] for seen, some in zip(members, unsure, strict=True)
    ]
    labels = [seen.labels[some] for seen, some in zip(members, unsure, strict=True)]

    def loss(weights: Floats) -> float:
        return sum(
            _loss(logits @ weights, prior, classes) * len(classes) / len(seen.labels)
            for logits, classes, seen in zip(both, labels, members, strict=True)
            if len(classes)
        )

    found = minimize(loss, np.array((0.3, 0.6)), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-7})
    return float(found.x[0]), float(found.x[1])


def _loss(logits: Floats, prior: Floats, labels: Labels) -> float:
    """How unlikely the classes of cells are found; what is rarer in life weighs as much less."""
    chances = softmax(logits + prior)[np.arange(len(labels)), labels]
    return float((-np.log(np.maximum(chances, 1e-9)) * np.exp(prior[labels])).mean())


def worst_pairs(probabilities: Floats, labels: Labels) -> list[tuple[str, str, int]]:
    """What is taken for what most often: truth, answer, how often."""
    said = probabilities.argmax(axis=1)
    wrong = said != labels
    pairs = Counter(zip(labels[wrong].tolist(), said[wrong].tolist(), strict=True))
    return [(CLASSES[a], CLASSES[b], count) for (a, b), count in pairs.most_common(_WORST)]


def confusion(probabilities: Floats, labels: Labels) -> NDArray[np.int64]:
    """How often each class (rows) was taken for each (columns): 48 × 48."""
    found = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    np.add.at(found, (labels, probabilities.argmax(axis=1)), 1)
    return found
