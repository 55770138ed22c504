"""A part of the journal as one file that a third party can verify: without the database, without our keys."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from oko.cabinet.audit import chain
from oko.cabinet.audit.chain import SealRecord
from oko.cabinet.audit.checkpoints import Checkpoint, checkpoint_of
from oko.cabinet.audit.exported import FORMAT, HOW_TO_VERIFY
from oko.cabinet.audit.keys import as_pem
from oko.cabinet.audit.verifying import Query, links_after
from oko.cabinet.foundation import clock

RANGE = """
    SELECT min(seq), max(seq) FROM audit_seal
    WHERE sealed_at >= coalesce(%s, '-infinity'::timestamptz)
      AND sealed_at < coalesce(%s, 'infinity'::timestamptz)
"""
EVENTS = "SELECT id, mac, body FROM audit_event WHERE id = ANY(%s)"


def export(
    path: Path,
    query: Query,
    key: Ed25519PublicKey,
    checkpoints: Iterable[Checkpoint],
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, int]:
    """Write the links sealed in this time, whole, with their events; returns how many of each.

    The journal is written as it is, also where it is broken: whoever verifies the file sees that too.
    """
    first, last = query(RANGE, since, until)[0]
    written = {"events": 0, "links": 0}
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=6) as file:

        def say(**line: Any) -> None:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")

        say(
            format=FORMAT,
            made=clock.now().isoformat(),
            how_to_verify=HOW_TO_VERIFY,
            public_key=as_pem(key),
            previous=_before(query, first),
        )
        for seal in links_after(query, (first or 1) - 1):
            if last is None or seal.seq > last:
                break
            found = {event: (mac, body) for event, mac, body in query(EVENTS, list(seal.events))}
            for event in seal.events:
                if event in found:
                    mac, body = found[event]
                    say(event=event, mac=bytes(mac).hex(), body=body)
                    written["events"] += 1
            say(link=_as_json(seal))
            written["links"] += 1
        for point in checkpoints:
            if last is not None and first - 1 <= point.seq <= last:
                say(checkpoint=point.as_json())
        say(end=written)
    return written


def _before(query: Query, first: int | None) -> dict[str, object] | None:
    """The link before the first one of the file, by its own signature; none before the journal's first."""
    if first is None:
        return None
    seal = next(links_after(query, first - 2), None)
    return checkpoint_of(seal).as_json() if seal is not None and seal.seq == first - 1 else None


def _as_json(seal: SealRecord) -> dict[str, object]:
    return {
        "seq": seal.seq,
        "moment": seal.moment,
        "sealed_at": chain.moment_of(seal.moment).isoformat(),
        "events": list(seal.events),
        "digests": seal.digests.hex(),
        "total": seal.total,
        "link": seal.link.hex(),
        "signature": seal.signature.hex(),
    }
