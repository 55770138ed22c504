"""Looking through the base of organisations and correcting it by hand."""

from __future__ import annotations

import io

import openpyxl
import pytest

from oko.cabinet.organisations.models import Organisation

LYCEUM = {
    "code": "edu640050",
    "kind": "school",
    "name": "Лицей имени Лобачевского",
    "short_name": "Лицей Лобачевского",
    "supervisor": "rcoko64",
    "territory": "mun6401",
    "ownership": "state",
    "settlement": "city",
    "levels": ["ooo", "soo"],
    "time_zone": "Europe/Saratov",
    "delivery_address": "ул. Мира, 5",
    "active": "on",
}


def text(response) -> str:
    return response.content.decode()


def test_list_shows_those_supervised_and_nobody_else(world) -> None:
    page = text(world.client("municipal").get("/organisations/"))
    assert "Школа № 1" in page
    assert "Школа № 2" in page
    assert "Школа № 3" not in page
    assert "Лицей-интернат" not in page, "it stands on the territory but answers to the centre"


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("text=лицей", "Лицей-интернат", "Школа № 1"),
        ("text=edu640003", "Школа № 3", "Школа № 2"),
        ("kind=school&ownership=state", "Лицей-интернат", "Школа № 1"),
        ("active=no", "Таких организаций нет", "edu640001"),
    ],
)
def test_list_is_filtered(world, query: str, shown: str, hidden: str) -> None:
    table = text(world.client("regional").get(f"/organisations/?{query}")).partition("<tbody>")[2]
    assert shown in table
    assert hidden not in table


def test_list_is_filtered_by_supervisor_and_by_territory(world) -> None:
    client = world.client("regional")
    town = world["mun1"].pk
    supervised = text(client.get(f"/organisations/?kind=school&supervisor={town}")).partition("<tbody>")[2]
    standing = text(client.get(f"/organisations/?kind=school&municipality={town}")).partition("<tbody>")[2]
    assert "Лицей-интернат" not in supervised
    assert "Лицей-интернат" in standing


@pytest.mark.parametrize(
    "query",
    [
        "kind=nonsense",
        "supervisor=99999999999999999999",
        "municipality=abc",
        "text=%00",
        "page=-5",
        "sort=nothing",
        "export=exe",
        "text=" + "я" * 5000,
        "active=%00&ownership=%27",
    ],
)
def test_nonsense_in_the_address_is_ignored(world, query: str) -> None:
    assert world.client("regional").get(f"/organisations/?{query}").status_code == 200


