"""The closed list of what is recorded: each app declares its own, with the words that the journal shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Sort(StrEnum):
    """What sort of event it is; the journal filters by it."""

    CHANGE = "change"
    SIGN_IN = "sign_in"
    SECRET = "secret"  # noqa: S105  # the reading of one, not one
    DOWNLOAD = "download"
    READING = "reading"  # of one organisation's data by somebody from outside


@dataclass(frozen=True, slots=True)
class RecordedVerb:
    name: str
    sort: Sort
    title: Any  # lazy translation, in the past: «Загружен протокол»
    #: With the data of an organisation those of all below it were seen: they are told, too.
    of_all_below: bool = False


RECORDED: dict[str, RecordedVerb] = {}


def recorded(name: str, sort: Sort, title: Any, *, of_all_below: bool = False) -> str:
    """Declare a verb of the journal; returns its name, to be kept as a constant."""
    RECORDED[name] = RecordedVerb(name, sort, title, of_all_below)
    return name
