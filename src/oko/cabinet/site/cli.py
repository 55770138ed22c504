"""`oko serve` and `oko demo`: the whole product with one command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from oko.cabinet.site.database import Addresses

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Запуск Око.")

DEMO_HOST = "127.0.0.1"  # its password is known to everybody, so it is for this machine alone

Port = Annotated[int, typer.Option(min=1, max=65535, help="Порт, на котором отвечает сайт.")]
EndWithParent = Annotated[
    bool, typer.Option("--end-with-parent", hidden=True, help="Завершиться вместе с вызвавшим процессом.")
]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Адрес, на котором отвечает сайт.")] = "127.0.0.1",
    port: Port = 8765,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Сколько процессов сайта; обычно по числу ядер.")
    ] = None,
    end_with_parent: EndWithParent = False,
) -> None:
    """Запустить Око: база данных, сайт и фоновые задания в одной команде. Остановить: Ctrl-C."""
    from oko.cabinet.site import serving
    from oko.cabinet.site.processes import exit_on_signals

    exit_on_signals()
    database = _set_up("oko.cabinet.site.settings", host, port)
    _prepare(database)
    raise typer.Exit(
        serving.serve(
            host,
            port,
            workers or serving.usual_workers(),
            database,
            announce=lambda: typer.echo(f"Око работает: http://{_shown(host)}:{port}/  Остановить: Ctrl-C."),
            say=_complain,
            end_with_parent=end_with_parent,
        )
    )


@app.command()
def demo(port: Port = 8765, end_with_parent: EndWithParent = False) -> None:
    """Запустить Око с «Демонстрационной областью»: проверочные работы в разгаре. Остановить: Ctrl-C."""
    from oko.cabinet.site import serving
    from oko.cabinet.site.processes import exit_on_signals

    exit_on_signals()
    _keep_demo_apart()
    database = _set_up("oko.cabinet.site.demo.settings", DEMO_HOST, port)
    typer.echo("Готовлю базу данных…")
    _prepare(database)

    from oko.cabinet.site.demo import filling, welcome

    try:
        if not filling.is_filled():
            filling.fill(welcome.show_progress)
    except filling.NotADemoDatabaseError as error:
        _complain(str(error))
        raise typer.Exit(2) from error
    filling.write_reports()
    raise typer.Exit(
        serving.serve(
            DEMO_HOST,
            port,
            serving.usual_workers(),
            database,
            announce=lambda: typer.echo(welcome.text(port)),
            say=_complain,
            end_with_parent=end_with_parent,
        )
    )


def _keep_demo_apart() -> None:
    """The demo has a place and a database of its own, whatever the environment says about the real ones."""
    from oko.cabinet.site.database import state_directory
    from oko.cabinet.site.serving import DATABASE_VARIABLES

    os.environ["OKO_STATE"] = str(state_directory() / "demo")
    given = [
        os.environ.pop(f"{name}{ending}", None) for name in DATABASE_VARIABLES for ending in ("", "_FILE")
    ]
    if any(given):
        _complain("DATABASE_URL не используется: у демонстрации своя база данных.")
    os.environ["DJANGO_SETTINGS_MODULE"] = "oko.cabinet.site.demo.settings"


def _set_up(settings: str, host: str, port: int) -> Addresses:
    """Start the database and Django; when it cannot be, one line and exit code 2."""
    import django

    from oko.cabinet.site.database import EmbeddedDatabaseError
    from oko.cabinet.site.environment import SettingError
    from oko.cabinet.site.serving import CannotServeError, become_owner, check_port

    os.environ["DJANGO_SETTINGS_MODULE"] = os.environ.get("DJANGO_SETTINGS_MODULE") or settings
    try:
        check_port(host, port)
        database = become_owner()
        django.setup()
    except (CannotServeError, EmbeddedDatabaseError, SettingError) as error:
        _complain(str(error))
        raise typer.Exit(2) from error
    return database


def _prepare(database: Addresses) -> None:
    from oko.cabinet.site import serving
    from oko.cabinet.site.roles import RolesError

    try:
        serving.prepare(database)
    except RolesError as error:
        _complain(str(error))
        raise typer.Exit(2) from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _complain(text: str) -> None:
    typer.echo(text, err=True)
