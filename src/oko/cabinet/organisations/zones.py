"""Clocks: the zones of Russia by their towns, and every other zone that the time zone database knows."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: From west to east; several towns may share an hour and still have had different clocks in the past.
RUSSIAN_ZONES: dict[str, str] = {
    "Europe/Kaliningrad": "Калининград (МСК−1)",
    "Europe/Moscow": "Москва (МСК)",
    "Europe/Simferopol": "Симферополь (МСК)",
    "Europe/Kirov": "Киров (МСК)",
    "Europe/Volgograd": "Волгоград (МСК)",
    "Europe/Astrakhan": "Астрахань (МСК+1)",
    "Europe/Samara": "Самара (МСК+1)",
    "Europe/Saratov": "Саратов (МСК+1)",
    "Europe/Ulyanovsk": "Ульяновск (МСК+1)",
    "Asia/Yekaterinburg": "Екатеринбург (МСК+2)",
    "Asia/Omsk": "Омск (МСК+3)",
    "Asia/Barnaul": "Барнаул (МСК+4)",
    "Asia/Krasnoyarsk": "Красноярск (МСК+4)",
    "Asia/Novokuznetsk": "Новокузнецк (МСК+4)",
    "Asia/Novosibirsk": "Новосибирск (МСК+4)",
    "Asia/Tomsk": "Томск (МСК+4)",
    "Asia/Irkutsk": "Иркутск (МСК+5)",
    "Asia/Chita": "Чита (МСК+6)",
    "Asia/Khandyga": "Хандыга (МСК+6)",
    "Asia/Yakutsk": "Якутск (МСК+6)",
    "Asia/Ust-Nera": "Усть-Нера (МСК+7)",
    "Asia/Vladivostok": "Владивосток (МСК+7)",
    "Asia/Magadan": "Магадан (МСК+8)",
    "Asia/Sakhalin": "Южно-Сахалинск (МСК+8)",
    "Asia/Srednekolymsk": "Среднеколымск (МСК+8)",
    "Asia/Anadyr": "Анадырь (МСК+9)",
    "Asia/Kamchatka": "Петропавловск-Камчатский (МСК+9)",
}

DEFAULT_ZONE = "Europe/Moscow"


@cache
def _zones_by_folded_name() -> dict[str, str]:
    known = {zone.casefold(): zone for zone in available_timezones()}
    for zone, label in RUSSIAN_ZONES.items():
        known[label.casefold()] = zone
        known[label.partition(" (")[0].casefold()] = zone
    return known


def zone_label(zone: str) -> str:
    """«Новосибирск (МСК+4)», or the zone's own name abroad."""
    return RUSSIAN_ZONES.get(zone, zone)


def recognise_zone(text: str) -> str | None:
    """The zone meant by its name or its town, in any case; None where there is no such zone."""
    return _zones_by_folded_name().get(text.casefold())


def validate_time_zone(value: str) -> None:
    if value not in RUSSIAN_ZONES and value not in available_timezones():
        raise ValidationError(_("Такого часового пояса нет. Укажите город из списка или имя вида Asia/Omsk."))
