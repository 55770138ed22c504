"""Printed blanks, looked at as pictures: codes that read, text that is text, cells where the layout says."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2
import pytest
import zxingcpp
from typer.testing import CliRunner, Result

from oko.cli import app
from oko.engines.blanks.definition import Definition, load_definition, shipped_definitions
from oko.engines.blanks.layout import PlacedPage, place
from oko.engines.blanks.page_code import PageCode, decode
from oko.engines.blanks.printing import DataError, print_blanks, read_people, render

DPI = 200
PEOPLE = [
    {"assessment": "vpr-2026", "organisation": "edu640001", "participant": f"4000{n}", "room": f"10{n}"}
    for n in range(3)
]


def pictures(pdf: Path) -> Iterator[npt.NDArray[np.uint8]]:
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for page in document:
            yield np.asarray(page.render(scale=DPI / 72).to_pil().convert("L"))


def texts(pdf: Path) -> list[str]:
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return [page.get_textpage().get_text_range() for page in document]


def printed(tmp_path: Path, definition: Definition, **options: bytes) -> Path:
    out = tmp_path / "blanks.pdf"
    assert render(definition, PEOPLE, out, **options) == len(PEOPLE) * len(definition.pages)
    return out


@pytest.mark.parametrize("name", list(shipped_definitions()))
def test_both_codes_of_each_page_say_whose_it_is(tmp_path: Path, name: str) -> None:
    definition = load_definition(Path(name))
    expected = [
        PageCode("vpr-2026", definition.blank, 1, page, "edu640001", person[definition.code.serial])
        for person in PEOPLE
        for page in range(1, len(definition.pages) + 1)
    ]
    for picture, code in zip(pictures(printed(tmp_path, definition)), expected, strict=True):
        found = [decode(barcode.text) for barcode in zxingcpp.read_barcodes(picture)]
        assert found == [code, code]


def test_text_of_a_page_is_text(tmp_path: Path) -> None:
    pages = texts(printed(tmp_path, load_definition(Path("answers-1.json"))))
    assert "Бланк ответов № 1" in pages[0]
    assert "Участник 40002" in pages[2]
    assert "O1*VPR-2026*ANSWERS-1.1*1*EDU640001*40002*" in pages[2]


def test_cells_stand_where_the_layout_says(tmp_path: Path) -> None:
    definition = load_definition(Path("answers-1.json"))
    (page,) = place(definition)
    picture = next(pictures(printed(tmp_path, definition)))
    for field in page.fields:
        if field.kind != "characters":
            continue
        for cell in field.cells:
            assert_framed(picture, cell.x_mm, cell.y_mm, cell.w_mm, cell.h_mm)


def assert_framed(picture: npt.NDArray[np.uint8], x_mm: float, y_mm: float, w_mm: float, h_mm: float) -> None:
    """A dark line on all four sides, within a fifth of a millimetre, and white inside."""
    left, top, right, bottom = (round(value * DPI / 25.4) for value in (x_mm, y_mm, x_mm + w_mm, y_mm + h_mm))
    middle_x, middle_y, near = (left + right) // 2, (top + bottom) // 2, 2
    for side in (
        picture[middle_y, left - near : left + near + 1],
        picture[middle_y, right - near : right + near + 1],
        picture[top - near : top + near + 1, middle_x],
        picture[bottom - near : bottom + near + 1, middle_x],
    ):
        assert side.min() < 128
    assert picture[top + 6 : bottom - 5, left + 6 : right - 5].min() > 250


def test_discs_stand_in_the_corners(tmp_path: Path) -> None:
    definition = load_definition(Path("registration.json"))
    picture = next(pictures(printed(tmp_path, definition)))
    page: PlacedPage = place(definition)[0]
    for x, y in page.corners:
        column, row = round(x * DPI / 25.4), round(y * DPI / 25.4)
        assert picture[row - 10 : row + 11, column - 10 : column + 11].max() < 60
        assert picture[row, column + round(4 * DPI / 25.4)] > 250


def test_known_codes_are_printed_into_their_cells(tmp_path: Path) -> None:
    definition = load_definition(Path("registration.json"))
    picture = next(pictures(printed(tmp_path, definition)))
    for field in place(definition)[0].fields:
        if field.id == "participant":
            for cell in field.cells:
                inside = picture[
                    round((cell.y_mm + 1) * DPI / 25.4) : round((cell.y_mm + 6) * DPI / 25.4),
                    round((cell.x_mm + 1) * DPI / 25.4) : round((cell.x_mm + 4) * DPI / 25.4),
                ]
                assert inside.min() < 100


def test_codes_printed_with_a_key_are_read_with_it_only(tmp_path: Path) -> None:
    key = b"sixteen bytes or more"
    picture = next(pictures(printed(tmp_path, load_definition(Path("answers-1.json")), key=key)))
    for barcode in zxingcpp.read_barcodes(picture):
        assert decode(barcode.text, key).serial == "40000"


def test_the_same_people_give_the_same_bytes(tmp_path: Path) -> None:
    definition = load_definition(Path("long-answer.json"))
    assert printed(tmp_path, definition).read_bytes() == printed(tmp_path, definition).read_bytes()


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([], "печатать некого"),
        ([{"assessment": "vpr", "organisation": "edu1"}], "нет столбца «participant»; есть «assessment»"),
        ([PEOPLE[0], PEOPLE[1] | {"participant": "сорок"}], "Строка 3: код участника «сорок»"),
    ],
)
def test_data_that_cannot_be_printed_is_named_and_nothing_is_written(
    tmp_path: Path, people: list[dict[str, str]], said: str
) -> None:
    out = tmp_path / "blanks.pdf"
    with pytest.raises(DataError, match=said):
        render(load_definition(Path("answers-1.json")), people, out)
    assert not out.exists()


def many_people(count: int) -> Iterator[dict[str, str]]:
    for number in range(count):
        yield {"assessment": "vpr-2026", "organisation": "edu640001", "participant": str(40001 + number)}


def test_pages_beyond_one_node_of_the_tree_are_all_there_in_order(tmp_path: Path) -> None:
    out = tmp_path / "many.pdf"
    assert render(load_definition(Path("long-answer.json")), many_people(260), out) == 520
    with pikepdf.open(out, attempt_recovery=False) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages) == 520
    with closing(pypdfium2.PdfDocument(out)) as document:
        for number in (0, 249, 250, 499, 519):
            text = document[number].get_textpage().get_text_range()
            assert f"*{number % 2 + 1}*EDU640001*{40001 + number // 2}*" in text


def test_what_all_pages_share_stands_in_the_file_once(tmp_path: Path) -> None:
    sizes = []
    for count in (1, 101):
        render(load_definition(Path("answers-1.json")), many_people(count), tmp_path / "o.pdf")
        sizes.append((tmp_path / "o.pdf").stat().st_size)
    assert (sizes[1] - sizes[0]) / 100 < 3_000


class Nowhere(io.BytesIO):
    def write(self, content: object) -> int:
        return 0


def test_memory_does_not_grow_with_pages() -> None:
    definition = load_definition(Path("answers-1.json"))
    held = []
    for count in (50, 50, 300):  # the first one warms caches
        tracemalloc.start()
        print_blanks(definition, many_people(count), Nowhere())
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert held[2] - held[1] < 250 * 150  # bytes a page: of 7,000 that ReportLab keeps


def test_a_print_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "blanks.pdf"
    out.write_bytes(b"of yesterday")
    people = [PEOPLE[0], PEOPLE[1] | {"participant": "сорок"}]
    with pytest.raises(DataError):
        render(load_definition(Path("answers-1.json")), people, out)
    assert out.read_bytes() == b"of yesterday"
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="не записывается"):
        render(load_definition(Path("answers-1.json")), PEOPLE, tmp_path / "none" / "blanks.pdf")


def run_render(data: Path, out: Path, *more: str) -> Result:
    arguments = ["blank", "render", "answers-1.json", "--data", str(data), "--out", str(out), *more]
    return CliRunner().invoke(app, arguments)


def test_command_prints_from_a_russian_csv(tmp_path: Path) -> None:
    data, out = tmp_path / "люди.csv", tmp_path / "бланки.pdf"
    data.write_bytes("﻿assessment;organisation;participant\r\nvpr;edu640001;40001\r\n".encode())
    done = CliRunner().invoke(
        app, ["blank", "render", "answers-1.json", "--data", str(data), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert len(list(pictures(out))) == 1


@pytest.mark.parametrize("content", [b"", b"assessment\xff", b"a,b\n1,2,3\n"])
def test_command_says_what_is_wrong_with_the_data(tmp_path: Path, content: bytes) -> None:
    data = tmp_path / "people.csv"
    data.write_bytes(content)
    done = run_render(data, tmp_path / "o.pdf")
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_a_key_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short\n")
    (tmp_path / "people.csv").write_text("assessment,organisation,participant\nvpr,edu1,4\n")
    done = run_render(tmp_path / "people.csv", tmp_path / "o.pdf", "--key", str(tmp_path / "key"))
    assert done.exit_code == 2


def test_command_prints_schema_and_layout_as_json() -> None:
    schema = json.loads(CliRunner().invoke(app, ["blank", "schema"]).stdout)
    assert schema["properties"]["pages"]["description"]
    layout = json.loads(CliRunner().invoke(app, ["blank", "layout", "registration.json"]).stdout)
    (page,) = layout["pages"]
    assert (page["width_mm"], page["height_mm"]) == (210, 297)
    sex = next(field for field in page["fields"] if field["id"] == "sex")
    assert (sex["kind"], [cell["value"] for cell in sex["cells"]]) == ("marks", ["м", "ж"])
    assert sex["cells"][0] == {"x_mm": 75, "y_mm": 130, "w_mm": 5, "h_mm": 5, "value": "м"}


def test_people_are_read_lazily(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("assessment, organisation ,participant\nvpr,edu1, 7 \n")
    assert list(read_people(path)) == [{"assessment": "vpr", "organisation": "edu1", "participant": "7"}]
