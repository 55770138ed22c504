"""Filled sheets from a second hand: other marks, other dirt, other scanners than those of `oko blank fill`.

A reader that is tuned to one generator reads that generator. The marks here are made of jittered strokes with
pressure, dry spots and pencil grain; empty boxes get what really lies on paper (specks, hairs, streaks,
stamps, coffee, show-through, strokes that overrun from next door); then the page is blurred, made noisy,
bent, binarised, photocopied or photographed. All of it is laid out in millimetres.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from oko.engines.blanks.definition import Definition
from oko.engines.blanks.layout import PlacedPage, Rectangle, place
from oko.engines.blanks.page_code import PageCode
from oko.engines.blanks.printing import render
from oko.engines.recognition.model import PX_PER_MM, Sheet

SCALE = 12  # px a millimetre: about 300 dpi
MODES = ("clean", "scanner", "copier", "phone", "bad")
PERSON = {"assessment": "vpr-2026", "organisation": "edu640001", "participant": "40001"}

Image = NDArray[np.uint8]
Random = np.random.Generator
Points = NDArray[np.float64]  # n × 2, in shares of a box

EMPTY, MARKED, CANCELLED = "empty", "marked", "cancelled"


@dataclass(frozen=True)
class Drawn:
    """A filled page before it is scanned, and what stands in each cell of marks and characters."""

    page: PlacedPage
    code: PageCode
    picture: Image  # SCALE px a millimetre
    truth: dict[tuple[str, int], str]  # field, number of the cell


@dataclass(frozen=True)
class Blank:
    definition: Definition
    page: PlacedPage
    picture: Image


def printed(definition: Definition) -> Blank:
    """The first page of a blank as a picture."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "blank.pdf"
        render(definition, [PERSON], out)
        document = pypdfium2.PdfDocument(out)
        picture = np.array(document[0].render(scale=SCALE * 25.4 / 72).to_pil().convert("L"))
        document.close()
    page = place(definition)[0]
    height, width = round(page.height_mm * SCALE), round(page.width_mm * SCALE)
    return Blank(definition, page, np.ascontiguousarray(picture[:height, :width]))


def sheet_of_boxes(
    box_mm: tuple[float, float] = (5, 5), show: str = "above", gap: float = 3.0, columns: int = 3
) -> Definition:
    """144 boxes in 36 questions and 60 cells for characters."""
    step = box_mm[0] + gap
    fields: list[dict[str, Any]] = [
        {"kind": "text", "id": "title", "x_mm": 20, "y_mm": 12, "w_mm": 60, "text": "Проба меток"},
        {
            "kind": "marks", "id": "q{n}", "x_mm": 30, "y_mm": 48, "values": ["1", "2", "3", "4"],
            "cell_mm": list(box_mm), "step_mm": [step, 0], "show_values": show,
            "label": "{n}" if show != "left" else "", "repeat": {
                "count": 36, "per_row": columns, "step_mm": [165 / columns, 0],
                "row_mm": [0, 132 / (36 / columns)],
            },
        },
        {
            "kind": "characters", "id": "c{n}", "x_mm": 30, "y_mm": 192, "length": 10, "label": "{n}",
            "repeat": {"count": 6, "per_row": 2, "step_mm": [85, 0], "row_mm": [0, 15]},
        },
    ]  # fmt: skip
    return Definition.model_validate(
        {
            "format": "oko-blank/1",
            "blank": "boxes",
            "version": 1,
            "title": "Проба меток",
            "pages": [{"fields": fields}],
        }
    )


# Strokes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pen:
    """Width in millimetres, darkness 0 … 1, grain and dry spots 0 … 1."""

    width: float
    darkness: float
    grain: float


def some_pen(random: Random) -> Pen:
    kind = random.random()
    if kind < 0.45:  # black gel or ball pen
        return Pen(random.uniform(0.3, 0.8), random.uniform(0.7, 0.97), random.uniform(0, 0.3))
    if kind < 0.75:  # blue
        return Pen(random.uniform(0.25, 0.7), random.uniform(0.45, 0.8), random.uniform(0, 0.4))
    if kind < 0.93:  # pencil
        return Pen(random.uniform(0.3, 0.9), random.uniform(0.28, 0.6), random.uniform(0.2, 0.7))
    return Pen(random.uniform(0.8, 1.3), random.uniform(0.6, 0.95), random.uniform(0, 0.2))  # felt


