"""`oko invite`: the first person of a fresh installation gets in without anybody above to let them in."""

from __future__ import annotations

import os
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Выдать доступ с этой машины.")


@app.command()
def invite(
    login: Annotated[str, typer.Argument(help="Логин: латинские буквы и цифры.")],
    name: Annotated[str, typer.Option(help="Фамилия, имя, отчество.")],
    assessment: Annotated[
        str, typer.Option(help="Код процедуры, в которой человек работает; новая будет заведена.")
    ] = "start",
    title: Annotated[str, typer.Option(help="Название новой процедуры.")] = "Первая процедура",
    organisation: Annotated[
        str, typer.Option(help="Название федерального организатора, если его ещё нет.")
    ] = "Федеральный организатор",
) -> None:
    """Пригласить федерального организатора: одноразовый код активации печатается здесь и больше нигде."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oko.cabinet.site.settings")
    try:
        django.setup()
        _bring_database_up_to_date()
    except Exception as error:
        # Whatever keeps the product from starting is told in its own words, in one line.
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    from oko.cabinet.access import inviting

    try:
        made = inviting.invite(login, name, assessment, title, organisation)
    except inviting.CannotInviteError as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from refusal
    typer.echo(f"Логин:          {made.login}")
    typer.echo(f"Код активации:  {made.code}   (один раз, до {made.until})")
    typer.echo(
        "Откройте на сайте страницу /activate/ и введите их. Код больше нигде не показан и не хранится."
    )


def _bring_database_up_to_date() -> None:
    """Only where it is needed: the role that runs the product may not be allowed to change tables."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
