"""Writing down what somebody did, in the transaction in which it is done."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from oko.cabinet.audit.circumstances import current
from oko.cabinet.audit.circumstances import note as remember
from oko.cabinet.audit.models import Event
from oko.cabinet.audit.verbs import RECORDED
from oko.cabinet.foundation.acting import Acting

#: Values of these never reach the journal, whatever the model that holds them.
SECRETS = frozenset({"password", "secret", "code_hash", "content", "scan", "mac", "data"})
LONGEST = 1000
#: Every action pays for its event, so the statement is not composed anew each time.
_ADD = f"INSERT INTO {Event._meta.db_table} (body, mac) VALUES (%s, %s) RETURNING id"  # noqa: S608


def record(
    verb: str,
    *,
    acting: Acting | None = None,
    on: models.Model | None = None,
    organisation: Any = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
    account: Any = None,
) -> Event:
    """Record one event. Called inside the action's transaction: both are there, or neither.

    `acting` and the rest of the circumstances are those of the current request where not given; `on` is the
    thing, `organisation` whose data it is (by default the thing's own), `account` the person where nobody
    acts yet (sign-in).
    """
    if verb not in RECORDED:
        raise LookupError(
            f"The journal does not know the verb {verb!r}: declare it with audit.verbs.recorded"
        )
    around = current()
    acting = acting or around.acting
    whose = organisation if organisation is not None else _organisation_of(on)
    body: dict[str, Any] = {
        "v": 1,
        "key": uuid.uuid4().hex,
        "at": timezone.now().timestamp(),
        "verb": verb,
        "account": _pk(account) or (acting.account_id if acting else around.account_id),
        "login": account.username if account is not None else around.login,
        "name": account.full_name if account is not None else around.full_name,
        "role": acting.role if acting else None,
        "actor_organisation": acting.organisation_id if acting else None,
        "actor_region": acting.region_id if acting else None,
        "appointment": acting.appointment_id if acting else None,
        "delegation": acting.delegation_id if acting else None,
        "assessment": acting.assessment_id if acting else None,
        "address": around.address,
        "agent": around.agent,
        "request": around.request_id,
        "task": around.task,
        "organisation": _pk(whose),
        "organisation_code": whose.code if whose is not None else None,
        "region": (whose.region_id or whose.pk) if whose is not None and whose.kind != "federal" else None,
        "subject": f"{on._meta.label_lower}:{on.pk}" if on is not None else None,
        "subject_text": str(on) if on is not None else None,
        "before": before,
        "after": after,
        "note": note,
    }
    text = json.dumps(_storable(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    mac = mac_of(text.encode())
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [text, mac])
        (pk,) = cursor.fetchone()
    remember(verb)
    return Event(pk=pk, body=text, mac=mac)


def facts(thing: models.Model, *fields: str) -> dict[str, Any]:
    """The named fields of a thing (all its own when none is named), without secrets: for before and after."""
    names = fields or [field.attname for field in thing._meta.concrete_fields if not field.generated]
    return {name: getattr(thing, name) for name in names if name not in SECRETS}


def mac_of(body: bytes) -> bytes:
    """What only this installation can have written: somebody who can merely write to the database cannot."""
    return hmac.digest(_event_key(), body, hashlib.sha256)


@cache
def _event_key() -> bytes:
    return settings.AUDIT_EVENT_KEY.encode()


def _pk(thing: Any) -> Any:
    return None if thing is None else thing.pk


def _organisation_of(on: Any) -> Any:
    if on is None:
        return None
    return on if hasattr(on, "supervisor_id") else getattr(on, "organisation", None)


def _storable(value: Any) -> Any:
    """The same as JSON can hold and PostgreSQL can read: no NUL, no lone surrogates, nothing endless."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_storable(item) for item in value]
    text = str(value).replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