def _curve(random: Random, points: Points, wobble: float = 0.04) -> Points:
    """A polyline with bends: between the points, not through straight lines."""
    steps = np.linspace(0, len(points) - 1, 12 * (len(points) - 1) + 1)
    smooth = np.stack([np.interp(steps, np.arange(len(points)), points[:, k]) for k in (0, 1)], axis=1)
    bend = np.cumsum(random.normal(0, wobble / 4, smooth.shape), axis=0)
    return smooth + bend - np.linspace(0, 1, len(bend))[:, None] * bend[-1]


def _cross(random: Random) -> list[Points]:
    half = random.uniform(0.26, 0.58)
    first = np.array([(-half, -half), (half, half)]) * random.uniform(0.75, 1.2, (2, 2))
    second = np.array([(half, -half), (-half, half)]) * random.uniform(0.75, 1.2, (2, 2))
    return [first, second]


def _plus(random: Random) -> list[Points]:
    half = random.uniform(0.3, 0.5)
    return [np.array([(-half, 0.0), (half, 0.0)]), np.array([(0.0, -half), (0.0, half)])]


def _tick(random: Random) -> list[Points]:
    points = np.array([(-0.35, 0.0), (-0.1, 0.38), (0.45, -0.5)]) * random.uniform(0.7, 1.25)
    return [points + random.normal(0, 0.05, points.shape)]


def _slash(random: Random) -> list[Points]:
    half, angle = random.uniform(0.3, 0.62), random.uniform(0, np.pi)
    if random.random() < 0.7:
        angle = random.choice([np.pi / 4, 3 * np.pi / 4]) + random.normal(0, 0.2)
    end = half * np.array([np.cos(angle), np.sin(angle)])
    return [np.array([-end, end])]


def _scribble(random: Random) -> list[Points]:
    turns = int(random.integers(4, 11))
    across = np.linspace(-0.4, 0.4, turns) + random.normal(0, 0.04, turns)
    down = np.where(np.arange(turns) % 2, 0.38, -0.38) * random.uniform(0.5, 1.15, turns)
    angle = random.uniform(0, np.pi)
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    return [np.stack([across, down], axis=1) @ turn.T]


def _zigzag(random: Random) -> list[Points]:
    """Up and down from side to side, as high as the box: much ink, and white between the strokes."""
    turns = int(random.integers(4, 10))
    half = random.uniform(0.3, 0.5)
    across = np.linspace(-half, half, turns)
    down = np.where(np.arange(turns) % 2, 0.5, -0.5) * random.uniform(0.75, 1.02, turns)
    points = np.stack([across, down], axis=1)
    return [points if random.random() < 0.6 else points[:, ::-1]]


def _dash(random: Random) -> list[Points]:
    half, tilt = random.uniform(0.25, 0.5), random.normal(0, 0.05)
    return [np.array([(-half, tilt), (half, -tilt)])]


def _loop(random: Random) -> list[Points]:
    turns = random.uniform(0.85, 2.6)
    angle = np.linspace(0, 2 * np.pi * turns, round(14 * turns)) + random.uniform(0, 6)
    radius = np.linspace(random.uniform(0.15, 0.42), random.uniform(0.25, 0.45), len(angle))
    return [np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)]


def _ring(random: Random) -> list[Points]:
    """Once round, not quite closed or a little over."""
    angle = np.linspace(0, random.uniform(1.8, 2.3) * np.pi, 20) + random.uniform(0, 6)
    across, down = random.uniform(0.22, 0.45, 2)
    return [np.stack([across * np.cos(angle), down * np.sin(angle)], axis=1)]


def _letter_v(random: Random) -> list[Points]:
    return [np.array([(-0.35, -0.4), (0.0, 0.4), (0.35, -0.4)]) * random.uniform(0.8, 1.2)]


_SHAPES: tuple[tuple[float, Callable[[Random], list[Points]]], ...] = (
    (0.3, _cross),
    (0.04, _plus),
    (0.2, _tick),
    (0.16, _slash),
    (0.1, _scribble),
    (0.05, _zigzag),
    (0.04, _dash),
    (0.06, _loop),
    (0.06, _ring),
    (0.04, _letter_v),
)


