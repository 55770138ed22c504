"""A list of organisations → what it would change and what is wrong with it, by cell. Nothing is written here.

Rows come in any order and speak of supervisors from the same file; a column that is absent changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations import queries
from oko.cabinet.organisations.facts import Facts, changed_fields, tidy
from oko.cabinet.organisations.layout import COLUMNS, Column, UnknownValueError, fold, known_headers
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.organisations.rules import changeable, creatable_kinds
from oko.cabinet.organisations.sheets import Sheet, UnreadableTable, read_sheets, text_of
from oko.cabinet.organisations.tree import KINDS, SCHOOLS, Problem, Tree, check
from oko.cabinet.organisations.zones import DEFAULT_ZONE

#: The header stands among the first rows, under whatever title people write above it.
HEADER_WITHIN = 10
#: An empty cell clears these; in the others it leaves what there was.
CLEARED_BY_EMPTY = frozenset({"ownership", "settlement", "levels", "delivery_address"})
LONGEST_FOUND = 80


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in one cell: where, what stands there, what is expected, how to mend it."""

    sheet: str
    cell: str
    found: str
    expected: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: its number on the sheet and its cells as tidy text by field."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a list looks like: its columns, the one without which a row is nothing, and the words to say
    where there is no such list in the file.
    """

    columns: tuple[Column, ...]
    key: str
    not_found: Any  # lazy translation

    def header(self, name: str) -> str:
        return next(column.header for column in self.columns if column.field == name)


ORGANISATIONS = Layout(
    COLUMNS,
    "code",
    gettext_lazy(
        "Список организаций не найден: нет строки заголовков. Ожидаются столбцы «Код», «Вид», "
        "«Полное название» и другие. Скачайте список из кабинета и заполните его."
    ),
)


@dataclass(frozen=True, slots=True)
class Table:
    """The sheet that holds the list: where each known column stands, and its filled rows."""

    layout: Layout
    sheet: str
    columns: Mapping[str, int]
    unknown: tuple[str, ...]
    rows: list[Row]

    def finding(self, row: Row, problem: Problem) -> Finding:
        """A problem at its cell; at the key's where the file has no such column."""
        index = self.columns.get(problem.field)
        if index is None:
            index = self.columns[self.layout.key]
            found = _("нет столбца «%(column)s»") % {"column": self.layout.header(problem.field)}
        else:
            found = row.cells[problem.field][:LONGEST_FOUND] or _("пусто")
        return Finding(
            sheet=self.sheet,
            cell=f"{column_letters(index)}{row.number}",
            found=found,
            expected=problem.expected,
            message=problem.message,
        )


@dataclass
class Plan:
    """What a file would do: nothing while there are findings."""

    findings: list[Finding] = field(default_factory=list)
    new: list[Facts] = field(default_factory=list)
    changed: list[tuple[Facts, Facts]] = field(default_factory=list)
    unchanged: int = 0
    unknown_columns: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """By this a confirmation says which plan the person saw."""
        return hashlib.sha256(repr((self.new, self.changed)).encode()).hexdigest()


