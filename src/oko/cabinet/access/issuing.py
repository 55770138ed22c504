"""Giving access: a list of people is prepared, then taken once; its codes exist only in what is taken.

Nothing that opens anything is ever kept: the database holds keyed hashes, and the answer to one POST holds
the codes. Whoever takes a list again says why, and the codes of the first time are void.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.access import codes, factors, journal, queries, states
from oko.cabinet.access.models import ActivationCode, CodeBatch
from oko.cabinet.access.sign_in import end_all_sessions
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation import clock
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment

LARGEST = 1000  # people in one list: about five minutes of printing
CODE_LIVES = timedelta(days=30)
RESET_LIVES = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Issued:
    """One person's new code, in the clear: it goes into the answer and nowhere else."""

    account: Account
    organisation: Organisation
    role: str
    code: str
    link_token: str | None
    expires_at: datetime


@transaction.atomic
def prepare(acting: Acting, appointments: Iterable[int], kind: str, reason: str = "") -> CodeBatch:
    """A list of those among `appointments` who may get a code from this person and have no password yet.

    Raises:
        PermissionDenied: this role gives no access.
        ValidationError: nobody is left, or too many are.
    """
    require(acting, "access.issue")
    waiting = states.with_states(queries.issuable(acting)).filter(
        pk__in=list(appointments),
        access_state__in=[states.State.NONE, states.State.ISSUED, states.State.EXPIRED],
    )
    chosen = {one.person_id: one.pk for one in waiting.order_by("-pk")}
    if not chosen:
        raise ValidationError(
            _("Среди выбранных нет людей без доступа. Тем, у кого доступ уже есть, его можно сбросить.")
        )
    if len(chosen) > LARGEST:
        raise ValidationError(
            _("Выбрано %(count)s человек, а в одном списке — не больше %(most)s. Отберите по организации.")
            % {"count": len(chosen), "most": LARGEST}
        )
    batch = CodeBatch.everything.create(
        issued_by_id=acting.appointment_id,
        organisation_id=acting.organisation_id,
        assessment_id=acting.assessment_id,
        kind=kind,
        appointments=sorted(chosen.values()),
        prepared_at=clock.now(),
        reason=reason,
    )
    record(journal.BATCH_PREPARED, acting=acting, on=batch, after={"people": len(chosen), "kind": kind})
    return batch


@transaction.atomic
def take(acting: Acting, pk: int, reason: str = "") -> list[Issued]:
    """Make the codes of a list, once. Of two clicks the second finds the list taken.

    Raises:
        PermissionDenied: this role gives no access.
        ValidationError: it was taken already and no reason is given, or nobody on it waits any more.
    """
    require(acting, "access.issue")
    batch = CodeBatch.objects.visible_to(acting).select_for_update(of=("self",)).get(pk=pk)
    if batch.taken_at is not None and not reason:
        raise ValidationError(_("Список уже получен. Чтобы получить его ещё раз, напишите причину."))
    people = _still_waiting(acting, batch)
    if not people:
        raise ValidationError(
            _("В этом списке никто больше не ждёт кода: все уже вошли или назначены иначе.")
        )
    issued = [_issue(batch, appointment) for appointment in people]
    batch.taken_at, batch.times_taken = clock.now(), batch.times_taken + 1
    batch.reason = reason or batch.reason
    batch.save(update_fields=["taken_at", "times_taken", "reason"])
    record(
        journal.BATCH_TAKEN,
        acting=acting,
        on=batch,
        after={"codes": len(issued), "time": batch.times_taken},
        note=reason,
    )
    return issued


def _still_waiting(acting: Acting, batch: CodeBatch) -> list[Appointment]:
    # Locked before anybody is asked who waits, and in one order: two coordinators who issue at once wait for
    # each other instead of crossing, and who activates meanwhile gets no second code.
    people = Appointment.everything.filter(pk__in=batch.appointments).values("person_id")
    list(Account.objects.select_for_update().filter(pk__in=people).order_by("pk"))
    waiting = states.with_states(queries.issuable(acting)).filter(
        pk__in=batch.appointments,
        access_state__in=[states.State.NONE, states.State.ISSUED, states.State.EXPIRED],
    )
    found = waiting.select_related("person", "organisation")
    return sorted(found, key=lambda a: (a.organisation.sort_key, a.person.full_name))


def _issue(batch: CodeBatch, appointment: Appointment) -> Issued:
    is_reset = ActivationCode.objects.filter(account=appointment.person_id, used_at__isnull=False).exists()
    purpose = ActivationCode.Purpose.RESET if is_reset else ActivationCode.Purpose.FIRST
    code = new_code_for(
        appointment.person,
        purpose,
        organisation=appointment.organisation,
        batch=batch,
        with_link=batch.kind == CodeBatch.Kind.LINKS,
    )
    return Issued(
        appointment.person,
        appointment.organisation,
        str(appointment.get_role_display()),
        code.clear,
        code.row.link_token,
        code.row.expires_at,
    )


@dataclass(frozen=True, slots=True)
class NewCode:
    row: ActivationCode
    clear: str


def new_code_for(
    account: Account,
    purpose: str,
    *,
    organisation: Organisation | None,
    batch: CodeBatch | None = None,
    with_link: bool = False,
) -> NewCode:
    """A new code; the earlier ones of this account are void from now on."""
    now = clock.now()
    void_codes(account)
    clear = codes.new_code()
    row = ActivationCode.objects.create(
        account=account,
        batch=batch,
        organisation=organisation,
        purpose=purpose,
        code_hash=codes.digest_of(clear),
        link_token=codes.new_link_token() if with_link else None,
        issued_at=now,
        expires_at=now + (RESET_LIVES if purpose == ActivationCode.Purpose.RESET else CODE_LIVES),
    )
    record(
        journal.CODE_ISSUED,
        on=account,
        organisation=organisation,
        after={"purpose": purpose, "expires_at": row.expires_at, "login": account.username},
    )
    return NewCode(row, clear)


def void_codes(account: Account) -> int:
    return ActivationCode.objects.filter(account=account, used_at=None, voided_at=None).update(
        voided_at=clock.now()
    )


@transaction.atomic
def reset(acting: Acting, appointment: Appointment, reason: str) -> CodeBatch:
    """Take a person's access away at once — password, second factor, sessions, codes — and prepare a letter.

    Raises:
        PermissionDenied: not this person's to reset.
    """
    require(acting, "access.issue", appointment)
    account = Account.objects.select_for_update().get(pk=appointment.person_id)
    account.set_unusable_password()
    account.save(update_fields=["password"])
    gone = {
        "sessions": end_all_sessions(account),
        "codes": void_codes(account),
        "second_factor": bool(factors.forget_all(account)),
    }
    record(
        journal.ACCESS_RESET,
        acting=acting,
        on=account,
        organisation=appointment.organisation,
        before=gone,
        after={"login": account.username},
        note=reason,
    )
    return prepare(acting, [appointment.pk], CodeBatch.Kind.LETTERS, reason)


def links_of(batch: CodeBatch) -> Sequence[ActivationCode]:
    """The links of a list that was taken: they open nothing without the codes."""
    return list(
        batch.codes.filter(voided_at=None, used_at=None)
        .select_related("account", "organisation")
        .order_by("organisation__sort_key", "account__full_name")
    )
