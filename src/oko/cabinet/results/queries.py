"""Reading: how fresh the works are on which a report is built, and from which submissions a number comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Paper, Participation
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.russian import plural
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.organisations.models import Organisation
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


def freshness(acting: Acting, paper: Paper) -> Freshness:
    """Of the protocols that this person may see.

    The protocols are those that count now; `written_at` and `waiting` are of the Parquet of their regions.
    """
    expected = Participation.objects.visible_to(acting).filter(paper=paper)
    regions = expected.values("organisation__region_id")
    partitions = WorksPartition.objects.filter(paper=paper, region__in=regions)
    return Freshness(
        protocols=ProtocolWorks.objects.visible_to(acting).filter(paper=paper).count(),
        expected=expected.values("organisation_id").distinct().count(),
        written_at=partitions.aggregate(last=Max("written_at"))["last"],
        waiting=partitions.exclude(written=F("changes")).exists(),
    )


def works_behind(
    acting: Acting, paper: Paper, *, organisation: Organisation | None = None
) -> QuerySet[ProtocolWorks]:
    """The protocols whose works make the numbers of a paper (of a school, territory or region), for tracing.

    Each row leads to its `submission`: version, checksum, who sent it and when. A municipality here is the
    territory, as in the statistics.
    """
    behind: QuerySet[ProtocolWorks] = (
        ProtocolWorks.objects.visible_to(acting).filter(paper=paper).defer("works")
    )
    if organisation is not None:
        place = {"region": "organisation__region", "municipality": "organisation__municipality"}.get(
            organisation.kind, "organisation"
        )
        if organisation.kind != "federal":
            behind = behind.filter(**{place: organisation})
    return behind.select_related("submission__sender", "organisation").order_by("organisation__sort_key")
