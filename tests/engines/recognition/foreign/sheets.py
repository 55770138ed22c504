"""Sheets as other projects print them, drawn here: printed, filled in, scanned or photographed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Definition, load_definition
from oko.engines.blanks.layout import Rectangle, place

Image = NDArray[np.uint8]
DRAWN = 12  # pixels a millimetre: 305 dpi
_FINE = 4  # bits of a pixel's fraction in coordinates of cv2


@dataclass
class Canvas:
    """White paper; millimetres from the upper left corner of the paper."""

    width_mm: float
    height_mm: float
    image: Image = field(init=False)

    def __post_init__(self) -> None:
        self.image = np.full((round(self.height_mm * DRAWN), round(self.width_mm * DRAWN)), 255, np.uint8)

    def line(self, x0: float, y0: float, x1: float, y1: float, width_mm: float, ink: int = 20) -> None:
        cv2.line(self.image, _at(x0, y0), _at(x1, y1), ink, round(width_mm * DRAWN), cv2.LINE_AA, _FINE)

    def rectangle(self, x: float, y: float, w: float, h: float, ink: int = 20) -> None:
        cv2.rectangle(self.image, _at(x, y), _at(x + w, y + h), ink, cv2.FILLED, cv2.LINE_AA, _FINE)

    def frame(self, x: float, y: float, w: float, h: float, width_mm: float, ink: int = 20) -> None:
        points = ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
        for (x0, y0), (x1, y1) in zip(points, (*points[1:], points[0]), strict=True):
            self.line(x0, y0, x1, y1, width_mm, ink)

    def ellipse(self, x: float, y: float, w: float, h: float, width_mm: float | None, ink: int = 20) -> None:
        """Inside of the rectangle; without a width it is filled."""
        centre, axes = _at(x + w / 2, y + h / 2), _at(w / 2, h / 2)
        thickness = cv2.FILLED if width_mm is None else max(1, round(width_mm * DRAWN))
        cv2.ellipse(self.image, centre, axes, 0, 0, 360, ink, thickness, cv2.LINE_AA, _FINE)

    def text(self, x: float, y: float, text: str, height_mm: float, ink: int = 40) -> None:
        """Centred about the point."""
        scale = height_mm * DRAWN / 22
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
        at = (round(x * DRAWN - width / 2), round(y * DRAWN + height / 2))
        cv2.putText(self.image, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 2, cv2.LINE_AA)


def _at(x: float, y: float) -> tuple[int, int]:
    return round(x * DRAWN * 2**_FINE), round(y * DRAWN * 2**_FINE)


@dataclass
class Sheet:
    """A sheet of another project: what is printed on the paper, its definition, and where its page lies."""

    paper: Canvas
    content: dict[str, Any]
    offset_mm: tuple[float, float] = (0.0, 0.0)  # of the definition's page on the paper
    size_on_paper: tuple[float, float] | None = (
        None  # when the definition's millimetres are not the real ones
    )
    pictures: dict[str, Image] = field(default_factory=dict)

    def definition(self, folder: Path) -> Definition:
        path = folder / f"{self.content['blank']}.json"
        for name, picture in self.pictures.items():
            cv2.imwrite(str(folder / name), picture)
        path.write_text(json.dumps(self.content, ensure_ascii=False), encoding="utf-8")
        return load_definition(path)

    def cells(self, definition: Definition) -> dict[str, list[Rectangle]]:
        """Of each field the cells, on the paper."""
        (page,) = place(definition)
        width, height = self.size_on_paper or (page.width_mm, page.height_mm)
        across, along = width / page.width_mm, height / page.height_mm
        return {
            placed.id: [
                Rectangle(
                    cell.x_mm * across + self.offset_mm[0],
                    cell.y_mm * along + self.offset_mm[1],
                    cell.w_mm * across,
                    cell.h_mm * along,
                    cell.value,
                )
                for cell in placed.cells
            ]
            for placed in page.fields
        }


def fill(
    sheet: Sheet,
    definition: Definition,
    rng: np.random.Generator,
    draw: Callable[[Canvas, Rectangle, np.random.Generator], None],
    *,
    empty: float = 0.1,
) -> tuple[Canvas, dict[str, str]]:
    """A copy of the paper with one mark in each field of marks; the truth by field."""
    paper = Canvas(sheet.paper.width_mm, sheet.paper.height_mm)
    paper.image[:] = sheet.paper.image
    cells = sheet.cells(definition)
    truth = {}
    (page,) = place(definition)
    for placed in page.fields:
        if placed.kind != "marks":
            continue
        may_be_empty = not placed.id.startswith("roll")
        if may_be_empty and rng.random() < empty:
            truth[placed.id] = ""
            continue
        chosen = cells[placed.id][int(rng.integers(len(placed.cells)))]
        truth[placed.id] = chosen.value
        draw(paper, chosen, rng)
    return paper, truth


def blob(paper: Canvas, cell: Rectangle, rng: np.random.Generator) -> None:
    """A bubble filled by hand: strokes of a pencil, not all of it, a little over the edge."""
    ink = int(rng.integers(40, 110))
    for _ in range(int(rng.integers(7, 13))):
        y = cell.y_mm + cell.h_mm * rng.uniform(0.15, 0.85)
        half = cell.w_mm * 0.5 * np.sqrt(max(0.05, 1 - ((y - cell.y_mm) / cell.h_mm * 2 - 1) ** 2))
        middle = cell.x_mm + cell.w_mm / 2
        x0, x1 = middle - half * rng.uniform(0.6, 1.0), middle + half * rng.uniform(0.6, 1.0)
        paper.line(x0, y, x1, y + rng.uniform(-0.3, 0.3), cell.h_mm * 0.16, ink)


def cross(paper: Canvas, cell: Rectangle, rng: np.random.Generator) -> None:
    """Two strokes of a pen from corner to corner, more or less."""
    ink = int(rng.integers(20, 90))

    def near(x: float, y: float) -> tuple[float, float]:
        return (
            cell.x_mm + cell.w_mm * (x + rng.normal(0, 0.07)),
            cell.y_mm + cell.h_mm * (y + rng.normal(0, 0.07)),
        )

    for begin, end in (((0.15, 0.15), (0.85, 0.85)), ((0.85, 0.15), (0.15, 0.85))):
        paper.line(*near(*begin), *near(*end), rng.uniform(0.3, 0.6), ink)


# How it comes to the reader --------------------------------------------------------------------------------


def scanned(
    paper: Canvas, rng: np.random.Generator, *, dpi: float = 200, turn: float = 0.0, quarter: int = 0
) -> Image:
    """A flat scan: turned by degrees, shifted, noisy, out of JPEG; then by quarters clockwise."""
    scale = dpi / 25.4 / DRAWN
    height, width = paper.image.shape
    across, along = width * scale, height * scale
    turning = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
    turning[:, 2] += np.array((across / 2, along / 2)) - np.array((width / 2, height / 2))
    turning[:, 2] += rng.uniform(-2, 2, 2) * dpi / 25.4
    small = cv2.GaussianBlur(paper.image, (0, 0), 0.5 / scale)
    scan = cv2.warpAffine(small, turning, (round(across), round(along)), borderValue=250)
    scan = np.rot90(scan, -quarter)
    return _noisy(np.ascontiguousarray(scan), rng, 6)


def photographed(
    paper: Canvas, rng: np.random.Generator, *, long_side: int = 2200, quarter: int = 0
) -> Image:
    """On a dark table, from a slant, unevenly lit."""
    height, width = paper.image.shape
    out_h = long_side
    out_w = round(long_side * 0.78)
    room = min(out_w / width, out_h / height) * 0.86
    middle = np.array((out_w / 2, out_h / 2))
    corners = np.array(((-1, -1), (1, -1), (-1, 1), (1, 1))) * np.array((width, height)) / 2 * room
    corners = corners + middle + rng.uniform(-0.035, 0.035, (4, 2)) * out_w
    source = np.array(((0, 0), (width, 0), (0, height), (width, height)), np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners.astype(np.float32))
    table = rng.normal(70, 14, (out_h // 8, out_w // 8)).astype(np.float32)
    ground = cv2.resize(cv2.GaussianBlur(table, (0, 0), 2), (out_w, out_h))
    blurred = cv2.GaussianBlur(paper.image, (0, 0), 0.5 / room)
    sheet = cv2.warpPerspective(blurred, matrix, (out_w, out_h), flags=cv2.INTER_AREA).astype(np.float32)
    there = (
        cv2.warpPerspective(np.full_like(paper.image, 255), matrix, (out_w, out_h)).astype(np.float32) / 255
    )
    rows, columns = np.mgrid[0:out_h, 0:out_w].astype(np.float32)
    light = 0.62 + 0.3 * (columns / out_w) * rng.uniform(0.4, 1) + 0.08 * (rows / out_h)
    photo = (sheet * 0.93 + 5) * there * light + ground * (1 - there)
    photo = np.rot90(np.clip(photo, 0, 255).astype(np.uint8), -quarter)
    return _noisy(np.ascontiguousarray(photo), rng, 5)


def _noisy(image: Image, rng: np.random.Generator, sigma: float) -> Image:
    noisy = image.astype(np.float32) + rng.normal(0, sigma, image.shape)
    packed = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


# The sheets ------------------------------------------------------------------------------------------------


def _content(
    blank: str, foreign: dict[str, Any], fields: list[dict[str, Any]], **more: Any
) -> dict[str, Any]:
    return {
        "format": "oko-blank/1",
        "blank": blank,
        "version": 1,
        "title": blank,
        "foreign": foreign,
        "pages": [{"fields": fields}],
        **more,
    }


def _bubbles(**more: Any) -> dict[str, Any]:
    return {"kind": "marks", "shape": "circle", "filled": "mark", **more}


def _print_bubbles(
    sheet: Sheet, folder: Path, *, letters: float, line_mm: float = 0.2, ink: int = 60
) -> None:
    """All cells of the definition, as circles with their value inside."""
    for cells in sheet.cells(sheet.definition(folder)).values():
        for cell in cells:
            sheet.paper.ellipse(cell.x_mm, cell.y_mm, cell.w_mm, cell.h_mm, line_mm, ink)
            middle = (cell.x_mm + cell.w_mm / 2, cell.y_mm + cell.h_mm / 2)
            sheet.paper.text(*middle, cell.value, letters * cell.h_mm, ink)


def _bulls_eye(paper: Canvas, x: float, y: float, diameter: float) -> None:
    for part, ink in ((1.0, 20), (0.72, 250), (0.44, 20)):
        side = diameter * part
        paper.ellipse(x - side / 2, y - side / 2, side, side, None, ink)


def marker_bubbles(folder: Path) -> Sheet:
    """As OMRChecker's samples: four round marks, the page is the room between them, everything in pixels."""
    paper = Canvas(210, 180)
    corners = ((14, 16), (196, 16), (14, 164), (196, 164))
    for x, y in corners:
        _bulls_eye(paper, x, y, 5)
    picture = Canvas(6, 6)
    _bulls_eye(picture, 3, 3, 5)
    marks = [
        {"shape": "image", "path": "marker.png", "cx_mm": x, "cy_mm": y, "w_mm": 61}
        for x, y in ((0, 0), (1846, 0), (0, 1500), (1846, 1500))
    ]
    fields = [
        _bubbles(id="medium", x_mm=160, y_mm=285, values=["E", "H"], cell_mm=[40, 40], step_mm=[0, 46]),
        _bubbles(
            id="roll{n}",
            x_mm=225,
            y_mm=282,
            values=list("0123456789"),
            cell_mm=[40, 40],
            step_mm=[0, 46],
            repeat={"count": 9, "step_mm": [58, 0]},
        ),
        _bubbles(
            id="q5_{n}",
            x_mm=903,
            y_mm=282,
            values=list("0123456789"),
            cell_mm=[40, 40],
            step_mm=[0, 46],
            repeat={"count": 2, "step_mm": [60, 0]},
        ),
        _bubbles(
            id="q{n}",
            x_mm=121,
            y_mm=860,
            values=list("ABCD"),
            cell_mm=[40, 40],
            step_mm=[59, 0],
            repeat={"count": 4, "step_mm": [0, 50]},
        ),
        _bubbles(
            id="q{n}",
            x_mm=905,
            y_mm=860,
            values=list("ABCD"),
            cell_mm=[40, 40],
            step_mm=[57, 0],
            repeat={"count": 10, "first": 10, "step_mm": [0, 50]},
        ),
    ]
    foreign = {
        "size_px": [1846, 1500],
        "anchors": {"kind": "marks", "marks": marks},
        "serial": ["roll{n}"],
    }
    sheet = Sheet(
        paper,
        _content("markers", foreign, fields),
        offset_mm=(14, 16),
        size_on_paper=(182, 148),
        pictures={"marker.png": picture.image},
    )
    _print_bubbles(sheet, folder, letters=0.5)
    paper.text(100, 30, "ENTRANCE TEST  2019", 5)
    for n, word in enumerate(("Roll Number", "Q5")):
        paper.text(40 + n * 75, 40, word, 3)
    paper.frame(30, 100 - 62 + 4, 60, 9, 0.3)
    return sheet


