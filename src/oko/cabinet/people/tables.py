"""The table of appointed people."""

from __future__ import annotations

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.people.models import Appointment, State

ONE_LINE = {"td": {"class": "text-nowrap"}}


class PeopleTable(CabinetTable):
    caption = _("Назначенные люди")
    export_name = "люди"

    full_name = tables.Column(verbose_name=_("ФИО"), accessor="person__full_name")
    organisation = tables.Column(
        verbose_name=_("Организация"),
        accessor="organisation__short_name",
        order_by=("organisation__sort_key", "organisation__code"),
        linkify=("organisation", {"code": tables.A("organisation__code")}),
    )
    code = tables.Column(verbose_name=_("Код"), accessor="organisation__code")
    phone = tables.Column(
        verbose_name=_("Телефон"), accessor="person__phone", orderable=False, attrs=ONE_LINE
    )
    email = tables.Column(verbose_name=_("Почта"), accessor="person__email", orderable=False, attrs=ONE_LINE)
    order = tables.Column(
        verbose_name=_("Приказ"), empty_values=(), order_by=("order__date", "order__number")
    )
    state = tables.Column(verbose_name=_("Назначение"))

    class Meta(CabinetTable.Meta):
        model = Appointment
        fields = ("full_name", "phone", "role", "organisation", "code", "email", "order", "state")
        empty_text = _("Таких назначений нет. Измените отбор.")

    def render_phone(self, value: str) -> str:
        """A telephone in hand calls at a touch."""
        number = "".join(c for c in value if c.isdigit() or c == "+")
        return format_html('<a href="tel:{}">{}</a>', number, value)

    def value_phone(self, value: str) -> str:
        return value

    def render_order(self, record: Appointment) -> str:
        number = f"№ {record.order_number}" if record.order_number else ""
        day = _now("от %(day)s") % {"day": f"{record.order_date:%d.%m.%Y}"} if record.order_date else ""
        return " ".join(part for part in (number, day) if part) or "—"

    def render_state(self, record: Appointment) -> str:
        if record.state == State.CONFIRMED and not record.organisation.active:
            return _now("организация не действует")
        return record.get_state_display()
