"""`oko report`: one JSON value on standard output, or a table; anything wrong is one line and code 2."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pypdfium2 as pdfium
import pytest
from typer.testing import CliRunner

from oko.engines.statistics.cli import app
from oko.engines.statistics.directions import BY_SLUG, DIRECTIONS
from oko.engines.statistics.rules import shipped_rules
from oko.engines.statistics.works import works_path
from tests.engines.statistics import second_set
from tests.engines.statistics.conftest import ASSESSMENT

OF_PAPER = ["--assessment", ASSESSMENT, "--paper", "try4"]
OF_SECOND = ["--assessment", second_set.ASSESSMENT, "--paper", second_set.PAPER.code]


@pytest.fixture
def second_root(tmp_path: Path) -> Path:
    """A folder with the works of the second hand-made set."""
    folder = tmp_path / "works"
    second_set.write_second(folder, second_set.second_works())
    return folder


def test_marks_of_a_school_beside_its_territory(root: Path) -> None:
    answer = CliRunner().invoke(app, ["marks", str(root), *OF_PAPER, "--school", "A", "--json"])
    assert answer.exit_code == 0
    report = json.loads(answer.stdout)
    assert (report["assessment"], report["paper"]) == (ASSESSMENT, "try4")
    assert [(group["level"], group["code"]) for group in report["groups"]] == [
        ("country", ""),
        ("region", "54"),
        ("municipality", "54-1"),
        ("school", "A"),
    ]
    assert report["groups"][-1]["counts"] == {"2": 1, "3": 1, "4": 0, "5": 8}
    assert report["groups"][0]["percents"] == {"2": 15.0, "3": 25.0, "4": 20.0, "5": 40.0}


def test_items_of_all_groups(root: Path) -> None:
    answer = CliRunner().invoke(app, ["items", str(root), *OF_PAPER, "--json"])
    groups = json.loads(answer.stdout)["groups"]
    assert len(groups) == 5
    assert groups[-1]["items"] == [
        {
            "item": "1",
            "maximum": 2,
            "counted": 10,
            "not_attempted": 0,
            "scores": 12,
            "percent": 60.0,
            "zone": "borderline",
        },
        {
            "item": "2",
            "maximum": 1,
            "counted": 6,
            "not_attempted": 0,
            "scores": 0,
            "percent": None,
            "zone": None,
        },
    ]


def test_a_table_for_people_hides_what_is_too_small(root: Path) -> None:
    marks = CliRunner().invoke(app, ["marks", str(root), *OF_PAPER]).stdout.splitlines()
    assert marks[0].split() == ["Группа", "ОО", "Уч.", "«2»,", "%", "«3»,", "%", "«4»,", "%", "«5»,", "%"]
    assert marks[-1].split() == ["ОО", "B", "1", "10", "20,0", "40,0", "40,0", "0,0"]
    items = CliRunner().invoke(app, ["items", str(root), *OF_PAPER]).stdout.splitlines()
    assert items[-1].split() == ["ОО", "B", "1", "10", "60,0", "—"]


def rows_of_screen(works: Path, command: str, *place: str) -> list[list[str]]:
    """The table on the screen, its cells parted by two spaces and more."""
    answer = CliRunner().invoke(app, [command, str(works), *OF_SECOND, *place])
    assert answer.exit_code == 0
    return [re.split(r" {2,}", line.strip()) for line in answer.stdout.splitlines()]


def test_register_marks_on_the_screen(second_root: Path) -> None:
    header, *_, school = rows_of_screen(second_root, "comparison", "--school", "C")
    assert header == [
        "Группа",
        "ОО",
        "Уч.",
        "Понизили, %",
        "Подтвердили, %",
        "Повысили, %",
        "Расхождение на 2 отм. и более, %",
    ]
    assert school == ["ОО C", "1", "23", "13,0", "78,3", "8,7", "13,0"]


def test_totals_on_the_screen(second_root: Path) -> None:
    header, *_, school = rows_of_screen(second_root, "distribution", "--school", "C")
    assert header == ["Группа", "ОО", "Уч.", *"0123456"]
    assert school == ["ОО C", "1", "24", "0,0", "8,3", "0,0", "50,0", "0,0", "0,0", "41,7"]


def test_planned_results_of_a_school_stand_beside_its_territory(second_root: Path) -> None:
    header, first, *_, whole, _text, _skill = rows_of_screen(second_root, "planned", "--school", "D")
    assert header[-4:] == ["Регион 77", "Муниципалитет 77-1", "ОО D", "Вся выборка"]
    assert first == ["1", "Состав слова", "искать корень", "Б", "2", "61,1", "61,1", "50,0", "58,7"]
    assert whole[-4:] == ["50,0", "50,0", "33,3", "53,3"]


def test_a_municipality_and_a_region_have_the_groups_below_them(second_root: Path) -> None:
    municipality = rows_of_screen(second_root, "planned", "--municipality", "77-1")
    assert [row[0] for row in municipality] == [
        "Группа",
        "Вся выборка",
        "Регион 77",
        "Муниципалитет 77-1",
        "ОО C",
        "ОО D",
    ]
    region = rows_of_screen(second_root, "marks", "--region", "78")
    assert [row[0] for row in region[1:]] == ["Вся выборка", "Регион 78", "Муниципалитет 78-1", "ОО E"]


def test_groups_of_marks_on_the_screen(second_root: Path) -> None:
    rows = rows_of_screen(second_root, "by-mark", "--school", "C")
    assert rows[0][:3] == ["Группа", "Отметка", "Уч."]
    assert rows[-4:-2] == [
        ["ОО C", "2", "2", "—", "—", "—", "—"],
        ["ОО C", "3", "12", "50,0", "0,0", "50,0", "100,0"],
    ]


@pytest.mark.parametrize("command", ["marks", "comparison", "distribution", "items", "planned", "by-mark"])
def test_every_direction_is_one_json_value_with_its_cells_by_column(second_root: Path, command: str) -> None:
    answer = CliRunner().invoke(app, [command, str(second_root), *OF_SECOND, "--school", "C", "--json"])
    report = json.loads(answer.stdout)
    assert (report["paper"], report["rules"]) == ("two4", shipped_rules().version)
    direction = BY_SLUG[report["report"]]
    assert command in direction.slug
    names = {frozenset(row["values"]) for row in report["groups"]}
    assert len(names) == 1
    assert {(row["level"], row["code"]) for row in report["groups"]} >= {("school", "C")}


def test_zones_and_keys_are_in_the_json(second_root: Path) -> None:
    answer = CliRunner().invoke(app, ["planned", str(second_root), *OF_SECOND, "--school", "D", "--json"])
    [whole] = [row for row in json.loads(answer.stdout)["groups"] if row["key"] == "Состав слова"]
    assert (whole["participants"], whole["informativeness"]) == (12, "very_limited")
    assert whole["values"]["school"] == pytest.approx(100 / 3)
    assert whole["zones"]["school"] == "insufficient"


def test_a_workbook_of_a_school_has_a_sheet_for_each_direction(second_root: Path, tmp_path: Path) -> None:
    output = tmp_path / "отчёт.xlsx"
    command = ["workbook", str(second_root), *OF_SECOND, "--school", "C", "-o", str(output)]
    answer = CliRunner().invoke(app, command)
    assert (answer.exit_code, answer.output) == (0, "")
    book = openpyxl.load_workbook(output)
    assert len(book.sheetnames) >= len(DIRECTIONS)
    first_cells = {row[0] for row in book["Статистика по отметкам"].iter_rows(values_only=True)}
    assert {"Вся выборка", "Регион 77", "Муниципалитет 77-1", "ОО C"} <= first_cells


def test_a_pdf_of_a_school_is_written(second_root: Path, tmp_path: Path) -> None:
    output = tmp_path / "отчёт.pdf"
    command = ["pdf", str(second_root), *OF_SECOND, "--school", "C", "-o", str(output)]
    answer = CliRunner().invoke(app, command)
    assert (answer.exit_code, answer.output) == (0, "")
    with pdfium.PdfDocument(output) as document:
        text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    words = " ".join(text.split())
    assert "Вторая проба, 4 класс, vpr-2026" in words
    for direction in DIRECTIONS:
        assert direction.title in words


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_folder_has_a_file_for_each_direction_and_the_works(
    second_root: Path, tmp_path: Path, ending: str
) -> None:
    folder = tmp_path / "отчёты" / "C"
    command = [ending, str(second_root), *OF_SECOND, "--school", "C", "-o", str(folder)]
    answer = CliRunner().invoke(app, command)
    assert (answer.exit_code, answer.output) == (0, "")
    names = {f"{slug}.{ending}" for slug in (*BY_SLUG, "individual")}
    assert {path.name for path in folder.iterdir()} == names


def test_what_the_folder_holds_are_the_numbers_of_the_place(second_root: Path, tmp_path: Path) -> None:
    for ending in ("csv", "parquet"):
        command = [ending, str(second_root), *OF_SECOND, "--school", "C", "-o", str(tmp_path)]
        CliRunner().invoke(app, command)
    comparison = pq.read_table(tmp_path / "comparison.parquet").to_pylist()
    assert (comparison[-1]["group_school"], comparison[-1]["count_lowered"]) == ("C", 3)
    assert pq.read_table(tmp_path / "individual.parquet").num_rows == 24
    assert len((tmp_path / "marks.csv").read_text("utf-8-sig").splitlines()) == 1 + 4


def test_a_folder_that_cannot_be_made_is_one_line(second_root: Path, tmp_path: Path) -> None:
    taken = tmp_path / "занято"
    taken.write_text("файл")
    answer = CliRunner().invoke(app, ["csv", str(second_root), *OF_SECOND, "-o", str(taken)])
    assert answer.exit_code == 2
    assert answer.stderr.startswith("Не удалось создать папку")
    assert len(answer.stderr.splitlines()) == 1


def test_a_school_in_plain_words(second_root: Path) -> None:
    command = ["summary", str(second_root), *OF_SECOND, "--school", "D"]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0
    assert "Состав слова" in told.stdout, "its systemic deficit"
    as_json = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    assert [as_json["title"], *(statement["text"] for statement in as_json["statements"])] == (
        told.stdout.splitlines()
    )


def test_individual_results_of_a_municipality_are_written_as_f1(second_root: Path, tmp_path: Path) -> None:
    output = tmp_path / "Ф1.xlsx"
    command = ["individual", str(second_root), *OF_SECOND, "--municipality", "77-1", "--day", "2026-04-21"]
    answer = CliRunner().invoke(app, [*command, "-o", str(output)])
    assert (answer.exit_code, answer.output) == (0, "")
    [sheet] = openpyxl.load_workbook(output).worksheets
    head = [row[0] for row in sheet.iter_rows(max_row=5, values_only=True)]
    assert head[0] == "ВПР 2026 Вторая проба 4 класс"
    assert head[4] == "Муниципалитет (77-1) | Кол-во участников: 36"
    assert sheet["B3"].value == "21.04.2026"
    assert sheet.max_row == 7 + 36


def test_a_day_that_is_no_date_is_refused_and_nothing_written(second_root: Path, tmp_path: Path) -> None:
    output = tmp_path / "Ф1.xlsx"
    command = ["individual", str(second_root), *OF_SECOND, "--day", "21 апреля", "-o", str(output)]
    answer = CliRunner().invoke(app, command)
    assert answer.exit_code == 2
    assert not output.exists()


def test_one_place_is_asked_for_and_not_two(root: Path) -> None:
    answer = CliRunner().invoke(app, ["marks", str(root), *OF_PAPER, "--region", "54", "--school", "A"])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == "Укажите что-то одно: --region, --municipality или --school.\n"


def test_a_workbook_that_cannot_be_written_is_one_line(root: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "нет" / "отчёт.xlsx"
    answer = CliRunner().invoke(app, ["workbook", str(root), *OF_PAPER, "-o", str(nowhere)])
    assert answer.exit_code == 2
    assert answer.stderr.startswith("Не удалось записать")
    assert len(answer.stderr.splitlines()) == 1


def test_a_file_of_works_that_is_no_parquet_is_one_line(root: Path) -> None:
    path = works_path(root, ASSESSMENT, "try4", "54")
    path.write_bytes(b"PK not parquet")
    answer = CliRunner().invoke(app, ["marks", str(root), *OF_PAPER])
    assert answer.exit_code == 2
    assert "works.parquet" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["marks", "planned"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--assessment", ASSESSMENT, "--paper", "rus4"], "нет работ"),
        (["--assessment", "../x", "--paper", "try4"], "не подходит"),
        ([*OF_PAPER, "--school", "nobody"], "Школы «nobody» нет"),
        ([*OF_PAPER, "--school", "\udcff"], "нет среди работ"),
        ([*OF_PAPER, "--municipality", "54"], "Муниципалитета «54» нет"),
        ([*OF_PAPER, "--region", "54-1"], "Региона «54-1» нет"),
    ],
)
def test_what_cannot_be_reported_is_one_line(
    root: Path, command: str, options: list[str], words: str
) -> None:
    answer = CliRunner().invoke(app, [command, str(root), *options, "--json"])
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert words in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
