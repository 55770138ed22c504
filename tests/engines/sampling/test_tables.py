"""Tables as people bring them: encodings, delimiters, decimal commas, Parquet; what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oko.engines.columns import TableError, codes, numbers, read_table, require_columns, write_table


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "таблица.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "школа ,балл\nЯсень,10\nЛицей,20\n".replace(",", delimiter)
    table = read_table(written(tmp_path, text.encode(encoding)))
    assert table.column_names == ["школа", "балл"]
    assert codes(table.column("школа"))[1] == ("Лицей", "Ясень")
    assert numbers(table.column("балл")).tolist() == [10, 20]


def test_decimal_commas_are_points_and_words_are_nothing(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a;b\n1,5;н\n −2;2\n3e2;\n-,5; 4 \n".encode()))
    found = numbers(table.column("a"))
    assert found[[0, 2, 3]].tolist() == [1.5, 300, -0.5]
    assert np.isnan(found[1])  # a minus sign that is no hyphen is told, not guessed
    assert numbers(table.column("b"))[[1, 3]].tolist() == [2, 4]


def test_windows_text_far_below_a_latin_beginning(tmp_path: Path) -> None:
    content = b"a,b\n" + b"x,1\n" * 400_000 + "Ясень,2\n".encode("cp1251")
    table = read_table(written(tmp_path, content))
    assert codes(table.column("a"))[1] == ("x", "Ясень")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "пуст"),
        ("a,b\n", "ни одной строки"),
        ("a,b\n1,2\n3\n", "строка 3: ячеек 1, а столбцов 2"),
        ("a,b\n1,2,3\n", "строка 2: ячеек 3, а столбцов 2"),
        ("a,b,a\n1,2,3\n", "«a» стоит дважды"),
    ],
)
def test_what_is_no_table_is_said_with_its_place(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(TableError, match=told):
        read_table(written(tmp_path, content.encode()))


def test_the_nearest_name_of_a_column_is_told() -> None:
    with pytest.raises(TableError, match="Может быть, «school»"):
        require_columns(pa.table({"school": [1], "score": [2]}), "a.csv", "schol")


def test_a_folder_of_parquet_files_is_one_table_and_its_parts_are_codes(tmp_path: Path) -> None:
    for region in ("01", "77"):
        (tmp_path / f"region={region}").mkdir()
        write_table(tmp_path / f"region={region}" / "a.parquet", [{"y": 1}, {"y": 2}])
    (tmp_path / ".snapshots").mkdir()
    (tmp_path / ".snapshots" / "b.parquet").write_text("не читать", encoding="utf-8")
    table = read_table(tmp_path)
    assert codes(table.column("region"))[1] == ("01", "77")
    assert table.column("y").to_pylist() == [1, 2, 1, 2]
    assert read_table(tmp_path, ("y", None)).column_names == ["y"]
    assert read_table(tmp_path, ("y", "нет")).column_names == ["y", "region"]


def test_a_result_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="csv или"):
        write_table(tmp_path / "a.xlsx", [{"y": 1}])
    with pytest.raises(TableError, match="не записывается"):
        write_table(tmp_path / "нет" / "a.csv", [{"y": 1}])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(alphabet="абв01", max_size=2))))
def test_codes_name_what_stands_in_the_column(values: list[str | None]) -> None:
    of, names = codes(pa.chunked_array([pa.array(values, pa.string())]))
    told = [names[one] for one in of]
    assert told == [value or "" for value in values]
    assert list(names) == sorted(set(names))


def test_a_column_without_any_value_has_one_code() -> None:
    of, names = codes(pa.chunked_array([pa.nulls(2)]))
    assert (of.tolist(), names) == ([0, 0], ("",))
