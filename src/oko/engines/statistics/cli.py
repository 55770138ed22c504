"""`oko report`: the reports over a folder of works, on the screen, as JSON, or as files to hand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

import typer

from oko.engines import console
from oko.engines.console import print_json
from oko.engines.statistics import by_mark, cli_files
from oko.engines.statistics.asked import (
    Assessment,
    Municipality,
    PaperCode,
    Region,
    Root,
    School,
    asked_for,
    in_words,
)
from oko.engines.statistics.directions import DIRECTIONS, Direction
from oko.engines.statistics.grid import Cell, Column, Grid, Kind, Row
from oko.engines.statistics.levels import plain_label
from oko.engines.statistics.marks import MARKS, MarkTable
from oko.engines.statistics.rules import informativeness, shipped_rules
from oko.engines.statistics.solving import ItemTable
from oko.engines.statistics.wording import HIDDEN_CELL, percent_text

app = console.group("Отчёты по работам: семь официальных направлений на экране и в файлах.")

AsJson = Annotated[bool, typer.Option("--json", help="Вывести одно значение JSON.")]


def _on_screen(direction: Direction) -> Callable[..., None]:
    def report(
        root: Root,
        assessment: Assessment,
        paper: PaperCode,
        region: Region = None,
        municipality: Municipality = None,
        school: School = None,
        as_json: AsJson = False,
    ) -> None:
        with asked_for(root, assessment, paper, region, municipality, school) as asked:
            table = direction.table(asked.works, asked.paper, asked.scope, plain_label)
        grid = direction.grid(table)
        if as_json:
            _print_json(grid, assessment, table)
        else:
            _print_table(grid)

    return report


for _direction in DIRECTIONS:
    _name = "by-mark" if _direction.slug == by_mark.SLUG else _direction.slug
    app.command(_name, help=f"«{_direction.title}».")(_on_screen(_direction))
for _command in cli_files.COMMANDS:
    app.command()(_command)


@app.command()
def summary(
    root: Root,
    assessment: Assessment,
    paper: PaperCode,
    region: Region = None,
    municipality: Municipality = None,
    school: School = None,
    as_json: AsJson = False,
) -> None:
    """Одна страница простыми словами: что хорошо, что слабо, что рядом."""
    with asked_for(root, assessment, paper, region, municipality, school) as asked:
        told = in_words(asked, assessment)
    if as_json:
        statements = [{"kind": statement.kind, "text": statement.text} for statement in told.statements]
        of_what = {"assessment": assessment, "paper": asked.paper.code, "rules": shipped_rules().version}
        print_json(of_what | {"title": told.title, "statements": statements})
    else:
        typer.echo("\n".join([told.title, *(statement.text for statement in told.statements)]))


def _print_json(grid: Grid, assessment: str, table: Any) -> None:
    """One value: what is reported, then a row of the grid each in `groups`, its cells by column."""
    nothing: list[dict[str, Any]] = [{} for _ in grid.rows]
    more = _MORE[type(table)](table) if type(table) in _MORE else nothing
    report = {
        "assessment": assessment,
        "paper": grid.paper.code,
        "report": grid.slug,
        "rules": shipped_rules().version,
        "groups": [_row_json(grid, row) | also for row, also in zip(grid.rows, more, strict=True)],
    }
    print_json(report)


def _row_json(grid: Grid, row: Row) -> dict[str, Any]:
    cells = list(zip((column.name for column in grid.columns), row.cells, strict=True))
    return {
        "level": row.group.level,
        "code": row.group.code,
        "region": row.group.region,
        "municipality": row.group.municipality,
        "key": row.key,
        "participants": row.participants,
        "informativeness": informativeness(row.participants).name,
        "values": {name: cell.value for name, cell in cells},
        "zones": {name: cell.zone for name, cell in cells if cell.zone is not None},
    }


def _marks_json(table: MarkTable) -> list[dict[str, Any]]:
    names = [str(mark) for mark in MARKS]
    return [
        {
            "schools": row.schools,
            "counts": dict(zip(names, row.counts, strict=True)),
            "percents": dict(zip(names, row.percents, strict=True)) if row.percents else None,
        }
        for row in table.rows
    ]


def _items_json(table: ItemTable) -> list[dict[str, Any]]:
    """With how many each percent was counted from, which the grid does not show."""
    return [
        {
            "schools": row.schools,
            "items": [
                {
                    "item": cell.item.code,
                    "maximum": cell.item.maximum,
                    "counted": cell.counted,
                    "not_attempted": cell.not_attempted,
                    "scores": cell.scores,
                    "percent": cell.percent,
                    "zone": cell.zone,
                }
                for cell in row.cells
            ],
        }
        for row in table.rows
    ]


#: What programs read of a direction beside its grid.
_MORE: dict[type, Callable[[Any], list[dict[str, Any]]]] = {MarkTable: _marks_json, ItemTable: _items_json}


def _print_table(grid: Grid) -> None:
    """The grid in columns of letters; counts that have a percent beside them are left out."""
    names = {column.name for column in grid.columns}
    shown = [
        (column, [row.cells[position] for row in grid.rows])
        for position, column in enumerate(grid.columns)
        if not column.name.startswith("count_") or column.name.replace("count_", "percent_") not in names
    ]
    titles = _titles([column for column, _ in shown])
    lines = [
        _padded([title, *(_text(cell, column.kind) for cell in cells)], left=column.kind is Kind.TEXT)
        for title, (column, cells) in zip(titles, shown, strict=True)
    ]
    for line in zip(*lines, strict=True):
        typer.echo("  ".join(line).rstrip())


def _titles(columns: list[Column]) -> list[str]:
    """Short ones; where two columns are called alike, with the header above them."""
    alike = Counter(column.title for column in columns)
    return [
        _SHORT_TITLES.get(column.name)
        or (column.title if alike[column.title] == 1 else f"{column.over}, {column.title}")
        for column in columns
    ]


_SHORT_TITLES = {"group": "Группа", "schools": "ОО", "participants": "Уч."}


def _text(cell: Cell, kind: Kind) -> str:
    if cell.value is None:
        return HIDDEN_CELL
    return percent_text(float(cell.value)) if kind is Kind.PERCENT else str(cell.value)


def _padded(cells: list[str], *, left: bool) -> list[str]:
    width = max(len(cell) for cell in cells)
    return [cell.ljust(width) if left else cell.rjust(width) for cell in cells]
