"""Reports and works as files for other programs: CSV for spreadsheets, Parquet for analysts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from oko.engines.papers import Paper
from oko.engines.statistics.grid import Cell, Column, Grid, Kind, Row, Value
from oko.engines.statistics.individual import ORDER, score_text
from oko.engines.statistics.levels import KEYS
from oko.engines.statistics.rules import shipped_rules
from oko.engines.statistics.wording import THIS_SEASON
from oko.engines.statistics.works import works_schema

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TYPES = {Kind.TEXT: pa.string(), Kind.COUNT: pa.int64(), Kind.PERCENT: pa.float64()}
_STATUSES = {"present": "писал работу", "partial": "пропустил часть", "absent": "отсутствовал"}
_BATCH = 8_192


def grid_csv(grid: Grid, warnings: Sequence[str] = ()) -> bytes:
    """A report as CSV that a Russian Excel opens: semicolons, decimal commas, a byte-order mark.

    One row of titles; in front of the grid's columns the codes of each row's group and its season, behind
    them the remark and the warnings (the same in every row, so that no filtering loses them). A hidden
    percent is empty.
    """
    head = ["Уровень группы", "Код региона", "Код муниципалитета", "Код ОО", "Сезон"]
    head += [f"{column.over}: {column.title}" if column.over else column.title for column in grid.columns]
    warning = " ".join(warnings)
    return _csv([*head, "Примечание", "Предупреждения"], (_csv_row(row, warning) for row in grid.rows))


def _csv_row(row: Row, warning: str) -> list[Value]:
    group = row.group
    codes = [group.level.label, group.region, group.municipality, group.school]
    return [*codes, row.season or THIS_SEASON, *(cell.value for cell in row.cells), row.remark, warning]


def grid_parquet(grid: Grid, warnings: Sequence[str] = ()) -> bytes:
    """A report as Parquet under machine names: a row a row, a column a column.

    In front stand `group_level, group_region, group_municipality, group_school`, `season` (null for the one
    that the report is about) and `key` (null where a group has one row only). Counts are int64, percents
    float64 (null where hidden). Where the report has zones, `NAME_zone` follows each percent. The schema's
    metadata tells direction, title, paper, rules and warnings, all under «oko.».
    """
    zoned = any(cell.zone for row in grid.rows for cell in row.cells)
    columns = dict(_group_columns(grid.rows))
    for place, column in enumerate(grid.columns):
        cells = [row.cells[place] for row in grid.rows]
        columns[column.name] = pa.array([_typed(cell, column) for cell in cells], _TYPES[column.kind])
        if zoned and column.kind is Kind.PERCENT:
            columns[f"{column.name}_zone"] = pa.array([cell.zone for cell in cells], pa.string())
    metadata = {
        "oko.direction": grid.slug,
        "oko.title": grid.title,
        "oko.paper": json.dumps({"code": grid.paper.code, "title": grid.paper.title}, ensure_ascii=False),
        "oko.columns": json.dumps({column.name: column.title for column in grid.columns}, ensure_ascii=False),
        "oko.rules": shipped_rules().version,
        "oko.warnings": json.dumps(list(warnings), ensure_ascii=False),
    }
    return _parquet(pa.table(columns).replace_schema_metadata(metadata))


def _group_columns(rows: Sequence[Row]) -> Iterator[tuple[str, pa.Array]]:
    yield "group_level", pa.array([row.group.level.value for row in rows], pa.string())
    for key in KEYS:
        yield f"group_{key}", pa.array([getattr(row.group, key) for row in rows], pa.string())
    yield "season", pa.array([row.season or None for row in rows], pa.string())
    yield "key", pa.array([row.key or None for row in rows], pa.string())


def _typed(cell: Cell, column: Column) -> Value:
    if cell.value is None or column.kind is Kind.COUNT:
        return cell.value
    return float(cell.value) if column.kind is Kind.PERCENT else str(cell.value)


def works_csv(works: ir.Table, paper: Paper) -> bytes:
    """Works of a place as CSV, all of them, by code: X (не приступал) and N (не изучали) as in a protocol."""
    head = ["Регион", "Муниципалитет", "ОО", "Класс", "Код участника"]
    head += [f"Вариант (часть {part})" for part in (1, 2)] if paper.parts > 1 else ["Вариант"]
    head += ["Пол", *(f"{item.code} ({item.maximum}б)" for item in paper.items)]
    head += ["Первичный балл", "Отметка", "Отметка по журналу", "Участие"]
    return _csv(head, _work_rows(_ordered(works, paper), paper))


def _work_rows(works: pa.Table, paper: Paper) -> Iterator[list[Value]]:
    identity = [
        *KEYS,
        "class",
        "participant",
        "variant_1",
        *(["variant_2"] if paper.parts > 1 else []),
        "sex",
    ]
    for batch in works.to_batches(max_chunksize=_BATCH):
        for work in batch.to_pylist():
            known = work["total"] is not None
            yield [
                *(work[name] for name in identity),
                *(score_text(work[item.code], known=known) for item in paper.items),
                *(work[name] for name in ("total", "mark", "prior_mark")),
                _STATUSES[work["status"]],
            ]


def works_parquet(works: ir.Table, paper: Paper) -> bytes:
    """Works of a place as Parquet, in the layout in which Oko itself keeps them, with their region."""
    table = _ordered(works, paper)
    return _parquet(table.replace_schema_metadata(works_schema(paper).metadata))


def _ordered(works: ir.Table, paper: Paper) -> pa.Table:
    schema = works_schema(paper).remove_metadata()
    schema = schema.insert(0, pa.field("region", pa.string()))
    return works.order_by(*ORDER).select(*schema.names).to_pyarrow().cast(schema)


def _csv(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";")
    writer.writerow(map(_cell_text, head))
    writer.writerows(map(_cell_text, row) for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _cell_text(value: Value) -> Value:
    """A number with a decimal comma; a text that a spreadsheet would compute, behind an apostrophe.

    A text that has apostrophes of its own before the sign gets one more, so that none is lost.
    """
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    if isinstance(value, str) and value.lstrip("'").startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()
