"""Stored sums of progress: right at the next reading, whatever was changed and whoever changed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oko.cabinet.assessments import progress, sums
from oko.cabinet.assessments.actions import record_progress
from oko.cabinet.assessments.models import Participation, ProgressMark, RoadmapStep, StepProgress
from oko.cabinet.organisations.models import Kind, Organisation
from tests.cabinet.conftest import make_organisation


def counted_from_rows(world: Any) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Expected, done and late by supervisor and step, counted in Python from every row."""
    expected: Counter[tuple[int, int]] = Counter()
    done: Counter[tuple[int, int]] = Counter()
    late: Counter[tuple[int, int]] = Counter()
    for school in Organisation.everything.filter(kind__in=[Kind.SCHOOL, Kind.COLLEGE], active=True):
        for step in RoadmapStep.everything.filter(assessment=world.assessment):
            writes = Participation.everything.filter(paper=step.paper, organisation=school).exists()
            if step.paper_id is not None and not writes:
                continue
            key = (school.supervisor_id, step.pk)
            expected[key] += 1
            for row in StepProgress.everything.filter(step=step, organisation=school):
                done[key] += row.state == StepProgress.State.DONE
                late[key] += row.late
    return {key: (expected[key], done[key], late[key]) for key in expected}


def counted_from_sums(world: Any) -> dict[tuple[int, int], tuple[int, int, int]]:
    steps = list(RoadmapStep.everything.filter(assessment=world.assessment))
    found = progress.counts_by(world.acting("federal"), steps, "supervisor_id")
    return {
        (group, step): (number.expected, number.done, number.late) for (group, step), number in found.items()
    }


def a_step_for_everybody(world: Any) -> None:
    RoadmapStep.everything.create(
        assessment=world.assessment,
        position=9,
        title="Ознакомиться",
        action=RoadmapStep.Action.READ,
        roles=["school_coordinator"],
        opens=datetime(2026, 4, 1, 8),  # noqa: DTZ001  # wall clock
        closes=datetime(2036, 4, 1, 8),  # noqa: DTZ001
    )


def schools_move(world: Any) -> None:
    Organisation.everything.filter(code="edu640001").update(supervisor=world["mun2"])


def everybody_writes_the_other_paper(world: Any) -> None:
    step = world.steps["mat4"]
    step.paper = None
    step.save()


CHANGES: dict[str, Callable[[Any], Any]] = {
    "a protocol is accepted": lambda w: record_progress(w.steps["rus4"], w["school2"], "done"),
    "it is returned": lambda w: record_progress(w.steps["rus4"], w["school1"], "returned"),
    "its row goes": lambda w: StepProgress.everything.filter(organisation=w["school1"]).delete(),
    "a school closes": lambda w: Organisation.everything.filter(code="edu640001").update(active=False),
    "a school goes to another supervisor": schools_move,
    "a school is founded": lambda w: make_organisation("edu640077", Kind.SCHOOL, w["mun1"]),
    "a class does not write": lambda w: Participation.everything.filter(organisation=w["school1"]).delete(),
    "a step is for every school now": everybody_writes_the_other_paper,
    "a step is taken out": lambda w: w.steps["mat4"].delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_sums_agree_with_the_rows_after(world: Any, change: str) -> None:
    a_step_for_everybody(world)
    Participation.everything.filter(paper=world.papers["mat4"], organisation=world["state"]).delete()
    record_progress(world.steps["rus4"], world["school1"], "done", late=True)
    record_progress(world.steps["rus4"], world["state"], "has_findings")
    before = counted_from_sums(world)
    assert before == counted_from_rows(world)
    CHANGES[change](world)
    after = counted_from_sums(world)
    assert after == counted_from_rows(world)
    assert after != before


def test_change_past_the_cabinet_is_summed_too(world: Any) -> None:
    record_progress(world.steps["rus4"], world["school1"], "done")
    counted_from_sums(world)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE assessments_stepprogress SET state = 'returned'")
    assert counted_from_sums(world) == counted_from_rows(world)


def test_only_supervisors_that_changed_are_counted_anew(world: Any) -> None:
    sums.bring_up_to_date()
    record_progress(world.steps["rus4"], world["school1"], "done")
    assert set(ProgressMark.objects.values_list("supervisor", flat=True)) == {world["mun1"].pk}
    sums.bring_up_to_date()
    with CaptureQueriesContext(connection) as captured:
        sums.bring_up_to_date()
    assert len(captured) == 1, "nothing has changed: one look at the marks"


def test_sums_are_seen_by_those_who_supervise(world: Any) -> None:
    steps = list(world.steps.values())
    seen = {
        who: progress.totals(progress.counts_by(world.acting(who), steps, None))
        for who in ("federal", "regional", "municipal", "responsible", "school")
    }
    rus4 = world.steps["rus4"].pk
    assert {who: counts[rus4].expected if counts else 0 for who, counts in seen.items()} == {
        "federal": 5,
        "regional": 4,
        "municipal": 2,
        "responsible": 1,
        "school": 0,
    }
