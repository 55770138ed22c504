"""The tables of the reports. Each number has its own column, so that a table sorts and exports as numbers."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.reports.places import Place
from oko.engines.statistics.marks import MARKS, MarkRow
from oko.engines.statistics.rules import shown_percent
from oko.engines.statistics.solving import ItemCell, ItemRow, ItemTable
from oko.engines.statistics.wording import percent_text, remark

NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}


class PercentColumn(tables.Column):
    """One digit after the comma; a dash, with the reason, where the group is too small."""

    def __init__(self, header: Any, **extra: Any) -> None:
        super().__init__(verbose_name=header, attrs=NUMBER, default="—", **extra)

    def render(self, value: float) -> str:
        return percent_text(value)

    def value(self, value: float) -> float:
        return shown_percent(value)


class GroupTable(CabinetTable):
    """Rows are groups; a group that has a page of its own leads there."""

    group = tables.Column(verbose_name=gettext_lazy("Группа участников"), order_by="order")
    schools = tables.Column(verbose_name=gettext_lazy("Кол-во ОО"), attrs=NUMBER)
    participants = tables.Column(verbose_name=gettext_lazy("Кол-во участников"), attrs=NUMBER)

    def render_group(self, value: str, record: dict[str, Any]) -> SafeString | str:
        name = format_html('<a href="{}">{}</a>', record["url"], value) if record["url"] else value
        if record["caution"]:
            return format_html('{} <span class="text-secondary">({})</span>', name, record["caution"])
        return name

    def value_group(self, value: str) -> str:
        return value


def marks_data(rows: tuple[MarkRow, ...], place: Place, paper: str) -> list[dict[str, Any]]:
    return [
        {
            "order": position,
            "group": row.label,
            "url": place.link("report-marks", paper, row.group),
            "caution": remark(row.participants),
            "schools": row.schools,
            "participants": row.participants,
            **{f"count_{mark}": count for mark, count in zip(MARKS, row.counts, strict=True)},
            **{
                f"percent_{mark}": row.percents[position_of] if row.percents else None
                for position_of, mark in enumerate(MARKS)
            },
        }
        for position, row in enumerate(rows)
    ]


class MarksTable(GroupTable):
    """«Статистика по отметкам»."""

    count_2 = tables.Column(verbose_name=gettext_lazy("«2», чел."), attrs=NUMBER)
    count_3 = tables.Column(verbose_name=gettext_lazy("«3», чел."), attrs=NUMBER)
    count_4 = tables.Column(verbose_name=gettext_lazy("«4», чел."), attrs=NUMBER)
    count_5 = tables.Column(verbose_name=gettext_lazy("«5», чел."), attrs=NUMBER)
    percent_2 = PercentColumn("«2», %")
    percent_3 = PercentColumn("«3», %")
    percent_4 = PercentColumn("«4», %")
    percent_5 = PercentColumn("«5», %")
    caption = gettext_lazy("Статистика по отметкам")
    export_name = "marks"

    class Meta(CabinetTable.Meta):
        pass


def items_below_table(table: ItemTable, place: Place, paper: str) -> CabinetTable:
    """«Выполнение заданий»: groups × items, a column an item."""
    columns = [
        (f"item_{position}", PercentColumn(f"{item.code} ({item.maximum}б), %"))
        for position, item in enumerate(table.paper.items)
    ]
    made = GroupTable(
        [_items_row(position, row, place, paper) for position, row in enumerate(table.rows)],
        extra_columns=columns,
    )
    made.caption = _("Выполнение заданий, % от максимума")
    made.export_name = "items"
    return made


def _items_row(position: int, row: ItemRow, place: Place, paper: str) -> dict[str, Any]:
    return {
        "order": position,
        "group": row.label,
        "url": place.link("report-items", paper, row.group),
        "caution": remark(row.participants),
        "schools": row.schools,
        "participants": row.participants,
        **{f"item_{n}": cell.percent for n, cell in enumerate(row.cells)},
    }


class ItemsTable(CabinetTable):
    """One place: items down, the place and those above it across."""

    code = tables.Column(verbose_name=gettext_lazy("Задание"), order_by="position")
    skill = tables.Column(verbose_name=gettext_lazy("Умение"))
    level = tables.Column(verbose_name=gettext_lazy("Уровень"))
    maximum = tables.Column(verbose_name=gettext_lazy("Макс. балл"), attrs=NUMBER)
    counted = tables.Column(verbose_name=gettext_lazy("Участников"), attrs=NUMBER)
    not_attempted = tables.Column(verbose_name=gettext_lazy("Не приступали"), attrs=NUMBER)
    zone = tables.Column(verbose_name=gettext_lazy("Порог"), default="—")
    caption = gettext_lazy("Выполнение заданий, % от максимума")
    export_name = "items"

    class Meta(CabinetTable.Meta):
        sequence = ("code", "skill", "level", "maximum", "counted", "not_attempted", "...", "zone")

    def render_zone(self, value: str, record: dict[str, Any]) -> SafeString:
        return format_html(
            '<span class="oko-state {}">{}</span>', ZONE_CLASSES.get(record["zone_name"], ""), value
        )


ZONE_CLASSES = {
    "insufficient": "oko-state-bad",
    "borderline": "oko-state-due",
    "sufficient": "oko-state-ok",
}


def items_table(table: ItemTable) -> ItemsTable:
    """The last row of the table is the place itself; those before it stand beside it."""
    own = table.rows[-1]
    shown = [own, *reversed(table.rows[:-1])]
    columns = [(f"group_{n}", PercentColumn(f"{row.label}, %")) for n, row in enumerate(shown)]
    data = [
        {
            "position": position,
            **_about_item(cell),
            **{f"group_{n}": row.cells[position].percent for n, row in enumerate(shown)},
        }
        for position, cell in enumerate(own.cells)
    ]
    return ItemsTable(data, extra_columns=columns)


def _about_item(cell: ItemCell) -> dict[str, Any]:
    return {
        "code": cell.item.code,
        "skill": cell.item.skill,
        "level": cell.item.level,
        "maximum": cell.item.maximum,
        "counted": cell.counted,
        "not_attempted": cell.not_attempted,
        "zone": cell.zone.label if cell.zone else None,
        "zone_name": cell.zone.value if cell.zone else "",
    }


class BehindTable(CabinetTable):
    """The protocols behind a number."""

    organisation = tables.Column(
        verbose_name=gettext_lazy("Организация"),
        accessor="organisation__short_name",
        order_by="organisation__sort_key",
    )
    present = tables.Column(verbose_name=gettext_lazy("Писали работу"), attrs=NUMBER)
    version = tables.Column(
        verbose_name=gettext_lazy("Версия протокола"),
        accessor="submission__version",
        attrs=NUMBER,
        linkify=("submission", {"pk": tables.A("submission_id")}),
    )
    sender = tables.Column(
        verbose_name=gettext_lazy("Кто загрузил"), accessor="submission__sender__full_name"
    )
    accepted_at = tables.Column(verbose_name=gettext_lazy("Принят"))
    sha256 = tables.Column(verbose_name=gettext_lazy("Контрольная сумма"), accessor="submission__sha256")
    caption = gettext_lazy("Протоколы, из которых получены числа")
    export_name = "protocols"

    class Meta(CabinetTable.Meta):
        pass

    def render_accepted_at(self, value: Any) -> str:
        return moment(value)

    def render_sha256(self, value: str) -> SafeString:
        return format_html('<span title="{}">{}…</span>', value, value[:12])

    def value_sha256(self, value: str) -> str:
        return value
