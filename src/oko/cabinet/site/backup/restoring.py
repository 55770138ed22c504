"""Restoring a backup into a fresh place: everything that the archive holds, or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from oko.cabinet.site.backup import tables
from oko.cabinet.site.backup.archive import ArchiveError, Reader
from oko.cabinet.site.backup.making import JOURNAL_FILES

_FRESH_SCHEMA = """
    DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC
"""


#: Apps that Oko once had; what they kept is not needed any more and stays behind in the archive.
FORMER_APPS = ("axes",)


@dataclass(frozen=True, slots=True)
class Restored:
    made_at: str
    oko: str
    tables: int
    rows: int
    files: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def restore(archive: Reader, say: Callable[[str], None]) -> Restored:
    """Fill the empty database and the empty folders of this installation from an archive already verified.

    Raises:
        ArchiveError: this place is not empty, the archive is of a newer Oko, or what came out of the database
            again is not what went in; the place is as empty as before then.
    """
    manifest = archive.manifest
    _refuse_newer(manifest)
    _refuse_what_is_not_empty()
    with _all_or_nothing():
        say("Строю таблицы…")
        _migrate(_last_of_each_app(_of_today(manifest)))
        rows = _load(archive, say)
        say("Файлы…")
        files = _put_files(archive)
        say("Довожу базу до этой версии Око…")
        _migrate_on()
    return Restored(
        made_at=str(manifest["made_at"]),
        oko=str(manifest["oko"]),
        tables=len(manifest["tables"]),
        rows=rows,
        files=files,
    )


def put_secrets(archive: Reader, folders: dict[str, Path]) -> list[Path]:
    """Secrets that came with the archive, where this place has none of its own yet; returns what was put.

    Done before the settings are read, since reading them makes secrets that are missing.
    """
    put = []
    for name in archive.names("secrets"):
        path = folders.get(Path(name).name, folders[""]) / Path(name).name
        if path.exists():
            continue
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(archive.chunks(name))
        put.append(path)
    return put


def _refuse_newer(manifest: dict[str, Any]) -> None:
    known = MigrationExecutor(connection).loader.graph.nodes
    unknown = [f"{app}.{name}" for app, name in _of_today(manifest) if (app, name) not in known]
    if unknown:
        raise ArchiveError(
            f"Архив сделан версией Око {manifest['oko']}, в которой есть то, чего нет в этой: {unknown[0]}. "
            "Поставьте ту же версию или новее и повторите."
        )


def _refuse_what_is_not_empty() -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.table_names(cursor)
    if found:
        raise ArchiveError(
            f"База данных не пуста: в ней есть таблица «{found[0]}» и другие, всего {len(found)}. "
            "Восстановление ничего не перезаписывает: создайте пустую базу и укажите её в DATABASE_URL, "
            "или укажите пустую папку: oko restore ФАЙЛ --into ПАПКА."
        )
    for folder in (Path(settings.WORKS_ROOT), Path(settings.AUDIT_ROOT)):
        if next((path for path in folder.rglob("*") if path.suffix in (".parquet", ".jsonl")), None):
            raise ArchiveError(
                f"Папка «{folder}» не пуста. Восстановление ничего не перезаписывает: уберите её содержимое "
                "или укажите другое место: oko restore ФАЙЛ --into ПАПКА."
            )


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """The place was empty before: so emptying it takes nothing from anybody."""
    try:
        yield
    except BaseException as error:
        _empty_again()
        if isinstance(error, DatabaseError | psycopg.Error):
            raise ArchiveError(f"База данных не приняла архив: {str(error).strip()}") from error
        if isinstance(error, OSError):
            raise ArchiveError(f"Не записано: {error.strerror or error}.") from error
        raise


def _empty_again() -> None:
    shutil.rmtree(settings.WORKS_ROOT, ignore_errors=True)
    for name in JOURNAL_FILES:
        (Path(settings.AUDIT_ROOT) / name).unlink(missing_ok=True)
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(_FRESH_SCHEMA)


def _of_today(manifest: dict[str, Any]) -> list[list[str]]:
    return [migration for migration in manifest["migrations"] if migration[0] not in FORMER_APPS]


def _left_behind(name: str) -> bool:
    return name.startswith(tuple(f"{app}_" for app in FORMER_APPS))


def _last_of_each_app(migrations: list[list[str]]) -> list[tuple[str, str]]:
    """The archive's own state of the tables; `migrations` are in the order in which they were applied."""
    return list({app: (app, name) for app, name in migrations}.values())


def _migrate(targets: list[tuple[str, str]]) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)


def _migrate_on() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _load(archive: Reader, say: Callable[[str], None]) -> int:
    """All rows in one transaction, compared with the archive before it is committed."""
    connection.close()
    connection.ensure_connection()
    own: psycopg.Connection[Any] = connection.connection
    with own.transaction(), psycopg.Cursor(own) as cursor:
        tables.agree_on_spelling(cursor)
        every = _tables_of(archive, cursor)
        triggers = tables.triggers_off(cursor)
        for table in reversed(every):
            tables.empty(cursor, table)
        rows = 0
        for number, table in enumerate(every, start=1):
            say(f"Таблица {number} из {len(every)}: {table.name}")
            rows += tables.copy_in(cursor, table, archive.chunks(_part_of(table)))
        standing = archive.manifest["sequences"].items()
        tables.set_sequences(cursor, {name: at for name, at in standing if not _left_behind(name)})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        tables.triggers_back(cursor, triggers)
        say("Сверяю…")
        for table in every:
            _compare(archive, cursor, table)
    return rows


def _tables_of(archive: Reader, cursor: psycopg.Cursor[Any]) -> list[tables.Table]:
    """The tables of the database, in their order; they must be those of the archive, column by column."""
    told = {name: facts for name, facts in archive.manifest["tables"].items() if not _left_behind(name)}
    there = {table.name: table for table in tables.tables(cursor)}
    for name, facts in told.items():
        if name not in there or set(there[name].columns) != set(facts["columns"]):
            raise ArchiveError(
                f"Таблица «{name}» в архиве не такая, как в этой версии Око: архив изменён или сделан другой "
                "сборкой. Возьмите другую копию или ту же версию Око."
            )
    return [
        tables.Table(name, tuple(told[name]["columns"]), table.key)
        for name, table in there.items()
        if name in told
    ]


def _compare(archive: Reader, cursor: psycopg.Cursor[Any], table: tables.Table) -> None:
    digest = hashlib.sha256()
    for chunk in tables.copy_out(cursor, table):
        digest.update(chunk)
    if digest.hexdigest() != archive.parts[_part_of(table)].sha256:
        raise ArchiveError(
            f"Таблица «{table.name}» восстановилась не такой, как была: восстановление отменено."
        )


def _part_of(table: tables.Table) -> str:
    return f"database/{table.name}.copy"


def _put_files(archive: Reader) -> int:
    roots = {"works": Path(settings.WORKS_ROOT), "audit": Path(settings.AUDIT_ROOT)}
    names = [name for folder in roots for name in archive.names(folder)]
    for name in names:
        folder, _, rest = name.partition("/")
        path = roots[folder] / rest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.writelines(archive.chunks(name))
    return len(names)
