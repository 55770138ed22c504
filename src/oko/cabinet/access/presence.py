"""When and whence a session was last used, and whether one login is used in two places at once.

Written at most once in five minutes a session (and when its address changes), not at every request.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest

from oko.cabinet.access import journal
from oko.cabinet.access.browsers import address_of, agent_of, in_words, note_browser
from oko.cabinet.access.models import AccessRecord, CabinetSession
from oko.cabinet.access.sessions import NOTED_EVERY
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation import clock
from oko.cabinet.people.models import Account

#: An address that changes is noted at once, but not oftener than this.
MOVES_NOTED_EVERY = timedelta(seconds=30)
#: Two sessions used within this time of each other are used at the same time.
AT_ONCE = timedelta(minutes=10)
TOLD_AGAIN_AFTER = timedelta(hours=12)


def note_presence(request: HttpRequest) -> None:
    row = getattr(request.session, "row", None)
    if not isinstance(row, CabinetSession) or not isinstance(request.user, Account):
        return
    now, address = clock.now(), address_of(request) or None
    quiet = now - row.seen_at
    moved = address != row.address and quiet >= MOVES_NOTED_EVERY
    if not moved and timedelta(0) <= quiet < NOTED_EVERY:
        return
    with transaction.atomic():
        places = _two_places(request.user, row, address, agent_of(request))
        request.session.note_work(address, agent_of(request))  # type: ignore[attr-defined]  # our own store
        note_browser(request, request.user)
        if places:
            _tell(request.user, places)


def _two_places(account: Account, row: CabinetSession, address: str | None, agent: str) -> str:
    """In which two places the login is used at this moment; empty where it is one.

    A session whose address changes is a telephone on its way, unless its browser changes with it or it goes
    to and fro: then its cookie is in two hands.
    """
    now = clock.now()
    to_and_fro = address == row.came_from or in_words(agent) != in_words(row.agent)
    if address != row.address and now - row.seen_at < AT_ONCE and to_and_fro:
        return f"{row.address} и {address}"
    other = (
        CabinetSession.objects.filter(account=account, seen_at__gt=now - AT_ONCE, expire_date__gt=now)
        .exclude(pk=row.pk)
        .exclude(address=address)
        .order_by("-seen_at")
        .first()
    )
    return f"{other.address} и {address}" if other else ""


def _tell(account: Account, places: str) -> None:
    now = clock.now()
    known, _new = AccessRecord.objects.get_or_create(account=account)
    if known.two_places_at and timedelta(0) <= now - known.two_places_at < TOLD_AGAIN_AFTER:
        return
    known.two_places_at, known.two_places = now, places[:100]
    known.save(update_fields=["two_places_at", "two_places"])
    record(journal.TWO_PLACES, account=account, note=places)
