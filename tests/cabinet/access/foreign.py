"""For the walk of every address: lists of codes, people, sessions and factors of the second region."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator

from oko.cabinet.access.models import CabinetSession, CodeBatch
from oko.cabinet.foundation import clock
from tests.cabinet.conftest import World

NUMBER = uuid.UUID(int=65)


def foreign_batch(world: World) -> int:
    by = world.appointments["regional2"]
    batch, _made = CodeBatch.everything.get_or_create(
        organisation=world["region2"],
        assessment=world.assessment,
        defaults={
            "issued_by": by,
            "kind": CodeBatch.Kind.LINKS,
            "appointments": [by.pk],
            "prepared_at": clock.now(),
        },
    )
    return int(batch.pk)


def foreign_session(world: World) -> uuid.UUID:
    now = clock.now()
    CabinetSession.objects.get_or_create(
        number=NUMBER,
        defaults={
            "session_key": "foreign",
            "session_data": "",
            "expire_date": now + timedelta(days=1),
            "account": world.appointments["regional2"].person,
            "started_at": now,
            "seen_at": now,
        },
    )
    return NUMBER


def foreign_factor(world: World) -> int:
    factor, _made = Authenticator.objects.get_or_create(
        user=world.appointments["regional2"].person, type="totp", defaults={"data": {}}
    )
    return int(factor.pk)


BATCH: dict[str, Callable[[World], Any]] = {"pk": foreign_batch}

#: address name → parameter → how to find the foreign value
ADDRESSES: dict[str, dict[str, Callable[[World], Any]]] = {
    "access-batch": BATCH,
    "access-batch-take": BATCH,
    "access-batch-links": BATCH,
    "access-reset": {"pk": lambda world: world.appointments["regional2"].pk},
    "session-end": {"number": foreign_session},
    "factor-remove": {"pk": foreign_factor},
}
