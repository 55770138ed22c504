"""Boxes read right, wrong, and sent to people, by mode and generator, beside a small probe in the same run.

Pages of `sheets/omr-144.json` (144 boxes, 60 character cells) come from `oko blank fill`, through decoding,
locating and reading, and from `second_hand.py`, laid straight. The peer is a probe of sixty lines: half-size
decode, four discs, perspective, local background, the largest gap of the page's ink. Times are of one core.
Exit 1 when boxes are wrong without review, or sent to people, more often than promised.

    python benchmarks/read_marks.py --glyphs FILE.npz… [--pages 200] [--modes scanner bad] [--seed 5]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import load_definition
from oko.engines.blanks.filling import fill as fill_scans
from oko.engines.blanks.filling import read_glyphs, wanted_characters
from oko.engines.blanks.layout import PlacedPage
from oko.engines.recognition.cells import read_fields
from oko.engines.recognition.model import FieldReading, Sheet
from oko.engines.recognition.reading import Blanks
from second_hand import MARKED, MODES, fill, laid_straight, printed
from train_marks import SHEET, located, read_truth

Truth = Mapping[tuple[str, int], bool]
#: Of boxes, in per cent: wrong without review, sent to people.
PROMISED = {"scanner": (0.02, 0.5), "bad": (0.2, 2.0)}


@dataclass
class Count:
    """What became of the boxes of one mode."""

    pages: int = 0
    lost: int = 0
    boxes: int = 0
    wrong: int = 0
    asked: int = 0
    unasked: int = 0
    seconds: float = 0.0
    surely: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    def add(self, fields: Sequence[FieldReading], truth: Truth, kind: str) -> None:
        for one in fields:
            for cell in one.cells if one.kind == kind else ():
                right = bool(cell.value) == truth[one.id, cell.number]
                self.boxes += 1
                self.wrong += not right
                self.asked += cell.review
                self.unasked += not right and not cell.review
                self.surely.append(cell.confidence)
                self.right.append(right)

    @property
    def calibration_error(self) -> float:
        surely, right = np.array(self.surely), np.array(self.right)
        bins = np.digitize(surely, [0.6, 0.8, 0.9, 0.95, 0.99, 0.999])
        return float(sum(abs((surely - right)[bins == one].sum()) for one in range(7))) / max(1, len(right))

    def line(self, name: str) -> str:
        share = 100 / max(1, self.boxes)
        found = (
            f"{self.wrong * share:.3f} % wrong, {self.asked * share:.2f} % asked",
            f"{self.unasked * share:.4f} % wrong and not asked",
            f"calibration error {100 * self.calibration_error:.2f} %",
        )
        return f"{name:34} {self.pages:4} pages, {self.lost} lost; {self.boxes:6} cells: {', '.join(found)}"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    arguments.add_argument("--glyphs", type=Path, nargs="+", required=True)
    arguments.add_argument("--pages", type=int, default=200, help="of each mode and generator")
    arguments.add_argument("--modes", nargs="+", default=["scanner", "bad"], choices=MODES)
    arguments.add_argument("--seed", type=int, default=5)
    given = arguments.parse_args()
    cv2.setNumThreads(1)
    kept = True
    for mode in given.modes:
        kept &= filled(given.glyphs, mode, given.pages, given.seed)
        second_hand(mode, given.pages, given.seed)
    return 0 if kept else 1


def filled(glyphs: Sequence[Path], mode: str, pages: int, seed: int) -> bool:
    """Pages of `oko blank fill`, read by Oko and by the probe; whether the promise is kept."""
    definition = load_definition(SHEET)
    blanks = Blanks([definition])
    known, _ = read_glyphs(glyphs, wanted_characters(definition))
    marks, characters, probe = Count(), Count(), Count()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / mode
        fill_scans(definition, known, pages, mode, seed, out)
        for source, values in read_truth(out / "truth.csv").items():
            truth = {cell: bool(value) for cell, value in values.items()}
            began = time.process_time()
            sheet = located(out / source, blanks)
            marks.pages += 1
            if sheet is None:
                marks.lost += 1
            else:
                fields = read_fields(sheet)
                marks.seconds += time.process_time() - began
                marks.add(fields, truth, "marks")
                characters.add(fields, truth, "characters")
            if (out / source).suffix == ".jpg":  # the probe opens nothing else
                began = time.process_time()
                found = probe_page(out / source, next(iter(blanks.pages.values())))
                probe.seconds += time.process_time() - began
                probe.pages += 1
                _count_probe(probe, found, truth)
    print(marks.line(f"{mode}, oko blank fill, marks"))
    print(characters.line(f"{mode}, oko blank fill, characters"))
    print(probe.line(f"{mode}, oko blank fill, the probe"))
    ours, theirs = marks.seconds / marks.pages, probe.seconds / max(1, probe.pages)
    print(f"{1 / ours:.1f} pages a second of one core, the probe {1 / theirs:.1f}; ratio {ours / theirs:.2f}")
    unasked, asked = PROMISED.get(mode, (100.0, 100.0))
    share = 100 / max(1, marks.boxes)
    return marks.lost == 0 and marks.unasked * share <= unasked and marks.asked * share <= asked


def second_hand(mode: str, pages: int, seed: int) -> None:
    """Pages of the second generator."""
    marks, characters = Count(), Count()
    for sheet, truth in _second_hand_sheets(mode, pages, seed):
        began = time.process_time()
        fields = read_fields(sheet)
        marks.seconds += time.process_time() - began
        marks.pages += 1
        marks.add(fields, truth, "marks")
        characters.add(fields, truth, "characters")
    print(marks.line(f"{mode}, second hand, marks"))
    print(characters.line(f"{mode}, second hand, characters"))
    print(f"cells alone: {1000 * marks.seconds / marks.pages:.1f} ms a page")


def _second_hand_sheets(mode: str, pages: int, seed: int) -> Iterator[tuple[Sheet, Truth]]:
    random = np.random.default_rng(seed)
    blank = printed(load_definition(SHEET))
    for _ in range(pages):
        drawn = fill(blank, random, unfilled=random.random() < 0.05)
        truth = {cell: state == MARKED for cell, state in drawn.truth.items()}
        yield laid_straight(drawn, mode, random), truth


# The probe -------------------------------------------------------------------------------------------------


def probe_page(path: Path, page: PlacedPage) -> NDArray[np.bool_] | None:
    """Which boxes are marked, in the order of the layout; none when the discs are not found."""
    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_2)
    places = _discs(image)
    if places is None:
        return None
    scale = 6
    wanted = np.array(page.corners, np.float32)[[0, 1, 3, 2]] * scale
    size = (round(page.width_mm * scale), round(page.height_mm * scale))
    straight = cv2.warpPerspective(image, cv2.getPerspectiveTransform(places, wanted), size, borderValue=255)
    cells = [cell for one in page.fields if one.kind == "marks" for cell in one.cells]
    ink = []
    for cell in cells:
        left, top = round(cell.x_mm * scale), round(cell.y_mm * scale)
        width, height = round(cell.w_mm * scale), round(cell.h_mm * scale)
        around = straight[max(0, top - 6) : top + height + 6, max(0, left - 6) : left + width + 6]
        inner = straight[top + 5 : top + height - 5, left + 5 : left + width - 5]
        paper = float(np.percentile(around, 80))
        ink.append(float(np.clip((paper - inner) / max(paper, 1), 0, 1).mean()))
    values = np.array(ink)
    ordered = np.sort(values[values < 0.75])
    gaps = np.diff(ordered)
    between = (ordered[1:] > 0.03) & (ordered[:-1] < 0.2)
    at = int(np.argmax(np.where(between, gaps, 0))) if between.any() else len(gaps) - 1
    limit = (ordered[at] + ordered[at + 1]) / 2 if between.any() else 0.1
    marked: NDArray[np.bool_] = (values > limit) & (values < 0.75)
    return marked


def _discs(image: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """The four round dark spots nearest to the corners, clockwise."""
    small = cv2.GaussianBlur(image, (5, 5), 0)
    _, dark = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, _, stats, centres = cv2.connectedComponentsWithStats(dark)
    wide, tall, area = stats[:, 2], stats[:, 3], stats[:, 4]
    round_ones = (np.abs(wide - tall) < 6) & (area > 0.68 * wide * tall) & (wide > 18) & (wide < 46)
    spots = centres[round_ones]
    if len(spots) < 4:
        return None
    height, width = image.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    nearest = [spots[np.argmin(((spots - corner) ** 2).sum(axis=1))] for corner in corners]
    return np.array(nearest, np.float32)


def _count_probe(probe: Count, found: NDArray[np.bool_] | None, truth: Truth) -> None:
    expected = [value for (name, _), value in truth.items() if name.startswith("a")]
    if found is None:
        probe.lost += 1
        return
    right = found == np.array(expected)
    probe.boxes += len(right)
    probe.wrong += int((~right).sum())
    probe.unasked += int((~right).sum())


if __name__ == "__main__":
    sys.exit(main())
