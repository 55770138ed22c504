"""What this app puts into the menu and on the home page, and where its own steps are done."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments import cards, links, queries
from oko.cabinet.assessments.coordinator_cards import coordinator_cards
from oko.cabinet.assessments.models import RoadmapStep
from oko.cabinet.assessments.reading_cards import reading_cards
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.registry import (
    PEOPLE_ROOM,
    HomeCard,
    MenuItem,
    register_home_cards,
    register_menu,
)


def home(acting: Acting) -> list[HomeCard]:
    at = now(queries.assessment_of(acting))
    own = queries.own_organisation(acting)
    rows = queries.own_steps(acting)
    found = cards.own_cards(acting, rows, at)
    if may(acting, "assessments.follow"):
        found += coordinator_cards(acting, own, at)
    else:
        found += cards.looking_on_cards(acting, rows, own)
    return found + reading_cards(acting) + cards.publication_cards(acting, at)


register_menu(
    MenuItem(_("План-график"), "roadmap", 20),
    MenuItem(_("Ход работ"), "board", 30, lambda acting: may(acting, "assessments.follow")),
    MenuItem(_("Процедура"), "assessment", 40),
    MenuItem(_("Новости и документы"), "publications", 50),
    MenuItem(
        _("Ознакомление"),
        "readings",
        70,
        lambda acting: may(acting, "assessments.follow_readings"),
        PEOPLE_ROOM,
    ),
)
register_home_cards(home)
links.register_step_link(RoadmapStep.Action.READ, links.documents_link)
