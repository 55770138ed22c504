"""Tells the journal who is asking and from where, and sees to it that no file leaves unrecorded."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse

from oko.cabinet.audit.circumstances import Circumstances, recorded_here, under
from oko.cabinet.audit.journal import FILE_TAKEN
from oko.cabinet.audit.recording import record
from oko.cabinet.audit.verbs import RECORDED, Sort
from oko.cabinet.foundation.addresses import client_address

LONGEST_AGENT = 200
NAMED_FILE = re.compile(r"filename\*=utf-8''([^;]+)|filename=\"?([^\";]+)", re.IGNORECASE)


class CircumstancesMiddleware:
    """Stands right after the one that finds out in which appointment the sender acts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with under(_circumstances(request)):
            response = self.get_response(request)
            if _is_unrecorded_file(request, response):
                _record_file(request, response)
        return response


async def of_a_task(call_next: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
    """The same for background tasks: a middleware of Procrastinate's worker."""
    with under(Circumstances(task=context.job.task_name)):
        return await call_next()


def _circumstances(request: HttpRequest) -> Circumstances:
    user: Any = request.user
    known = user.is_authenticated
    return Circumstances(
        account_id=user.pk if known else None,
        login=user.get_username() if known else "",
        full_name=user.full_name if known else "",
        acting=getattr(request, "acting", None),
        address=client_address(request),
        agent=request.headers.get("User-Agent", "")[:LONGEST_AGENT],
        request_id=getattr(request, "request_id", ""),
    )


def _is_unrecorded_file(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a person gets a file (to keep or to look at) of which the view has said nothing."""
    if not response.has_header("Content-Disposition") or response.status_code >= 300:
        return False
    if request.method == "HEAD" or not request.user.is_authenticated:
        return False
    return not any(RECORDED[verb].sort in (Sort.DOWNLOAD, Sort.SECRET) for verb in recorded_here())


def _record_file(request: HttpRequest, response: HttpResponse) -> None:
    """A view that knows whose file it is says so in `request.audited_organisation`."""
    match = request.resolver_match
    record(
        FILE_TAKEN,
        organisation=getattr(request, "audited_organisation", None),
        after={
            "file": _filename(response.headers["Content-Disposition"]),
            "page": match.view_name if match else request.path,
            **({str(key): str(value) for key, value in match.kwargs.items()} if match else {}),
        },
    )


def _filename(disposition: str) -> str:
    found = NAMED_FILE.search(disposition)
    return unquote(found[1] or found[2]).strip() if found else ""
