"""How an address is tried, and the answer that follows from the rule set: without running the view.

answer = the door → the section's verb → does the thing exist for this actor → the verb asked of it → the step
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from oko.cabinet.foundation.access import VERBS
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.site.addresses import ADDRESSES, Address, Door
from tests.cabinet.matrix.stage import NOTHING, Stage, Thing, Things

SIGN_IN, NO_SUCH_METHOD, REFUSED, MISSING = "302 вход", "405", "403", "404"
OPEN, CLOSED = "открыт", "закрыт"
#: For those who are let in nowhere.
STRANGER, UNAPPOINTED = "stranger", "without_appointment"
NO_APPOINTMENT = "302 нет назначения"

Payload = Callable[[Stage, Thing], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask an address: the method, what is sent along, what the entitled are answered."""

    method: str
    answer: int
    #: The same while the step is closed; None where no step has a say.
    closed: int | None = None
    #: A word of the refusal that a closed step gets; empty where nothing is refused.
    closed_word: str = ""
    payload: Payload | None = None
    #: Whether the entitled change something by it.
    changes: bool = False
    #: Whether the first thing will do: where the method decides, and not whose the thing is.
    once: bool = False

    @property
    def title(self) -> str:
        return f"{self.method} с данными" if self.payload else self.method


@dataclass(frozen=True, slots=True)
class Tried:
    """What is tried of an address: on which things, in which ways."""

    things: Callable[[Stage], Things]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the matrix for one actor."""

    name: str
    way: Way
    relation: str
    thing: Thing
    step: str

    @property
    def row(self) -> tuple[str, str, str, str]:
        return self.name, self.way.title, self.relation, self.step


def nothing(_stage: Stage) -> Things:
    return NOTHING


def page(things: Callable[[Stage], Things] = nothing, *, post: int | None = None, answer: int = 200) -> Tried:
    """A page to read. `post`: what sending a form to it gives; by default the page again."""
    return Tried(
        things, (Way("GET", answer), Way("POST", answer if post is None else post, once=post is None))
    )


def read_only(things: Callable[[Stage], Things] = nothing, *, closed: int | None = None) -> Tried:
    """A page or a file that answers GET alone."""
    return Tried(things, (Way("GET", 200, closed), Way("POST", 405, once=True)))


def form(
    things: Callable[[Stage], Things] = nothing,
    payload: Payload | None = None,
    *,
    empty: int = 200,
    done: int = 302,
) -> Tried:
    """A page with a form: sent empty it comes back with what is wrong; sent filled in, it is done."""
    ways = [Way("GET", 200), Way("POST", empty)]
    if payload is not None:
        ways.append(Way("POST", done, payload=payload, changes=True))
    return Tried(things, tuple(ways))


def asks_first(things: Callable[[Stage], Things]) -> Tried:
    """A page that says what will happen; POST does it."""
    return Tried(things, (Way("GET", 200), Way("POST", 302, changes=True)))


def act(
    things: Callable[[Stage], Things] = nothing,
    payload: Payload | None = None,
    *,
    empty: int = 302,
    done: int = 302,
    closed: int | None = None,
    closed_word: str = "",
    changes: bool = True,
) -> Tried:
    """A button: POST alone. Where it needs something sent along, empty it changes nothing."""
    last = Way("POST", done, closed, closed_word, payload, changes)
    wrong = Way("GET", 405, once=True)
    ways = (wrong, Way("POST", empty), last) if payload else (wrong, last)
    return Tried(things, ways)


def questions(name: str, tried: Tried, stage: Stage) -> Iterator[Question]:
    things = tried.things(stage)
    for way in tried.ways:
        for relation, thing in list(things.items())[: 1 if way.once else None]:
            if way.closed is None:
                yield Question(name, way, relation, thing, "")
            else:
                yield Question(name, way, relation, thing, OPEN)
                yield Question(name, way, relation, thing, CLOSED)


def expected(acting: Acting, question: Question) -> str:
    """The status that the rule set demands."""
    address, way, thing = ADDRESSES[question.name], question.way, question.thing
    if way.answer == 405:
        return NO_SUCH_METHOD
    if address.section and not VERBS[address.section].allows(acting):
        return REFUSED
    if address.sending and way.method == "POST" and not VERBS[address.sending].allows(acting):
        return REFUSED
    if not thing.seen:
        return MISSING
    if address.thing and not VERBS[address.thing].allows(acting, thing.subject):
        return REFUSED
    if address.act and not VERBS[address.act].allows(acting, thing.act_subject or thing.subject):
        return REFUSED
    return str(way.closed if question.step == CLOSED else way.answer)


def worth_asking(acting: Acting, asked: list[Question]) -> Iterator[Question]:
    """All of them, but where the section is closed to the role: there the first thing and the one that does
    not exist are answered alike, or nobody looked at the section first.
    """
    for place, question in enumerate(asked):
        section = ADDRESSES[question.name].section
        inside = place + 1 < len(asked) and asked[place - 1].way is question.way is asked[place + 1].way
        if not (inside and section and not VERBS[section].allows(acting)):
            yield question


def expected_of_a_stranger(address: Address, way: Way) -> str:
    """Nobody signed in: the way to the sign-in page, but from what is open to the street."""
    return str(way.answer) if address.door is Door.STREET else SIGN_IN


def expected_without_appointment(address: Address, way: Way) -> str:
    """Signed in, appointed nowhere."""
    return str(way.answer) if address.door is not Door.APPOINTED else NO_APPOINTMENT
