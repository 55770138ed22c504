"""Reading the journal: newest first, a page at a time, quick among a million events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from oko.cabinet.audit import names
from oko.cabinet.audit.models import Event, Seal, WaitingEvent
from oko.cabinet.audit.verbs import RECORDED
from oko.cabinet.foundation.acting import Acting

PAGE = 50
#: Beyond that they are not counted: «больше 10 000».
MOST_COUNTED = 10_000
#: A table in one file holds no more; the whole journal is exported by the operator.
MOST_EXPORTED = 50_000
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a page shows it."""

    event: Event
    body: dict[str, Any]
    who: str
    role: str
    place: str
    about: str

    @property
    def at(self) -> datetime:
        return self.event.at

    @property
    def address(self) -> str:
        return str(self.body.get("address") or "")

    @property
    def subject(self) -> str:
        return str(self.body.get("subject_text") or "")

    @property
    def note(self) -> str:
        return str(self.body.get("note") or "")


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, and where the pages beside them begin."""

    lines: list[Line]
    newer: int | None  # `after` of the page with newer events
    older: int | None  # `before` of the page with older ones
    count: int
    more: bool  # whether there are more than were counted


def journal(acting: Acting, wanted: dict[str, Any]) -> QuerySet[Event]:
    """The visible events that pass the filters."""
    found = _filtered(Event.objects.visible_to(acting), wanted)
    if "person" in wanted:
        found = found.filter(account__in=names.accounts_like(wanted["person"]))
    if "role" in wanted:
        found = found.filter(role=wanted["role"])
    if "organisation" in wanted:
        found = found.filter(organisation=names.organisation_with_code(wanted["organisation"]) or -1)
    if "verb" in wanted:
        words = wanted["verb"].lower().split()
        titles = {name: f"{name} {verb.title}".lower() for name, verb in RECORDED.items()}
        found = found.filter(
            verb__in=[name for name, title in titles.items() if all(word in title for word in words)]
        )
    return found


def by_outsiders(acting: Acting, wanted: dict[str, Any]) -> QuerySet[Event]:
    """What people of other organisations did with the data of one's own, or took with those of all that stand
    below the same coordinator.
    """
    of_all_below = [verb.name for verb in RECORDED.values() if verb.of_all_below]
    with_others = Q(organisation__in=names.above(acting.organisation_id), verb__in=of_all_below)
    found = Event.everything.filter(Q(organisation=acting.organisation_id) | with_others)
    outside = found.filter(actor_organisation__isnull=False).exclude(
        actor_organisation=acting.organisation_id
    )
    return _filtered(outside, wanted)


def page_of(found: QuerySet[Event], before: str = "", after: str = "") -> Page:
    """The page that ends before one event, or begins after one; without either, the newest events."""
    start, end = _number(before), _number(after)
    if end is not None:
        events = list(found.filter(pk__gt=end).order_by("pk")[: PAGE + 1])
        more_newer, more_older = len(events) > PAGE, True
        events = events[:PAGE][::-1]
    else:
        here = found if start is None else found.filter(pk__lt=start)
        events = list(here.order_by("-pk")[: PAGE + 1])
        more_newer, more_older = start is not None, len(events) > PAGE
        events = events[:PAGE]
    count = found.order_by()[: MOST_COUNTED + 1].count()
    return Page(
        lines_of(events),
        newer=events[0].pk if events and more_newer else None,
        older=events[-1].pk if events and more_older else None,
        count=min(count, MOST_COUNTED),
        more=count > MOST_COUNTED,
    )


def lines_of(events: Iterable[Event]) -> list[Line]:
    """With the names of people and organisations; two queries for any number of lines."""
    events = list(events)
    known = names.organisations([*(e.actor_organisation for e in events), *(e.organisation for e in events)])
    titles = names.role_titles()
    return [_line(event, known, titles) for event in events]


def _line(event: Event, known: dict[int, Any], titles: dict[str, Any]) -> Line:
    body: dict[str, Any] = json.loads(event.body)
    who = body.get("name") or body.get("login") or (_("Око, само") if body.get("task") else "")
    role = str(titles.get(event.role or "", event.role or "")) if event.role else ""
    place = known.get(event.actor_organisation or 0)
    about = known.get(event.organisation or 0)
    return Line(
        event,
        body,
        str(who),
        role,
        place.short_name if place else "",
        f"{about.short_name} ({about.code})" if about else str(body.get("organisation_code") or ""),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of an event's thing, before and after."""

    title: str
    before: str
    after: str
    changed: bool


def differences(body: dict[str, Any]) -> list[Difference]:
    """What has changed first, then what stayed; in words."""
    before, after = body.get("before") or {}, body.get("after") or {}
    subject = str(body.get("subject") or "")
    fields = [*after, *(field for field in before if field not in after)]
    found = [
        Difference(
            names.field_title(subject, field),
            names.value_title(subject, field, before.get(field)),
            names.value_title(subject, field, after.get(field)),
            bool(before) and before.get(field) != after.get(field),
        )
        for field in fields
    ]
    return sorted(found, key=lambda one: not one.changed)


def seal_of(event: Event) -> Seal | None:
    """The link that seals an event. Links lie nearly in the order of their events."""
    near = Seal.objects.filter(first_event__lte=event.pk).order_by("-first_event")[:50]
    return next((seal for seal in near if event.pk in seal.events), None)


def waiting(event: Event) -> WaitingEvent | None:
    return WaitingEvent.objects.filter(pk=event.pk).first()


def last_seal() -> Seal | None:
    return Seal.objects.defer("events", "digests").order_by("-seq").first()


def _filtered(found: QuerySet[Event], wanted: dict[str, Any]) -> QuerySet[Event]:
    if "since" in wanted:
        found = found.filter(at__gte=_midnight(wanted["since"]))
    if "until" in wanted and wanted["until"] < date.max:
        found = found.filter(at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    if "sort" in wanted:
        found = found.filter(
            verb__in=[name for name, verb in RECORDED.items() if verb.sort == wanted["sort"]]
        )
    return found


def _midnight(day: date) -> datetime:
    """At which a day begins on the reader's clock; the first and last days of the calendar have no zone."""
    zone = timezone.get_current_timezone() if 1 < day.year < 9999 else timezone.get_default_timezone()
    day = min(max(day, date(2, 1, 1)), date(9998, 12, 31))
    return datetime.combine(day, time(), tzinfo=zone)


def _number(text: str) -> int | None:
    """A place in the journal as the address gives it; nonsense is no place."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    return min(int(text), LARGEST)
