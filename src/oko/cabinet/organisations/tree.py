"""The rules of the supervision tree (mission A1), in words a coordinator understands.

One place for the form and the import: `check` judges an organisation's facts against its surroundings, given
as a `Tree`. Supervision always goes down one kind (`SUPERVISOR_KINDS`), so no cycle can arise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from oko.cabinet.organisations.facts import Facts, changed_fields
from oko.cabinet.organisations.models import (
    SUPERVISOR_KINDS,
    Kind,
    Level,
    Organisation,
    Ownership,
    Settlement,
    validate_code,
)
from oko.cabinet.organisations.zones import validate_time_zone

SCHOOLS = frozenset({Kind.SCHOOL, Kind.COLLEGE})
# Reading `.values` of choices costs more than a row's whole judgement.
KINDS = frozenset(Kind.values)
LEVELS = frozenset(Level.values)
OF_CHOICES = (("ownership", frozenset(Ownership.values)), ("settlement", frozenset(Settlement.values)))
#: Words of the cabinet's own addresses under `organisations/`.
RESERVED_CODES = frozenset({"new", "import", "own"})
#: Facts that place an organisation in the tree: when one of them changes, all of them are judged together.
STRUCTURE = frozenset({"kind", "supervisor", "territory", "ownership", "active"})
LONGEST = {
    field.name: field.max_length
    for field in Organisation._meta.fields
    if field.name in ("name", "short_name", "delivery_address")
}


class Tree:
    """Organisations by code, as far as a judgement needs them."""

    def __init__(self, facts: Iterable[Facts]) -> None:
        self._by_code = {one.code: one for one in facts}

    def get(self, code: str) -> Facts | None:
        return self._by_code.get(code)

    @cached_property
    def supervising(self) -> frozenset[str]:
        """Codes of those to whom an active organisation answers."""
        return frozenset(one.supervisor for one in self._by_code.values() if one.active)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one fact: a whole sentence for the person, and in short what is expected."""

    field: str
    message: str
    expected: str


def check(facts: Facts, before: Facts | None, tree: Tree) -> list[Problem]:
    """Everything that is wrong with the facts; `before` is None for a new organisation.

    `tree` holds at least the supervisor and the territory with those above them.
    """
    problems = _all_problems(facts, before, tree)
    if before is None:
        return problems
    changed = frozenset(changed_fields(before, facts))
    # Who corrects an address need not first mend what somebody else left wrong elsewhere.
    return problems if changed & STRUCTURE else [problem for problem in problems if problem.field in changed]


def _all_problems(facts: Facts, before: Facts | None, tree: Tree) -> list[Problem]:
    problems = list(_wrong_texts(facts, before))
    if facts.kind not in KINDS:
        return [*problems, Problem("kind", _("Укажите вид организации."), ", ".join(map(str, Kind.labels)))]
    problems += _wrong_change(facts, before, tree)
    problems += _wrong_supervisor(facts, tree)
    if facts.kind in SCHOOLS:
        problems += _wrong_school(facts, tree)
    elif facts.territory:
        problems.append(
            Problem(
                "territory",
                _("Территория указывается только у школ и организаций СПО. Очистите поле."),
                _("пусто"),
            )
        )
    return problems


def region_of(facts: Facts, tree: Tree) -> Facts | None:
    """The region to which an organisation belongs; a region belongs to itself."""
    current: Facts | None = facts
    for _step in KINDS:
        if current is None or current.kind == Kind.REGION:
            return current
        current = tree.get(current.supervisor)
    return None


def _wrong_texts(facts: Facts, before: Facts | None) -> Iterator[Problem]:
    if before is None:
        yield from _wrong_code(facts.code)
    if not facts.name:
        yield Problem("name", _("Укажите полное название."), _("название"))
    elif not facts.short_name:
        yield Problem("short_name", _("Укажите краткое название."), _("название"))
    for field, limit in LONGEST.items():
        length = len(getattr(facts, field))
        if limit is not None and length > limit:
            yield Problem(
                field,
                _("Слишком длинно: %(length)s знаков, помещается %(limit)s. Сократите.")
                % {"length": length, "limit": limit},
                _("не больше %(limit)s знаков") % {"limit": limit},
            )
    try:
        validate_time_zone(facts.time_zone)
    except ValidationError as error:
        yield Problem("time_zone", error.messages[0], _("город или имя пояса, например Asia/Omsk"))
    for field, values in OF_CHOICES:
        if getattr(facts, field) and getattr(facts, field) not in values:
            yield Problem(field, _("Выберите значение из списка."), _("значение из списка"))
    if not LEVELS.issuperset(facts.levels):
        yield Problem("levels", _("Выберите уровни из списка."), ", ".join(map(str, Level.labels)))


def _wrong_code(code: str) -> Iterator[Problem]:
    expected = _("латинские буквы и цифры, например edu640012")
    try:
        validate_code(code)
    except ValidationError as error:
        yield Problem("code", error.messages[0], expected)
        return
    if code in RESERVED_CODES:
        yield Problem("code", _("Этот код занят кабинетом. Выберите другой."), expected)