def test_export_holds_the_filtered_rows_in_the_layout_of_the_import(world) -> None:
    answer = world.client("regional").get("/organisations/?ownership=state&export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[0][:5] == ("Код", "Вид", "Полное название", "Краткое название", "Код вышестоящей")
    assert [row[0] for row in rows[1:]] == ["edu640004"]


def test_one_goes_down_the_tree_by_links_with_counts(world) -> None:
    client = world.client("federal")
    top = text(client.get("/organisations/own/"))
    assert "/organisations/reg64/" in top
    region = text(client.get("/organisations/reg64/"))
    assert "/organisations/mun6401/" in region
    assert "4\N{NO-BREAK SPACE}школы и организации СПО" in region
    town = text(client.get("/organisations/mun6401/"))
    assert "/organisations/edu640001/" in town
    assert "курирует региональный центр: 1" in town


def test_breadcrumb_goes_up_only_as_far_as_one_sees(world) -> None:
    regional = text(world.client("regional").get("/organisations/edu640001/"))
    municipal = text(world.client("municipal").get("/organisations/edu640001/"))
    assert "/organisations/reg64/" in regional
    assert "/organisations/reg64/" not in municipal
    assert "/organisations/mun6401/" in municipal


@pytest.mark.parametrize("code", ["edu640003", "edu640004", "reg65", "nothing", "edu650005"])
@pytest.mark.parametrize("address", ["/organisations/{}/", "/organisations/{}/change/"])
def test_foreign_organisation_does_not_exist_for_a_municipality(world, code: str, address: str) -> None:
    assert world.client("municipal").get(address.format(code)).status_code == 404


def test_school_corrects_its_address_and_nothing_else(world) -> None:
    client = world.client("school")
    page = text(client.get("/organisations/edu640001/change/"))
    assert 'name="delivery_address"' in page
    assert 'name="short_name"' not in page
    client.post(
        "/organisations/edu640001/change/",
        {"delivery_address": " ул.  Новая, 7 ", "short_name": "Гимназия", "active": ""},
    )
    school = Organisation.everything.get(code="edu640001")
    assert (school.delivery_address, school.short_name, school.active) == ("ул. Новая, 7", "Школа № 1", True)


def test_municipal_coordinator_corrects_a_school_but_not_its_place_in_the_tree(world) -> None:
    client = world.client("municipal")
    answer = client.post(
        "/organisations/edu640001/change/",
        {
            "short_name": "СОШ № 1",
            "settlement": "village",
            "levels": ["soo", "noo"],
            "delivery_address": "",
            "supervisor": "rcoko64",
            "ownership": "private",
        },
    )
    school = Organisation.everything.get(code="edu640001")
    assert answer.status_code == 302
    assert (school.short_name, school.settlement, school.levels) == ("СОШ № 1", "village", ["noo", "soo"])
    assert (school.supervisor_id, school.ownership) == (world["mun1"].pk, "municipal")
    assert school.sort_key.startswith("сош")


@pytest.mark.parametrize("who", ["teacher", "analyst"])
def test_reader_may_not_change_what_one_sees(world, who: str) -> None:
    client = world.client(who)
    assert client.get("/organisations/edu640001/").status_code == 200
    assert client.get("/organisations/edu640001/change/").status_code == 403


@pytest.mark.parametrize("who", ["municipal", "responsible", "school", "teacher", "analyst"])
@pytest.mark.parametrize("address", ["/organisations/new/", "/organisations/import/"])
def test_only_region_and_federation_add_organisations(world, who: str, address: str) -> None:
    assert world.client(who).get(address).status_code == 403


def test_regional_coordinator_enters_a_lyceum_under_the_centre(world) -> None:
    answer = world.client("regional").post("/organisations/new/", LYCEUM)
    made = Organisation.everything.get(code="edu640050")
    assert answer.headers["Location"] == "/organisations/edu640050/"
    assert (made.supervisor_id, made.region_id, made.municipality_id) == (
        world["centre"].pk,
        world["region"].pk,
        world["mun1"].pk,
    )
    assert made.code in {o.code for o in Organisation.objects.visible_to(world.acting("responsible"))}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"supervisor": "mun6401"}, "ответственный координатор"),
        ({"code": "edu640001"}, "уже занят"),
        ({"code": "ЛИЦЕЙ"}, "латинские буквы"),
        ({"supervisor": "mun6501"}, "нет или она вам не видна"),
        ({"territory": "mun6501"}, "нет или он вам не виден"),
        ({"territory": ""}, "Укажите территорию"),
        ({"name": " "}, "Обязательное поле"),
        ({"name": "а\x00б"}, "errorlist"),
        ({"time_zone": "Asia/Nowhere"}, "Asia/Nowhere"),
        ({"kind": "region"}, "region"),
    ],
)
def test_refused_organisation_says_why_at_the_field_and_stores_nothing(
    world, change: dict[str, str], said: str
) -> None:
    answer = world.client("regional").post("/organisations/new/", LYCEUM | change)
    assert answer.status_code == 200
    assert said in text(answer)
    assert not Organisation.everything.filter(name__contains="Лобачевск").exists()


def test_school_moves_to_another_municipality_and_out_of_sight_of_the_first(world) -> None:
    page = {
        "kind": "school",
        "name": "Школа № 1",
        "short_name": "Школа № 1",
        "supervisor": "mun6402",
        "territory": "mun6402",
        "ownership": "municipal",
        "settlement": "",
        "time_zone": "Europe/Moscow",
        "active": "on",
    }
    assert world.client("regional").post("/organisations/edu640001/change/", page).status_code == 302
    assert world.client("municipal").get("/organisations/edu640001/").status_code == 404
    assert world.client("municipal2").get("/organisations/edu640001/").status_code == 200


def test_region_cannot_close_itself(world) -> None:
    page = text(world.client("regional").get("/organisations/reg64/change/"))
    assert 'name="delivery_address"' in page
    assert 'name="active"' not in page


def test_menu_names_ones_own_organisation_for_a_school(world) -> None:
    assert "Моя организация" in text(world.client("school").get("/"))
    assert "Моя организация" not in text(world.client("municipal").get("/"))
    assert text(world.client("school").get("/organisations/own/")).count("edu640001") > 0


def test_those_below_stand_in_russian_order(world) -> None:
    table = text(world.client("regional").get("/organisations/reg64/")).partition("<tbody>")[2]
    names = [table.index(name) for name in ("Заречный район", "Приреченский район", "РЦОКО")]
    assert names == sorted(names)
    assert "Муниципалитет" in table


def test_federal_organiser_first_chooses_a_region_and_then_what_is_in_it(world) -> None:
    client = world.client("federal")
    before = text(client.get("/organisations/"))
    assert f'<option value="{world["region2"].pk}"' in before
    assert f'<option value="{world["mun3"].pk}"' not in before
    after = text(client.get(f"/organisations/?region={world['region2'].pk}"))
    assert f'<option value="{world["mun3"].pk}"' in after
    assert "edu650005" in after
    assert "edu640001" not in after
