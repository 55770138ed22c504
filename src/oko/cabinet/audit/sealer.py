"""The process that seals the journal: `python -m oko.cabinet.audit.sealer`. One works, any others wait.

It connects to the database as the sealer, who may read events, add links, and nothing else.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from types import FrameType

import django

#: An event is sealed this many seconds after it was committed, and never later than LATEST on a machine that
#: keeps up: the pause, and the work of a pass.
PAUSE = 2.0
LATEST = 10.0
#: A broken chain is looked at again: it may have been restored.
PAUSE_WHEN_BROKEN = 30.0
#: The number under which sealers find each other.
ONE_SEALER = 0x6F6B6F5EA1

log = logging.getLogger("oko.cabinet.audit.sealer")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oko.cabinet.site.settings")
    django.setup()
    stop = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    run(stop)


def run(stop: threading.Event) -> None:
    """Seal until told to stop. A lost database ends the process; whoever watches it starts it again."""
    from oko.cabinet.audit.checkpoints import CheckpointFileError
    from oko.cabinet.audit.keys import KeyFileError, signing_key
    from oko.cabinet.audit.sealing import ChainBrokenError, Sealer, consider_refused_again

    while not is_the_one():
        if stop.wait(PAUSE):
            return
    consider_refused_again()
    sealer: Sealer | None = None
    pause = 0.0
    while not stop.wait(pause):
        try:
            sealer = sealer or Sealer.ready(signing_key())
            sealer.seal_all()
            pause = PAUSE
        except ChainBrokenError as error:
            log.critical("The journal is broken and not sealed any further: %s. Run: oko audit verify", error)
            sealer, pause = None, PAUSE_WHEN_BROKEN
        except (KeyFileError, CheckpointFileError) as error:
            log.critical("The journal cannot be sealed: %s", error)
            sealer, pause = None, PAUSE_WHEN_BROKEN


def is_the_one() -> bool:
    """Whether no other sealer works on this database; true until this connection ends."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_SEALER])
        return bool(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
