"""Running the product: database brought up to date, static files built, web and background worker."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from oko.cabinet.site.database import Addresses, addresses
from oko.cabinet.site.processes import Member, keep_running, stop_on_signals

#: The lowest supported PostgreSQL allows 100 connections by default: these are the web's share of them.
WEB_CONNECTIONS = 64
MOST_THREADS = 8  # per worker process: more of them only wait for each other
FINGERPRINT = "built-from.txt"
#: The addresses of the database, of which each process may know its own and no other.
DATABASE_VARIABLES = ("DATABASE_URL", "OKO_OWNER_DATABASE_URL", "OKO_SEALER_DATABASE_URL")


class CannotServeError(RuntimeError):
    """The product cannot be started here; the message says why and what to do, in Russian."""


def check_port(host: str, port: int) -> None:
    """Say at once, before anything is prepared, that the port is taken.

    Raises:
        CannotServeError: it is, or it may not be opened.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotServeError(
                f"Порт {port} на {host} занят или недоступен ({error.strerror}). "
                "Остановите программу, которая его занимает, или укажите другой порт."
            ) from error


def become_owner() -> Addresses:
    """Before Django is set up: from here on this process talks to the database as its owner.

    Its children get the addresses of the app and of the sealer, each its own.
    """
    found = addresses()
    for name in DATABASE_VARIABLES:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ["DATABASE_URL"] = found.owner
    return found


def prepare(database: Addresses) -> None:
    """Bring the database and the static files to what this version of the code needs; quick if they are.

    Raises:
        RolesError: the roles in the database cannot be set up.
    """
    from django.conf import settings

    from oko.cabinet.site.roles import set_up_roles

    Path(settings.WORKS_ROOT).mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate()
    if database.apart:
        set_up_roles(database, may_create=database.embedded)
    build_static()


def migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def build_static() -> None:
    """Collect, name by content and compress the static files, unless that was done from these very ones."""
    from django.conf import settings
    from django.core.management import call_command

    if static_is_built():
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    (Path(settings.STATIC_ROOT) / FINGERPRINT).write_text(_static_fingerprint())


def static_is_built() -> bool:
    from django.conf import settings

    mark = Path(settings.STATIC_ROOT) / FINGERPRINT
    return mark.exists() and mark.read_text() == _static_fingerprint()


def _static_fingerprint() -> str:
    """Changes when any source of a static file does."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def serve(
    host: str,
    port: int,
    workers: int,
    database: Addresses,
    *,
    announce: Callable[[], None],
    say: Callable[[str], None],
    end_with_parent: bool = False,
) -> int:
    """Serve until told to stop; returns the exit code. Everything must be prepared already."""
    from django.conf import settings
    from django.db import connections

    os.environ["DJANGO_SETTINGS_MODULE"] = str(settings.SETTINGS_MODULE)
    if not database.apart:
        say(
            "Сайт работает с правами владельца базы данных: журнал защищён хуже. "
            "Задайте OKO_OWNER_DATABASE_URL и OKO_SEALER_DATABASE_URL."
        )
    as_app = {**os.environ, "DATABASE_URL": database.app}
    as_sealer = {**os.environ, "DATABASE_URL": database.sealer}
    connections.close_all()
    return keep_running(
        [
            Member("веб-сервер", _web_command(host, port, workers), vital=True, environment=as_app),
            Member(
                "фоновые задания",
                [sys.executable, "-m", "oko.cabinet.site.worker"],
                vital=False,
                environment=as_app,
            ),
            Member(
                "печать журнала",
                [sys.executable, "-m", "oko.cabinet.audit.sealer"],
                vital=False,
                environment=as_sealer,
            ),
        ],
        stop_on_signals(),
        ready=lambda: is_healthy(host, port),
        announce=announce,
        say=say,
        end_with_parent=end_with_parent,
    )


def _web_command(host: str, port: int, workers: int) -> list[str]:
    from django.conf import settings

    threads = max(1, min(MOST_THREADS, WEB_CONNECTIONS // workers))
    as_json = ("--log-config", str(Path(__file__).with_name("granian_log.json")))
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        *("--blocking-threads", str(threads), "--respawn-failed-workers", "--workers-kill-timeout", "3"),
        *(as_json if settings.LOG_FORMAT == "json" else ()),
        "oko.cabinet.site.wsgi:application",
    ]


def is_healthy(host: str, port: int) -> bool:
    """Whether the web answers and its database too."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # asked, not bound
    with closing(http.client.HTTPConnection(here, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/health/", headers={"Host": "localhost"})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


def usual_workers() -> int:
    return max(1, min(4, os.cpu_count() or 1))
