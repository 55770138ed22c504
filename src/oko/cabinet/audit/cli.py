"""`oko audit`: verify the journal, export it for a third party."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from oko.cabinet.audit.findings import Outcome

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Журнал событий: проверить, выгрузить.")

WHOLE, BROKEN, CANNOT = 0, 1, 2
#: The sealer is at most ten seconds behind; a minute means that it does not run.
LATE = 60
SHOWN = 20

KeyFile = Annotated[
    Path | None,
    typer.Option("--public-key", help="Открытый ключ печати, если он не на обычном месте."),
]


@app.callback()
def group() -> None:
    """Журнал событий: проверить, выгрузить."""


@app.command()
def verify(
    file: Annotated[Path | None, typer.Option("--file", help="Проверить выгрузку, без базы данных.")] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(help="Контрольные точки, сохранённые в другом месте.")
    ] = None,
    public_key: KeyFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Ответить одним значением JSON.")] = False,
) -> None:
    """Проверить, что в журнале ничего не изменено, не удалено, не вставлено и не переставлено.

    Код завершения: 0 — журнал цел, 1 — нет, 2 — проверить не удалось.
    """
    outcome = _of_file(file, public_key) if file else _of_database(checkpoints, public_key)
    if as_json:
        typer.echo(json.dumps(_as_json(outcome), ensure_ascii=False))
    else:
        _tell(outcome, own_key=file is not None and public_key is None)
    raise typer.Exit(WHOLE if outcome.whole else BROKEN)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="Куда записать, например журнал.jsonl.gz.")],
    since: Annotated[datetime | None, typer.Option(help="С какого времени (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="До какого времени (UTC), не включая.")] = None,
    public_key: KeyFile = None,
) -> None:
    """Выгрузить запечатанные события в файл, который проверит и тот, у кого нет ни базы данных, ни ключей."""
    if out.exists():
        _give_up(f"«{out}» уже есть: укажите другое имя.")
    if not out.parent.is_dir():
        _give_up(f"Папки «{out.parent}» нет: создайте её или укажите другую.")
    with _database():
        from oko.cabinet.audit import checkpoints as points
        from oko.cabinet.audit import exporting, keys
        from oko.cabinet.audit.circumstances import Circumstances, under
        from oko.cabinet.audit.journal import JOURNAL_EXPORTED
        from oko.cabinet.audit.recording import record

        key = keys.public_key(public_key)
        path = points.checkpoints_path()
        signed = list(points.read(path)) if path.exists() else []
        with under(Circumstances(task="oko audit export")):
            record(JOURNAL_EXPORTED, after={"file": out.name, "since": since, "until": until})
        with _snapshot() as query:
            written = exporting.export(out, query, key, signed, _in_utc(since), _in_utc(until))
    typer.echo(f"Выгружено событий: {written['events']}, звеньев: {written['links']}. Файл: {out}")
    typer.echo(f"Отпечаток ключа печати: {keys.fingerprint(key)}. Сообщите его получателю отдельно.")


def _of_file(file: Path, public_key: Path | None) -> Outcome:
    from oko.cabinet.audit import keys
    from oko.cabinet.audit.exported import ExportFileError, verify_file

    try:
        return verify_file(file, keys.public_key(public_key) if public_key else None)
    except (ExportFileError, keys.KeyFileError) as error:
        _give_up(str(error))


def _of_database(checkpoints: Path | None, public_key: Path | None) -> Outcome:
    with _database():
        from oko.cabinet.audit import checkpoints as points
        from oko.cabinet.audit import keys
        from oko.cabinet.audit.verifying import is_sealed, verify

        path = checkpoints or points.checkpoints_path()
        signed = list(points.read(path)) if checkpoints or path.exists() else []
        with _snapshot() as query:
            needs_key = public_key is not None or signed or is_sealed(query)
            return verify(query, keys.public_key(public_key) if needs_key else None, signed)


@contextmanager
def _database() -> Iterator[None]:
    """Django and its database; where they cannot be had, one line and exit code 2."""
    import django
    import psycopg
    from django.db import DatabaseError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oko.cabinet.site.settings")
    try:
        django.setup()
        yield
    except (DatabaseError, psycopg.Error) as error:
        _give_up(f"База данных не отвечает или не готова: {str(error).splitlines()[0]}")
    except OSError as error:
        _give_up(f"Файл не читается или не пишется: {error}")
    except RuntimeError as error:  # settings, keys and checkpoints say in words what is wrong with them
        if isinstance(error, typer.Exit):
            raise
        _give_up(str(error))


@contextmanager
def _snapshot() -> Iterator[Any]:
    """Questions that all see the database as it is at one moment."""
    from django.db import connection, transaction

    from oko.cabinet.audit.verifying import reader

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield reader(connection.connection)


def _tell(outcome: Outcome, *, own_key: bool) -> None:
    if outcome.breaks:
        typer.echo("ЖУРНАЛ НАРУШЕН. Первое нарушение:")
        for broken in outcome.breaks[:SHOWN]:
            typer.echo(f"  {broken.text}")
        if len(outcome.breaks) > SHOWN:
            typer.echo(f"  …и ещё нарушений: {len(outcome.breaks) - SHOWN}.")
        typer.echo(
            "Сохраните копию базы данных и контрольных точек и сообщите ответственному за безопасность."
        )
    else:
        typer.echo("Журнал цел: ничего не изменено, не удалено, не вставлено и не переставлено.")
    until = f", по {outcome.until:%d.%m.%Y %H:%M:%S} UTC" if outcome.until else ""
    typer.echo(f"Запечатано событий: {outcome.events}, звеньев: {outcome.links}{until}.")
    if outcome.waiting:
        typer.echo(f"Ещё не запечатано событий: {outcome.waiting}.")
    if _is_late(outcome):
        typer.echo(
            "Внимание: печать не работает — события ждут дольше минуты. Запущен ли oko serve?", err=True
        )
    if outcome.head:
        typer.echo(f"Последнее звено: {outcome.head}")
        typer.echo(f"Отпечаток ключа печати: {outcome.fingerprint}")
    if own_key:
        typer.echo(
            "Ключ взят из самого файла: сверьте отпечаток с тем, который сообщил владелец журнала, "
            "или укажите ключ: --public-key ФАЙЛ.",
            err=True,
        )


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "whole": outcome.whole,
        "breaks": [broken.as_json() for broken in outcome.breaks],
        "events": outcome.events,
        "links": outcome.links,
        "head": outcome.head,
        "until": outcome.until.isoformat() if outcome.until else None,
        "waiting": outcome.waiting,
        "waiting_since": outcome.waiting_since.isoformat() if outcome.waiting_since else None,
        "sealer_is_late": _is_late(outcome),
        "key_fingerprint": outcome.fingerprint,
    }


def _is_late(outcome: Outcome) -> bool:
    if outcome.waiting_since is None:
        return False
    from oko.cabinet.foundation import clock

    return (clock.now() - outcome.waiting_since).total_seconds() > LATE


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _give_up(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(CANNOT)
