"""The tables of reports, made of whatever grid a direction lays out; a figure leads to its works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.foundation.templatetags.oko import moment
from oko.engines.statistics.grid import Behind, Cell, Column, Grid, Kind, Row
from oko.engines.statistics.levels import Group
from oko.engines.statistics.rules import Zone, shown_percent
from oko.engines.statistics.wording import percent_text

NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}

#: Where a figure leads to, or nothing.
Links = Callable[[Behind], str]
#: The page of a group, or nothing.
Pages = Callable[[Group], str]

ZONE_CLASSES = {
    Zone.INSUFFICIENT: "oko-state oko-state-bad",
    Zone.BORDERLINE: "oko-state oko-state-due",
    Zone.SUFFICIENT: "oko-state oko-state-ok",
}
#: A header over so many neighbours at most is repeated in each of them; else it stands above the table.
REPEATED = 3
#: A grid of few rows and more columns than this is turned, so that it is read from top to bottom.
WIDE, FEW_ROWS = 12, 12


def cell_text(cell: Cell, kind: Kind) -> str:
    if cell.value is None:
        return "—" if kind is Kind.PERCENT else ""
    if kind is Kind.PERCENT:
        return percent_text(float(cell.value))
    return str(cell.value)


def cell_value(cell: Cell, kind: Kind) -> Any:
    """For a file: a number as a number, with the digits that the page shows."""
    if cell.value is None:
        return "—" if kind is Kind.PERCENT else ""
    return shown_percent(float(cell.value)) if kind is Kind.PERCENT else cell.value


def shown(cell: Cell, kind: Kind, links: Links) -> SafeString | str:
    """The figure with its zone, and the way to the works behind it."""
    nothing = cell.value is None or (kind is Kind.COUNT and cell.value == 0)
    address = "" if nothing or cell.behind is None else links(cell.behind)
    text: SafeString | str = cell_text(cell, kind)
    if address:
        look = "text-reset" if cell.zone else ""
        text = format_html('<a class="{}" href="{}">{}</a>', look, address, text)
    if cell.zone is None:
        return text
    return format_html(
        '<span class="{} position-relative">{} <span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        ZONE_CLASSES[cell.zone],
        text,
        cell.zone.sign,
        cell.zone.label,
    )


def _links_of(row: Row, links: Links) -> Links:
    """The lists of works are of this assessment: a figure of an earlier season leads nowhere."""
    return (lambda _behind: "") if row.season else links


class GridColumn(tables.Column):
    """One column of a grid; `place` is its number in a row's cells."""

    def __init__(self, header: str, place: int, kind: Kind, links: Links, **extra: Any) -> None:
        attrs = {} if kind is Kind.TEXT else {"attrs": NUMBER}
        super().__init__(verbose_name=header, empty_values=(), **attrs, **extra)
        self.place, self.kind, self.links = place, kind, links

    def render(self, record: dict[str, Any]) -> SafeString | str:
        return shown(record["cells"][self.place], self.kind, _links_of(record["row"], self.links))

    def value(self, record: dict[str, Any]) -> Any:
        return cell_value(record["cells"][self.place], self.kind)


class NameColumn(tables.Column):
    """Whose row it is: leads to the page of a group that has one; earlier seasons say which."""

    def render(self, value: str, record: dict[str, Any]) -> SafeString | str:
        row: Row = record["row"]
        if row.season:
            return format_html('{} <span class="text-nowrap">({})</span>', value, row.season)
        name = format_html('<a href="{}">{}</a>', record["url"], value) if record["url"] else value
        if row.remark:
            return format_html('{} <span class="text-secondary">({})</span>', name, row.remark)
        return name

    def value(self, value: str, record: dict[str, Any]) -> str:
        return f"{value} ({record['row'].season})" if record["row"].season else value


class GridTable(CabinetTable):
    """A grid as it is: its rows down, its columns across."""

    class Meta(CabinetTable.Meta):
        row_attrs = {"class": lambda record: "text-secondary" if record["row"].season else ""}