def l_and_squares(folder: Path) -> Sheet:
    """As OpenMCR: an L in the upper left corner, squares in the others, US Letter."""
    paper = Canvas(215.9, 279.4)
    paper.rectangle(12, 12, 12, 4)
    paper.rectangle(12, 12, 4, 12)
    for x, y in ((199.9, 12), (12, 263.4), (199.9, 263.4)):
        paper.rectangle(x, y, 4, 4)
    marks = [
        {"shape": "corner", "corner": "upper-left", "line_mm": 4, "cx_mm": 18, "cy_mm": 18, "w_mm": 12},
        {"shape": "square", "cx_mm": 201.9, "cy_mm": 14, "w_mm": 4},
        {"shape": "square", "cx_mm": 14, "cy_mm": 265.4, "w_mm": 4},
        {"shape": "square", "cx_mm": 201.9, "cy_mm": 265.4, "w_mm": 4},
    ]
    fields = [
        _bubbles(
            id="roll{n}",
            x_mm=130,
            y_mm=40,
            values=list("0123456789"),
            cell_mm=[4, 4],
            step_mm=[0, 5.5],
            repeat={"count": 10, "step_mm": [6.5, 0]},
        ),
        _bubbles(
            id="q{n}",
            x_mm=22,
            y_mm=112,
            values=list("ABCDE"),
            cell_mm=[4, 4],
            step_mm=[6, 0],
            repeat={"count": 75, "per_row": 25, "step_mm": [0, 5.9], "row_mm": [60, 0]},
        ),
    ]
    foreign = {"anchors": {"kind": "marks", "marks": marks}, "serial": ["roll{n}"]}
    sheet = Sheet(paper, _content("letter", foreign, fields, width_mm=215.9, height_mm=279.4))
    _print_bubbles(sheet, folder, letters=0.55, ink=120)
    paper.text(70, 30, "ANSWER SHEET", 6)
    return sheet


