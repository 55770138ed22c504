"""Sealing what has been committed: one pass takes everything that waits into the chain."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from oko.cabinet.audit import chain, checkpoints
from oko.cabinet.audit.chain import SealRecord
from oko.cabinet.audit.recording import mac_of
from oko.cabinet.foundation import clock

#: Events in one link. Few links are quick to verify; a wrong event is still found by its own digest.
BATCH = 1000

log = logging.getLogger(__name__)

WAITING = """
    SELECT waiting.event, event.mac, convert_to(event.body, 'UTF8')
    FROM audit_waitingevent waiting LEFT JOIN audit_event event ON event.id = waiting.event
    WHERE NOT waiting.refused ORDER BY waiting.event LIMIT %s
"""
#: A copied event carries a good code; but no two events have the same one.
COPIES = """
    SELECT copy.id FROM audit_event copy
    JOIN audit_event original ON original.at = copy.at AND original.mac = copy.mac AND original.id < copy.id
    WHERE copy.id = ANY(%s)
"""
#: An event put into the queue once more. Links lie nearly in the order of their events: some are enough.
SEALED = """
    SELECT EXISTS (
        SELECT FROM (
            SELECT events FROM audit_seal WHERE first_event <= %s ORDER BY first_event DESC LIMIT 50
        ) near WHERE %s = ANY(near.events)
    )
"""
HEAD = """
    SELECT seq, sealed_at, events, digests, total, link, signature
    FROM audit_seal ORDER BY seq DESC LIMIT 1
"""


class ChainBrokenError(RuntimeError):
    """The chain in the database is not the one that this sealer made: nothing is added to it."""


@dataclass
class Sealer:
    """Adds to the chain. `head` is the last link that it knows to be its own, whatever the database says."""

    key: Ed25519PrivateKey
    head: SealRecord | None = None

    @classmethod
    def ready(cls, key: Ed25519PrivateKey) -> Sealer:
        """Take up where the last sealer left off.

        Raises:
            ChainBrokenError: the chain does not go on from the last checkpoint, or is signed by another key.
        """
        sealer = cls(key, _head())
        signed = checkpoints.last()
        if sealer.head is None:
            if signed is not None:
                raise ChainBrokenError(f"звено {signed.seq} подписано, но в базе данных звеньев нет")
            return sealer
        if not chain.is_signed(key.public_key(), sealer.head.signature, sealer.head.statement):
            raise ChainBrokenError(f"звено {sealer.head.seq} подписано не ключом этой печати")
        if signed is not None and _link_of(signed.seq) != signed.link:
            raise ChainBrokenError(f"звено {signed.seq} не то, что подписано в контрольной точке")
        if signed is None or signed.seq < sealer.head.seq:  # killed between the two
            checkpoints.append(checkpoints.checkpoint_of(sealer.head))
        return sealer

    def seal_all(self) -> int:
        """Seal everything that is committed now and write a checkpoint; returns how many events.

        Raises:
            ChainBrokenError: somebody else has changed the end of the chain.
        """
        before = self.head.total if self.head else 0
        while self._seal_batch():
            pass
        done = (self.head.total if self.head else 0) - before
        if self.head is not None and done:
            checkpoints.append(checkpoints.checkpoint_of(self.head))
        return done

    def _seal_batch(self) -> bool:
        """One link; says whether there may be more to seal."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(WAITING, [BATCH])
            waiting = cursor.fetchall()
            if not waiting:
                return False
            self._check_head()
            genuine, refused = self._sorted_out(cursor, waiting)
            if refused:
                cursor.execute(
                    "UPDATE audit_waitingevent SET refused = TRUE WHERE event = ANY(%s)", [refused]
                )
                log.error("Events that this product has not written are not sealed: %s", refused[:20])
            made = self._link(genuine) if genuine else None
            if made is not None:
                _store(cursor, made)
                cursor.execute("DELETE FROM audit_waitingevent WHERE event = ANY(%s)", [list(made.events)])
        self.head = made or self.head
        return len(waiting) == BATCH

    def _check_head(self) -> None:
        there = _head()
        if (there and there.link) != (self.head and self.head.link):
            seq = (there or self.head).seq  # type: ignore[union-attr]  # one of them is there
            raise ChainBrokenError(f"звено {seq} в базе данных изменено не печатью")

    def _sorted_out(
        self, cursor: Any, waiting: Sequence[tuple[int, Any, Any]]
    ) -> tuple[list[tuple[int, bytes, bytes]], list[int]]:
        """What this product wrote and what it did not: no event, no good code, or a copy of another event."""
        cursor.execute(COPIES, [[event for event, _mac, _body in waiting]])
        copies = {event for (event,) in cursor.fetchall()}
        genuine, refused = [], []
        for event, mac, body in waiting:
            good = mac is not None and hmac.compare_digest(mac_of(bytes(body)), bytes(mac))
            if good and event not in copies and not self._is_sealed(cursor, event):
                genuine.append((event, bytes(mac), bytes(body)))
            else:
                refused.append(event)
        return genuine, refused

    def _is_sealed(self, cursor: Any, event: int) -> bool:
        if self.head is None or event > self.head.events[-1]:
            return False
        cursor.execute(SEALED, [event, event])
        return bool(cursor.fetchone()[0])

    def _link(self, genuine: Sequence[tuple[int, bytes, bytes]]) -> SealRecord:
        events = [event for event, _mac, _body in genuine]
        digests = b"".join(chain.digest(mac, body) for _event, mac, body in genuine)
        return chain.sealed(self.head, chain.microseconds(clock.now()), events, digests, self.key)


def consider_refused_again() -> None:
    """A sealer that was started with a wrong key of events has refused what is genuine."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_waitingevent SET refused = FALSE WHERE refused")


def _store(cursor: Any, seal: SealRecord) -> None:
    cursor.execute(
        "INSERT INTO audit_seal (seq, sealed_at, first_event, events, digests, total, link, signature) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            seal.seq,
            chain.moment_of(seal.moment),
            seal.events[0],
            list(seal.events),
            seal.digests,
            seal.total,
            seal.link,
            seal.signature,
        ],
    )


def _head() -> SealRecord | None:
    with connection.cursor() as cursor:
        cursor.execute(HEAD)
        row = cursor.fetchone()
    if row is None:
        return None
    seq, sealed_at, events, digests, total, made, signature = row
    return SealRecord(
        seq, chain.microseconds(sealed_at), events, bytes(digests), total, bytes(made), bytes(signature)
    )


def _link_of(seq: int) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT link FROM audit_seal WHERE seq = %s", [seq])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None
