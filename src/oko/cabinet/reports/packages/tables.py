"""The packages that one's organisation has ordered."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.reports.models import ReportPackage

NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}
State = ReportPackage.State
LOOKS = {
    State.QUEUED: "wait",
    State.MAKING: "wait",
    State.READY: "ok",
    State.FAILED: "bad",
    State.CANCELLED: "none",
    State.EXPIRED: "none",
}


class PackagesTable(CabinetTable):
    caption = gettext_lazy("Заказанные пакеты отчётов")
    export_name = "pakety-otchetov"

    ordered_at = tables.Column(verbose_name=gettext_lazy("Заказан"))
    organisation = tables.Column(
        verbose_name=gettext_lazy("Для кого"),
        accessor="organisation__short_name",
        order_by="organisation__sort_key",
    )
    papers = tables.Column(verbose_name=gettext_lazy("Работ"), attrs=NUMBER, orderable=False)
    ordered_by = tables.Column(
        verbose_name=gettext_lazy("Кто заказал"),
        accessor="ordered_by__full_name",
    )
    state = tables.Column(verbose_name=gettext_lazy("Состояние"))
    size = tables.Column(verbose_name=gettext_lazy("Размер"), attrs=NUMBER)
    file = tables.Column(
        verbose_name=gettext_lazy("Файл"), empty_values=(), orderable=False, exclude_from_export=True
    )

    class Meta(CabinetTable.Meta):
        sequence = ("ordered_at", "organisation", "state", "file", "...")
        empty_text = gettext_lazy("Пакетов ещё не заказывали.")

    def render_ordered_at(self, value: Any) -> str:
        return moment(value)

    def render_papers(self, value: list[str]) -> int:
        return len(value)

    def render_state(self, record: ReportPackage) -> SafeString:
        look = LOOKS[State(record.state)]
        return format_html('<span class="oko-state oko-state-{}">{}</span>', look, record.get_state_display())

    def value_state(self, record: ReportPackage) -> str:
        return str(record.get_state_display())

    def render_size(self, value: int) -> str:
        return filesizeformat(value) if value else "—"

    def value_size(self, value: int) -> int:
        return value

    def render_file(self, record: ReportPackage) -> SafeString | str:
        if record.state == State.READY:
            address, words = reverse("report-package-download", args=[record.pk]), _("Скачать ZIP")
        elif record.is_running or record.state == State.FAILED:
            address, words = reverse("report-package", args=[record.pk]), _("Подробно")
        else:
            return "—"
        about = f"{words}: {record.organisation.short_name}, {moment(record.ordered_at)}"
        return format_html('<a href="{}" aria-label="{}">{}</a>', address, about, words)