def discs_and_boxes(folder: Path) -> Sheet:
    """As Auto Multiple Choice: four black discs, a row of boxes of its own, small boxes to be filled."""
    paper = Canvas(210, 297)
    corners = ((9, 9), (201, 9), (9, 288), (201, 288))
    for x, y in corners:
        paper.ellipse(x - 2, y - 2, 4, 4, None)
    for n in range(12):
        x = 60 + n * 5
        (paper.rectangle if n % 3 == 1 else lambda *a: paper.frame(*a, 0.2))(x, 10, 4, 4)
    fields = [
        {
            "kind": "marks",
            "id": "q{n}",
            "x_mm": 30,
            "y_mm": 50,
            "values": ["A", "B", "C", "D"],
            "cell_mm": [3.5, 3.5],
            "step_mm": [0, 6],
            "filled": "mark",
            "repeat": {"count": 14, "per_row": 7, "step_mm": [0, 33], "row_mm": [90, 0]},
        }
    ]
    marks = [{"shape": "disc", "cx_mm": x, "cy_mm": y, "w_mm": 4} for x, y in corners]
    sheet = Sheet(paper, _content("discs", {"anchors": {"kind": "marks", "marks": marks}}, fields))
    rng = np.random.default_rng(5)
    for cells in sheet.cells(sheet.definition(folder)).values():
        first = cells[0]
        paper.line(first.x_mm - 8, first.y_mm - 5, first.x_mm + rng.uniform(30, 60), first.y_mm - 5, 0.9, 90)
        for cell in cells:
            paper.frame(cell.x_mm, cell.y_mm, cell.w_mm, cell.h_mm, 0.25)
            words = rng.uniform(15, 50)
            paper.line(cell.x_mm + 6, cell.y_mm + 1.7, cell.x_mm + 6 + words, cell.y_mm + 1.7, 0.9, 110)
    return sheet


