"""From which network address a request came, behind however many proxies of our own."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of the person's computer, or of the door of its network; empty where it cannot be known.

    `X-Forwarded-For` is a list to which each proxy adds, on the right, whom it was asked by. With
    `TRUSTED_PROXIES` = n the n-th entry from the right was written by the outermost of ours; everything left
    of it is the sender's own story. With none, the header counts for nothing.
    """
    proxies: int = settings.TRUSTED_PROXIES
    if proxies < 1:
        return _address(request.META.get("REMOTE_ADDR", ""))
    header = request.META.get("HTTP_X_FORWARDED_FOR", "")
    told = [entry.strip() for entry in header.split(",") if entry.strip()]
    if len(told) < proxies:
        return _address(request.META.get("REMOTE_ADDR", ""))
    return _address(told[-proxies])


def _address(text: str) -> str:
    """The same, written one way; what is no address is not passed on."""
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        return ""
