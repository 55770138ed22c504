"""`oko blank match`: pages without a readable code found by the text of their code."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oko.engines import console
from oko.engines.blanks.many_values import ManyValues
from oko.engines.console import fail

if TYPE_CHECKING:
    from oko.engines.recognition.batch.sources import Source
    from oko.engines.recognition.matching.finding import Match, Matcher

logger = logging.getLogger(__name__)

app = console.group()


@app.callback()
def group() -> None:
    """Бланки без кода."""


@app.command(cls=ManyValues)
def match(
    definitions: Annotated[
        list[Path], typer.Argument(help="Описания бланков (JSON) или имена готовых.", metavar="DEF…")
    ],
    data: Annotated[Path, typer.Option("--data", help="CSV, по которому бланки печатали.")],
    scans: Annotated[list[Path], typer.Option("--scans", help="Те же сканы, что и для oko blank read.")],
    pages: Annotated[Path, typer.Option("--pages", help="Таблица страниц, которую записал oko blank read.")],
    out: Annotated[Path, typer.Option("--out", help="Куда записать, чьи это страницы, CSV.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="Файл с ключом, с которым бланки напечатаны.")
    ] = None,
) -> None:
    """Найти, чьи страницы остались без кода, по печатной подписи кода.

    В таблице review = 0 у найденных наверняка; у остальных — до трёх кандидатов, решает человек.
    """
    from oko.engines.blanks.cli import read_key
    from oko.engines.blanks.definition import DefinitionError, load_definition
    from oko.engines.blanks.printing import DataError, read_people
    from oko.engines.recognition.batch.sources import SourcesError, find_sources
    from oko.engines.recognition.matching.finding import Matcher
    from oko.engines.recognition.matching.tables import TableError, read_pages, write_matches
    from oko.engines.strict_json import cause

    secret = read_key(key)
    try:
        known = [load_definition(path) for path in definitions]
        batch = read_pages(pages)
        matcher = Matcher(known, read_people(data), secret)
        sources = {source.name: source for source in find_sources(scans).sources}
    except (DefinitionError, DataError, TableError, SourcesError) as error:
        fail(str(error))
    absent = next((name for name, _ in batch.unmatched if name not in sources), None)
    if absent is not None:
        fail(f"В «{pages.name}» есть «{absent}», а среди сканов его нет: укажите в --scans те же пути.")
    found = list(_found(matcher, sources, batch.unmatched))
    try:
        clear = write_matches(out, found, batch.read, known, secret)
    except OSError as error:
        fail(f"Таблица «{out}» не записывается: {cause(error)}.")
    typer.echo(
        f"Страниц без кода: {len(found)}; найдено наверняка: {clear}; решить человеку: {len(found) - clear}.",
        err=True,
    )


def _found(
    matcher: Matcher, sources: dict[str, Source], pages: Sequence[tuple[str, int]]
) -> Iterator[tuple[str, int, Match]]:
    """Page after page; one that cannot be decoded any more stays without a match."""
    from oko.engines.recognition.intake import ScanPage
    from oko.engines.recognition.matching.finding import NOTHING
    from oko.engines.recognition.matching.sheets import LEAST_PX

    with typer.progressbar(pages, label="Поиск", file=typer.get_text_stream("stderr")) as bar:
        for name, number in bar:
            try:
                scan = ScanPage(sources[name].path, number).grey(LEAST_PX).image
                yield name, number, matcher.match(scan)
            except Exception as error:  # a library's surprise costs one page and not the table
                logger.warning("page %s of %s: %s", number, name, error)
                yield name, number, NOTHING
