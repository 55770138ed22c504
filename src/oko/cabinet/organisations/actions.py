"""Every change to the base of organisations: one organisation by hand, or a whole file at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations import journal, queries
from oko.cabinet.organisations.facts import Facts, changed_fields, facts_of
from oko.cabinet.organisations.importing import Plan, plan_import
from oko.cabinet.organisations.models import (
    ImportDraft,
    Kind,
    Organisation,
    stored_sort_key,
)
from oko.cabinet.organisations.rules import changeable, creatable_kinds
from oko.cabinet.organisations.tree import Problem, check

#: A file that nobody confirmed is forgotten after this time.
DRAFT_LIFE = timedelta(days=1)
#: From the top down: whoever supervises must stand in the base before those supervised.
FROM_THE_TOP = (Kind.FEDERAL, Kind.REGION, Kind.CENTRE, Kind.MUNICIPALITY, Kind.COLLEGE, Kind.SCHOOL)
BATCH = 2000
#: What a changed organisation may get anew: all but its code.
STORED = [
    "kind",
    "name",
    "short_name",
    "sort_key",
    "supervisor",
    "region",
    "municipality",
    "ownership",
    "settlement",
    "levels",
    "time_zone",
    "delivery_address",
    "active",
]


class Refused(Exception):  # noqa: N818  # an answer to a person, not a programming error
    """The change breaks a rule; `problems` say at which fact and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.message for problem in problems))


@transaction.atomic
def create_organisation(acting: Acting, facts: Facts) -> Organisation:
    """A new organisation in the tree.

    Raises:
        PermissionDenied: not a regional coordinator or federal organiser.
        Refused: the facts break a rule of the tree, or the code is taken.
    """
    require(acting, "organisations.create")
    problems = check(facts, None, queries.surroundings(acting, facts))
    if facts.kind in Kind.values and facts.kind not in creatable_kinds(acting):
        problems.append(kind_not_allowed())
    if queries.codes_taken([facts.code]):
        problems.append(code_taken(facts.code))
    if problems:
        raise Refused(problems)
    try:
        with transaction.atomic():
            save_facts(new=[facts])
    except IntegrityError as error:  # two people entered the same code in the same second
        raise Refused([code_taken(facts.code)]) from error
    made = Organisation.everything.get(code=facts.code)
    record(journal.CREATED, acting=acting, on=made, after=asdict(facts))
    return made


def kind_not_allowed() -> Problem:
    return Problem(
        "kind",
        _("Регионы заводит федеральный организатор. Выберите другой вид."),
        _("центр, муниципалитет, школа или организация СПО"),
    )


def code_taken(code: str) -> Problem:
    return Problem(
        "code",
        _("Код «%(code)s» уже занят. Проверьте, нет ли этой организации в базе.") % {"code": code},
        _("свободный код"),
    )


@transaction.atomic
def change_organisation(acting: Acting, organisation: Organisation, facts: Facts) -> tuple[str, ...]:
    """Correct facts of one organisation; returns which changed.

    Raises:
        PermissionDenied: some of the changed facts are not this person's to change.
        Refused: the new facts break a rule of the tree.
    """
    locked = (
        Organisation.everything.select_for_update(of=("self",))
        .select_related("supervisor", "municipality")
        .get(pk=organisation.pk)
    )
    before = facts_of(locked)
    changed = changed_fields(before, facts)
    if not changed:
        return ()
    if not set(changed) <= changeable(acting, locked):
        raise PermissionDenied
    problems = check(facts, before, queries.surroundings(acting, facts))
    if problems:
        raise Refused(problems)
    save_facts(changed=[facts])
    _record_change(acting, locked, before, facts)
    return changed


def _record_change(acting: Acting, organisation: Organisation, before: Facts, after: Facts) -> None:
    """Only what changed: the rest of the facts stand in the base."""
    changed = changed_fields(before, after)
    record(
        journal.CHANGED,
        acting=acting,
        on=organisation,
        before={name: getattr(before, name) for name in changed},
        after={name: getattr(after, name) for name in changed},
    )


def save_facts(new: Iterable[Facts] = (), changed: Iterable[Facts] = ()) -> None:
    """Write checked facts level by level, so that whoever supervises stands before those supervised.

    Raises:
        IntegrityError: somebody else has just taken a new code, or a constraint of the base is broken.
    """
    for kind, batch in _levels(new):
        Organisation.everything.bulk_create(_rows(kind, batch))
    for kind, batch in _levels(changed):
        Organisation.everything.bulk_create(
            _rows(kind, batch), update_conflicts=True, unique_fields=["code"], update_fields=STORED
        )


