"""What is known of one organisation, as it is written in a form or a file: codes instead of keys.

Forms, imports and the rules of the tree all speak `Facts`; the model holds the same with foreign keys.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields

from oko.cabinet.organisations.models import Level, Organisation
from oko.cabinet.organisations.zones import DEFAULT_ZONE

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def tidy(text: str) -> str:
    """One line, single spaces, nothing invisible: so the same text is the same however it was typed."""
    if not text.isprintable():
        text = "".join(" " if c.isspace() else c for c in text if c.isspace() or not _invisible(c))
    return re.sub(r" {2,}", " ", text).strip() if "  " in text else text.strip()


def _invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE


@dataclass(frozen=True, slots=True)
class Facts:
    """`supervisor` and `territory` are codes, empty where there is none; `levels` stand in order."""

    code: str
    kind: str = ""
    name: str = ""
    short_name: str = ""
    supervisor: str = ""
    territory: str = ""
    ownership: str = ""
    settlement: str = ""
    levels: tuple[str, ...] = ()
    time_zone: str = DEFAULT_ZONE
    delivery_address: str = ""
    active: bool = True


LEVELS: tuple[str, ...] = tuple(Level.values)
FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Facts))


def ordered_levels(levels: Iterable[str]) -> tuple[str, ...]:
    chosen = set(levels)
    return tuple(level for level in LEVELS if level in chosen)


def changed_fields(before: Facts, after: Facts) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))


def facts_of(organisation: Organisation) -> Facts:
    """An organisation's facts; supervisor and territory should be loaded with it."""
    return Facts(
        code=organisation.code,
        kind=organisation.kind,
        name=tidy(organisation.name),
        short_name=tidy(organisation.short_name),
        supervisor=organisation.supervisor.code if organisation.supervisor else "",
        territory=organisation.municipality.code if organisation.municipality else "",
        ownership=organisation.ownership,
        settlement=organisation.settlement,
        levels=ordered_levels(organisation.levels),
        time_zone=organisation.time_zone,
        delivery_address=tidy(organisation.delivery_address),
        active=organisation.active,
    )
