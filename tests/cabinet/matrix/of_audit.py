"""How the addresses of the journal are tried."""

from __future__ import annotations

from oko.cabinet.audit.journal import JOURNAL_READ
from oko.cabinet.audit.recording import record
from tests.cabinet.matrix.expected import Tried, page
from tests.cabinet.matrix.stage import NONE, ORGANISATIONS, Stage, Thing, Things


def events(stage: Stage) -> Things:
    """Done with the data of each organisation by the federal organiser: seen by those who see the place."""

    def make() -> Things:
        federal = stage.world.acting("federal")
        found = {}
        for relation, name in ORGANISATIONS[stage.place].items():
            of_it = record(JOURNAL_READ, acting=federal, organisation=stage.world[name])
            found[relation] = Thing({"pk": of_it.pk}, seen=stage.sees(relation))
        return {**found, NONE: Thing({"pk": 10**9}, seen=False)}

    found: Things = stage.once("events", make)
    return found


TRIED: dict[str, Tried] = {
    "journal": page(),
    "journal-event": page(events),
    "own-readers": page(),
}
