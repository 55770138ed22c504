"""`oko blank`: definitions of blanks, and blanks printed from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

UNUSABLE = 2
SHORTEST_KEY = 16  # bytes

app = typer.Typer(
    help="Бланки: описание, печать.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)

Source = Annotated[
    Path, typer.Argument(help="Описание бланка (JSON) или имя готового, например answers-1.json.")
]


@app.command()
def schema() -> None:
    """Напечатать JSON Schema описания бланка."""
    from oko.engines.blanks.definition import definition_schema

    _print_json(definition_schema())


@app.command()
def layout(definition: Source) -> None:
    """Напечатать, где на листе стоит каждая клетка: миллиметры от левого верхнего угла."""
    from oko.engines.blanks.layout import layout_json

    _print_json(layout_json(_loaded(definition)))


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
        _fail(f"«{definition}» описывает чужой лист: его печатает не Око, Око его только читает.")
    try:
        pages = print_blanks(blank, read_people(data), out, key=read_key(key))
    except DataError as error:
        _fail(str(error))
    typer.echo(f"Страниц: {pages}. Файл: {out}", err=True)


def read_key(path: Path | None) -> bytes | None:
    """The key in a file, without the white space around it."""
    if path is None:
        return None
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        _fail(f"Ключ «{path}» не читается: {error.strerror}.")
    if len(key) < SHORTEST_KEY:
        _fail(f"Ключ «{path}» короче {SHORTEST_KEY} байт: его можно угадать.")
    return key


def _loaded(path: Path) -> Any:
    from oko.engines.blanks.definition import DefinitionError, load_definition

    try:
        return load_definition(path)
    except DefinitionError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(UNUSABLE)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
