"""Every page answers everybody appointed, whatever stands in the address; what is not for a role says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

PAGES = (
    "roadmap",
    "exceptions",
    "exception-new",
    "board",
    "call-list",
    "assessment",
    "papers-import",
    "publications",
    "news-new",
    "document-new",
    "step-new",
    "public-news",
)
FORBIDDEN = {
    "school": {
        "exceptions",
        "exception-new",
        "board",
        "call-list",
        "papers-import",
        "news-new",
        "document-new",
        "step-new",
    },
    "teacher": {
        "exceptions",
        "exception-new",
        "board",
        "call-list",
        "papers-import",
        "news-new",
        "document-new",
        "step-new",
    },
    "municipal": {"exception-new", "papers-import", "news-new", "document-new", "step-new"},
    "responsible": {"exception-new", "papers-import", "news-new", "document-new", "step-new"},
    "analyst": {"exception-new", "call-list", "papers-import", "news-new", "document-new", "step-new"},
    "regional": {"papers-import", "step-new"},
    "federal": set(),
}
NONSENSE = (
    "step=abc",
    "step=99999999999999999999",
    "state=%00",
    "q=%00%FF",
    "sort=-x",
    "page=-1",
    "page=x",
    "view=%00",
    "kind=%00",
    "which=x",
    "organisation=%00",
    "export=pdf",
    "under=",
    "page=999999999999999999999",
    "sort=%00",
)


@pytest.mark.parametrize("who", FORBIDDEN)
def test_page_opens_only_for_roles_that_need_it(world: Any, who: str) -> None:
    client = world.client(who)
    refused = {page for page in PAGES if client.get(reverse(page)).status_code == 403}
    assert refused == FORBIDDEN[who]
    assert all(client.get(reverse(page)).status_code in (200, 403) for page in PAGES)


@pytest.mark.parametrize(
    "page", ["roadmap", "exceptions", "exception-new", "board", "call-list", "publications"]
)
def test_page_survives_any_query(world: Any, page: str) -> None:
    client = world.client("regional")
    for query in NONSENSE:
        assert client.get(f"{reverse(page)}?{query}").status_code in (200, 404), query


def test_unknown_and_impossible_codes_are_not_found(world: Any) -> None:
    client = world.client("federal")
    for address in (
        "/papers/nope/",
        "/papers/%00/",
        "/board/%00/",
        "/board/nope/",
        "/documents/99999999999999999999/",
        "/roadmap/99999999999999999999/",
        "/exceptions/99999999999999999999/end/",
        "/board/?under=nope",
        "/board/?under=%00",
        "/news/0/",
    ):
        expected = 200 if address == "/board/?under=%00" else 404
        assert client.get(address).status_code == expected, address


def test_home_page_of_each_role_answers_its_question(world: Any) -> None:
    def home(who: str) -> str:
        return world.client(who).get("/").content.decode()

    assert "Загрузите электронные протоколы: 2" in home("technician")
    assert "Принято 0 из 4; не хватает 4" not in home("municipal"), "it supervises two schools, not four"
    assert "Принято 0 из 2; не хватает 2" in home("municipal")
    assert "Кому звонить" in home("regional")
    assert "Ход сбора данных" in home("analyst")
    assert "Результаты вашей организации" in home("teacher")
    assert "Загрузите" not in home("teacher")
