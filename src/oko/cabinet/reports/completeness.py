"""What a report lacks: missing protocols, unsettled findings, participants of whom there is no work.

These sentences stand on every page of the report and in every document made of it, so that nobody takes the
numbers of half a municipality for those of the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.conf import settings
from django.db.models import F, Func, IntegerField, Sum
from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep, StepProgress
from oko.cabinet.foundation.russian import plural
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.kept import kept
from oko.cabinet.reports.places import group_of
from oko.cabinet.results.models import ProtocolWorks
from oko.cabinet.results.queries import Freshness, freshness, standing_in
from oko.engines.statistics.grid import Behind
from oko.engines.statistics.individual import works_behind
from oko.engines.statistics.works import open_works

State = StepProgress.State


def warnings(paper: Paper, organisation: Organisation, fresh: Freshness | None = None) -> tuple[str, ...]:
    """Sentences on what the report of a paper for a place (by territory) lacks; none: all is there."""
    return tuple(_told(paper, organisation, fresh or freshness(paper, organisation)))


def _told(paper: Paper, place: Organisation, fresh: Freshness) -> Iterator[str]:
    missing = fresh.expected - fresh.protocols
    if missing > 0:
        yield _missing_protocols(missing, fresh.expected)
    by_state = _unsettled(paper, place)
    unsettled, returned = by_state[State.HAS_FINDINGS], by_state[State.RETURNED]
    if unsettled:
        yield _("Замечания не устранены: %s.") % _protocols(unsettled)
    if returned:
        yield _("Возвращены и не исправлены: %s.") % _protocols(returned)
    lost = _participants_without_work(paper, place)
    if lost:
        people = plural(lost, _("участник"), _("участника"), _("участников"))
        yield _("Заявлены, но в работах их нет: %s.") % people
    if fresh.waiting:
        yield _("Работы сейчас обновляются: через минуту числа могут измениться.")


def _missing_protocols(missing: int, expected: int) -> str:
    if expected == 1:
        return _("Протокол ещё не принят: результатов нет.")
    numbers = {
        "missing": plural(missing, _("протокола"), _("протоколов"), _("протоколов")),
        "expected": expected,
    }
    return _("Не хватает %(missing)s из %(expected)s.") % numbers


def _protocols(number: int) -> str:
    return plural(number, _("протокол"), _("протокола"), _("протоколов"))


def _unsettled(paper: Paper, place: Organisation) -> Counter[str]:
    """In how many organisations the newest protocol is how, whether or not an earlier one counts."""
    found = StepProgress.everything.filter(
        standing_in(place),
        step__paper=paper,
        step__action=RoadmapStep.Action.RESULTS_PROTOCOL,
        state__in=[State.HAS_FINDINGS, State.RETURNED],
    )
    return Counter(found.values_list("state", flat=True))


def _participants_without_work(paper: Paper, place: Organisation) -> int:
    """Codes issued to schools whose protocol counts, of which neither a score nor an absence is known."""
    counted = ProtocolWorks.everything.filter(standing_in(place), paper=paper).values("organisation")
    codes = Func(F("codes"), function="cardinality", output_field=IntegerField())
    declared = dict(
        Participation.everything.filter(paper=paper, organisation__in=counted)
        .order_by()
        .values_list("organisation__code")
        .annotate(codes=Sum(codes))
    )
    if not declared:
        return 0
    written = kept(paper, place, "works-by-school", lambda: _works_by_school(paper, place))
    return sum(max(number - written[code], 0) for code, number in declared.items() if code in written)


def _works_by_school(paper: Paper, place: Organisation) -> dict[str, int]:
    """Schools whose works are not written yet are not in it: that they wait is said apart."""
    with open_works(settings.WORKS_ROOT, paper.assessment.code, paper.for_engines()) as works:
        of_place = works_behind(works, Behind(group_of(place)))
        rows = of_place.group_by("school").aggregate(number=of_place.count()).to_pyarrow().to_pylist()
    return {row["school"]: row["number"] for row in rows}
