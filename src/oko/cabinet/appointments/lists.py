"""The list of responsible people: what it would say now, what is missing in it, sending it upwards."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import override

from oko.cabinet.appointments import journal
from oko.cabinet.appointments.conditions import Refusal, Refused
from oko.cabinet.appointments.models import ResponsibleList
from oko.cabinet.appointments.ways import RESPONSIBLE
from oko.cabinet.assessments.models import Assessment
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.russian import sort_key
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import Appointment, Order, Role, State

#: Who must stand in the list for each kind of organisation.
COORDINATOR_OF: Mapping[str, str] = {
    Kind.REGION: Role.REGIONAL_COORDINATOR,
    Kind.CENTRE: Role.RESPONSIBLE_COORDINATOR,
    Kind.MUNICIPALITY: Role.MUNICIPAL_COORDINATOR,
    Kind.SCHOOL: Role.SCHOOL_COORDINATOR,
    Kind.COLLEGE: Role.SCHOOL_COORDINATOR,
}
#: What a row says; the first three say who it is about.
KEY = ("code", "role", "person")
SHOWN = ("organisation", "full_name", "position", "phone", "email", "order")
MOST_NAMED = 200

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing before the list is good; it may be sent all the same."""

    organisation: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One change against the version before."""

    what: str
    row: Row
    before: str = ""
    after: str = ""


def rows_now(acting: Acting) -> list[Row]:
    """The list as it would be sent at this moment: by organisation, then by role.

    Its words are Russian whoever sends it: versions are compared, and their checksums last.
    """
    found: QuerySet[Appointment] = Appointment.objects.visible_to(acting)
    standing = (
        found.filter(state=State.CONFIRMED, role__in=RESPONSIBLE, organisation__active=True)
        .select_related("person", "organisation", "order")
        .defer("order__scan")
    )
    rows = [
        {
            "code": one.organisation.code,
            "organisation": one.organisation.short_name,
            "role": one.role,
            "person": one.person_id,
            "full_name": one.person.full_name,
            "position": one.person.position,
            "phone": one.person.phone,
            "email": one.person.email,
            "order": _in_russian(one.order) if one.order else "",
        }
        for one in standing
    ]
    return sorted(rows, key=_place_of)


def _in_russian(order: Order) -> str:
    with override("ru"):
        return str(order)


def _place_of(row: Row) -> tuple[Any, ...]:
    own_order = list(Role.values)
    return sort_key(row["organisation"]), row["code"], own_order.index(row["role"]), row["full_name"]


def digest(rows: Sequence[Row]) -> str:
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def gaps(acting: Acting, rows: Sequence[Row]) -> list[Gap]:
    """Organisations without a coordinator, people without a telephone or e-mail, unsigned orders."""
    have = {(row["code"], row["role"]) for row in rows}
    visible: QuerySet[Organisation] = Organisation.objects.visible_to(acting)
    found = [
        Gap(name, code, _("Не назначен координатор."))
        for code, name, kind in visible.filter(active=True, kind__in=list(COORDINATOR_OF))
        .order_by("sort_key", "code")
        .values_list("code", "short_name", "kind")
        if (code, COORDINATOR_OF[kind]) not in have
    ]
    for row in rows:
        if not row["phone"] or not row["email"]:
            lacks = _("телефона") if not row["phone"] else _("почты")
            if not row["phone"] and not row["email"]:
                lacks = _("телефона и почты")
            words = _("%(who)s: нет %(what)s.") % {"who": row["full_name"], "what": lacks}
            found.append(Gap(row["organisation"], row["code"], words))
        if not row["order"]:
            words = _("%(who)s: назначение без приказа.") % {"who": row["full_name"]}
            found.append(Gap(row["organisation"], row["code"], words))
    return found + _unsigned(acting)


def _unsigned(acting: Acting) -> list[Gap]:
    appointments: QuerySet[Appointment] = Appointment.objects.visible_to(acting)
    rows = (
        appointments.filter(
            state=State.CONFIRMED,
            role__in=RESPONSIBLE,
            organisation__active=True,
            order__isnull=False,
            order__signed_at=None,
            order__scan_sha256="",
        )
        .select_related("order__organisation")
        .defer("order__scan")
    )
    orders = {one.order_id: one.order for one in rows}
    return [
        Gap(
            order.organisation.short_name,
            order.organisation.code,
            _("Приказ %(order)s не подписан и без скана.") % {"order": order},
        )
        for order in orders.values()
        if order is not None
    ]


def last_sent(acting: Acting) -> ResponsibleList | None:
    """The last list of one's own organisation."""
    found: QuerySet[ResponsibleList] = ResponsibleList.objects.visible_to(acting)
    return found.filter(organisation=acting.organisation_id).order_by("-version").first()


