"""A season as schools make it: protocols handed in and accepted, all but one, and the works written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.conf import settings

from oko.cabinet.assessments.models import Assessment, Participation
from oko.cabinet.exchange.actions import submit_protocol
from oko.cabinet.exchange.models import Submission
from oko.cabinet.results.actions import write_partition
from oko.engines.forms.build import build_protocol
from oko.engines.forms.works import Work
from oko.engines.statistics.works import write_works
from tests.cabinet.conftest import World, make_paper
from tests.cabinet.reports.test_reports import works

#: Totals of mathematics by school; the boarding school has not handed its protocol in.
TOTALS = {
    "school1": [3] * 2 + [8] * 4 + [12] * 3 + [18] * 3,
    "school2": [8] * 12,
    "school3": [12] * 12,
}
SENDERS = {"school1": "technician", "school2": "technician2", "school3": "technician3"}


def hand_in(world: World, school: str, totals: Sequence[int]) -> None:
    """The technical specialist sends a sound protocol of mathematics, a total for each participant."""
    paper = world.papers["mat4"]
    found = paper.for_engines()
    classes = Participation.everything.get(paper=paper, organisation=world[school])
    participants = [(code, classes.class_label, classes.class_number) for code in classes.codes]
    content = build_protocol(
        found,
        organisation_code=world[school].code,
        organisation_name=world[school].name,
        participants=participants,
        assessment_title=world.assessment.title,
        deadline_text="до 20.05.2026",
        works=[
            Work(
                participant=code,
                class_label=label,
                variant_1=1 + number % 2,
                variant_2=None,
                sex="ж",
                prior_mark=4,
                status="present",
                scores={item.code: row[item.code] for item in found.items},
                total=row["total"],
                mark=row["mark"],
            )
            for number, ((code, label, _class), row) in enumerate(
                zip(participants, works(world, school, totals), strict=True)
            )
        ],
    )
    sent = submit_protocol(world.acting(SENDERS[school]), paper, world[school], "Математика.xlsx", content)
    assert sent.submission.state == Submission.State.ACCEPTED


def hand_in_all(world: World) -> None:
    for school, totals in TOTALS.items():
        hand_in(world, school, totals)
    write_partition(world.papers["mat4"], world["region"])


def a_year_before(world: World) -> None:
    """The season of 2025, in which Школа № 1 wrote the same paper."""
    assessment = Assessment.everything.create(
        code="vpr-2025", title="ВПР 2025", year=2025, starts_on=date(2025, 4, 1), ends_on=date(2025, 5, 31)
    )
    paper = make_paper(assessment, "mat4", date(2025, 4, 20))
    rows = works(world, "school1", [8] * 10 + [18] * 2)
    write_works(settings.WORKS_ROOT, assessment.code, paper.for_engines(), "64", rows)
