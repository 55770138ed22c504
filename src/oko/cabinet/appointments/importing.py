"""A file of appointments → what it would do and what is wrong with it, by cell. Nothing is written here."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Right
from django.utils.translation import gettext as _

from oko.cabinet.appointments.actions import himself
from oko.cabinet.appointments.cases import Grades, binding
from oko.cabinet.appointments.conditions import Case, refusals
from oko.cabinet.appointments.persons import Person
from oko.cabinet.appointments.rules import stands_at_once
from oko.cabinet.appointments.sheet_layout import APPOINTMENTS
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.importing import LONGEST_FOUND, Finding, Row, Table, find_table, in_order
from oko.cabinet.organisations.layout import UnknownValueError, fold
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.organisations.sheets import UnreadableTable, read_sheets
from oko.cabinet.organisations.tree import Problem
from oko.cabinet.people import accounts
from oko.cabinet.people.models import Account, Appointment, Role, State

MOST_ROWS = 5000
#: A problem that the rules name by a fact of the appointment stands in this column.
_COLUMN_OF = {"organisation": "code", "person": "full_name", "known": "phone", "state": "full_name"}


@dataclass(frozen=True, slots=True)
class Line:
    """One appointment that the file would make."""

    row: int
    role: str
    organisation: Organisation
    account: Account | None  # None: somebody new
    person: Person
    order_number: str
    order_date: date | None
    room: str
    subject: str
    at_once: bool

    @property
    def key(self) -> tuple[str, ...]:
        """By this two rows speak of the same new person: the telephone or e-mail, else name and place."""
        contact = accounts.same_phone(self.person.phone) or self.person.email.casefold()
        return (fold(self.person.full_name), contact or self.organisation.code)

    @property
    def said(self) -> str:
        """All that the line would do, as one text."""
        who = self.account.username if self.account else repr(self.person)
        rests_on = (self.order_number, self.order_date, self.room, self.subject)
        return repr((who, self.role, self.organisation.code, rests_on, self.at_once))


@dataclass
class Plan:
    """What a file would do: nothing while there are findings."""

    findings: list[Finding] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    unchanged: int = 0
    unknown_columns: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """By this a confirmation says which plan the person saw."""
        text = "\n".join(line.said for line in self.lines)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()

    @property
    def new_people(self) -> int:
        return len({line.key for line in self.lines if line.account is None})


def read_table(content: bytes) -> Table:
    """The list in an uploaded file.

    Raises:
        UnreadableTable: the file cannot be read, holds no list of appointments, or too many rows.
    """
    table = find_table(read_sheets(content), APPOINTMENTS)
    for name in ("full_name", "role"):
        if name not in table.columns:
            raise UnreadableTable(
                _("Нет столбца «%(column)s». Скачайте шаблон и заполните его.")
                % {"column": APPOINTMENTS.header(name)}
            )
    if len(table.rows) > MOST_ROWS:
        raise UnreadableTable(
            _("В списке больше 5 000 строк. Разделите его на несколько файлов и загрузите по очереди.")
        )
    return table


def plan_import(acting: Acting, content: bytes) -> Plan:
    """Read and judge a list of people to be appointed.

    Raises:
        UnreadableTable: see `read_table`.
    """
    table = read_table(content)
    plan = Plan(unknown_columns=table.unknown)
    known = _Known(acting, table)
    for row in table.rows:
        values, problems = _values(row)
        if not problems:
            line, problems = known.line_of(row, values)
            if line is not None and not problems:
                plan.lines.append(line)
            elif not problems:
                plan.unchanged += 1
        plan.findings += [table.finding(row, problem) for problem in problems]
    plan.findings = in_order(plan.findings)
    return plan


def _values(row: Row) -> tuple[dict[str, Any], list[Problem]]:
    """The cells as facts, and those that mean nothing."""
    values: dict[str, Any] = {"subjects": (), "order_date": None}
    problems = []
    for column in APPOINTMENTS.columns:
        text = row.cells.get(column.field, "")
        if not text:
            values.setdefault(column.field, "")
            continue
        try:
            values[column.field] = column.read(text)
        except UnknownValueError as error:
            words = _("«%(found)s» здесь не подходит. Исправьте ячейку.") % {"found": text[:LONGEST_FOUND]}
            problems.append(Problem(column.field, words, str(error)))
    for name, expected in (
        ("code", _("код организации")),
        ("full_name", _("фамилия, имя и отчество")),
        ("role", _("роль")),
    ):
        if not row.cells.get(name):
            problems.append(Problem(name, _("Ячейка пуста. Заполните её или удалите строку."), expected))
    if values["order_number"] and values["order_date"] is None and not row.cells.get("order_date"):
        problems.append(
            Problem("order_date", _("У приказа нет даты. Укажите её."), _("дата, например 21.04.2026"))
        )
    return values, problems


class _Known:
    """What the base knows of the organisations and people in a file, read once for all rows."""

    def __init__(self, acting: Acting, table: Table) -> None:
        self.acting = acting
        codes = {row.cells.get(name, "").lower() for row in table.rows for name in ("code", "workplace")}
        self.places = {
            one.code: one for one in Organisation.objects.visible_to(acting).filter(code__in=codes - {""})
        }
        people = _people_named(acting, table)
        self.by_login = {one.username: one for one in people}
        self.by_phone: Mapping[str, list[Account]] = _grouped(
            (accounts.same_phone(one.phone), one) for one in people
        )
        self.by_email: Mapping[str, list[Account]] = _grouped((one.email.casefold(), one) for one in people)
        self.by_name: Mapping[str, list[Account]] = _grouped((fold(one.full_name), one) for one in people)
        names = {fold(row.cells.get("full_name", "")) for row in table.rows}
        logins = {row.cells.get("login", "").lower() for row in table.rows}
        near = {one.pk for one in people if fold(one.full_name) in names or one.username in logins}
        self.others = binding(near, acting.assessment_id)
        self.of_new: dict[tuple[str, ...], list[Appointment]] = defaultdict(list)
        self.grades = Grades(acting.assessment_id)

    def line_of(self, row: Row, values: dict[str, Any]) -> tuple[Line | None, list[Problem]]:
        """The appointment of one row; neither it nor problems where the person holds it already."""
        place = self.places.get(values["code"])
        if place is None:
            return None, [_no_such_place("code")]
        workplace = self.places.get(values["workplace"])
        if values["workplace"] and workplace is None:
            return None, [_no_such_place("workplace")]
        if not may(self.acting, f"appointments.propose.{values['role']}", place):
            return None, [_not_yours(values["role"], place)]
        account, problems = self._person(values, place)
        if problems:
            return None, problems
        line = Line(
            row=row.number,
            role=values["role"],
            organisation=place,
            account=account,
            person=Person(
                full_name=values["full_name"],
                phone=values["phone"],
                email=values["email"],
                workplace=workplace,
                position=values["position"],
                subjects=values["subjects"],
            ),
            order_number=values["order_number"],
            order_date=values["order_date"],
            room=values["room"],
            subject=values["subject"],
            at_once=stands_at_once(self.acting, values["role"], place),
        )
        return self._judged(line)

    def _judged(self, line: Line) -> tuple[Line | None, list[Problem]]:
        others = self.others[line.account.pk] if line.account else self.of_new[line.key]
        if any(
            one.role == line.role and one.organisation_id == line.organisation.pk and one.pk for one in others
        ):
            return None, []
        case = case_of_line(line, others, self.grades)
        problems = [
            Problem(_COLUMN_OF.get(one.field, one.field), one.message, _("то, что разрешают правила"))
            for one in [*refusals(case), *himself(self.acting, case)]
        ]
        others.append(
            Appointment(
                person=case.person,
                role=line.role,
                organisation=line.organisation,
                state=State.CONFIRMED if line.at_once else State.PROPOSED,
            )
        )
        return line, problems

    def _person(self, values: dict[str, Any], place: Organisation) -> tuple[Account | None, list[Problem]]:
        """Who the row means: by login; by telephone or e-mail with the same name; by name in this place."""
        if values["login"]:
            found = self.by_login.get(values["login"])
            if found is None:
                words = _("Такого логина нет. Оставьте ячейку пустой: логин появится сам.")
                return None, [Problem("login", words, _("логин известного человека или пусто"))]
            return found, []
        name = fold(values["full_name"])
        same_contact = {one.pk: (column, one) for column, one in self._with_contacts(values)}
        for _column, one in same_contact.values():
            if fold(one.full_name) == name:
                return one, []
        for column, one in same_contact.values():
            words = _("Такой же у другого человека: %(who)s (логин %(login)s). Исправьте ячейку или ФИО.")
            problem = Problem(
                column,
                words % {"who": one.full_name, "login": one.username},
                _("свой телефон и почта у каждого"),
            )
            return None, [problem]
        here = [
            one
            for one in self.by_name.get(name, [])
            if one.workplace_id == place.pk
            or any(other.organisation_id == place.pk for other in self.others[one.pk])
        ]
        if len(here) > 1:
            words = _("Таких людей здесь несколько. Укажите логин того, кого назначаете.")
            return None, [Problem("full_name", words, _("один человек"))]
        return (here[0] if here else None), []

    def _with_contacts(self, values: dict[str, Any]) -> Iterator[tuple[str, Account]]:
        for one in self.by_phone.get(accounts.same_phone(values["phone"]) or "-", []):
            yield "phone", one
        for one in self.by_email.get(values["email"].casefold() or "-", []):
            yield "email", one


def _people_named(acting: Acting, table: Table) -> list[Account]:
    """The visible people whom the file can mean: by login, name, e-mail or telephone."""

    def said(name: str) -> set[str]:
        return {row.cells.get(name, "") for row in table.rows} - {""}

    digits = {accounts.same_phone(phone) for phone in said("phone")} - {""}
    emails = said("email")
    return list(
        accounts.visible_people(acting)
        .annotate(
            digits=Right(Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace"), 10)
        )
        .filter(
            Q(full_name__in=said("full_name"))
            | Q(username__in={login.lower() for login in said("login")})
            | Q(email__in=emails | {email.lower() for email in emails})
            | Q(digits__in=digits)
        )
        .select_related("workplace")
    )


def case_of_line(line: Line, others: list[Appointment], grades: Grades) -> Case:
    person = line.account or Account(
        full_name=line.person.full_name,
        workplace=line.person.workplace,
        subjects=list(line.person.subjects),
    )
    return Case(
        person=person,
        role=line.role,
        organisation=line.organisation,
        room=line.room,
        subject=line.subject,
        others=list(others),
        grades=grades.of(line.subject),
    )


def _grouped(pairs: Any) -> Mapping[str, list[Account]]:
    found: dict[str, list[Account]] = defaultdict(list)
    for key, one in pairs:
        if key:
            found[key].append(one)
    return found


def _no_such_place(column: str) -> Problem:
    return Problem(
        column, _("Нет организации с таким кодом. Исправьте код."), _("код организации из вашего списка")
    )


def _not_yours(role: str, place: Organisation) -> Problem:
    words = _("%(role)s в организации «%(where)s» назначается не вами. Удалите строку или исправьте роль.")
    return Problem(
        "role",
        words % {"role": Role(role).label, "where": place.short_name},
        _("роль, которую назначаете вы"),
    )
