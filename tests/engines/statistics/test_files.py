"""Reports and works as CSV and Parquet: what is read back are the numbers of the grid and of the works."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oko.engines.statistics.directions import BY_SLUG, DIRECTIONS, Direction
from oko.engines.statistics.files import grid_csv, grid_parquet, works_csv, works_parquet
from oko.engines.statistics.grid import Behind, Cell, Column, Grid, Kind, Row, beside_earlier
from oko.engines.statistics.individual import works_behind
from oko.engines.statistics.levels import EVERYTHING, Group, Scope
from oko.engines.statistics.rules import shipped_rules
from oko.engines.statistics.works import open_works, write_works
from tests.engines.statistics.conftest import ASSESSMENT, PAPER

WARNINGS = ["Не хватает 3 протоколов из 24.", "Замечания не сняты."]


def lines_of(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def table_of(content: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(content))


def grid_of(works: ir.Table, slug: str, scope: Scope = EVERYTHING) -> Grid:
    return BY_SLUG[slug].report(works, PAPER, scope)


def test_a_report_as_csv_has_titles_codes_and_decimal_commas(works: ir.Table) -> None:
    head, *rows = lines_of(grid_csv(grid_of(works, "items"), WARNINGS))
    assert head == [
        *("Уровень группы", "Код региона", "Код муниципалитета", "Код ОО", "Сезон"),
        *("Группа участников", "Кол-во ОО", "Кол-во участников", "1 (2б)", "2 (1б)"),
        *("Примечание", "Предупреждения"),
    ]
    told = "Не хватает 3 протоколов из 24. Замечания не сняты."
    assert rows[1][:8] == ["Регион", "54", "", "", "текущий", "Регион 54", "2", "21"]
    assert rows[1][9:] == ["56,25", "мало участников", told]
    assert float(rows[1][8].replace(",", ".")) == pytest.approx(100 * 29 / 42, rel=1e-15)
    assert rows[4] == [
        *("ОО", "54", "54-1", "B", "текущий", "ОО B", "1", "10", "60,0", "", "очень мало участников", told)
    ]


def test_a_header_over_others_is_said_before_each_of_them(works: ir.Table) -> None:
    head, *rows = lines_of(grid_csv(grid_of(works, "comparison")))
    assert head[8:10] == ["Понизили: Кол-во", "Понизили: %"]
    assert {row[-1] for row in rows} == {""}


@pytest.mark.parametrize("direction", DIRECTIONS, ids=lambda direction: direction.slug)
@pytest.mark.parametrize("scope", [EVERYTHING, Scope(Group("54", "54-1", "B"))], ids=["all", "school"])
def test_every_number_of_a_report_comes_back_from_parquet(
    works: ir.Table, direction: Direction, scope: Scope
) -> None:
    grid = direction.report(works, PAPER, scope)
    table = table_of(grid_parquet(grid, WARNINGS))
    kinds = {Kind.TEXT: pa.string(), Kind.COUNT: pa.int64(), Kind.PERCENT: pa.float64()}
    assert len(table) == len(grid.rows)
    for place, column in enumerate(grid.columns):
        cells = [row.cells[place] for row in grid.rows]
        assert table.schema.field(column.name).type == kinds[column.kind]
        assert table[column.name].to_pylist() == [cell.value for cell in cells]
        zones = [cell.zone for cell in cells]
        if any(zones):
            assert table[f"{column.name}_zone"].to_pylist() == zones
    groups = [
        (row.group.level, row.group.region, row.group.municipality, row.group.school) for row in grid.rows
    ]
    names = ("group_level", "group_region", "group_municipality", "group_school")
    assert list(zip(*(table[name].to_pylist() for name in names), strict=True)) == groups
    assert table["key"].to_pylist() == [row.key or None for row in grid.rows]


def test_parquet_says_what_it_is(works: ir.Table) -> None:
    table = table_of(grid_parquet(grid_of(works, "items"), WARNINGS))
    metadata = {name.decode(): value.decode() for name, value in table.schema.metadata.items()}
    assert metadata["oko.direction"] == "items"
    assert metadata["oko.title"] == "Выполнение заданий"
    assert json.loads(metadata["oko.paper"]) == {"code": "try4", "title": "Проба, 4 класс"}
    assert json.loads(metadata["oko.columns"])["item_1"] == "1 (2б)"
    assert metadata["oko.rules"] == shipped_rules().version
    assert json.loads(metadata["oko.warnings"]) == WARNINGS
    zones = {name for name in table.column_names if name.endswith("_zone")}
    assert zones == {"item_1_zone", "item_2_zone"}


def test_an_earlier_season_is_named(works: ir.Table) -> None:
    scope = Scope(Group("54"))
    grid = beside_earlier(grid_of(works, "marks", scope), [("2025", grid_of(works, "marks", scope))])
    assert table_of(grid_parquet(grid))["season"].to_pylist() == [None, "2025"] * 2
    assert [row[4] for row in lines_of(grid_csv(grid))[1:]] == ["текущий", "2025"] * 2


def test_a_text_that_a_spreadsheet_would_compute_is_shielded_and_a_number_is_not() -> None:
    texts = ["=1+1", "+7", "-1", "@SUM", "\tx", "\rx", "'=1", "'тихо", "ОО -1", ""]
    columns = (Column("group", "=Группа", Kind.TEXT), Column("change", "%", Kind.PERCENT))
    rows = tuple(Row(Group(), text, 1, (Cell(text), Cell(-1.5))) for text in texts)
    head, *lines = lines_of(grid_csv(Grid("x", "x", PAPER, columns, rows), ["=1+1"]))
    assert head[5] == "'=Группа"
    assert [line[5] for line in lines] == [
        *("'=1+1", "'+7", "'-1", "'@SUM", "'\tx", "'\rx", "''=1", "'тихо", "ОО -1", "")
    ]
    assert {(line[6], line[-1]) for line in lines} == {("-1,5", "'=1+1")}


def test_works_as_csv_are_a_row_each_by_code(works: ir.Table) -> None:
    head, *rows = lines_of(works_csv(works, PAPER))
    assert head == [
        *(
            "Регион",
            "Муниципалитет",
            "ОО",
            "Класс",
            "Код участника",
            "Вариант (часть 1)",
            "Вариант (часть 2)",
        ),
        *("Пол", "1 (2б)", "2 (1б)", "Первичный балл", "Отметка", "Отметка по журналу", "Участие"),
    ]
    by_code = {row[4]: row for row in rows}
    assert len(by_code) == len(rows) == 22
    assert by_code["40009"][:8] == ["54", "54-1", "A", "4А", "40009", "1", "2", "ж"]
    assert by_code["40009"][8:] == ["X", "0", "0", "2", "4", "писал работу"]
    assert by_code["40010"][8:] == ["1", "", "", "", "4", "пропустил часть"]
    assert by_code["40011"][8:] == ["", "", "", "", "4", "отсутствовал"]
    assert by_code["41004"][8:] == ["1", "N", "1", "3", "4", "писал работу"]


def test_works_of_a_place_come_back_from_parquet_as_they_were(works: ir.Table, tmp_path: Path) -> None:
    of_school = works_behind(works, Behind(Group("54", "54-1", "A")))
    table = table_of(works_parquet(of_school, PAPER))
    assert (len(table), set(table["region"].to_pylist())) == (12, {"54"})
    write_works(tmp_path / "again", ASSESSMENT, PAPER, "54", table.drop_columns(["region"]))
    with open_works(tmp_path / "again", ASSESSMENT, PAPER) as again:
        assert again.order_by("participant").to_pyarrow() == of_school.to_pyarrow()


def test_nothing_gives_files_with_their_columns_only(tmp_path: Path) -> None:
    with open_works(tmp_path, ASSESSMENT, PAPER) as works:
        assert len(lines_of(works_csv(works, PAPER))) == 1
        assert len(table_of(works_parquet(works, PAPER))) == 0
    empty = Grid("x", "x", PAPER, (Column("group", "Группа", Kind.TEXT),), ())
    assert len(lines_of(grid_csv(empty))) == 1
    assert table_of(grid_parquet(empty)).schema.field("group").type == pa.string()
