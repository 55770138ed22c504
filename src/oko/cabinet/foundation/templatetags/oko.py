"""The few words that templates add to Django's."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from oko.cabinet.foundation import russian

register = template.Library()

#: «08:00 по Новосибирску»: how people call their clocks.
ZONE_NAMES = {
    "Europe/Kaliningrad": "по Калининграду",
    "Europe/Moscow": "по Москве",
    "Europe/Saratov": "по Саратову",
    "Europe/Samara": "по Самаре",
    "Asia/Yekaterinburg": "по Екатеринбургу",
    "Asia/Omsk": "по Омску",
    "Asia/Novosibirsk": "по Новосибирску",
    "Asia/Krasnoyarsk": "по Красноярску",
    "Asia/Irkutsk": "по Иркутску",
    "Asia/Yakutsk": "по Якутску",
    "Asia/Vladivostok": "по Владивостоку",
    "Asia/Magadan": "по Магадану",
    "Asia/Kamchatka": "по Камчатке",
}


def zone_name(zone: tzinfo) -> str:
    """The zone in words, or its offset where it has none here."""
    key = str(zone)
    if key in ZONE_NAMES:
        return ZONE_NAMES[key]
    offset = timezone.now().astimezone(zone).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:]}"


def show_moment(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d.%m.%Y, %H:%M} {zone_name(zone)}"


@register.filter
def moment(value: datetime | None) -> str:
    """A moment on the clock of the person who reads, with the zone named."""
    return show_moment(value, timezone.get_current_timezone()) if value else "—"


@register.filter
def moscow(value: datetime | None) -> str:
    return show_moment(value, ZoneInfo("Europe/Moscow")) if value else "—"


@register.filter
def until(value: datetime | None, now: datetime | None = None) -> str:
    """«осталось 2 ч 10 мин» or «просрочено на 3 дн.»."""
    if value is None:
        return ""
    seconds = int((value - (now or timezone.now())).total_seconds())
    words = _("осталось") if seconds >= 0 else _("просрочено на")
    minutes = abs(seconds) // 60
    days, rest = divmod(minutes, 24 * 60)
    if days >= 2:
        return f"{words} {days} {_('дн.')}"
    return f"{words} {days * 24 + rest // 60} {_('ч')} {rest % 60:02d} {_('мин')}"


@register.filter
def count_of(value: int, forms: str) -> str:
    """`{{ n|count_of:"школа,школы,школ" }}`"""
    one, few, many = forms.split(",")
    return russian.plural(int(value), one, few, many)


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changes: Any) -> str:
    """This page's address with some parameters changed; an empty value takes a parameter away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query[name] = value
    return f"?{query.urlencode()}"
