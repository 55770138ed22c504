"""A technical specialist sends filled protocols and learns at once what became of them."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from oko.cabinet.assessments.models import StepProgress
from oko.cabinet.exchange import actions
from oko.cabinet.exchange.models import StoredFile, Submission
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled

State = Submission.State


def send(world: World, content: bytes, who: str = "technician", paper: str = "rus4") -> actions.Receipt:
    return actions.submit_protocol(
        world.acting(who), world.papers[paper], world["school1"], "протокол.xlsx", content
    )


def progress(world: World, paper: str = "rus4") -> StepProgress:
    return StepProgress.everything.get(step=world.steps[paper], organisation=world["school1"])


def test_protocol_without_findings_is_accepted_and_the_roadmap_knows(world: World) -> None:
    content = filled.protocol(world)
    receipt = send(world, content)
    assert (receipt.submission.state, receipt.submission.version) == (State.ACCEPTED, 1)
    assert receipt.submission.summary["present"] == 12
    assert bytes(StoredFile.objects.get().content) == content
    assert progress(world).state == StepProgress.State.DONE


def test_protocol_with_findings_is_kept_byte_for_byte_and_not_accepted(world: World) -> None:
    content = filled.spoiled(filled.protocol(world))
    receipt = send(world, content)
    assert receipt.submission.state == State.HAS_FINDINGS
    assert [finding["kind"] for finding in receipt.submission.findings] == ["score above maximum"]
    assert bytes(receipt.submission.file.content) == content
    assert progress(world).state == StepProgress.State.HAS_FINDINGS


def test_same_file_twice_is_one_submission(world: World) -> None:
    content = filled.protocol(world)
    first, second = send(world, content), send(world, content, who="school")
    assert second.repeated
    assert not first.repeated
    assert first.submission.pk == second.submission.pk
    assert Submission.everything.count() == 1


def test_later_version_with_findings_leaves_the_accepted_one_in_force(world: World) -> None:
    send(world, filled.protocol(world))
    send(world, filled.spoiled(filled.protocol(world)))
    assert progress(world).state == StepProgress.State.DONE
    assert "версии 2 есть замечания" in progress(world).note


def test_newest_accepted_version_counts_whichever_was_judged_last(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "_judge_at_once", lambda *args: None)
    first = send(world, filled.protocol(world, points=0)).submission
    second = send(world, filled.protocol(world, points=1)).submission
    assert progress(world).state == StepProgress.State.SUBMITTED
    actions.judge(second)
    actions.judge(first)
    from oko.cabinet.results.models import ProtocolWorks

    assert ProtocolWorks.everything.get().submission == second


def test_file_with_names_is_not_kept_and_its_copy_goes_in_one_click(world: World) -> None:
    content = filled.with_names(filled.protocol(world))
    withheld = send(world, content).submission
    assert (withheld.state, withheld.file) == (State.WITHHELD, None)
    assert withheld.sha256 == hashlib.sha256(content).hexdigest()
    kept = StoredFile.objects.get()
    assert kept == withheld.cleaned
    assert "Петров".encode() not in bytes(kept.content)
    assert progress(world).state == StepProgress.State.HAS_FINDINGS

    page = world.client("technician").post(f"/submissions/{withheld.pk}/send-cleaned", follow=True)
    sent = Submission.everything.get(version=2)
    assert sent.state == State.ACCEPTED
    assert page.redirect_chain[-1][0] == f"/submissions/{sent.pk}/"


def test_list_of_names_that_is_no_protocol_is_not_kept_either(world: World) -> None:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    for name in ("Список класса", "Петров Пётр", "Сидорова Анна", "Орлов Иван", "Белова Инна"):
        book.active.append([name])
    buffer = io.BytesIO()
    book.save(buffer)
    submission = send(world, buffer.getvalue()).submission
    assert submission.state == State.WITHHELD
    assert "Петров" not in submission.trouble, "слова движка показывают первые ячейки"
    assert not StoredFile.objects.exists()


def test_dump_of_an_old_year_is_taken(world: World) -> None:
    receipt = send(world, filled.as_dump_of_2020(world))
    assert receipt.submission.state == State.ACCEPTED
    assert receipt.submission.summary["layout"] == "y2020"


def test_many_files_at_once_find_their_papers_by_content(world: World) -> None:
    files = [
        SimpleUploadedFile("а.xlsx", filled.protocol(world, paper="mat4")),
        SimpleUploadedFile("б.xlsx", filled.protocol(world, paper="rus4")),
        SimpleUploadedFile("фото.jpg", b"\xff\xd8\xff\xe0 not a table"),
        SimpleUploadedFile("пусто.xlsx", b""),
    ]
    page = world.client("technician").post("/protocols/upload/", {"files": files}).content.decode()
    states = dict(Submission.everything.values_list("paper__code", "state"))
    assert states == {"rus4": State.ACCEPTED, "mat4": State.ACCEPTED}
    assert "Это не электронная таблица" in page
    assert "Файл пуст" in page
    assert "Всё сдано: 2" in page


def test_program_gets_its_answer_as_json(world: World) -> None:
    client = world.client("technician")
    file = SimpleUploadedFile("p.xlsx", filled.spoiled(filled.protocol(world)))
    answer = client.post(
        "/protocols/rus4/edu640001/upload", {"file": file}, headers={"Accept": "application/json"}
    )
    told = answer.json()
    assert answer.status_code == 200
    assert (told["state"], told["version"], told["repeated"]) == ("has_findings", 1, False)
    assert told["findings"][0]["kind"] == "score above maximum"
    refused = client.post("/protocols/rus4/edu640001/upload", {}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["refused"]) == (400, "no file")


def test_fault_of_the_engine_is_said_politely_and_the_file_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("oko.engines.forms.read_protocol", broken)
    content = filled.protocol(world)
    submission = send(world, content).submission
    assert submission.state == State.UNREADABLE
    assert "сбой на нашей стороне" in submission.trouble
    assert bytes(submission.file.content) == content


def test_file_with_names_is_not_kept_even_when_reading_it_breaks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("сбой в движке")

    monkeypatch.setattr("oko.engines.forms.read_protocol", broken)
    submission = send(world, filled.with_names(filled.protocol(world))).submission
    assert (submission.state, submission.file) == (State.WITHHELD, None)


def test_killed_between_storing_and_judging_is_judged_by_the_sweeper(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(actions, "judge", die)
        with pytest.raises(Killed):
            send(world, filled.protocol(world))
    waiting = Submission.everything.get()
    assert waiting.state == State.RECEIVED
    assert actions.judge_waiting() == 0, "кто сохранил, тому сначала и проверять"
    Submission.everything.update(received_at=waiting.received_at - 2 * actions.HEAD_START)
    assert actions.judge_waiting() == 1
    assert Submission.everything.get().state == State.ACCEPTED
    assert actions.judge_waiting() == 0


def test_file_that_waits_is_judged_when_it_is_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = filled.protocol(world)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "_judge_at_once", lambda *args: None)
        send(world, content)
    again = send(world, content)
    assert again.repeated
    assert again.submission.state == State.ACCEPTED
