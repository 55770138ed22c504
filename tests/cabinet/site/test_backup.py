"""A backup is made while people work, and comes back as it was in a fresh place; a spoiled one does not."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as site_settings
from django.db import connection, transaction
from psycopg import sql
from typer.testing import CliRunner

from oko.cabinet.audit.models import Event
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.site.backup import archive as archives
from oko.cabinet.site.backup import cli, making, marks, restoring
from oko.cabinet.site.backup.archive import MANIFEST, ArchiveError, reading, writing
from tests.cabinet.conftest import World

PYTHON = [sys.executable, "-c", "from oko.cli import main; main()"]
FRESH = "test_oko_restored"


def say(text: str) -> None:
    """Progress, which these tests do not look at."""


@pytest.fixture
def places(settings: Any, tmp_path: Path) -> Path:
    """A folder of this test's own for works, journal and archives."""
    settings.STATE = tmp_path / "state"
    settings.STATE.mkdir()
    settings.AUDIT_ROOT = settings.STATE / "audit"
    settings.WORKS_ROOT = settings.STATE / "works"
    return tmp_path


@pytest.fixture
def filled(transactional_db: None, places: Path, world: World) -> World:
    """The small world, with values that are hard to write down, a sequence that ran ahead, and files."""
    Organisation.everything.filter(code="edu640001").update(
        short_name="Школа\t№ 1\\N\n«Ёлка» \u2028 \U0001f393", delivery_address="\\."
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('organisations_organisation', 'id'))")
    works = Path(site_settings.WORKS_ROOT) / "assessment=vpr-2026" / "paper=mat4" / "region=64"
    works.mkdir(parents=True)
    (works / "works.parquet").write_bytes(os.urandom(3000))
    Path(site_settings.AUDIT_ROOT).mkdir()
    (Path(site_settings.AUDIT_ROOT) / "checkpoints.jsonl").write_text('{"seq": 1}\n')
    return world


@pytest.fixture
def fresh_database() -> Iterator[str]:
    """The address of an empty database on the tests' own server."""
    of_tests = connection.settings_dict
    parameters = connection.get_connection_params()
    server = {name: parameters[name] for name in ("host", "port", "user", "password") if parameters.get(name)}
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as own:
        own.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(FRESH)))
        own.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(FRESH)))
        yield f"postgresql://{of_tests['USER']}:{of_tests['PASSWORD']}@/{FRESH}?host={of_tests['HOST']}"
        own.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(FRESH)))


def run_restore(file: Path, state: Path, database: str, *more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OKO_STATE": str(state), "DATABASE_URL": database}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [*PYTHON, "restore", str(file), *more], env=environment, capture_output=True, text=True, check=False
    )


def contents(address: str | None = None) -> dict[str, Any]:
    """Every row of every table, every trigger and sequence, as the database itself says it."""
    parameters = connection.get_connection_params()
    target = {"conninfo": address} if address else {k: parameters[k] for k in ("dbname", "host", "user")}
    found: dict[str, Any] = {}
    with psycopg.connect(**target) as own:
        names = own.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            statement = sql.SQL("SELECT row.*::text FROM {} row").format(sql.Identifier(name))
            found[name] = sorted(str(row) for (row,) in own.execute(statement))
        found["triggers"] = own.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger"
            " WHERE NOT tgisinternal ORDER BY 1, 2"
        ).fetchall()
        found["sequences"] = own.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
    return found


def test_restored_backup_equals_the_original(filled: World, places: Path, fresh_database: str) -> None:
    made = making.make(places / "copy.zip", with_secrets=False, say=say)

    done = run_restore(Path(made.file), places / "new", fresh_database, "--json")

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["rows"], told["tables"]) == (made.rows, made.tables)
    original, restored = contents(), contents(fresh_database)
    assert set(original) == set(restored)
    for name in making.left_out():
        assert restored.pop(name) == []
        original.pop(name)
    for name in ("django_migrations", "triggers"):  # moments of the building; triggers that tests switch off
        original.pop(name)
    the_restoring_is_the_one_new_event(original, restored)
    triggers = restored.pop("triggers")
    assert {state for _table, _name, state in triggers} == {"O"}
    assert any(table == "audit_event" for table, _name, _state in triggers)
    for name in original:
        assert restored[name] == original[name], name
    for file in ("works/assessment=vpr-2026/paper=mat4/region=64/works.parquet", "audit/checkpoints.jsonl"):
        assert (places / "new" / file).read_bytes() == (places / "state" / file).read_bytes()
    journal_is_still_guarded(fresh_database)
    a_second_time_is_refused(Path(made.file), places, fresh_database)


def the_restoring_is_the_one_new_event(original: dict[str, Any], restored: dict[str, Any]) -> None:
    for table in ("audit_event", "audit_waitingevent"):
        before, after = set(original.pop(table)), set(restored.pop(table))
        assert before <= after
        assert len(after - before) == 1
        if table == "audit_event":
            assert "site.restored" in str(after - before)
    before, after = dict(original.pop("sequences")), dict(restored.pop("sequences"))
    assert after.pop("audit_event_id_seq") == (before.pop("audit_event_id_seq") or 0) + 1
    assert after == before


