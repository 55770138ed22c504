"""Appointments as a table that goes out and comes back: the columns of the template and of the import."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.appointments.forms import EARLIEST, LATEST
from oko.cabinet.organisations.facts import tidy
from oko.cabinet.organisations.importing import Layout
from oko.cabinet.organisations.layout import Column, UnknownValueError, fold, labels
from oko.cabinet.people.models import Role

#: What people also call the roles.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    Role.HEAD: ("руководитель", "директор"),
    Role.SCHOOL_COORDINATOR: ("ответственный организатор", "координатор оо", "школьный координатор"),
    Role.ROOM_ORGANISER: ("организатор",),
    Role.SCANNING_SPECIALIST: ("специалист сканирования",),
}
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{1,2})-(\d{1,2})")


@cache
def _roles() -> Mapping[str, str]:
    known = {fold(label): value for value, label in labels(Role).items()}
    return known | {fold(name): role for role, names in _OTHER_NAMES.items() for name in names}


def _read_role(text: str) -> str:
    try:
        return _roles()[fold(text)]
    except KeyError:
        raise UnknownValueError(
            _("одна из: %(values)s") % {"values": ", ".join(labels(Role).values())}
        ) from None


def _read_day(text: str) -> date:
    found = _DAY.match(text)
    if found:
        day, month, year, year2, month2, day2 = (int(part) if part else 0 for part in found.groups())
        try:
            read = datetime(year or year2, month or month2, day or day2).date()  # noqa: DTZ001  # a day
        except ValueError:
            read = None
        if read is not None and EARLIEST <= read <= LATEST:
            return read
    raise UnknownValueError(_("дата, например 21.04.2026"))


def _read_subjects(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in re.split(r"[,;]", text) if (name := tidy(part)[:100])))


def _read_phone(text: str) -> str:
    if sum(c.isdigit() for c in text) < 5 or len(text) > 40:
        raise UnknownValueError(_("телефон цифрами, например +7 900 000-00-00"))
    return text


def _read_email(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text) or len(text) > 254:
        raise UnknownValueError(_("адрес почты, например ivanova@example.org"))
    return text


def _short(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > longest:
            raise UnknownValueError(_("не длиннее %(count)s знаков") % {"count": longest})
        return text

    return read


def _column(field: str, header: str, *aliases: str, read: Callable[[str], Any]) -> Column:
    return Column(field, header, aliases, str, read)


COLUMNS: tuple[Column, ...] = (
    _column("code", "Код организации", "Код", "Код ОО", read=str.lower),
    _column("full_name", "ФИО", "Фамилия, имя, отчество", read=_short(200)),
    _column("role", "Роль", read=_read_role),
    _column("position", "Должность", read=_short(200)),
    _column("phone", "Телефон", "Мобильный телефон", read=_read_phone),
    _column("email", "Почта", "Электронная почта", "E-mail", read=_read_email),
    _column("login", "Логин", read=str.lower),
    _column("workplace", "Код места работы", "Место работы", read=str.lower),
    _column("subjects", "Специалист по предметам", "Предметы специалиста", read=_read_subjects),
    _column("room", "Аудитория", read=_short(40)),
    _column("subject", "Предмет", "Предмет работы", read=_short(100)),
    _column("order_number", "Номер приказа", "Приказ", read=_short(60)),
    _column("order_date", "Дата приказа", read=_read_day),
)
HEADERS: tuple[str, ...] = tuple(column.header for column in COLUMNS)
POSITIONS: Mapping[str, int] = {column.field: number for number, column in enumerate(COLUMNS)}

APPOINTMENTS = Layout(
    COLUMNS,
    "code",
    gettext_lazy(
        "Список назначений не найден: нет строки заголовков. Ожидаются столбцы «Код организации», «ФИО», "
        "«Роль» и другие. Скачайте шаблон и заполните его."
    ),
)
