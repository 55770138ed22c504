"""One line of the log for each request: who asked for what, and how it ended. Never what was sent."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from oko.cabinet.foundation.addresses import client_address
from oko.cabinet.foundation.logs import route_of, serving
from oko.cabinet.people.middleware import PUBLIC

log = logging.getLogger("oko.access")

#: Asked every few seconds by whoever watches the product.
QUIET = frozenset({"health"})


class AccessLog:
    """Stands right behind RequestId, so that no answer passes it by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        with serving(request):
            response = self.get_response(request)
            if not _is_a_file_of_ours(request, response):
                _write(request, response, round((time.perf_counter() - began) * 1000, 1))
        return response


def _write(request: HttpRequest, response: HttpResponse, ms: float) -> None:
    route, status = route_of(request), response.status_code
    level = logging.DEBUG if route in QUIET and status == 200 else logging.INFO
    fields = _fields(request, response, ms)
    log.log(level, "%s %s %s", request.method, route, status, extra={"fields": fields})


def _is_a_file_of_ours(request: HttpRequest, response: HttpResponse) -> bool:
    """Styles and pictures are answered before any view is looked for."""
    return request.resolver_match is None and response.status_code in (200, 206, 304)


def _fields(request: HttpRequest, response: HttpResponse, ms: float) -> dict[str, Any]:
    acting = getattr(request, "acting", None)
    # The middleware that sets `acting` has asked for the user already: no query for the log's sake.
    user = request.user if hasattr(request, "acting") else None
    return {
        "method": request.method,
        "route": route_of(request),
        "ids": _ids(request),
        "status": response.status_code,
        "ms": ms,
        "address": client_address(request),
        "account": user.pk if user is not None else None,
        "role": acting.role if acting else None,
        "organisation": acting.organisation_id if acting else None,
    }


def _ids(request: HttpRequest) -> dict[str, Any]:
    """The ids in the address. Texts only where one is signed in: a stranger's may be the key to something."""
    found = request.resolver_match
    if found is None:
        return {}
    stranger = getattr(found.func, PUBLIC, False)
    return {name: value for name, value in found.kwargs.items() if isinstance(value, int) or not stranger}
