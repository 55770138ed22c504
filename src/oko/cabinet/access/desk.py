"""What this app puts on everybody's desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.registry import PEOPLE_ROOM, MenuItem, register_menu

register_menu(
    MenuItem(
        _("Выдача доступа"), "access-issue", 75, lambda acting: may(acting, "access.issue"), PEOPLE_ROOM
    ),
    MenuItem(
        _("Кто имеет доступ"), "access-holders", 76, lambda acting: may(acting, "access.review"), PEOPLE_ROOM
    ),
)
