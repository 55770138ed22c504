"""The first federal organiser: nobody stands above, so whoever runs the machine lets them in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.access import codes, factors, issuing, journal
from oko.cabinet.access.models import ActivationCode
from oko.cabinet.access.sign_in import end_all_sessions
from oko.cabinet.audit.circumstances import Circumstances, under
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation import clock
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import Account, Appointment, Role, State

LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,59}")
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class CannotInviteError(Exception):
    """The message says in words why, and what to do."""


@dataclass(frozen=True, slots=True)
class Invited:
    login: str
    code: str
    until: str


def invite(login: str, name: str, assessment: str, title: str, organisation: str) -> Invited:
    """Make or find the account, appoint it federal organiser of the assessment, and make a code for it.

    An account that has a password already is reset: its password, second factor and sessions are gone. So the
    same command lets in a federal organiser who has lost everything.

    Raises:
        CannotInviteError: the login or the code of the assessment is none.
    """
    login, name = login.strip().lower(), " ".join(name.replace("\x00", "").split())
    if not LOGIN.fullmatch(login):
        raise CannotInviteError(
            _("Логин «%(login)s» не подходит: от 3 латинских букв и цифр, первая — буква.") % {"login": login}
        )
    if not CODE.fullmatch(assessment):
        raise CannotInviteError(
            _("Код процедуры «%(code)s» не подходит: латинские буквы, цифры, дефис.") % {"code": assessment}
        )
    if not name:
        raise CannotInviteError(_("Укажите фамилию, имя и отчество: --name «Иванова Анна Петровна»."))
    with transaction.atomic(), under(Circumstances(task="oko invite")):
        place = _federal(organisation)
        account = _account(login, name)
        _appoint(account, place, _assessment(assessment, title))
        new = issuing.new_code_for(account, ActivationCode.Purpose.FIRST, organisation=place)
    return Invited(login, codes.grouped(new.clear), f"{new.row.expires_at:%d.%m.%Y}")


def _federal(name: str) -> Organisation:
    found = Organisation.everything.filter(kind=Kind.FEDERAL).order_by("pk").first()
    return found or Organisation.everything.create(
        code="fed", kind=Kind.FEDERAL, name=name[:400], short_name=name[:200]
    )


def _assessment(code: str, title: str) -> int:
    """The assessment to act in. The app of assessments stands above this one: it is reached by its name."""
    model = apps.get_model("assessments", "Assessment")
    today = clock.now().date()
    found, _made = model._base_manager.get_or_create(
        code=code,
        defaults={
            "title": title[:200],
            "year": today.year,
            "starts_on": today,
            "ends_on": today.replace(month=12, day=31),
        },
    )
    return int(found.pk)


def _account(login: str, name: str) -> Account:
    account = Account.objects.select_for_update().filter(username=login).first()
    if account is None:
        return Account.objects.create_user(login, None, full_name=name[:200])
    account.set_unusable_password()
    account.is_active = True
    account.save(update_fields=["password", "is_active"])
    gone = {"sessions": end_all_sessions(account), "second_factor": bool(factors.forget_all(account))}
    record(journal.ACCESS_RESET, on=account, before=gone, note="oko invite")
    return account


def _appoint(account: Account, place: Organisation, assessment: int) -> None:
    Appointment.everything.get_or_create(
        person=account,
        role=Role.FEDERAL_ORGANISER,
        organisation=place,
        assessment_id=assessment,
        state=State.CONFIRMED,
    )
