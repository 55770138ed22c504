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
_verbs: ContextVar[list[str] | None] = ContextVar("recorded_verbs", default=None)


def current() -> Circumstances:
    return _current.get()


@contextmanager
def under(circumstances: Circumstances) -> Iterator[None]:
    """Everything recorded inside is recorded under these circumstances."""
    token, verbs = _current.set(circumstances), _verbs.set([])
    try:
        yield
    finally:
        _verbs.reset(verbs)
        _current.reset(token)


def note(verb: str) -> None:
    """Remember that an event of this verb was recorded under the present circumstances."""
    noted = _verbs.get()
    if noted is not None:
        noted.append(verb)


def recorded_here() -> list[str]:
    """The verbs of the events recorded so far under the present circumstances."""
    return list(_verbs.get() or ())