class Ink:
    """A layer of ink, 0 … 255, on which strokes are laid."""

    def __init__(self, shape: tuple[int, int], random: Random) -> None:
        self.layer = np.zeros(shape, np.uint8)
        self.random = random

    def strokes(self, cell: Rectangle, shapes: list[Points], pen: Pen) -> None:
        """Curves in shares of a cell from its middle."""
        middle = np.array([cell.x_mm + cell.w_mm / 2, cell.y_mm + cell.h_mm / 2])
        size = np.array([cell.w_mm, cell.h_mm])
        curves = [(middle + _curve(self.random, shape) * size) * SCALE for shape in shapes]
        self.polylines(curves, pen)

    def polylines(self, curves: list[Points], pen: Pen) -> None:
        """Curves in pixels."""
        together = np.concatenate(curves)
        reach = int(pen.width * SCALE) + 3
        left, top = np.maximum(np.floor(together.min(axis=0)).astype(int) - reach, 0)
        right, bottom = np.ceil(together.max(axis=0)).astype(int) + reach
        part = self.layer[top:bottom, left:right]
        if not part.size:
            return
        drawn = np.zeros(part.shape, np.uint8)
        for curve in curves:
            pressure = np.interp(
                np.arange(len(curve)), np.linspace(0, len(curve), 5), self.random.uniform(0.7, 1.15, 5)
            )
            points = np.rint((curve - (left, top)) * 16).astype(np.int32)
            for start, end, press in zip(points, points[1:], pressure, strict=False):
                width = max(1, round(pen.width * SCALE * press))
                cv2.line(drawn, tuple(start), tuple(end), 255, width, cv2.LINE_AA, 4)
        self._lay(part, drawn, pen)

    def _lay(self, part: Image, drawn: Image, pen: Pen) -> None:
        rough = self.random.random((part.shape[0] // 2 + 1, part.shape[1] // 2 + 1), np.float32)
        rough = cv2.resize(rough, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR)
        paint = drawn * (pen.darkness * (1 - pen.grain * rough))
        np.maximum(part, paint.astype(np.uint8), out=part)

    def mark(self, cell: Rectangle, pen: Pen) -> None:
        weights = np.array([weight for weight, _ in _SHAPES])
        shape = _SHAPES[int(self.random.choice(len(_SHAPES), p=weights / weights.sum()))][1]
        away = self.random.normal(0, 0.07, 2)
        self.strokes(cell, [points + away for points in shape(self.random)], pen)

    def cancelled(self, cell: Rectangle, pen: Pen) -> None:
        """A box filled whole: hatched closely, or painted with rounded corners; over a mark or not."""
        if self.random.random() < 0.7:
            self.mark(cell, pen)
        pen = Pen(max(pen.width, 0.4), max(pen.darkness, 0.4), min(pen.grain, 0.35))
        rim = self.random.uniform(-0.45, 0.4, 4)  # millimetres left white, or overrun
        inner = Rectangle(
            cell.x_mm + rim[0], cell.y_mm + rim[1],
            cell.w_mm - rim[0] - rim[2], cell.h_mm - rim[1] - rim[3],
        )  # fmt: skip
        if self.random.random() < 0.5:
            self._painted(inner, pen)
        else:
            self._hatched(inner, pen)

    def _painted(self, cell: Rectangle, pen: Pen) -> None:
        corner = self.random.uniform(0.05, 0.7)
        left, top = round(cell.x_mm * SCALE), round(cell.y_mm * SCALE)
        width, height = round(cell.w_mm * SCALE), round(cell.h_mm * SCALE)
        part = self.layer[top : top + height, left : left + width]
        drawn = np.zeros(part.shape, np.uint8)
        edge = round(corner * SCALE)
        cv2.rectangle(drawn, (edge, edge), (width - 1 - edge, height - 1 - edge), 255, -1)
        drawn = cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * edge + 1, 2 * edge + 1)))
        self._lay(part, drawn, pen)

    def _hatched(self, cell: Rectangle, pen: Pen) -> None:
        spacing = pen.width * self.random.uniform(0.6, 0.95)
        turns = max(4, int(cell.w_mm / spacing))
        across = np.linspace(-0.5, 0.5, turns) + self.random.normal(0, 0.004, turns)
        down = np.where(np.arange(turns) % 2, 0.5, -0.5) * self.random.uniform(0.93, 1.02, turns)
        points = np.stack([across, down], axis=1)
        self.strokes_straight(cell, points if self.random.random() < 0.5 else points[:, ::-1], pen)
        if self.random.random() < 0.6:
            self.strokes_straight(cell, points[:, ::-1], pen)

    def strokes_straight(self, cell: Rectangle, points: Points, pen: Pen) -> None:
        middle = np.array([cell.x_mm + cell.w_mm / 2, cell.y_mm + cell.h_mm / 2])
        self.polylines([(middle + points * (cell.w_mm, cell.h_mm)) * SCALE], pen)

    def character(self, cell: Rectangle, pen: Pen) -> None:
        """Something like a letter, a digit, a comma or a minus: strokes of a size that people write."""
        kind = self.random.random()
        if kind < 0.05:
            self.strokes(cell, [np.array([(-0.25, 0.02), (0.25, -0.02)])], pen)
        elif kind < 0.1:
            self.strokes(cell, [np.array([(0.02, 0.22), (-0.06, 0.4)])], pen)
        elif kind < 0.2:
            self.strokes(cell, [np.array([(0.02, -0.36), (-0.02, 0.36)])], pen)
        else:
            count = int(self.random.integers(1, 4))
            shapes = [
                self.random.uniform(-0.36, 0.36, (int(self.random.integers(2, 5)), 2)) for _ in range(count)
            ]
            self.strokes(cell, [shape * (1, 1) for shape in shapes], pen)


