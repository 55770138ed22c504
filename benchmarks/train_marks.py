"""Trains the judges of cells (`recognition/cells/coefficients.json`), and writes the report into that file.

Pages come from two generators that share no code: `second_hand.py`, laid straight without the reader's own
locating, and `oko blank fill`, located as any scan. Three quarters of the pages of each train three small
networks; the rest, never seen, gives the line of calibration, the threshold below which people are asked,
and the report. How the judges do on marks of a generator that they have not seen at all is told beside.

    python benchmarks/train_marks.py --glyphs FILE.npz… [--pages 300] [--out coefficients.json]
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import load_definition
from oko.engines.blanks.filling import fill as fill_scans
from oko.engines.blanks.filling import read_glyphs, wanted_characters
from oko.engines.recognition.cells.features import NAMES, PAGE_NAMES, Floats, against_page, page_numbers
from oko.engines.recognition.cells.judging import COEFFICIENTS, FORMAT, Judge, Network
from oko.engines.recognition.cells.measuring import BOXED, measure
from oko.engines.recognition.intake import pages_of
from oko.engines.recognition.locating import locate
from oko.engines.recognition.model import Sheet
from oko.engines.recognition.reading import Blanks
from second_hand import MARKED, MODES, fill, laid_straight, printed, sheet_of_boxes

SHEET = Path(__file__).with_name("sheets") / "omr-144.json"
UNITS, NETWORKS, EPOCHS, BATCH = 28, 3, 30, 512
#: Shapes of other sheets: size of a box, where its meaning is printed, room between boxes.
SHAPES = (
    ((5.0, 5.0), "above", 3.0),
    ((5.0, 5.0), "none", 3.0),
    ((5.0, 5.0), "left", 4.0),
    ((4.0, 4.0), "above", 3.0),
    ((6.0, 5.0), "above", 2.5),
    ((4.0, 6.0), "none", 3.5),
    ((5.0, 5.0), "above", 2.2),
)
MOST_ASKED = {"scanner": 0.004, "bad": 0.016}  # of marks; a fifth below what is promised
BINS = np.array([-30, -12, -10, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 30.0])


@dataclass(frozen=True)
class Example:
    """The cells of a page, measured, and the truth."""

    source: str
    mode: str
    features: Floats
    fit: Floats
    contrast: float
    kinds: NDArray[np.str_]
    written: NDArray[np.bool_]

    def rows(self, kind: str, random: np.random.Generator | None = None) -> tuple[Floats, NDArray[np.bool_]]:
        """Features of all cells of a kind; with `random`, as if the page had had fewer cells."""
        page = self.features
        if random is not None:
            most = int(random.choice([len(page), 60, 20, 6]))
            page = page[random.choice(len(page), min(most, len(page)), replace=False)]
        own = self.kinds == kind
        against = against_page(self.features[own], page_numbers(page, self.contrast), self.fit[own])
        return np.concatenate([self.features[own], against], axis=1), self.written[own]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    arguments.add_argument("--glyphs", type=Path, nargs="+", required=True)
    arguments.add_argument("--pages", type=int, default=300, help="of each generator")
    arguments.add_argument("--out", type=Path, default=COEFFICIENTS)
    given = arguments.parse_args()
    cv2.setNumThreads(1)
    examples = [*second_hand_pages(given.pages, 100), *filled_pages(given.glyphs, given.pages // 5, 21)]
    write(examples, given.out)


def write(examples: Sequence[Example], out: Path) -> None:
    """Train, calibrate, report."""
    held = [example for number, example in enumerate(examples) if number % 4 == 3]
    train = [example for number, example in enumerate(examples) if number % 4 != 3]
    kinds, report = {}, {}
    for kind in BOXED:
        judge = trained(train, kind, 1)
        calibrated = with_calibration(judge, held, kind)
        kinds[kind] = as_json(calibrated)
        report[kind] = outcomes(calibrated, held, kind)
        for source in sorted({example.source for example in examples}):
            others = [example for example in train if example.source != source]
            unseen = [example for example in held if example.source == source]
            stranger = with_calibration(trained(others, kind, 2), held, kind)
            report[kind][f"{source} unseen in training"] = outcomes(stranger, unseen, kind)
    content = {
        "format": FORMAT,
        "made_by": "benchmarks/train_marks.py",
        "pages": {"trained": len(train), "held back": len(held)},
        "features": [*NAMES, *PAGE_NAMES],
        "report": report,
        "kinds": kinds,
    }
    out.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


# Pages -----------------------------------------------------------------------------------------------------


def second_hand_pages(count: int, seed: int) -> Iterator[Example]:
    random = np.random.default_rng(seed)
    blanks = [printed(sheet_of_boxes(*shape)) for shape in SHAPES]
    for _ in range(count):
        mode = str(random.choice(MODES, p=[0.1, 0.25, 0.15, 0.15, 0.35]))
        blank = blanks[0] if random.random() < 0.4 else blanks[int(random.integers(len(blanks)))]
        dirt = float(random.choice([0.5, 1, 2.5]))
        drawn = fill(blank, random, unfilled=random.random() < 0.06, dirt=dirt)
        truth = {cell: state == MARKED for cell, state in drawn.truth.items()}
        yield _example("second hand", mode, laid_straight(drawn, mode, random), truth)


def filled_pages(glyphs: Sequence[Path], count: int, seed: int) -> Iterator[Example]:
    definition = load_definition(SHEET)
    blanks = Blanks([definition])
    known, _ = read_glyphs(glyphs, wanted_characters(definition))
    for mode in MODES:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / mode
            fill_scans(definition, known, count, mode, seed, out)
            for source, truth in read_truth(out / "truth.csv").items():
                sheet = located(out / source, blanks)
                if sheet is not None:
                    yield _example("fill", mode, sheet, {cell: bool(value) for cell, value in truth.items()})


def read_truth(path: Path) -> dict[str, dict[tuple[str, int], str]]:
    """By file, then by field and cell."""
    truth: dict[str, dict[tuple[str, int], str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            truth.setdefault(row["source"], {})[row["field"], int(row["cell"])] = row["value"]
    return truth


def located(path: Path, blanks: Blanks) -> Sheet | None:
    (page,) = pages_of(path)
    scan = page.grey()
    found = locate(scan.image, blanks.pages, None, 1 / scan.scale, lambda: page.full().image)
    return found if isinstance(found, Sheet) else None


def _example(source: str, mode: str, sheet: Sheet, truth: dict[tuple[str, int], bool]) -> Example:
    found = measure(sheet)
    fields = found.plan.fields
    names = [(field.id, number, field.kind) for field in fields for number in range(1, len(field.cells) + 1)]
    kept = [name for name, boxed in zip(names, found.boxed, strict=True) if boxed]
    return Example(
        source,
        mode,
        found.features[found.boxed],
        found.fit[found.boxed],
        found.contrast,
        np.array([kind for _, _, kind in kept]),
        np.array([truth[field, number] for field, number, _ in kept]),
    )


# Training --------------------------------------------------------------------------------------------------


def trained(examples: Sequence[Example], kind: str, seed: int) -> Judge:
    """Networks by Adam (Kingma, Ba, 2015) on the log loss, with noise on the features and decay."""
    random = np.random.default_rng(seed)
    pairs = [example.rows(kind, random if turn else None) for example in examples for turn in (0, 1)]
    features = np.concatenate([pair[0] for pair in pairs])
    written = np.concatenate([pair[1] for pair in pairs]).astype(np.float32)
    middle, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    scaled = np.clip((features - middle) / scale, -6, 6)
    networks = tuple(_network(scaled, written, random) for _ in range(NETWORKS))
    line = np.array([-30.0, 30.0], np.float32)
    return Judge(middle, scale, networks, line, line, 0.0)


def _network(features: Floats, written: Floats, random: np.random.Generator) -> Network:
    wide = features.shape[1]
    weights = [
        random.normal(0, wide**-0.5, (wide, UNITS)).astype(np.float32), np.zeros(UNITS, np.float32),
        random.normal(0, UNITS**-0.5, UNITS).astype(np.float32), np.zeros(1, np.float32),
    ]  # fmt: skip
    means, squares = [np.zeros_like(one) for one in weights], [np.zeros_like(one) for one in weights]
    step, steps = 0, EPOCHS * (len(features) // BATCH)
    for _ in range(EPOCHS):
        order = random.permutation(len(features))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            step += 1
            batch = order[start : start + BATCH]
            noisy = features[batch] + random.normal(0, 0.05, (BATCH, wide)).astype(np.float32)
            rate = 4e-3 * (1 - step / (steps + 1))
            for number, slope in enumerate(_slopes(noisy, written[batch], weights)):
                means[number] = 0.9 * means[number] + 0.1 * slope
                squares[number] = 0.999 * squares[number] + 0.001 * slope**2
                correction = np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                weights[number] -= rate * correction * means[number] / (np.sqrt(squares[number]) + 1e-8)
                weights[number] *= 1 - rate * 1e-3
    return Network(weights[0], weights[1], weights[2], float(weights[3][0]))


def _slopes(features: Floats, written: Floats, weights: list[Floats]) -> list[Floats]:
    units = np.tanh(features @ weights[0] + weights[1])
    logits = units @ weights[2] + weights[3][0]
    off = (1 / (1 + np.exp(-np.clip(logits, -30, 30))) - written) / len(written)
    back = np.outer(off, weights[2]) * (1 - units**2)
    return [features.T @ back, back.sum(axis=0), units.T @ off, np.array([off.sum()], np.float32)]


# Calibration -----------------------------------------------------------------------------------------------


def with_calibration(judge: Judge, held: Sequence[Example], kind: str) -> Judge:
    """The line through the shares of written cells by logit, rising, and the threshold of asking."""
    pairs = [example.rows(kind) for example in held]
    logits = np.concatenate([judge.raw(features) for features, _ in pairs])
    written = np.concatenate([truth for _, truth in pairs])
    places, shares, weights = [], [], []
    for low, high in pairwise(BINS):
        inside = (logits >= low) & (logits < high)
        if inside.sum() >= 5:
            places.append(float(logits[inside].mean()))
            shares.append(float((written[inside].sum() + 0.3) / (inside.sum() + 0.6)))
            weights.append(float(inside.sum()))
    rising = _rising(shares, weights)
    line = Judge(
        judge.middle,
        judge.scale,
        judge.networks,
        np.array(places, np.float32),
        np.array(rising, np.float32),
        0.0,
    )
    return Judge(
        line.middle, line.scale, line.networks, line.logits, line.shares, _asks_below(line, held, kind)
    )


def _rising(shares: list[float], weights: list[float]) -> list[float]:
    """Pool adjacent violators."""
    blocks: list[list[float]] = []
    for share, weight in zip(shares, weights, strict=True):
        blocks.append([share, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            last = blocks.pop()
            first = blocks[-1]
            total = first[1] + last[1]
            blocks[-1] = [(first[0] * first[1] + last[0] * last[1]) / total, total, first[2] + last[2]]
    return [share for share, _, many in blocks for _ in range(int(many))]


def _asks_below(judge: Judge, held: Sequence[Example], kind: str) -> float:
    """The highest confidence below which people can be asked within the promise, in each mode."""
    lowest = 0.999
    for mode, most in MOST_ASKED.items():
        surely = [_confidence(judge, example, kind)[0] for example in held if example.mode == mode]
        if surely:
            lowest = min(lowest, float(np.quantile(np.concatenate(surely), most)))
    return max(lowest, 0.95)


def _confidence(judge: Judge, example: Example, kind: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    features, written = example.rows(kind)
    share = judge.written(features)
    return np.maximum(share, 1 - share), (share > 0.5) == written


def outcomes(judge: Judge, held: Sequence[Example], kind: str) -> dict[str, Any]:
    """By mode: cells, wrong at once, asked, wrong and not asked, expected calibration error; in per cent."""
    found: dict[str, Any] = {}
    for mode in MODES:
        pairs = [_confidence(judge, example, kind) for example in held if example.mode == mode]
        if not pairs:
            continue
        surely = np.concatenate([pair[0] for pair in pairs])
        right = np.concatenate([pair[1] for pair in pairs])
        asked = surely < judge.asks_below
        bins = np.digitize(surely, [0.6, 0.8, 0.9, 0.95, 0.99, 0.999])
        gaps = [abs(float((surely - right)[bins == one].sum())) for one in range(7)]
        found[mode] = {
            "cells": len(right),
            "wrong": round(100 * float((~right).mean()), 4),
            "asked": round(100 * float(asked.mean()), 4),
            "wrong and not asked": round(100 * float((~right & ~asked).mean()), 4),
            "calibration error": round(100 * sum(gaps) / len(right), 4),
        }
    return found


def as_json(judge: Judge) -> dict[str, Any]:
    def short(array: Floats) -> Any:
        return json.loads(json.dumps(np.asarray(array, np.float64).round(5).tolist()))

    return {
        "asks_below": round(judge.asks_below, 5),
        "logits": short(judge.logits),
        "shares": np.asarray(judge.shares, np.float64).round(7).tolist(),
        "middle": short(judge.middle),
        "scale": short(judge.scale),
        "networks": [
            {
                "hidden": short(one.hidden),
                "hidden_bias": short(one.hidden_bias),
                "out": short(one.out),
                "out_bias": round(one.out_bias, 5),
            }
            for one in judge.networks
        ],
    }


if __name__ == "__main__":
    main()
