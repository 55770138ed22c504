"""The receipt of a report, for the pages of reports."""

from __future__ import annotations

from typing import Any

from django import template

from oko.cabinet.assessments import queries as assessments
from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.access import may
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.receipts import own, queries
from oko.cabinet.reports.receipts.tables import LOOKS

register = template.Library()


@register.inclusion_tag("reports/receipts_own.html", takes_context=True)
def receipt_panel(context: Any, paper: Paper, organisation: Organisation) -> dict[str, Any]:
    """`{% receipt_panel paper place.organisation %}`: where the own organisation stands with this report, and
    the button. Nothing for others.
    """
    receipt = own.own_receipt(context["request"].acting, paper, organisation)
    return {"receipt": receipt, "csrf_token": context.get("csrf_token"), **_state(receipt)}


@register.inclusion_tag("reports/receipts_waiting.html", takes_context=True)
def receipts_waiting(context: Any) -> dict[str, Any]:
    """`{% receipts_waiting %}`: which reports wait for one's own confirmation; for coordinators, the way to
    those who have not confirmed and to the archive of all reports.
    """
    acting = context["request"].acting
    waiting = own.to_confirm(acting, assessments.own_organisation(acting))
    return {
        "waiting": [{"receipt": one, **_state(one)} for one in waiting],
        "follows": may(acting, "reports.follow_receipts"),
        "orders": may(acting, "reports.order_package"),
        "csrf_token": context.get("csrf_token"),
    }


def _state(receipt: own.OwnReceipt | None) -> dict[str, Any]:
    if receipt is None:
        return {}
    return {"state": receipt.state, "look": LOOKS[receipt.state], "title": queries.STATES[receipt.state]}