def column_letters(index: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def plan_import(acting: Acting, content: bytes) -> Plan:
    """Read and judge a list for those whom this person registers.

    Raises:
        UnreadableTable: the file cannot be read, or holds no list of organisations.
    """
    table = find_table(read_sheets(content))
    known = {facts.code: facts for facts in queries.facts_in(queries.registered_by(acting))}
    plan = Plan(unknown_columns=table.unknown)
    proposed: dict[str, tuple[Row, Facts]] = {}
    for row, finding in _misplaced_codes(table, acting, known):
        plan.findings.append(table.finding(row, finding))
    for row in table.rows:
        code = row.cells["code"].lower()
        if code and code not in proposed:
            facts, problems = _facts_of_row(row, known.get(code))
            proposed[code] = row, facts
            plan.findings += [table.finding(row, problem) for problem in problems]
    completed = _with_defaults({code: facts for code, (_row, facts) in proposed.items()}, known)
    for row, problem in _judged(
        acting, {code: row for code, (row, _f) in proposed.items()}, completed, known
    ):
        plan.findings.append(table.finding(row, problem))
    plan.findings = in_order(plan.findings)
    for code, facts in completed.items():
        before = known.get(code)
        if before is None:
            plan.new.append(facts)
        elif before != facts:
            plan.changed.append((before, facts))
        else:
            plan.unchanged += 1
    return plan


def find_table(sheets: list[Sheet], layout: Layout = ORGANISATIONS) -> Table:
    """The first sheet with a header row in which the key and another known column stand.

    Raises:
        UnreadableTable: there is no such row, no row under it, or a column stands twice.
    """
    known = known_headers(layout.columns)
    for sheet in sheets:
        for number, cells in enumerate(sheet.rows[:HEADER_WITHIN]):
            titles = [tidy(text_of(cell)) for cell in cells]
            columns = [known.get(fold(title)) for title in titles]
            fields = [column.field if column else None for column in columns]
            if layout.key in fields and len(set(fields) - {None}) > 1:
                return _table(layout, sheet, number, titles, fields)
    raise UnreadableTable(str(layout.not_found))


def _table(layout: Layout, sheet: Sheet, header: int, titles: list[str], fields: list[str | None]) -> Table:
    twice = [name for name, count in Counter(f for f in fields if f).items() if count > 1]
    if twice:
        raise UnreadableTable(
            _("Столбец «%(column)s» встречается дважды. Оставьте один и загрузите снова.")
            % {"column": layout.header(twice[0])}
        )
    columns = {name: index for index, name in enumerate(fields) if name}
    rows = []
    for number, cells in enumerate(sheet.rows[header + 1 :], start=header + 2):
        texts = {name: tidy(text_of(cells[i])) if i < len(cells) else "" for name, i in columns.items()}
        if any(texts.values()):
            rows.append(Row(number, texts))
    if not rows:
        raise UnreadableTable(_("Под заголовками нет ни одной строки. Заполните список и загрузите снова."))
    unknown = tuple(t[:LONGEST_FOUND] for t, name in zip(titles, fields, strict=True) if t and not name)
    return Table(layout, sheet.name, columns, unknown, rows)


def _misplaced_codes(
    table: Table, acting: Acting, known: Mapping[str, Facts]
) -> Iterator[tuple[Row, Problem]]:
    """Rows without a code, with a code that stood above already, or of somebody else's organisation."""
    codes = {row.cells["code"].lower() for row in table.rows}
    foreign = queries.codes_taken(codes - known.keys() - {""})
    first: dict[str, int] = {}
    for row in table.rows:
        code = row.cells["code"].lower()
        if not code:
            yield (
                row,
                Problem(
                    "code", _("В строке нет кода. Укажите код или удалите строку."), _("код организации")
                ),
            )
        elif code in first:
            yield (
                row,
                Problem(
                    "code",
                    _("Код «%(code)s» уже стоит в строке %(row)s. Оставьте одну строку.")
                    % {"code": code, "row": first[code]},
                    _("каждый код один раз"),
                ),
            )
        else:
            first[code] = row.number
            if code in foreign:
                yield (
                    row,
                    Problem(
                        "code",
                        _("Организация с этим кодом — в другом регионе. Удалите строку или исправьте код."),
                        _("код организации вашего региона"),
                    ),
                )


def _facts_of_row(row: Row, before: Facts | None) -> tuple[Facts, list[Problem]]:
    """The facts as the row states them over what there was."""
    problems: list[Problem] = []
    stated: dict[str, Any] = {}
    for column in COLUMNS:
        text = row.cells.get(column.field)
        if text is None or (not text and column.field not in CLEARED_BY_EMPTY):
            continue
        try:
            stated[column.field] = column.read(text) if text else () if column.field == "levels" else ""
        except UnknownValueError as error:
            problems.append(
                Problem(
                    column.field,
                    _("«%(found)s» здесь не подходит. Исправьте ячейку.") % {"found": text[:LONGEST_FOUND]},
                    str(error),
                )
            )
    stated.pop("code", None)
    blank = Facts(code=row.cells["code"].lower(), time_zone="")
    return replace(before or blank, **stated), problems


def _with_defaults(proposed: Mapping[str, Facts], known: Mapping[str, Facts]) -> dict[str, Facts]:
    """What a list may leave out: a municipality's school stands on its territory; clocks follow above."""

    def look(code: str) -> Facts | None:
        return proposed.get(code) or known.get(code)

    def zone(facts: Facts) -> str:
        for _step in KINDS:
            if facts.time_zone:
                return facts.time_zone
            above = look(facts.supervisor)
            if above is None:
                break
            facts = above
        return DEFAULT_ZONE

    completed = {}
    for code, facts in proposed.items():
        above = look(facts.supervisor)
        territory = facts.territory
        if facts.kind in SCHOOLS and above is not None and above.kind == Kind.MUNICIPALITY:
            territory = territory or above.code
        short_name = facts.short_name or facts.name[:200]
        completed[code] = replace(facts, territory=territory, short_name=short_name, time_zone=zone(facts))
    return completed


def _judged(
    acting: Acting, rows: Mapping[str, Row], completed: Mapping[str, Facts], known: Mapping[str, Facts]
) -> Iterator[tuple[Row, Problem]]:
    """The rules of the tree, and whose facts these are to change."""
    tree = Tree({**known, **completed}.values())
    touched = {code for code, facts in completed.items() if code in known and known[code] != facts}
    stored = {o.code: o for o in Organisation.everything.filter(code__in=touched)}
    for code, facts in completed.items():
        before = known.get(code)
        if before is not None and before == facts:
            continue
        for problem in check(facts, before, tree):
            yield rows[code], problem
        if before is None and facts.kind in KINDS and facts.kind not in creatable_kinds(acting):
            yield rows[code], not_yours("kind")
        if before is not None:
            for name in sorted(set(changed_fields(before, facts)) - changeable(acting, stored[code])):
                yield rows[code], not_yours(name)


def not_yours(name: str) -> Problem:
    return Problem(
        name,
        _("Это изменение не в вашей власти: им занимается уровень выше. Верните прежнее значение."),
        _("прежнее значение"),
    )


def in_order(findings: list[Finding]) -> list[Finding]:
    """As one reads the sheet; one finding a cell is enough, the first one."""
    once: dict[str, Finding] = {}
    for finding in findings:
        once.setdefault(finding.cell, finding)
    return sorted(
        once.values(), key=lambda f: (int(f.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), len(f.cell), f.cell)
    )
