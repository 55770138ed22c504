"""Three roles in the database: the owner makes tables, the app works in them, the sealer seals the journal.

The web and the background worker connect as the app: what it may not do to the journal, a hole in the product
may not do either. Asked for at each start, since a new version brings new tables.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.utils import DatabaseError
from psycopg import sql

from oko.cabinet.site.database import Addresses, user_of

#: Under which several servers that start at once take turns.
ONE_AT_A_TIME = 0x6F6B6F0A1

FOR_THE_APP = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    "REVOKE ALL ON audit_event, audit_seal, audit_waitingevent FROM {role}",
    "GRANT SELECT, INSERT ON audit_event TO {role}",
    "GRANT SELECT ON audit_seal, audit_waitingevent TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)
FOR_THE_SEALER = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT ON audit_event TO {role}",
    "GRANT SELECT, INSERT ON audit_seal TO {role}",
    "GRANT SELECT, DELETE, UPDATE (refused) ON audit_waitingevent TO {role}",
)
#: The queue for the sealer is filled by the trigger, in the owner's name: the app has no hand in it.
QUEUE_TRIGGER = """
    SELECT function.oid::regprocedure::text FROM pg_trigger trigger
    JOIN pg_proc function ON function.oid = trigger.tgfoid
    WHERE trigger.tgrelid = 'audit_event'::regclass AND trigger.tgname LIKE 'pgtrigger_to_be_sealed_%%'
"""


class RolesError(RuntimeError):
    """The roles cannot be set up; the message says why and what to do, in Russian."""


def set_up_roles(addresses: Addresses, *, may_create: bool) -> None:
    """Let the app and the sealer do what they need and nothing more. Asked as the owner; may be repeated.

    Raises:
        RolesError: a role does not exist (and `may_create` is not set), or this connection may not grant.
    """
    app, sealer = user_of(addresses.app), user_of(addresses.sealer)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
            for role in {app, sealer}:
                _make_sure_of(cursor, role, may_create)
            grant(cursor, app, sealer)
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        raise RolesError(f"Не удалось разграничить роли в базе данных: {reason}.") from error


def grant(cursor: Any, app: str, sealer: str) -> None:
    for statement in FOR_THE_APP:
        _say(cursor, statement, app)
    if sealer != app:
        _say(cursor, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}", sealer)
    for statement in FOR_THE_SEALER:
        _say(cursor, statement, sealer)
    cursor.execute(QUEUE_TRIGGER)
    for (function,) in cursor.fetchall():  # as PostgreSQL itself writes its name
        cursor.execute(f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp")


def _make_sure_of(cursor: Any, role: str, may_create: bool) -> None:
    cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
    if cursor.fetchone()[0]:
        return
    if not may_create:
        raise RolesError(
            f"В базе данных нет роли «{role}». Создайте её: CREATE ROLE {role} LOGIN PASSWORD '…';"
        )
    _say(cursor, "CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE", role)


def _say(cursor: Any, statement: str, role: str) -> None:
    cursor.execute(sql.SQL(statement).format(role=sql.Identifier(role)))
