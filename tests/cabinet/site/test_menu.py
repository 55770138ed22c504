"""The menu: a row of rooms, and inside a room the row of its pages."""

from __future__ import annotations

from oko.cabinet.foundation.registry import menu_for
from tests.cabinet.conftest import World


def test_pages_about_people_stand_in_one_room(world: World) -> None:
    menu = menu_for(world.acting("municipal"), "/people/")
    assert [str(line.title) for line in menu.main if line.current] == ["Люди и доступ"]
    assert [str(line.title) for line in menu.room if line.current] == ["Телефоны"]
    assert len(menu.room) > 2


def test_outside_the_room_there_is_no_second_row(world: World) -> None:
    menu = menu_for(world.acting("municipal"), "/roadmap/")
    assert [str(line.title) for line in menu.main if line.current] == ["План-график"]
    assert menu.room == []


def test_room_of_which_one_sees_nothing_is_not_offered(world: World) -> None:
    menu = menu_for(world.acting("teacher"), "/")
    assert "Люди и доступ" not in [str(line.title) for line in menu.main]