# Filling ---------------------------------------------------------------------------------------------------


def fill(blank: Blank, random: Random, *, unfilled: bool = False, dirt: float = 1.0) -> Drawn:
    """A filled page: 10 % of questions empty, 8 % doubled, 5 % cancelled, some of these corrected."""
    ink = Ink(blank.picture.shape, random)
    pen = some_pen(random)
    truth: dict[tuple[str, int], str] = {}
    for field in blank.page.fields:
        if field.kind == "marks":
            states = _states(len(field.cells), random, unfilled)
        elif field.kind == "characters":
            length = 0 if unfilled else int(random.integers(0, len(field.cells) + 1))
            states = [MARKED if n < length else EMPTY for n in range(len(field.cells))]
        else:
            continue
        for number, (cell, state) in enumerate(zip(field.cells, states, strict=True), start=1):
            hand = pen if random.random() < 0.9 else some_pen(random)
            truth[field.id, number] = state
            if state == MARKED:
                (ink.mark if field.kind == "marks" else ink.character)(cell, hand)
            elif state == CANCELLED:
                ink.cancelled(cell, hand)
    paper = _print_and_stains(blank.picture, random, dirt)
    _specks(ink, random, dirt)
    picture = paper * (1 - ink.layer.astype(np.float32) / 255)
    code = PageCode("vpr-2026", blank.definition.blank, 1, 1, "edu640001", "40001")
    return Drawn(blank.page, code, picture.astype(np.uint8), truth)


def _states(count: int, random: Random, unfilled: bool) -> list[str]:
    states = [EMPTY] * count
    kind = random.random()
    if unfilled or kind < 0.1:
        return states
    order = random.permutation(count)
    states[order[0]] = MARKED
    if kind < 0.18 and count > 1:
        states[order[1]] = MARKED
    elif kind < 0.21:
        states[order[0]] = CANCELLED
    elif kind < 0.28 and count > 1:
        states[order[1]] = CANCELLED
    return states


def _print_and_stains(printed: Image, random: Random, dirt: float) -> NDArray[np.float32]:
    """The printed page: worn toner, coffee, show-through, stamps."""
    height, width = printed.shape
    dark = 255.0 - printed.astype(np.float32)
    if random.random() < 0.3 * dirt:  # toner worn in bands
        worn = cv2.resize(
            random.uniform(0.25, 1.0, (12, 9)).astype(np.float32),
            (width, height),
            interpolation=cv2.INTER_CUBIC,
        )
        dark *= np.clip(worn, 0.2, 1.0)
    if random.random() < 0.35:
        dark *= np.float32(random.uniform(0.45, 1.0))
    if random.random() < 0.12 * dirt:
        dark = np.maximum(dark, _ring(width, height, random))
    if random.random() < 0.2 * dirt:
        back = cv2.GaussianBlur(255 - printed[:, ::-1], (0, 0), 6).astype(np.float32)
        dark = np.maximum(dark, back * np.float32(random.uniform(0.08, 0.3)))
    if random.random() < 0.12 * dirt:
        _stamp(dark, random)
    return np.clip(255 - dark, 0, 255)


