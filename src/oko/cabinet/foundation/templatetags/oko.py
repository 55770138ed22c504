"""The few words that templates add to Django's."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from oko.cabinet.foundation import russian

register = template.Library()

#: «08:00 по Новосибирску»: how people call their clocks.
ZONE_NAMES = {
    "Europe/Kaliningrad": gettext_noop("по Калининграду"),
    "Europe/Moscow": gettext_noop("по Москве"),
    "Europe/Saratov": gettext_noop("по Саратову"),
    "Europe/Samara": gettext_noop("по Самаре"),
    "Asia/Yekaterinburg": gettext_noop("по Екатеринбургу"),
    "Asia/Omsk": gettext_noop("по Омску"),
    "Asia/Novosibirsk": gettext_noop("по Новосибирску"),
    "Asia/Krasnoyarsk": gettext_noop("по Красноярску"),
    "Asia/Irkutsk": gettext_noop("по Иркутску"),
    "Asia/Yakutsk": gettext_noop("по Якутску"),
    "Asia/Vladivostok": gettext_noop("по Владивостоку"),
    "Asia/Magadan": gettext_noop("по Магадану"),
    "Asia/Kamchatka": gettext_noop("по Камчатке"),
}


def zone_name(zone: tzinfo) -> str:
    """The zone in words, or its offset where it has none here."""
    key = str(zone)
    if key in ZONE_NAMES:
        return _(ZONE_NAMES[key])
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
    words = _("осталось %s") if seconds >= 0 else _("просрочено на %s")
    return words % _span(abs(seconds) // 60)


def _span(minutes: int) -> str:
    days, rest = divmod(minutes, 24 * 60)
    if days >= 2:
        return _("%s дн.") % days
    hours = days * 24 + rest // 60
    return _("%(hours)s ч %(minutes)s мин") % {"hours": hours, "minutes": f"{rest % 60:02d}"}


@register.filter
def count_of(value: int, forms: str) -> str:
    """`{{ n|count_of:"школа,школы,школ" }}`; the three forms together are one message (see `counted`)."""
    one, few, many = _(forms).split(",")
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
