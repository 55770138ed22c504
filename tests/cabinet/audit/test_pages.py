"""The journal read: by the federation and the regions as a whole, by a school what concerns it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit import journal, queries
from oko.cabinet.audit.models import Event
from oko.cabinet.audit.recording import record
from oko.cabinet.audit.verbs import RECORDED, Sort, recorded
from oko.cabinet.people.models import Account
from tests.cabinet.audit.conftest import seal
from tests.cabinet.conftest import World

PAGE, OWN = "/audit/", "/audit/own/"


@pytest.fixture(autouse=True)
def _verb() -> Iterator[None]:
    recorded("audit.tried", Sort.CHANGE, _("Назначен человек на пробу"))
    yield
    RECORDED.pop("audit.tried")


def did(world: World, who: str, where: str, what: str = "audit.tried", **told: Any) -> Event:
    person = world.appointments[who]
    return record(what, acting=person.acting(), account=person.person, organisation=world[where], **told)


def text_of(world: World, who: str, address: str) -> str:
    answer = world.client(who).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_region_reads_its_own_events_and_no_others(world: World) -> None:
    mine, theirs = did(world, "municipal", "school1"), did(world, "regional2", "school5")
    text = text_of(world, "regional", PAGE)
    assert f"{PAGE}{mine.pk}/" in text
    assert "Назначен человек на пробу" in text
    assert "Муниципальный координатор, Приреченский район" in text
    assert "Школа № 1 (edu640001)" in text
    assert f"{PAGE}{theirs.pk}/" not in text
    assert f"{PAGE}{theirs.pk}/" in text_of(world, "federal", PAGE)


@pytest.mark.parametrize("who", ["municipal", "school", "technician", "teacher", "analyst"])
def test_journal_is_for_the_federal_and_regional_level(world: World, who: str) -> None:
    assert world.client(who).get(PAGE).status_code == 403


def test_filters(world: World) -> None:
    first = did(world, "municipal", "school1")
    second = did(world, "regional", "school3", journal.FILE_TAKEN)

    def found(query: str) -> set[int]:
        text = text_of(world, "federal", f"{PAGE}?{query}")
        return {event.pk for event in (first, second) if f"{PAGE}{event.pk}/" in text}

    assert found("") == {first.pk, second.pk}
    assert found("person=municipal") == {first.pk}
    assert found("person=Сотрудник+regional") == {second.pk}
    assert found("role=regional_coordinator") == {second.pk}
    assert found("organisation=EDU640001") == {first.pk}
    assert found("organisation=edu999999") == set()
    assert found("sort=download") == {second.pk}
    assert found("verb=назначен+пробу") == {first.pk}
    assert found("since=2020-01-01&until=2099-01-01") == {first.pk, second.pk}
    assert found("until=2020-01-01") == set()


@pytest.mark.parametrize(
    "query",
    [
        "since=вчера&until=0001-01-01",
        "since=0001-01-01&until=9999-12-31",
        "role=king&sort=x",
        "person=%00&verb=%00&organisation=%00",
        f"before={10**30}",
        "before=-1&after=x",
        f"before={2**63}",
        "after=0",
        f"verb={'а' * 500}",
        "export=pdf",
    ],
)
def test_nonsense_in_the_address_breaks_nothing(world: World, query: str) -> None:
    did(world, "municipal", "school1")
    assert world.client("federal").get(f"{PAGE}?{query}").status_code == 200
    assert world.client("school").get(f"{OWN}?{query}").status_code == 200
    assert world.client("federal").get(f"{PAGE}{2**70}/").status_code == 404


def test_paging_goes_there_and_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    monkeypatch.setattr(queries, "MOST_COUNTED", 4)
    made = [did(world, "municipal", "school1").pk for _n in range(5)]
    mine = Event.objects.visible_to(world.acting("federal"))
    newest = queries.page_of(mine)
    assert [line.event.pk for line in newest.lines] == [made[4], made[3]]
    assert (newest.newer, newest.older) == (None, made[3])
    assert (newest.count, newest.more) == (4, True)
    middle = queries.page_of(mine, before=str(newest.older))
    assert [line.event.pk for line in middle.lines] == [made[2], made[1]]
    last = queries.page_of(mine, before=str(middle.older))
    assert [line.event.pk for line in last.lines] == [made[0]]
    assert last.older is None
    back = queries.page_of(mine, after=str(last.newer))
    assert [line.event.pk for line in back.lines] == [made[2], made[1]]
    assert queries.page_of(mine, after=str(back.newer)).newer is None


def test_page_asks_the_same_number_of_questions_whatever_its_length(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        did(world, ["municipal", "regional", "federal"][number % 3], ["school1", "school2"][number % 2])
    with django_assert_max_num_queries(4):
        queries.page_of(Event.objects.visible_to(world.acting("federal")))


def test_event_shows_what_was_and_what_is_in_words(world: World, audit_root: Any) -> None:
    appointment = world.appointments["school"]
    made = did(
        world,
        "municipal",
        "school1",
        on=appointment,
        before={"state": "proposed", "room": ""},
        after={"state": "confirmed", "room": "", "subjects": ["химия"], "signed": True},
    )
    page = f"{PAGE}{made.pk}/"
    waiting = text_of(world, "federal", page)
    assert "Ждёт печати" in waiting
    for words in ("предложено", "действует", "аудитория", "химия", "Было и стало", "назначение №"):
        assert words in waiting
    assert "{" not in waiting.partition("<main")[2].partition("</main>")[0]
    seal()
    assert "звено 1" in text_of(world, "federal", page)


def test_event_outside_is_as_one_that_does_not_exist(world: World) -> None:
    theirs = did(world, "regional2", "school5")
    client = world.client("regional")
    there, nowhere = client.get(f"{PAGE}{theirs.pk}/"), client.get(f"{PAGE}999999999/")
    assert there.status_code == nowhere.status_code == 404


def test_school_sees_who_from_outside_looked_at_its_data(world: World) -> None:
    assert "Никто из других организаций" in text_of(world, "school", OWN)
    did(world, "municipal", "school1", journal.FILE_TAKEN)
    did(world, "technician", "school1", journal.FILE_TAKEN)
    did(world, "municipal", "school2", journal.JOURNAL_EXPORTED)
    text = text_of(world, "school", OWN)
    assert "Муниципальный координатор, Приреченский район" in text
    assert "Скачан файл" in text
    assert "Технический специалист, Школа № 1" not in text.partition("<main")[2]
    assert "Выгружен журнал" not in text
    assert "Таких событий нет" in text_of(world, "school", f"{OWN}?sort=secret")


def test_reading_and_taking_the_journal_are_recorded(world: World) -> None:
    text_of(world, "regional", f"{PAGE}?role=expert")
    text_of(world, "regional", f"{PAGE}?export=csv")
    text_of(world, "school", OWN)
    assert world.client("school").get(f"{OWN}?export=xlsx").status_code == 200
    recorded_ = [json.loads(event.body) for event in Event.everything.order_by("pk")]
    assert [body["verb"] for body in recorded_] == [
        journal.JOURNAL_READ,
        journal.JOURNAL_EXPORTED,
        journal.OWN_READERS_READ,
        journal.OWN_READERS_EXPORTED,
    ]
    assert recorded_[0]["after"] == {"role": "expert"}


def test_table_is_exported_with_the_filters(world: World) -> None:
    did(world, "municipal", "school1")
    did(world, "regional", "school3", journal.FILE_TAKEN)
    table = world.client("federal").get(f"{PAGE}?export=csv&sort=download").content.decode("utf-8-sig")
    assert "Скачан файл" in table
    assert "на пробу" not in table
    own = world.client("school").get(f"{OWN}?export=csv").content.decode("utf-8-sig")
    assert "Сетевой адрес" in table
    assert "Сетевой адрес" not in own, "from which network others work is no business of a school"


def test_event_of_things_that_no_longer_exist_is_shown(world: World) -> None:
    gone = record(
        "audit.tried", acting=world.acting("municipal"), account=Account(username="x", full_name="Y")
    )
    RECORDED.pop("audit.tried")
    assert "audit.tried" in text_of(world, "federal", f"{PAGE}{gone.pk}/")
    recorded("audit.tried", Sort.CHANGE, _("Назначен человек на пробу"))
