"""The tables of appointments, orders and those who wait."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.people.models import Appointment, Order, State

ONE_LINE = {"td": {"class": "text-nowrap"}}
NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}

STATE_LOOKS = {
    State.PROPOSED: "due",
    State.CONFIRMED: "ok",
    State.DECLINED: "bad",
    State.WITHDRAWN: "none",
}


def order_state(order: Order) -> tuple[str, str]:
    """How an order stands, with the look of its badge."""
    if order.signed_at is not None:
        return "ok", _now("подписан в кабинете")
    if order.scan_sha256:
        return "ok", _now("подписан на бумаге, скан приложен")
    return "due", _now("не подписан")


def call(phone: str) -> str:
    """A telephone in hand calls at a touch."""
    number = "".join(c for c in phone if c.isdigit() or c == "+")
    return format_html('<a href="tel:{}">{}</a>', number, phone)


class AppointmentTable(CabinetTable):
    caption = _("Назначения")
    export_name = "назначения"
    #: Those on the page that the rules would refuse today.
    conflicts: frozenset[int] = frozenset()

    full_name = tables.Column(
        verbose_name=_("ФИО"),
        accessor="person__full_name",
        linkify=("appointment", {"pk": tables.A("pk")}),
    )
    organisation = tables.Column(
        verbose_name=_("Организация"),
        accessor="organisation__short_name",
        order_by=("organisation__sort_key", "organisation__code"),
    )
    code = tables.Column(verbose_name=_("Код"), accessor="organisation__code", visible=False)
    position = tables.Column(verbose_name=_("Должность"), accessor="person__position", visible=False)
    workplace = tables.Column(verbose_name=_("Место работы"), accessor="person__workplace", visible=False)
    phone = tables.Column(
        verbose_name=_("Телефон"), accessor="person__phone", orderable=False, attrs=ONE_LINE
    )
    email = tables.Column(verbose_name=_("Почта"), accessor="person__email", orderable=False, visible=False)
    login = tables.Column(verbose_name=_("Логин"), accessor="person__username", visible=False)
    room = tables.Column(verbose_name=_("Аудитория, предмет"), empty_values=(), orderable=False)
    order = tables.Column(
        verbose_name=_("Приказ"), empty_values=(), order_by=("order__date", "order__number")
    )
    state = tables.Column(verbose_name=_("Состояние"))

    class Meta(CabinetTable.Meta):
        model = Appointment
        fields = (
            "full_name",
            "role",
            "organisation",
            "code",
            "position",
            "workplace",
            "phone",
            "email",
            "login",
            "room",
            "order",
            "state",
        )
        empty_text = _("Таких назначений нет. Измените отбор или назначьте людей.")

    def render_phone(self, value: str) -> str:
        return call(value)

    def value_phone(self, value: str) -> str:
        return value

    def render_room(self, record: Appointment) -> str:
        return ", ".join(part for part in (record.room, record.subject) if part) or "—"

    def render_order(self, record: Appointment) -> str:
        if record.order is None:
            return format_html('<span class="oko-state oko-state-due">{}</span>', _now("без приказа"))
        return str(record.order)

    def value_order(self, record: Appointment) -> str:
        return str(record.order) if record.order else ""

    def render_state(self, record: Appointment) -> str:
        state = badge(STATE_LOOKS[State(record.state)], record.get_state_display())
        if record.pk not in self.conflicts:
            return state
        return format_html("{} {}", state, badge("bad", _now("не по правилам")))


def badge(look: str, words: Any) -> str:
    return format_html('<span class="oko-state oko-state-{}">{}</span>', look, words)


class WaitingTable(AppointmentTable):
    """Each row can be ticked: a region's experts are confirmed at once."""

    caption = _("Ждут подтверждения")
    export_name = "ждут подтверждения"

    tick = tables.Column(verbose_name=_("Выбрать"), accessor="pk", orderable=False, exclude_from_export=True)
    workplace = tables.Column(verbose_name=_("Место работы"), accessor="person__workplace", orderable=False)

    class Meta(AppointmentTable.Meta):
        sequence = ("tick", "...")
        exclude = ("code", "state", "login", "email")
        empty_text = _("Никто не ждёт вашего подтверждения.")

    def render_tick(self, record: Appointment) -> str:
        return format_html(
            '<input class="form-check-input" type="checkbox" name="chosen" value="{}" form="confirm-chosen" '
            'aria-label="{}">',
            record.pk,
            record.person.full_name,
        )


class OrderTable(CabinetTable):
    caption = _("Приказы")
    export_name = "приказы"

    number = tables.Column(
        verbose_name=_("Приказ"),
        linkify=("order", {"pk": tables.A("pk")}),
        order_by=("number", "date"),
        attrs=ONE_LINE,
    )
    organisation = tables.Column(
        verbose_name=_("Организация"),
        accessor="organisation__short_name",
        order_by=("organisation__sort_key", "organisation__code"),
    )
    people = tables.Column(verbose_name=_("Назначений"), attrs=NUMBER)
    stands = tables.Column(verbose_name=_("Подпись"), empty_values=(), orderable=False)

    class Meta(CabinetTable.Meta):
        model = Order
        fields = ("number", "date", "organisation", "people", "stands")
        empty_text = _("Приказов пока нет. Внесите приказ: номер и дату, затем приложите скан.")

    def render_number(self, record: Order) -> str:
        return f"№ {record.number}"

    def render_stands(self, record: Order) -> str:
        return badge(*order_state(record))
