"""`oko check` names each unsafe setting: a check is silent where all is well and speaks where it is not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core import checks as of_django
from django.db import connection
from typer.testing import CliRunner

from oko.cabinet.audit.recording import mac_of
from oko.cabinet.foundation import clock
from oko.cabinet.site import environment, headers, serving
from oko.cabinet.site.checks import cli, of_database, of_place, of_settings
from oko.cabinet.site.checks.findings import CHECKS, Finding

Circumstance = Callable[[Any, pytest.MonkeyPatch], None]
ROLE = "oko_check_site"


def found_by(name: str) -> list[Finding]:
    return list(CHECKS[name].look())


def run(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.fixture
def safe(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installation as it should be (and not in a process that has driven a browser before)."""
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    for folder in ("state", "works"):
        (tmp_path / folder).mkdir(mode=0o700)
    settings.STATE, settings.WORKS_ROOT = tmp_path / "state", tmp_path / "works"
    settings.AUDIT_ROOT = tmp_path / "nothing-sealed-yet"
    settings.HTTPS, settings.TRUSTED_PROXIES = True, 1
    settings.ALLOWED_HOSTS = ["oko.example.org"]
    settings.PASSWORD_HASHERS = ["oko.cabinet.people.hashers.TunedArgon2"]
    settings.SECOND_FACTOR_COMPULSORY = True
    for kind in ("SESSION", "CSRF"):
        setattr(settings, f"{kind}_COOKIE_SECURE", True)
        setattr(settings, f"{kind}_COOKIE_NAME", f"__Host-{kind.lower()}")
    monkeypatch.setattr(serving, "static_is_built", lambda: True)
    monkeypatch.setattr(environment, "_in_use", {"OKO_SECRET_KEY": (tmp_path / "key", "abcdefghijkl" * 4)})
    (tmp_path / "state" / "last-backup.json").write_text(json.dumps({"made_at": clock.now().isoformat()}))
    run("ALTER TABLE audit_event ENABLE TRIGGER USER")  # tests empty their tables otherwise
    run("ALTER TABLE audit_seal ENABLE TRIGGER USER")
    run("DELETE FROM audit_waitingevent")
    run("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    run(f"CREATE ROLE {ROLE}")
    run(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {ROLE}")
    monkeypatch.setattr(of_database, "site_role", lambda: ROLE)
    monkeypatch.setattr(of_database, "sealing_role", lambda: "oko_check_sealer")


def setting(**values: Any) -> Circumstance:
    def change(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in values.items():
            setattr(settings, name, value)

    return change


def statement(text: str) -> Circumstance:
    return lambda settings, monkeypatch: run(text)


def patched(module: Any, name: str, value: Any) -> Circumstance:
    return lambda settings, monkeypatch: monkeypatch.setattr(module, name, value)


def secret_in_use(**values: str) -> Circumstance:
    held = {variable: (Path("nowhere"), value) for variable, value in values.items()}
    return patched(environment, "_in_use", held)


def open_works(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(settings.WORKS_ROOT).chmod(0o755)


def open_state(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(settings.STATE).chmod(0o755)


def old_backup(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = clock.now() - of_place.OLDEST_BACKUP - timedelta(hours=1)
    (Path(settings.STATE) / "last-backup.json").write_text(json.dumps({"made_at": made.isoformat()}))


def no_backup(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (Path(settings.STATE) / "last-backup.json").unlink()


def same_disk(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AUDIT_ROOT = Path(settings.STATE)


def far_database(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", "db.example.org")


def weak_password(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "oko")


def wrong_clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    there = time.time
    monkeypatch.setattr(of_database.time, "time", lambda: there() - 60)


def waiting_event(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"v": 1, "at": time.time() - 600, "verb": "people.appointed"})
    run("INSERT INTO audit_event (body, mac) VALUES (%s, %s)", body, mac_of(body.encode()))


def complaining_django(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said = of_django.Warning("Something new.", id="security.W999")
    monkeypatch.setattr(of_settings.of_django, "run_checks", lambda **_kwargs: [said])


#: For each check, ways to make it speak.
UNSAFE: dict[str, list[Circumstance]] = {
    "https": [setting(HTTPS=False)],
    "proxies": [setting(TRUSTED_PROXIES=0)],
    "hosts": [
        setting(ALLOWED_HOSTS=["*"]),
        setting(ALLOWED_HOSTS=[".example.org"]),
        setting(ALLOWED_HOSTS=[""]),
        setting(ALLOWED_HOSTS=["localhost"]),
    ],
    "secrets": [
        secret_in_use(OKO_SECRET_KEY="changeme"),
        secret_in_use(OKO_SECRET_KEY="a" * 64),
        secret_in_use(OKO_SECRET_KEY="django-insecure-" + "abcdefghijkl" * 4),
        secret_in_use(OKO_SECRET_KEY="abcdefghijkl" * 4, OKO_ACCESS_KEY="abcdefghijkl" * 4),
    ],
    "secrets-old": [setting(SECRET_KEY_FALLBACKS=["last-years"])],
    "debug": [setting(DEBUG=True)],
    "demo": [setting(PASSWORD_HASHERS=["oko.cabinet.site.demo.hashers.DemoArgon2"])],
    "hasher": [setting(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])],
    "second-factor": [setting(SECOND_FACTOR_COMPULSORY=False)],
    "cookies": [
        setting(SESSION_COOKIE_SECURE=False),
        setting(SESSION_COOKIE_HTTPONLY=False),
        setting(CSRF_COOKIE_SAMESITE="None"),
        setting(SESSION_COOKIE_NAME="sessionid"),
        setting(SESSION_COOKIE_AGE=365 * 24 * 3600),
    ],
    "headers": [
        setting(MIDDLEWARE=[]),
        patched(headers, "POLICY", "default-src 'self'; style-src 'unsafe-inline'"),
    ],
    "uploads": [setting(DATA_UPLOAD_MAX_MEMORY_SIZE=None), setting(DATA_UPLOAD_MAX_MEMORY_SIZE=2**30)],
    "database-network": [far_database],
    "address-of-database": [weak_password],
    "django": [complaining_django],
    "files": [open_works, open_state],
    "journal-place": [same_disk],
    "static": [patched(serving, "static_is_built", lambda: False)],
    "backup": [old_backup, no_backup],
    "postgresql": [patched(of_database, "LOWEST_VERSION", 99)],
    "migrations": [statement("DELETE FROM django_migrations WHERE app = 'sessions'")],
    "clock": [wrong_clock],
    "database-role": [
        patched(of_database, "site_role", lambda: "postgres_that_is_not_there"),
        statement(f"ALTER ROLE {ROLE} SUPERUSER"),
        statement(f"ALTER TABLE audit_event OWNER TO {ROLE}"),
    ],
    "journal-rights": [
        statement(f"GRANT UPDATE ON audit_event TO {ROLE}"),
        statement(f"GRANT TRUNCATE ON audit_seal TO {ROLE}"),
    ],
    "journal-guards": [statement("ALTER TABLE audit_event DISABLE TRIGGER USER")],
    "sealer-role": [patched(of_database, "sealing_role", lambda: ROLE)],
    "sealer": [waiting_event],
    "worker": [statement("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")],
}


def test_every_check_is_tried_here() -> None:
    assert set(UNSAFE) == set(CHECKS)


@pytest.mark.parametrize("name", list(CHECKS))
def test_check_is_silent_where_all_is_well(safe: None, name: str) -> None:
    assert found_by(name) == []


@pytest.mark.parametrize(
    ("name", "make_unsafe"), [(name, way) for name, ways in UNSAFE.items() for way in ways]
)
def test_check_speaks_where_it_is_not(
    safe: None, settings: Any, monkeypatch: pytest.MonkeyPatch, name: str, make_unsafe: Circumstance
) -> None:
    make_unsafe(settings, monkeypatch)

    findings = found_by(name)
    assert findings
    for finding in findings:
        assert finding.found.strip()
        assert finding.expected.strip()
        assert finding.mend.strip()


def test_command_names_what_it_found_and_fails(safe: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    answer = CliRunner().invoke(cli.app, ["--deploy"])
    as_json = CliRunner().invoke(cli.app, ["--deploy", "--json"])

    assert answer.exit_code == as_json.exit_code == 1
    assert "НЕБЕЗОПАСНО [hosts]" in answer.stdout
    assert "Как исправить" in answer.stdout
    told = json.loads(as_json.stdout)
    assert told["ok"] is False
    assert [finding["check"] for finding in told["findings"]] == ["hosts"]


def test_command_is_content_where_all_is_well_and_advice_is_no_failure(safe: None, settings: Any) -> None:
    assert CliRunner().invoke(cli.app, ["--deploy"]).stdout == "Замечаний нет.\n"

    settings.SECRET_KEY_FALLBACKS = ["last-years-" * 6]
    answer = CliRunner().invoke(cli.app, ["--deploy"])
    assert answer.exit_code == 0
    assert "совет [secrets-old]" in answer.stdout


def test_without_deploy_a_laptop_is_not_scolded(safe: None, settings: Any) -> None:
    settings.HTTPS, settings.ALLOWED_HOSTS = False, ["localhost"]

    assert CliRunner().invoke(cli.app, []).exit_code == 0


def test_no_finding_names_a_secret(safe: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    secret_in_use(OKO_SECRET_KEY="changeme")(settings, monkeypatch)
    settings.SECRET_KEY_FALLBACKS = ["last-years-" * 6]

    told = CliRunner().invoke(cli.app, ["--deploy", "--json"]).stdout
    assert "changeme" not in told
    assert "last-years" not in told
    assert site_settings.SECRET_KEY not in told


def test_database_of_another_version_is_one_finding(safe: None) -> None:
    run("DELETE FROM django_migrations WHERE app = 'sessions'")
    run("ALTER TABLE audit_event RENAME TO audit_elsewhere")

    assert [finding.check for finding in cli.look(deploy=True)] == ["migrations"]
