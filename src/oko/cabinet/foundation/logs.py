"""Lines of the log: a record is one line of JSON, and holds neither a secret nor what a person sent.

What must not be said is taken out of the finished text, in two ways: words that look like a secret
(`password=…`, `://user:password@`), and the very values of the request being served and of the secrets of
this installation, wherever they turn up — also in the words of an exception that nobody foresaw.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from oko.cabinet.foundation.request_id import current_request_id

HIDDEN = "***"
FORMATS = ("json", "line")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

#: Names whose values are secrets, as keys of forms, headers, dictionaries and connection strings.
TELLTALE = (
    r"(?:[\w-]*(?:passw(?:or)?d[12]?|passphrase|secret|token|session(?:_?id)?|otp|api_?key)"
    r"|(?:(?:activation|recovery|reset|totp|mfa)_?)?codes?)"
)
_LOOKS_SECRET = re.compile(
    rf"""(?ix)
    (?P<name> \b {TELLTALE} ["']? \s* [=:] \s* )
    (?: "[^"]*" | '[^']*' | [^\s,;&)}}\]]+ )
    """
)
_HEADERS = re.compile(r"(?im)(?P<name>\b(?:proxy-)?(?:authorization|(?:set-)?cookie)[\"']?\s*[=:]\s*).+$")
_ADDRESS = re.compile(r"(?P<name>\w+://[^\s:/@]*:)[^\s@]+(?=@)")
#: PostgreSQL quotes whole rows here.
_DETAIL = re.compile(r"(?m)^(?P<name>DETAIL:\s*).*$")

SHORTEST_SECRET = 3  # characters; below it a value says nothing and hiding it would spoil every word
SHORTEST_SENT = 5

_never_said: set[str] = set()
_served: ContextVar[HttpRequest | None] = ContextVar("served", default=None)


def never_say(*secrets: str) -> None:
    """Secrets of this installation: hidden in every line, wherever they turn up."""
    _never_said.update(secret for secret in secrets if len(secret) >= SHORTEST_SENT)


@contextmanager
def serving(request: HttpRequest) -> Iterator[None]:
    """What this request brought is hidden in the lines written inside."""
    token = _served.set(request)
    try:
        yield
    finally:
        _served.reset(token)


def harmless(text: str) -> str:
    """The text without secrets and without what the request being served has brought."""
    text = _without(text, _never_said | set(_brought(_served.get())))
    for pattern in (_HEADERS, _ADDRESS, _DETAIL, _LOOKS_SECRET):
        text = pattern.sub(rf"\g<name>{HIDDEN}", text)
    return text


def _without(text: str, values: set[str]) -> str:
    if not values:
        return text
    longest_first = sorted(values, key=len, reverse=True)
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", HIDDEN, text)


def _brought(request: HttpRequest | None) -> Iterable[str]:
    """Values of cookies, of the query string and of the form, in the ways in which they may be written."""
    if request is None:
        return
    for value in request.COOKIES.values():
        yield from _written(value, SHORTEST_SECRET)
    # A form that nobody has read yet is not read for the log's sake: it may be long, or broken.
    forms = [request.GET, *([request._post] if hasattr(request, "_post") else [])]
    for form in forms:
        for name, values in form.lists():
            shortest = SHORTEST_SECRET if re.fullmatch(TELLTALE, name, re.I) else SHORTEST_SENT
            for value in values:
                yield from _written(str(value), shortest)


def _written(value: str, shortest: int) -> Iterable[str]:
    if len(value) >= shortest:
        yield from {value, repr(value)[1:-1], value.encode("unicode_escape").decode()}


class JsonLine(logging.Formatter):
    """`{"time": …, "level": …, "logger": …, "message": …, "request_id": …}` and the record's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": harmless(_message(record)),
            "request_id": current_request_id() or None,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["exception"] = harmless(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False, default=str)


class ReadableLine(logging.Formatter):
    """For a person at a terminal: as short as can be, an exception below it."""

    def format(self, record: logging.LogRecord) -> str:
        message = harmless(_message(record)).replace("\r", "\\r").replace("\n", "\\n")
        text = f"{_moment(record)} {record.levelname} {record.name}: {message}"
        if request_id := current_request_id():
            text += f" [{request_id}]"
        if record.exc_info:
            text += "\n" + harmless(self.formatException(record.exc_info))
        return text


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _message(record: logging.LogRecord) -> str:
    """The message; where it names the address asked for, only its path's route (an address may be a key)."""
    text = record.getMessage()
    request = _served.get()
    if request is None or len(request.path) < SHORTEST_SENT:
        return text
    for address in (request.get_full_path(), request.path):
        text = text.replace(address, route_of(request))
    return text


def route_of(request: HttpRequest) -> str:
    """The name of the view that was asked for, or «(no such address)»."""
    found = request.resolver_match
    return (found.view_name or found.route) if found else "(no such address)"


def logging_settings(kind: str, level: str) -> dict[str, Any]:
    """What Django's LOGGING wants: one handler for everything, and no mail of errors to anybody.

    Args:
        kind: one of FORMATS; a terminal gets no line for every request.
        level: one of LEVELS, for what is not Oko's own.
    """
    shape = "JsonLine" if kind == "json" else "ReadableLine"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{shape}"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "oko.access": {"level": "INFO" if kind == "json" else "WARNING"},
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "ERROR"},  # refusals are in the access lines already
            "django.db.backends": {"level": "WARNING"},  # below it are statements with their values
        },
    }