def corner_lines(folder: Path) -> Sheet:
    """As SDAPS: thin lines in the corners, boxes to be crossed, a box filled whole is a corrected one."""
    paper = Canvas(210, 297)
    marks = []
    for name, x, y in (
        ("upper-left", 10, 12),
        ("upper-right", 200, 12),
        ("lower-left", 10, 285),
        ("lower-right", 200, 285),
    ):
        right, down = ("left" in name) * 2 - 1, ("upper" in name) * 2 - 1
        paper.line(x, y, x + 20 * right, y, 0.35)
        paper.line(x, y, x, y + 20 * down, 0.35)
        centre = {"cx_mm": x + 10 * right, "cy_mm": y + 10 * down}
        marks.append({"shape": "corner", "corner": name, "line_mm": 0.35, "w_mm": 20, **centre})
    fields = [
        {
            "kind": "marks",
            "id": "q{n}",
            "x_mm": 110,
            "y_mm": 45,
            "values": ["1", "2", "3", "4", "5"],
            "cell_mm": [3.5, 3.5],
            "step_mm": [12, 0],
            "repeat": {"count": 18, "step_mm": [0, 12]},
        }
    ]
    sheet = Sheet(paper, _content("lines", {"anchors": {"kind": "marks", "marks": marks}}, fields))
    rng = np.random.default_rng(6)
    for cells in sheet.cells(sheet.definition(folder)).values():
        paper.line(25, cells[0].y_mm + 2, 25 + rng.uniform(30, 70), cells[0].y_mm + 2, 0.9, 90)
        for cell in cells:
            paper.frame(cell.x_mm, cell.y_mm, cell.w_mm, cell.h_mm, 0.3)
    return sheet


