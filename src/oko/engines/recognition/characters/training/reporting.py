"""The report that lies beside a model: its data, figures, confusions, calibration and licences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from oko.engines.recognition.characters.calibration import Calibration
from oko.engines.recognition.characters.classes import CLASSES
from oko.engines.recognition.characters.reader import Models, logits_of, session_of
from oko.engines.recognition.characters.training import measuring
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
            *(f"`{name}.onnx`: {one['parameters']:,} parameters, {one['bytes']:,} bytes, learned in "
              f"{training['minutes'][name]} minutes." for name, one in told["networks"].items()), "",
            f"Both learned from {training['cells']:,} cells. Every cell is shown to the quick network, those",
            "that it is not sure of to the thorough one too, which is the mean of two that learned apart.",
            "Written by `oko blank train`; how: [training/README.md](training/README.md).", "",
            "## Data and split", "",
            "Glyphs of archives without sessions were drawn by a fixed seed: 85 % to learn from, 5 % to",
            "calibrate, 10 % to test. Of Cyrillic-MNIST, where a letter has one to four sessions, a few",
            "whole sessions are held out to test by, as far as the letter keeps most of its glyphs:",
            ", ".join(f"{character} {count}" for character, count in training["held_sessions"].items()) + ".",
            "No glyph and no session is in two parts. Small letters that stand for their capital are learned",
            "from as capitals. Fonts are only learned from; strokes are drawn afresh.", "",
            "«Usual» cells are of a normal scan; «poor» ones have every fault often, and their writing is",
            "bent, slanted and thickened as far as that of the cells that were learned from.", "",
            "| part | cells |", "|---|---|",
            *(f"| {name} | {count:,} |" for name, count in training["by_part"].items()), "",
            "## Figures on what was not learned from", "",
            "«Wrong» is of all cells, when people look at the share named, the least sure cells. In brackets",
            "stands what ECE chance alone makes of so few cells even if every confidence is honest.", "",
            "| conditions | set | field permits | cells | seen twice, % | right at once, % | "
            f"ECE, % (by chance) | wrong, % (people look at {shares}) |",
            "|---|---|---|---|---|---|---|---|",
            *(_row(one) for one in told["figures"]), "",
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
        f"{100 * figure['seen_twice']:.1f} | {100 * figure['right']:.2f} | "
        f"{100 * figure['ece']:.2f} ({100 * figure['ece_by_chance']:.2f}) | {wrong} |"
    )


def seen(models: Models, cells: Cells) -> measuring.Seen:
    """What both networks of a training say of cells."""
    quick, thorough = (logits_of(session_of(one), cells.images[:, None]) for one in models)
    return measuring.Seen(quick, thorough, cells.labels)


def calibrate(models: Models, sets: Sequence[Mapping[str, Cells]]) -> Calibration:
    """From cells that were not learned from."""
    return measuring.fitted(
        [(seen(models, cells), KINDS.get(name, ("all",))) for part in sets for name, cells in part.items()]
    )


def with_calibration(models: Models, calibration: Calibration) -> Models:
    """The models with what the reader needs beside their weights."""
    import onnx

    thorough = onnx.load_from_string(models.thorough)
    del thorough.metadata_props[:]
    told = {
        "classes": json.dumps(CLASSES, ensure_ascii=False),
        "calibration": calibration.as_json(),
        "quick": sha256(models.quick).hexdigest(),
    }
    onnx.helper.set_model_props(thorough, told)
    return Models(models.quick, thorough.SerializeToString())


def measure(
    models: Models,
    calibration: Calibration,
    sets: Mapping[str, Mapping[str, Cells]],
    training: Mapping[str, Any],
) -> Measured:
    """Figures of a pair of networks on sets by conditions («usual», «poor»)."""
    figures, pairs, matrices, curves = [], {}, {}, {}
    for conditions, parts in sets.items():
        for name, cells in parts.items():
            said = seen(models, cells)
            for kind in KINDS.get(name, ("all",)):
                table = said.probabilities(PERMITTED[kind], calibration)
                judged = measuring.judge(table, cells.labels)
                key = f"{conditions}, {name}, {kind}"
                figures.append({
                    "conditions": conditions, "set": name, "permitted": kind, "cells": len(cells.labels),
                    "right": judged.accuracy, "ece": judged.calibration_error(),
                    "ece_by_chance": judged.error_by_chance(),
                    "wrong": [judged.wrong_when_sent(share) for share in _SHARES],
                    "seen_twice": said.seen_twice(PERMITTED[kind], calibration),
                })  # fmt: skip
                pairs[key] = measuring.worst_pairs(table, cells.labels)
                matrices[key] = _sparse(measuring.confusion(table, cells.labels))
                curves[key] = [[round(one, 5) for one in point] for point in judged.curve()]
    return Measured({
        "networks": {name: _size(model) for name, model in models._asdict().items()},
        "training": dict(training), "calibration": asdict(calibration), "figures": figures,
        "worst_pairs": pairs, "confusion": matrices, "curves": curves, "licences": LICENCES,
    })  # fmt: skip


def _size(model: bytes) -> dict[str, int]:
    import onnx

    weights = onnx.load_from_string(model).graph.initializer
    return {"parameters": int(sum(np.prod(one.dims) for one in weights)), "bytes": len(model)}


def _sparse(matrix: Any) -> dict[str, dict[str, int]]:
    """Rows by truth, columns by answer, without zeros."""
    return {
        CLASSES[row]: {CLASSES[column]: int(matrix[row, column]) for column in np.flatnonzero(matrix[row])}
        for row in np.flatnonzero(matrix.sum(axis=1))
    }
