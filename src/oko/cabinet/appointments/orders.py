"""Orders: entered, signed by the head in the cabinet or on paper (then the scan is attached)."""

from __future__ import annotations

import hashlib
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.appointments import journal
from oko.cabinet.appointments.scans import check_scan, scan_name
from oko.cabinet.appointments.ways import WAYS
from oko.cabinet.assessments.models import Assessment
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Order


def issuer_of(acting: Acting, role: str, organisation: Organisation) -> int:
    """Whose order an appointment rests on: the organisation's own, or that of whoever appoints."""
    return organisation.pk if WAYS[role].by_own_order else acting.organisation_id


@transaction.atomic
def order_for(acting: Acting, issuer_id: int, number: str, on: date | None) -> Order | None:
    """The order of this number and date, entered now where it is new; None where there is no number.

    Called by the actions of appointing, which have asked who may.
    """
    if not number:
        return None
    order, made = Order.everything.get_or_create(
        organisation_id=issuer_id, assessment_id=acting.assessment_id, number=number, date=on
    )
    if made:
        record(journal.ORDER_MADE, acting=acting, on=order, after=facts(order, "number", "date"))
    return order


@transaction.atomic
def enter_order(acting: Acting, number: str, on: date) -> tuple[Order, bool]:
    """An order of one's own organisation; the second value says whether it is new.

    Raises:
        PermissionDenied: one keeps no orders.
    """
    require(acting, "appointments.keep_orders", Organisation.everything.get(pk=acting.organisation_id))
    known = Order.everything.filter(
        organisation_id=acting.organisation_id, assessment_id=acting.assessment_id, number=number, date=on
    ).exists()
    order = order_for(acting, acting.organisation_id, number, on)
    if order is None:
        raise ValidationError(_("Укажите номер приказа."))
    return order, not known


@transaction.atomic
def attach_scan(acting: Acting, order: Order, filename: str, content: bytes) -> Order:
    """Keep the scan of a paper order, byte for byte. A new one takes the place of an old one, whose
    checksum stays in the journal.

    Raises:
        PermissionDenied: another organisation's order, or one keeps no orders.
        ValidationError: the file is no PDF, JPEG or PNG that can be opened, or too large.
    """
    require(acting, "appointments.keep_orders", order)
    kind = check_scan(content)
    locked = Order.everything.select_for_update(of=("self",), no_key=True).get(pk=order.pk)
    before = facts(locked, "scan_name", "scan_sha256")
    locked.scan_name, locked.scan = scan_name(filename, kind), content
    locked.scan_sha256 = hashlib.sha256(content).hexdigest()
    locked.save(update_fields=["scan_name", "scan", "scan_sha256"])
    record(
        journal.ORDER_ATTACHED,
        acting=acting,
        on=locked,
        before=before,
        after=facts(locked, "scan_name", "scan_sha256"),
    )
    return locked


@transaction.atomic
def sign(acting: Acting, order: Order) -> Order:
    """The head signs in the cabinet. A signature is not taken back.

    Raises:
        PermissionDenied: not the head of this organisation, or signed already.
    """
    locked = (
        Order.everything.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .defer("scan")
        .get(pk=order.pk)
    )
    require(acting, "appointments.sign", locked)
    locked.signed_at = now(Assessment.everything.get(pk=locked.assessment_id))
    locked.signed_by_id = acting.account_id
    locked.save(update_fields=["signed_at", "signed_by"])
    record(
        journal.ORDER_SIGNED,
        acting=acting,
        on=locked,
        before={"signed_at": None},
        after=facts(locked, "signed_at", "signed_by_id"),
    )
    return locked
