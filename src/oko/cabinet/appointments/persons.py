"""People whom one appoints: new ones, and putting right what is known of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.appointments import journal
from oko.cabinet.appointments.cases import BINDING, in_conflict
from oko.cabinet.appointments.conditions import Refusal, Refused
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people import accounts
from oko.cabinet.people.models import Account, Appointment

_PERSON_FIELDS = ("full_name", "phone", "email", "workplace_id", "position", "subjects")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person who may have no account yet."""

    full_name: str
    phone: str = ""
    email: str = ""
    workplace: Organisation | None = None
    position: str = ""
    subjects: tuple[str, ...] = ()


@transaction.atomic
def make_person(
    acting: Acting, organisation: Organisation, person: Person, *, another: bool = False
) -> Account:
    """An account for somebody new. Whoever has the same telephone or e-mail is looked for before, unless one
    has said that it is `another` person.

    Raises:
        PermissionDenied: one appoints nobody in that organisation.
        Refused: somebody with the same telephone or e-mail is there already.
    """
    require(acting, "appointments.propose", organisation)
    accounts.lock_making()
    known = [] if another else accounts.known_by_contacts(acting, person.phone, person.email)
    if known:
        raise Refused([Refusal("known", known_already(known))])
    account = accounts.new_account(
        organisation,
        person.full_name,
        phone=person.phone,
        email=person.email,
        workplace=person.workplace,
        position=person.position,
        subjects=person.subjects,
    )
    record(
        journal.PERSON_MADE,
        acting=acting,
        on=account,
        organisation=organisation,
        after=facts(account, "username", *_PERSON_FIELDS),
    )
    return account


def known_already(known: Sequence[Account]) -> str:
    names = "; ".join(
        ", ".join(part for part in (one.full_name, one.phone, one.email) if part) for one in known[:3]
    )
    return _("Уже есть: %(names)s. Выберите этого человека или исправьте телефон и почту.") % {"names": names}


@transaction.atomic
def correct_person(acting: Acting, account: Account, person: Person) -> list[Refusal]:
    """Put right what is known of a person; returns what the rules now say of their appointments.

    Raises:
        PermissionDenied: some of the person's appointments are not this person's to make.
    """
    account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    require(acting, "appointments.correct_person", account)
    before = facts(account, *_PERSON_FIELDS)
    account.full_name, account.phone, account.email = person.full_name, person.phone, person.email
    account.workplace, account.position = person.workplace, person.position
    account.subjects = list(person.subjects)
    after = facts(account, *_PERSON_FIELDS)
    if after != before:
        account.save(update_fields=list(_PERSON_FIELDS))
        whose = Organisation.everything.get(pk=acting.organisation_id)
        record(
            journal.PERSON_CORRECTED,
            acting=acting,
            on=account,
            organisation=whose,
            before={name: value for name, value in before.items() if after[name] != value},
            after={name: value for name, value in after.items() if before[name] != value},
        )
    standing = Appointment.everything.filter(
        person=account, assessment_id=acting.assessment_id, state__in=BINDING
    ).select_related("person", "organisation")
    return [one for found in in_conflict(list(standing)).values() for one in found]
