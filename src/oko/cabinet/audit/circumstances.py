"""Who is asking, from where: kept beside the code that runs, so that an action need not be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from oko.cabinet.foundation.acting import Acting


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of one request, or of one background task (`task` names it; then nobody is signed in)."""

    account_id: int | None = None
    login: str = ""
    full_name: str = ""
    acting: Acting | None = None
    address: str = ""
    agent: str = ""
    request_id: str = ""
    task: str = ""


NOBODY = Circumstances()
_current: ContextVar[Circumstances] = ContextVar("circumstances", default=NOBODY)


def current() -> Circumstances:
    return _current.get()


@contextmanager
def under(circumstances: Circumstances) -> Iterator[None]:
    """Everything recorded inside is recorded under these circumstances."""
    token = _current.set(circumstances)
    try:
        yield
    finally:
        _current.reset(token)
