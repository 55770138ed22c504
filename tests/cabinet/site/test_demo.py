"""The demo, much smaller: its region stands in the middle of the season, whatever the day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from oko.cabinet.appointments.cases import in_conflict
from oko.cabinet.appointments.models import ResponsibleList
from oko.cabinet.assessments.deadlines import WindowState, window
from oko.cabinet.assessments.models import (
    Assessment,
    Document,
    Paper,
    Participation,
    RoadmapStep,
    StepException,
    StepProgress,
)
from oko.cabinet.exchange.models import Submission
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import SUPERVISOR_KINDS, Kind, Organisation
from oko.cabinet.people.models import Account, Appointment, Delegation, Order, Role
from oko.cabinet.reports.models import ReportReceipt
from oko.cabinet.results.models import ProtocolWorks, WorksPartition
from oko.cabinet.site.demo import course, filling, staff
from oko.cabinet.site.demo.places import MUNICIPALITIES, UNDER_THE_CENTRE

SHARE = 0.15
DEMO_HASHERS = ["oko.cabinet.site.demo.hashers.DemoArgon2"]
State = Submission.State


@pytest.fixture
def demo(db: None, settings: Any) -> Assessment:
    settings.PASSWORD_HASHERS = DEMO_HASHERS
    filling.fill(lambda done, of: None, share=SHARE, processes=2)
    return Assessment.everything.get(code=course.CODE)


def test_whole_demo_has_sixty_schools_in_four_municipalities() -> None:
    municipal = sum(m.town_schools + m.village_schools for m in MUNICIPALITIES)

    assert len(MUNICIPALITIES) == 4
    assert municipal >= 60
    assert {(kind, ownership) for _, _, kind, ownership, _ in UNDER_THE_CENTRE} >= {
        (Kind.SCHOOL, "state"),
        (Kind.SCHOOL, "private"),
        (Kind.SCHOOL, "federal"),
        (Kind.COLLEGE, "state"),
    }


def test_region_stands_in_the_middle_of_its_season(demo: Assessment) -> None:
    every_organisation_answers_to_whom_it_should()
    the_assessment_runs_on_the_real_clock(demo)
    the_papers_stand_at_different_points(demo)
    reports_come_one_after_another(demo)
    protocols_are_in_every_state(demo)
    last_year_can_be_compared_with(demo)
    no_protocol_came_before_its_time_or_from_the_future(demo)
    works_of_accepted_protocols_reach_the_reports(demo)
    the_printed_logins_open_the_cabinet_of_each_role()
    coordinators_have_begun_their_work()
    the_training_runs_ahead_of_time()
    a_second_filling_is_not_needed()


def every_organisation_answers_to_whom_it_should() -> None:
    for organisation in Organisation.everything.select_related("supervisor"):
        organisation.clean_fields()
        above = organisation.supervisor.kind if organisation.supervisor else None
        assert above in SUPERVISOR_KINDS[organisation.kind] or organisation.kind == Kind.FEDERAL
        if organisation.is_school and organisation.ownership != "municipal":
            assert above == Kind.CENTRE
    zones = set(Organisation.everything.filter(kind=Kind.SCHOOL).values_list("time_zone", flat=True))
    assert zones == {"Europe/Moscow", "Asia/Novosibirsk"}


def the_assessment_runs_on_the_real_clock(demo: Assessment) -> None:
    assert not demo.is_training
    assert demo.rehearsal_offset is None
    assert demo.starts_on < timezone.localdate() < demo.ends_on


def the_papers_stand_at_different_points(demo: Assessment) -> None:
    school = Organisation.everything.get(code="edu970001")
    states = {
        step.paper.code: window(step, school, exceptions=[]).state
        for step in protocol_steps(demo)
        if step.paper
    }
    assert states == {"rus4": WindowState.LATE, "mat4": WindowState.OPEN, "mat5": WindowState.OPEN}
    assert StepException.everything.get().reason


def protocol_steps(demo: Assessment) -> list[RoadmapStep]:
    steps = RoadmapStep.everything.filter(assessment=demo, action=RoadmapStep.Action.RESULTS_PROTOCOL)
    return list(steps.select_related("paper"))


def reports_come_one_after_another(demo: Assessment) -> None:
    school = Organisation.everything.get(code="edu970001")
    steps = RoadmapStep.everything.filter(assessment=demo, action=RoadmapStep.Action.RECEIVE_REPORT)
    states = {step.paper.code: window(step, school, exceptions=[]).state for step in steps if step.paper}
    assert states == {"rus4": WindowState.OPEN, "mat4": WindowState.NOT_OPEN, "mat5": WindowState.NOT_OPEN}


def last_year_can_be_compared_with(demo: Assessment) -> None:
    last_year = Assessment.everything.get(code=course.LAST_YEAR_CODE)
    assert (last_year.year, last_year.is_training) == (demo.year - 1, False)
    schools = Participation.everything.filter(assessment=last_year).values("organisation").distinct().count()
    assert ProtocolWorks.everything.filter(assessment=last_year).count() == schools
    assert not Submission.everything.filter(assessment=last_year, late=True).exists()


def protocols_are_in_every_state(demo: Assessment) -> None:
    sent = Submission.everything.filter(assessment=demo)
    assert {State.ACCEPTED, State.HAS_FINDINGS, State.RETURNED} == set(sent.values_list("state", flat=True))
    assert sent.filter(late=True, paper__code="rus4").exists()
    assert not sent.filter(late=True).exclude(paper__code="rus4").exists()
    assert sent.filter(state=State.ACCEPTED).count() > sent.count() / 2

    writes = (
        Participation.everything.filter(assessment=demo).values("paper", "organisation").distinct().count()
    )
    reached = StepProgress.everything.filter(assessment=demo, step__in=protocol_steps(demo)).count()
    assert reached < writes, "some protocols are missing"

    known = StepProgress.everything.filter(organisation__code="edu970001", step__in=protocol_steps(demo))
    assert dict(known.values_list("step__paper__code", "state")) == {
        "rus4": "returned",
        "mat4": "has_findings",
    }


def no_protocol_came_before_its_time_or_from_the_future(demo: Assessment) -> None:
    for sent in Submission.everything.filter(assessment=demo).select_related("paper", "organisation"):
        step = RoadmapStep.everything.get(paper=sent.paper, action=RoadmapStep.Action.RESULTS_PROTOCOL)
        opened = window(step, sent.organisation)
        assert opened.opens <= sent.received_at <= timezone.now()
        assert sent.late == (sent.received_at > opened.closes)


def works_of_accepted_protocols_reach_the_reports(demo: Assessment) -> None:
    filling.write_reports()

    accepted = ProtocolWorks.everything.filter(assessment=demo).count()
    partitions = list(WorksPartition.objects.filter(assessment=demo))
    assert all(partition.is_fresh for partition in partitions)
    assert sum(partition.protocols for partition in partitions) == accepted
    assert {partition.region.code for partition in partitions} == {"reg97", "reg98"}
    some_schools_have_received_what_is_out(demo)
    for document in Document.everything.filter(assessment=demo):
        document.full_clean()


def some_schools_have_received_what_is_out(demo: Assessment) -> None:
    receipts = ReportReceipt.everything.filter(assessment=demo)
    assert {receipt.paper.code for receipt in receipts.select_related("paper")} == {"rus4"}
    assert receipts.filter(confirmed_at__isnull=False).exists()
    counted = ProtocolWorks.everything.filter(assessment=demo, paper__code="rus4").count()
    assert receipts.filter(confirmed_at__isnull=False).count() < counted
    before = receipts.count()
    filling.write_reports()
    assert receipts.count() == before, "once"


def the_printed_logins_open_the_cabinet_of_each_role() -> None:
    assert set(staff.LOGINS) == set(Role)
    for role, login in staff.LOGINS.items():
        client = Client()
        assert client.post("/sign-in/", {"username": login, "password": staff.PASSWORD}).status_code == 302
        page = client.get("/")
        assert page.status_code == 200
        assert page.context["acting"].role == role
        own = [one for one in page.context["appointments"] if one.delegation is None]
        assert len(own) == 2, "the season and the training"


def coordinators_have_begun_their_work() -> None:
    waiting = Appointment.everything.filter(state="proposed").values_list("role", flat=True)
    assert set(waiting) == {Role.PUBLIC_OBSERVER, Role.EXPERT}
    standing = Appointment.everything.filter(state="confirmed", assessment__code=course.CODE).select_related(
        "person", "organisation"
    )
    assert not in_conflict(list(standing)), "nobody is appointed against the rules"
    assert Order.everything.filter(scan_sha256="").exists()
    assert ResponsibleList.everything.exists()
    assert Delegation.everything.count() == 1


def the_training_runs_ahead_of_time() -> None:
    training = Assessment.everything.get(code=course.TRAINING_CODE)
    assert now(training) > timezone.now() + timedelta(days=10)
    step = RoadmapStep.everything.get(assessment=training)
    assert window(step, Organisation.everything.get(code="edu970001")).state is WindowState.OPEN


def a_second_filling_is_not_needed() -> None:
    assert filling.is_filled()


def test_known_password_is_refused_outside_the_demo(db: None, settings: Any) -> None:
    settings.PASSWORD_HASHERS = DEMO_HASHERS
    account = Account.objects.create_user("technician", staff.PASSWORD, full_name="И. И.")
    assert account.check_password(staff.PASSWORD)

    settings.PASSWORD_HASHERS = ["oko.cabinet.people.hashers.TunedArgon2"]
    assert not Account.objects.get().check_password(staff.PASSWORD)


def test_interrupted_filling_leaves_nothing(db: None, settings: Any) -> None:
    settings.PASSWORD_HASHERS = DEMO_HASHERS

    def interrupt(done: int, of: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filling.fill(interrupt, share=SHARE, processes=1)

    assert not filling.is_filled()
    for model in (Organisation, Assessment, Paper, Submission, Appointment):
        assert not model.everything.exists()  # type: ignore[attr-defined]
    assert not Account.objects.exists()


def test_demo_is_not_mixed_into_somebodys_data(db: None) -> None:
    Organisation.everything.create(code="fed", kind=Kind.FEDERAL, name="Ф", short_name="Ф")

    with pytest.raises(filling.NotADemoDatabaseError):
        filling.is_filled()
