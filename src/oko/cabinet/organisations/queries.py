"""Reading the base of organisations: always what one may see, or the surroundings that a rule needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.organisations.facts import Facts, ordered_levels, tidy
from oko.cabinet.organisations.models import Kind, Organisation, within
from oko.cabinet.organisations.tree import SCHOOLS, Tree

LONGEST_SEARCH = 100
_ARE_SCHOOLS = Q(kind__in=sorted(SCHOOLS))


def _visible(acting: Acting) -> QuerySet[Organisation]:
    visible: QuerySet[Organisation] = Organisation.objects.visible_to(acting)
    return visible


def own(acting: Acting) -> Organisation:
    return _visible(acting).get(pk=acting.organisation_id)


def listed(acting: Acting, wanted: dict[str, Any]) -> QuerySet[Organisation]:
    """The visible organisations that pass the filters of the list (cleaned by its form)."""
    found = _visible(acting).select_related("supervisor", "municipality")
    for word in wanted.get("text", "")[:LONGEST_SEARCH].split():
        found = found.filter(
            Q(code__icontains=word) | Q(name__icontains=word) | Q(short_name__icontains=word)
        )
    for field in ("kind", "ownership", "settlement"):
        if wanted.get(field):
            found = found.filter(**{field: wanted[field]})
    for field in ("region", "supervisor", "municipality"):
        if wanted.get(field):
            found = found.filter(**{field: wanted[field]})
    if wanted.get("active"):
        found = found.filter(active=wanted["active"] == "yes")
    return found


def authorities(acting: Acting, *kinds: str) -> QuerySet[Organisation]:
    """Those of these kinds that may stand in a choice: visible, with the nearest names first."""
    return _visible(acting).filter(kind__in=kinds, active=True).order_by("sort_key", "code")


def territories(acting: Acting) -> QuerySet[Organisation]:
    """The municipalities on whose territory the visible organisations stand, whoever supervises them."""
    if acting.scope in (Scope.COUNTRY, Scope.REGION):
        return authorities(acting, Kind.MUNICIPALITY)
    on = _visible(acting).values("municipality")
    return Organisation.everything.filter(pk__in=on).order_by("sort_key", "code")


def above(acting: Acting, organisation: Organisation) -> list[Organisation]:
    """The path from the top down to the organisation, as far up as one sees without a gap."""
    path: list[Organisation] = []
    visible = _visible(acting)
    current = organisation
    while current.supervisor_id is not None:
        found = visible.filter(pk=current.supervisor_id).first()
        if found is None:
            break
        path.insert(0, found)
        current = found
    return path


def below(acting: Acting, organisation: Organisation) -> QuerySet[Organisation]:
    """Those supervised, each with how many authorities and schools stand under it at any depth."""
    path = "in_region" if organisation.kind == Kind.FEDERAL else "supervised"
    standing, are_schools = Q(**{f"{path}__active": True}), Q(**{f"{path}__kind__in": sorted(SCHOOLS)})
    return (
        _visible(acting)
        .filter(supervisor=organisation)
        .annotate(
            schools=Count(path, filter=standing & are_schools),
            authorities=Count(path, filter=standing & ~are_schools),
        )
        .order_by("sort_key", "code")  # Django drops the usual order where it counts
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many stand under an organisation: authorities by kind, and its schools."""

    municipalities: int
    centres: int
    schools: int
    inactive: int


def counts_under(acting: Acting, organisation: Organisation) -> Counts:
    """What a page says at its head; inactive ones are counted apart."""
    under = _visible(acting).exclude(pk=organisation.pk)
    if organisation.kind == Kind.REGION:
        under = under.filter(region=organisation)
    elif organisation.kind != Kind.FEDERAL:
        under = under.filter(supervisor=organisation)
    return Counts(
        **under.aggregate(
            municipalities=Count("pk", filter=Q(kind=Kind.MUNICIPALITY, active=True)),
            centres=Count("pk", filter=Q(kind=Kind.CENTRE, active=True)),
            schools=Count("pk", filter=_ARE_SCHOOLS & Q(active=True)),
            inactive=Count("pk", filter=Q(active=False)),
        )
    )


def on_territory_of_others(acting: Acting, municipality: Organisation) -> QuerySet[Organisation]:
    """Schools that stand in the municipality and answer to the centre."""
    return _visible(acting).filter(municipality=municipality).exclude(supervisor=municipality)


_COLUMNS = (
    "code",
    "kind",
    "name",
    "short_name",
    "supervisor__code",
    "municipality__code",
    "ownership",
    "settlement",
    "levels",
    "time_zone",
    "delivery_address",
    "active",
)


def facts_in(organisations: QuerySet[Organisation]) -> Iterator[Facts]:
    """Facts by the thousand, without a model instance for each."""
    for code, kind, name, short, supervisor, territory, own, settled, levels, zone, address, active in (
        organisations.order_by("pk").values_list(*_COLUMNS).iterator(chunk_size=5000)
    ):
        yield Facts(
            code=code,
            kind=kind,
            name=tidy(name),
            short_name=tidy(short),
            supervisor=supervisor or "",
            territory=territory or "",
            ownership=own,
            settlement=settled,
            levels=ordered_levels(levels),
            time_zone=zone,
            delivery_address=tidy(address),
            active=active,
        )


def surroundings(acting: Acting, facts: Facts) -> Tree:
    """What the rules need to judge one organisation: those above, its territory, one active below."""
    known = registered_by(acting)
    near = {facts.supervisor, facts.territory} - {""}
    found = list(facts_in(known.filter(code__in=near)))
    for _level in range(2):
        higher = {one.supervisor for one in found} - {one.code for one in found} - {""}
        found += facts_in(known.filter(code__in=higher))
    one_below = Organisation.everything.filter(supervisor__code=facts.code, active=True).values("pk")[:1]
    found += facts_in(Organisation.everything.filter(pk__in=one_below))
    return Tree([one for one in found if one.code != facts.code] + [facts])


def registered_by(acting: Acting) -> QuerySet[Organisation]:
    """Every organisation that an import may speak of: a region's own, with the federal organiser above it."""
    if acting.scope is Scope.COUNTRY:
        return Organisation.everything.all()
    return Organisation.everything.filter(within(acting) | Q(kind=Kind.FEDERAL))


def codes_taken(codes: Iterable[str]) -> set[str]:
    """Which of these codes stand in the base anywhere in the country."""
    return set(Organisation.everything.filter(code__in=list(codes)).values_list("code", flat=True))
