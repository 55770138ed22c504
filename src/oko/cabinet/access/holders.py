"""Who has access in one organisation, how it is used, and what is risky about it (the technical specialist's
audit)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from oko.cabinet.access import states
from oko.cabinet.access.models import AccessRecord, CabinetSession, KnownBrowser
from oko.cabinet.access.second_factor import COMPULSORY_ROLES
from oko.cabinet.foundation import clock
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.russian import plural
from oko.cabinet.people.models import COORDINATORS, Appointment, Delegation, Role, State

OLD_PASSWORD = timedelta(days=365)
TWO_PLACES_TOLD = timedelta(days=30)
#: For these a stolen password would be dear: a second factor is worth the trouble.
WORTH_A_FACTOR = COORDINATORS | {Role.HEAD, Role.SCHOOL_COORDINATOR, Role.TECHNICAL_SPECIALIST}


@dataclass(frozen=True, slots=True)
class Holder:
    """One appointment of the organisation and the access behind it."""

    full_name: str
    role: str
    since: datetime
    state: str
    last_used: datetime | None
    whence: str
    factor: str
    advice: list[str]


def holders(acting: Acting) -> list[Holder]:
    """Everybody with a standing appointment in one's own organisation, the risky ones first."""
    appointments = list(
        states.with_states(
            Appointment.objects.visible_to(acting).filter(
                organisation_id=acting.organisation_id, state=State.CONFIRMED
            )
        )
        .select_related("person", "order")
        .defer("order__scan")
    )
    people = {one.person_id for one in appointments}
    known = _Known(people)
    found = [_holder(one, known) for one in appointments]
    return sorted(found, key=lambda one: (not one.advice, one.full_name, one.role))


class _Known:
    """What is known of these accounts, read once for all of them."""

    def __init__(self, people: set[int]) -> None:
        now = clock.now()
        self.records = {r.account_id: r for r in AccessRecord.objects.filter(account__in=people)}
        self.factors: dict[int, set[str]] = defaultdict(set)
        kinds = Authenticator.objects.filter(user__in=people).exclude(type="recovery_codes")
        for account, kind in kinds.values_list("user_id", "type"):
            self.factors[account].add(kind)
        self.last: dict[int, tuple[datetime, str]] = {}
        browsers = KnownBrowser.objects.filter(account__in=people).values_list(
            "account", "last_at", "address"
        )
        sessions = CabinetSession.objects.filter(account__in=people).values_list(
            "account", "seen_at", "address"
        )
        for account, at, address in [*browsers, *sessions]:
            if account not in self.last or at > self.last[account][0]:
                self.last[account] = (at, address or "")
        self.two_places_since = now - TWO_PLACES_TOLD
        self.now = now


def _holder(one: Any, known: _Known) -> Holder:
    last_used, whence = known.last.get(one.person_id, (one.last_login, ""))
    return Holder(
        full_name=one.person.full_name,
        role=str(one.get_role_display()),
        since=one.order.date if one.order and one.order.date else one.created_at,
        state=states.in_words(one.access_state, one.code_until, one.last_login),
        last_used=last_used,
        whence=whence,
        factor=_factor_in_words(known.factors[one.person_id]),
        advice=_advice(one, known),
    )


def _factor_in_words(kinds: set[str]) -> str:
    words = {"totp": _("приложение с кодами"), "webauthn": _("ключ входа")}
    return ", ".join(words[kind] for kind in sorted(kinds)) or _("нет")


def _advice(one: Any, known: _Known) -> list[str]:
    """The risks of one person's access, as things to do."""
    record = known.records.get(one.person_id)
    found = []
    if one.access_state == states.State.EXPIRED:
        found.append(_("Код просрочен: попросите координатора выдать новый."))
    if one.access_state == states.State.NONE:
        found.append(_("Доступа нет: попросите координатора выдать письмо или завершите назначение."))
    if one.access_state == states.State.LONG_AGO:
        found.append(_("Давно не входил(а): проверьте, нужен ли доступ, иначе завершите назначение."))
    if record and record.two_places_at and record.two_places_at > known.two_places_since:
        found.append(
            _(
                "Одним входом пользовались в двух местах сразу %(when)s (%(where)s): не двое ли это? "
                "Если входил чужой — смените пароль."
            )
            % {"when": f"{record.two_places_at:%d.%m.%Y}", "where": record.two_places}
        )
    if record and record.password_set_at and known.now - record.password_set_at > OLD_PASSWORD:
        days = (known.now - record.password_set_at).days
        found.append(
            _("Пароль не меняли %(days)s: смените.") % {"days": plural(days, *_("день,дня,дней").split(","))}
        )
    active = one.access_state in (states.State.ACTIVE, states.State.LONG_AGO)
    if active and one.role in WORTH_A_FACTOR and not known.factors[one.person_id]:
        found.append(
            _("Второго фактора нет, а для этой роли он обязателен: подключите.")
            if one.role in COMPULSORY_ROLES
            else _("Второго фактора нет: советуем подключить.")
        )
    return found


def delegations(acting: Acting) -> list[Delegation]:
    """By whose leave somebody works in a coordinator's cabinet of this organisation."""
    return list(
        Delegation.objects.visible_to(acting)
        .filter(appointment__organisation_id=acting.organisation_id, ended_at=None)
        .select_related("appointment__person", "delegate")
    )
