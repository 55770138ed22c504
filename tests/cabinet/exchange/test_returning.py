"""A coordinator returns an accepted protocol with a comment in one action, and may take that back."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from oko.cabinet.assessments.models import StepProgress
from oko.cabinet.exchange import actions
from oko.cabinet.exchange.models import Submission
from oko.cabinet.results.models import ProtocolWorks
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled
from tests.cabinet.exchange.test_submitting import progress, send

State = Submission.State


def test_return_tells_the_school_why_and_takes_the_works_out_of_the_results(world: World) -> None:
    accepted = send(world, filled.protocol(world)).submission
    page = world.client("municipal").post(
        f"/submissions/{accepted.pk}/return", {"comment": "Перепутаны варианты"}, follow=True
    )
    assert "Протокол возвращён" in page.content.decode()
    assert progress(world).state == StepProgress.State.RETURNED
    assert progress(world).note == "Перепутаны варианты"
    assert not ProtocolWorks.everything.exists()
    assert "Перепутаны варианты" in world.client("technician").get("/protocols/").content.decode()


def test_return_needs_a_comment(world: World) -> None:
    accepted = send(world, filled.protocol(world)).submission
    page = world.client("municipal").post(
        f"/submissions/{accepted.pk}/return", {"comment": "  \x00"}, follow=True
    )
    assert "Напишите, что исправить" in page.content.decode()
    assert Submission.everything.get().state == State.ACCEPTED


def test_mended_protocol_after_a_return_is_accepted(world: World) -> None:
    accepted = send(world, filled.protocol(world)).submission
    actions.return_protocol(world.acting("municipal"), accepted, "Баллы")
    second = send(world, filled.protocol(world, points=0)).submission
    assert second.state == State.ACCEPTED
    assert ProtocolWorks.everything.get().submission == second
    assert progress(world).state == StepProgress.State.DONE


def test_same_file_after_a_return_is_answered_with_the_comment(world: World) -> None:
    content = filled.protocol(world)
    accepted = send(world, content).submission
    actions.return_protocol(world.acting("municipal"), accepted, "Перепутаны варианты")
    from django.core.files.uploadedfile import SimpleUploadedFile

    page = world.client("technician").post(
        "/protocols/rus4/edu640001/upload", {"file": SimpleUploadedFile("п.xlsx", content)}, follow=True
    )
    assert "Именно этот файл координатор вернул" in page.content.decode()
    assert Submission.everything.get().state == State.RETURNED


def test_return_can_be_taken_back(world: World) -> None:
    accepted = send(world, filled.protocol(world)).submission
    actions.return_protocol(world.acting("municipal"), accepted, "По ошибке")
    page = world.client("municipal").post(f"/submissions/{accepted.pk}/undo-return", follow=True)
    assert "Возврат отменён" in page.content.decode()
    assert Submission.everything.get().state == State.ACCEPTED
    assert Submission.everything.get().comment == "По ошибке", "история остаётся"
    assert ProtocolWorks.everything.get().present == 12
    assert progress(world).state == StepProgress.State.DONE


def test_only_the_version_in_force_can_be_returned(world: World) -> None:
    first = send(world, filled.protocol(world)).submission
    send(world, filled.protocol(world, points=0))
    with pytest.raises(actions.Refused):
        actions.return_protocol(world.acting("municipal"), first, "Баллы")


def test_return_takes_away_what_was_accepted_before_it_too(world: World) -> None:
    send(world, filled.protocol(world))
    second = send(world, filled.protocol(world, points=0)).submission
    actions.return_protocol(world.acting("municipal"), second, "Баллы")
    assert not ProtocolWorks.everything.exists()
    assert progress(world).state == StepProgress.State.RETURNED


def test_return_cannot_be_taken_back_once_a_newer_version_was_accepted(world: World) -> None:
    first = send(world, filled.protocol(world)).submission
    actions.return_protocol(world.acting("municipal"), first, "Баллы")
    send(world, filled.protocol(world, points=0))
    with pytest.raises(actions.Refused):
        actions.undo_return(world.acting("municipal"), first)


@pytest.mark.parametrize(
    "who", ["school", "technician", "municipal2", "responsible", "regional2", "analyst", "teacher"]
)
def test_others_may_not_return(world: World, who: str) -> None:
    accepted = send(world, filled.protocol(world)).submission
    with pytest.raises(PermissionDenied):
        actions.return_protocol(world.acting(who), accepted, "Баллы")


@pytest.mark.parametrize("who", ["municipal", "regional", "federal"])
def test_coordinators_above_may_return(world: World, who: str) -> None:
    accepted = send(world, filled.protocol(world)).submission
    assert actions.return_protocol(world.acting(who), accepted, "Баллы").state == State.RETURNED
