"""The home page of each role, and the pages for what went wrong."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.registry import Urgency, home_cards
from oko.cabinet.foundation.returning import way_on
from oko.cabinet.people.middleware import public


def home(request: ActingRequest) -> HttpResponse:
    """What do I do now, by when, what is wrong, what is done."""
    cards = home_cards(request.acting)
    return render(
        request,
        "site/home.html",
        {
            "now_cards": [c for c in cards if c.urgency in (Urgency.WRONG, Urgency.DUE)],
            "waiting_cards": [c for c in cards if c.urgency is Urgency.WAITING],
            "done_cards": [c for c in cards if c.urgency is Urgency.DONE],
            "other_cards": [c for c in cards if c.urgency is Urgency.INFORMATION],
        },
    )


@require_POST
@public
def language(request: HttpRequest) -> HttpResponse:
    """Russian or English, remembered on this computer."""
    response = HttpResponseRedirect(way_on(request, "/"))
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


@public
def health(request: HttpRequest) -> HttpResponse:
    """For load balancers: the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def _problem(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, "site/problem.html", {"status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, 404)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: left open over a sign-in or sign-out, or not ours at all."""
    return render(request, "site/form_refused.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "site/problem.html", {"status": 500}, status=500)
