"""The id that ties a request's answer, its lines in the log and its events together."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from oko.cabinet.foundation.request_id import RequestId, current_request_id


def asked(given: str = "") -> tuple[HttpRequest, HttpResponse, str]:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(current_request_id())
        return HttpResponse()

    request = RequestFactory().get("/", headers={"X-Request-ID": given} if given else None)
    return request, RequestId(view)(request), seen[0]


def test_request_answer_and_log_share_one_id() -> None:
    request, response, inside = asked()

    assert re.fullmatch(r"[0-9a-f]{32}", inside)
    assert inside == response.headers["X-Request-ID"] == request.request_id  # type: ignore[attr-defined]
    assert current_request_id() == "", "the next request of this thread does not inherit it"


def test_strangers_id_is_not_taken(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0

    assert asked("abcdef-0123")[2] != "abcdef-0123"


def test_id_of_our_own_proxy_is_taken(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    assert asked("abcdef-0123")[2] == "abcdef-0123"


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "abcdef 0123", "abcdef\n0123", "abcdef0123\n", '"},{"a":1}']
)
def test_id_that_could_forge_a_line_is_not_taken(settings: Any, given: str) -> None:
    settings.TRUSTED_PROXIES = 1

    assert re.fullmatch(r"[0-9a-f]{32}", asked(given)[2])
