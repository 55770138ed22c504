"""The rehearsal clock: set by the region or the federation, for a training only, and asked everywhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import oko.cabinet
from oko.cabinet.assessments.models import Assessment
from oko.cabinet.foundation import clock

PAGE = "/assessment/clock/"

#: Modules that ask for real time, and why they may.
REAL_TIME = {
    "foundation/clock.py": "it is the clock",
    "organisations/actions.py": "drafts of imports are thrown away after some real hours",
    "people/templatetags/people.py": "a locked account opens again after some real minutes",
    "audit/recording.py": "the journal keeps real time, also of a rehearsal",
    "site/demo/season.py": "the demonstration builds its season around the real day",
    "foundation/templatetags/oko.py": "the offset of a zone without a name; `until` where no moment is given",
}


def make_training(world: Any) -> None:
    world.assessment.is_training = True
    world.assessment.save()


def offset(world: Any) -> timedelta | None:
    return Assessment.everything.get(pk=world.assessment.pk).rehearsal_offset


@pytest.mark.parametrize("who", ["federal", "regional"])
def test_organiser_sets_the_clock_and_gives_it_back(world: Any, who: str) -> None:
    make_training(world)
    client = world.client(who)
    assert "Тренировка идёт по настоящему времени" in client.get(PAGE).content.decode()
    client.post(PAGE, {"set": "1", "to": "2026-04-20T07:59"})
    there = clock.now() + (offset(world) or timedelta())
    assert abs(there - datetime(2026, 4, 20, 4, 59, tzinfo=UTC)) < timedelta(minutes=2)
    assert "Сейчас на репетиционных часах</strong>" not in client.get(PAGE).content.decode()
    assert "20.04.2026, 07:59 по Москве" in client.get(PAGE).content.decode()
    assert "откроется 21.04.2026, 08:00" in world.client("technician").get("/roadmap/").content.decode()
    client.post(PAGE, {"real": "1"})
    assert offset(world) is None


def test_real_assessment_has_no_rehearsal_clock(world: Any) -> None:
    client = world.client("federal")
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"set": "1", "to": "2026-04-20T07:59"}).status_code == 403


@pytest.mark.parametrize("who", ["municipal", "technician", "analyst"])
def test_nobody_else_sets_the_clock(world: Any, who: str) -> None:
    make_training(world)
    assert world.client(who).post(PAGE, {"set": "1", "to": "2026-04-20T07:59"}).status_code == 403
    assert offset(world) is None


@pytest.mark.parametrize("to", ["", "вчера", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_impossible_moment_is_refused(world: Any, to: str) -> None:
    make_training(world)
    assert world.client("federal").post(PAGE, {"set": "1", "to": to}).status_code == 400
    assert offset(world) is None


def test_no_module_of_the_cabinet_asks_for_real_time_behind_the_clocks_back() -> None:
    root = Path(oko.cabinet.__file__ or oko.cabinet.__path__[0])
    root = root if root.is_dir() else root.parent
    asks = re.compile(
        r"\b(timezone\.now|datetime\.now|datetime\.utcnow|date\.today|timezone\.localdate|Now)\("
    )
    found = {
        str(module.relative_to(root))
        for module in root.rglob("*.py")
        if "migrations" not in module.parts and asks.search(module.read_text(encoding="utf-8"))
    }
    assert found - REAL_TIME.keys() == set(), "business time comes from foundation.clock.now(assessment)"
    assert "foundation/clock.py" in found, "the search itself works"
