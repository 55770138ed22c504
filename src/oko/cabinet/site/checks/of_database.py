"""The database: its version, its clock, who may do what in it, and who works on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from oko.cabinet.audit.models import Event, Seal
from oko.cabinet.site.checks.findings import Finding, check
from oko.cabinet.site.database import addresses, user_of

LOWEST_VERSION = 15
LARGEST_DIFFERENCE = 2.0  # seconds between the clocks
LATEST_SEAL = 10.0  # seconds from an event to its seal
SILENT_WORKER = 60.0  # seconds without a heartbeat; a worker gives one every ten
APPEND_ONLY = (Event, Seal)


def _ask(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


@check("postgresql", "Версия PostgreSQL", database=True)
def postgresql() -> Iterator[Finding]:
    version = int(_ask("SHOW server_version_num")[0][0]) // 10000
    if version < LOWEST_VERSION:
        yield Finding(f"PostgreSQL {version}.", f"{LOWEST_VERSION} или новее.", "Обновите PostgreSQL.")


@check("migrations", "Таблицы этой версии", database=True)
def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield Finding(
            f"База данных от другой версии Око: нет изменений: {len(missing)}, первое — {missing[0][0]}.",
            "Таблицы этой версии.",
            "Запустите oko serve: он доводит базу сам. Перед этим сделайте oko backup.",
        )


@check("clock", "Часы", database=True)
def clocks() -> Iterator[Finding]:
    before = time.time()
    there = float(_ask("SELECT extract(epoch FROM clock_timestamp())")[0][0])
    here = (before + time.time()) / 2
    if abs(there - here) > LARGEST_DIFFERENCE:
        yield Finding(
            f"Часы базы данных и этого узла расходятся на {abs(there - here):.1f} с.",
            f"Не больше {LARGEST_DIFFERENCE:.0f} с: сроки, коды входа и журнал держатся на часах.",
            "Включите на обоих узлах синхронизацию времени (chrony, systemd-timesyncd).",
        )


def site_role() -> str:
    """As whom web and worker connect; whoever asks may be another (the owner, in the embedded server)."""
    return user_of(addresses().app) or str(_ask("SELECT current_user")[0][0])


@check("database-role", "Роль в базе данных", database=True, deploy=True)
def database_role() -> Iterator[Finding]:
    role = site_role()
    superuser = _ask("SELECT rolsuper FROM pg_roles WHERE rolname = %s", role)
    owned = _ask(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_get_userbyid(relowner) = %s",
        [model._meta.db_table for model in APPEND_ONLY],
        role,
    )
    if not superuser:
        found = f"Роли «{role}», под которой работает сайт, в базе данных ещё нет."
    elif superuser[0][0]:
        found = f"Сайт работает в базе данных суперпользователем «{role}»: может переписать и журнал."
    elif owned:
        found = f"Сайт работает владельцем таблиц («{role}»): может снять защиту журнала."
    else:
        return
    yield Finding(
        found,
        "Отдельные роли: владелец, сайт, печать журнала.",
        "Задайте OKO_OWNER_DATABASE_URL и OKO_SEALER_DATABASE_URL и запустите oko serve "
        "(docs/mechanisms/operation.md, «Роли базы данных»).",
    )


def sealing_role() -> str:
    return user_of(addresses().sealer) or site_role()


@check("sealer-role", "Роль печати журнала", database=True, deploy=True)
def sealer_role() -> Iterator[Finding]:
    role = sealing_role()
    if role == site_role():
        yield Finding(
            f"Журнал печатает та же роль «{role}», под которой работает сайт: может и печатать сам.",
            "Отдельная роль, которая только печатает.",
            "Создайте роль (CREATE ROLE oko_sealer LOGIN PASSWORD '…';), задайте её адрес "
            "в OKO_SEALER_DATABASE_URL и запустите oko serve.",
        )


@check("journal-rights", "Права на журнал", database=True, deploy=True)
def journal_rights() -> Iterator[Finding]:
    role = site_role()
    if not _ask("SELECT 1 FROM pg_roles WHERE rolname = %s AND NOT rolsuper", role):
        return  # said by database-role
    for model in APPEND_ONLY:
        table = model._meta.db_table
        may = [
            right
            for right in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
            if _ask("SELECT has_table_privilege(%s, %s, %s)", role, table, right)[0][0]
        ]
        if may:
            yield Finding(
                f"Сайт может в таблице журнала {table}: {', '.join(may)}.",
                "Только читать и добавлять.",
                "Запустите oko serve с OKO_OWNER_DATABASE_URL: он разграничит права; "
                f"или от имени владельца: REVOKE {', '.join(may)} ON {table} FROM {role};",
            )


@check("journal-guards", "Защита журнала", database=True)
def journal_guards() -> Iterator[Finding]:
    from oko.cabinet.audit.guards import missing_guards

    for missing in missing_guards(_ask):
        yield Finding(
            missing,
            "Триггеры и столбцы журнала такие, как их создало Око.",
            "Узнайте, кто менял базу; сверьте журнал: oko audit verify. Верните защиту: oko serve.",
        )


@check("sealer", "Печать журнала", database=True, deploy=True)
def sealer() -> Iterator[Finding]:
    late = _ask(
        "SELECT count(*), max(extract(epoch FROM now() - event.at)) FROM audit_waitingevent waiting "
        "JOIN audit_event event ON event.id = waiting.event WHERE NOT waiting.refused "
        "AND event.at < now() - make_interval(secs => %s)",
        LATEST_SEAL,
    )[0]
    if late[0]:
        yield Finding(
            f"Не запечатано событий журнала: {late[0]}, старшему {late[1]:.0f} с.",
            f"Каждое событие запечатано за {LATEST_SEAL:.0f} с.",
            "Проверьте, что работает oko serve (он держит процесс печати), и его лог.",
        )


@check("worker", "Фоновые задания", database=True, deploy=True)
def worker() -> Iterator[Finding]:
    alive = _ask(
        "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
        SILENT_WORKER,
    )[0][0]
    if not alive:
        yield Finding(
            "Ни один процесс фоновых заданий не работает: проверка, отчёты и напоминания стоят.",
            "Хотя бы один.",
            "Запустите oko serve или ещё один процесс: python -m oko.cabinet.site.worker.",
        )
