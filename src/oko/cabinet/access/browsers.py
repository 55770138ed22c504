"""Who is at the other end: the address, the program, and whether this browser is known for a login.

A browser in which somebody has signed in carries a cookie for that account (OWASP: device cookies).
Strangers' wrong guesses from the same address never lock it; it has a limit of its own.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from oko.cabinet.access.models import LONGEST_AGENT, KnownBrowser
from oko.cabinet.foundation import clock
from oko.cabinet.foundation.addresses import client_address
from oko.cabinet.people.models import Account

REMEMBERED = timedelta(days=180)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_COOKIE = "oko_known_"
_TO_SET = "_oko_known_browser"


def address_of(request: HttpRequest) -> str:
    return client_address(request)


def agent_of(request: HttpRequest) -> str:
    """What the browser says of itself, without what a database cannot hold."""
    return request.META.get("HTTP_USER_AGENT", "").replace("\x00", "")[:LONGEST_AGENT]


def known_browser(request: HttpRequest, account: Account) -> KnownBrowser | None:
    """The browser that asks, if this very account has signed in in it before."""
    token = request.COOKIES.get(_cookie_of(account), "")
    if not _TOKEN.fullmatch(token):
        return None
    return KnownBrowser.objects.filter(
        token_hash=_digest(token), account=account, last_at__gt=clock.now() - REMEMBERED
    ).first()


def remember(request: HttpRequest, account: Account) -> None:
    """After a whole sign-in: this browser is known from now on. The answer carries its cookie."""
    now = clock.now()
    token = request.COOKIES.get(_cookie_of(account), "")
    seen = {"last_at": now, "address": address_of(request) or None, "agent": agent_of(request)}
    if _TOKEN.fullmatch(token):
        known = KnownBrowser.objects.filter(token_hash=_digest(token), account=account)
        if known.update(**seen):
            setattr(request, _TO_SET, (account, token))
            return
    token = secrets.token_urlsafe(16)
    KnownBrowser.objects.create(account=account, token_hash=_digest(token), first_at=now, **seen)
    setattr(request, _TO_SET, (account, token))


def note_browser(request: HttpRequest, account: Account) -> None:
    """A browser in use stays known, and says whence the account was last used."""
    token = request.COOKIES.get(_cookie_of(account), "")
    if _TOKEN.fullmatch(token):
        KnownBrowser.objects.filter(token_hash=_digest(token), account=account).update(
            last_at=clock.now(), address=address_of(request) or None, agent=agent_of(request)
        )


def set_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Hand the cookie of a browser that has just become known (or was) to it."""
    if not hasattr(request, _TO_SET):
        return
    account, token = getattr(request, _TO_SET)
    response.set_cookie(
        _cookie_of(account),
        token,
        max_age=int(REMEMBERED.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def in_words(agent: str) -> str:
    """«Firefox, Windows»: enough to recognise one's own computer."""
    programs = {"YaBrowser": "Яндекс Браузер", "Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox"}
    programs |= {"Chrome": "Chrome", "Safari": "Safari"}
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"}
    systems |= {"Mac OS": "macOS", "Linux": "Linux"}
    found = [next((name for sign, name in some.items() if sign in agent), "") for some in (programs, systems)]
    return ", ".join(part for part in found if part) or agent[:60]


def _cookie_of(account: Account) -> str:
    """One cookie an account: several people share the computer in the teachers' room."""
    return f"{settings.COOKIE_PREFIX}{_COOKIE}{account.pk}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
