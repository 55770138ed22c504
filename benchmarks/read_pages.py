"""Scanned pages read whole: pages a second beside the bare half-size decode of the same files, and memory.

Draws filled pages of `sheets/omr-144.json` (144 boxes, 60 character cells) as 300-dpi grey JPEG files. The
floor is OpenCV decoding them to half their size in one thread. Then the real batch: its workers in wall time,
and its memory while many pages go by (the same files under many names). Exit 1 below 20 pages a second of one
core, above 2.5 times the floor, or if memory grows.

    python benchmarks/read_pages.py [--quick]
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from oko.engines.blanks.definition import Definition, load_definition
from oko.engines.blanks.layout import Rectangle, place
from oko.engines.blanks.printing import render
from oko.engines.recognition.batch.run import Order, read_batch
from oko.engines.recognition.batch.sources import find_sources
from oko.engines.recognition.batch.tables import Outputs, Totals
from oko.engines.recognition.batch.tasks import PageJob, Setup, prepare

FEWEST, HIGHEST_RATIO, MOST_GROWTH_MB = 20, 2.5, 40
DPI, QUALITY, ROUNDS = 300, 85, 8
_THREADS = "OPENBLAS_NUM_THREADS"
SHEET = Path(__file__).with_name("sheets") / "omr-144.json"

Picture = NDArray[np.uint8]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="400 pages instead of 10,000")
    many = 400 if arguments.parse_args().quick else 10_000
    if os.environ.get(_THREADS) != "1":  # as in a worker: matrices are multiplied by one core
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, _THREADS: "1"})
    cv2.setNumThreads(1)
    definition = load_definition(SHEET)
    with tempfile.TemporaryDirectory() as folder:
        files = draw_pages(definition, 100, Path(folder))
        floor, whole = least(lambda: decode(files), reading(definition, files))
        print(f"bare half-size decode:    {len(files) / floor:6.1f} pages a second of one core")
        print(f"whole reading:            {len(files) / whole:6.1f} pages a second of one core")
        print(f"ratio of time: {whole / floor:.2f}")
        for workers in (1, 2):
            took, _, totals = batch(definition, folder, files, len(files) * 4, workers)
            print(f"batch of {totals.pages}, --workers {workers}: {totals.pages / took:6.1f} pages a second")
        _, memory, totals = batch(definition, folder, files, many, 2)
    tenth = len(memory) // 10
    early, late = np.median(memory[tenth : 2 * tenth]), np.median(memory[-tenth:])
    print(f"{totals.pages} pages: {early:.0f} MB after a tenth, {late:.0f} MB at the end, in all processes")
    fits = len(files) / whole >= FEWEST and whole / floor <= HIGHEST_RATIO and late - early <= MOST_GROWTH_MB
    return 0 if fits else 1


def least(*works: Callable[[], None]) -> list[float]:
    """CPU seconds of the fastest round of each, in turns: the pace of a shared machine changes."""
    rounds: list[list[float]] = []
    for _ in range(ROUNDS):
        rounds.append([])
        for work in works:
            began = time.process_time()
            work()
            rounds[-1].append(time.process_time() - began)
    return [min(times) for times in zip(*rounds, strict=True)]


def decode(files: Sequence[Path]) -> None:
    for file in files:
        cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_2)


def reading(definition: Definition, files: Sequence[Path]) -> Callable[[], None]:
    answer = prepare(Setup((definition,)))

    def work() -> None:
        for number, file in enumerate(files):
            answer(PageJob(number, 1, str(file), ""))

    return work


class Memory:
    """Watches a batch, and how much memory this process and its workers hold while pages go by."""

    def __init__(self) -> None:
        self.megabytes: list[float] = []
        self._pages = 0

    def resumed(self, done: int, begun_anew: str) -> None:
        pass

    def begins(self, total: int, done: int) -> None:
        pass

    def page(self) -> None:
        self._pages += 1
        if self._pages % 20 == 0:
            self.megabytes.append(sum(map(resident, (os.getpid(), *children()))))

    def ends(self) -> None:
        pass


def children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:  # ended meanwhile
        return 0


def batch(
    definition: Definition, folder: str, files: Sequence[Path], pages: int, workers: int
) -> tuple[float, list[float], Totals]:
    """Seconds of a batch by the clock, memory on the way, and what was read."""
    with tempfile.TemporaryDirectory(dir=folder) as place_of_batch:
        scans = Path(place_of_batch) / "scans"
        scans.mkdir()
        for number in range(pages):
            os.link(files[number % len(files)], scans / f"{number}.jpg")
        out = Outputs(Path(place_of_batch) / "fields.csv", Path(place_of_batch) / "pages.csv")
        order = Order(find_sources([scans]).sources, Setup((definition,)), out, workers)
        watcher, began = Memory(), time.perf_counter()
        totals = read_batch(order, watcher)
        return time.perf_counter() - began, watcher.megabytes, totals


# Pages ----------------------------------------------------------------------------------------------------


def draw_pages(definition: Definition, count: int, folder: Path) -> list[Path]:
    """Printed, filled, a little turned and noisy."""
    random.seed(5)
    noise = np.random.default_rng(5)
    people = [
        {"assessment": "bench", "organisation": "edu640001", "participant": str(40001 + number)}
        for number in range(count)
    ]
    render(definition, iter(people), folder / "blanks.pdf")
    (page,) = place(definition)
    files = []
    with pypdfium2.PdfDocument(folder / "blanks.pdf") as document:
        for number, printed in enumerate(document):
            picture: Picture = np.array(printed.render(scale=DPI / 72, grayscale=True).to_pil().convert("L"))
            for field in page.fields:
                if field.kind == "marks":
                    cross(picture, random.choice(field.cells))
                elif field.kind == "characters":
                    for cell in field.cells[: random.randint(0, len(field.cells))]:
                        write(picture, cell, random.choice("0123456789"))
            scanned = turned(picture, random.uniform(-1, 1))
            scanned = np.clip(scanned + noise.normal(0, 4, scanned.shape), 0, 255).astype(np.uint8)
            files.append(folder / f"{number}.jpg")
            cv2.imwrite(str(files[-1]), scanned, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return files


def cross(picture: Picture, cell: Rectangle) -> None:
    left, top, right, bottom = corners(cell)
    for ends in (((left, top), (right, bottom)), ((right, top), (left, bottom))):
        cv2.line(picture, *ends, 60, 4, cv2.LINE_AA)


def write(picture: Picture, cell: Rectangle, character: str) -> None:
    left, _, _, bottom = corners(cell)
    cv2.putText(picture, character, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 2, 60, 4, cv2.LINE_AA)


def corners(cell: Rectangle) -> tuple[int, int, int, int]:
    scale, inside = DPI / 25.4, 0.8
    return (
        round((cell.x_mm + inside) * scale),
        round((cell.y_mm + inside) * scale),
        round((cell.x_mm + cell.w_mm - inside) * scale),
        round((cell.y_mm + cell.h_mm - inside) * scale),
    )


def turned(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(picture, matrix, (width, height), borderValue=255)  # type: ignore[return-value]


if __name__ == "__main__":
    sys.exit(main())
