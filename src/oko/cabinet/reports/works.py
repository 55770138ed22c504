"""«Индивидуальные результаты»: the works behind a figure, as far as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_tables2 as tables
import ibis.expr.types as ir
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.data import TableData

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.tables import CabinetTable
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.tables import NUMBER
from oko.engines.papers import Paper as EnginePaper
from oko.engines.statistics.grid import Behind
from oko.engines.statistics.individual import IndividualRow, individual_rows, works_behind
from oko.engines.statistics.works import open_works

#: A table of more rows is taken as CSV or Parquet, which are written much faster.
MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the list besides the figure that was followed."""

    class_label: str = ""
    variant: int | None = None
    search: str = ""

    def narrow(self, works: ir.Table) -> ir.Table:
        if self.class_label:
            works = works.filter(works["class"] == self.class_label)
        if self.variant is not None:
            works = works.filter((works.variant_1 == self.variant) | (works.variant_2 == self.variant))
        return works


@contextmanager
def visible_works(acting: Acting, paper: Paper, behind: Behind) -> Iterator[ir.Table]:
    """The works behind a figure that lie in schools of which this person sees the works."""
    with _works_behind(paper, behind) as works:
        yield works.filter(_is_visible(works, acting))


@contextmanager
def _works_behind(paper: Paper, behind: Behind) -> Iterator[ir.Table]:
    regions = [behind.group.region] if behind.group.region else None
    of_paper = paper.for_engines()
    with open_works(settings.WORKS_ROOT, paper.assessment.code, of_paper, regions=regions) as works:
        yield works_behind(works, behind)


def _is_visible(works: ir.Table, acting: Acting) -> ir.BooleanValue:
    """By supervision, where one sees less than a whole territory: the schools as they answer today."""
    if acting.scope in (Scope.COUNTRY, Scope.REGION):
        return works.school.notnull()
    schools = Organisation.objects.visible_to(acting).schools()
    return works.school.isin(list(schools.values_list("code", flat=True)))


@dataclass(frozen=True, slots=True)
class Facts:
    """Of all the works behind a figure: how many there are, how many this person sees, of which classes."""

    counted: int
    visible: int
    classes: tuple[str, ...]


class Works(TableData):
    """The list as data of a table: read from Parquet a page at a time."""

    def __init__(self, acting: Acting, paper: Paper, behind: Behind, filters: Filters) -> None:
        super().__init__(())
        self.acting, self.paper = acting, paper
        self.behind, self.filters = behind, filters
        self._order: tuple[str, ...] = ()

    @cached_property
    def of_paper(self) -> EnginePaper:
        return self.paper.for_engines()

    @cached_property
    def facts(self) -> Facts:
        """In one reading, since each costs a file opened and a query compiled."""
        with _works_behind(self.paper, self.behind) as works:
            works = works.mutate(seen=_is_visible(works, self.acting))
            by_class = works.group_by("class").aggregate(
                counted=works.count(), visible=works.seen.cast("int64").sum()
            )
            rows = by_class.to_pyarrow().to_pylist()
        classes = sorted(row["class"] for row in rows if row["class"] and row["visible"])
        return Facts(
            counted=sum(row["counted"] for row in rows),
            visible=sum(row["visible"] for row in rows),
            classes=tuple(classes),
        )

    @property
    def hidden(self) -> int:
        return self.facts.counted - self.facts.visible

    @cached_property
    def _length(self) -> int:
        if self.filters == Filters():
            return self.facts.visible
        return self._page(0, 0)[1]

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            return self._page(key, 1)[0][0]
        start, stop, _step = key.indices(len(self))
        return self._page(start, max(stop - start, 0))[0]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._page(0, len(self))[0])

    def order_by(self, aliases: Sequence[str]) -> None:
        self._order = tuple(
            f"{'-' if alias.startswith('-') else ''}{self._column(alias.lstrip('-'))}" for alias in aliases
        )

    def _column(self, name: str) -> str:
        """The column of works behind a column of the table."""
        if name.startswith("item_"):
            return self.of_paper.items[int(name.removeprefix("item_"))].code
        return {"class_label": "class"}.get(name, name)

    def _page(self, offset: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        with _works_behind(self.paper, self.behind) as works:
            page = individual_rows(
                self.filters.narrow(works.filter(_is_visible(works, self.acting))),
                self.of_paper,
                search=self.filters.search,
                order_by=self._order,
                limit=limit,
                offset=offset,
            )
        names = _names(page.rows)
        return [_record(row, names) for row in page.rows], page.total


def _names(rows: Sequence[IndividualRow]) -> dict[str, str]:
    codes = {row.school for row in rows}
    found = Organisation.everything.filter(code__in=codes).values_list("code", "short_name")
    return dict(found)


def _record(row: IndividualRow, names: dict[str, str]) -> dict[str, Any]:
    return {
        "school": names.get(row.school, row.school),
        "class_label": row.class_label,
        "participant": row.participant,
        "variant_1": row.variant_1,
        "variant_2": row.variant_2,
        **{f"item_{place}": _score(score) for place, score in enumerate(row.shown_scores)},
        "total": row.total,
        "mark": row.mark,
        "prior_mark": row.prior_mark,
    }


def _score(text: str) -> int | str | None:
    return int(text) if text.isdigit() else text or None


class WorksTable(CabinetTable):
    """One work a row, by the participant's code."""

    school = tables.Column(verbose_name=gettext_lazy("Школа"))
    class_label = tables.Column(verbose_name=gettext_lazy("Класс"))
    participant = tables.Column(verbose_name=gettext_lazy("Код участника"))
    variant_1 = tables.Column(verbose_name=gettext_lazy("Вариант"), attrs=NUMBER, default="")
    variant_2 = tables.Column(verbose_name=gettext_lazy("Вариант, часть 2"), attrs=NUMBER, default="")
    total = tables.Column(verbose_name=gettext_lazy("Первичный балл"), attrs=NUMBER, default="")
    mark = tables.Column(verbose_name=gettext_lazy("Отметка"), attrs=NUMBER, default="")
    prior_mark = tables.Column(verbose_name=gettext_lazy("Отметка по журналу"), attrs=NUMBER, default="")
    caption = gettext_lazy("Индивидуальные результаты")
    export_name = "works"

    class Meta(CabinetTable.Meta):
        sequence = ("school", "class_label", "participant", "variant_1", "variant_2", "...", "total", "mark",
                    "prior_mark")  # fmt: skip
        empty_text = gettext_lazy("Таких работ нет.")


def works_table(works: Works, *, of_one_school: bool) -> WorksTable:
    columns = [
        (
            f"item_{place}",
            tables.Column(
                verbose_name=_("%(code)s (%(maximum)sб)") % {"code": item.code, "maximum": item.maximum},
                attrs=NUMBER,
                default="",
            ),
        )
        for place, item in enumerate(works.of_paper.items)
    ]
    left_out = [] if works.of_paper.parts > 1 else ["variant_2"]
    if of_one_school:
        left_out.append("school")
    return WorksTable(works, extra_columns=columns, exclude=left_out)
