"""What a command of `oko report` is asked for: of which works, of which place; the place in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NamedTuple, NoReturn

import ibis.expr.types as ir
import typer

from oko.engines import console
from oko.engines.papers import Paper
from oko.engines.statistics.levels import EVERYTHING, Level, Scope, find_group
from oko.engines.statistics.marks import mark_table
from oko.engines.statistics.reading import Summary, season_tables, summary
from oko.engines.statistics.works import WorksError, open_works, stored_paper

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


class Asked(NamedTuple):
    """What a command was asked for; the works are all that there are, the scope says which groups."""

    works: ir.Table
    paper: Paper
    scope: Scope


@contextmanager
def asked_for(
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
        fail("Укажите что-то одно: --region, --municipality или --school.")
    try:
        paper = stored_paper(root, assessment, paper_code)
        if paper is None:
            fail(f"В папке «{root}» нет работ: процедура «{assessment}», работа «{paper_code}».")
        with open_works(root, assessment, paper) as works:
            scope = _scope_of(works, paper, *named[0]) if named else EVERYTHING
            yield Asked(works, paper, scope)
    except WorksError as error:
        fail(str(error))


def _scope_of(works: ir.Table, paper: Paper, level: Level, code: str) -> Scope:
    place = find_group(
        works, level, code.encode(errors="replace").decode()
    )  # a terminal's bytes may be no text
    if place is None:
        fail(f"{_NOBODY[level].format(code)} нет среди работ «{paper.code}».")
    return Scope(place, down_to=None if level is Level.SCHOOL else Level.SCHOOL)


_NOBODY = {
    Level.REGION: "Региона «{}»",
    Level.MUNICIPALITY: "Муниципалитета «{}»",
    Level.SCHOOL: "Школы «{}»",
}


def in_words(asked: Asked, assessment: str) -> Summary:
    """The place that was asked for on one page in plain words."""
    works, place = asked.works, asked.scope.place
    tables = season_tables(assessment, asked.paper, place, marks=works, comparison=works, items=works)
    of_all = mark_table(works, asked.paper, asked.scope)
    schools = [row for row in of_all.rows if row.group.level is Level.SCHOOL and row.participants]
    return summary(place, tables, school_sizes=[row.participants for row in schools])


def fail(message: str) -> NoReturn:
    """One line on standard error, whatever was in the message."""
    console.fail(" ".join(message.split()))
