"""From a figure to the works behind it, and back: a `Behind` as the query of an address.

`/reports/mat4/works/edu640001/?mark=3&item=5` — those marked 3 that have a score for item 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from oko.engines.papers import Paper
from oko.engines.statistics.grid import Behind, Change, Having
from oko.engines.statistics.levels import Group
from oko.engines.statistics.marks import MARKS


class UnreadableError(ValueError):
    """The query names no works; the message says in Russian what is wrong with it."""


def works_link(paper_code: str, behind: Behind, organisation_code: str) -> str:
    """The address of the list of works; the organisation stands for the group."""
    address = reverse("report-works", args=[paper_code, organisation_code])
    query = urlencode(behind_query(behind))
    return f"{address}?{query}" if query else address


def behind_query(behind: Behind) -> dict[str, str]:
    """What a figure was counted from, but for its group, as parameters; `read_behind` reads them back."""
    named = {
        "mark": behind.mark,
        "total": behind.total,
        "item": behind.item,
        "x": "1" if behind.not_attempted else None,
        "change": behind.change,
        "having": behind.having,
    }
    return {name: str(value) for name, value in named.items() if value is not None}


def read_behind(query: Mapping[str, str], group: Group, paper: Paper) -> Behind:
    """Raises UnreadableError for a value that no figure of the paper was ever counted from."""
    mark, total = _number(query, "mark"), _number(query, "total")
    if mark is not None and mark not in MARKS:
        raise UnreadableError(_("Отметка бывает от 2 до 5."))
    if total is not None and total > paper.maximum:
        raise UnreadableError(_("Сумма баллов бывает от 0 до %s.") % paper.maximum)
    item = query.get("item") or None
    if item is not None and item not in {one.code for one in paper.items}:
        raise UnreadableError(_("Такого задания в этой работе нет."))
    not_attempted = query.get("x", "")
    if not_attempted not in ("", "1") or (not_attempted and item is None):
        raise UnreadableError(_("«Не приступал» бывает у задания: x=1 вместе с item."))
    try:
        change = Change(query["change"]) if query.get("change") else None
        having = Having(query["having"]) if query.get("having") else None
    except ValueError as error:
        raise UnreadableError(_("Отбор работ в адресе не распознан.")) from error
    return Behind(group, mark, total, item, bool(not_attempted), change, having)


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise UnreadableError(_("Отбор работ в адресе не распознан."))
    return int(text)
