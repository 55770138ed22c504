"""Where each app says what it offers; `site/` draws it. So no page needs to know the apps after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.acting import Acting


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of the main menu, for those whom `shown_to` lets see it. With a `room`, it stands in the
    second row, which is drawn while one is in that room.
    """

    title: Any  # lazy translation
    url_name: str
    position: int
    shown_to: Callable[[Acting], bool] = field(default=lambda acting: True)
    room: str = ""


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A line as it is drawn: `current` where the page is the line's own or below it."""

    title: Any
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """The main row, and the row of the room in which the page is (empty outside of rooms)."""

    main: list[MenuLine]
    room: list[MenuLine]


class Urgency(IntEnum):
    """How a card on the home page is coloured and ordered."""

    WRONG = 1
    DUE = 2
    WAITING = 3
    DONE = 4
    INFORMATION = 5


@dataclass(frozen=True, slots=True)
class HomeCard:
    """One answer on the home page: what to do now, by when, what is wrong, what is done."""

    title: str
    text: str
    urgency: Urgency
    url: str = ""
    action: str = ""
    deadline: datetime | None = None
    deadline_text: str = ""
    #: What a press of the second button does (sent as a form), and its words.
    post_url: str = ""
    post_action: str = ""


MenuSource = list[MenuItem]
CardSource = Callable[[Acting], list[HomeCard]]

_LATEST = datetime.max.replace(tzinfo=UTC)

_menu: MenuSource = []

PEOPLE_ROOM = "people"
#: Rooms of the menu, with title and position: one line in the main row, which leads to the first item inside
#: that one may see.
ROOMS: dict[str, tuple[Any, int]] = {PEOPLE_ROOM: (_("Люди и доступ"), 68)}
_cards: list[CardSource] = []


def register_menu(*items: MenuItem) -> None:
    _menu.extend(items)


def register_home_cards(source: CardSource) -> None:
    _cards.append(source)


def menu_for(acting: Acting, path: str) -> Menu:
    """The menu of the page at `path`."""
    items = sorted((item for item in _menu if item.shown_to(acting)), key=lambda item: item.position)
    urls = {item.url_name: reverse(item.url_name) for item in items}
    here = max(
        (item for item in items if path.startswith(urls[item.url_name])),
        key=lambda item: len(urls[item.url_name]),
        default=None,
    )
    main: list[tuple[int, MenuLine]] = []
    for item in items:
        if not item.room:
            main.append((item.position, MenuLine(item.title, urls[item.url_name], item is here)))
    for room, (title, position) in ROOMS.items():
        first = next((item for item in items if item.room == room), None)
        if first is not None:
            inside = here is not None and here.room == room
            main.append((position, MenuLine(title, urls[first.url_name], inside)))
    around = [item for item in items if here is not None and here.room and item.room == here.room]
    return Menu(
        main=[line for _position, line in sorted(main, key=lambda pair: pair[0])],
        room=[MenuLine(item.title, urls[item.url_name], item is here) for item in around],
    )


def home_cards(acting: Acting) -> list[HomeCard]:
    """All cards, the wrong and the soonest first."""
    cards = [card for source in _cards for card in source(acting)]
    return sorted(cards, key=lambda card: (card.urgency, card.deadline is None, card.deadline or _LATEST))
