"""Tables of the pages about access."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.access import states
from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.people.models import Appointment


class IssueTable(CabinetTable):
    caption = _("Люди, которым вы выдаёте доступ")
    export_name = "доступ"

    choose = tables.Column(
        verbose_name=_("Выбрать"), accessor="pk", orderable=False, exclude_from_export=True
    )
    full_name = tables.Column(verbose_name=_("ФИО"), accessor="person__full_name")
    login = tables.Column(verbose_name=_("Логин"), accessor="person__username")
    role = tables.Column(verbose_name=_("Роль"))
    organisation = tables.Column(
        verbose_name=_("Организация"),
        accessor="organisation__short_name",
        order_by=("organisation__sort_key", "organisation__code"),
    )
    code = tables.Column(verbose_name=_("Код"), accessor="organisation__code")
    access_state = tables.Column(verbose_name=_("Доступ"))

    class Meta(CabinetTable.Meta):
        model = Appointment
        fields = ("choose", "full_name", "login", "role", "organisation", "code", "access_state")
        empty_text = _("Таких людей нет. Измените отбор.")

    def render_choose(self, record: Any) -> str:
        if record.access_state in (states.State.ACTIVE, states.State.LONG_AGO):
            return "—"
        return format_html(
            '<input class="form-check-input" type="checkbox" name="people" value="{}" form="issue" '
            'aria-label="{}">',
            record.pk,
            _now("Выбрать: %(who)s") % {"who": record.person.full_name},
        )

    def render_access_state(self, record: Any) -> str:
        """The state, and under it what may be done about it."""
        state = format_html(
            '<span class="oko-state oko-state-{}">{}</span>',
            states.COLOURS[record.access_state],
            self.value_access_state(record),
        )
        if record.access_state not in (states.State.ACTIVE, states.State.LONG_AGO):
            return state
        address = reverse("access-reset", args=[record.pk])
        return format_html('{}<br><a href="{}">{}</a>', state, address, _now("Сбросить доступ"))

    def value_access_state(self, record: Any) -> str:
        return states.in_words(record.access_state, record.code_until, record.last_login)


class HoldersTable(CabinetTable):
    caption = _("Кто имеет доступ в вашей организации")
    export_name = "имеют доступ"

    full_name = tables.Column(verbose_name=_("ФИО"))
    role = tables.Column(verbose_name=_("Роль"))
    since = tables.Column(verbose_name=_("Назначен(а)"))
    state = tables.Column(verbose_name=_("Доступ"), orderable=False)
    last_used = tables.Column(verbose_name=_("Последняя работа"))
    whence = tables.Column(verbose_name=_("Откуда"))
    factor = tables.Column(verbose_name=_("Второй фактор"))
    advice = tables.Column(verbose_name=_("Что сделать"), orderable=False)

    class Meta(CabinetTable.Meta):
        fields = ("full_name", "role", "since", "state", "last_used", "whence", "factor", "advice")
        empty_text = _("В организации пока никто не назначен.")

    def render_since(self, value: Any) -> str:
        return f"{value:%d.%m.%Y}"

    def render_last_used(self, value: Any) -> str:
        return moment(value)

    def value_last_used(self, value: Any) -> Any:
        return value

    def render_advice(self, value: list[str]) -> str:
        return format_html("{}", "; ".join(value)) if value else "—"

    def value_advice(self, value: list[str]) -> str:
        return "; ".join(value)