def has_sent(acting: Acting) -> bool:
    found: QuerySet[ResponsibleList] = ResponsibleList.objects.visible_to(acting)
    return found.filter(organisation=acting.organisation_id).exists()


def differences(before: Iterable[Row], after: Iterable[Row]) -> list[Difference]:
    """Who came, who went, what changed of those who stayed."""
    old, new = ({tuple(row[k] for k in KEY): row for row in rows} for rows in (before, after))
    found = [Difference("new", row) for key, row in new.items() if key not in old]
    found += [Difference("gone", row) for key, row in old.items() if key not in new]
    for key in new.keys() & old.keys():
        for name in SHOWN:
            if old[key].get(name) != new[key].get(name):
                found.append(Difference(name, new[key], old[key].get(name, ""), new[key].get(name, "")))
    return sorted(found, key=lambda one: (*_place_of(one.row), one.what))


@transaction.atomic
def send(acting: Acting, seen: str) -> ResponsibleList:
    """Send the list upwards, exactly as it was `seen` (its digest): a new version with its moment.

    Raises:
        PermissionDenied: not the coordinator of this organisation.
        Refused: it has changed since it was seen, has not changed since it was sent, or is empty.
    """
    own = Organisation.everything.select_for_update(no_key=True).get(pk=acting.organisation_id)
    require(acting, "appointments.send_list", own)
    rows = rows_now(acting)
    sha256 = digest(rows)
    last = last_sent(acting)
    if not rows:
        raise Refused([Refusal("rows", _("В списке никого нет: сначала назначьте людей."))])
    if sha256 != seen:
        raise Refused([Refusal("seen", _("Пока вы смотрели, список изменился. Проверьте его ещё раз."))])
    if last is not None and last.sha256 == sha256:
        words = _("С версии %(version)s ничего не изменилось: отправлять нечего.")
        raise Refused([Refusal("rows", words % {"version": last.version})])
    sent = ResponsibleList.everything.create(
        organisation=own,
        assessment_id=acting.assessment_id,
        version=last.version + 1 if last else 1,
        sent_at=now(Assessment.everything.get(pk=acting.assessment_id)),
        sent_by_id=acting.account_id,
        sent_in_role=acting.role,
        rows=rows,
        sha256=sha256,
    )
    record(
        journal.LIST_SENT,
        acting=acting,
        on=sent,
        after={"version": sent.version, "rows": len(rows), "sha256": sha256},
    )
    return sent


def expected(acting: Acting) -> QuerySet[Any]:
    """Those who send their list to this person, each with the key of the last one sent."""
    newest = (
        ResponsibleList.everything.filter(organisation=OuterRef("pk"), assessment_id=acting.assessment_id)
        .order_by("-version")
        .values("pk")[:1]
    )
    visible: QuerySet[Organisation] = Organisation.objects.visible_to(acting)
    return (
        visible.filter(supervisor=acting.organisation_id, active=True)
        .annotate(last_list=Subquery(newest))
        .order_by("sort_key", "code")
    )


def latest_lists(acting: Acting) -> dict[int, ResponsibleList]:
    """The last list of each of those, by the key of the organisation; their rows stay in the database."""
    keys = expected(acting).exclude(last_list=None).values("last_list")
    found = (
        ResponsibleList.everything.filter(pk__in=keys).defer("rows").select_related("sent_by", "organisation")
    )
    return {one.organisation_id: one for one in found}


def consolidated(acting: Acting) -> list[Row]:
    """The rows of all lists that came from directly below, one under another, in the order of the names."""
    keys = expected(acting).exclude(last_list=None).values("last_list")
    together: dict[tuple[Any, ...], Row] = {}
    for one in ResponsibleList.everything.filter(pk__in=keys).order_by("organisation__sort_key"):
        for row in one.rows:
            together[tuple(row[k] for k in KEY)] = row
    return sorted(together.values(), key=_place_of)


def counted_by_role(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """«Школьный координатор — 35», in the order of the roles."""
    numbers = Counter(row["role"] for row in rows)
    return [(str(Role(role).label), numbers[role]) for role in Role.values if numbers[role]]


def by_organisation(found: Iterable[Gap]) -> list[tuple[str, str, list[str]]]:
    """Gaps gathered under their organisations, so that one call mends them all."""
    gathered: dict[tuple[str, str], list[str]] = defaultdict(list)
    for gap in found:
        gathered[(gap.organisation, gap.code)].append(gap.message)
    return [(name, code, words) for (name, code), words in gathered.items()]
