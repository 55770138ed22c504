"""What this app offers on every page, and where the report of a step is received."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments.links import register_step_link
from oko.cabinet.assessments.models import RoadmapStep
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.registry import MenuItem, register_home_cards, register_menu
from oko.cabinet.reports.receipts.cards import receipt_cards


def report_link(step: RoadmapStep, acting: Acting) -> str | None:
    return reverse("reports") if may(acting, "reports.read") else None


register_menu(
    MenuItem(_("Отчёты"), "reports", position=35, shown_to=lambda acting: may(acting, "reports.read"))
)
register_step_link(RoadmapStep.Action.RECEIVE_REPORT, report_link)
register_home_cards(receipt_cards)
