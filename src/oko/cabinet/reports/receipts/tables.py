"""Tables of receipts: schools with their papers; for the country, regions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.receipts.queries import ALL, CONFIRMED, OPENED, STATES, UNOPENED, UPDATED, Counts

NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}
LOOKS = {UNOPENED: "bad", OPENED: "due", UPDATED: "wait", CONFIRMED: "ok"}


class ReceiptsTable(CabinetTable):
    """A row for each school and paper (see `queries.rows`)."""

    caption = gettext_lazy("Получение отчётов")
    export_name = "poluchenie-otchetov"

    organisation = tables.Column(
        verbose_name=gettext_lazy("Организация"),
        accessor="organisation__short_name",
        order_by=("organisation__sort_key", "organisation__code"),
    )
    code = tables.Column(verbose_name=gettext_lazy("Код"), accessor="organisation__code")
    paper = tables.Column(verbose_name=gettext_lazy("Работа"), order_by=("paper__grade", "paper__subject"))
    state = tables.Column(verbose_name=gettext_lazy("Состояние"))
    opened_at = tables.Column(verbose_name=gettext_lazy("Открыли"), default="—")
    confirmed_at = tables.Column(
        verbose_name=gettext_lazy("Подтвердили"),
        empty_values=(),
        order_by=("confirmed_at", "before_at"),
    )
    reminded_at = tables.Column(verbose_name=gettext_lazy("Напомнили"), default="—")

    class Meta(CabinetTable.Meta):
        empty_text = gettext_lazy("По этому отбору никого нет.")

    def render_state(self, value: str) -> SafeString:
        return format_html('<span class="oko-state oko-state-{}">{}</span>', LOOKS[value], STATES[value])

    def value_state(self, value: str) -> str:
        return str(STATES[value])

    def render_opened_at(self, value: Any) -> str:
        return moment(value)

    def render_confirmed_at(self, record: Any) -> str:
        if record.confirmed_at:
            return f"{record.confirmed_name}, {moment(record.confirmed_at)}"
        if record.before_at:
            before = {"who": record.before_name, "when": moment(record.before_at)}
            return _("до обновления: %(who)s, %(when)s") % before
        return "—"

    def render_reminded_at(self, value: Any) -> str:
        return moment(value)


class RegionsTable(CabinetTable):
    """A row for each region (see `region_rows`)."""

    caption = gettext_lazy("Получение отчётов по регионам")
    export_name = "poluchenie-otchetov-po-regionam"

    region = tables.Column(verbose_name=gettext_lazy("Регион"), order_by="region_key")
    expected = tables.Column(verbose_name=gettext_lazy("Отчётов"), attrs=NUMBER)
    confirmed = tables.Column(verbose_name=gettext_lazy("Подтвердили"), attrs=NUMBER)
    updated = tables.Column(verbose_name=gettext_lazy("Обновлены после подтверждения"), attrs=NUMBER)
    opened = tables.Column(verbose_name=gettext_lazy("Открыли, не подтвердили"), attrs=NUMBER)
    unopened = tables.Column(verbose_name=gettext_lazy("Не открывали"), attrs=NUMBER)

    class Meta(CabinetTable.Meta):
        empty_text = gettext_lazy("Ни в одном регионе отчёты ещё не открыты.")

    def render_region(self, value: str, record: dict[str, Any]) -> SafeString:
        query = urlencode({"region": record["code"], "state": ALL})
        return format_html('<a href="{}?{}">{}</a>', reverse("report-receipts"), query, value)


def region_rows(counted: Iterable[tuple[Organisation, Counts]]) -> list[dict[str, Any]]:
    return [
        {
            "region": region.short_name,
            "region_key": region.sort_key,
            "code": region.code,
            "expected": counts.expected,
            "confirmed": counts.confirmed,
            "updated": counts.updated,
            "opened": counts.opened,
            "unopened": counts.unopened,
        }
        for region, counts in counted
    ]
