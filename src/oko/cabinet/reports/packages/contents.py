"""The list of what lies in a package, and the page that is read first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.russian import plural
from oko.cabinet.foundation.tables import csv_table, xlsx_table
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.reports.models import ReportPackage
from oko.cabinet.results.queries import freshness

LIST_NAME, FIRST_PAGE = "оглавление", "ЧИТАЙТЕ.txt"
MOST_NAMED = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A file of the package; without a path, an organisation of which there is none, with the reason."""

    paper: str
    code: str
    organisation: str
    works: str
    path: str = ""
    size: int = 0
    reason: str = ""


class Lines:
    """The lines written so far, in a file beside the unfinished package."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, lines: Iterable[Line]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(line), ensure_ascii=False) + "\n" for line in lines)

    def __iter__(self) -> Iterator[Line]:
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                yield Line(**json.loads(line))


def lists(lines: Sequence[Line]) -> dict[str, bytes]:
    """The list as CSV and as XLSX, by the name of the file."""
    head = [
        _("Файл"),
        _("Работа"),
        _("Код"),
        _("Организация"),
        _("Из каких работ"),
        _("Байт"),
        _("Почему нет"),
    ]
    rows = [
        (line.path, line.paper, line.code, line.organisation, line.works, line.size, line.reason)
        for line in lines
    ]
    return {f"{LIST_NAME}.csv": csv_table(head, rows), f"{LIST_NAME}.xlsx": xlsx_table(head, rows)}


def first_page(
    package: ReportPackage, papers: Sequence[Paper], lines: Sequence[Line], warnings: Sequence[str]
) -> bytes:
    """What it is, when it was made, from which works, and what one must know before using it."""
    files = sum(bool(line.path) for line in lines)
    text = [
        _("Отчёты: %s") % package.organisation.short_name,
        str(package.assessment),
        "",
        _("Собрано %(when)s, %(files)s. Заказал(а): %(who)s.")
        % {
            "when": moment(now()),
            "files": plural(files, _("файл"), _("файла"), _("файлов")),
            "who": package.ordered_by.full_name,
        },
        _("Список файлов: %s.csv и %s.xlsx.") % (LIST_NAME, LIST_NAME),
        _("Числа — на тот момент, когда собран пакет. Если протоколы с тех пор изменились, закажите новый."),
        "",
        _("Из каких работ:"),
        *(f"— {paper}: {freshness(paper, package.organisation).words}" for paper in papers),
    ]
    text += _missing(lines)
    if warnings:
        text += ["", _("Обратите внимание:"), *(f"— {warning}" for warning in warnings)]
    return ("\ufeff" + "\r\n".join(text) + "\r\n").encode()


def _missing(lines: Sequence[Line]) -> list[str]:
    left_out = [f"— {line.paper}, {line.organisation}: {line.reason}" for line in lines if not line.path]
    if not left_out:
        return []
    text = ["", _("Не вошли:"), *left_out[:MOST_NAMED]]
    if len(left_out) > MOST_NAMED:
        text.append(_("и ещё %(more)s — в списке файлов") % {"more": len(left_out) - MOST_NAMED})
    return text
