"""For the walk of every address: organisations and uploaded lists of the second region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oko.cabinet.organisations import actions
from tests.cabinet.conftest import World


def foreign_draft(world: World) -> int:
    return int(actions.keep_draft(world.acting("regional2"), "список.csv", b"code").pk)


ORGANISATION: dict[str, Callable[[World], Any]] = {"code": lambda world: world["school5"].code}
DRAFT: dict[str, Callable[[World], Any]] = {"pk": foreign_draft}

#: address name → parameter → how to find the foreign value
ADDRESSES: dict[str, dict[str, Callable[[World], Any]]] = {
    "organisation": ORGANISATION,
    "change-organisation": ORGANISATION,
    "review-organisations": DRAFT,
    "cancel-organisations": DRAFT,
}
