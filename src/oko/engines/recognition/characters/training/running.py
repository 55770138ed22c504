"""A training from archives to the model with its report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np

from oko.engines.recognition.characters.classes import INDEX
from oko.engines.recognition.characters.collecting import read_collection
from oko.engines.recognition.characters.normalising import normalised
from oko.engines.recognition.characters.training import data, learning, reporting, sets
from oko.engines.recognition.characters.training.shrinking import quantise

_FONT_KINDS = (".ttf", ".otf", ".woff")
_COLLECTED_TIMES = 5  # corrected cells are few, and are what the model got wrong


class OrderError(ValueError):
    """Archives that cannot be learned from; the message says which and why, in Russian."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to learn from, how long, and where to write the model, its report and `weights.pt`.

    `begin`: a `weights.pt` to go on from, so that a long training can be done in parts.
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
    archives = _archives(order.archives)
    fonts = data.read_fonts(_fonts(order.fonts)) if order.fonts else None
    parts: dict[str, int] = {}

    def told(name: str, cells: int) -> None:
        parts[name] = cells
        say(f"Клетки: {name} — {cells}")

    cells = _with_collected(sets.training_cells(archives, fonts, order.threads, told), order.collected, told)
    begun = time.monotonic()
    network = learning.train(cells, order.minutes, order.threads, say, _weights(order.begin))
    learned = round((time.monotonic() - begun) / 60, 1)
    model = order.out / "model.onnx"
    learning.export(network, model)
    learning.save(network, order.out / "weights.pt")
    quantise(model, cells.images)
    report = _measured(
        model, archives, {"cells": len(cells.labels), "minutes": learned, "by_part": parts}, order
    )
    (order.out / "report.json").write_text(report.as_json(), encoding="utf-8")
    (order.out / "report.md").write_text(report.as_markdown(), encoding="utf-8")


def _measured(
    model: Path, archives: Sequence[data.Glyphs], training: Mapping[str, Any], order: Order
) -> reporting.Measured:
    """Calibrate the model by one held-out part, and measure it on the other."""
    conditions = {"usual": sets.USUAL, "poor": sets.POOR}
    unseen = [sets.held_out(archives, sets.CALIBRATE, one, order.threads) for one in conditions.values()]
    temperatures = reporting.calibrate(model, unseen)
    reporting.with_metadata(model, temperatures)
    tests = {name: sets.held_out(archives, sets.TEST, one, order.threads) for name, one in conditions.items()}
    return reporting.measure(model, temperatures, tests, training)


def _weights(path: Path | None) -> Mapping[str, Any] | None:
    if path is None:
        return None
    try:
        return learning.load(path)
    except (OSError, RuntimeError, UnpicklingError) as error:
        raise OrderError(
            f"Веса «{path}» не читаются ({error}): нужен weights.pt прежнего обучения."
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
