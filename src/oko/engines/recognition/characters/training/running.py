"""A training from archives to the model with its report."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from oko.engines.recognition.characters.classes import INDEX
from oko.engines.recognition.characters.collecting import read_collection
from oko.engines.recognition.characters.normalising import normalised
from oko.engines.recognition.characters.reader import Models
from oko.engines.recognition.characters.training import data, learning, reporting, sets
from oko.engines.recognition.characters.training.network import QUICK, THOROUGH, Shape
from oko.engines.recognition.characters.training.shrinking import quantise

_FONT_KINDS = (".ttf", ".otf", ".woff")
_COLLECTED_TIMES = 5  # corrected cells are few, and are what the model got wrong
Weights = Mapping[str, Any]

#: The shape of each network, and its share of the time: the thorough one is slower to learn.
NETWORKS = {"quick": (QUICK, 0.2), "thorough": (THOROUGH, 0.8)}


class OrderError(ValueError):
    """Archives that cannot be learned from; the message says which and why, in Russian."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to learn from, how long, and where to write the networks, their weights and the report.

    `begin`: the folder of an earlier training to go on from, so that a long one can be done in parts; a
    network that has no weights there learns anew.
    """

    archives: Path
    fonts: Path | None
    collected: Path | None
    out: Path
    minutes: float
    threads: int
    begin: Path | None = None


def train_model(order: Order, say: Callable[[str], None]) -> None:
    """Train, calibrate, measure, write.

    Raises:
        OrderError, CollectionError: what is to be learned from cannot be read.
    """
    before = _weights_before(order.begin)
    archives = _archives(order.archives)
    fonts = data.read_fonts(_fonts(order.fonts)) if order.fonts else None
    parts: dict[str, int] = {}

    def told(name: str, cells: int) -> None:
        parts[name] = cells
        say(f"Клетки: {name} — {cells}")

    lower_case = sets.read_lower_case(order.archives)
    cells = sets.training_cells(archives, lower_case, fonts, order.threads, told)
    cells = _with_collected(cells, order.collected, told)
    earlier = _minutes_before(order.begin)
    minutes = {
        name: round(earlier.get(name, 0) + _learned(name, before[name], cells, order, say), 1)
        for name in NETWORKS
    }
    training = {
        "cells": len(cells.labels),
        "minutes": minutes,
        "by_part": parts,
        "held_sessions": _held(archives),
    }
    report = _measured(archives, training, order)
    (order.out / "report.json").write_text(report.as_json(), encoding="utf-8")
    (order.out / "report.md").write_text(report.as_markdown(), encoding="utf-8")


def _learned(
    name: str, before: Weights | None, cells: sets.Cells, order: Order, say: Callable[[str], None]
) -> float:
    """One of the two networks learned, anew or from weights before, and written; in how many minutes."""
    shape, share = NETWORKS[name]
    begun = time.monotonic()
    network = learning.train(
        cells, shape, order.minutes * share, order.threads, lambda told: say(f"{name}: {told}"), before
    )
    took = (time.monotonic() - begun) / 60
    learning.save(network, order.out / f"{name}.pt")
    model = order.out / f"{name}.onnx"
    learning.export(network, model)
    quantise(model, cells.images)
    return took


def _measured(
    archives: Sequence[data.Glyphs], training: Mapping[str, Any], order: Order
) -> reporting.Measured:
    """Calibrate the networks by one held-out part, and measure them on the other."""
    conditions = {"usual": sets.USUAL, "poor": sets.POOR}
    files = {name: order.out / f"{name}.onnx" for name in NETWORKS}
    models = Models(**{name: path.read_bytes() for name, path in files.items()})
    unseen = [sets.held_out(archives, sets.CALIBRATE, one, order.threads) for one in conditions.values()]
    calibration = reporting.calibrate(models, unseen)
    models = reporting.with_calibration(models, calibration)
    files["thorough"].write_bytes(models.thorough)
    tests = {name: sets.held_out(archives, sets.TEST, one, order.threads) for name, one in conditions.items()}
    return reporting.measure(models, calibration, tests, training)


def _held(archives: Sequence[data.Glyphs]) -> dict[str, int]:
    """How many glyphs of each character are tested on, of the archives that have sessions."""
    tested = [archive.of(sets.TEST).labels.tolist() for archive in archives if archive.by_session]
    return dict(sorted(Counter(chain(*tested)).items()))


def _weights_before(folder: Path | None) -> Mapping[str, Weights | None]:
    """Of each network, what an earlier training left in a folder."""
    if folder is None:
        return dict.fromkeys(NETWORKS)
    if not any((folder / f"{name}.pt").exists() for name in NETWORKS):
        names = " и ".join(f"{name}.pt" for name in NETWORKS)
        raise OrderError(f"В «{folder}» нет весов прежнего обучения ({names}).")
    return {name: _weights(folder / f"{name}.pt", shape) for name, (shape, _) in NETWORKS.items()}


def _minutes_before(folder: Path | None) -> Mapping[str, float]:
    """How long each network has learned already, as the report of the earlier training says; else unknown."""
    try:
        told = json.loads((folder / "report.json").read_text(encoding="utf-8")) if folder else {}
        return {name: float(one) for name, one in told.get("training", {}).get("minutes", {}).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _weights(path: Path, shape: Shape) -> Weights | None:
    """Of an earlier training; None where it has none of this network."""
    if not path.exists():
        return None
    try:
        return learning.load(path, shape)
    except learning.WeightsError as error:
        raise OrderError(
            f"«{path}» — не веса сети {path.stem} или не весь файл: нужен тот, что записало прежнее обучение."
        ) from error


def _archives(folder: Path) -> list[data.Glyphs]:
    try:
        found = sets.read_archives(folder)
    except (OSError, KeyError, ValueError) as error:
        raise OrderError(
            f"Архивы в «{folder}» не читаются ({error}): нужны .npz с images и labels."
        ) from error
    if not found:
        raise OrderError(f"В «{folder}» нет архивов .npz с рукописными знаками.")
    return found


def _fonts(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _FONT_KINDS)


def _with_collected(cells: sets.Cells, archive: Path | None, told: Callable[[str, int], None]) -> sets.Cells:
    if archive is None:
        return cells
    collection = read_collection(archive)
    told("collected", len(collection.labels) * _COLLECTED_TIMES)
    images = np.repeat(normalised(list(collection.cells))[:, 0], _COLLECTED_TIMES, axis=0)
    labels = np.repeat(
        np.array([INDEX[label] for label in collection.labels.tolist()], np.int64), _COLLECTED_TIMES
    )
    return sets.Cells(np.concatenate((cells.images, images)), np.concatenate((cells.labels, labels)))
