"""Sheets that other projects print are read by definitions written for them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from oko.engines.blanks.layout import Rectangle
from oko.engines.recognition.foreign.sheets import ForeignSheets
from oko.engines.recognition.model import FieldReading, FieldState, Sheet, State
from tests.engines.recognition.foreign.sheets import (
    DRAWN,
    SHEETS,
    Canvas,
    blob,
    corner_lines,
    cross,
    discs_and_boxes,
    fill,
    framed,
    marker_bubbles,
    photographed,
    picture_only,
    scanned,
    squares_and_cells,
)

CROSSED = ("corner_lines", "squares_and_cells")
PHOTOGRAPHED = ("marker_bubbles", "paper_only", "framed")
QUARTERS = dict(zip(SHEETS, (0, 1, 2, 3, 0, 2, 1, 3), strict=True))


def answers(fields: tuple[FieldReading, ...]) -> dict[str, str]:
    return {
        field.id: "".join(cell.value for cell in field.cells) for field in fields if field.kind == "marks"
    }


def read(sheets: ForeignSheets, scan: np.ndarray) -> tuple[Sheet, tuple[FieldReading, ...]]:
    found = sheets.read(scan)
    assert found is not None
    return found


@pytest.mark.parametrize("name", list(SHEETS))
def test_a_sheet_of_another_project_is_read_as_it_was_filled(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(3)
    sheet = SHEETS[name](tmp_path)
    definition = sheet.definition(tmp_path)
    paper, truth = fill(sheet, definition, rng, cross if name in CROSSED else blob)
    quarter = QUARTERS[name]
    scan = (
        photographed(paper, rng, quarter=quarter)
        if name in PHOTOGRAPHED
        else scanned(paper, rng, turn=3, quarter=quarter)
    )
    found, fields = read(ForeignSheets([definition]), scan)
    assert answers(fields) == truth
    assert [field.id for field in fields] == [field.id for field in found.page.fields]
    assert (found.code.blank, found.code.page, found.rotation) == (definition.blank, 1, quarter * 90)
    roll = "".join(value for field, value in truth.items() if field.startswith("roll"))
    assert found.code.serial == roll
    assert not any(cell.value for field in fields if field.kind == "characters" for cell in field.cells)


def test_the_sheet_that_fits_is_chosen_among_several(tmp_path: Path) -> None:
    made = [make(tmp_path) for make in (discs_and_boxes, corner_lines)]
    definitions = [sheet.definition(tmp_path) for sheet in made]
    rng = np.random.default_rng(4)
    known = ForeignSheets(definitions)
    for sheet, definition in zip(made, definitions, strict=True):
        scan = scanned(sheet.paper, rng, dpi=150, turn=-2)
        assert read(known, scan)[0].code.blank == definition.blank


def test_other_pages_fit_no_definition(tmp_path: Path) -> None:
    known = ForeignSheets([make(tmp_path).definition(tmp_path) for make in (discs_and_boxes, framed)])
    rng = np.random.default_rng(5)
    text = Canvas(210, 297)
    for row in range(20, 280, 7):
        text.text(105, row, "".join(rng.choice(list("abcdefghij klmnop"), 50)), 3)
    cat = np.asarray(cv2.GaussianBlur(rng.integers(0, 255, (1200, 900)).astype(np.uint8), (0, 0), 25))
    for scan in (
        scanned(text, rng, dpi=150),
        scanned(Canvas(210, 297), rng, dpi=150),
        cv2.normalize(cat, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8),
        scanned(picture_only(tmp_path).paper, rng, dpi=150),
        np.zeros((40, 30), np.uint8),
    ):
        assert known.read(scan) is None


def test_a_letter_in_a_bubble_is_no_mark_and_an_empty_sheet_gives_no_answers(tmp_path: Path) -> None:
    sheet = marker_bubbles(tmp_path)
    scan = scanned(sheet.paper, np.random.default_rng(6))
    found, fields = read(ForeignSheets([sheet.definition(tmp_path)]), scan)
    assert set(answers(fields).values()) == {""}
    assert found.code.serial == ""
    assert {field.state for field in fields} == {FieldState.EMPTY}


def test_a_box_filled_whole_is_what_the_definition_says(tmp_path: Path) -> None:
    """Cancelled on a sheet of crosses, a mark on a sheet of bubbles."""
    rng = np.random.default_rng(7)
    for make, state in ((squares_and_cells, State.CANCELLED), (discs_and_boxes, State.MARKED)):
        sheet = make(tmp_path)
        definition = sheet.definition(tmp_path)
        cells = next(c for name, c in sheet.cells(definition).items() if name in ("a3", "q3"))
        box = cells[1]
        sheet.paper.rectangle(box.x_mm, box.y_mm, box.w_mm, box.h_mm, 30)
        cross(sheet.paper, cells[3], rng)
        fields = read(ForeignSheets([definition]), scanned(sheet.paper, rng))[1]
        field = next(field for field in fields if field.id in ("a3", "q3"))
        assert field.cells[1].state == state
        assert field.state == (FieldState.CORRECTED if state == State.CANCELLED else FieldState.DOUBLED)


def tick(paper: Canvas, cell: Rectangle, rng: np.random.Generator) -> None:
    """Thin, of a pen, mostly out of its bubble."""
    ink = int(rng.integers(30, 80))
    x, y, w, h = cell.x_mm, cell.y_mm, cell.w_mm, cell.h_mm
    paper.line(x + 0.1 * w, y + 0.5 * h, x + 0.4 * w, y + 0.9 * h, 0.35, ink)
    paper.line(x + 0.4 * w, y + 0.9 * h, x + 1.1 * w, y - 0.2 * h, 0.35, ink)


def test_a_page_of_thin_ticks_in_bubbles_is_read_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    sheet = framed(tmp_path)
    definition = sheet.definition(tmp_path)
    paper, truth = fill(sheet, definition, rng, tick)
    assert answers(read(ForeignSheets([definition]), scanned(paper, rng))[1]) == truth


def test_a_mark_that_was_rubbed_out_is_no_answer_beside_another_and_a_person_looks(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    sheet = framed(tmp_path)
    definition = sheet.definition(tmp_path)
    paper, truth = fill(sheet, definition, rng, blob, empty=0)
    rubbed = next(cell for cell in sheet.cells(definition)["q4"] if cell.value != truth["q4"])
    area = paper.image[
        round(rubbed.y_mm * DRAWN) : round((rubbed.y_mm + rubbed.h_mm) * DRAWN),
        round(rubbed.x_mm * DRAWN) : round((rubbed.x_mm + rubbed.w_mm) * DRAWN),
    ]
    area[:] = (area * 0.88).astype(np.uint8)
    fields = read(ForeignSheets([definition]), scanned(paper, rng))[1]
    assert answers(fields) == truth
    (field,) = (field for field in fields if field.id == "q4")
    assert [cell.review for cell in field.cells] == [cell.place.value == rubbed.value for cell in field.cells]


def test_a_torn_off_corner_costs_a_mark_and_not_the_sheet(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    sheet = discs_and_boxes(tmp_path)
    definition = sheet.definition(tmp_path)
    paper, truth = fill(sheet, definition, rng, blob)
    paper.image[: 25 * DRAWN, : 25 * DRAWN] = 255
    assert answers(read(ForeignSheets([definition]), scanned(paper, rng, turn=1))[1]) == truth


def test_positions_measured_a_little_wrong_are_put_right_by_the_boxes(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    sheet = discs_and_boxes(tmp_path)
    definition = sheet.definition(tmp_path)
    paper, truth = fill(sheet, definition, rng, blob)
    sheet.content["pages"][0]["fields"][0]["x_mm"] += 1.2
    sheet.content["pages"][0]["fields"][0]["y_mm"] -= 0.9
    found, fields = read(ForeignSheets([sheet.definition(tmp_path)]), scanned(paper, rng, turn=1))
    assert answers(fields) == truth
    assert found.page.fields[0].cells[0].x_mm == pytest.approx(30, abs=0.2)


def test_what_was_read_lies_where_it_is_in_the_scan(tmp_path: Path) -> None:
    """Crops and overlays are cut by `to_scan`, of a scan that was read smaller than it is."""
    rng = np.random.default_rng(10)
    sheet = discs_and_boxes(tmp_path)
    definition = sheet.definition(tmp_path)
    scan = scanned(sheet.paper, rng, dpi=300, turn=0)
    smaller = cv2.resize(scan, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found = ForeignSheets([definition]).read(np.asarray(smaller, np.uint8), scale=2.0)
    assert found is not None
    cell = found[0].page.fields[0].cells[0]
    x, y, w = found[0].to_scan @ np.array((cell.x_mm + cell.w_mm / 2, cell.y_mm + cell.h_mm / 2, 1))
    assert found[0].dpi == pytest.approx(300, rel=0.02)
    inside = scan[round(y / w) - 12 : round(y / w) + 13, round(x / w) - 12 : round(x / w) + 13]
    assert inside.min() > 200, "the middle of an empty box is white"
    edge = scan[round(y / w) - 26 : round(y / w) + 27, round(x / w) - 26 : round(x / w) + 27]
    assert edge.min() < 120, "and its line is near"
