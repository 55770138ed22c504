"""What people do with accounts and appointments."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from oko.cabinet.people import queries


def choose_appointment(request: HttpRequest, pk: int) -> None:
    """Act in another of one's own standing appointments from now on.

    Raises:
        Http404: it is somebody else's, has ended, or does not exist.
    """
    if not queries.appointments_of(request.user).filter(pk=pk).exists():  # type: ignore[arg-type]
        raise Http404
    request.session[queries.ACTING] = pk
