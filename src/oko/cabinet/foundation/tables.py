"""Tables that sort, filter, page and export: every table of the cabinet is made with these."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import django_tables2 as tables
import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

#: With these a spreadsheet program begins a formula; a CSV shields such cells by an apostrophe.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

FILE_KINDS = ("xlsx", "csv")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CabinetTable(tables.Table):
    """The look of every table. `caption` says in words what the table shows (and to a screen reader)."""

    caption: Any = ""  # lazy translation

    class Meta:
        template_name = "oko/table.html"
        attrs = {"class": "table table-vcenter card-table"}
        empty_text: Any = _("Ничего не найдено.")


def show(
    request: HttpRequest, table: tables.Table, per_page: int = 50, *, of: Any = None
) -> tables.Table | HttpResponse:
    """Sort and page a table as the address asks; `?export=xlsx` or `csv` answers with all of it as a file.

    The journal learns whose data was taken: `of` an organisation, else of the own one with all below it.
    """
    wanted = request.GET.get("export")
    paging = False if wanted in FILE_KINDS else {"per_page": per_page, "silent": True}
    tables.RequestConfig(request, paginate=paging).configure(table)
    if wanted not in FILE_KINDS:
        return table
    columns = [
        c for c in table.columns if getattr(c.column, "exclude_from_export", False) is False and c.visible
    ]
    say_whose_file(request, of)
    head = [str(c.header) for c in columns]
    rows = [[_plain(row.get_cell_value(c.name)) for c in columns] for row in table.rows]
    name = str(getattr(table, "export_name", "table"))
    return xlsx_response(name, head, rows) if wanted == "xlsx" else csv_response(name, head, rows)


def say_whose_file(request: HttpRequest, organisation: Any = None) -> None:
    """For the journal: the file that this request answers with holds data of this organisation."""
    own = getattr(request, "acting_appointment", None)
    whose = organisation or (own.organisation if own else None)
    request.audited_organisation = whose  # type: ignore[attr-defined]  # read by the journal's middleware


def xlsx_response(
    name: str,
    head: Sequence[str],
    rows: Iterable[Sequence[Any]],
    choices: Mapping[int, Sequence[str]] | None = None,
) -> HttpResponse:
    return _attachment(xlsx_table(head, rows, choices), f"{name}.xlsx", XLSX)


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    return _attachment(csv_table(head, rows), f"{name}.csv", "text/csv; charset=utf-8")


def xlsx_table(
    head: Sequence[str], rows: Iterable[Sequence[Any]], choices: Mapping[int, Sequence[str]] | None = None
) -> bytes:
    """One sheet with a frozen, filterable header; texts stay texts, whatever sign they begin with.

    `choices` gives columns (from 0) a drop-down list, for tables that come back filled in.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("Таблица")
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    sheet.write_row(0, 0, head, bold)
    last = 0
    widths = [len(title) for title in head]
    for last, row in enumerate(rows, start=1):
        sheet.write_row(last, 0, row)
        widths = [max(width, len(str(value or ""))) for width, value in zip(widths, row, strict=True)]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(max(width + 2, 8), 60))
    for column, labels in (choices or {}).items():
        sheet.data_validation(1, column, last + 1000, column, {"validate": "list", "source": list(labels)})
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, max(len(head) - 1, 0))
    book.close()
    return buffer.getvalue()


def csv_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Semicolons and a byte-order mark, as a Russian Excel opens it; no cell can start a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(head)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%d.%m.%Y %H:%M")
    return strip_tags(str(value)).strip()


def _harmless(value: Any) -> Any:
    """A shielded text; one that has apostrophes of its own before the sign gets one more, so none is lost."""
    if isinstance(value, str) and value.lstrip("'").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _attachment(content: bytes, filename: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition(filename)
    return response


def content_disposition(filename: str) -> str:
    """A download under a Russian name."""

    return content_disposition_header(as_attachment=True, filename=filename) or "attachment"
