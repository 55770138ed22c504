"""Tables of this app."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.people.models import Appointment


class ExceptionTable(CabinetTable):
    """Exceptions as plain rows (see `views.exceptions`)."""

    caption = gettext_lazy("Особые сроки")
    export_name = "osobye-sroki"

    organisation = tables.Column(verbose_name=gettext_lazy("Организация"), order_by="organisation_key")
    step = tables.Column(verbose_name=gettext_lazy("Шаг"))
    kind = tables.Column(verbose_name=gettext_lazy("Что"))
    until = tables.Column(verbose_name=gettext_lazy("До"), empty_values=())
    reason = tables.Column(verbose_name=gettext_lazy("Причина"))
    made_by = tables.Column(verbose_name=gettext_lazy("Кто"))
    made_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Когда"), format="d.m.Y, H:i")
    state = tables.Column(verbose_name=gettext_lazy("Состояние"))
    end = tables.Column(
        verbose_name=gettext_lazy("Снять"), orderable=False, empty_values=(), exclude_from_export=True
    )

    class Meta(CabinetTable.Meta):
        empty_text = gettext_lazy("Особых сроков нет: все шаги идут по плану-графику.")

    def render_until(self, record: dict[str, Any]) -> str:
        return str(record["until_text"])

    def render_state(self, record: dict[str, Any]) -> str:
        css = "due" if record["stands"] else "none"
        return format_html('<span class="oko-state oko-state-{}">{}</span>', css, record["state"])

    def render_end(self, record: dict[str, Any]) -> str:
        if not record["may_end"]:
            return ""
        url = reverse("exception-end", args=[record["pk"]])
        label = _("Снять: %(kind)s, %(organisation)s") % record
        return format_html('<a href="{}" aria-label="{}">{}</a>', url, label, _("Снять"))


class CallTable(CabinetTable):
    """Whom to call about what, with telephone numbers."""

    caption = gettext_lazy("Кому звонить")
    export_name = "komu-zvonit"

    code = tables.Column(verbose_name=gettext_lazy("Код"))
    organisation = tables.Column(verbose_name=gettext_lazy("Организация"), order_by="organisation_key")
    number = tables.Column(
        verbose_name=gettext_lazy("Не хватает"),
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    what = tables.Column(verbose_name=gettext_lazy("Чего нет"), orderable=False)
    people = tables.Column(verbose_name=gettext_lazy("Кому звонить"), orderable=False)

    class Meta(CabinetTable.Meta):
        empty_text = gettext_lazy("Звонить некому: отстающих нет.")

    def render_organisation(self, record: dict[str, Any]) -> str:
        return format_html('<a href="{}">{}</a>', record["url"], record["organisation"])

    def render_people(self, record: dict[str, Any]) -> str:
        if not record["contacts"]:
            return _("контактов нет")
        lines = [(a.person.full_name, a.get_role_display().lower(), _phone(a)) for a in record["contacts"]]
        return format_html_join("", "<div>{}, {} {}</div>", lines)


def _phone(appointment: Appointment) -> str:
    phone = appointment.person.phone
    if not phone:
        return _("(телефон не указан)")
    return format_html('<a class="assessments-phone" href="tel:{}">{}</a>', _dialled(phone), phone)


def _dialled(phone: str) -> str:
    return "".join(c for c in phone if c.isdigit() or c == "+")