def journal_is_still_guarded(address: str) -> None:
    with psycopg.connect(address) as own, pytest.raises(psycopg.errors.RaiseException):
        own.execute("TRUNCATE audit_event")


def a_second_time_is_refused(file: Path, places: Path, address: str) -> None:
    before = contents(address)
    again = run_restore(file, places / "other", address)
    assert again.returncode == 2
    assert "не пуста" in again.stderr
    assert "Traceback" not in again.stderr
    assert contents(address) == before


def test_backup_is_one_moment_while_people_write(filled: World, places: Path) -> None:
    """Each transaction adds a region and its school: no moment has one without the other."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with transaction.atomic():
                for code in (f"pair-{number}-a", f"pair-{number}-b"):
                    Organisation.everything.create(
                        code=code, kind=Kind.REGION, supervisor=filled["fed"], name=code, short_name=code
                    )
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    until_the_first_pair_is_there()
    try:
        made = making.make(places / "copy.zip", with_secrets=False, say=say)
    finally:
        stop.set()
        writer.join()

    with reading(Path(made.file)) as archive:
        text = b"".join(archive.chunks("database/organisations_organisation.copy")).decode()
    firsts = {line.split("\t")[1][:-2] for line in text.splitlines() if "pair-" in line and "-a\t" in line}
    seconds = {line.split("\t")[1][:-2] for line in text.splitlines() if "pair-" in line and "-b\t" in line}
    assert firsts
    assert firsts == seconds


def until_the_first_pair_is_there() -> None:
    while not Organisation.everything.filter(code="pair-1-b").exists():
        pass


def test_backup_holds_neither_sessions_nor_keys(filled: World, places: Path) -> None:
    client = filled.client("technician")
    key = client.cookies[site_settings.SESSION_COOKIE_NAME].value

    made = making.make(places, with_secrets=False, say=say)

    with zipfile.ZipFile(made.file) as file:
        everything = b"".join(file.read(name) for name in file.namelist())
    for secret in (key, site_settings.SECRET_KEY, site_settings.AUDIT_EVENT_KEY):
        assert secret.encode() not in everything
    assert Path(made.file).stat().st_mode & 0o777 == 0o600


def test_keys_are_in_the_backup_when_asked_for(filled: World, places: Path) -> None:
    made = making.make(places, with_secrets=True, say=say)

    with reading(Path(made.file)) as archive:
        assert b"".join(archive.chunks("secrets/secret-key")).decode() == site_settings.SECRET_KEY
        assert archive.manifest["with_secrets"] is True


def test_backup_overwrites_nothing(filled: World, places: Path) -> None:
    target = places / "copy.zip"
    target.write_bytes(b"yesterday's")

    with pytest.raises(ArchiveError, match="уже есть"):
        making.make(target, with_secrets=False, say=say)
    assert target.read_bytes() == b"yesterday's"


def test_full_disk_is_said_and_leaves_nothing(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(self: Any, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(archives.Counted, "write", no_room)
    target = places / "copies" / "copy.zip"
    target.parent.mkdir()

    with (
        pytest.raises(ArchiveError, match="не записана"),
        writing(target) as archive,
        archive.part("works/a.parquet") as part,
    ):
        part.write(b"x")
    assert list(target.parent.iterdir()) == []


def test_folder_that_is_not_there_is_said(places: Path) -> None:
    with pytest.raises(ArchiveError, match="не записана"), writing(places / "nowhere" / "copy.zip"):
        pass


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An archive as small as can be."""
    path = tmp_path / "small.zip"
    with writing(path) as archive:
        with archive.part("database/people_account.copy") as part:
            part.write("1\tИванова\n".encode() * 500)
        archive.finish({"tables": {}})
    return path


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same archive by other hands."""
    with zipfile.ZipFile(path) as file:
        held = {name: file.read(name) for name in file.namelist()}
    change(held)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in held.items():
            file.writestr(name, content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(ArchiveError) as error, reading(path):
        pass
    return str(error.value)


def test_archive_cut_short_is_refused(small: Path) -> None:
    small.write_bytes(small.read_bytes()[:-30])

    assert "обрезан" in refused(small)


def test_archive_with_a_changed_bit_is_refused(small: Path) -> None:
    content = bytearray(small.read_bytes())
    content[len(content) // 3] ^= 1
    small.write_bytes(bytes(content))

    assert "Возьмите другую копию" in refused(small)


def test_archive_with_a_changed_row_is_refused(small: Path) -> None:
    def change(held: dict[str, bytes]) -> None:
        held["database/people_account.copy"] = held["database/people_account.copy"].replace(b"1\t", b"2\t", 1)

    assert "контрольной суммой" in refused(rewrite(small, change))


def test_archive_with_a_part_more_or_less_is_refused(small: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.zip"
    more.write_bytes(small.read_bytes())

    assert "не сходится" in refused(rewrite(more, lambda held: held.update({"works/x.parquet": b""})))
    assert "не сходится" in refused(
        rewrite(small, lambda held: held.pop("database/people_account.copy") and None)
    )


@pytest.mark.parametrize(
    "name", ["works/../../etc/passwd", "/etc/passwd", "works/.ssh/x", "other/x", "works\\x"]
)
def test_archive_that_leads_out_of_its_folders_is_refused(small: Path, name: str) -> None:
    def change(held: dict[str, bytes]) -> None:
        manifest = json.loads(held[MANIFEST])
        held[name] = held.pop("database/people_account.copy")
        manifest["parts"] = {name: manifest["parts"].popitem()[1]}
        held[MANIFEST] = json.dumps(manifest).encode()

    assert "не сходится" in refused(rewrite(small, change))


@pytest.mark.parametrize(
    "manifest", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 1, "parts": {"a": 1}}']
)
def test_archive_with_a_spoiled_manifest_is_refused(small: Path, manifest: bytes) -> None:
    assert "не читается" in refused(rewrite(small, lambda held: held.update({MANIFEST: manifest})))


def test_other_file_is_refused(tmp_path: Path) -> None:
    text, empty = tmp_path / "letter.txt", tmp_path / "empty.zip"
    text.write_text("Здравствуйте!")
    zipfile.ZipFile(empty, "w").close()

    assert "не целый архив" in refused(text)
    assert "нет описи" in refused(empty)
    assert "не читается" in refused(tmp_path / "nowhere.zip")


def test_archive_of_a_newer_oko_is_refused_before_anything_is_made(
    small: Path, tmp_path: Path, fresh_database: str
) -> None:
    def change(held: dict[str, bytes]) -> None:
        manifest = json.loads(held[MANIFEST])
        manifest |= {"migrations": [["people", "9999_telepathy"]], "oko": "9.0"}
        held[MANIFEST] = json.dumps(manifest).encode()

    done = run_restore(rewrite(small, change), tmp_path / "new", fresh_database)

    assert done.returncode == 2
    assert "people.9999_telepathy" in done.stderr
    with psycopg.connect(fresh_database) as own:
        assert own.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_row_that_the_database_refuses_leaves_the_place_empty(
    filled: World, places: Path, fresh_database: str
) -> None:
    """Checksums agree, but a school belongs to nobody: somebody has made the archive by hand."""
    import hashlib

    made = making.make(places / "copy.zip", with_secrets=False, say=say)

    def change(held: dict[str, bytes]) -> None:
        name = "database/organisations_organisation.copy"
        manifest = json.loads(held[MANIFEST])
        held[name] = b"".join(held[name].splitlines(keepends=True)[3:])
        manifest["parts"][name] = {
            "bytes": len(held[name]),
            "sha256": hashlib.sha256(held[name]).hexdigest(),
        }
        held[MANIFEST] = json.dumps(manifest).encode()

    done = run_restore(rewrite(Path(made.file), change), places / "new", fresh_database)

    assert done.returncode == 2, done.stderr
    assert "не приняла" in done.stderr
    assert not list((places / "new" / "works").rglob("*.parquet"))
    with psycopg.connect(fresh_database) as own:
        assert own.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_event_is_in_the_backup_with_its_code(filled: World, places: Path) -> None:
    filled.client("technician").get("/people/?export=csv")
    event = Event.everything.order_by("pk").last()
    made = making.make(places, with_secrets=False, say=say)

    with reading(Path(made.file)) as archive:
        text = b"".join(archive.chunks("database/audit_event.copy"))
    assert event is not None
    assert bytes(event.mac).hex().encode() in text


def test_command_backs_up_tells_in_json_and_leaves_an_event(filled: World, places: Path) -> None:
    done = CliRunner().invoke(cli.app, ["backup", str(places), "--json"])

    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert Path(told["file"]).parent == places
    assert told["with_secrets"] is False
    event = Event.everything.get(verb="site.backed_up")
    assert told["sha256"] in event.body
    assert marks.last() is not None


def test_command_refuses_in_one_line(filled: World, places: Path) -> None:
    taken = places / "taken.zip"
    taken.touch()

    done = CliRunner().invoke(cli.app, ["backup", str(taken)])

    assert done.exit_code == 2
    assert "уже есть" in done.stderr
    assert not Event.everything.filter(verb="site.backed_up").exists()


def test_keys_from_a_backup_are_put_where_there_are_none(filled: World, places: Path) -> None:
    made = making.make(places, with_secrets=True, say=say)
    state, journal = places / "new", places / "new-journal"
    state.mkdir()
    (state / "access-key").write_text("this place has its own")

    with reading(Path(made.file)) as archive:
        put = restoring.put_secrets(archive, {"": state, "sealer-key.pem": journal})

    assert state / "secret-key" in put
    assert (state / "secret-key").read_text() == site_settings.SECRET_KEY
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in put)
    assert (state / "access-key").read_text() == "this place has its own"
