"""What this app puts on everybody's desk: its lines of the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.registry import MenuItem, register_menu


def supervises(acting: Acting) -> bool:
    return acting.supervises


def stands_alone(acting: Acting) -> bool:
    return not acting.supervises


register_menu(
    MenuItem(_("Организации"), "organisations", 60, supervises),
    MenuItem(_("Моя организация"), "own-organisation", 60, stands_alone),
)
