"""Who may do what with an assessment."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments.models import RoadmapStep
from oko.cabinet.foundation.access import Condition, Reach, declare, grant
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.rules import FROM_ABOVE, FROM_THE_REGION_UP
from oko.cabinet.people.models import COORDINATORS, Role

THE_FEDERAL_ORGANISER = grant({Role.FEDERAL_ORGANISER}, Reach.COUNTRY)


def _published_it(acting: Acting, publication: Any) -> bool:
    """The federal organiser mends everything that is published, a region what is its own."""
    return acting.role == Role.FEDERAL_ORGANISER or publication.organisation_id == acting.organisation_id


def _is_rehearsed(_acting: Acting, assessment: Any) -> bool:
    return bool(assessment.is_training)


def _is_read_by_the_role(acting: Acting, step: Any) -> bool:
    return step.action == RoadmapStep.Action.READ and acting.role in step.roles


declare("assessments.edit_papers", _("Изменять работы, задания и шкалы"), THE_FEDERAL_ORGANISER)
declare("assessments.edit_roadmap", _("Изменять план-график"), THE_FEDERAL_ORGANISER)
declare(
    "assessments.make_exception",
    _("Приостановить, продлить или снова открыть шаг"),
    *FROM_THE_REGION_UP,
)
declare("assessments.end_exception", _("Снять особый срок"), *FROM_THE_REGION_UP)
declare(
    "assessments.follow",
    _("Следить за ходом работ и особыми сроками"),
    grant(COORDINATORS | {Role.HEAD, Role.TECHNICAL_SPECIALIST, Role.ANALYST}, Reach.UNDER),
)
declare("assessments.call", _("Видеть, кому звонить, с телефонами"), *FROM_ABOVE)
declare(
    "assessments.publish",
    _("Публиковать новости и документы"),
    *FROM_THE_REGION_UP,
    conditions=[Condition(_("регион изменяет только опубликованное им самим"), _published_it)],
)
declare(
    "assessments.set_clock",
    _("Переставлять репетиционные часы"),
    *FROM_THE_REGION_UP,
    conditions=[Condition(_("только у тренировки"), _is_rehearsed)],
)
declare(
    "assessments.confirm_reading",
    _("Подтверждать ознакомление с материалами шага"),
    grant(Role.values, Reach.OWN),
    conditions=[Condition(_("шаг назначен роли в плане-графике"), _is_read_by_the_role)],
)


def _is_for_the_role(acting: Acting, document: Any) -> bool:
    return document.is_for(acting)


declare(
    "assessments.confirm_document",
    _("Подтверждать ознакомление с документом своей роли"),
    grant(Role.values, Reach.ANYWHERE),
    conditions=[Condition(_("документ для этой роли и требует подтверждения"), _is_for_the_role)],
    delegable=False,
)
declare(
    "assessments.follow_readings",
    _("Видеть, кто не ознакомился с документами, и напоминать"),
    grant(COORDINATORS | {Role.SCHOOL_COORDINATOR, Role.HEAD}, Reach.SEEN),
)
