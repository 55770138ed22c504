"""A word to an appointed person: on the home page until it is read, then in the list."""

from __future__ import annotations

from typing import Any

from oko.cabinet.people.models import Notice
from oko.cabinet.people.notices import LONGEST_TEXT, notify


def test_notice_stands_on_the_home_page_until_it_is_read(world: Any) -> None:
    coordinator = world.appointments["municipal"].person
    notice = notify(world.appointments["technician"], "Пришлите приказ.", "/roadmap/", coordinator)
    client = world.client("technician")
    page = client.get("/").content.decode()
    assert "Пришлите приказ." in page
    assert "Сотрудник municipal" in page
    assert f'action="/notices/{notice.pk}/read/"' in page
    assert client.post(f"/notices/{notice.pk}/read/").status_code == 302
    assert "Пришлите приказ." not in client.get("/").content.decode()
    assert "Пришлите приказ." in client.get("/notices/").content.decode()


def test_notice_of_somebody_else_does_not_exist(world: Any) -> None:
    notice = notify(world.appointments["technician"], "Только вам.")
    for who in ("school", "technician2", "municipal", "federal"):
        assert world.client(who).post(f"/notices/{notice.pk}/read/").status_code == 404
        assert "Только вам." not in world.client(who).get("/notices/?export=csv").content.decode()
    notice.refresh_from_db()
    assert notice.read_at is None


def test_many_notices_are_read_at_once_and_first_reading_stays(world: Any) -> None:
    for number in range(5):
        notify(world.appointments["technician"], f"Слово {number}")
    client = world.client("technician")
    home = client.get("/").content.decode()
    assert "Слово 4" in home
    assert "Слово 0" not in home
    assert "Есть ещё непрочитанные извещения" in home
    newest = Notice.everything.order_by("-pk")[0]
    client.post(f"/notices/{newest.pk}/read/")
    first = Notice.everything.get(pk=newest.pk).read_at
    client.post("/notices/read/")
    assert not Notice.everything.filter(read_at=None).exists()
    assert Notice.everything.get(pk=newest.pk).read_at == first
    assert "Непрочитанных нет" in client.get("/notices/").content.decode()


def test_text_that_the_database_would_refuse_is_made_storable(world: Any) -> None:
    notice = notify(world.appointments["technician"], "а\x00" + "б" * 1000)
    assert len(notice.text) == LONGEST_TEXT
    assert notice.text.startswith("аб")
    assert notice.text.endswith("…")
