"""The commands of `oko report` that write files: workbook, PDF, CSV, Parquet, F1.

Each loads what writes its files only when it is called: `oko report marks` needs neither Typst nor charts.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import ibis.expr.types as ir
import typer

from oko.engines.papers import Paper
from oko.engines.statistics.asked import (
    Asked,
    Assessment,
    Municipality,
    PaperCode,
    Region,
    Root,
    School,
    asked_for,
    fail,
    in_words,
)
from oko.engines.statistics.directions import DIRECTIONS
from oko.engines.statistics.grid import Behind, Grid
from oko.engines.statistics.levels import Group, Level, plain_label

Output = Annotated[Path, typer.Option("-o", "--output", help="Куда записать файл.")]
Folder = Annotated[Path, typer.Option("-o", "--output", help="В какую папку записать файлы.")]
Day = Annotated[datetime, typer.Option("--day", formats=["%Y-%m-%d"], help="Когда писали работу.")]


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
    from oko.engines.statistics.workbook import report_workbook

    with asked_for(root, assessment, paper, region, municipality, school) as asked:
        grids = [direction.report(asked.works, asked.paper, asked.scope) for direction in DIRECTIONS]
        summary = in_words(asked, assessment)
    subtitle = f"{assessment}, {plain_label(asked.scope.place)}"
    _write(output, report_workbook(grids, subtitle=subtitle, summary=summary))


def pdf(
    root: Root,
    assessment: Assessment,
    paper: PaperCode,
    output: Output,
    region: Region = None,
    municipality: Municipality = None,
    school: School = None,
) -> None:
    """Все направления с рисунками одним файлом PDF."""
    from oko.engines.statistics.charts import draw
    from oko.engines.statistics.pdf import PICTURE_WIDTH, report_pdf

    grids, pictures = [], {}
    with asked_for(root, assessment, paper, region, municipality, school) as asked:
        place = asked.scope.place
        for direction in DIRECTIONS:
            table = direction.table(asked.works, asked.paper, asked.scope, plain_label)
            grids.append(direction.grid(table))
            pictures[direction.slug] = draw(
                direction.slug, table, place, against=_compared_with(place), width=PICTURE_WIDTH
            )
        summary = in_words(asked, assessment)
    content = report_pdf(
        grids,
        pictures=pictures,
        title=f"{asked.paper.title}, {assessment}",
        subtitle=plain_label(place),
        summary=summary,
    )
    _write(output, content)


def csv(
    root: Root,
    assessment: Assessment,
    paper: PaperCode,
    output: Folder,
    region: Region = None,
    municipality: Municipality = None,
    school: School = None,
) -> None:
    """Каждое направление файлом CSV, и сами работы."""
    from oko.engines.statistics.files import grid_csv, works_csv

    with asked_for(root, assessment, paper, region, municipality, school) as asked:
        _write_each(output, "csv", asked, grid_csv, works_csv)


def parquet(
    root: Root,
    assessment: Assessment,
    paper: PaperCode,
    output: Folder,
    region: Region = None,
    municipality: Municipality = None,
    school: School = None,
) -> None:
    """Каждое направление файлом Parquet, и сами работы."""
    from oko.engines.statistics.files import grid_parquet, works_parquet

    with asked_for(root, assessment, paper, region, municipality, school) as asked:
        _write_each(output, "parquet", asked, grid_parquet, works_parquet)


def individual(
    root: Root,
    assessment: Assessment,
    paper: PaperCode,
    output: Output,
    day: Day,
    region: Region = None,
    municipality: Municipality = None,
    school: School = None,
) -> None:
    """«Индивидуальные результаты» (Ф1) в точности по федеральной форме, XLSX."""
    from oko.engines.statistics.f1 import F1Error, write_f1
    from oko.engines.statistics.individual import works_behind

    file = io.BytesIO()
    with asked_for(root, assessment, paper, region, municipality, school) as asked:
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
            fail(str(error))
    _write(output, file.getvalue())


COMMANDS: tuple[Callable[..., None], ...] = (workbook, pdf, csv, parquet, individual)


def _compared_with(place: Group) -> Group | None:
    """A school and a municipality are drawn beside their region, a region beside the country."""
    if place.level is Level.COUNTRY:
        return None
    return Group() if place.level is Level.REGION else Group(place.region)


def _write_each(
    folder: Path,
    ending: str,
    asked: Asked,
    of_grid: Callable[[Grid], bytes],
    of_works: Callable[[ir.Table, Paper], bytes],
) -> None:
    """A file for each direction, and one for the works behind them."""
    from oko.engines.statistics.individual import SLUG, works_behind

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"Не удалось создать папку «{folder}»: {error.strerror}.")
    for direction in DIRECTIONS:
        grid = direction.report(asked.works, asked.paper, asked.scope)
        _write(folder / f"{direction.slug}.{ending}", of_grid(grid))
    works = works_behind(asked.works, Behind(asked.scope.place))
    _write(folder / f"{SLUG}.{ending}", of_works(works, asked.paper))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        fail(f"Не удалось записать «{path}»: {error.strerror}.")
