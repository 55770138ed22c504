"""`oko report`: the reports over a folder of works, on the screen, as JSON, or as files to hand on."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple, NoReturn

import ibis.expr.types as ir
import typer

from oko.engines.papers import Paper
from oko.engines.statistics import by_mark
from oko.engines.statistics.directions import DIRECTIONS, Direction
from oko.engines.statistics.grid import Behind, Cell, Column, Grid, Kind, Row
from oko.engines.statistics.levels import EVERYTHING, Level, Scope, find_group, plain_label
from oko.engines.statistics.marks import MARKS, MarkTable
from oko.engines.statistics.rules import informativeness, shipped_rules
from oko.engines.statistics.solving import ItemTable
from oko.engines.statistics.wording import percent_text
from oko.engines.statistics.works import WorksError, open_works, stored_paper

UNUSABLE = 2
_NOTHING = "—"

app = typer.Typer(
    help="Отчёты по работам: семь официальных направлений на экране и в файлах.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)

Root = Annotated[Path, typer.Argument(help="Папка с работами (Parquet).", show_default=False)]
Assessment = Annotated[str, typer.Option("--assessment", help="Код процедуры, например vpr-2026.")]
PaperCode = Annotated[str, typer.Option("--paper", help="Код работы, например rus4.")]
Region = Annotated[str | None, typer.Option("--region", help="Код региона: он и всё, что в нём.")]
Municipality = Annotated[
    str | None, typer.Option("--municipality", help="Код муниципалитета: он и его школы.")
]
School = Annotated[
    str | None, typer.Option("--school", help="Код школы: она, её муниципалитет, регион и вся выборка.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Вывести одно значение JSON.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="Куда записать файл.")]


class Asked(NamedTuple):
    """What a command was asked for; the works are all that there are, the scope says which groups."""

    works: ir.Table
    paper: Paper
    scope: Scope


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
        with _asked(root, assessment, paper, region, municipality, school) as asked:
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


@app.command()
def workbook(
    root: Root,
    assessment: Assessment,
    paper: PaperCode,
    output: Output,
    region: Region = None,
    municipality: Municipality = None,
    school: School = None,
) -> None:
    """Все направления одной книгой XLSX."""
    from oko.engines.statistics.workbook import report_workbook  # XlsxWriter is needed by this command only

    with _asked(root, assessment, paper, region, municipality, school) as asked:
        grids = [direction.report(asked.works, asked.paper, asked.scope) for direction in DIRECTIONS]
    _write(output, report_workbook(grids, subtitle=assessment))


@app.command()
def individual(
    root: Root,
    assessment: Assessment,
    paper: PaperCode,
    output: Output,
    day: Annotated[datetime, typer.Option("--day", formats=["%Y-%m-%d"], help="Когда писали работу.")],
    region: Region = None,
    municipality: Municipality = None,
    school: School = None,
) -> None:
    """«Индивидуальные результаты» (Ф1) в точности по федеральной форме, XLSX."""
    from oko.engines.statistics.f1 import F1Error, write_f1  # XlsxWriter is needed by this command only
    from oko.engines.statistics.individual import works_behind

    file = io.BytesIO()
    with _asked(root, assessment, paper, region, municipality, school) as asked:
        place = asked.scope.place
        try:
            write_f1(
                works_behind(asked.works, Behind(place)),
                asked.paper,
                year=day.year,
                day=day.date(),
                place_title=f"{place.level.label} ({place.code})" if place.code else place.level.label,
                file=file,
            )
        except F1Error as error:
            _fail(str(error))
    _write(output, file.getvalue())


@contextmanager
def _asked(
    root: Path,
    assessment: str,
    paper_code: str,
    region: str | None,
    municipality: str | None,
    school: str | None,
) -> Iterator[Asked]:
    """The works, their paper and the groups asked for; anything wrong ends the command in one line."""
    places = {Level.REGION: region, Level.MUNICIPALITY: municipality, Level.SCHOOL: school}
    named = [(level, code) for level, code in places.items() if code is not None]
    if len(named) > 1:
        _fail("Укажите что-то одно: --region, --municipality или --school.")
    try:
        paper = stored_paper(root, assessment, paper_code)
        if paper is None:
            _fail(f"В папке «{root}» нет работ: процедура «{assessment}», работа «{paper_code}».")
        with open_works(root, assessment, paper) as works:
            scope = _scope_of(works, paper, *named[0]) if named else EVERYTHING
            yield Asked(works, paper, scope)
    except WorksError as error:
        _fail(str(error))


def _scope_of(works: ir.Table, paper: Paper, level: Level, code: str) -> Scope:
    place = find_group(works, level, code)
    if place is None:
        _fail(f"{_NOBODY[level].format(code)} нет среди работ «{paper.code}».")
    return Scope(place, down_to=None if level is Level.SCHOOL else Level.SCHOOL)


_NOBODY = {
    Level.REGION: "Региона «{}»",
    Level.MUNICIPALITY: "Муниципалитета «{}»",
    Level.SCHOOL: "Школы «{}»",
}


def _fail(message: str) -> NoReturn:
    """One line on standard error, whatever was in the message."""
    typer.echo(" ".join(message.split()), err=True)
    raise typer.Exit(UNUSABLE)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        _fail(f"Не удалось записать «{path}»: {error.strerror}.")


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
    typer.echo(json.dumps(report, ensure_ascii=False, indent=1))


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
        return _NOTHING
    return percent_text(float(cell.value)) if kind is Kind.PERCENT else str(cell.value)


def _padded(cells: list[str], *, left: bool) -> list[str]:
    width = max(len(cell) for cell in cells)
    return [cell.ljust(width) if left else cell.rjust(width) for cell in cells]