def grid_table(grid: Grid, links: Links, pages: Pages, **options: Any) -> CabinetTable:
    first = grid.columns[0]
    columns: list[tuple[str, tables.Column]] = [
        ("name", NameColumn(verbose_name=first.title, order_by="order"))
    ]
    headers = _headers(grid.columns)
    for place, column in list(enumerate(grid.columns))[1:]:
        columns.append((f"c{place}", GridColumn(headers[place], place, column.kind, links)))
    data = [_record(position, row, pages) for position, row in enumerate(grid.rows)]
    made = GridTable(data, extra_columns=columns, **options)
    made.caption = grid.title
    made.export_name = grid.slug
    return made


def _record(position: int, row: Row, pages: Pages) -> dict[str, Any]:
    name = row.cells[0].value
    return {
        "order": position,
        "name": "" if name is None else str(name),
        "row": row,
        "url": pages(row.group),
        "cells": row.cells,
        **{f"c{place}": cell.value for place, cell in enumerate(row.cells)},
    }


def _headers(columns: Sequence[Column]) -> list[str]:
    """The titles, with the header over them where it stands over few."""
    headers: list[str] = []
    for over, neighbours in groupby(columns, key=lambda column: column.over):
        titles = [column.title for column in neighbours]
        headers += [f"{over}: {title}" if over and len(titles) <= REPEATED else title for title in titles]
    return headers


def over_all(grid: Grid) -> str:
    """What stands above the table, because it stands over many columns."""
    groups = groupby(grid.columns, key=lambda column: column.over)
    return "; ".join(over for over, neighbours in groups if over and len(list(neighbours)) > REPEATED)


# A wide grid turned ---------------------------------------------------------------------------------------


def is_turned(grid: Grid) -> bool:
    """Whether few groups with many figures are better read as columns."""
    return grid.columns[0].name == "group" and len(grid.columns) > WIDE and len(grid.rows) <= FEW_ROWS


class TurnedColumn(tables.Column):
    """A row of the grid as a column: a group in a season."""

    def __init__(self, header: str, place: int, links: Links) -> None:
        super().__init__(verbose_name=header, attrs=NUMBER, empty_values=())
        self.place, self.links = place, links

    def render(self, record: dict[str, Any]) -> SafeString | str:
        return shown(record["cells"][self.place], record["kind"], self.links)

    def value(self, record: dict[str, Any]) -> Any:
        return cell_value(record["cells"][self.place], record["kind"])


class TurnedTable(CabinetTable):
    name = tables.Column(verbose_name=gettext_lazy("Показатель"))

    class Meta(CabinetTable.Meta):
        orderable = False


def turned_table(grid: Grid, links: Links, **options: Any) -> CabinetTable:
    """The own group first, then those above it; items with their level."""
    rows = _nearest_first(grid.rows)
    columns: list[tuple[str, tables.Column]] = []
    levels = {f"item_{item.code}": item.level for item in grid.paper.items}
    for place, row in enumerate(rows):
        title = f"{row.label} ({row.season})" if row.season else row.label
        columns.append((f"g{place}", TurnedColumn(title, place, _links_of(row, links))))
    headers = _headers(grid.columns)
    data = [
        {
            "name": ", ".join(filter(None, [headers[place], levels.get(column.name)])),
            "kind": column.kind,
            "cells": [row.cells[place] for row in rows],
        }
        for place, column in list(enumerate(grid.columns))[1:]
    ]
    made = TurnedTable(data, extra_columns=columns, **options)
    made.caption = grid.title
    made.export_name = grid.slug
    return made


def _nearest_first(rows: Sequence[Row]) -> list[Row]:
    """From the place up to the country; each group's earlier seasons stay right behind it."""
    groups = [list(of_group) for _group, of_group in groupby(rows, key=lambda row: row.group)]
    return [row for of_group in reversed(groups) for row in of_group]


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
