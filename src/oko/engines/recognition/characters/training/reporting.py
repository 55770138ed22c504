"""The report that lies beside a model: its data, figures, confusions, calibration and licences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from oko.engines.recognition.characters.classes import CLASSES
from oko.engines.recognition.characters.training import measuring
from oko.engines.recognition.characters.training.learning import logits_of
from oko.engines.recognition.characters.training.measuring import PERMITTED
from oko.engines.recognition.characters.training.sets import Cells

#: What stands in the cells of a set: with which kinds of field it is measured.
KINDS = {
    "digits-mnist": ("digits", "all"),
    "letters-comnist": ("letters", "all"),
    "letters-cmnist": ("letters", "all"),
    "drawn": ("digits", "all"),
    "without a character": ("digits", "letters", "all"),
}
LICENCES = {
    "MNIST (Y. LeCun, C. Cortes, C. Burges)": "CC BY-SA 3.0",
    "CoMNIST (G. Vial)": "CC BY-SA 4.0",
    "Cyrillic-MNIST": "collected with consent, published with an open access paper; no licence file",
    "fonts (npm packages @fontsource/*)": "SIL Open Font License 1.1",
}
_SHARES = (0.01, 0.03, 0.05, 0.10)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is known of a model: `report.json`."""

    content: dict[str, Any]

    def as_json(self) -> str:
        return json.dumps(self.content, ensure_ascii=False, indent=1) + "\n"

    def as_markdown(self) -> str:
        told = self.content
        training, shares = told["training"], ", ".join(f"{share:.0%}" for share in _SHARES)
        lines = [
            "# The model of characters", "",
            f"{told['parameters']:,} parameters, {told['bytes']:,} bytes; learned from {training['cells']:,} "
            f"cells in {training['minutes']} minutes. Written by `oko blank train`; how: "
            "[training/README.md](training/README.md).", "",
            "## Data and split", "",
            "Sessions of Cyrillic-MNIST and glyphs of the other archives were drawn by a fixed seed: 80 %",
            "to learn from, 10 % to calibrate, 10 % to test; no glyph and no session is in two parts.",
            "Lower-case letters of Cyrillic-MNIST are left out. Fonts are only learned from; strokes are",
            "drawn afresh.", "",
            "| part | cells |", "|---|---|",
            *(f"| {name} | {count:,} |" for name, count in training["by_part"].items()), "",
            "## Figures on what was not learned from", "",
            "«Wrong» is of all cells, when people look at the share named, the least sure cells.", "",
            "| conditions | set | field permits | cells | right at once, % | ECE, % | "
            f"wrong, % (people look at {shares}) |",
            "|---|---|---|---|---|---|---|",
            *(_row(one) for one in told["figures"]), "",
            "Temperatures: " + ", ".join(f"{kind} {t}" for kind, t in told["temperatures"].items()) + ".", "",
            "## What is taken for what most often", "",
            *(f"- {name}: " + ", ".join(f"{a}→{b} {n}" for a, b, n in pairs)
              for name, pairs in told["worst_pairs"].items()), "",
            "The whole confusion matrix and calibration curves are in `report.json`.", "",
            "## Licences of the data", "",
            *(f"- {name}: {licence}" for name, licence in told["licences"].items()), "",
        ]  # fmt: skip
        return "\n".join(lines)


def _row(figure: Mapping[str, Any]) -> str:
    wrong = " / ".join(f"{100 * one:.2f}" for one in figure["wrong"])
    return (
        f"| {figure['conditions']} | {figure['set']} | {figure['permitted']} | {figure['cells']:,} | "
        f"{100 * figure['right']:.2f} | {100 * figure['ece']:.2f} | {wrong} |"
    )


def calibrate(model: Path, sets: Sequence[Mapping[str, Cells]]) -> dict[str, float]:
    """Temperatures from cells that were not learned from."""
    return measuring.fitted_temperatures(
        [
            (logits_of(model, cells.images), cells.labels, KINDS.get(name, ("all",)))
            for part in sets
            for name, cells in part.items()
        ]
    )


def with_metadata(model: Path, temperatures: Mapping[str, float]) -> None:
    """Write into the model what the reader needs beside its weights."""
    import onnx

    loaded = onnx.load(str(model))
    del loaded.metadata_props[:]
    told = {"classes": list(CLASSES), "temperatures": dict(temperatures)}
    onnx.helper.set_model_props(loaded, {k: json.dumps(v, ensure_ascii=False) for k, v in told.items()})
    onnx.save(loaded, str(model))


def measure(
    model: Path,
    temperatures: Mapping[str, float],
    sets: Mapping[str, Mapping[str, Cells]],
    training: Mapping[str, Any],
) -> Measured:
    """Figures of a model on sets by conditions («usual», «poor»)."""
    import onnx

    figures, pairs, matrices, curves = [], {}, {}, {}
    for conditions, parts in sets.items():
        for name, cells in parts.items():
            logits = logits_of(model, cells.images)
            for kind in KINDS.get(name, ("all",)):
                judged = measuring.judge(logits, cells.labels, PERMITTED[kind], temperatures)
                key = f"{conditions}, {name}, {kind}"
                figures.append({
                    "conditions": conditions, "set": name, "permitted": kind, "cells": len(cells.labels),
                    "right": judged.accuracy, "ece": judged.calibration_error(),
                    "wrong": [judged.wrong_when_sent(share) for share in _SHARES],
                })  # fmt: skip
                pairs[key] = measuring.worst_pairs(logits, cells.labels, PERMITTED[kind])
                matrices[key] = _sparse(measuring.confusion(logits, cells.labels, PERMITTED[kind]))
                curves[key] = [[round(one, 5) for one in point] for point in judged.curve()]
    loaded = onnx.load(str(model))
    return Measured({
        "parameters": int(sum(np.prod(one.dims) for one in loaded.graph.initializer)),
        "bytes": model.stat().st_size, "training": dict(training), "temperatures": dict(temperatures),
        "figures": figures, "worst_pairs": pairs, "confusion": matrices, "calibration": curves,
        "licences": LICENCES,
    })  # fmt: skip


def _sparse(matrix: Any) -> dict[str, dict[str, int]]:
    """Rows by truth, columns by answer, without zeros."""
    return {
        CLASSES[row]: {CLASSES[column]: int(matrix[row, column]) for column in np.flatnonzero(matrix[row])}
        for row in np.flatnonzero(matrix.sum(axis=1))
    }
