"""`oko blank read` refuses what it cannot do before it begins, in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oko.cli import app


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "1.png").write_bytes(b"\x89PNG")
    return folder


def refused(*arguments: str | Path) -> str:
    """What is said of a command that is not begun."""
    result = CliRunner().invoke(app, ["blank", "read", *map(str, arguments)])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result.output


def tables(folder: Path) -> tuple[str | Path, ...]:
    return "--out", folder / "fields.csv", "--pages", folder / "pages.csv"


def test_a_definition_that_is_none(tmp_path: Path, scans: Path) -> None:
    said = refused("no-such.json", "--scans", scans, *tables(tmp_path))
    assert "no-such.json" in said


def test_the_same_blank_described_twice(tmp_path: Path, scans: Path) -> None:
    said = refused(
        "answers-1.json", "registration.json", "answers-1.json", "--scans", scans, *tables(tmp_path)
    )
    assert "Бланк «answers-1» версии 1 описан дважды" in said


def test_no_scans(tmp_path: Path) -> None:
    assert "не найдено" in refused("answers-1.json", "--scans", tmp_path / "nowhere", *tables(tmp_path))
    (tmp_path / "nothing").mkdir()
    assert "Сканов не найдено" in refused(
        "answers-1.json", "--scans", tmp_path / "nothing", *tables(tmp_path)
    )


def test_a_folder_where_a_file_is_wanted(tmp_path: Path, scans: Path) -> None:
    said = refused("answers-1.json", "--scans", scans, "--out", scans, "--pages", tmp_path / "pages.csv")
    assert "папка, а нужен файл" in said


def test_a_table_in_a_folder_that_is_not_there(tmp_path: Path, scans: Path) -> None:
    assert "нет: создайте её" in refused("answers-1.json", "--scans", scans, *tables(tmp_path / "new"))


def test_one_file_for_both_tables(tmp_path: Path, scans: Path) -> None:
    table = tmp_path / "table.csv"
    assert "разные файлы" in refused("answers-1.json", "--scans", scans, "--out", table, "--pages", table)


def test_a_file_where_a_folder_is_wanted(tmp_path: Path, scans: Path) -> None:
    said = refused("answers-1.json", "--scans", scans, *tables(tmp_path), "--crops", scans / "1.png")
    assert "файл, а нужна папка" in said


def test_a_key_that_can_be_guessed(tmp_path: Path, scans: Path) -> None:
    (tmp_path / "key").write_text("12345")
    assert "короче" in refused(
        "answers-1.json", "--scans", scans, *tables(tmp_path), "--key", tmp_path / "key"
    )


def test_a_definition_with_faults_is_told_with_all_of_them(tmp_path: Path, scans: Path) -> None:
    field = {"kind": "characters", "id": "a", "x_mm": 205, "y_mm": 60, "length": 3}
    content = {
        "format": "oko-blank/1",
        "blank": "wide",
        "version": 1,
        "title": "t",
        "pages": [{"fields": [field]}],
    }
    (tmp_path / "wide.json").write_text(json.dumps(content))
    said = refused(tmp_path / "wide.json", "--scans", scans, *tables(tmp_path))
    assert "выходит за лист" in said
