"""Making a backup while the product runs: one snapshot of the database, and the files beside it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import IsolationLevel

from oko.cabinet.foundation import clock
from oko.cabinet.site import environment
from oko.cabinet.site.backup import tables
from oko.cabinet.site.backup.archive import CHUNK, ArchiveError, Writer, writing

#: In the folder of the journal: what a stranger can verify it with. The key that signs is a secret.
JOURNAL_FILES = ("checkpoints.jsonl", "sealer-key.pub.pem")
SEALER_KEY = "sealer-key.pem"


@dataclass(frozen=True, slots=True)
class Made:
    file: str
    bytes: int
    sha256: str
    made_at: str
    tables: int
    rows: int
    files: int
    with_secrets: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def make(target: Path, *, with_secrets: bool, say: Callable[[str], None]) -> Made:
    """Write the backup into the file `target`, or into the folder `target` under a name with the moment.

    Raises:
        ArchiveError: it cannot be written, or the database cannot be read; nothing is left then.
    """
    moment = clock.now()
    if target.is_dir():
        target /= f"oko-{moment:%Y-%m-%d-%H%M%S}.zip"
    with writing(target) as archive:
        # The journal's checkpoints first: none may name a link that the snapshot does not hold yet. The works
        # afterwards: they follow from the database, and a job that the snapshot holds makes them again.
        _add_journal(archive)
        with _snapshot() as cursor:
            rows, told = _add_tables(archive, cursor, say)
        say("Файлы работ…")
        files = _add_works(archive)
        if with_secrets:
            _add_secrets(archive)
        archive.finish(
            {
                "made_at": moment.isoformat(),
                "oko": version("oko"),
                "python": platform.python_version(),
                "with_secrets": with_secrets,
                **told,
            }
        )
    say("Контрольная сумма…")
    return Made(
        file=str(target),
        bytes=target.stat().st_size,
        sha256=_digest(target),
        made_at=moment.isoformat(),
        tables=len(rows),
        rows=sum(rows.values()),
        files=files,
        with_secrets=with_secrets,
    )


def left_out() -> set[str]:
    """Sessions: whoever gets hold of a backup must not be signed in by it."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return {"django_session", str(store.get_model_class()._meta.db_table)}


@contextmanager
def _snapshot() -> Iterator[psycopg.Cursor[Any]]:
    """All tables as they are at one moment; nobody waits for us, and we for nobody."""
    parameters = connection.get_connection_params()
    parameters = {
        name: value
        for name, value in parameters.items()
        if name not in ("cursor_factory", "context", "prepare_threshold")
    }
    try:
        with psycopg.connect(**parameters) as own:
            own.isolation_level = IsolationLevel.REPEATABLE_READ
            own.read_only = True
            with own.cursor() as cursor:
                tables.agree_on_spelling(cursor)
                yield cursor
    except psycopg.Error as error:
        raise ArchiveError(f"База данных не читается: {str(error).strip()}") from error


def _add_tables(
    archive: Writer, cursor: psycopg.Cursor[Any], say: Callable[[str], None]
) -> tuple[dict[str, int], dict[str, Any]]:
    every = [table for table in tables.tables(cursor) if table.name not in left_out()]
    rows: dict[str, int] = {}
    for number, table in enumerate(every, start=1):
        say(f"Таблица {number} из {len(every)}: {table.name}")
        with archive.part(f"database/{table.name}.copy") as part:
            lines = 0
            for chunk in tables.copy_out(cursor, table):
                part.write(chunk)
                lines += chunk.count(b"\n")
        rows[table.name] = lines
    applied = cursor.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    server = cursor.execute("SHOW server_version").fetchone()
    return rows, {
        "postgresql": str(server[0]) if server else "",
        "migrations": [list(migration) for migration in applied],
        "tables": {table.name: {"columns": table.columns, "rows": rows[table.name]} for table in every},
        "sequences": tables.sequences(cursor),
    }


def _add_journal(archive: Writer) -> None:
    for name in JOURNAL_FILES:
        _add_file(archive, Path(settings.AUDIT_ROOT) / name, f"audit/{name}")


def _add_works(archive: Writer) -> int:
    """Files are replaced whole by whoever writes them; readers' own links to older ones lie under a dot."""
    root = Path(settings.WORKS_ROOT)
    names = sorted(path.relative_to(root) for path in root.rglob("works.parquet"))
    whole = [name for name in names if not any(part.startswith(".") for part in name.parts)]
    return sum(_add_file(archive, root / name, f"works/{name.as_posix()}") for name in whole)


def _add_secrets(archive: Writer) -> None:
    for path, value in environment.secrets_in_use().values():
        with archive.part(f"secrets/{path.name}") as part:
            part.write(value.encode())
    _add_file(archive, Path(settings.AUDIT_ROOT) / SEALER_KEY, f"secrets/{SEALER_KEY}")


def _add_file(archive: Writer, path: Path, name: str) -> bool:
    """False where the file is not there (any more)."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return False
    with file, archive.part(name) as part:
        while chunk := file.read(CHUNK):
            part.write(chunk)
    return True


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
