"""The arithmetic of the chain: nothing but SHA-256 and Ed25519, so that anybody can do it over again.

Events are sealed in batches. A batch names its events and the digest of each; its link takes in all of that
and the link before it. So the last link stands for every byte of every sealed event, in its order; and the
digests inside a batch tell which event is not what it was.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DIGEST = 32  # bytes
#: What stands before the first link.
NOTHING = bytes(DIGEST)
LINK_PREFIX = b"oko-seal-1"
STATEMENT_PREFIX = "oko-checkpoint-1"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class SealRecord(NamedTuple):
    """One link of the chain with all that it is made of."""

    seq: int
    moment: int  # when it was sealed, microseconds since 1970; told, not relied upon: clocks go back
    events: Sequence[int]
    digests: bytes  # one after another, in the order of `events`
    total: int  # events sealed up to and with this batch
    link: bytes
    signature: bytes

    @property
    def statement(self) -> bytes:
        return statement(self.seq, self.link, self.total, self.moment)


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def moment_of(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND


def digest(mac: bytes, body: bytes) -> bytes:
    """Of one event: its code of authenticity and its body."""
    return hashlib.sha256(mac + body).digest()


def link(previous: bytes, seq: int, moment: int, total: int, events: Sequence[int], digests: bytes) -> bytes:
    """SHA-256 of the previous link and everything in this batch; numbers are 64-bit, big-endian."""
    count = len(events)
    numbers = struct.pack(f">4q{count}q", seq, moment, total, count, *events)
    return hashlib.sha256(LINK_PREFIX + previous + numbers + digests).digest()


def statement(seq: int, link: bytes, total: int, moment: int) -> bytes:
    """What the sealer signs: «up to this link, so many events, at this moment»."""
    return f"{STATEMENT_PREFIX}\n{seq}\n{link.hex()}\n{total}\n{moment}\n".encode()


def sealed(
    previous: SealRecord | None,
    moment: int,
    events: Sequence[int],
    digests: bytes,
    key: Ed25519PrivateKey,
) -> SealRecord:
    """The next link after `previous` (None: the first one), signed."""
    seq = previous.seq + 1 if previous else 1
    total = (previous.total if previous else 0) + len(events)
    made = link(previous.link if previous else NOTHING, seq, moment, total, events, digests)
    signature = key.sign(statement(seq, made, total, moment))
    return SealRecord(seq, moment, events, digests, total, made, signature)


def is_signed(public_key: Ed25519PublicKey, signature: bytes, statement: bytes) -> bool:
    try:
        public_key.verify(signature, statement)
    except InvalidSignature:
        return False
    return True
