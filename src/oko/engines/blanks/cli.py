"""`oko blank`: definitions of blanks, blanks printed from them, and filled ones to try readers with."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from oko.engines import console
from oko.engines.blanks.many_values import ManyValues
from oko.engines.console import fail, print_json

SHORTEST_KEY = 16  # bytes

app = console.group("Бланки: описание, печать, заполненные образцы.")

Source = Annotated[
    Path, typer.Argument(help="Описание бланка (JSON) или имя готового, например answers-1.json.")
]


@app.command()
def schema() -> None:
    """Напечатать JSON Schema описания бланка."""
    from oko.engines.blanks.definition import definition_schema

    print_json(definition_schema())


@app.command()
def layout(definition: Source) -> None:
    """Напечатать, где на листе стоит каждая клетка: миллиметры от левого верхнего угла."""
    from oko.engines.blanks.layout import layout_json

    print_json(layout_json(_loaded(definition)))


@app.command()
def render(
    definition: Source,
    data: Annotated[Path, typer.Option("--data", help="CSV: строка — комплект, столбцы названы в описании.")],
    out: Annotated[Path, typer.Option("--out", help="Куда записать PDF.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="Файл с ключом: чужие бланки не выдать за свои.")
    ] = None,
) -> None:
    """Напечатать персональные бланки в PDF."""
    from oko.engines.blanks.printing import DataError, read_people
    from oko.engines.blanks.printing import render as print_blanks

    blank = _loaded(definition)
    if blank.foreign is not None:
        fail(f"«{definition}» описывает чужой лист: его печатает не Око, Око его только читает.")
    try:
        pages = print_blanks(blank, read_people(data), out, key=read_key(key))
    except DataError as error:
        fail(str(error))
    typer.echo(f"Страниц: {pages}. Файл: {out}", err=True)


class Degradation(StrEnum):
    """How a filled page becomes a scan."""

    CLEAN = "clean"
    SCANNER = "scanner"
    COPIER = "copier"
    PHONE = "phone"
    BAD = "bad"


@app.command(cls=ManyValues)
def fill(
    definition: Source,
    out: Annotated[Path, typer.Option("--out", help="Новая или пустая папка для сканов и truth.csv.")],
    glyphs: Annotated[
        list[Path] | None,
        typer.Option("--glyphs", help="Архивы рукописных знаков (.npz: images, labels; чернила 255)."),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="Сколько комплектов.")] = 10,
    mode: Annotated[
        Degradation, typer.Option("--degrade", help="Как испорчены сканы.")
    ] = Degradation.SCANNER,
    seed: Annotated[int, typer.Option("--seed", min=0, help="То же число — те же сканы.")] = 0,
    key: Annotated[
        Path | None, typer.Option("--key", help="Файл с ключом, которым сделаны коды страниц.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Сколько процессов; по умолчанию — по числу ядер.")
    ] = None,
) -> None:
    """Сделать заполненные бланки, как после сканера, с верными значениями: ими проверяют чтение."""
    from oko.engines.blanks.filling import FillError, GlyphsError, check, read_glyphs, wanted_characters
    from oko.engines.blanks.filling import fill as fill_sets

    blank = _loaded(definition)
    try:
        archives, useless = read_glyphs(glyphs or [], wanted_characters(blank))
        for path in useless:
            typer.echo(f"Архив «{path}» не нужен: его знаков нет ни в одном поле бланка.", err=True)
        check(blank, archives, out)
        with typer.progressbar(
            length=count * len(blank.pages), label="Сканы", file=typer.get_text_stream("stderr")
        ) as bar:
            pages = fill_sets(
                blank,
                archives,
                count,
                mode.value,
                seed,
                out,
                key=read_key(key),
                workers=workers or os.cpu_count() or 1,
                progress=lambda done: bar.update(1),
            )
    except (FillError, GlyphsError) as error:
        fail(str(error))
    typer.echo(f"Страниц: {pages}. Папка: {out}", err=True)


def read_key(path: Path | None) -> bytes | None:
    """The key in a file, without the white space around it."""
    if path is None:
        return None
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        fail(f"Ключ «{path}» не читается: {error.strerror}.")
    if len(key) < SHORTEST_KEY:
        fail(f"Ключ «{path}» короче {SHORTEST_KEY} байт: его можно угадать.")
    return key


def _loaded(path: Path) -> Any:
    from oko.engines.blanks.definition import DefinitionError, load_definition

    try:
        return load_definition(path)
    except DefinitionError as error:
        fail(str(error))
