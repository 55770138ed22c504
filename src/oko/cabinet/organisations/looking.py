"""A look from outside: somebody who acts in another organisation opens a page with this one's data."""

from __future__ import annotations

from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation

#: Where the session keeps which pages this person has looked at within the present hour.
LOOKS = "looked_at"
SECONDS = 3600


def note_look(request: ActingRequest, organisation: Organisation, verb: str) -> None:
    """Record it, once for a person, a page and an hour: who reloads a page has not looked twice.

    The session remembers that, so that a repeated look costs the database nothing.
    """
    if organisation.pk == request.acting.organisation_id:
        return
    hour = int(now().timestamp()) // SECONDS
    page = f"{request.acting.appointment_id} {request.path}"
    looks = {page: at for page, at in request.session.get(LOOKS, {}).items() if at == hour}
    if page in looks:
        return
    record(verb, acting=request.acting, organisation=organisation, after={"page": request.path})
    request.session[LOOKS] = {**looks, page: hour}