def _levels(changed: Iterable[Facts]) -> Iterator[tuple[str, list[Facts]]]:
    by_kind: dict[str, list[Facts]] = {kind: [] for kind in FROM_THE_TOP}
    for facts in changed:
        by_kind[facts.kind].append(facts)
    for kind, alike in by_kind.items():
        for start in range(0, len(alike), BATCH):
            yield kind, alike[start : start + BATCH]


def _rows(kind: str, batch: list[Facts]) -> list[Organisation]:
    """Model rows of one kind; the region follows the supervisor."""
    near = {one.supervisor for one in batch} | {one.territory for one in batch}
    keys, regions = {}, {}
    for code, pk, region_id, its_kind in Organisation.everything.filter(code__in=near).values_list(
        "code", "pk", "region_id", "kind"
    ):
        keys[code] = pk
        regions[code] = pk if its_kind == Kind.REGION else region_id
    return [
        Organisation(
            code=one.code,
            kind=kind,
            name=one.name,
            short_name=one.short_name,
            sort_key=stored_sort_key(one.short_name),
            supervisor_id=keys.get(one.supervisor),
            region_id=regions.get(one.supervisor),
            municipality_id=keys.get(one.territory),
            ownership=one.ownership,
            settlement=one.settlement,
            levels=list(one.levels),
            time_zone=one.time_zone,
            delivery_address=one.delivery_address,
            active=one.active,
        )
        for one in batch
    ]


@transaction.atomic
def keep_draft(acting: Acting, filename: str, content: bytes) -> ImportDraft:
    """Keep an uploaded list until it is confirmed; what was forgotten earlier goes now."""
    require(acting, "organisations.import")
    forget_old_drafts()
    ImportDraft.objects.visible_to(acting).delete()
    draft = ImportDraft.everything.create(
        account_id=acting.account_id,
        organisation_id=acting.organisation_id,
        filename=filename[:200],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    record(journal.DRAFT_KEPT, acting=acting, on=draft, after=_of_draft(draft))
    return draft


def _of_draft(draft: ImportDraft) -> dict[str, str]:
    return {"filename": draft.filename, "sha256": draft.sha256}


@transaction.atomic
def forget_old_drafts() -> None:
    ImportDraft.everything.filter(created_at__lt=timezone.now() - DRAFT_LIFE).delete()


@transaction.atomic
def drop_draft(acting: Acting, draft: ImportDraft) -> None:
    record(journal.DRAFT_DROPPED, acting=acting, on=draft, before=_of_draft(draft))
    ImportDraft.objects.visible_to(acting).filter(pk=draft.pk).delete()


@transaction.atomic
def apply_draft(acting: Acting, draft: ImportDraft, seen: str) -> Plan:
    """Write a confirmed list, all of it or nothing, and forget the file.

    Where the base has changed since the person saw the plan with digest `seen`, or something is wrong by now,
    nothing is written: the returned plan, whose digest then differs, says what would happen now.

    Raises:
        PermissionDenied: not a regional coordinator or federal organiser.
        UnreadableTable: the kept file cannot be read (it could when it was kept).
    """
    require(acting, "organisations.import")
    lock_base()
    plan = plan_import(acting, bytes(draft.content))
    if plan.findings or plan.digest != seen:
        return plan
    save_facts(new=plan.new, changed=[after for _before, after in plan.changed])
    _record_list(acting, draft, plan)
    ImportDraft.objects.visible_to(acting).filter(pk=draft.pk).delete()
    return plan


def _record_list(acting: Acting, draft: ImportDraft, plan: Plan) -> None:
    """The list as a whole, and each organisation whose facts it changed: that one asks who did it."""
    after = {**_of_draft(draft), "new": [facts.code for facts in plan.new], "changed": len(plan.changed)}
    record(journal.LIST_APPLIED, acting=acting, on=draft, after=after)
    codes = [later.code for _earlier, later in plan.changed]
    by_code = Organisation.everything.filter(code__in=codes).in_bulk(field_name="code")
    for earlier, later in plan.changed:
        _record_change(acting, by_code[later.code], earlier, later)


def lock_base() -> None:
    """One list at a time, and no correction by hand meanwhile; reading goes on."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE organisations_organisation IN SHARE ROW EXCLUSIVE MODE")
