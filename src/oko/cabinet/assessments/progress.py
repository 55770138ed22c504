"""Counting progress: who has to do a step, and how far they are. Always as the rows stand now (see `sums`).

Progress follows supervision. An organisation has to do a step for a paper if it writes the paper
(`Participation`), and every school has to do a step without a paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Q, QuerySet, Sum

from oko.cabinet.assessments import sums
from oko.cabinet.assessments.models import Participation, ProgressSum, RoadmapStep, StepProgress
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Kind, Organisation

SCHOOL_KINDS = (Kind.SCHOOL, Kind.COLLEGE)
#: Nobody has to be called about these: it is accepted, or it is being checked.
SENT = frozenset({StepProgress.State.DONE, StepProgress.State.SUBMITTED})


@dataclass(slots=True)
class Counts:
    """How many organisations have to do something, and how far they are."""

    expected: int = 0
    done: int = 0
    submitted: int = 0
    has_findings: int = 0
    returned: int = 0
    late: int = 0

    @property
    def missing(self) -> int:
        """«Не хватает»: not accepted yet, for whatever reason."""
        return self.expected - self.done

    @property
    def behind(self) -> int:
        """Those to be called: nothing sent, or sent and not mended."""
        return self.expected - self.done - self.submitted

    @property
    def nothing(self) -> int:
        return self.behind - self.has_findings - self.returned

    @property
    def percent(self) -> int:
        """Rounded down: 100 only when nothing is missing."""
        return 100 * self.done // self.expected if self.expected else 0

    def add(self, other: Counts) -> None:
        self.expected += other.expected
        self.done += other.done
        self.submitted += other.submitted
        self.has_findings += other.has_findings
        self.returned += other.returned
        self.late += other.late

    def note(self, state: str, late: bool, number: int = 1) -> None:
        if state in ("done", "submitted", "has_findings", "returned"):
            setattr(self, state, getattr(self, state) + number)
        if late:
            self.late += number


class Cell(NamedTuple):
    """One organisation in one step, as stored."""

    state: str
    late: bool
    note: str
    changed_at: datetime | None


NOTHING = Cell(StepProgress.State.NOT_STARTED, False, "", None)


@dataclass(slots=True)
class SchoolProgress:
    """Schools with the steps that each has to do."""

    schools: list[Organisation]
    papers: dict[int, set[int]]
    cells: dict[tuple[int, int], Cell]
    steps: Sequence[RoadmapStep] = field(default_factory=list)

    def has_to(self, school: Organisation, step: RoadmapStep) -> bool:
        return step.paper_id is None or step.paper_id in self.papers.get(school.pk, ())

    def cell(self, school: Organisation, step: RoadmapStep) -> Cell:
        return self.cells.get((school.pk, step.pk), NOTHING)


def board_steps(acting: Acting) -> list[RoadmapStep]:
    """The steps that schools do, in the order of the roadmap."""
    return [step for step in roadmap_steps(acting) if step.is_for_schools]


def roadmap_steps(acting: Acting) -> list[RoadmapStep]:
    steps = RoadmapStep.objects.visible_to(acting).select_related("assessment", "paper")
    return list(steps.order_by("position"))


def schools_of(acting: Acting, under: Organisation | None = None) -> QuerySet[Organisation]:
    """The schools and colleges that one supervises, or those of them below one organisation."""
    seen: QuerySet[Organisation] = Organisation.objects.visible_to(acting)
    schools = seen.filter(kind__in=SCHOOL_KINDS, active=True)
    return schools if under is None else schools.filter(below(under))


def below(under: Organisation, path: str = "") -> Q:
    """The condition «below this organisation, by supervision»; `path` leads to the organisation's columns."""
    if under.kind == Kind.FEDERAL:
        return Q()
    if under.kind == Kind.REGION:
        return Q(**{f"{path}region_id": under.pk})
    if under.is_school:
        return Q(**{f"{path}id": under.pk})
    return Q(**{f"{path}supervisor_id": under.pk})


def school_progress(
    acting: Acting, steps: Sequence[RoadmapStep], schools: Iterable[Organisation]
) -> SchoolProgress:
    """What each of these schools has to do and has done: two queries, however many they are."""
    listed = list(schools)
    ids = [school.pk for school in listed]
    papers = {
        row["organisation_id"]: set(row["papers"])
        for row in Participation.objects.visible_to(acting)
        .filter(organisation_id__in=ids)
        .order_by()
        .values("organisation_id")
        .annotate(papers=ArrayAgg("paper_id", distinct=True))
    }
    stored = StepProgress.objects.visible_to(acting).filter(organisation_id__in=ids, step__in=list(steps))
    cells = {
        (organisation, step): Cell(state, late, note, changed)
        for organisation, step, state, late, note, changed in stored.values_list(
            "organisation_id", "step_id", "state", "late", "note", "changed_at"
        )
    }
    return SchoolProgress(listed, papers, cells, steps)


#: What is summed for each supervisor and step.
SUMMED = ("expected", "done", "submitted", "has_findings", "returned", "late")

GroupKey = tuple[int | None, int]


def counts_by(
    acting: Acting, steps: Sequence[RoadmapStep], group: str | None, under: Organisation | None = None
) -> dict[GroupKey, Counts]:
    """Counts by group of schools and step, from the stored sums: one GROUP BY however many schools there are.

    `group` is a column of the organisation (`region_id`, `supervisor_id`), or None for all that one
    sees; keys are
    pairs of the group (None for all) and the step.
    """
    sums.bring_up_to_date()
    seen = ProgressSum.objects.visible_to(acting).filter(step__in=list(steps))
    if under is not None:
        seen = seen.filter(_sums_below(under))
    keys = {"group": F(group)} if group else {}
    rows = seen.order_by().values("step_id", **keys).annotate(**{f"all_{name}": Sum(name) for name in SUMMED})
    return {
        (row.get("group"), row["step_id"]): Counts(**{name: row[f"all_{name}"] for name in SUMMED})
        for row in rows
    }


def _sums_below(under: Organisation) -> Q:
    if under.kind == Kind.FEDERAL:
        return Q()
    return Q(region_id=under.pk) if under.kind == Kind.REGION else Q(supervisor_id=under.pk)


def totals(counts: Mapping[GroupKey, Counts]) -> dict[int, Counts]:
    """Counts by step over all groups."""
    by_step: dict[int, Counts] = defaultdict(Counts)
    for (_group, step), number in counts.items():
        by_step[step].add(number)
    return dict(by_step)


def overall(counts: Iterable[Counts]) -> Counts:
    total = Counts()
    for number in counts:
        total.add(number)
    return total
