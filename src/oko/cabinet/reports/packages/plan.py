"""What goes into a package: for each paper the place itself, and below it each school with a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from oko.cabinet.assessments.models import Paper, Participation
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.reports.packages.names import Names

_BELOW: dict[str, tuple[Kind, ...]] = {
    Kind.FEDERAL: (Kind.REGION,),
    Kind.REGION: (Kind.MUNICIPALITY, Kind.CENTRE),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """The documents of one paper for one organisation, and the folder in which they lie."""

    paper: int
    organisation: int
    folder: str


def places_offered(acting: Acting, own: Organisation) -> list[Organisation]:
    """For whom one can order: one's own organisation (but not the whole country), and what is right below."""
    below = {Kind.FEDERAL: [Kind.REGION], Kind.REGION: [Kind.MUNICIPALITY, Kind.CENTRE]}.get(
        Kind(own.kind), []
    )
    found: QuerySet[Organisation] = Organisation.objects.visible_to(acting).filter(
        kind__in=below, active=True
    )
    listed = list(found.exclude(pk=own.pk).order_by("kind", "sort_key"))
    return listed if own.kind == Kind.FEDERAL else [own, *listed]


def plan(acting: Acting, place: Organisation, papers: Sequence[Paper]) -> list[Unit]:
    """In the order in which it is made: paper by paper, the place before those in it."""
    names = Names()
    return [unit for paper in papers for unit in _of_paper(acting, place, paper, names.folder(str(paper)))]


def _of_paper(acting: Acting, place: Organisation, paper: Paper, folder: str) -> Iterator[Unit]:
    yield Unit(paper.pk, place.pk, folder)
    if place.is_school:
        return
    schools = _schools(acting, place, paper)
    if place.kind == Kind.REGION:
        yield from _by_municipality(acting, paper, folder, schools)
    else:
        yield from _in_folders(paper, folder, schools)


def _by_municipality(
    acting: Acting, paper: Paper, folder: str, schools: Sequence[Organisation]
) -> Iterator[Unit]:
    """A region has a folder for each municipality: its own documents, and its schools."""
    inside: dict[int | None, list[Organisation]] = {}
    for school in schools:
        inside.setdefault(school.municipality_id, []).append(school)
    territories = Organisation.objects.visible_to(acting).filter(pk__in=[pk for pk in inside if pk])
    names = Names()
    for territory in territories.order_by("sort_key", "code"):
        below = f"{folder}/{names.folder(_called(territory))}"
        yield Unit(paper.pk, territory.pk, below)
        yield from _in_folders(paper, below, inside[territory.pk])


def _in_folders(paper: Paper, folder: str, schools: Iterable[Organisation]) -> Iterator[Unit]:
    names = Names()
    for school in schools:
        yield Unit(paper.pk, school.pk, f"{folder}/{names.folder(_called(school))}")


def _schools(acting: Acting, place: Organisation, paper: Paper) -> list[Organisation]:
    """Those in the place that write the paper, as far as one sees them."""
    written = Participation.everything.filter(paper=paper).values("organisation")
    seen: QuerySet[Organisation] = Organisation.objects.visible_to(acting)
    inside = seen.filter(_in_place(place), kind__in=[Kind.SCHOOL, Kind.COLLEGE], pk__in=written)
    return list(inside.order_by("sort_key", "code"))


def _in_place(place: Organisation) -> Q:
    """By territory, as the statistics count; a centre has no territory, so by supervision."""
    if place.kind == Kind.REGION:
        return Q(region=place)
    return Q(supervisor=place) if place.kind == Kind.CENTRE else Q(municipality=place)


def _called(organisation: Organisation) -> str:
    """The code first: it is short and stays the same, and keeps schools of one name apart."""
    return f"{organisation.code} {organisation.short_name}"
