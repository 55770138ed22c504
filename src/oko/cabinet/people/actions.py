"""What people do with their own appointments; who appoints whom is the work of `appointments`."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from oko.cabinet.people import queries


def choose_appointment(request: HttpRequest, pk: int) -> None:
    """Act in another of one's own standing appointments, or in one delegated to oneself, from now on.

    Raises:
        Http404: it is somebody else's, has ended, or does not exist.
    """
    if all(one.pk != pk for one in queries.appointments_of(request.user)):  # type: ignore[arg-type]
        raise Http404
    request.session[queries.ACTING] = pk
