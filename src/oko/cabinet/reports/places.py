"""For whom a report is: an organisation as a group of participants, the groups beside it and those below it.

Statistics follow territory: a school counts in the municipality where it stands. What is listed below a place
follows what the reader may see: a school of the territory that answers to the centre counts in the
municipality's total, but has no row of its own for the municipal coordinator.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Kind, Organisation
from oko.engines.statistics.levels import Group, Level, Scope, plain_label

#: What stands in the list below each kind of place, the first being what is shown unless asked otherwise.
BELOW: dict[str, tuple[Level, ...]] = {
    Kind.FEDERAL: (Level.REGION, Level.MUNICIPALITY),
    Kind.REGION: (Level.MUNICIPALITY, Level.SCHOOL),
    Kind.CENTRE: (Level.SCHOOL,),
    Kind.MUNICIPALITY: (Level.SCHOOL,),
    Kind.SCHOOL: (),
    Kind.COLLEGE: (),
}


@dataclass(frozen=True, slots=True)
class Place:
    """`beside` is the way from the country down to the place; `below` the level that is listed, if any."""

    organisation: Organisation
    group: Group
    below: Level | None
    known: dict[str, Organisation] = field(repr=False)
    listed: frozenset[str] | None = field(repr=False)

    @property
    def beside(self) -> Scope:
        return Scope(self.group)

    @property
    def listing(self) -> Scope | None:
        return Scope(self.group, down_to=self.below) if self.below else None

    @property
    def choices(self) -> tuple[Level, ...]:
        return BELOW[self.organisation.kind]

    def label(self, group: Group) -> str:
        """«Школа № 7», «Приреченский район»; the country is the whole sample."""
        organisation = self.known.get(group.code)
        return organisation.short_name if organisation else plain_label(group)

    def lists(self, group: Group) -> bool:
        """Whether the group has a row of its own in the list below the place."""
        return group.level is self.below and (self.listed is None or group.code in self.listed)

    def listed_organisation(self, group: Group) -> Organisation | None:
        """Whose row in the list below the place it is."""
        return self.known.get(group.code) if self.lists(group) else None

    def link(self, paper: str, direction: str, group: Group) -> str:
        """The page of the same direction of a group that is listed below the place."""
        organisation = self.listed_organisation(group)
        return reverse("report", args=[paper, direction, organisation.code]) if organisation else ""


def place(acting: Acting, organisation: Organisation, below: str = "") -> Place:
    """The place of an organisation that this person may see; `below` names a level to list, or nothing."""
    choices = BELOW[organisation.kind]
    level = next((choice for choice in choices if choice.value == below), choices[0] if choices else None)
    visible = Organisation.objects.visible_to(acting).schools()
    if organisation.kind == Kind.CENTRE:
        visible = visible.filter(supervisor=organisation)
    listed = frozenset(visible.values_list("code", flat=True)) if level is Level.SCHOOL else None
    return Place(organisation, group_of(organisation), level, _known(organisation, level), listed)


def group_of(organisation: Organisation) -> Group:
    """The organisation as a group of participants; a centre has no territory: it stands in its region."""
    region = organisation if organisation.kind == Kind.REGION else organisation.region
    if region is None:
        return Group()
    if organisation.kind in (Kind.REGION, Kind.CENTRE):
        return Group(region.region_code)
    if organisation.kind == Kind.MUNICIPALITY:
        return Group(region.region_code, organisation.code)
    territory = organisation.municipality.code if organisation.municipality else ""
    return Group(region.region_code, territory, organisation.code)


def _known(organisation: Organisation, level: Level | None) -> dict[str, Organisation]:
    """Organisations by the codes that groups carry: those beside the place and those listed below it."""
    above = Q(pk__in=[organisation.pk, organisation.municipality_id, organisation.region_id])
    if organisation.kind == Kind.FEDERAL:
        below = Q(kind__in=[Kind.REGION, Kind.MUNICIPALITY])
    elif organisation.kind in (Kind.REGION, Kind.CENTRE):
        region = organisation if organisation.kind == Kind.REGION else organisation.region
        kinds = [Kind.SCHOOL, Kind.COLLEGE] if level is Level.SCHOOL else [Kind.MUNICIPALITY]
        below = Q(region=region, kind__in=kinds)
    elif organisation.kind == Kind.MUNICIPALITY:
        below = Q(municipality=organisation)
    else:
        below = Q()
    found = Organisation.everything.filter(above | below if below else above).select_related("region")
    named = {o.region_code if o.kind == Kind.REGION else o.code: o for o in found}
    return {code: o for code, o in named.items() if o.kind != Kind.FEDERAL}
