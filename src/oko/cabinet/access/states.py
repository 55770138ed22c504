"""How far a person's access is: the words of the list, worked out by the database and told for one row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.access.models import ActivationCode
from oko.cabinet.foundation import clock
from oko.cabinet.people.models import Appointment

LONG_AGO = timedelta(days=90)
#: Django's sign of a password that none can be.
NO_PASSWORD = "!"  # noqa: S105


class State(models.TextChoices):
    NONE = "none", _("доступа нет")
    ISSUED = "issued", _("код выдан, ждём первого входа")
    EXPIRED = "expired", _("код просрочен")
    ACTIVE = "active", _("вход выполнен")
    LONG_AGO = "long_ago", _("давно не входил")


COLOURS = {
    State.NONE: "bad",
    State.ISSUED: "wait",
    State.EXPIRED: "bad",
    State.ACTIVE: "ok",
    State.LONG_AGO: "due",
}


def with_states(appointments: QuerySet[Appointment]) -> QuerySet[Any]:
    """Each appointment with `access_state`, `code_until` and `last_login` of its person."""
    now = clock.now()
    standing = ActivationCode.objects.filter(
        account=OuterRef("person_id"), used_at=None, voided_at=None
    ).order_by("-pk")
    no_password = Q(person__password="") | Q(person__password__startswith=NO_PASSWORD)
    return appointments.annotate(
        code_until=Subquery(standing.values("expires_at")[:1]),
        last_login=F("person__last_login"),
        access_state=Case(
            When(no_password & Q(code_until__gt=now), then=Value(State.ISSUED.value)),
            When(no_password & Q(code_until__isnull=False), then=Value(State.EXPIRED.value)),
            When(no_password, then=Value(State.NONE.value)),
            When(person__last_login__lt=now - LONG_AGO, then=Value(State.LONG_AGO.value)),
            When(person__last_login__isnull=True, then=Value(State.LONG_AGO.value)),
            default=Value(State.ACTIVE.value),
            output_field=CharField(),
        ),
    )


def in_words(state: str, code_until: datetime | None, last_login: datetime | None) -> str:
    """«письмо выдано до 06.12.2026», «вход 20.11.2026»."""
    if state == State.ISSUED and code_until:
        return _now("код выдан, действует до %(day)s") % {"day": f"{code_until:%d.%m.%Y}"}
    if state == State.EXPIRED and code_until:
        return _now("код просрочен %(day)s") % {"day": f"{code_until:%d.%m.%Y}"}
    if state in (State.ACTIVE, State.LONG_AGO):
        if last_login is None:
            return _now("пароль задан, входа не было")
        words = _now("входил(а) %(day)s") if state == State.ACTIVE else _now("давно не входил(а): %(day)s")
        return words % {"day": f"{last_login:%d.%m.%Y}"}
    return str(State(state).label)
