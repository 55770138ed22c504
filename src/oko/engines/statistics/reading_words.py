"""Words of the page in plain words: numbers with their nouns, places, names of items."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from oko.engines.papers import Item
from oko.engines.statistics.levels import Level
from oko.engines.statistics.wording import percent_text

_LONGEST_SKILL = 90  # letters: skills of the programme are whole sentences

HERE = "здесь"
IN_LEVEL = {
    Level.COUNTRY: "по всей выборке",
    Level.REGION: "в регионе",
    Level.MUNICIPALITY: "в муниципалитете",
    Level.SCHOOL: "в организации",
}


def form(count: int, one: str, few: str, many: str) -> str:
    """The form of a noun that a number asks for."""
    tens, ones = count % 100, count % 10
    if ones == 1 and tens != 11:
        return one
    return few if 2 <= ones <= 4 and not 12 <= tens <= 14 else many


def number(count: int) -> str:
    """«1 234», with a space that does not break."""
    return f"{count:,}".replace(",", "\u00a0")


def participants(count: int) -> str:
    """«1 участник», «24 участника»."""
    return f"{number(count)}\u00a0{form(count, 'участник', 'участника', 'участников')}"


def of_participants(count: int) -> str:
    """After «из», «у», «меньше»: «21 участника», «24 участников»."""
    return f"{number(count)}\u00a0{form(count, 'участника', 'участников', 'участников')}"


def organisations(count: int) -> str:
    """After «из»: «21 организации», «24 организаций»."""
    return f"{number(count)}\u00a0{form(count, 'организации', 'организаций', 'организаций')}"


def percent(value: float) -> str:
    """«20,8 %»."""
    return f"{percent_text(value)}\u00a0%"


def points(value: float) -> str:
    """A difference of percents, without its sign: «8,4 п. п.»."""
    return f"{percent_text(abs(value))}\u00a0п.\u00a0п."


def named(item: Item) -> str:
    """«Задание 5.1 (толковать слово)»."""
    skill = item.skill or item.area
    return (
        f"Задание {item.code} ({shorten(skill, _LONGEST_SKILL, placeholder=' …')})"
        if skill
        else (f"Задание {item.code}")
    )


def listed(codes: Sequence[str]) -> str:
    """«1, 2 и 5.1»."""
    *first, last = codes
    return f"{', '.join(first)} и {last}" if first else last
