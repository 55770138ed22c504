"""`oko backup` and `oko restore`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from oko.cabinet.site.database import Addresses

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Резервные копии.")

AsJson = Annotated[bool, typer.Option("--json", help="Результат одним значением JSON.")]


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="КУДА", help="Папка или имя нового файла.")],
    with_secrets: Annotated[
        bool,
        typer.Option(
            "--with-secrets", help="Вместе с ключами. Тогда файл открывает всё: храните его как ключи."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Сохранить базу данных и файлы в один файл. Око при этом работает."""
    from oko.cabinet.site.backup.archive import ArchiveError

    _set_up()
    from oko.cabinet.site import journal
    from oko.cabinet.site.backup import making, marks

    with _in_words(ArchiveError):
        made = making.make(target, with_secrets=with_secrets, say=_progress(as_json))
        marks.note(made)
        _record("oko backup", journal.BACKED_UP, {"sha256": made.sha256, "with_secrets": made.with_secrets})
    if as_json:
        typer.echo(json.dumps(made.as_json(), ensure_ascii=False))
        return
    typer.echo(f"Копия готова: {made.file} ({made.bytes:,} байт).".replace(",", "\u00a0"))
    typer.echo(
        f"Таблиц: {made.tables}, строк: {made.rows}, файлов работ: {made.files}. SHA-256: {made.sha256}"
    )
    if not with_secrets:
        typer.echo(
            "Ключей в копии нет: сохраните их отдельно (docs/mechanisms/operation.md, «Ключи»). Без них "
            "нельзя проверить коды подлинности журнала и прочитать вторые факторы."
        )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="ФАЙЛ", help="Файл, сделанный командой oko backup.")],
    into: Annotated[
        Path | None, typer.Option(metavar="ПАПКА", help="Новая папка: всё будет в ней, база данных тоже.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Восстановить копию в пустую базу данных и пустую папку. Ничего не перезаписывает."""
    from oko.cabinet.site.backup.archive import ArchiveError, reading

    if into is not None:
        os.environ["OKO_STATE"] = str(into)
        for elsewhere in ("DATABASE_URL", "DATABASE_URL_FILE", "OKO_AUDIT_DIR"):
            os.environ.pop(elsewhere, None)
    say = _progress(as_json)
    say("Проверяю контрольные суммы…")
    with _in_words(ArchiveError), reading(file) as archive:
        from oko.cabinet.site.backup import restoring

        put: list[Path] = []
        try:
            put = restoring.put_secrets(archive, _folders_of_secrets())
            database = _become_owner()
            _set_up()
            restored = restoring.restore(archive, say)
            _set_up_roles(database)
            _record_restored(restored.made_at)
        except BaseException:
            for path in put:
                path.unlink(missing_ok=True)
            raise
    if as_json:
        typer.echo(json.dumps(restored.as_json(), ensure_ascii=False))
        return
    typer.echo(
        f"Восстановлена копия от {restored.made_at} (Око {restored.oko}). Таблиц: {restored.tables}, "
        f"строк: {restored.rows}, файлов: {restored.files}; содержимое сверено с архивом."
    )
    if not put:
        typer.echo("Ключей в архиве нет: верните их из своего хранилища до запуска (OKO_…_KEY).")
    typer.echo("Проверьте журнал: oko audit verify. Людям нужно войти заново: сеансы в копию не входят.")


def _record_restored(made_at: str) -> None:
    from oko.cabinet.site import journal

    _record("oko restore", journal.RESTORED, {"made_at": made_at})


def _record(command: str, verb: str, after: dict[str, Any]) -> None:
    """An event of the command; who gave it is known to the machine, which has its own users."""
    from django.db import transaction

    from oko.cabinet.audit.circumstances import Circumstances, under
    from oko.cabinet.audit.recording import record

    with under(Circumstances(task=command)), transaction.atomic():
        record(verb, after=after)


def _folders_of_secrets() -> dict[str, Path]:
    """Where a secret of this name is kept; the rest («») lies in the folder of the installation."""
    from oko.cabinet.site.database import state_directory

    state = state_directory()
    journal = Path(os.environ.get("OKO_AUDIT_DIR") or state / "audit").resolve()
    return {"": state, "sealer-key.pem": journal}


def _become_owner() -> Addresses:
    """Only the owner of a database builds tables in it."""
    from oko.cabinet.site.database import EmbeddedDatabaseError
    from oko.cabinet.site.environment import SettingError
    from oko.cabinet.site.serving import become_owner

    with _in_words(EmbeddedDatabaseError, SettingError, ValueError):
        return become_owner()


def _set_up_roles(database: Addresses) -> None:
    from oko.cabinet.site.roles import RolesError, set_up_roles

    if database.apart:
        with _in_words(RolesError):
            set_up_roles(database, may_create=database.embedded)


def _set_up() -> None:
    """Start the database and Django; when it cannot be, one line and exit code 2."""
    import django

    from oko.cabinet.site.database import EmbeddedDatabaseError
    from oko.cabinet.site.environment import SettingError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oko.cabinet.site.settings")
    with _in_words(EmbeddedDatabaseError, SettingError, ValueError):
        django.setup()


class _in_words:  # noqa: N801  # reads as a phrase: with _in_words(…)
    """One line on standard error and exit code 2, instead of a traceback."""

    def __init__(self, *known: type[Exception]) -> None:
        self._known = known

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if isinstance(error, self._known):
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from error


def _progress(as_json: bool) -> Callable[[str], None]:
    """A line a step on standard error, so that standard output stays the result's."""
    if as_json and not sys.stderr.isatty():
        return lambda text: None
    return lambda text: typer.echo(text, err=True)
