"""`oko audit` on a database in which everything is really committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from typer.testing import CliRunner

from oko.cabinet.audit import cli
from oko.cabinet.audit.models import Event
from tests.cabinet.audit.conftest import events, seal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def guarded(settings: Any, tmp_path: Path, transactional_db: None) -> Any:
    settings.AUDIT_ROOT = tmp_path / "audit"
    emptying = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'D'"
    with connection.cursor() as cursor:
        off = []
        for table in ("audit_event", "audit_seal"):
            cursor.execute(emptying, [table])
            off += [(table, name) for (name,) in cursor.fetchall()]
        for table, name in off:
            cursor.execute(f'ALTER TABLE {table} ENABLE TRIGGER "{name}"')
        yield
        for table, name in off:
            cursor.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli.app, list(arguments))


def test_story_of_a_journal(guarded: None, tmp_path: Path) -> None:
    assert run("verify").exit_code == 0, "an empty journal is whole"
    made = events(5)
    assert "Ещё не запечатано событий: 5" in run("verify").output
    seal()
    answer = run("verify", "--json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["events"] == 5

    file = tmp_path / "out.jsonl.gz"
    assert "Выгружено событий: 5" in run("export", str(file)).output
    assert Event.everything.filter(verb="audit.journal_exported").count() == 1
    assert run("verify", "--file", str(file)).exit_code == 0
    assert run("export", str(file)).exit_code == 2, "a file is never overwritten"
    assert run("export", str(tmp_path / "none" / "x")).exit_code == 2

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE audit_event SET body = body || ' ' WHERE id = %s", [made[2]])
        cursor.execute("SET session_replication_role = origin")
    answer = run("verify")
    assert answer.exit_code == 1
    assert f"событие {made[2]}" in answer.output
    assert json.loads(run("verify", "--json").stdout)["breaks"][0]["event"] == made[2]


def test_missing_or_strange_key_and_checkpoints_are_said_in_words(guarded: None, tmp_path: Path) -> None:
    events(1)
    seal()
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("{}\n")
    for option in ("--public-key", "--checkpoints"):
        for path in (nonsense, tmp_path / "absent"):
            answer = run("verify", option, str(path))
            assert answer.exit_code == 2, answer.output
            assert str(path) in answer.output
