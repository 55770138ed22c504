"""A code from a letter becomes a password. Of two who use it at once exactly one succeeds."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from oko.cabinet.access import codes, factors, journal, queries
from oko.cabinet.access.browsers import address_of
from oko.cabinet.access.guessing import tells_a_stranger
from oko.cabinet.access.models import ActivationCode
from oko.cabinet.access.sign_in import end_all_sessions, enter, password_was_set
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation import clock
from oko.cabinet.people.models import Account


class CodeRefusedError(Exception):
    """The code opens nothing; the message says in words what to do."""


def open_code(request: HttpRequest, code: str, *, username: str = "", link_token: str = "") -> ActivationCode:
    """The code that stands for this login, or for this link.

    Only who holds a code in full learns what became of it; about logins nothing is learnt here.

    Raises:
        CodeRefusedError: it does not belong here, is used, void or expired.
    """
    found = (
        ActivationCode.objects.select_related("account", "organisation")
        .filter(code_hash=codes.digest_of(code))
        .first()
    )
    belongs = found is not None and (
        found.link_token == link_token if link_token else found.account.username == username
    )
    if found is None or not belongs:
        if tells_a_stranger(address_of(request), "code "):
            record(journal.CODE_REFUSED, note=_("чужой или несуществующий код"))
        raise CodeRefusedError(
            _("Код не подошёл. Проверьте его по письму, знак за знаком.")
            if link_token
            else _("Логин и код не подошли друг к другу. Проверьте их по письму, знак за знаком.")
        )
    trouble = _trouble_with(found)
    if trouble:
        record(
            journal.CODE_REFUSED,
            account=found.account,
            organisation=found.organisation,
            note=trouble,
        )
        raise CodeRefusedError(trouble)
    return found


def _trouble_with(code: ActivationCode) -> str:
    """Why a code opens nothing; empty when it does. Once seen expired it stays expired."""
    if code.used_at is not None:
        return _(
            "Этот код уже использован %(when)s. Если доступ открывали не вы, сразу сообщите координатору, "
            "от которого письмо. Если вы — входите по логину и паролю."
        ) % {"when": f"{timezone.localtime(code.used_at):%d.%m.%Y, %H:%M}"}
    if code.voided_at is None and code.expires_at <= clock.now():
        code.voided_at = clock.now()
        ActivationCode.objects.filter(pk=code.pk, used_at=None, voided_at=None).update(
            voided_at=code.voided_at
        )
    if code.voided_at is not None and code.expires_at <= code.voided_at:
        return _("Срок кода истёк %(when)s. Попросите новый у координатора, от которого письмо.") % {
            "when": f"{timezone.localtime(code.expires_at):%d.%m.%Y}"
        }
    if code.voided_at is not None:
        return _(
            "Этот код больше не действует: после него выдан новый. Возьмите письмо с более поздней датой или "
            "попросите новое у координатора."
        )
    if not code.account.is_active:
        return _("Учётная запись отключена. Обратитесь к координатору, от которого письмо.")
    if not queries.is_still_the_issuers(code):
        return _(
            "Этот код больше не действует: ваше назначение с тех пор изменилось. Попросите новое письмо у "
            "координатора."
        )
    return ""


def activate(request: HttpRequest, code_pk: int, password: str) -> Account:
    """Spend the code: set the password, end whatever sessions there were, and begin one.

    Raises:
        CodeRefusedError: somebody was quicker, or the code has been voided meanwhile.
    """
    refusal = ""
    with transaction.atomic():
        # The account first, as whoever issues and resets does: so nobody waits for each other in a ring.
        account = Account.objects.select_for_update(of=("self",)).get(activation_codes=code_pk)
        code = (
            ActivationCode.objects.select_for_update(of=("self",)).select_related("account").get(pk=code_pk)
        )
        refusal = _trouble_with(code)
        if not refusal:
            code.used_at = clock.now()
            code.save(update_fields=["used_at"])
            account.set_password(password)
            account.save(update_fields=["password"])
            password_was_set(account)
            end_all_sessions(account)
            record(
                journal.CODE_USED,
                account=account,
                organisation=code.organisation,
                after={"purpose": code.purpose},
            )
            enter(request, account, has_factor=factors.has_factor(account))
    if refusal:
        raise CodeRefusedError(refusal)
    return account