def squares_and_cells(folder: Path) -> Sheet:
    """As a Russian state blank: black squares along the edges, cells for characters and for crosses."""
    paper = Canvas(210, 297)
    centres = ((8, 8), (202, 8), (8, 289), (202, 289), (8, 150), (202, 120))
    for x, y in centres:
        paper.rectangle(x - 2.5, y - 2.5, 5, 5)
    fields: list[dict[str, Any]] = [
        {"kind": "characters", "id": "region", "x_mm": 30, "y_mm": 40, "length": 2, "permitted": ["digits"]},
        {"kind": "characters", "id": "code", "x_mm": 70, "y_mm": 40, "length": 6, "permitted": ["digits"]},
        {
            "kind": "marks",
            "id": "a{n}",
            "x_mm": 25,
            "y_mm": 70,
            "values": ["1", "2", "3", "4"],
            "cell_mm": [5, 5],
            "step_mm": [0, 7],
            "repeat": {"count": 20, "step_mm": [8, 0]},
        },
        {
            "kind": "characters",
            "id": "b{n}",
            "x_mm": 25,
            "y_mm": 130,
            "length": 17,
            "repeat": {"count": 8, "step_mm": [0, 14]},
        },
    ]
    marks = [{"shape": "square", "cx_mm": x, "cy_mm": y, "w_mm": 5} for x, y in centres]
    sheet = Sheet(paper, _content("squares", {"anchors": {"kind": "marks", "marks": marks}}, fields))
    for cells in sheet.cells(sheet.definition(folder)).values():
        for cell in cells:
            paper.frame(cell.x_mm, cell.y_mm, cell.w_mm, cell.h_mm, 0.2)
    paper.text(105, 22, "BLANK OTVETOV", 6)
    return sheet


