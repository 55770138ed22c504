"""How the addresses of people, and those about oneself, are tried."""

from __future__ import annotations

from django.utils import timezone

from oko.cabinet.people.models import Appointment, Notice
from tests.cabinet.matrix.expected import Tried, Way, act, nothing, page
from tests.cabinet.matrix.stage import NONE, Stage, Thing, Things

MINE, SOMEBODY_ELSES = "своё", "другого человека"


def appointments(stage: Stage) -> Things:
    return {
        MINE: Thing({"pk": stage.appointment.pk}),
        SOMEBODY_ELSES: Thing({"pk": stage.world.appointments["teacher"].pk}, seen=False),
        NONE: Thing({"pk": 10**9}, seen=False),
    }


def notices(stage: Stage) -> Things:
    """A notice is its reader's alone; the coordinator above does not see it."""

    def make() -> Things:
        somebody = stage.world.appointments["teacher"]
        return {
            MINE: Thing({"pk": _notice(stage.appointment)}),
            SOMEBODY_ELSES: Thing({"pk": _notice(somebody)}, seen=False),
            NONE: Thing({"pk": 10**9}, seen=False),
        }

    found: Things = stage.once("notices", make)
    return found


def _notice(appointment: Appointment) -> int:
    notice = Notice.everything.create(appointment=appointment, text="Проверьте план.", sent_at=timezone.now())
    return int(notice.pk)


def all_notices(stage: Stage) -> Things:
    notices(stage)
    return nothing(stage)


TRIED: dict[str, Tried] = {
    "home": page(),
    "language": Tried(nothing, (Way("GET", 405), Way("POST", 302))),
    "health": page(),
    "act-as": Tried(appointments, (Way("GET", 405), Way("POST", 302))),
    "no-appointment": page(answer=302),
    "people": page(),
    "notices": page(),
    "notices-read": act(all_notices),
    "notice-read": act(notices),
}
