"""Who may send, for whom, and when: roles, foreign organisations, deadlines, pauses."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from oko.cabinet.assessments.models import Participation, RoadmapStep, StepException
from oko.cabinet.exchange import actions
from oko.cabinet.exchange.models import Submission
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled
from tests.cabinet.exchange.test_submitting import progress, send


@pytest.mark.parametrize("who", ["technician", "school", "municipal", "regional", "federal"])
def test_own_staff_and_coordinators_above_may_send(world: World, who: str) -> None:
    submission = send(world, filled.protocol(world), who=who).submission
    assert submission.sender == world.appointments[who].person


@pytest.mark.parametrize(
    "who", ["technician2", "municipal2", "responsible", "regional2", "analyst", "teacher"]
)
def test_nobody_else_may_send(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied):
        send(world, filled.protocol(world), who=who)
    assert not Submission.everything.exists()


@pytest.mark.parametrize("who", ["federal", "regional", "municipal", "teacher"])
def test_only_a_school_sends_many_files_at_once(world: World, who: str) -> None:
    assert world.client(who).post("/protocols/upload/").status_code == 403


def test_foreign_organisation_does_not_exist(world: World) -> None:
    submission = send(world, filled.protocol(world)).submission
    for who in ("technician2", "municipal2", "responsible", "regional2"):
        client = world.client(who)
        assert client.get("/protocols/rus4/edu640001/").status_code == 404
        assert client.get("/protocols/rus4/edu640001/form").status_code == 404
        assert client.post("/protocols/rus4/edu640001/upload").status_code == 404
        for what in ("", "state", "original", "marked"):
            assert client.get(f"/submissions/{submission.pk}/{what}").status_code == 404
        for what in ("return", "undo-return", "send-cleaned"):
            assert client.post(f"/submissions/{submission.pk}/{what}").status_code == 404


def test_teacher_has_nothing_to_do_with_protocols(world: World) -> None:
    client = world.client("teacher")
    assert client.get("/protocols/").status_code == 403
    assert "/protocols/" not in client.get("/").content.decode()


def test_analyst_reads_and_changes_nothing(world: World) -> None:
    submission = send(world, filled.protocol(world)).submission
    client = world.client("analyst")
    assert client.get("/protocols/").status_code == 200
    page = client.get(f"/submissions/{submission.pk}/").content.decode()
    assert "Вернуть с комментарием" not in page
    assert client.post(f"/submissions/{submission.pk}/return", {"comment": "я"}).status_code == 403
    assert client.post("/protocols/rus4/edu640001/upload").status_code == 403


def test_state_school_answers_to_the_centre(world: World) -> None:
    content = filled.protocol(world, school="state")
    paper = world.papers["rus4"]
    with pytest.raises(PermissionDenied):
        actions.submit_protocol(world.acting("municipal"), paper, world["state"], "п.xlsx", content)
    receipt = actions.submit_protocol(world.acting("responsible"), paper, world["state"], "п.xlsx", content)
    assert receipt.submission.state == "accepted"


def test_organisation_that_does_not_write_the_paper_is_refused(world: World) -> None:
    content = filled.protocol(world)
    Participation.everything.filter(organisation=world["school1"], paper=world.papers["rus4"]).delete()
    with pytest.raises(actions.Refused, match="не участвует"):
        send(world, content)
    assert world.client("technician").get("/protocols/rus4/edu640001/").status_code == 404


def set_term(world: World, **fields: datetime) -> None:
    RoadmapStep.everything.filter(pk=world.steps["rus4"].pk).update(**fields)


def wall(**ahead: int) -> datetime:
    """What Moscow's clocks show some time from now."""
    return (timezone.now() + timedelta(hours=3) + timedelta(**ahead)).replace(tzinfo=None)


def test_closed_step_refuses_before_anything_and_says_who_can_help(world: World) -> None:
    set_term(world, opens=wall(days=-3), closes=wall(days=-1))
    page = world.client("technician").post(
        "/protocols/rus4/edu640001/upload", {"file": SimpleUploadedFile("п.xlsx", filled.protocol(world))}
    )
    assert page.status_code == 409
    assert "Срок истёк" in page.content.decode()
    assert "региональный координатор" in page.content.decode()
    assert not Submission.everything.exists()


def test_step_that_has_not_opened_refuses(world: World) -> None:
    set_term(world, opens=wall(days=2), closes=wall(days=5))
    with pytest.raises(actions.Refused, match="ещё не открыт"):
        send(world, filled.protocol(world))


def test_late_protocol_is_taken_and_marked_late(world: World) -> None:
    set_term(world, opens=wall(days=-5), closes=wall(days=-1), late_until=wall(days=1))
    assert send(world, filled.protocol(world)).submission.late
    assert progress(world).late


def exception(world: World, kind: str, **fields: object) -> StepException:
    return StepException.everything.create(
        assessment=world.assessment,
        step=world.steps["rus4"],
        organisation=world["school1"],
        kind=kind,
        reason="Отключение света",
        made_by=world.appointments["regional"].person,
        made_at=timezone.now(),
        **fields,
    )


def test_paused_step_refuses_with_the_reason(world: World) -> None:
    exception(world, "pause")
    with pytest.raises(actions.Refused, match="Отключение света"):
        send(world, filled.protocol(world))


def test_extension_for_one_school_lets_it_send(world: World) -> None:
    set_term(world, opens=wall(days=-5), closes=wall(days=-1))
    with pytest.raises(actions.Refused):
        send(world, filled.protocol(world))
    exception(world, "extension", until=timezone.now() + timedelta(days=1))
    submission = send(world, filled.protocol(world)).submission
    assert submission.state == "accepted"
    assert not submission.late
