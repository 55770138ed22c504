"""Sessions in the database, one row each, with whose it is, whence and since when (`SESSION_ENGINE`).

How long they live: five days without work, so that who worked on Friday is signed in when a release opens
on Monday at 08:00, long weekends included; and in any case until the night to the Sunday after two weeks.
On Sundays nothing is released, so no session ever ends in the middle of a release window.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, IntegrityError
from django.utils.crypto import get_random_string

from oko.cabinet.foundation import clock
from oko.cabinet.foundation.wallclock import MOSCOW

IDLE = timedelta(days=5)
LONGEST = timedelta(days=14)
STRANGERS = timedelta(hours=2)  # a session of somebody who has not signed in: the way through activation
NOTED_EVERY = timedelta(minutes=5)
SUNDAY = 6


def last_moment(started: datetime) -> datetime:
    """The first midnight to a Sunday, in Moscow, two weeks or more after the sign-in."""
    day = (started + LONGEST).astimezone(MOSCOW)
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    days_on = (SUNDAY - midnight.weekday()) % 7
    sunday = midnight + timedelta(days=days_on)
    return sunday if sunday >= day else sunday + timedelta(days=7)


class SessionStore(DatabaseStore):
    """Django's own, with the facts about the session in columns and one INSERT a sign-in."""

    row: Any = None
    model: Any
    _session: dict[str, Any]
    _get_session: Any

    @classmethod
    def get_model_class(cls) -> Any:
        from oko.cabinet.access.models import CabinetSession

        return CabinetSession

    def _get_session_from_db(self) -> Any:
        try:
            self.row = self.model.objects.get(session_key=self.session_key)
        except (self.model.DoesNotExist, SuspiciousOperation, ValueError):
            self.row = None
        if self.row is not None and self.row.expire_date <= clock.now():
            self.delete(self.row.session_key)  # for good: a clock that steps back does not bring it to life
            self.row = None
        if self.row is None:
            self._session_key = None
        return self.row

    def _get_new_session_key(self) -> str:
        """Two of the 36**32 keys never meet, and if they did, the INSERT would say so: nobody is asked."""
        return get_random_string(32, VALID_KEY_CHARS)

    def save(self, must_create: bool = False) -> None:
        """One statement; it needs no transaction of its own.

        Raises:
            UpdateError: the session was ended meanwhile; it does not come back.
        """
        if self.session_key is None:
            self.create()
            return
        row = self.create_model_instance(self._get_session(no_load=must_create))
        try:
            row.save(force_insert=must_create, force_update=not must_create)
        except IntegrityError as error:
            raise (CreateError if must_create else UpdateError) from error
        except DatabaseError as error:
            if must_create:
                raise
            raise UpdateError from error

    def cycle_key(self) -> None:
        """A new key at sign-in; the row is written once, when the answer is ready."""
        data, old = self._session, self.session_key
        if old:
            self.delete(old)
        self._session_key = None
        self._session_cache = data
        self.row = None
        self.modified = True

    def flush(self) -> None:
        super().flush()
        self.row = None

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        now = clock.now()
        account = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row = self.row or self.model(started_at=now, number=uuid.uuid4(), seen_at=now)
        row.session_key = self._get_or_create_session_key()  # type: ignore[attr-defined]  # Django's own
        row.session_data = self.encode(data)
        row.account_id = account
        if row._state.adding:
            row.address, row.agent = data.get("address"), data.get("agent", "")
        row.expire_date = expires(row.started_at, row.seen_at, signed_in=account is not None)
        self.row = row
        return row

    def note_work(self, address: str | None, agent: str) -> None:
        """The session is in use: it lives on, and its page says when and whence it was last used."""
        row = self.row
        row.seen_at = clock.now()
        if row.address != address:
            row.came_from = row.address
        row.address, row.agent = address, agent
        row.expire_date = expires(row.started_at, row.seen_at, signed_in=True)
        self.model.objects.filter(pk=row.pk).update(  # a session ended meanwhile stays ended
            seen_at=row.seen_at,
            came_from=row.came_from,
            address=address,
            agent=agent,
            expire_date=row.expire_date,
        )


def expires(started: datetime, seen: datetime, *, signed_in: bool) -> datetime:
    return min(seen + IDLE, last_moment(started)) if signed_in else seen + STRANGERS
