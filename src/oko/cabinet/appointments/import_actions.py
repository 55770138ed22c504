"""Keeping an uploaded file of appointments until it is confirmed, and doing what it says."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from oko.cabinet.appointments import journal
from oko.cabinet.appointments.actions import write_appointment
from oko.cabinet.appointments.cases import Grades, binding
from oko.cabinet.appointments.importing import Plan, case_of_line, plan_import
from oko.cabinet.appointments.models import AppointmentDraft
from oko.cabinet.appointments.orders import issuer_of, order_for
from oko.cabinet.appointments.persons import make_person
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people import accounts
from oko.cabinet.people.models import Account

DRAFT_LIFE = timedelta(days=1)


@transaction.atomic
def keep_draft(acting: Acting, filename: str, content: bytes) -> AppointmentDraft:
    """Keep an uploaded list until it is confirmed; what was forgotten earlier goes now."""
    require(acting, "appointments.import")
    forget_old_drafts()
    AppointmentDraft.objects.visible_to(acting).delete()
    return AppointmentDraft.everything.create(
        appointment_id=acting.appointment_id,
        filename=filename[:200].replace("\x00", ""),
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )


@transaction.atomic
def forget_old_drafts() -> None:
    AppointmentDraft.everything.filter(created_at__lt=now() - DRAFT_LIFE).delete()


@transaction.atomic
def drop_draft(acting: Acting, draft: AppointmentDraft) -> None:
    AppointmentDraft.objects.visible_to(acting).filter(pk=draft.pk).delete()


@transaction.atomic
def apply_draft(acting: Acting, draft: AppointmentDraft, seen: str) -> Plan:
    """Appoint everybody in a confirmed list, or nobody, and forget the file.

    Where the base has changed since the person saw the plan with digest `seen`, nothing is written: the
    returned plan, whose digest then differs, says what would happen now.

    Raises:
        PermissionDenied: one appoints nobody.
    """
    require(acting, "appointments.import")
    accounts.lock_making()
    plan = plan_import(acting, bytes(draft.content))
    known = {line.account.pk for line in plan.lines if line.account}
    locked = {
        one.pk: one
        for one in Account.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=known)
        .select_related("workplace")
        .order_by("pk")
    }
    plan = plan_import(acting, bytes(draft.content))
    if plan.findings or plan.digest != seen:
        return plan
    made: dict[tuple[str, ...], Account] = {}
    grades = Grades(acting.assessment_id)
    others = binding(locked, acting.assessment_id)
    for line in plan.lines:
        if line.account is None and line.key not in made:
            made[line.key] = make_person(acting, line.organisation, line.person, another=True)
        person = locked[line.account.pk] if line.account else made[line.key]
        case = case_of_line(line, others[person.pk] if line.account else [], grades)
        issuer_id = issuer_of(acting, line.role, line.organisation)
        order = order_for(acting, issuer_id, line.order_number, line.order_date)
        write_appointment(acting, replace(case, person=person), order)
    record(
        journal.IMPORTED,
        acting=acting,
        organisation=Organisation.everything.get(pk=acting.organisation_id),
        after={
            "sha256": draft.sha256,
            "filename": draft.filename,
            "appointments": len(plan.lines),
            "new_people": len(made),
        },
    )
    drop_draft(acting, draft)
    return plan
