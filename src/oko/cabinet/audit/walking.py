"""Following the chain link by link; where the events and the links come from does not matter here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from oko.cabinet.audit import chain
from oko.cabinet.audit.chain import DIGEST, NOTHING, SealRecord
from oko.cabinet.audit.checkpoints import Checkpoint
from oko.cabinet.audit.findings import Break, Kind

#: More than this nobody reads; the first is what matters.
MOST_BREAKS = 1000


class Mismatch(NamedTuple):
    """An event whose digest is not the sealed one; `found` is None where there is no such event."""

    seq: int
    event: int
    expected: bytes
    found: bytes | None


@dataclass
class ChainWalk:
    """Fed with every link in the order of the chain, and the digests of its events as they are now."""

    checkpoints: Mapping[int, Checkpoint]
    previous: bytes = NOTHING
    seq: int = 0
    total: int = 0
    events: int = 0
    links: int = 0
    last: SealRecord | None = None
    breaks: list[Break] = field(default_factory=list)
    _mismatches: list[Mismatch] = field(default_factory=list)

    def step(self, seal: SealRecord, found: bytes | Sequence[bytes | None]) -> None:
        """One link. `found`: the digests one after another, or one by one where some event is missing."""
        if found != seal.digests:
            self._compare(seal, found)
        self._check_place(seal)
        made = chain.link(self.previous, seal.seq, seal.moment, seal.total, seal.events, seal.digests)
        if made != seal.link or seal.total != self.total + len(seal.events):
            self._broken(Break(Kind.LINK_CHANGED, seal.seq))
        signed = self.checkpoints.get(seal.seq)
        if signed is not None and signed.link != seal.link:
            when = f"Контрольная точка от {chain.moment_of(signed.moment):%d.%m.%Y %H:%M:%S} UTC."
            self._broken(Break(Kind.CHAIN_REWRITTEN, seal.seq, seal.events[0], when))
        self.previous, self.seq, self.total, self.last = seal.link, seal.seq, seal.total, seal
        self.events += len(seal.events)
        self.links += 1

    def all_breaks(self) -> list[Break]:
        """In the order of the chain; what is wrong with an event before what is wrong with its link."""
        found = [*_explained(self._mismatches), *self.breaks]
        return sorted(found, key=lambda broken: (broken.seq or 0, broken.event is None))

    def _check_place(self, seal: SealRecord) -> None:
        if seal.seq != self.seq + 1:
            self._broken(Break(Kind.LINK_REMOVED, self.seq + 1))

    def _compare(self, seal: SealRecord, found: bytes | Sequence[bytes | None]) -> None:
        places = range(0, len(seal.digests), DIGEST)
        expected = [seal.digests[place : place + DIGEST] for place in places]
        now = [found[place : place + DIGEST] for place in places] if isinstance(found, bytes) else found
        if len(expected) != len(seal.events):
            self._broken(Break(Kind.LINK_CHANGED, seal.seq))
            return
        for event, was, there in zip(seal.events, expected, now, strict=False):
            if was != there and len(self._mismatches) < MOST_BREAKS:
                self._mismatches.append(Mismatch(seal.seq, event, was, there))

    def _broken(self, broken: Break) -> None:
        if len(self.breaks) < MOST_BREAKS:
            self.breaks.append(broken)


def forged_links(seals: Iterable[SealRecord], key: Ed25519PublicKey) -> Iterator[Break]:
    """Links that the sealer has not signed. Looked for only where the chain is wrong or its last link is:
    the signature of the last link stands for all before it.
    """
    for seal in seals:
        if not chain.is_signed(key, seal.signature, seal.statement):
            yield Break(Kind.LINK_FORGED, seal.seq, seal.events[0] if seal.events else None)


def wrong_checkpoints(
    walk: ChainWalk, key: Ed25519PublicKey, checkpoints: Mapping[int, Checkpoint]
) -> list[Break]:
    """A checkpoint beyond the end of the chain, and the checkpoints that contradict it but are not signed."""
    if not checkpoints:
        return []
    wrong = []
    latest = checkpoints[max(checkpoints)]
    doubtful = {broken.seq for broken in walk.breaks if broken.kind is Kind.CHAIN_REWRITTEN} | {latest.seq}
    for seq in sorted(doubtful & checkpoints.keys(), key=lambda seq: seq or 0):
        point = checkpoints[seq or 0]
        if not chain.is_signed(key, point.signature, point.statement):
            wrong.append(Break(Kind.CHECKPOINT_FORGED, point.seq))
    if latest.seq > walk.seq and not any(broken.seq == latest.seq for broken in wrong):
        missing = latest.total - walk.total
        told = (
            f"Подписано до звена {latest.seq} ({latest.total} событий), есть до звена {walk.seq} "
            f"({walk.total}); недостаёт событий: {missing}."
        )
        wrong.append(Break(Kind.TAIL_CUT_OFF, walk.seq + 1, None, told))
    return wrong


def without_what_follows(breaks: Sequence[Break]) -> list[Break]:
    """Each place once: the signature names a forged link more exactly than its arithmetic does; a checkpoint
    that is itself forged accuses nobody.
    """
    forged = {broken.seq for broken in breaks if broken.kind is Kind.CHECKPOINT_FORGED}
    return [broken for broken in breaks if not (broken.kind is Kind.CHAIN_REWRITTEN and broken.seq in forged)]


def _explained(mismatches: Sequence[Mismatch]) -> Iterator[Break]:
    """Changed, removed, or standing in another's place."""
    belongs = {mismatch.expected: mismatch.event for mismatch in mismatches}
    for mismatch in mismatches:
        if mismatch.found is None:
            yield Break(Kind.EVENT_REMOVED, mismatch.seq, mismatch.event)
        elif mismatch.found in belongs:
            told = f"Здесь стоит событие {belongs[mismatch.found]}."
            yield Break(Kind.EVENTS_REORDERED, mismatch.seq, mismatch.event, told)
        else:
            yield Break(Kind.EVENT_CHANGED, mismatch.seq, mismatch.event)
