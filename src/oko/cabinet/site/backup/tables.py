"""Tables as text and back: PostgreSQL's own COPY, in an order and a spelling that no version changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from psycopg import Cursor, sql

#: Whose rows migrations make anew: it is not copied, the manifest names its content.
MIGRATIONS = "django_migrations"

_SPELLING = """
    SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL IntervalStyle = 'postgres';
    SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL client_encoding = 'UTF8';
    SET LOCAL search_path = public; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0
"""
_COLUMNS = """
    SELECT relation.relname, attribute.attname, attribute.attgenerated <> '',
           array_position(key.conkey, attribute.attnum), attribute.attcollation <> 0
    FROM pg_class relation
    JOIN pg_attribute attribute ON attribute.attrelid = relation.oid
         AND attribute.attnum > 0 AND NOT attribute.attisdropped
    LEFT JOIN pg_constraint key ON key.conrelid = relation.oid AND key.contype = 'p'
    WHERE relation.relkind = 'r' AND relation.relnamespace = 'public'::regnamespace
    ORDER BY relation.relname, attribute.attnum
"""
_REFERENCES = """
    SELECT DISTINCT referring.relname, referred.relname
    FROM pg_constraint reference
    JOIN pg_class referring ON referring.oid = reference.conrelid
    JOIN pg_class referred ON referred.oid = reference.confrelid
    WHERE reference.contype = 'f' AND reference.conrelid <> reference.confrelid
      AND NOT reference.condeferrable AND reference.connamespace = 'public'::regnamespace
"""
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename"
_TRIGGERS = """
    SELECT relation.relname, trigger.tgname, trigger.tgenabled::text
    FROM pg_trigger trigger JOIN pg_class relation ON relation.oid = trigger.tgrelid
    WHERE NOT trigger.tgisinternal AND relation.relnamespace = 'public'::regnamespace
"""
_ENABLE = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[str, ...]  # those that hold what they were given; generated ones follow from them
    key: tuple[tuple[str, bool], ...]  # of the primary key: the column, and whether it is sorted as text

    @property
    def listed(self) -> sql.Composable:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))

    @property
    def order(self) -> sql.Composable:
        """The same everywhere, whatever the locale under which the database was made."""
        return sql.SQL(", ").join(
            sql.SQL('{} COLLATE "C"' if as_text else "{}").format(sql.Identifier(column))
            for column, as_text in self.key or [(column, False) for column in self.columns]
        )


def agree_on_spelling(cursor: Cursor[Any]) -> None:
    """For this transaction: the same value is the same text in every version and under every locale."""
    for statement in _SPELLING.split(";"):
        cursor.execute(statement.strip().encode())


def tables(cursor: Cursor[Any]) -> list[Table]:
    """All tables but that of migrations, so that what is referred to at once stands first."""
    columns: dict[str, list[str]] = {}
    keys: dict[str, list[tuple[int, str, bool]]] = {}
    for table, column, generated, place, as_text in cursor.execute(_COLUMNS).fetchall():
        columns.setdefault(table, []).extend([] if generated else [column])
        if place is not None:
            keys.setdefault(table, []).append((place, column, as_text))
    columns.pop(MIGRATIONS, None)
    before: dict[str, set[str]] = {name: set() for name in columns}
    for referring, referred in cursor.execute(_REFERENCES).fetchall():
        before.get(referring, set()).add(referred)
    return [
        Table(
            name,
            tuple(columns[name]),
            tuple((column, text) for _, column, text in sorted(keys.get(name, []))),
        )
        for name in TopologicalSorter(before).static_order()
        if name in columns
    ]


def copy_out(cursor: Cursor[Any], table: Table) -> Iterator[bytes]:
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        table.listed, sql.Identifier(table.name), table.order
    )
    with cursor.copy(statement) as copy:
        for chunk in copy:
            yield bytes(chunk)


def copy_in(cursor: Cursor[Any], table: Table, chunks: Iterable[bytes]) -> int:
    """Returns how many rows came in."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), table.listed)
    with cursor.copy(statement) as copy:
        for chunk in chunks:
            copy.write(chunk)
    return cursor.rowcount


def empty(cursor: Cursor[Any], table: Table) -> None:
    cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))


def sequences(cursor: Cursor[Any]) -> dict[str, list[Any]]:
    """Where each sequence stands: the number given last, and whether it was given at all."""
    standing = {}
    for (name,) in cursor.execute(_SEQUENCES).fetchall():
        statement = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name))
        standing[str(name)] = list(cursor.execute(statement).fetchone() or ())
    return standing


def set_sequences(cursor: Cursor[Any], standing: dict[str, list[Any]]) -> None:
    for name, (last, called) in standing.items():
        cursor.execute("SELECT setval(%s::regclass, %s, %s)", [f'public."{name}"', last, called])


def triggers_off(cursor: Cursor[Any]) -> list[tuple[str, str, str]]:
    """Rows come as they were: nothing is to be forbidden, counted, told. Returns how the triggers stood."""
    standing = cursor.execute(_TRIGGERS).fetchall()
    for table, trigger, _state in standing:
        _set_trigger(cursor, table, trigger, "D")
    return standing


def triggers_back(cursor: Cursor[Any], standing: list[tuple[str, str, str]]) -> None:
    for table, trigger, state in standing:
        _set_trigger(cursor, table, trigger, state)


def _set_trigger(cursor: Cursor[Any], table: str, trigger: str, state: str) -> None:
    statement = sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(
        sql.Identifier(table),
        sql.SQL(_ENABLE[state]),
        sql.Identifier(trigger),
    )
    cursor.execute(statement)
