"""A protocol filled by hand: what is marked is read, what is not stays empty."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from oko.engines.blanks.layout import Rectangle
from oko.engines.recognition.cells import read_fields
from oko.engines.recognition.model import PX_PER_MM, FieldReading, FieldState, Sheet, State


def readings(sheet: Sheet) -> dict[str, FieldReading]:
    return {field.id: field for field in read_fields(sheet)}


def box(sheet: Sheet, field_id: str, number: int) -> Rectangle:
    (field,) = (field for field in sheet.page.fields if field.id == field_id)
    return field.cells[number - 1]


def line(sheet: Sheet, cell: Rectangle, points: list[tuple[float, float]], grey: int = 40) -> None:
    """Points in shares of the cell; a pen of half a millimetre."""
    place = [[cell.x_mm + x * cell.w_mm, cell.y_mm + y * cell.h_mm] for x, y in points]
    pixels = np.rint(np.array(place) * PX_PER_MM * 16).astype(np.int32)
    cv2.polylines(sheet.image, [pixels], False, grey, 3, cv2.LINE_AA, 4)


def cross(sheet: Sheet, field_id: str, number: int, grey: int = 40) -> None:
    cell = box(sheet, field_id, number)
    line(sheet, cell, [(0.15, 0.15), (0.85, 0.85)], grey)
    line(sheet, cell, [(0.85, 0.15), (0.15, 0.85)], grey)


def filled(sheet: Sheet, field_id: str, number: int) -> None:
    cell = box(sheet, field_id, number)
    left, top = round(cell.x_mm * PX_PER_MM), round(cell.y_mm * PX_PER_MM)
    sheet.image[top + 1 : top + 29, left + 1 : left + 29] = 45


def test_an_empty_sheet_gives_no_answers(protocol: Callable[[], Sheet]) -> None:
    for field in read_fields(protocol()):
        assert field.state == FieldState.EMPTY
        assert [cell.value for cell in field.cells] == [""] * len(field.cells)


def test_fields_come_in_the_order_of_the_layout(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    expected = [(field.id, len(field.cells)) for field in sheet.page.fields if field.kind != "text"]
    assert [(field.id, len(field.cells)) for field in read_fields(sheet)] == expected


def test_a_cross_is_an_answer_and_two_are_one_too_many(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    cross(sheet, "presence-1", 1)
    cross(sheet, "presence-2", 2)
    cross(sheet, "presence-2", 4)
    found = readings(sheet)
    assert found["presence-1"].state == FieldState.ANSWERED
    assert [cell.value for cell in found["presence-1"].cells] == ["явился", "", "", ""]
    assert found["presence-2"].state == FieldState.DOUBLED
    assert [cell.value for cell in found["presence-2"].cells] == ["", "не явился", "", "удалён"]
    assert found["presence-3"].state == FieldState.EMPTY


def test_a_box_filled_whole_takes_the_mark_back(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    filled(sheet, "presence-1", 1)
    cross(sheet, "presence-1", 2)
    filled(sheet, "presence-2", 3)
    found = readings(sheet)
    assert found["presence-1"].state == FieldState.CORRECTED
    assert found["presence-1"].cells[0].state == State.CANCELLED
    assert [cell.value for cell in found["presence-1"].cells] == ["", "не явился", "", ""]
    assert found["presence-2"].state == FieldState.CANCELLED
    assert [cell.value for cell in found["presence-2"].cells] == [""] * 4


def test_a_displaced_page_is_read_by_its_borders(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    cross(sheet, "presence-5", 3)
    sheet.image[:] = np.roll(sheet.image, (5, -4), (0, 1))
    marked = [
        (field.id, cell.number)
        for field in read_fields(sheet)
        for cell in field.cells
        if cell.state != State.EMPTY
    ]
    assert marked == [("presence-5", 3)]


def test_a_character_is_told_from_an_empty_cell(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    line(sheet, box(sheet, "code-1", 2), [(0.5, 0.2), (0.5, 0.8)])
    assert [cell.value for cell in readings(sheet)["code-1"].cells] == ["", "?", "", "", ""]


def test_a_signature_is_told_from_the_printed_line(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    place = box(sheet, "organiser_signature", 1)
    line(sheet, place, [(0.1, 0.6), (0.2, 0.2), (0.3, 0.8), (0.4, 0.3), (0.6, 0.6), (0.7, 0.5)])
    signature = readings(sheet)["organiser_signature"]
    assert [cell.value for cell in signature.cells] == ["1"]
    assert signature.state == FieldState.ANSWERED
