"""`oko report`: one JSON value on standard output, or a table; anything wrong is one line and code 2."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from oko.engines.statistics.cli import app
from oko.engines.statistics.works import works_path
from tests.engines.statistics.conftest import ASSESSMENT

OF_PAPER = ["--assessment", ASSESSMENT, "--paper", "try4"]


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


def test_a_workbook_of_a_school_is_written(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "отчёт.xlsx"
    command = ["workbook", str(root), *OF_PAPER, "--school", "A", "-o", str(output)]
    answer = CliRunner().invoke(app, command)
    assert (answer.exit_code, answer.output) == (0, "")
    marks = openpyxl.load_workbook(output)["Отметки"]
    assert [row[0] for row in marks.iter_rows(min_row=5, values_only=True)] == [
        "Вся выборка",
        "Регион 54",
        "Муниципалитет 54-1",
        "ОО A",
    ]


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


@pytest.mark.parametrize("command", ["marks", "items"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--assessment", ASSESSMENT, "--paper", "rus4"], "нет работ"),
        (["--assessment", "../x", "--paper", "try4"], "не подходит"),
        ([*OF_PAPER, "--school", "nobody"], "Школы «nobody» нет"),
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
