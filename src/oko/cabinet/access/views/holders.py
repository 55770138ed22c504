"""«Кто имеет доступ»: the audit page of one organisation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from oko.cabinet.access import holders, journal
from oko.cabinet.access.tables import HoldersTable
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation import clock
from oko.cabinet.foundation.access import require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import show
from oko.cabinet.organisations.models import Organisation


def access_holders(request: ActingRequest) -> HttpResponse:
    own = visible_or_404(Organisation.objects.visible_to(request.acting), pk=request.acting.organisation_id)
    require(request.acting, "access.review", own)
    found = holders.holders(request.acting)
    table = HoldersTable(found)
    answer = show(request, table, per_page=200)
    if isinstance(answer, HttpResponse):
        record(journal.HOLDERS_EXPORTED, on=own, after={"rows": len(found)})
        return answer
    return render(
        request,
        "access/holders.html",
        {
            "organisation": own,
            "table": table,
            "risky": sum(bool(one.advice) for one in found),
            "people": len(found),
            "delegations": holders.delegations(request.acting),
            "read_at": clock.now(),
        },
    )
