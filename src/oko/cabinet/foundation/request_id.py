"""Each request has an id: in its answer, in every line of the log, in the journal's events."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
#: What a proxy of ours may name a request; anything else could forge lines or be endless.
FROM_A_PROXY = re.compile(r"[A-Za-z0-9-]{8,64}\Z")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request (or background task) being served here, or an empty text."""
    return _current.get()


@contextmanager
def under_request_id(request_id: str) -> Iterator[None]:
    """Lines of the log written inside carry this id."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)


class RequestId:
    """The first of all: puts `request.request_id`, and says it in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = _given(request) or uuid.uuid4().hex  # type: ignore[attr-defined]
        with under_request_id(request.request_id):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers[HEADER] = request.request_id  # type: ignore[attr-defined]
        return response


def _given(request: HttpRequest) -> str:
    """The proxy's own id, so that its log and ours can be laid side by side; a stranger's is not taken."""
    if settings.TRUSTED_PROXIES < 1:
        return ""
    given = request.headers.get(HEADER, "")
    return given if FROM_A_PROXY.match(given) else ""
