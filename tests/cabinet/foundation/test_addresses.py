"""Where a request came from: only our own proxies are believed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from oko.cabinet.foundation.addresses import client_address

DOOR = "198.51.100.7"


def seen(settings: Any, proxies: int, forwarded: str | None, remote: str = "10.0.0.1") -> str:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


def test_without_a_proxy_the_header_counts_for_nothing(settings: Any) -> None:
    assert seen(settings, 0, "203.0.113.5", remote=DOOR) == DOOR


def test_one_proxy_tells_who_asked_it(settings: Any) -> None:
    assert seen(settings, 1, DOOR) == DOOR


def test_what_the_sender_wrote_before_our_proxy_is_not_believed(settings: Any) -> None:
    assert seen(settings, 1, f"203.0.113.5, {DOOR}") == DOOR
    assert seen(settings, 2, f"203.0.113.5, {DOOR}, 10.0.0.9") == DOOR


def test_who_comes_past_the_proxies_is_the_one_who_asked(settings: Any) -> None:
    assert seen(settings, 2, DOOR, remote="10.0.0.1") == "10.0.0.1"
    assert seen(settings, 1, None, remote="10.0.0.1") == "10.0.0.1"


@pytest.mark.parametrize("nonsense", ["<script>", "", "999.1.1.1", "unix:", "1" * 10_000])
def test_what_is_no_address_is_not_passed_on(settings: Any, nonsense: str) -> None:
    assert seen(settings, 1, nonsense, remote="") == ""


def test_long_way_of_writing_an_address_is_the_same_address(settings: Any) -> None:
    assert seen(settings, 1, "[2001:0DB8:0000::0001]") == "2001:db8::1"
