"""The page in plain words of a place: its tables, its similar schools and its earlier season."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.reports.kept import kept
from oko.cabinet.reports.places import Place
from oko.cabinet.reports.seasons import Season, earlier_seasons
from oko.engines.statistics.comparison import COMPARISON_COUNTED
from oko.engines.statistics.counting import Counting
from oko.engines.statistics.marks import MARKS_COUNTED
from oko.engines.statistics.reading import SeasonTables, Summary, season_tables, summary
from oko.engines.statistics.similar import School, SimilarShares, similar_schools, similar_shares
from oko.engines.statistics.solving import ITEMS_COUNTED
from oko.engines.statistics.stored import stored_sums


def summary_of(acting: Acting, paper: Paper, place: Place) -> Summary:
    """What a page, a workbook and a PDF say of a place in plain words.

    The latest earlier season that this person may read is compared with.
    """
    before = next(iter(earlier_seasons(acting, paper, place)), None)
    name = f"summary:{before.paper.pk if before else ''}"
    return kept(paper, place.organisation, name, lambda: _read(paper, before, place))


def _read(paper: Paper, before: Season | None, place: Place) -> Summary:
    marks = _sums(paper, MARKS_COUNTED)
    is_school = place.organisation.is_school
    return summary(
        place.group,
        _season(paper, place),
        earlier=_season(before.paper, place) if before else None,
        similar=_similar(place, marks) if is_school else None,
        school_sizes=() if is_school else _school_sizes(place, marks),
    )


def _season(paper: Paper, place: Place) -> SeasonTables:
    return season_tables(
        paper.assessment.title,
        paper.for_engines(),
        place.group,
        marks=_sums(paper, MARKS_COUNTED),
        comparison=_sums(paper, COMPARISON_COUNTED),
        items=_sums(paper, ITEMS_COUNTED),
        labels=place.label,
    )


def _sums(paper: Paper, counting: Counting) -> pa.Table:
    return stored_sums(settings.WORKS_ROOT, paper.assessment.code, paper.for_engines(), counting)


def _similar(place: Place, mark_sums: pa.Table) -> SimilarShares | None:
    """Where the similar schools of the region stand; which they are is told to nobody."""
    sizes = _participants(mark_sums, place.group.region)
    region = place.organisation.region_id
    known = Organisation.everything.filter(region=region, kind__in=[Kind.SCHOOL, Kind.COLLEGE])
    schools = {
        organisation.code: School(
            code=organisation.code,
            region=place.group.region or "",
            kind=organisation.kind,
            settlement=organisation.settlement,
            ownership=organisation.ownership,
            levels=frozenset(organisation.levels),
            participants=sizes[organisation.code],
        )
        for organisation in known.filter(code__in=sizes)
    }
    own = schools.get(place.organisation.code)
    found = similar_schools(own, schools.values()) if own else None
    return similar_shares(found, mark_sums) if found else None


def _participants(mark_sums: pa.Table, region: str | None) -> dict[str, int]:
    """Participants with a mark in each school of a region that has any."""
    own = mark_sums.filter(pc.equal(mark_sums["region"], region))
    pairs = zip(own["school"].to_pylist(), own["participants"].to_pylist(), strict=True)
    return {code: participants for code, participants in pairs if participants}


def _school_sizes(place: Place, mark_sums: pa.Table) -> tuple[int, ...]:
    schools = place.beside.narrow(mark_sums, place.group.level)
    return tuple(size for size in schools["participants"].to_pylist() if size)
