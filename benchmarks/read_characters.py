"""Characters in cells: how many are right, how honest the confidence is, how fast they are read.

    .venv/bin/python benchmarks/read_characters.py --archives FOLDER [--quick]

Glyphs that the model did not learn from (the split of the training) are written into cells. The floor of
speed is ONNX Runtime alone, with the quick network, on cells that are normalised already. One thread; seconds
are those of the processor, the best of several rounds, since other work may share it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from oko.engines.recognition.characters import CharacterReader
from oko.engines.recognition.characters.normalising import GreyImage, normalised
from oko.engines.recognition.characters.reader import session_of, shipped_models
from oko.engines.recognition.characters.training import cells, data, sets
from oko.engines.recognition.characters.training.measuring import PERMITTED, Judged

ROUNDS, PAGE = 7, 60
#: Glyphs as they were written, in a printed cell, on a clean scan.
PLAIN = cells.Conditions(border=1, faults=0, worn=0, hand=0)
KINDS = {"digits-mnist": "digits", "letters-comnist": "letters", "letters-cmnist": "letters"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--archives", type=Path, required=True)
    parser.add_argument("--quick", action="store_true", help="a tenth of the glyphs")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    reader = CharacterReader()
    for conditions, told in ((PLAIN, "plain"), (sets.USUAL, "usual"), (sets.POOR, "poor")):
        for archive in sets.read_archives(given.archives):
            unseen = archive.of(data.TEST)
            some = slice(None, None, 10 if given.quick else 1)
            rng = np.random.default_rng(26)
            labels = unseen.labels[some].tolist()
            crops = [
                cells.write(image, label, conditions, rng)
                for image, label in zip(unseen.images[some], labels, strict=True)
            ]
            for kind in (KINDS.get(archive.name, "all"), "all"):
                _tell_accuracy(f"{told}, {archive.name}, {kind}", reader, crops, labels, PERMITTED[kind])
    _tell_speed(reader, crops)


def _tell_accuracy(
    name: str, reader: CharacterReader, crops: list[GreyImage], labels: list[str], permitted: str
) -> None:
    read = reader.read(crops, [permitted] * len(crops))
    judged = Judged(
        np.array([one.confidence for one in read], np.float32),
        np.array([one.value == label for one, label in zip(read, labels, strict=True)]),
    )
    print(
        f"{name}: {len(labels)} cells, {judged.accuracy:.2%} right at once, "
        f"ECE {judged.calibration_error():.2%} ({judged.error_by_chance():.2%} by chance), "
        f"wrong when people look at 3 %: {judged.wrong_when_sent(0.03):.3%}, "
        f"at 10 %: {judged.wrong_when_sent(0.1):.3%}"
    )


def _tell_speed(reader: CharacterReader, crops: list[GreyImage]) -> None:
    page = (crops * 2)[:PAGE]
    permitted = [PERMITTED["all"]] * PAGE
    ready = normalised(page)
    session = session_of(shipped_models().quick)
    whole = _best(lambda: reader.read(page, permitted))
    floor = _best(lambda: session.run(None, {"cells": ready}))
    alike = _best(lambda: normalised(page))
    print(f"a page of {PAGE} cells: {whole * 1000:.1f} ms, {PAGE / whole:,.0f} cells a second")
    print(f"made alike: {PAGE / alike:,.0f} cells a second; ONNX Runtime alone: {PAGE / floor:,.0f} (floor)")
    print(f"ratio to the floor: {whole / floor:.2f}")


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(5):
            work()
        seconds.append((time.process_time() - begun) / 5)
    return min(seconds)


if __name__ == "__main__":
    main()
