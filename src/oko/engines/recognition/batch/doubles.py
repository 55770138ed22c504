"""The same page in the scans twice: which one counts, if any."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum

from oko.engines.recognition.batch.record import PageRecord

Place = tuple[int, int]  # position of the source, number of the page


class Verdict(Enum):
    SINGLE = "single"
    REPEATED = "repeated"  # a further scan with the same answers
    CONTRADICTED = "contradicted"  # scans of this page say different things


@dataclass(slots=True)
class _Seen:
    first: Place
    second: Place
    values: str
    differ: bool = False


class Doubles:
    """All pages that were read, by whose they are. Of each it holds 32 bytes and where it was seen first."""

    def __init__(self) -> None:
        self._seen: dict[bytes, _Seen] = {}

    def add(self, record: PageRecord) -> None:
        """Take note of a page; pages come in the order of the tables."""
        if record.reason or not _is_somebodys(record):
            return
        place, values = (record.source, record.page), record.values
        seen = self._seen.setdefault(_identity(record), _Seen(place, place, values))
        if seen.first == seen.second:
            seen.second = place
        seen.differ |= seen.values != values

    def verdict(self, record: PageRecord) -> tuple[Verdict, Place]:
        """What becomes of a page that was read, and where else it stands."""
        place = (record.source, record.page)
        if not _is_somebodys(record):
            return Verdict.SINGLE, place
        seen = self._seen[_identity(record)]
        other = seen.second if place == seen.first else seen.first
        if seen.differ:
            return Verdict.CONTRADICTED, other
        return (Verdict.SINGLE if place == seen.first else Verdict.REPEATED), other


def _is_somebodys(record: PageRecord) -> bool:
    """A foreign sheet may say nothing of whose it is: then no other is the same."""
    return record.code is not None and bool(record.code.serial)


def _identity(record: PageRecord) -> bytes:
    """Of assessment, blank, version, page, organisation, serial."""
    return hashlib.blake2b(repr(record.code).encode(), digest_size=16).digest()
