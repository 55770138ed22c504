"""Tables of this app."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.assessments import readings
from oko.cabinet.assessments.models import Document
from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.people.models import Appointment

NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}


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
        attrs=NUMBER,
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


class ReadingsTable(CabinetTable):
    """People with how many of their documents they have confirmed, and which are left."""

    caption = gettext_lazy("Кто не ознакомился с документами")
    export_name = "oznakomlenie"

    full_name = tables.Column(verbose_name=gettext_lazy("ФИО"), accessor="person__full_name")
    role = tables.Column(verbose_name=gettext_lazy("Роль"))
    organisation = tables.Column(
        verbose_name=gettext_lazy("Организация"),
        accessor="organisation__short_name",
        order_by=("organisation__sort_key", "organisation__code"),
    )
    code = tables.Column(verbose_name=gettext_lazy("Код"), accessor="organisation__code")
    phone = tables.Column(verbose_name=gettext_lazy("Телефон"), accessor="person__phone", orderable=False)
    confirmed = tables.Column(verbose_name=gettext_lazy("Подтверждено"), attrs=NUMBER)
    unread = tables.Column(
        verbose_name=gettext_lazy("С чем не ознакомлен(а)"),
        orderable=False,
        empty_values=(),
        attrs={"td": {"class": "assessments-unread"}},
    )
    reminded_at = tables.Column(verbose_name=gettext_lazy("Напомнили"), default="—")

    class Meta(CabinetTable.Meta):
        empty_text = gettext_lazy("По этому отбору никого нет: все, кто отобран, ознакомились.")

    def __init__(self, *args: Any, documents: Sequence[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._documents = documents

    def render_phone(self, value: str) -> str:
        return format_html('<a class="assessments-phone" href="tel:{}">{}</a>', _dialled(value), value)

    def value_phone(self, value: str) -> str:
        return value

    def render_confirmed(self, record: Any) -> str:
        return _("%(done)s из %(all)s") % {"done": record.confirmed, "all": record.due}

    def render_unread(self, record: Any) -> str:
        left = readings.unread(record, self._documents)
        if not left:
            return format_html('<span class="oko-state oko-state-ok">{}</span>', _("ознакомлен(а) со всеми"))
        return format_html_join("", "<div>{}</div>", ((_unread_line(one, opened),) for one, opened in left))

    def value_unread(self, record: Any) -> str:
        return "; ".join(
            _unread_line(one, opened) for one, opened in readings.unread(record, self._documents)
        )

    def render_reminded_at(self, value: datetime) -> str:
        return moment(value)


def _unread_line(document: Document, opened: bool) -> str:
    return f"{document.title} — " + (_("открыт, не подтверждён") if opened else _("не открыт"))
