"""Many at the same moment: the same file is one submission, different files are versions, none is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from oko.cabinet.assessments.models import StepProgress
from oko.cabinet.exchange import actions
from oko.cabinet.exchange.models import StoredFile, Submission
from oko.cabinet.results.models import ProtocolWorks
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 8


def at_once(work: Callable[[int], actions.Receipt]) -> list[actions.Receipt]:
    """Run it in real threads, each on its own connection, all let go together."""
    start = Barrier(CLIENTS)

    def run(number: int) -> actions.Receipt:
        try:
            start.wait(timeout=60)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(run, range(CLIENTS)))


def test_same_file_from_eight_at_once_is_one_submission(world: World) -> None:
    content = filled.protocol(world)
    acting, paper, school = world.acting("technician"), world.papers["rus4"], world["school1"]
    receipts = at_once(lambda n: actions.submit_protocol(acting, paper, school, f"{n}.xlsx", content))
    assert len({receipt.submission.pk for receipt in receipts}) == 1
    assert sum(not receipt.repeated for receipt in receipts) == 1
    assert {receipt.submission.state for receipt in receipts} == {"accepted"}
    assert ProtocolWorks.everything.count() == 1


def test_eight_different_files_at_once_are_eight_versions(world: World) -> None:
    contents = [filled.protocol(world, points=n % 5) + bytes(n) for n in range(CLIENTS)]
    acting, paper, school = world.acting("technician"), world.papers["rus4"], world["school1"]
    at_once(lambda n: actions.submit_protocol(acting, paper, school, f"{n}.xlsx", contents[n]))
    versions = list(Submission.everything.order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, CLIENTS + 1))
    assert {bytes(file.content) for file in StoredFile.objects.all()} == set(contents)
    newest = Submission.everything.filter(state="accepted").latest("version")
    assert ProtocolWorks.everything.get().submission == newest
    assert StepProgress.everything.get().state == StepProgress.State.DONE


def test_same_bytes_for_two_schools_at_once_are_stored_once(world: World) -> None:
    content = filled.protocol(world)
    sent_for = [world["school1"], world["school2"]]
    acting, paper = world.acting("regional"), world.papers["rus4"]
    at_once(lambda n: actions.submit_protocol(acting, paper, sent_for[n % 2], "п.xlsx", content))
    assert StoredFile.objects.count() == 1
    states = dict(Submission.everything.values_list("organisation__code", "state"))
    assert states == {"edu640001": "accepted", "edu640002": "has_findings"}


def test_return_and_upload_at_once_leave_one_clear_state(world: World) -> None:
    acting, paper, school = world.acting("technician"), world.papers["rus4"], world["school1"]
    first = actions.submit_protocol(acting, paper, school, "1.xlsx", filled.protocol(world)).submission
    content = filled.protocol(world, points=0)

    def work(number: int) -> actions.Receipt:
        if number % 2:
            return actions.submit_protocol(acting, paper, school, "2.xlsx", content)
        with contextlib.suppress(actions.Refused):
            actions.return_protocol(world.acting("municipal"), first, "Проверьте баллы")
        return actions.Receipt(first, repeated=True)

    at_once(work)
    assert Submission.everything.get(version=2).state == "accepted"
    assert ProtocolWorks.everything.get().submission.version == 2
    assert StepProgress.everything.get().state == StepProgress.State.DONE
