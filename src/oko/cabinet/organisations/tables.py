"""The tables of the base of organisations."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.organisations.models import KIND_IN_SHORT, Kind, Level, Organisation
from oko.cabinet.organisations.zones import zone_label

NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}


class OrganisationTable(CabinetTable):
    caption = _("Организации")

    code = tables.Column(linkify=("organisation", {"code": tables.A("code")}))
    short_name = tables.Column(
        linkify=("organisation", {"code": tables.A("code")}), order_by=("sort_key", "code")
    )
    supervisor = tables.Column(
        verbose_name=_("Кому подчиняется"), accessor="supervisor__short_name", order_by="supervisor__sort_key"
    )
    municipality = tables.Column(
        verbose_name=_("Территория"), accessor="municipality__short_name", order_by="municipality__sort_key"
    )
    levels = tables.Column(orderable=False)

    class Meta(CabinetTable.Meta):
        model = Organisation
        fields = (
            "code",
            "short_name",
            "kind",
            "supervisor",
            "municipality",
            "ownership",
            "settlement",
            "levels",
            "time_zone",
            "active",
        )
        empty_text = _("Таких организаций нет. Измените отбор.")

    def render_kind(self, record: Organisation) -> str:
        return str(KIND_IN_SHORT[record.kind])

    def render_levels(self, value: list[str]) -> str:
        return levels_in_words(value)

    def render_time_zone(self, value: str) -> str:
        return zone_label(value)

    def render_active(self, value: bool) -> str:
        return _now("да") if value else _now("нет")


class BelowTable(CabinetTable):
    """Those supervised by one organisation, with what stands under each."""

    caption = _("Подчинённые организации")

    code = tables.Column()
    short_name = tables.Column(
        linkify=("organisation", {"code": tables.A("code")}), order_by=("sort_key", "code")
    )
    authorities = tables.Column(verbose_name=_("Муниципалитетов и центров"), attrs=NUMBER)
    schools = tables.Column(verbose_name=_("Школ и СПО"), attrs=NUMBER)

    class Meta(CabinetTable.Meta):
        model = Organisation
        fields = ("short_name", "code", "kind", "ownership", "settlement", "authorities", "schools", "active")

    def render_kind(self, record: Organisation) -> str:
        return str(KIND_IN_SHORT[record.kind])

    def render_active(self, value: bool) -> str:
        return _now("да") if value else _now("нет")


#: Of those below an organisation of each kind, what would only be empty or nought.
NOT_BELOW: dict[str, tuple[str, ...]] = {
    Kind.FEDERAL: ("ownership", "settlement"),
    Kind.REGION: ("ownership", "settlement", "authorities"),
    Kind.CENTRE: ("authorities", "schools"),
    Kind.MUNICIPALITY: ("authorities", "schools"),
}


class FindingTable(CabinetTable):
    caption = _("Что исправить в файле")
    export_name = "замечания"

    sheet = tables.Column(verbose_name=_("Лист"), orderable=False)
    cell = tables.Column(verbose_name=_("Ячейка"), orderable=False)
    found = tables.Column(verbose_name=_("Что в ней"), orderable=False)
    expected = tables.Column(verbose_name=_("Что ожидается"), orderable=False)
    message = tables.Column(verbose_name=_("Как исправить"), orderable=False)

    class Meta(CabinetTable.Meta):
        pass


class ChangeTable(CabinetTable):
    caption = _("Что изменится")
    export_name = "изменения"

    code = tables.Column(verbose_name=_("Код"), orderable=False)
    name = tables.Column(verbose_name=_("Организация"), orderable=False)
    field = tables.Column(verbose_name=_("Что"), orderable=False)
    before = tables.Column(verbose_name=_("Было"), orderable=False)
    after = tables.Column(verbose_name=_("Станет"), orderable=False)

    class Meta(CabinetTable.Meta):
        pass


def levels_in_words(levels: list[str]) -> str:
    names: dict[str, Any] = dict(Level.choices)
    return ", ".join(str(names.get(level, level)) for level in levels)
