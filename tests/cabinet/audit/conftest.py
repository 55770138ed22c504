"""A journal of its own for each test: its key, its checkpoints, and a hand that may bend the tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from oko.cabinet.audit import checkpoints, journal
from oko.cabinet.audit.findings import Outcome
from oko.cabinet.audit.keys import public_key, signing_key
from oko.cabinet.audit.recording import record
from oko.cabinet.audit.sealing import Sealer
from oko.cabinet.audit.verifying import Query, reader, verify


def query() -> Query:
    """As verification reads, but in the transaction of the test."""
    connection.ensure_connection()
    return reader(connection.connection)


def verified() -> Outcome:
    path = checkpoints.checkpoints_path()
    points = list(checkpoints.read(path)) if path.exists() else []
    return verify(query(), public_key() if points else None, points)


def events(count: int) -> list[int]:
    """The numbers of so many new events."""
    return [int(record(journal.JOURNAL_READ, note=f"событие {n}").pk) for n in range(count)]


def seal() -> int:
    """One pass of a sealer that has just been started."""
    return Sealer.ready(signing_key()).seal_all()


@pytest.fixture
def audit_root(settings: Any, tmp_path: Path, db: None) -> Path:
    """The journal's folder; and its triggers stand as in a real database."""
    settings.AUDIT_ROOT = tmp_path / "audit"
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_event ENABLE TRIGGER ALL; ALTER TABLE audit_seal ENABLE TRIGGER ALL"
        )
    return tmp_path / "audit"


@pytest.fixture
def bend(audit_root: Path) -> Callable[..., None]:
    """What only a superuser can do: change the tables past their triggers, and cover the traces."""

    def past_the_triggers(sql: str, *parameters: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql, parameters)
            cursor.execute("SET LOCAL session_replication_role = origin")

    return past_the_triggers