def _ring(width: int, height: int, random: Random) -> NDArray[np.float32]:
    coffee = np.zeros((height // 4, width // 4), np.uint8)
    centre = (int(random.uniform(0, width / 4)), int(random.uniform(0, height / 4)))
    radius = int(random.uniform(25, 45) * SCALE / 4)
    cv2.circle(coffee, centre, radius, int(random.uniform(10, 25)), -1)
    cv2.circle(coffee, centre, radius, int(random.uniform(30, 70)), int(random.uniform(1, 3) * SCALE / 4))
    return cv2.resize(cv2.GaussianBlur(coffee, (0, 0), 2), (width, height)).astype(np.float32)


def _stamp(dark: NDArray[np.float32], random: Random) -> None:
    """A round stamp in blue, wherever it fell."""
    layer = np.zeros(dark.shape, np.uint8)
    centre = (int(random.uniform(0.1, 0.9) * dark.shape[1]), int(random.uniform(0.3, 0.95) * dark.shape[0]))
    tone = int(random.uniform(70, 150))
    for radius, thick in ((18.0, 0.6), (16.5, 0.3), (9.0, 0.3)):
        cv2.circle(layer, centre, int(radius * SCALE), tone, max(1, int(thick * SCALE)), cv2.LINE_AA)
    for turn in range(0, 360, 14):
        angle = np.deg2rad(turn)
        at = (int(centre[0] + 12.5 * SCALE * np.cos(angle)), int(centre[1] + 12.5 * SCALE * np.sin(angle)))
        cv2.putText(layer, "SHBQ"[turn % 4], at, cv2.FONT_HERSHEY_SIMPLEX, 1.1, tone, 3, cv2.LINE_AA)
    np.maximum(dark, layer, out=dark)


def _specks(ink: Ink, random: Random, dirt: float) -> None:
    height, width = ink.layer.shape
    for _ in range(int(random.exponential(60) * dirt)):
        at = (int(random.uniform(0, width)), int(random.uniform(0, height)))
        size = (random.exponential(0.12) + 0.05) * SCALE
        axes = (
            max(1, int(min(size, 0.45 * SCALE))),
            max(1, int(min(size, 0.45 * SCALE) * random.uniform(0.5, 1))),
        )
        tone = int(random.uniform(60, 240))
        cv2.ellipse(ink.layer, at, axes, random.uniform(0, 180), 0, 360, tone, -1, cv2.LINE_AA)
    for _ in range(int(random.poisson(3 * dirt))):  # hairs
        start = random.uniform((0, 0), (width, height))
        steps = np.cumsum(random.normal(0, 0.35 * SCALE, (30, 2)), axis=0) + np.outer(
            np.arange(30), random.normal(0, 0.15 * SCALE, 2)
        )
        ink.polylines(
            [np.clip(start + steps, 0, (width - 1, height - 1))], Pen(0.1, random.uniform(0.2, 0.8), 0.3)
        )


# Scanning --------------------------------------------------------------------------------------------------


def scanned(picture: Image, mode: str, random: Random) -> Image:
    """The picture as a device gives it: the same size, still straight."""
    image = picture
    if mode == "clean":
        image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.4, 1.0))
        return _noisy(_toned(image, random, (5, 30), (238, 255)), random, random.uniform(0, 2.5))
    if mode == "scanner":
        image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.6, 1.8))
        image = _toned(image, random, (5, 70), (205, 255))
        if random.random() < 0.3:
            image = _streaked(image, random, int(random.integers(1, 4)))
        image = _noisy(image, random, random.uniform(1, 9))
        if random.random() < 0.2:
            return _bilevel(image, random)
        return _jpeg(image, int(random.integers(45, 95)))
    if mode == "copier":
        image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.8, 2.0))
        image = _noisy(image, random, random.uniform(8, 22))
        image = np.clip(
            (image.astype(np.float32) - random.uniform(90, 150)) * random.uniform(1.5, 4) + 128, 0, 255
        )
        image = _peppered(image.astype(np.uint8), random, random.uniform(0, 0.002))
        image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.6, 1.4))
        image = _toned(image, random, (10, 60), (215, 255))
        return _noisy(image, random, random.uniform(1, 8))
    if mode == "phone":
        image = cv2.GaussianBlur(image, (0, 0), random.uniform(1.0, 3.0))
        image = _shaded(_toned(image, random, (20, 80), (170, 245)), random, 0.55)
        image = _noisy(image, random, random.uniform(2, 10))
        return _jpeg(image, int(random.integers(35, 90)))
    image = _shaded(image, random, 0.35)
    image = cv2.GaussianBlur(image, (0, 0), random.uniform(1.0, 3.6))
    image = _toned(image, random, (10, 95), (180, 250))
    image = _streaked(image, random, int(random.integers(0, 5)))
    image = _folded(image, random)
    image = _noisy(image, random, random.uniform(5, 28))
    if random.random() < 0.2:
        return _bilevel(image, random)
    return _jpeg(image, int(random.integers(28, 60)))


