"""Reading: how fresh the works are on which a report is built, and from which submissions a number comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Paper, Participation
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.russian import plural
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.results.models import ProtocolWorks, WorksPartition


@dataclass(frozen=True, slots=True)
class Freshness:
    """On how many protocols out of how many the works stand, since when, and whether newer ones wait."""

    protocols: int
    expected: int
    written_at: datetime | None
    waiting: bool

    @property
    def words(self) -> str:
        """«По 54 протоколам из 72, обновлено 21.05.2026, 10:04 по Москве; обновляется»."""
        text = _("По %(protocols)s из %(expected)s") % {
            "protocols": plural(self.protocols, _("протоколу"), _("протоколам"), _("протоколам")),
            "expected": self.expected,
        }
        if self.written_at:
            text += ", " + _("обновлено %s") % moment(self.written_at)
        return f"{text}; {_('обновляется')}" if self.waiting else text


def standing_in(place: Organisation) -> Q:
    """The condition on `organisation` that it counts in a place: by territory, as the statistics do.

    A centre has no territory of its own: its reports stand beside those of its region.
    """
    if place.kind == Kind.FEDERAL:
        return Q()
    if place.kind == Kind.REGION:
        return Q(organisation__region=place)
    if place.kind == Kind.CENTRE:
        return Q(organisation__region_id=place.region_id)
    if place.kind == Kind.MUNICIPALITY:
        return Q(organisation__municipality=place)
    return Q(organisation=place)


def freshness(paper: Paper, place: Organisation) -> Freshness:
    """Of all protocols that count in the place, whoever supervises their schools.

    `written_at` and `waiting` are of the Parquet of their regions.
    """
    expected = Participation.everything.filter(standing_in(place), paper=paper)
    regions = expected.values("organisation__region_id")
    partitions = WorksPartition.objects.filter(paper=paper, region__in=regions)
    return Freshness(
        protocols=ProtocolWorks.everything.filter(standing_in(place), paper=paper).count(),
        expected=expected.values("organisation_id").distinct().count(),
        written_at=partitions.aggregate(last=Max("written_at"))["last"],
        waiting=partitions.exclude(written=F("changes")).exists(),
    )


def works_behind(acting: Acting, paper: Paper, place: Organisation) -> QuerySet[ProtocolWorks]:
    """The protocols whose works make the numbers of a paper in a place, as far as this person may see them.

    Each row leads to its `submission`: version, checksum, who sent it and when.
    """
    behind = ProtocolWorks.objects.visible_to(acting).filter(standing_in(place), paper=paper)
    return (
        behind.defer("works")
        .select_related("submission__sender", "organisation")
        .order_by("organisation__sort_key")
    )
