"""Tables of results protocols: those that one supervises, and the findings of one."""

from __future__ import annotations

import re
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments.models import StepProgress
from oko.cabinet.exchange.models import UnsortedFile
from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.foundation.templatetags.oko import moment

NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}

#: How states are coloured; the word beside the colour says the same.
PROGRESS_COLOURS = {
    StepProgress.State.NOT_STARTED: "none",
    StepProgress.State.HAS_FINDINGS: "bad",
    StepProgress.State.RETURNED: "bad",
    StepProgress.State.SUBMITTED: "wait",
    StepProgress.State.DONE: "ok",
}


def progress_badge(state: str) -> SafeString:
    known = StepProgress.State(state)
    return format_html('<span class="oko-state oko-state-{}">{}</span>', PROGRESS_COLOURS[known], known.label)


class OverviewTable(CabinetTable):
    """One line a protocol: whose, of which paper, how far. Lateness and note stand under the state."""

    caption = _("Протоколы организаций")
    export_name = "protocols"

    organisation_name = tables.Column(verbose_name=_("Организация"), order_by=("organisation_key",))
    subject = tables.Column(verbose_name=_("Работа"), order_by=("grade", "subject"))
    state = tables.Column(verbose_name=_("Состояние"))
    participants = tables.Column(verbose_name=_("Участников"), attrs=NUMBER)
    version = tables.Column(verbose_name=_("Версия"), attrs=NUMBER, default="—")
    received_at = tables.Column(verbose_name=_("Получена"), default="—")
    code = tables.Column(verbose_name=_("Код"))
    supervisor_name = tables.Column(verbose_name=_("Кому подчиняется"))
    late = tables.Column(verbose_name=_("Опоздание"), default="", orderable=False)
    note = tables.Column(verbose_name=_("Примечание"), default="", orderable=False)

    class Meta(CabinetTable.Meta):
        empty_text = _("Ничего не найдено. Измените условия отбора.")

    def render_organisation_name(self, value: str, record: dict[str, Any]) -> SafeString:
        return format_html('<a href="{}">{}</a>', _protocol_url(record), value)

    def value_organisation_name(self, value: str) -> str:
        return value

    def render_subject(self, value: str, record: dict[str, Any]) -> str:
        return str(_("{subject}, {grade} класс")).format(subject=value, grade=record["grade"])

    def render_state(self, value: str, record: dict[str, Any]) -> SafeString:
        late = _("с опозданием") if record["late"] else ""
        beside = ". ".join(str(text) for text in (late, record["note"]) if text)
        return progress_badge(value) + format_html('<br><span class="text-secondary">{}</span>', beside)

    def value_state(self, value: str) -> str:
        return str(StepProgress.State(value).label)

    def render_late(self, value: bool) -> str:
        return str(_("с опозданием")) if value else ""

    def render_version(self, value: int, record: dict[str, Any]) -> SafeString:
        return format_html(
            '<a href="{}">№ {}</a>', reverse("submission", args=[record["submission_id"]]), value
        )

    def render_received_at(self, value: Any) -> str:
        return moment(value)


def _protocol_url(record: dict[str, Any]) -> str:
    return reverse("protocol", args=[record["paper_code"], record["code"]])


class UnsortedTable(CabinetTable):
    """Files of no known paper: whose, why, since when."""

    caption = _("Неразобранные файлы")
    export_name = "unsorted"

    organisation = tables.Column(
        verbose_name=_("Организация"),
        accessor="organisation__short_name",
        order_by=("organisation__sort_key",),
    )
    filename = tables.Column(verbose_name=_("Файл"), attrs={"td": {"class": "text-break"}})
    trouble = tables.Column(
        verbose_name=_("Почему не разобран"), orderable=False, attrs={"td": {"class": "oko-cell"}}
    )
    sender = tables.Column(
        verbose_name=_("Кто отправил"), accessor="sender__full_name", order_by=("sender__full_name",)
    )
    received_at = tables.Column(verbose_name=_("Получен"))

    class Meta(CabinetTable.Meta):
        empty_text = _("Неразобранных файлов нет.")

    def render_filename(self, value: str, record: UnsortedFile) -> str:
        if record.file_id is None:
            return str(_("{name} (не сохранён: есть имена)")).format(name=value)
        return format_html('<a href="{}">{}</a>', reverse("unsorted-original", args=[record.pk]), value)

    def value_filename(self, value: str) -> str:
        return value

    def render_received_at(self, value: Any) -> str:
        return moment(value)


class FindingsTable(CabinetTable):
    """What to mend, by cell of the sender's own sheet."""

    caption = _("Замечания по ячейкам")
    export_name = "findings"

    cell = tables.Column(verbose_name=_("Ячейка"), order_by=("place",), default=_("весь файл"))
    message = tables.Column(
        verbose_name=_("Что не так и как исправить"),
        order_by=("title", "place"),
        attrs={"td": {"class": "oko-cell"}},
    )
    found = tables.Column(verbose_name=_("Найдено"), default=_("пусто"))
    expected = tables.Column(verbose_name=_("Ожидается"), default="")
    sheet = tables.Column(verbose_name=_("Лист"), default="")

    class Meta(CabinetTable.Meta):
        empty_text = _("Таких замечаний нет.")

    def render_cell(self, value: str) -> SafeString:
        return format_html("<strong>{}</strong>", value)


def cell_place(cell: str) -> tuple[int, int, str]:
    """The order of cells on a sheet: by row, then by column; the whole file first."""
    match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", cell)
    return (int(match[2]), len(match[1]), match[1]) if match else (0, 0, cell)