def picture_only(folder: Path) -> Sheet:
    """Nothing to go by but the picture of the empty sheet: headings, lines, bubbles with digits."""
    paper = Canvas(210, 297)
    fields = [
        _bubbles(
            id="roll{n}",
            x_mm=1685,
            y_mm=1290,
            values=list("0123456789"),
            cell_mm=[42, 42],
            step_mm=[0, 50.5],
            repeat={"count": 7, "step_mm": [50.5, 0]},
        ),
        _bubbles(
            id="check",
            x_mm=2083,
            y_mm=1290,
            values=list("NRUWXY"),
            cell_mm=[42, 42],
            step_mm=[0, 50.5],
        ),
    ]
    foreign = {
        "size_px": [2480, 3508],
        "anchors": {"kind": "image"},
        "image": "empty.png",
        "serial": ["roll{n}"],
    }
    sheet = Sheet(paper, _content("picture", foreign, fields), pictures={"empty.png": paper.image})
    _print_bubbles(sheet, folder, letters=0.55, ink=90)
    rng = np.random.default_rng(8)
    for n in range(9):
        paper.text(60, 20 + n * 9, "".join(rng.choice(list("NATIONALUNIVERSITYOFEXAM"), 16)), 3.5)
    for n in range(12):
        paper.line(20, 130 + n * 11, 125, 130 + n * 11, 0.25, 110)
        paper.text(40, 127 + n * 11, "".join(rng.choice(list("abcdefghijklmno"), 12)), 2.5)
    paper.frame(135, 95, 65, 85, 0.4)
    small = cv2.resize(paper.image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    sheet.pictures["empty.png"] = small
    return sheet


def framed(folder: Path) -> Sheet:
    """A frame around the answers."""
    paper = Canvas(148, 210)
    paper.frame(14, 40, 120, 150, 0.6)
    fields = [
        _bubbles(
            id="q{n}",
            x_mm=30,
            y_mm=50,
            values=list("ABCD"),
            cell_mm=[5, 5],
            step_mm=[8, 0],
            repeat={"count": 30, "per_row": 15, "step_mm": [0, 9], "row_mm": [55, 0]},
        )
    ]
    frame = {"kind": "frame", "x_mm": 14, "y_mm": 40, "w_mm": 120, "h_mm": 150}
    sheet = Sheet(paper, _content("framed", {"anchors": frame}, fields, width_mm=148, height_mm=210))
    _print_bubbles(sheet, folder, letters=0.5)
    paper.text(74, 20, "TEST", 8)
    return sheet


def paper_only(folder: Path) -> Sheet:
    """A slip of paper with a few bubbles, photographed: nothing but the edges of the paper."""
    paper = Canvas(75, 100)
    fields = [
        _bubbles(
            id="q{n}",
            x_mm=65,
            y_mm=79,
            values=list("ABCDE"),
            cell_mm=[36, 36],
            step_mm=[43, 0],
            repeat={"count": 6, "step_mm": [0, 50]},
        )
    ]
    foreign = {"size_px": [299, 398], "anchors": {"kind": "paper"}}
    sheet = Sheet(paper, _content("slip", foreign, fields), size_on_paper=(75, 100))
    _print_bubbles(sheet, folder, letters=0.4, line_mm=0.4)
    for n in range(6):
        paper.text(9, 24.5 + n * 12.6, str(n + 1), 4)
    return sheet


SHEETS: dict[str, Callable[[Path], Sheet]] = {
    "marker_bubbles": marker_bubbles,
    "l_and_squares": l_and_squares,
    "discs_and_boxes": discs_and_boxes,
    "corner_lines": corner_lines,
    "squares_and_cells": squares_and_cells,
    "picture_only": picture_only,
    "framed": framed,
    "paper_only": paper_only,
}
