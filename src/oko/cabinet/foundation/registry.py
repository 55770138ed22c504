"""Where each app says what it offers; `site/` draws it. So no page needs to know the apps after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from oko.cabinet.foundation.acting import Acting


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of the main menu, for those whom `shown_to` lets see it."""

    title: Any  # lazy translation
    url_name: str
    position: int
    shown_to: Callable[[Acting], bool] = field(default=lambda acting: True)


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
_cards: list[CardSource] = []


def register_menu(*items: MenuItem) -> None:
    _menu.extend(items)


def register_home_cards(source: CardSource) -> None:
    _cards.append(source)


def menu_for(acting: Acting) -> list[MenuItem]:
    return sorted((item for item in _menu if item.shown_to(acting)), key=lambda item: item.position)


def home_cards(acting: Acting) -> list[HomeCard]:
    """All cards, the wrong and the soonest first."""
    cards = [card for source in _cards for card in source(acting)]
    return sorted(cards, key=lambda card: (card.urgency, card.deadline is None, card.deadline or _LATEST))
