"""The list of organisations as a table that goes out and comes back: its columns, and each fact as text.

The same layout serves XLSX and CSV, export and import, so that an export imported again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import override

from oko.cabinet.organisations.facts import Facts, ordered_levels, tidy
from oko.cabinet.organisations.models import Kind, Level, Ownership, Settlement
from oko.cabinet.organisations.zones import recognise_zone, zone_label

YES, NO = "да", "нет"


class UnknownValueError(ValueError):
    """A cell that means nothing in its column; the text says what is expected there."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Russian header, other headers under which it is known, and both ways of its cell."""

    field: str
    header: str
    aliases: tuple[str, ...]
    write: Callable[[Any], str]
    read: Callable[[str], Any]


def fold(text: str) -> str:
    """For comparing what people typed: no case, no «ё», no stray signs."""
    return re.sub(r"[^\w+]+", " ", tidy(text).casefold().replace("ё", "е")).strip()


@cache
def labels(choices: type[TextChoices]) -> Mapping[str, str]:
    """Value to Russian label: files are Russian in whatever language the page is read."""
    with override("ru"):
        return {value: str(label) for value, label in choices.choices}


_OTHER_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "Kind": {
        Kind.FEDERAL: ("ФО",),
        Kind.REGION: ("ОИВ", "регион"),
        Kind.CENTRE: ("РЦОКО", "РЦОИ", "региональный центр"),
        Kind.MUNICIPALITY: ("МОУО", "муниципалитет"),
        Kind.SCHOOL: ("ОО", "общеобразовательная организация"),
        Kind.COLLEGE: ("СПО", "ОО СПО", "колледж", "техникум"),
    },
    "Ownership": {
        Ownership.MUNICIPAL: ("муниципальное",),
        Ownership.STATE: ("государственная", "региональная", "государственное"),
        Ownership.FEDERAL: ("федеральное",),
        Ownership.PRIVATE: ("частное", "негосударственная"),
    },
    "Settlement": {
        Settlement.CITY: ("городской",),
        Settlement.TOWN: ("пгт", "поселок"),
        Settlement.VILLAGE: ("село", "сельский", "деревня"),
    },
    "Level": {
        Level.PRIMARY: ("начальное",),
        Level.BASIC: ("основное",),
        Level.SECONDARY: ("среднее",),
        Level.VOCATIONAL: (),
    },
}


@cache
def _meanings(choices: type[TextChoices]) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for value, label in labels(choices).items():
        for name in (value, label, *_OTHER_NAMES[choices.__name__][value]):
            known[fold(name)] = value
    return known


def _choice(choices: type[TextChoices]) -> tuple[Callable[[Any], str], Callable[[str], str]]:
    def write(value: str) -> str:
        return labels(choices).get(value, value)

    def read(text: str) -> str:
        try:
            return _meanings(choices)[fold(text)]
        except KeyError:
            raise UnknownValueError(
                _("одно из: %(values)s") % {"values": ", ".join(labels(choices).values())}
            ) from None

    return write, read


def _write_levels(levels: Sequence[str]) -> str:
    return ", ".join(labels(Level).get(level, level) for level in levels)


def _read_levels(text: str) -> tuple[str, ...]:
    meanings = _meanings(Level)
    try:
        return ordered_levels(meanings[fold(part)] for part in re.split(r"[\s,;/+]+", text) if part)
    except KeyError:
        raise UnknownValueError(
            _("уровни через запятую: %(values)s") % {"values": ", ".join(labels(Level).values())}
        ) from None


def _read_zone(text: str) -> str:
    zone = recognise_zone(text)
    if zone is None:
        raise UnknownValueError(_("город, например Новосибирск, или имя пояса, например Asia/Novosibirsk"))
    return zone


def _read_yes(text: str) -> bool:
    answer = fold(text)
    if answer in ("да", "1", "true", "yes", "+", "действует"):
        return True
    if answer in ("нет", "0", "false", "no", "не действует"):
        return False
    raise UnknownValueError(_("да или нет"))


def _column(
    field: str,
    header: str,
    *aliases: str,
    write: Callable[[Any], str] = str,
    read: Callable[[str], Any] = str,
) -> Column:
    return Column(field, header, aliases, write, read)


_kind, _ownership, _settlement = _choice(Kind), _choice(Ownership), _choice(Settlement)

COLUMNS: tuple[Column, ...] = (
    _column("code", "Код", "Код ОО", "Логин", "Код организации", read=str.lower),
    _column("kind", "Вид", "Вид организации", write=_kind[0], read=_kind[1]),
    _column("name", "Полное название", "Полное наименование", "Название", "Наименование"),
    _column("short_name", "Краткое название", "Краткое наименование"),
    _column("supervisor", "Код вышестоящей", "Кому подчиняется", "Вышестоящая", read=str.lower),
    _column("territory", "Код территории", "Территория", "Код муниципалитета", read=str.lower),
    _column("ownership", "Собственность", "Форма собственности", write=_ownership[0], read=_ownership[1]),
    _column(
        "settlement", "Населённый пункт", "Вид населённого пункта", write=_settlement[0], read=_settlement[1]
    ),
    _column("levels", "Уровни", "Уровни образования", write=_write_levels, read=_read_levels),
    _column("time_zone", "Часовой пояс", write=zone_label, read=_read_zone),
    _column("delivery_address", "Адрес доставки", "Адрес"),
    _column("active", "Действует", write=lambda value: YES if value else NO, read=_read_yes),
)
COLUMN_OF: Mapping[str, Column] = {column.field: column for column in COLUMNS}
HEADERS: tuple[str, ...] = tuple(column.header for column in COLUMNS)


@cache
def known_headers(columns: tuple[Column, ...]) -> Mapping[str, Column]:
    """Each column by its header, and by the other names under which it is known."""
    return {fold(name): column for column in columns for name in (column.header, *column.aliases)}


def rows_of(organisations: Iterable[Facts]) -> Iterable[list[str]]:
    """The cells of each organisation, in the order of `COLUMNS`."""
    return ([column.write(getattr(facts, column.field)) for column in COLUMNS] for facts in organisations)


def drop_downs() -> dict[int, list[str]]:
    """Which columns of an exported XLSX offer a list, and what is on it."""
    offered: dict[str, list[str]] = {
        "kind": list(labels(Kind).values()),
        "ownership": list(labels(Ownership).values()),
        "settlement": list(labels(Settlement).values()),
        "active": [YES, NO],
    }
    return {n: offered[column.field] for n, column in enumerate(COLUMNS) if column.field in offered}


def shown(field: str, facts: Facts | None) -> str:
    """A fact as it stands in the file, for «before and after»."""
    return COLUMN_OF[field].write(getattr(facts, field)) if facts is not None else ""
