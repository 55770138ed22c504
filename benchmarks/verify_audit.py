"""A million events verified, beside bare SHA-256 over the same bytes in the same run.

Starts an embedded PostgreSQL in a temporary folder, fills the journal with events of usual length through its
own triggers, has them sealed by the sealer's own code, and verifies everything as `oko audit verify` does:
each event's digest, each link, signatures, checkpoints, guards. The floor is hashlib.sha256 called once for
each event on the same bytes, already in memory. Exit 1 if the journal is not found whole.

    python benchmarks/verify_audit.py [--events 1000000]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from typing import Any

AT_ONCE = 5_000


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    arguments.add_argument("--events", type=int, default=1_000_000)
    wanted = max(1, arguments.parse_args().events)
    with tempfile.TemporaryDirectory(prefix="oko-audit-") as place:
        os.chmod(place, 0o755)  # noqa: S103, PTH101  # the embedded server runs as another user when we are root
        for name in ("DATABASE_URL", "DATABASE_URL_FILE", "OKO_AUDIT_DIR"):
            os.environ.pop(name, None)
        os.environ |= {"OKO_STATE": place, "DJANGO_SETTINGS_MODULE": "oko.cabinet.site.settings"}
        return measure(wanted)


def measure(wanted: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from oko.cabinet.audit import checkpoints
    from oko.cabinet.audit.keys import public_key, signing_key
    from oko.cabinet.audit.sealing import Sealer
    from oko.cabinet.audit.verifying import reader, verify

    call_command("migrate", verbosity=0, interactive=False)
    with took() as filling:
        fill(connection, wanted)
    with took() as sealing:
        Sealer.ready(signing_key()).seal_all()
    query = reader(connection.connection)
    signed = list(checkpoints.read(checkpoints.checkpoints_path()))
    with took() as verifying:
        outcome = verify(query, public_key(), signed)
    bare, size = hash_bare(query)
    for name, seconds in (
        ("written and indexed", filling.seconds),
        ("sealed", sealing.seconds),
        ("verified", verifying.seconds),
        ("bare SHA-256", bare),
    ):
        print(f"{name:<24}{wanted / seconds:>12,.0f} a second {seconds:>8.2f} s")
    print(f"{wanted:,} events of {size / wanted:,.0f} bytes")
    print(f"ratio {bare / verifying.seconds:.1%} (at least 20 %)")
    whole = outcome.whole and outcome.events == wanted
    if not whole:
        print("The journal is not whole:", *(one.text for one in outcome.breaks[:3]), file=sys.stderr)
    return 0 if whole else 1


class took:  # noqa: N801  # reads as a sentence
    """Seconds of what is inside."""

    seconds = 0.0

    def __enter__(self) -> took:
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_error: object) -> None:
        self.seconds = time.perf_counter() - self._began


def fill(connection: Any, wanted: int) -> None:
    """Through COPY, with the table's own triggers and columns, as any event gets in."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        with cursor.copy("COPY audit_event (body, mac) FROM STDIN") as copy:
            for body, mac in events(wanted):
                copy.write_row((body, mac))
        cursor.execute("VACUUM ANALYZE audit_event")


def events(wanted: int) -> Iterator[tuple[str, bytes]]:
    """As `recording.record` writes them, with every key that it writes."""
    from oko.cabinet.audit.recording import mac_of

    base: dict[str, Any] = {
        "v": 1,
        "verb": "exchange.protocol_accepted",
        "login": "edu640001-1",
        "name": "Сотрудник школы",
        "role": "technical_specialist",
        "appointment": 4711,
        "delegation": None,
        "assessment": 1,
        "address": "198.51.100.7",
        "agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
        "task": "",
        "region": 2,
        "subject_text": "Русский язык, 4 класс, версия 1",
        "note": "",
        "before": {"state": "received", "version": 1},
        "after": {"state": "accepted", "version": 1},
    }
    began = time.time()
    for number in range(wanted):
        organisation = number % 40_000
        base |= {"key": uuid.uuid4().hex, "request": uuid.uuid4().hex, "at": began + number / 1000}
        base |= {"account": organisation, "actor_organisation": organisation, "actor_region": 2}
        base |= {"organisation": organisation, "organisation_code": f"edu{organisation:06}"}
        base |= {"subject": f"exchange.submission:{number}"}
        body = json.dumps(base, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield body, mac_of(body.encode())


def hash_bare(query: Any) -> tuple[float, int]:
    """Seconds that SHA-256 alone takes over all events, reading not counted; and how many bytes they are."""
    last, seconds, size = -(2**63), 0.0, 0
    while True:
        rows = query(
            "SELECT id, mac || convert_to(body, 'UTF8') FROM audit_event WHERE id > %s ORDER BY id LIMIT %s",
            *(last, AT_ONCE),
        )
        if not rows:
            return seconds, size
        last = rows[-1][0]
        texts = [text for _number, text in rows]
        size += sum(map(len, texts))
        sha256 = hashlib.sha256
        with took() as hashing:
            for text in texts:
                sha256(text).digest()
        seconds += hashing.seconds


if __name__ == "__main__":
    sys.exit(main())
