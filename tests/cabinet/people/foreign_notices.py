"""For the walk of every address: a notice to somebody of the second region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oko.cabinet.people.models import Notice
from oko.cabinet.people.notices import notify
from tests.cabinet.conftest import World


def foreign_notice(world: World) -> int:
    known = Notice.everything.filter(appointment=world.appointments["regional2"]).first()
    return int((known or notify(world.appointments["regional2"], "Чужое извещение")).pk)


ADDRESSES: dict[str, dict[str, Callable[[World], Any]]] = {"notice-read": {"pk": foreign_notice}}
