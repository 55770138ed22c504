"""What the app and the sealer may do to the journal in the database: shown by trying, as these roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, ProgrammingError

from oko.cabinet.audit import journal
from oko.cabinet.audit.keys import signing_key
from oko.cabinet.audit.models import Event, Seal, WaitingEvent
from oko.cabinet.audit.recording import record
from oko.cabinet.audit.sealing import Sealer
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.site.database import Addresses, addresses, user_of
from oko.cabinet.site.roles import RolesError, set_up_roles
from tests.cabinet.conftest import World

ROLES = Addresses("postgresql://owner@/x", "postgresql://oko_app@/x", "postgresql://oko_sealer@/x", True)


@pytest.fixture(autouse=True)
def _roles(db: None, settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_ROOT = tmp_path / "audit"
    set_up_roles(ROLES, may_create=True)


@contextmanager
def role(name: str) -> Iterator[Any]:
    """Everything inside is asked by a session of this role (a superuser began it: it can go back)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {name}")
        try:
            yield cursor
        finally:
            cursor.execute("SET LOCAL SESSION AUTHORIZATION DEFAULT")


def refused(name: str, statement: str) -> bool:
    with role(name) as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement)
        except ProgrammingError as error:
            return "permission denied" in str(error) or "must be owner" in str(error)
        return False


FORBIDDEN_TO_BOTH = [
    "UPDATE audit_event SET mac = mac",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
    "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "ALTER TABLE audit_event ALTER verb DROP EXPRESSION",
    "DROP TABLE audit_event",
    "SET LOCAL session_replication_role = replica",
    "UPDATE audit_seal SET link = link",
    "DELETE FROM audit_seal",
    "TRUNCATE audit_seal",
    "ALTER TABLE audit_seal DISABLE TRIGGER ALL",
    "TRUNCATE audit_waitingevent",
    "INSERT INTO audit_waitingevent VALUES (1, FALSE)",
    "CREATE TABLE mine (id int)",
]


@pytest.mark.parametrize("name", ["oko_app", "oko_sealer"])
@pytest.mark.parametrize("statement", FORBIDDEN_TO_BOTH)
def test_neither_app_nor_sealer_bends_the_journal(name: str, statement: str) -> None:
    assert refused(name, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_seal SELECT * FROM audit_seal",
        "DELETE FROM audit_waitingevent",
        "UPDATE audit_waitingevent SET refused = TRUE",
        "DELETE FROM django_migrations",
    ],
)
def test_app_does_not_seal(statement: str) -> None:
    assert refused("oko_app", statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_event (body, mac) VALUES ('{}', '')",
        "SELECT * FROM people_account",
        "SELECT * FROM organisations_organisation",
        "SELECT * FROM django_session",
    ],
)
def test_sealer_sees_and_writes_nothing_else(statement: str) -> None:
    assert refused("oko_sealer", statement)


def test_app_works_and_records(world: World) -> None:
    with role("oko_app"):
        Organisation.everything.filter(code="edu640001").update(short_name="Лицей № 1")
        record(journal.JOURNAL_READ, acting=world.acting("federal"))
    assert Event.everything.count() == 1
    assert WaitingEvent.objects.count() == 1, "the queue is filled in the owner's name"


def test_sealer_seals() -> None:
    record(journal.JOURNAL_READ)
    with role("oko_sealer"):
        assert Sealer.ready(signing_key()).seal_all() == 1
    assert Seal.objects.count() == 1
    assert not WaitingEvent.objects.exists()


def test_superuser_who_forgets_the_triggers_is_stopped_too() -> None:
    record(journal.JOURNAL_READ)
    for statement in ("UPDATE audit_event SET mac = mac", "DELETE FROM audit_event"):
        refusal = pytest.raises(DatabaseError, match="Cannot update or delete")
        with refusal, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_roles_are_set_up_again_at_each_start() -> None:
    with connection.cursor() as cursor:
        cursor.execute("GRANT DELETE ON audit_event TO oko_app; GRANT SELECT ON people_account TO oko_sealer")
    set_up_roles(ROLES, may_create=False)
    assert refused("oko_app", "DELETE FROM audit_event")
    assert refused("oko_sealer", "SELECT * FROM people_account")


def test_role_that_the_operator_has_not_made_is_named() -> None:
    strange = ROLES._replace(app="postgresql://nobody_made_me@/x")
    with pytest.raises(RolesError, match="CREATE ROLE nobody_made_me"):
        set_up_roles(strange, may_create=False)


def test_operator_names_owner_and_sealer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:1@db/oko")
    monkeypatch.delenv("OKO_OWNER_DATABASE_URL", raising=False)
    monkeypatch.delenv("OKO_SEALER_DATABASE_URL", raising=False)
    alone = addresses()
    assert not alone.apart
    assert alone.sealer == alone.owner == alone.app
    monkeypatch.setenv("OKO_OWNER_DATABASE_URL", "postgresql://owner:2@db/oko")
    monkeypatch.setenv("OKO_SEALER_DATABASE_URL", "postgresql://sealer:3@db/oko")
    named = addresses()
    assert named.apart
    assert [user_of(url) for url in named[:3]] == ["owner", "app", "sealer"]
