"""`oko blank read` and `oko blank errors`: scans read into tables, and the tables compared with the truth."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oko.engines import console
from oko.engines.blanks.many_values import ManyValues
from oko.engines.console import fail, print_json

if TYPE_CHECKING:
    from oko.engines.blanks.definition import Definition

INTERRUPTED = 130

app = console.group("Бланки: сканы прочитать, ошибки посчитать.")


@app.command(cls=ManyValues)
def read(
    definitions: Annotated[
        list[Path], typer.Argument(help="Описания бланков (JSON) или имена готовых.", metavar="DEF…")
    ],
    scans: Annotated[
        list[Path], typer.Option("--scans", help="Файлы сканов и папки с ними: TIFF, PDF, JPEG, PNG.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Куда записать значения клеток, CSV.")],
    pages: Annotated[Path, typer.Option("--pages", help="Куда записать, что стало с каждой страницей, CSV.")],
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=256, help="Сколько процессов; без указания — по числу ядер."),
    ] = None,
    crops: Annotated[
        Path | None, typer.Option("--crops", help="Папка вырезок: с чего прочитано и что проверить человеку.")
    ] = None,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", help="Папка страниц, на которых нарисовано прочитанное.")
    ] = None,
    details: Annotated[
        Path | None, typer.Option("--details", help="Куда записать всё о страницах для программ, JSONL.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="Файл с ключом, с которым бланки напечатаны.")
    ] = None,
    matches: Annotated[
        Path | None,
        typer.Option("--matches", help="Таблица oko blank match: чьи страницы, на которых кода не видно."),
    ] = None,
) -> None:
    """Прочитать сканы. Прерванное чтение та же команда продолжит.

    Код выхода: 0 — у каждой страницы есть строка, 2 — читать нечего или некуда.
    """
    from oko.engines.blanks.cli import read_key
    from oko.engines.recognition.batch.run import BatchError, Order, StoppedError, read_batch
    from oko.engines.recognition.batch.sources import SourcesError, find_sources
    from oko.engines.recognition.batch.summary import Told, tell_totals
    from oko.engines.recognition.batch.tables import Outputs
    from oko.engines.recognition.batch.tasks import Setup
    from oko.engines.recognition.matching.tables import TableError, read_matches

    known = _loaded(definitions)
    secret = read_key(key)
    tables = [path for path in (out, pages, details) if path is not None]
    _check_tables(tables)
    _check_folders([path for path in (crops, overlay) if path is not None])
    try:
        found = find_sources(scans)
        codes = {} if matches is None else read_matches(matches, secret)
    except (SourcesError, TableError) as error:
        fail(str(error))
    paths = {source.name: str(source.path) for source in found.sources}
    texts = {(paths[name], page): text for (name, page), (_, text) in codes.items() if name in paths}
    if found.passed_over:
        _say(f"Пропущены не сканы: {_some(found.passed_over)}.")
    setup = Setup(known, secret, crops, overlay, texts)
    order = Order(found.sources, setup, Outputs(out, pages, details), workers or _cores())
    try:
        totals = read_batch(order, Told(_say))
    except BatchError as error:
        fail(str(error))
    except StoppedError as stopped:
        done = (
            f"готово {stopped.done} из {stopped.total} страниц" if stopped.total else "страницы не сосчитаны"
        )
        _say(f"\nОстановлено: {done}. Та же команда продолжит.")
        raise typer.Exit(INTERRUPTED) from None
    tell_totals(totals, _say)


@app.command(cls=ManyValues)
def errors(
    truth: Annotated[Path, typer.Argument(help="truth.csv: что написано на самом деле.")],
    fields: Annotated[Path, typer.Argument(help="fields.csv: что прочитано.")],
    pages: Annotated[Path, typer.Argument(help="pages.csv: что стало со страницами.")],
    blanks: Annotated[
        list[Path] | None, typer.Option("--blank", help="Описания бланков, если они не из поставки.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Вывести один объект JSON.")] = False,
) -> None:
    """Сравнить прочитанное с правдой: сколько ошибок и от чего они."""
    from oko.engines.blanks.definition import shipped_definitions
    from oko.engines.recognition.batch.errors import TableError, compare, in_words

    known = (*_loaded([Path(name) for name in shipped_definitions()]), *_loaded(blanks or []))
    try:
        report = compare(truth, fields, pages, known)
    except TableError as error:
        fail(str(error))
    if as_json:
        print_json(report.to_json())
    else:
        typer.echo(in_words(report))


def _loaded(paths: list[Path]) -> tuple[Definition, ...]:
    """All definitions; the same blank and version twice cannot be told apart."""
    from oko.engines.blanks.definition import DefinitionError, load_definition

    known: dict[tuple[str, int], Path] = {}
    loaded = []
    for path in paths:
        try:
            definition = load_definition(path)
        except DefinitionError as error:
            fail(str(error))
        name = (definition.blank, definition.version)
        if name in known:
            fail(
                f"Бланк «{name[0]}» версии {name[1]} описан дважды: «{known[name]}» и «{path}». "
                "Оставьте одно описание."
            )
        known[name] = path
        loaded.append(definition)
    return tuple(loaded)


def _check_tables(tables: list[Path]) -> None:
    """Before hours of work: every table can be written, and none over another."""
    if len({path.resolve() for path in tables}) < len(tables):
        fail("Таблицы --out, --pages и --details — разные файлы: укажите разные имена.")
    for path in tables:
        if path.is_dir():
            fail(f"«{path}» — папка, а нужен файл.")
        if not path.parent.is_dir():
            fail(f"Папки «{path.parent}» нет: создайте её или укажите другую.")
        if not os.access(path.parent, os.W_OK):
            fail(f"В папку «{path.parent}» нельзя писать.")


def _check_folders(folders: list[Path]) -> None:
    if len({path.resolve() for path in folders}) < len(folders):
        fail("Папки --crops и --overlay — разные: укажите разные имена.")
    for path in folders:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            fail(f"«{path}» — файл, а нужна папка.")
        except OSError as error:
            fail(f"Папка «{path}» не создаётся: {error.strerror}.")
        if not os.access(path, os.W_OK):
            fail(f"В папку «{path}» нельзя писать.")


def _cores() -> int:
    """Those that this process may use: a container may have been given fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _some(names: tuple[str, ...], most: int = 3) -> str:
    shown = ", ".join(f"«{name}»" for name in names[:most])
    return shown if len(names) <= most else f"{shown} и ещё {len(names) - most}"


def _say(message: str) -> None:
    typer.echo(message, err=True)