def _toned(image: Image, random: Random, black: tuple[float, float], white: tuple[float, float]) -> Image:
    low, high = random.uniform(*black), random.uniform(*white)
    gamma = random.uniform(0.75, 1.4)
    table = low + (high - low) * (np.arange(256) / 255) ** gamma
    return cv2.LUT(image, table.astype(np.uint8))


def _noisy(image: Image, random: Random, sigma: float) -> Image:
    noise = np.empty(image.shape, np.int16)
    cv2.setRNGSeed(int(random.integers(2**31)))
    cv2.randn(noise, 0, sigma)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _jpeg(image: Image, quality: int) -> Image:
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


def _bilevel(image: Image, random: Random) -> Image:
    if random.random() < 0.5:
        return np.where(image > random.uniform(110, 185), 255, 0).astype(np.uint8)
    return cv2.adaptiveThreshold(
        image, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 101, random.uniform(18, 40)
    )


def _streaked(image: Image, random: Random, count: int) -> Image:
    """Lines of the scanner's glass, all along the page; dark or light."""
    image = image.copy()
    for _ in range(count):
        at, width = int(random.uniform(0, image.shape[1])), int(random.uniform(1, 6))
        tone = random.uniform(0.35, 0.9) if random.random() < 0.75 else random.uniform(1.1, 1.5)
        part = image[:, at : at + width]
        part[:] = np.clip(part * tone, 0, 255).astype(np.uint8)
    return image


def _peppered(image: Image, random: Random, share: float) -> Image:
    image = image.copy()
    count = int(share * image.size)
    rows, columns = random.integers(1, image.shape[0], count), random.integers(1, image.shape[1], count)
    for back in (0, 1):
        image[rows - back, columns] = image[rows, columns - back] = random.integers(0, 120)
    return image


def _shaded(image: Image, random: Random, depth: float) -> Image:
    """Uneven light: the darkest place keeps `1 - depth` of it at most."""
    rough = random.uniform(1 - depth, 1, (4, 3)).astype(np.float32)
    light = cv2.resize(rough, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    return (image * light).astype(np.uint8)


def _folded(image: Image, random: Random) -> Image:
    """Creases: soft dark and light lines across the page."""
    for _ in range(int(random.integers(0, 4))):
        height, width = image.shape
        mask = np.zeros((height // 4, width // 4), np.float32)
        ends = [(int(random.uniform(0, width / 4)), 0), (int(random.uniform(0, width / 4)), height // 4)]
        if random.random() < 0.5:
            ends = [(0, int(random.uniform(0, height / 4))), (width // 4, int(random.uniform(0, height / 4)))]
        cv2.line(mask, ends[0], ends[1], random.uniform(0.1, 0.45), int(random.integers(1, 4)))
        mask = cv2.resize(cv2.GaussianBlur(mask, (0, 0), random.uniform(0.7, 3)), (width, height))
        image = (image * (1 - mask)).astype(np.uint8)
    return image


# Laid straight ---------------------------------------------------------------------------------------------

_LEFT_OVER = {"clean": 0.1, "scanner": 0.25, "copier": 0.3, "phone": 0.6, "bad": 0.9}  # mm


def laid_straight(drawn: Drawn, mode: str, random: Random) -> Sheet:
    """The scan of a page as the reader gets it, with what remains of its bends and turns."""
    scan = scanned(drawn.picture, mode, random)
    height, width = round(drawn.page.height_mm * PX_PER_MM), round(drawn.page.width_mm * PX_PER_MM)
    image = cv2.resize(scan, (width, height), interpolation=random.choice([cv2.INTER_AREA, cv2.INTER_LINEAR]))
    most = _LEFT_OVER[mode] * random.uniform(0, 1) * PX_PER_MM
    if most > 0.3:
        coarse = random.uniform(-most, most, (2, 6, 5)).astype(np.float32)
        shift = [cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC) for part in coarse]
        columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        image = cv2.remap(
            image, columns + shift[0], rows + shift[1], cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT, borderValue=255,
        )  # fmt: skip
    return Sheet(drawn.code, drawn.page, image, np.full_like(image, 255), np.eye(3), 0, 300.0, 1.0)
