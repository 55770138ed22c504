"""Verifying the journal in the database: every sealed event, every link, every guard.

The events are read once, in the order of their numbers, some thousands at a time, while the ones before are
being hashed; a digest waits in memory only until its link comes by.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from oko.cabinet.audit import chain
from oko.cabinet.audit.chain import SealRecord
from oko.cabinet.audit.checkpoints import Checkpoint
from oko.cabinet.audit.findings import Break, Kind, Outcome
from oko.cabinet.audit.guards import missing_guards
from oko.cabinet.audit.keys import fingerprint
from oko.cabinet.audit.recording import mac_of
from oko.cabinet.audit.walking import (
    MOST_BREAKS,
    ChainWalk,
    forged_links,
    without_what_follows,
    wrong_checkpoints,
)

EVENTS_AT_ONCE = 4000
LINKS_AT_ONCE = 50
BEFORE_ALL = -(2**63)

# One row holds thousands of events: a row for each would cost more than its hash.
EVENTS = """
    SELECT max(id), array_agg(id), array_agg(bytes)
    FROM (
        SELECT id, mac || convert_to(body, 'UTF8') AS bytes
        FROM audit_event WHERE id > %s ORDER BY id LIMIT %s
    ) events
"""
LINKS = """
    SELECT seq, sealed_at, events, digests, total, link, signature
    FROM audit_seal WHERE seq > %s ORDER BY seq LIMIT %s
"""
COPIES = """
    SELECT copy.id FROM audit_event copy
    JOIN audit_event original ON original.at = copy.at AND original.mac = copy.mac AND original.id < copy.id
    WHERE copy.id = ANY(%s)
"""
UNSEALED = """
    SELECT event.id, event.mac, convert_to(event.body, 'UTF8'), event.at, waiting.event IS NOT NULL
    FROM audit_event event LEFT JOIN audit_waitingevent waiting ON waiting.event = event.id
    WHERE event.id = ANY(%s) ORDER BY event.id
"""
LOST = """
    SELECT waiting.event
    FROM audit_waitingevent waiting LEFT JOIN audit_event event ON event.id = waiting.event
    WHERE event.id IS NULL ORDER BY waiting.event LIMIT %s
"""

Query = Callable[..., list[tuple[Any, ...]]]


def reader(connection: psycopg.Connection[Any]) -> Query:
    """Questions to one connection, answered in binary: numbers, moments and bytes as they are."""

    def query(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.Cursor(connection) as cursor:
            return cursor.execute(sql.encode(), parameters, binary=True).fetchall()

    return query


def verify(query: Query, key: Ed25519PublicKey | None, checkpoints: Iterable[Checkpoint]) -> Outcome:
    """Compare what is in the database with what was sealed and signed.

    `query(sql, *parameters)` answers with rows, bytes as bytes; all its answers must be of one moment (one
    snapshot), taken after `checkpoints` were read: the sealer writes a checkpoint after its link. Without a
    `key` (nothing has been sealed yet) no signature is looked at.
    """
    points = {point.seq: point for point in checkpoints}
    walk = ChainWalk(points)
    unsealed = _walk(query, walk)
    outcome = Outcome(events=walk.events, links=walk.links)
    breaks = walk.all_breaks()
    if key is not None:
        outcome.fingerprint = fingerprint(key)
        breaks += wrong_checkpoints(walk, key, points)
        if breaks or not _is_signed(walk.last, key):
            breaks += forged_links(links_after(query, BEFORE_ALL), key)
    if walk.last is not None:
        outcome.head = walk.last.link.hex()
        outcome.until = chain.moment_of(walk.last.moment)
    ordered = sorted(breaks, key=lambda broken: (broken.seq or 0, broken.event is None))
    outcome.breaks = without_what_follows(ordered)
    outcome.breaks += _look_at_unsealed(query, unsealed, outcome)
    outcome.breaks += [Break(Kind.GUARD_MISSING, detail=told) for told in missing_guards(query)]
    return outcome


def _is_signed(last: SealRecord | None, key: Ed25519PublicKey) -> bool:
    return last is None or chain.is_signed(key, last.signature, last.statement)


def _walk(query: Query, walk: ChainWalk) -> dict[int, bytes]:
    """Walk the whole chain; returns the digests of the events that no link names."""
    known: dict[int, bytes] = {}
    take = known.pop
    with ThreadPoolExecutor(max_workers=1) as reader:  # reads ahead while this thread hashes
        chunks = _digests(query, reader)
        reached = 0
        for seal in links_after(query, BEFORE_ALL):
            while reached < max(seal.events, default=0):
                chunk = next(chunks, None)
                if chunk is None:
                    break
                reached = chunk[0]
                known.update(chunk[1])
            found = [take(event, None) for event in seal.events]
            walk.step(seal, found if None in found else b"".join(found))  # type: ignore[arg-type]
        for _last, rest in chunks:
            known.update(rest)
    return known


def is_sealed(query: Query) -> bool:
    """Whether there is any link."""
    return bool(query("SELECT EXISTS (SELECT FROM audit_seal)")[0][0])


def links_after(query: Query, seq: int) -> Iterator[SealRecord]:
    """The links of the chain from the next after `seq` on."""
    rows = query(LINKS, seq, LINKS_AT_ONCE)
    while rows:
        for number, sealed_at, events, digests, total, link, signature in rows:
            moment = chain.microseconds(sealed_at)
            yield SealRecord(number, moment, events, bytes(digests), total, bytes(link), bytes(signature))
        rows = query(LINKS, rows[-1][0], LINKS_AT_ONCE)


def _digests(query: Query, reader: ThreadPoolExecutor) -> Iterator[tuple[int, Iterable[tuple[int, bytes]]]]:
    """The last number of each chunk of events, and the digest of each event in it."""
    sha256 = hashlib.sha256
    ahead = reader.submit(query, EVENTS, BEFORE_ALL, EVENTS_AT_ONCE)
    while True:
        [(last, numbers, events)] = ahead.result()
        if last is None:
            return
        ahead = reader.submit(query, EVENTS, last, EVENTS_AT_ONCE)
        yield last, zip(numbers, [sha256(event).digest() for event in events], strict=True)


def _look_at_unsealed(query: Query, unsealed: Iterable[int], outcome: Outcome) -> list[Break]:
    """Events that no link names wait for the sealer, or were put there by somebody else."""
    breaks = []
    numbers = sorted(unsealed)
    for start in range(0, len(numbers), EVENTS_AT_ONCE):
        some = numbers[start : start + EVENTS_AT_ONCE]
        copies = {event for (event,) in query(COPIES, some)}
        for event, mac, body, at, waits in query(UNSEALED, some):
            kind = _wrong_about(mac, body, waits, event in copies)
            if kind is not None:
                breaks.append(Break(kind, None, event))
            else:
                outcome.waiting += 1
                outcome.waiting_since = min(filter(None, (outcome.waiting_since, at)), default=None)
    breaks += [Break(Kind.EVENT_REMOVED_UNSEALED, None, event) for (event,) in query(LOST, MOST_BREAKS)]
    return breaks


def _wrong_about(mac: Any, body: Any, waits: bool, copied: bool) -> Kind | None:
    if not hmac.compare_digest(mac_of(bytes(body)), bytes(mac)):
        return Kind.EVENT_INSERTED
    if copied:
        return Kind.EVENT_COPIED
    return None if waits else Kind.EVENT_PAST_THE_QUEUE
