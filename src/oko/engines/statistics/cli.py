"""`oko report`: the reports over a folder of works, as a table on the screen, as JSON or as a workbook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import ibis.expr.types as ir
import typer

from oko.engines.papers import Paper
from oko.engines.statistics.levels import EVERYTHING, Scope, find_school
from oko.engines.statistics.marks import MARKS, MarkRow, mark_table
from oko.engines.statistics.rules import shipped_rules
from oko.engines.statistics.solving import ItemRow, item_table
from oko.engines.statistics.wording import percent_text
from oko.engines.statistics.works import WorksError, open_works, stored_paper

UNUSABLE = 2
_NOTHING = "—"

app = typer.Typer(
    help="Отчёты по работам: отметки, выполнение заданий.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)

Root = Annotated[Path, typer.Argument(help="Папка с работами (Parquet).", show_default=False)]
Assessment = Annotated[str, typer.Option("--assessment", help="Код процедуры, например vpr-2026.")]
PaperCode = Annotated[str, typer.Option("--paper", help="Код работы, например rus4.")]
School = Annotated[
    str | None, typer.Option("--school", help="Код школы: она, её муниципалитет, регион и вся выборка.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Вывести одно значение JSON.")]


@app.command()
def marks(
    root: Root, assessment: Assessment, paper: PaperCode, school: School = None, as_json: AsJson = False
) -> None:
    """«Статистика по отметкам»."""
    with _opened(root, assessment, paper, school) as (works, of_paper, scope):
        table = mark_table(works, of_paper, scope)
    if as_json:
        _print_json(of_paper, assessment, [_mark_json(row) for row in table.rows])
        return
    _print_table(
        ["Группа", "ОО", "Уч.", *(f"«{mark}», %" for mark in MARKS)],
        [
            [row.label, str(row.schools), str(row.participants)]
            + [_shown(percent) for percent in row.percents or (None,) * len(MARKS)]
            for row in table.rows
        ],
    )


@app.command()
def items(
    root: Root, assessment: Assessment, paper: PaperCode, school: School = None, as_json: AsJson = False
) -> None:
    """«Выполнение заданий»."""
    with _opened(root, assessment, paper, school) as (works, of_paper, scope):
        table = item_table(works, of_paper, scope)
    if as_json:
        _print_json(of_paper, assessment, [_item_json(row) for row in table.rows])
        return
    _print_table(
        ["Группа", "ОО", "Уч.", *(item.code for item in of_paper.items)],
        [
            [
                row.label,
                str(row.schools),
                str(row.participants),
                *(_shown(cell.percent) for cell in row.cells),
            ]
            for row in table.rows
        ],
    )


@app.command()
def workbook(
    root: Root,
    assessment: Assessment,
    paper: PaperCode,
    output: Annotated[Path, typer.Option("-o", "--output", help="Куда записать файл XLSX.")],
    school: School = None,
) -> None:
    """Оба отчёта одной книгой XLSX."""
    from oko.engines.statistics.workbook import report_workbook  # XlsxWriter is needed by this command only

    with _opened(root, assessment, paper, school) as (works, of_paper, scope):
        marks_of_all, items_of_all = mark_table(works, of_paper, scope), item_table(works, of_paper, scope)
    try:
        output.write_bytes(report_workbook(marks_of_all, items_of_all, subtitle=assessment))
    except OSError as error:
        _fail(f"Не удалось записать «{output}»: {error.strerror}.")


@contextmanager
def _opened(
    root: Path, assessment: str, paper_code: str, school: str | None
) -> Iterator[tuple[ir.Table, Paper, Scope]]:
    """The works, their paper and the groups asked for; anything wrong ends the command in one line."""
    try:
        paper = stored_paper(root, assessment, paper_code)
        if paper is None:
            _fail(f"В папке «{root}» нет работ: процедура «{assessment}», работа «{paper_code}».")
        with open_works(root, assessment, paper) as works:
            scope = EVERYTHING
            if school is not None:
                place = find_school(works, school)
                if place is None:
                    _fail(f"Школы «{school}» нет среди работ «{paper_code}».")
                scope = Scope(place)
            yield works, paper, scope
    except WorksError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    """One line on standard error, whatever was in the message."""
    typer.echo(" ".join(message.split()), err=True)
    raise typer.Exit(UNUSABLE)


def _mark_json(row: MarkRow) -> dict[str, Any]:
    return _group_json(row) | {
        "counts": dict(zip(map(str, MARKS), row.counts, strict=True)),
        "percents": dict(zip(map(str, MARKS), row.percents, strict=True)) if row.percents else None,
    }


def _item_json(row: ItemRow) -> dict[str, Any]:
    return _group_json(row) | {
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
        ]
    }


def _group_json(row: MarkRow | ItemRow) -> dict[str, Any]:
    return {
        "level": row.group.level,
        "code": row.group.code,
        "region": row.group.region,
        "municipality": row.group.municipality,
        "schools": row.schools,
        "participants": row.participants,
        "informativeness": row.informativeness.name,
    }


def _print_json(paper: Paper, assessment: str, groups: list[dict[str, Any]]) -> None:
    report = {
        "assessment": assessment,
        "paper": paper.code,
        "rules": shipped_rules().version,
        "groups": groups,
    }
    typer.echo(json.dumps(report, ensure_ascii=False, indent=1))


def _shown(percent: float | None) -> str:
    return _NOTHING if percent is None else percent_text(percent)


def _print_table(header: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(line[column]) for line in (header, *rows)) for column in range(len(header))]
    for line in (header, *rows):
        first, *rest = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        typer.echo("  ".join([first, *rest]).rstrip())
