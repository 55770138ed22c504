"""A protocol filled by hand: what is marked is read, what is not stays empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import Rectangle
from oko.engines.recognition.cells import cell_crops, read_fields
from oko.engines.recognition.characters.classes import CLASSES, INDEX
from oko.engines.recognition.model import PX_PER_MM, FieldReading, FieldState, GreyImage, Sheet, State


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


def test_a_thin_line_that_runs_on_through_another_cell_is_asked_about(protocol: Callable[[], Sheet]) -> None:
    """A streak of the scanner's glass on a page that lay askew; alone each cell looks slashed."""
    slashed = protocol()
    line(slashed, box(slashed, "presence-4", 2), [(0.1, 1.1), (0.9, -0.1)])
    alone = readings(slashed)["presence-4"].cells[1]
    assert (alone.value != "", alone.review) == (True, False)
    sheet = protocol()
    begin, end = (
        (round((cell.x_mm + cell.w_mm / 2) * PX_PER_MM), round((cell.y_mm + cell.h_mm / 2) * PX_PER_MM))
        for cell in (box(sheet, "presence-1", 1), box(sheet, "presence-10", 4))
    )
    cv2.line(sheet.image, begin, end, 20, 1, cv2.LINE_AA)
    found = readings(sheet)
    assert found["presence-4"].cells[1].review
    assert found["presence-7"].cells[2].review


def test_a_part_of_a_page_that_lies_wrongly_is_for_people(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    cross(sheet, "presence-15", 3)
    upper = sheet.image[: round(80 * PX_PER_MM)]
    upper[:] = np.roll(upper, 18, axis=0)
    found = readings(sheet)
    assert all(cell.review for cell in found["presence-2"].cells)
    assert [(cell.value != "", cell.review) for cell in found["presence-15"].cells] == [
        (False, False),
        (False, False),
        (True, False),
        (False, False),
    ]


def test_a_page_of_which_much_lies_wrongly_is_for_people_as_a_whole(protocol: Callable[[], Sheet]) -> None:
    """What seems to fit may be the next row of cells."""
    sheet = protocol()
    upper = sheet.image[: round(150 * PX_PER_MM)]
    upper[:] = np.roll(upper, 18, axis=0)
    assert all(cell.review for cell in readings(sheet)["presence-19"].cells)


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


def test_what_nobody_saw_goes_to_a_person(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    torn = box(sheet, "presence-20", 4)
    sheet.seen[round(torn.y_mm * PX_PER_MM) :, round(torn.x_mm * PX_PER_MM) :] = 0
    unsure = readings(sheet)["presence-20"].cells[3]
    assert (unsure.value, unsure.state, unsure.review) == ("", State.UNSURE, True)
    assert unsure.confidence <= 0.5


def test_a_page_laid_wrongly_is_not_believed(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    sheet.image[30 * PX_PER_MM : 260 * PX_PER_MM] = 250
    assert all(cell.review for field in read_fields(sheet) for cell in field.cells)


def test_noise_without_marks_gives_no_answers(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    random = np.random.default_rng(4)
    noisy = sheet.image + random.normal(-12, 14, sheet.image.shape)
    fields = read_fields(replace(sheet, image=np.clip(noisy, 0, 255).astype(np.uint8)))
    answers = [cell.value for field in fields if field.kind == "marks" for cell in field.cells]
    assert answers == [""] * len(answers)


def test_a_speck_is_no_mark_and_a_pale_cross_is_a_faint_one(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    speck = box(sheet, "presence-1", 1)
    at = (round((speck.x_mm + 2) * PX_PER_MM), round((speck.y_mm + 2.5) * PX_PER_MM))
    cv2.circle(sheet.image, at, 1, 90, -1)
    cross(sheet, "presence-2", 1, grey=165)
    found = readings(sheet)
    assert found["presence-1"].cells[0].value == ""
    assert (found["presence-2"].cells[0].value, found["presence-2"].cells[0].state) == ("явился", State.FAINT)


class Twos:
    """Reads a two wherever something is written, or nearly as likely a three."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[int, ...], str]] = []

    def probabilities(self, crops: Sequence[GreyImage], permitted: Sequence[str]) -> NDArray[np.float32]:
        self.asked += [(crop.shape, one) for crop, one in zip(crops, permitted, strict=True)]
        table = np.zeros((len(crops), len(CLASSES)), np.float32)
        table[:, INDEX["2"]], table[:, INDEX["3"]] = 0.6, 0.4
        return table


def test_a_model_reads_what_is_written_and_nothing_else(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    line(sheet, box(sheet, "code-1", 2), [(0.2, 0.2), (0.8, 0.3), (0.3, 0.8), (0.8, 0.8)])
    line(sheet, box(sheet, "code-1", 3), [(0.2, 0.2), (0.8, 0.3), (0.3, 0.8), (0.8, 0.8)])
    model = Twos()
    (code,) = (field for field in read_fields(sheet, model) if field.id == "code-1")
    assert [cell.value for cell in code.cells] == ["", "2", "2", "", ""]
    assert [cell.review for cell in code.cells] == [False, True, True, False, False]
    assert code.cells[1].confidence <= 0.6
    assert model.asked == [((54, 42), "0123456789")] * 2


def test_crops_have_a_millimetre_around_the_cell(protocol: Callable[[], Sheet]) -> None:
    sheet = protocol()
    (crop,) = cell_crops(sheet, [box(sheet, "code-1", 1)])
    assert crop.shape == (54, 42)
    assert crop[6:8].min() < 128 < crop[0].min()
