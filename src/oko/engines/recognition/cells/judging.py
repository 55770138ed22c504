"""How probable it is that a cell holds a mark or a character: small networks trained beforehand.

The coefficients and their report stand in `coefficients.json`, made by `benchmarks/train_marks.py`. Several
networks are averaged: where cells are unlike all that was trained on, they disagree, and a person is asked.
The probability is then calibrated by a monotone line through the points that pages held back have given
(isotonic regression: Zadrozny, Elkan, Transforming classifier scores into accurate multiclass probability
estimates, KDD 2002).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.cells.features import NAMES, PAGE_NAMES, Floats

COEFFICIENTS = Path(__file__).with_name("coefficients.json")
FORMAT = "oko-cells/1"


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer: features → tanh → the logit of «written»."""

    hidden: Floats  # features × units
    hidden_bias: Floats
    out: Floats  # units
    out_bias: float


@dataclass(frozen=True, slots=True)
class Judge:
    """The networks of one kind of cell.

    Attributes:
        middle, scale: of each feature, by which it is made comparable.
        logits, shares: the line of calibration, both rising.
        asks_below: a person looks at values that are less surely right.
    """

    middle: Floats
    scale: Floats
    networks: tuple[Network, ...]
    logits: Floats
    shares: Floats
    asks_below: float

    def written(self, features: Floats) -> NDArray[np.float64]:
        """The calibrated probability that something is written: cells × features → cells."""
        found: NDArray[np.float64] = np.interp(self.raw(features), self.logits, self.shares)
        return found

    def raw(self, features: Floats) -> Floats:
        """Mean logits, not calibrated."""
        scaled = np.clip((features - self.middle) / self.scale, -6, 6)
        votes = [
            np.tanh(scaled @ network.hidden + network.hidden_bias) @ network.out + network.out_bias
            for network in self.networks
        ]
        mean: Floats = np.mean(votes, axis=0)
        return mean


@lru_cache(maxsize=1)
def judges() -> dict[str, Judge]:
    """The judges of marks and of characters."""
    content = json.loads(COEFFICIENTS.read_text(encoding="utf-8"))
    if content["format"] != FORMAT or content["features"] != [*NAMES, *PAGE_NAMES]:
        raise ValueError(f"{COEFFICIENTS.name} was trained on other features: run benchmarks/train_marks.py")
    return {kind: _judge(values) for kind, values in content["kinds"].items()}


def _judge(values: dict[str, Any]) -> Judge:
    networks = tuple(
        Network(_array(one["hidden"]), _array(one["hidden_bias"]), _array(one["out"]), float(one["out_bias"]))
        for one in values["networks"]
    )
    return Judge(
        _array(values["middle"]),
        _array(values["scale"]),
        networks,
        _array(values["logits"]),
        _array(values["shares"]),
        float(values["asks_below"]),
    )


def _array(values: list[Any]) -> Floats:
    return np.array(values, np.float32)
