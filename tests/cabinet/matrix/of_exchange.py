"""How the addresses of results protocols are tried."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from oko.cabinet.exchange.actions import keep
from oko.cabinet.exchange.models import Submission, UnsortedFile
from tests.cabinet.exchange.filled import protocol, spoiled
from tests.cabinet.matrix.expected import Tried, act, read_only
from tests.cabinet.matrix.stage import (
    OF_ANOTHER,
    SCHOOLS,
    Stage,
    Thing,
    Things,
    another_paper,
    of_own_organisation,
    of_schools,
)

State = Submission.State
_books: dict[str, bytes] = {}


def book(stage: Stage, school: str) -> bytes:
    """A filled protocol in Russian; the small world is always the same, so one is built for all tests."""
    if school not in _books:
        _books[school] = protocol(stage.world, school)
    return _books[school]


def wrong_book(stage: Stage) -> bytes:
    if "wrong" not in _books:
        _books["wrong"] = spoiled(book(stage, "school1"))
    return _books["wrong"]


FINDING = {"kind": "score_out_of_range", "sheet": "", "cell": "G5", "found": "99", "message": "99 вместо 0–1"}


def submission(stage: Stage, school: str, state: str, paper: str = "rus4", **fields: Any) -> Submission:
    def make() -> Submission:
        withheld = state == State.WITHHELD
        content = wrong_book(stage)
        version = Submission.everything.filter(
            paper=stage.world.papers[paper], organisation=stage.world[school]
        )
        number = version.count() + 1
        return Submission.everything.create(
            assessment=stage.world.assessment,
            paper=stage.world.papers[paper],
            organisation=stage.world[school],
            version=number,
            sender=stage.world.appointments["federal"].person,
            received_at=timezone.now(),
            filename="протокол.xlsx",
            size=len(content),
            sha256=f"{number:064d}",
            file=None if withheld else keep(content),
            cleaned=keep(book(stage, school)) if withheld else None,
            state=state,
            findings=[FINDING],
            **fields,
        )

    found: Submission = stage.once(("submission", school, state), make)
    return found


def accepted(stage: Stage, school: str) -> tuple[dict[str, Any], Any]:
    found = submission(stage, school, State.ACCEPTED)
    return {"pk": found.pk}, found


def withheld(stage: Stage, school: str) -> tuple[dict[str, Any], Any]:
    found = submission(stage, school, State.WITHHELD)
    return {"pk": found.pk}, found


def returned(stage: Stage, school: str) -> tuple[dict[str, Any], Any]:
    found = submission(
        stage,
        school,
        State.RETURNED,
        "mat4",
        returned_by=stage.world.appointments["federal"].person,
        returned_at=timezone.now(),
        comment="Проверьте задание 5.",
    )
    return {"pk": found.pk}, found


def unsorted(stage: Stage, school: str) -> tuple[dict[str, Any], Any]:
    def make() -> UnsortedFile:
        content = book(stage, school)
        return UnsortedFile.everything.create(
            assessment=stage.world.assessment,
            organisation=stage.world[school],
            sender=stage.world.appointments["federal"].person,
            received_at=timezone.now(),
            filename="файл.xlsx",
            size=len(content),
            sha256=hashlib.sha256(f"{stage.actor} {school}".encode()).hexdigest(),
            file=keep(content),
            trouble="Не удалось понять, какой работы этот протокол.",
        )

    found = stage.once(("unsorted", school), make)
    return {"pk": found.pk}, found


def protocols(stage: Stage) -> Things:
    """Protocols of schools, and of a paper that belongs to another procedure."""
    some = stage.world[next(iter(SCHOOLS[stage.place].values()))]
    return {
        **_of_schools(stage),
        OF_ANOTHER: Thing({"paper": another_paper(stage).code, "organisation": some.code}, seen=False),
    }


_of_schools = of_schools(
    lambda stage, school: ({"paper": "rus4", "organisation": stage.world[school].code}, stage.world[school]),
    {"paper": "rus4", "organisation": "edu999999"},
)
_NO_SUCH = {"pk": 10**9}
ACCEPTED = of_schools(accepted, _NO_SUCH)
WITHHELD = of_schools(withheld, _NO_SUCH)
RETURNED = of_schools(returned, _NO_SUCH)
UNSORTED = of_schools(unsorted, _NO_SUCH)


def a_file(stage: Stage, thing: Thing) -> dict[str, Any]:
    school = next(name for name, one in stage.world.organisations.items() if one == _school(thing))
    return {"file": SimpleUploadedFile("протокол.xlsx", book(stage, school))}


def _school(thing: Thing) -> Any:
    return thing.subject


def an_upload(stage: Stage, thing: Thing) -> dict[str, Any]:
    """Of a school that cannot be seen any file will do: nobody reads it."""
    if thing.seen and thing.subject is not None:
        return a_file(stage, thing)
    return {"file": SimpleUploadedFile("протокол.xlsx", b"x")}


def several_files(stage: Stage, thing: Thing) -> dict[str, Any]:
    content = book(stage, "school1")
    return {"files": [SimpleUploadedFile("протокол.xlsx", content)]}


def a_comment(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {"comment": "Исправьте задание 5."}


def its_paper(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {"paper": "rus4"}


LATE = "Срок истёк"

TRIED: dict[str, Tried] = {
    "protocols": read_only(closed=200),
    "protocols-upload": act(
        of_own_organisation, several_files, empty=400, done=200, closed=200, closed_word=LATE
    ),
    "protocols-unsorted": read_only(),
    "unsorted-original": read_only(UNSORTED),
    "unsorted-sort": act(UNSORTED, its_paper, closed=302, closed_word=LATE),
    "unsorted-set-aside": act(UNSORTED),
    "protocol": read_only(protocols, closed=200),
    "protocol-form": read_only(protocols, closed=200),
    "protocol-upload": act(protocols, an_upload, empty=400, closed=409, closed_word=LATE),
    "submission": read_only(ACCEPTED, closed=200),
    "submission-state": read_only(ACCEPTED),
    "submission-original": read_only(ACCEPTED),
    "submission-marked": read_only(ACCEPTED),
    "submission-cleaned": read_only(WITHHELD),
    "submission-send-cleaned": act(WITHHELD, closed=302, closed_word=LATE),
    "submission-return": act(ACCEPTED, a_comment),
    "submission-undo-return": act(RETURNED),
}
