"""Who has read which documents: opened and confirmed by each person, in the version that counts now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments import queries
from oko.cabinet.assessments.models import Document, DocumentReading, published_for
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Appointment, Notice, Role, State

#: Where reminders lead; by it they are found again.
ADDRESS = "/publications/#my-documents"
#: A person is reminded at most once in this time.
REST = timedelta(days=1)

STATES = {
    "behind": _("не ознакомились"),
    "unopened": _("есть неоткрытые"),
    "opened": _("открыли, но не подтвердили"),
    "done": _("ознакомились со всеми"),
    "all": _("все"),
}


# One's own --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnDocument:
    """A document that the acting person has to confirm, and how far that is."""

    document: Document
    opened_at: datetime | None
    confirmed_at: datetime | None
    was_replaced: bool

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


def own(acting: Acting) -> list[OwnDocument]:
    """The documents of one's role, those to be confirmed first. Two queries."""
    mine = [one for one in queries.documents(acting) if one.is_for(acting)]
    readings: dict[int, list[DocumentReading]] = {}
    for reading in DocumentReading.objects.visible_to(acting).filter(
        appointment_id=acting.appointment_id, document__in=mine
    ):
        readings.setdefault(reading.document_id, []).append(reading)
    found = [_own(one, readings.get(one.pk, [])) for one in mine]
    return sorted(found, key=lambda one: one.is_confirmed)


def _own(document: Document, readings: Sequence[DocumentReading]) -> OwnDocument:
    current = next((one for one in readings if one.sha256 == document.sha256), None)
    return OwnDocument(
        document=document,
        opened_at=current.opened_at if current else None,
        confirmed_at=current.confirmed_at if current else None,
        was_replaced=any(one.confirmed_at and one is not current for one in readings),
    )


# Those whom one follows -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of «Кто не ознакомился»."""

    organisation: str = ""
    text: str = ""
    role: str = ""
    document: int | None = None
    state: str = "behind"


def documents_followed(acting: Acting) -> list[Document]:
    """The documents that people whom one sees have to confirm: titles and roles, no bytes."""
    found = Document.everything.filter(
        published_for(acting), assessment_id=acting.assessment_id, to_confirm=True
    )
    return list(found.defer("content").order_by("-published_at", "title"))


def followed(acting: Acting, documents: Sequence[Document], wanted: Wanted) -> QuerySet[Any]:
    """A row for each person who has something to confirm, with how much of it is opened and confirmed.

    `due`, `opened` and `confirmed` are numbers, `confirmed_ids` and `opened_ids` the documents themselves.
    """
    chosen = [one for one in documents if wanted.document in (None, one.pk)]
    people: QuerySet[Appointment] = Appointment.objects.visible_to(acting)
    people = _narrowed(people.filter(_standing(), _concerned(chosen)), wanted)
    marks = _marks(chosen)
    reminded = Notice.everything.filter(appointment=OuterRef("pk"), address=ADDRESS).order_by()
    people = people.annotate(
        due=_due(chosen),
        opened=_marked(chosen),
        confirmed=_marked(chosen, confirmed_at__isnull=False),
        opened_ids=ArraySubquery(marks.values("document_id")),
        confirmed_ids=ArraySubquery(marks.filter(confirmed_at__isnull=False).values("document_id")),
        reminded_at=Subquery(reminded.values("appointment").annotate(at=Max("sent_at")).values("at")),
        missing=F("due") - F("confirmed"),
    )
    found: QuerySet[Any] = _in_state(people, wanted.state).select_related("person", "organisation")
    return found.order_by("-missing", "organisation__sort_key", "person__full_name", "pk")


def behind(acting: Acting) -> tuple[int, int]:
    """How many people have something left to confirm, and how many have anything to confirm at all."""
    documents = documents_followed(acting)
    if not documents:
        return 0, 0
    people = Appointment.objects.visible_to(acting).filter(_standing(), _concerned(documents))
    counts = people.annotate(left=_due(documents) - _marked(documents, confirmed_at__isnull=False)).aggregate(
        behind=Count("pk", filter=Q(left__gt=0)), everybody=Count("pk")
    )
    return counts["behind"], counts["everybody"]


