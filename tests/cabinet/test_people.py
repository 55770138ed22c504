"""Signing in, acting in one appointment at a time, and reading only through it."""

from __future__ import annotations

import pytest

from oko.cabinet.foundation.guarded import UnscopedAccessError
from oko.cabinet.organisations.models import Organisation


def test_guarded_model_refuses_to_be_read_without_saying_for_whom(world) -> None:
    with pytest.raises(UnscopedAccessError):
        Organisation.objects.all()
    with pytest.raises(UnscopedAccessError):
        list(world["mun1"].supervised.all())


def test_coordinator_sees_those_supervised_and_no_others(world) -> None:
    municipal = {o.code for o in Organisation.objects.visible_to(world.acting("municipal"))}
    responsible = {o.code for o in Organisation.objects.visible_to(world.acting("responsible"))}
    assert municipal == {"mun6401", "edu640001", "edu640002"}
    assert responsible == {"rcoko64", "edu640004"}, "a state school answers to the centre, not to its municipality"


def test_home_page_asks_a_stranger_to_sign_in(client, world) -> None:
    assert client.get("/").headers["Location"].startswith("/sign-in/")


def test_home_page_says_for_whom_one_acts(world) -> None:
    page = world.client("technician").get("/").content.decode()
    assert "Школа № 1" in page
    assert "Технический специалист" in page
