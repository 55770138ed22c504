"""Documents of a role: opened and confirmed by each person; who has not is seen from above and reminded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from oko.cabinet.assessments import readings
from oko.cabinet.assessments.models import Document, DocumentReading, RoadmapStep, StepProgress
from oko.cabinet.audit.models import Event
from oko.cabinet.foundation import clock
from oko.cabinet.people.models import Account, Appointment, Notice, Role

PDF = b"%PDF-1.7 order"
STAFF = [Role.TECHNICAL_SPECIALIST, Role.SCHOOL_COORDINATOR]


def publish(world: Any, title: str = "Инструкция", who: str = "federal", **fields: Any) -> Document:
    form = {"title": title, "roles": STAFF, "to_confirm": "on", "file": SimpleUploadedFile("a.pdf", PDF)}
    assert world.client(who).post("/documents/new/", {**form, **fields}).status_code == 302
    found: Document = Document.everything.get(title=title)
    return found


def read(world: Any, document: Document, who: str, *, confirm: bool = True) -> None:
    client = world.client(who)
    assert client.get(f"/documents/{document.pk}/").content == bytes(document.content)
    if confirm:
        client.post(f"/documents/{document.pk}/confirm/")


def confirmed_by(document: Document) -> set[str]:
    marks = DocumentReading.everything.filter(document=document, confirmed_at__isnull=False)
    return set(marks.values_list("appointment__person__username", flat=True))


def names(page: Any) -> set[str]:
    return {row.record.person.username for row in page.context["table"].rows}


def test_document_is_confirmed_only_after_it_was_opened(world: Any) -> None:
    document = publish(world)
    client = world.client("technician")
    assert "Ознакомьтесь: 1\u00a0документ" in client.get("/").content.decode()
    page = client.post(f"/documents/{document.pk}/confirm/", follow=True)
    assert "Сначала откройте документ" in page.content.decode()
    assert confirmed_by(document) == set()
    client.get(f"/documents/{document.pk}/")
    assert "Открыт, не подтверждён" in client.get("/publications/").content.decode()
    client.post(f"/documents/{document.pk}/confirm/")
    assert confirmed_by(document) == {"technician"}
    assert "Ознакомьтесь" not in client.get("/").content.decode()
    assert "Ознакомлен(а)" in client.get("/publications/").content.decode()


def test_second_opening_and_confirmation_change_nothing(world: Any) -> None:
    document = publish(world)
    read(world, document, "technician")
    first = DocumentReading.everything.get()
    read(world, document, "technician")
    again = DocumentReading.everything.get()
    assert (again.opened_at, again.confirmed_at) == (first.opened_at, first.confirmed_at)


def test_replaced_file_is_confirmed_anew(world: Any) -> None:
    document = publish(world)
    read(world, document, "technician")
    form = {"title": "Инструкция", "roles": STAFF, "to_confirm": "on"}
    federal = world.client("federal")
    federal.post(f"/documents/{document.pk}/edit/", {**form, "title": "Инструкция (новое название)"})
    assert names(world.client("school").get("/documents/readings/")) == {"school"}, (
        "a new title changes nothing"
    )
    federal.post(f"/documents/{document.pk}/edit/", {**form, "file": SimpleUploadedFile("b.pdf", PDF + b"2")})
    assert names(world.client("school").get("/documents/readings/")) == {"school", "technician"}
    assert "Файл заменён" in world.client("technician").get("/publications/").content.decode()
    document.refresh_from_db()
    read(world, document, "technician")
    assert names(world.client("school").get("/documents/readings/")) == {"school"}


def test_document_of_another_role_or_region_is_not_confirmed(world: Any) -> None:
    document = publish(world, to_confirm="on")
    assert world.client("teacher").post(f"/documents/{document.pk}/confirm/").status_code == 404
    assert world.client("federal").post(f"/documents/{document.pk}/confirm/").status_code == 403
    ours = publish(world, "Приказ области", who="regional", roles=[])
    assert world.client("regional2").post(f"/documents/{ours.pk}/confirm/").status_code == 404
    for_information = Document.everything.create(
        assessment=world.assessment, title="Справка", filename="a.pdf", content=PDF, to_confirm=False,
        published_at=clock.now(),
    )  # fmt: skip
    assert world.client("technician").post(f"/documents/{for_information.pk}/confirm/").status_code == 403


def test_each_level_sees_its_own_people(world: Any) -> None:
    publish(world)
    seen = {
        who: names(world.client(who).get("/documents/readings/"))
        for who in ("federal", "regional", "municipal", "municipal2", "responsible", "school", "regional2")
    }
    assert seen["federal"] == seen["regional"] == {"school", "technician", "technician2", "technician3"}
    assert seen["municipal"] == {"school", "technician", "technician2"}
    assert seen["municipal2"] == {"technician3"}
    assert seen["school"] == {"school", "technician"}
    assert seen["responsible"] == seen["regional2"] == set()
    for who in ("technician", "teacher", "analyst"):
        assert world.client(who).get("/documents/readings/").status_code == 403


def test_filters_narrow_the_table_and_nonsense_is_ignored(world: Any) -> None:
    first, second = publish(world), publish(world, "Памятка", roles=[Role.SCHOOL_COORDINATOR])
    read(world, first, "technician")
    read(world, first, "school", confirm=False)
    client = world.client("municipal")

    def found(query: str) -> set[str]:
        return names(client.get(f"/documents/readings/?{query}"))

    assert found("") == {"school", "technician2"}
    assert found("state=done") == {"technician"}
    assert found("state=all") == {"school", "technician", "technician2"}
    assert found("state=opened") == {"school"}
    assert found("state=unopened") == {"school", "technician2"}, "the second document is not opened"
    assert found(f"document={second.pk}") == {"school"}
    assert found("role=technical_specialist") == {"technician2"}
    assert found("organisation=edu640002") == {"technician2"}
    assert found("q=school") == {"school"}
    assert found("document=99999999999999999999999&state=чушь&role=%00&q=%00") == set()
    exported = client.get("/documents/readings/?export=csv").content.decode("utf-8-sig")
    assert "Памятка — не открыт" in exported
    assert "Инструкция — открыт, не подтверждён" in exported


def test_all_selected_are_reminded_once_a_day(world: Any) -> None:
    document = publish(world)
    read(world, document, "technician")
    client = world.client("municipal")
    page = client.post("/documents/readings/remind/", {}, follow=True)
    assert "человек: 2" in page.content.decode()
    assert set(Notice.everything.values_list("appointment__person__username", flat=True)) == {
        "school",
        "technician2",
    }
    assert "Осталось: 1" in world.client("technician2").get("/").content.decode()
    again = world.client("regional").post("/documents/readings/remind/", {}, follow=True)
    assert "отправлено, человек: 1" in again.content.decode(), "only the one whom nobody has reminded today"
    assert "меньше суток назад, человек: 2" in again.content.decode()
    Notice.everything.update(sent_at=clock.now() - timedelta(days=1, minutes=1))
    client.post("/documents/readings/remind/", {"organisation": "edu640002"})
    assert Notice.everything.count() == 4
    assert world.client("technician").post("/documents/readings/remind/").status_code == 403


def test_coordinators_home_page_counts_those_behind(world: Any) -> None:
    document = publish(world)
    read(world, document, "technician")
    assert "Не ознакомились: 2 из 3" in world.client("municipal").get("/").content.decode()
    assert "Не ознакомились: 3 из 4" in world.client("regional").get("/").content.decode()
    assert "Не ознакомились" not in world.client("responsible").get("/").content.decode()


def test_reading_step_says_how_many_people_confirmed(world: Any) -> None:
    step = RoadmapStep.everything.create(
        assessment=world.assessment,
        position=9,
        title="Ознакомиться",
        action=RoadmapStep.Action.READ,
        roles=STAFF,
        opens=clock.now().replace(tzinfo=None) - timedelta(days=2),
        closes=clock.now().replace(tzinfo=None) + timedelta(days=2),
    )
    read(world, publish(world), "technician")
    world.client("school").post(f"/roadmap/{step.pk}/confirm/")
    note = StepProgress.everything.get(step=step).note
    assert note == "Сотрудник school; с документами ознакомились 1 из 2"


def test_ended_appointments_and_closed_accounts_are_not_waited_for(world: Any) -> None:
    publish(world)
    Appointment.everything.filter(pk=world.appointments["technician"].pk).update(state="withdrawn")
    Account.objects.filter(username="technician2").update(is_active=False)
    assert names(world.client("municipal").get("/documents/readings/")) == {"school"}


def test_events_say_who_opened_and_confirmed(world: Any) -> None:
    document = publish(world)
    read(world, document, "technician")
    verbs = list(Event.everything.order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "assessments.document_published",
        "assessments.document_opened",
        "assessments.document_confirmed",
    ]


@pytest.mark.parametrize("many", [3, 30])
def test_three_thousand_people_cost_as_many_queries_as_three(
    world: Any, many: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        publish(world, f"Документ {number}")
    people = Account.objects.bulk_create(Account(username=f"p{n}", full_name=f"П. {n}") for n in range(many))
    Appointment.everything.bulk_create(
        Appointment(
            person=person, role=Role.TECHNICAL_SPECIALIST, organisation=world["school1"],
            assessment=world.assessment,
        )
        for person in people
    )  # fmt: skip
    client = world.client("municipal")
    with django_assert_max_num_queries(14):
        page = client.get("/documents/readings/")
    assert len(page.context["table"].rows) == many + 3
    with django_assert_max_num_queries(17):
        client.post("/documents/readings/remind/")
    assert Notice.everything.count() == many + 3
    assert readings.behind(world.acting("municipal")) == (many + 3, many + 3)