def of_organisation(organisation: Organisation, assessment_id: int, roles: Sequence[str]) -> tuple[int, int]:
    """Of an organisation's people in these roles: how many confirmed all their documents, out of how many."""
    region = organisation.region_id or organisation.pk
    published = Q(organisation=None) | Q(organisation_id=region)
    documents = list(
        Document.everything.filter(published, assessment_id=assessment_id, to_confirm=True).defer("content")
    )
    if not documents:
        return 0, 0
    counts = (
        Appointment.everything.filter(
            _standing(),
            _concerned(documents),
            organisation=organisation,
            assessment_id=assessment_id,
            role__in=roles,
        )
        .annotate(left=_due(documents) - _marked(documents, confirmed_at__isnull=False))
        .aggregate(done=Count("pk", filter=Q(left__lte=0)), everybody=Count("pk"))
    )
    return counts["done"], counts["everybody"]


def unread(appointment: Appointment, documents: Sequence[Document]) -> list[tuple[Document, bool]]:
    """What a row of `followed` has not confirmed yet, and whether it was opened at least."""
    acting_like = appointment.acting()
    return [
        (one, one.pk in appointment.opened_ids)  # type: ignore[attr-defined]  # annotated by `followed`
        for one in documents
        if one.is_for(acting_like) and one.pk not in appointment.confirmed_ids  # type: ignore[attr-defined]
    ]


def _standing() -> Q:
    return Q(state=State.CONFIRMED, organisation__active=True, person__is_active=True)


def _groups(documents: Sequence[Document]) -> list[tuple[Q, list[Document]]]:
    """Documents for the same people together, with the condition on those people's appointments."""
    ordered = sorted(documents, key=_for_whom)
    return [
        (_people(list(roles), region), list(alike))
        for (roles, region), alike in groupby(ordered, key=_for_whom)
    ]


def _for_whom(document: Document) -> tuple[tuple[str, ...], int]:
    return tuple(sorted(document.roles)), document.organisation_id or 0


def _people(roles: list[str], region: int, path: str = "") -> Q:
    """The same as `Document.is_for`, said to the database."""
    whom = Q(**{f"{path}role__in": roles}) if roles else ~Q(**{f"{path}role": Role.FEDERAL_ORGANISER})
    if region:
        whom &= Q(**{f"{path}organisation__region_id": region}) | Q(**{f"{path}organisation_id": region})
    return whom


def _concerned(documents: Sequence[Document]) -> Q:
    return reduce(or_, (people for people, _alike in _groups(documents)), Q(pk__in=[]))


def _due(documents: Sequence[Document]) -> Any:
    """How many of these documents a person has to confirm: a term for each group, however many people."""
    terms: Iterable[Any] = (
        Case(When(people, then=Value(len(alike))), default=Value(0), output_field=IntegerField())
        for people, alike in _groups(documents)
    )
    return sum(terms, start=Value(0, output_field=IntegerField()))


def _marked(documents: Sequence[Document], **only: Any) -> Any:
    """How many of the documents that a person has to confirm are marked, on the files as they are now.

    Documents and their checksums are said outright, so the database looks up each person in one index and
    joins nothing.
    """
    counts: Iterable[Any] = (
        Case(
            When(people, then=_number(_marks(alike).filter(**only))),
            default=Value(0),
            output_field=IntegerField(),
        )
        for people, alike in _groups(documents)
    )
    return sum(counts, start=Value(0, output_field=IntegerField()))


def _marks(documents: Sequence[Document]) -> QuerySet[DocumentReading]:
    """The marks of the person of the outer query on these files."""
    files = reduce(or_, (Q(document=one.pk, sha256=one.sha256) for one in documents), Q(pk__in=[]))
    return DocumentReading.everything.filter(files, appointment=OuterRef("pk")).order_by()


def _number(marks: QuerySet[DocumentReading]) -> Any:
    counted = marks.values("appointment").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


def _narrowed(people: QuerySet[Appointment], wanted: Wanted) -> QuerySet[Appointment]:
    for word in wanted.text.split():
        people = people.filter(person__full_name__icontains=word)
    for word in wanted.organisation.split():
        people = people.filter(
            Q(organisation__short_name__icontains=word)
            | Q(organisation__code__icontains=word)
            | Q(organisation__supervisor__short_name__icontains=word)
            | Q(organisation__supervisor__code__icontains=word)
        )
    return people.filter(role=wanted.role) if wanted.role else people


def _in_state(people: QuerySet[Any], state: str) -> QuerySet[Any]:
    conditions = {
        "behind": Q(confirmed__lt=F("due")),
        "unopened": Q(opened__lt=F("due")),
        "opened": Q(opened__gt=F("confirmed")),
        "done": Q(confirmed__gte=F("due")),
    }
    return people.filter(conditions[state]) if state in conditions else people