def _wrong_change(facts: Facts, before: Facts | None, tree: Tree) -> Iterator[Problem]:
    if before is None:
        if facts.kind == Kind.FEDERAL:
            yield Problem(
                "kind", _("Федеральный организатор уже есть, второго быть не может."), _("другой вид")
            )
        return
    if facts.kind != before.kind and not {facts.kind, before.kind} <= SCHOOLS:
        yield Problem(
            "kind",
            _(
                "Вид меняют только между школой и организацией СПО. "
                "В остальных случаях заведите новую организацию."
            ),
            str(Kind(before.kind).label),
        )
    if facts.kind in (Kind.MUNICIPALITY, Kind.CENTRE) and facts.supervisor != before.supervisor:
        yield Problem(
            "supervisor",
            _("Муниципалитет и центр не переводят в другой регион. Заведите новую организацию."),
            before.supervisor,
        )
    if before.active and not facts.active and facts.code in tree.supervising:
        yield Problem(
            "active",
            _("Ей подчиняются действующие организации. Сначала переведите их или отметьте недействующими."),
            _("да"),
        )


def _wrong_supervisor(facts: Facts, tree: Tree) -> Iterator[Problem]:
    allowed = SUPERVISOR_KINDS[facts.kind]
    if not allowed:
        if facts.supervisor:
            yield Problem(
                "supervisor", _("Федеральный организатор никому не подчиняется. Очистите поле."), _("пусто")
            )
        return
    supervisor = tree.get(facts.supervisor)
    if supervisor is not None and supervisor.kind not in KINDS:
        return  # its own row in the same file says what is wrong
    if supervisor is not None and supervisor.kind in allowed and (supervisor.active or not facts.active):
        return
    expected = _("код организации вида: %(kinds)s") % {
        "kinds": ", ".join(str(label) for kind, label in Kind.choices if kind in allowed)
    }
    if not facts.supervisor:
        yield Problem("supervisor", _("Укажите, кому подчиняется организация."), expected)
    elif supervisor is None:
        yield Problem(
            "supervisor",
            _("Организации с кодом «%(code)s» нет или она вам не видна. Проверьте код.")
            % {"code": facts.supervisor},
            expected,
        )
    elif supervisor.kind not in allowed:
        yield Problem(
            "supervisor",
            _("%(kind)s не может подчиняться организации вида «%(above)s». Нужен %(expected)s.")
            % {"kind": Kind(facts.kind).label, "above": Kind(supervisor.kind).label, "expected": expected},
            expected,
        )
    else:
        yield Problem(
            "supervisor",
            _("Организация «%(name)s» не действует, ей нельзя подчиняться. Укажите действующую.")
            % {"name": supervisor.short_name},
            expected,
        )


def _wrong_school(facts: Facts, tree: Tree) -> Iterator[Problem]:
    yield from _wrong_ownership(facts, tree.get(facts.supervisor))
    yield from _wrong_territory(facts, tree)
    region = region_of(facts, tree)
    if region is not None and _digits(region.code) and _digits(facts.code)[:2] != _digits(region.code)[:2]:
        yield Problem(
            "code",
            _("Цифры кода начинаются с номера региона: у региона «%(region)s» это %(digits)s.")
            % {"region": region.short_name, "digits": _digits(region.code)[:2]},
            _("код вида edu%(digits)s0001") % {"digits": _digits(region.code)[:2]},
        )


def _wrong_ownership(facts: Facts, supervisor: Facts | None) -> Iterator[Problem]:
    """Municipal schools answer to their municipality, others to the responsible coordinator."""
    if not facts.ownership:
        yield Problem("ownership", _("Укажите собственность."), ", ".join(map(str, Ownership.labels)))
    elif supervisor is None:
        return
    elif facts.kind == Kind.SCHOOL and facts.ownership == Ownership.MUNICIPAL:
        if supervisor.kind == Kind.CENTRE:
            yield Problem(
                "supervisor",
                _(
                    "Муниципальная школа подчиняется своему муниципалитету, а не региональному центру. "
                    "Укажите муниципалитет или исправьте собственность."
                ),
                _("код муниципалитета"),
            )
    elif supervisor.kind == Kind.MUNICIPALITY and facts.kind == Kind.SCHOOL:
        yield Problem(
            "supervisor",
            _(
                "Государственные, федеральные и частные школы курирует ответственный координатор "
                "регионального центра, а не муниципалитет. Укажите центр или исправьте собственность."
            ),
            _("код регионального центра"),
        )


def _wrong_territory(facts: Facts, tree: Tree) -> Iterator[Problem]:
    expected = _("код муниципалитета, где стоит организация")
    territory, supervisor = tree.get(facts.territory), tree.get(facts.supervisor)
    if not facts.territory:
        yield Problem("territory", _("Укажите территорию: муниципалитет, где стоит организация."), expected)
    elif territory is None:
        yield Problem(
            "territory",
            _("Муниципалитета с кодом «%(code)s» нет или он вам не виден. Проверьте код.")
            % {"code": facts.territory},
            expected,
        )
    elif territory.kind != Kind.MUNICIPALITY:
        yield Problem(
            "territory",
            _("«%(name)s» — не муниципалитет. Укажите код муниципалитета.") % {"name": territory.short_name},
            expected,
        )
    elif supervisor is None:
        return
    elif supervisor.kind == Kind.MUNICIPALITY and territory.code != supervisor.code:
        yield Problem(
            "territory",
            _("Школа, подчинённая муниципалитету, стоит на его территории. Укажите «%(code)s».")
            % {"code": supervisor.code},
            supervisor.code,
        )
    elif territory.supervisor != (region.code if (region := region_of(supervisor, tree)) else ""):
        yield Problem(
            "territory",
            _("Территория «%(name)s» — в другом регионе. Укажите муниципалитет своего региона.")
            % {"name": territory.short_name},
            expected,
        )


def _digits(code: str) -> str:
    return "".join(character for character in code if character.isdigit())
