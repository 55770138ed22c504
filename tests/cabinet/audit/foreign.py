"""For the walk of every address: an event about the second region's school."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oko.cabinet.audit.journal import JOURNAL_READ
from oko.cabinet.audit.recording import record
from tests.cabinet.conftest import World


def foreign_event(world: World) -> int:
    return int(record(JOURNAL_READ, acting=world.acting("regional2"), organisation=world["school5"]).pk)


#: address name → parameter → how to find the foreign value
ADDRESSES: dict[str, dict[str, Callable[[World], Any]]] = {"journal-event": {"pk": foreign_event}}
