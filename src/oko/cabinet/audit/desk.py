"""What the journal puts on everybody's desk: a line of the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.registry import PEOPLE_ROOM, MenuItem, register_menu

register_menu(
    MenuItem(_("Журнал событий"), "journal", 78, lambda acting: may(acting, "audit.read"), PEOPLE_ROOM),
    MenuItem(
        _("Кто смотрел мои данные"),
        "own-readers",
        79,
        lambda acting: may(acting, "audit.read_own"),
        PEOPLE_ROOM,
    ),
)
