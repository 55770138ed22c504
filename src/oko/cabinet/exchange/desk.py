"""What this app offers on every page: a line of the menu, and where the steps of the roadmap lead."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments.links import register_step_link
from oko.cabinet.assessments.models import Participation, RoadmapStep
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.registry import MenuItem, register_menu
from oko.cabinet.organisations.models import Organisation


def protocol_link(step: RoadmapStep, acting: Acting) -> str | None:
    """A school goes to its protocol of the step's paper, those above to all protocols of that paper."""
    if not may(acting, "exchange.read") or step.paper is None:
        return None
    if may(acting, "assessments.follow"):
        return f"{reverse('protocols')}?paper={step.paper.code}"
    mine = Participation.objects.visible_to(acting).filter(
        paper=step.paper, organisation=acting.organisation_id
    )
    if not mine.exists():
        return None
    school = Organisation.objects.visible_to(acting).get(pk=acting.organisation_id)
    return reverse("protocol", args=[step.paper.code, school.code])


def all_protocols_link(acting: Acting) -> str | None:
    return reverse("protocols") if may(acting, "exchange.read") else None


register_menu(
    MenuItem(_("Протоколы"), "protocols", position=30, shown_to=lambda acting: may(acting, "exchange.read"))
)
register_step_link(RoadmapStep.Action.RESULTS_PROTOCOL, protocol_link, together=all_protocols_link)
