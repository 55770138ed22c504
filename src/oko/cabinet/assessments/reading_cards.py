"""The home page about documents: what one has to read oneself, and how many people have not."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _

from oko.cabinet.assessments import readings, words
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.registry import HomeCard, Urgency
from oko.cabinet.foundation.templatetags.oko import moment

KEPT_FOR = 300  # seconds


def reading_cards(acting: Acting) -> list[HomeCard]:
    return [*_own(acting), *_followed(acting)]


def _own(acting: Acting) -> list[HomeCard]:
    """Nothing for a technical specialist in a coordinator's cabinet: the person reads for themselves."""
    if acting.delegation_id is not None:
        return []
    left = [one for one in readings.own(acting) if not one.is_confirmed]
    if not left:
        return []
    title = _("Ознакомьтесь: %s") % words.documents(len(left))
    lines = words.listed((one.document.title for one in left), 4)
    how = _("Откройте каждый и отметьте «Ознакомлен(а)».")
    return [HomeCard(title, f"{lines}\n{how}", Urgency.DUE, readings.ADDRESS, _("К документам"))]


def _followed(acting: Acting) -> list[HomeCard]:
    if not may(acting, "assessments.follow_readings"):
        return []
    behind, everybody, at = _counted(acting)
    if not behind:
        return []
    numbers = {"behind": words.number(behind), "everybody": words.number(everybody)}
    text = _("Не ознакомились: %(behind)s из %(everybody)s.") % numbers
    if acting.scope is Scope.COUNTRY:
        text += "\n" + _("По состоянию на %s.") % moment(at)
    return [
        HomeCard(
            title=_("Не все ознакомились с документами"),
            text=text,
            urgency=Urgency.WAITING,
            url=reverse("readings"),
            action=_("Кто именно"),
        )
    ]


def _counted(acting: Acting) -> tuple[int, int, datetime]:
    """For the country every five minutes, since there it counts everybody; for the others as it is now."""
    if acting.scope is not Scope.COUNTRY:
        return *readings.behind(acting), now()
    key = f"readings-behind-{acting.assessment_id}"
    kept: tuple[int, int, datetime] | None = cache.get(key)
    if kept is None:
        kept = (*readings.behind(acting), now())
        cache.set(key, kept, KEPT_FOR)
    return kept
