"""A school sends many files at once, and of some nobody can say what they are: none of them is lost."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from oko.cabinet.assessments.models import Participation
from oko.cabinet.exchange.models import StoredFile, Submission, UnsortedFile
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled

PICTURE = b"\xff\xd8\xff\xe0 not a table"


def send_all(world: World, *files: tuple[str, bytes], who: str = "technician") -> str:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    page = world.client(who).post("/protocols/upload/", {"files": sent})
    assert page.status_code == 200
    return page.content.decode()


def book(*rows: tuple[Any, ...]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def foreign_to_all_papers(world: World) -> bytes:
    """A good protocol of a paper that this school does not write, as far as the cabinet knows."""
    content = filled.protocol(world, paper="mat4")
    Participation.everything.filter(paper=world.papers["mat4"]).delete()
    return content


def test_file_that_cannot_be_read_is_kept_byte_for_byte_and_listed(world: World) -> None:
    page = send_all(world, ("фото.jpg", PICTURE))
    kept = UnsortedFile.everything.get()
    assert bytes(kept.file.content) == PICTURE
    assert (kept.filename, kept.size) == ("фото.jpg", len(PICTURE))
    assert kept.sender == world.appointments["technician"].person
    assert "Это не электронная таблица" in page
    assert "Не разобраны" in page
    original = world.client("technician").get(f"/unsorted/{kept.pk}/original")
    assert original.content == PICTURE
    assert original.headers["Content-Type"] == "application/octet-stream"


def test_protocol_of_no_known_paper_is_kept_with_the_reason(world: World) -> None:
    page = send_all(world, ("п.xlsx", foreign_to_all_papers(world)))
    assert "какой работы этот протокол" in UnsortedFile.everything.get().trouble
    assert not Submission.everything.exists()
    assert "выберите его работу ниже" in page


def test_same_bytes_twice_are_one_row(world: World) -> None:
    send_all(world, ("1.jpg", PICTURE), ("2.jpg", PICTURE))
    send_all(world, ("3.jpg", PICTURE), who="school")
    assert UnsortedFile.everything.get().filename == "1.jpg"
    send_all(world, ("4.jpg", PICTURE), who="technician2")
    assert UnsortedFile.everything.count() == 2, "у другой школы это её собственный файл"
    assert StoredFile.objects.count() == 1


def test_list_of_names_is_not_kept(world: World) -> None:
    content = book(("Список класса",), ("Петров Пётр",), ("Сидорова Анна",), ("Орлов Иван",))
    page = send_all(world, ("список.xlsx", content))
    kept = UnsortedFile.everything.get()
    assert (kept.file, kept.sha256) == (None, hashlib.sha256(content).hexdigest())
    assert not StoredFile.objects.exists()
    assert "столбец с именами" in page
    assert "Петров" not in kept.trouble + page
    client = world.client("technician")
    assert client.get(f"/unsorted/{kept.pk}/original").status_code == 404
    answer = client.post(f"/unsorted/{kept.pk}/sort", {"paper": "rus4"}, follow=True)
    assert "Отправьте файл без него" in answer.content.decode()
    assert not Submission.everything.exists()


def test_protocol_with_names_of_no_known_paper_is_not_kept(world: World) -> None:
    send_all(world, ("п.xlsx", filled.with_names(foreign_to_all_papers(world))))
    assert UnsortedFile.everything.get().file is None
    assert not StoredFile.objects.exists()


def test_fault_of_the_engine_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    content = filled.protocol(world)
    with monkeypatch.context() as patch:
        patch.setattr("oko.engines.forms.read_protocol", broken)
        send_all(world, ("п.xlsx", content))
        assert bytes(UnsortedFile.everything.get().file.content) == content
        named = filled.with_names(content)
        send_all(world, ("имена.xlsx", named))
    assert UnsortedFile.everything.get(filename="имена.xlsx").file is None


def sort(world: World, paper: str, who: str = "technician") -> Any:
    pk = UnsortedFile.everything.get().pk
    return world.client(who).post(f"/unsorted/{pk}/sort", {"paper": paper}, follow=True)


def test_one_choice_makes_it_a_version_of_that_paper(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from oko.cabinet.exchange import judging

    content = filled.protocol(world)
    with monkeypatch.context() as patch:
        patch.setattr(judging, "recognise", lambda *args: judging.Recognition(trouble="Непонятно."))
        page = send_all(world, ("п.xlsx", content))
    assert '<option value="rus4">' in page
    page = sort(world, "rus4")
    version = Submission.everything.get()
    assert (version.state, version.paper.code) == ("accepted", "rus4")
    assert bytes(version.file.content) == content
    assert page.redirect_chain[-1][0] == f"/submissions/{version.pk}/"
    assert UnsortedFile.everything.get().sorted_as == version
    assert "Не разобраны" not in world.client("technician").get("/protocols/").content.decode()
    assert "уже отнесён" in sort(world, "mat4").content.decode()
    assert Submission.everything.count() == 1


def test_sent_once_more_it_is_the_version_that_it_became(world: World) -> None:
    send_all(world, ("фото.jpg", PICTURE))
    sort(world, "rus4")
    assert Submission.everything.get().state == "unreadable"
    page = send_all(world, ("фото.jpg", PICTURE))
    assert "Этот файл уже был отправлен" in page
    assert "Не разобраны" not in page


@pytest.mark.parametrize("paper", ["", "нет", "a\x00b", "bio9"])
def test_choice_of_no_paper_is_asked_again(world: World, paper: str) -> None:
    send_all(world, ("фото.jpg", PICTURE))
    assert "Выберите, какой работы" in sort(world, paper).content.decode()
    assert not Submission.everything.exists()


def test_closed_step_refuses_and_the_file_stays(world: World) -> None:
    from tests.cabinet.exchange.test_who_and_when import set_term, wall

    set_term(world, opens=wall(days=-3), closes=wall(days=-1))
    send_all(world, ("фото.jpg", PICTURE))
    assert "Срок истёк" in sort(world, "rus4").content.decode()
    assert UnsortedFile.everything.get().sorted_as is None


def test_what_is_no_protocol_is_set_aside_and_comes_back_when_sent_again(world: World) -> None:
    send_all(world, ("фото.jpg", PICTURE))
    kept = UnsortedFile.everything.get()
    client = world.client("technician")
    page = client.post(f"/unsorted/{kept.pk}/set-aside", follow=True).content.decode()
    assert "«фото.jpg» убран из списка" in page
    assert "Это работа" not in page
    assert UnsortedFile.everything.get().set_aside_by == world.appointments["technician"].person
    assert bytes(StoredFile.objects.get().content) == PICTURE
    assert "Это работа" in send_all(world, ("фото.jpg", PICTURE))


def test_coordinator_sees_how_many_and_which(world: World) -> None:
    send_all(world, ("фото.jpg", PICTURE))
    send_all(world, ("чужое.jpg", PICTURE + b"!"), who="technician3")
    client = world.client("municipal")
    assert "Не разобраны: 1\xa0файл" in client.get("/protocols/").content.decode()
    page = client.get("/protocols/unsorted/").content.decode()
    assert "фото.jpg" in page
    assert "чужое.jpg" not in page
    rows = client.get("/protocols/unsorted/?export=csv").content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("Школа № 1;фото.jpg;Это не электронная таблица")
    assert "Не разобраны: 2" in world.client("regional").get("/protocols/").content.decode()
    assert "Не разобраны" not in world.client("responsible").get("/protocols/").content.decode()


def test_nobody_else_sees_or_sorts_them(world: World) -> None:
    send_all(world, ("фото.jpg", PICTURE))
    pk = UnsortedFile.everything.get().pk
    for who in ("technician2", "municipal2", "regional2"):
        assert world.client(who).get(f"/unsorted/{pk}/original").status_code == 404
        for what in ("sort", "set-aside"):
            assert world.client(who).post(f"/unsorted/{pk}/{what}", {"paper": "rus4"}).status_code == 404
    for what in ("sort", "set-aside"):
        answer = world.client("analyst").post(f"/unsorted/{pk}/{what}", {"paper": "rus4"})
        assert answer.status_code == 403
    assert UnsortedFile.everything.get().set_aside_at is None
    assert world.client("teacher").get("/protocols/unsorted/").status_code == 403


def test_many_files_do_not_ask_for_each_paper_anew(world: World, django_assert_max_num_queries: Any) -> None:
    client = world.client("technician")
    files = [SimpleUploadedFile(f"{n}.jpg", PICTURE + bytes([n])) for n in range(10)]
    with django_assert_max_num_queries(120 + len(files)):  # with an event of each file that is kept
        client.post("/protocols/upload/", {"files": files})
    assert UnsortedFile.everything.count() == 10
