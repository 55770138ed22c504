"""When a step is open: zones, exact seconds, clock changes, exceptions on every level, the rehearsal
clock.
"""
# ruff: noqa: DTZ001  # wall-clock times have no zone

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oko.cabinet.assessments.deadlines import StandingExceptions, WindowState, window
from oko.cabinet.assessments.models import Assessment, RoadmapStep, StepException
from oko.cabinet.foundation import clock
from oko.cabinet.organisations.models import Kind, Organisation

RUSSIAN_ZONES = [
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk",
    "Asia/Novosibirsk", "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk",
    "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
]  # fmt: skip
#: Kishinev, Berlin and New York change their clocks; Lord Howe by half an hour.
CHANGING_ZONES = ["Europe/Chisinau", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
SECOND = timedelta(seconds=1)
OPENS, CLOSES = datetime(2026, 4, 21, 8), datetime(2026, 5, 20, 18)
LATE = datetime(2026, 5, 22, 18)


def a_step(**fields: Any) -> RoadmapStep:
    assessment = Assessment(pk=1, rehearsal_offset=None)
    return RoadmapStep(pk=1, assessment=assessment, **{"opens": OPENS, "closes": CLOSES, **fields})


def a_school(zone: str = "Europe/Saratov") -> Organisation:
    return Organisation(
        pk=1, kind=Kind.SCHOOL, supervisor_id=2, region_id=3, municipality_id=4, time_zone=zone
    )


def made_for(
    organisation: int, kind: str, until: datetime | None = None, on: str = Kind.SCHOOL
) -> StepException:
    made_at = datetime(2026, 5, 1, tzinfo=UTC)
    above = Organisation(pk=organisation, kind=on)
    return StepException(organisation=above, kind=kind, until=until, reason="паводок", made_at=made_at)


def state(
    step: RoadmapStep, at: datetime, *exceptions: StepException, school: Organisation | None = None
) -> WindowState:
    return window(step, school or a_school(), at=at, exceptions=exceptions).state


# Zones and seconds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", RUSSIAN_ZONES)
def test_local_step_opens_and_closes_by_the_schools_own_clock(zone: str) -> None:
    step, school = a_step(late_until=LATE), a_school(zone)

    def at(wall: datetime, shift: timedelta = timedelta()) -> WindowState:
        return state(step, wall.replace(tzinfo=ZoneInfo(zone)) + shift, school=school)

    assert at(OPENS, -SECOND) is WindowState.NOT_OPEN
    assert at(OPENS) is WindowState.OPEN, "at 08:00:00, not a second earlier"
    assert at(CLOSES) is WindowState.OPEN, "the second of the deadline is still in time"
    assert at(CLOSES, SECOND) is WindowState.LATE
    assert at(LATE) is WindowState.LATE
    assert at(LATE, SECOND) is WindowState.CLOSED


def test_step_without_late_time_closes_at_once() -> None:
    closes = CLOSES.replace(tzinfo=ZoneInfo("Europe/Saratov"))
    assert state(a_step(), closes + SECOND) is WindowState.CLOSED


@pytest.mark.parametrize("zone", RUSSIAN_ZONES)
def test_moscow_step_closes_everywhere_at_the_same_moment(zone: str) -> None:
    step = a_step(zone_rule=RoadmapStep.ZoneRule.MOSCOW)
    term = window(step, a_school(zone), at=datetime(2026, 5, 1, tzinfo=UTC), exceptions=())
    assert term.closes == datetime(2026, 5, 20, 15, tzinfo=UTC)


def test_kamchatka_closes_ten_hours_before_kaliningrad() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    east = window(a_step(), a_school("Asia/Kamchatka"), at=at, exceptions=())
    west = window(a_step(), a_school("Europe/Kaliningrad"), at=at, exceptions=())
    assert west.closes - east.closes == timedelta(hours=10)


walls = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)).map(lambda d: d.replace(microsecond=0))


@given(
    zone=st.sampled_from(RUSSIAN_ZONES + CHANGING_ZONES),
    opens=walls,
    open_for=st.timedeltas(timedelta(minutes=1), timedelta(days=60)),
    late_for=st.none() | st.timedeltas(timedelta(0), timedelta(days=10)),
    at=walls,
)
def test_states_follow_each_other_in_order_whatever_the_zone(
    zone: str, opens: datetime, open_for: timedelta, late_for: timedelta | None, at: datetime
) -> None:
    closes = opens + open_for
    step = a_step(opens=opens, closes=closes, late_until=closes + late_for if late_for is not None else None)
    school = a_school(zone)
    now = at.replace(tzinfo=UTC)
    term = window(step, school, at=now, exceptions=())
    assert term.opens <= term.closes <= (term.late_until or term.closes)
    order = [WindowState.NOT_OPEN, WindowState.OPEN, WindowState.LATE, WindowState.CLOSED]
    later = window(step, school, at=now + timedelta(hours=7), exceptions=())
    assert order.index(term.state) <= order.index(later.state), "time only goes forward"
    assert term.accepts == (term.opens <= now <= (term.late_until or term.closes))


@pytest.mark.parametrize(
    ("zone", "wall", "utc"),
    [
        (
            "Europe/Berlin",
            datetime(2026, 10, 25, 2, 30),
            datetime(2026, 10, 25, 0, 30),
        ),  # shown twice: the first
        (
            "Europe/Berlin",
            datetime(2026, 3, 29, 2, 30),
            datetime(2026, 3, 29, 1, 30),
        ),  # never shown: an hour on
        ("Europe/Berlin", datetime(2026, 7, 1, 18, 0), datetime(2026, 7, 1, 16, 0)),
        ("Europe/Moscow", datetime(2026, 7, 1, 18, 0), datetime(2026, 7, 1, 15, 0)),
    ],
)
def test_deadline_in_a_clock_change_is_one_moment(zone: str, wall: datetime, utc: datetime) -> None:
    term = window(
        a_step(opens=datetime(2026, 1, 1), closes=wall),
        a_school(zone),
        at=utc.replace(tzinfo=UTC),
        exceptions=(),
    )
    assert term.closes == utc.replace(tzinfo=UTC)


def test_step_that_opens_in_a_skipped_hour_does_not_close_before_it_opens() -> None:
    """02:30 does not exist that night and is read as 03:30, after the deadline at 03:00."""
    step = a_step(opens=datetime(2026, 3, 29, 2, 30), closes=datetime(2026, 3, 29, 3, 0))
    term = window(step, a_school("Europe/Berlin"), at=datetime(2026, 3, 29, tzinfo=UTC), exceptions=())
    assert term.opens <= term.closes


# Exceptions ------------------------------------------------------------------------------------------------

DURING = datetime(2026, 5, 10, 12, tzinfo=UTC)
AFTER = datetime(2026, 5, 25, 12, tzinfo=UTC)
PAUSE, EXTENSION, REOPENING = StepException.Kind


def test_pause_stops_an_open_step_and_says_which() -> None:
    pause = made_for(1, PAUSE)
    term = window(a_step(), a_school(), at=DURING, exceptions=[pause])
    assert (term.state, term.exception, term.accepts) == (WindowState.PAUSED, pause, False)


def test_pause_with_a_term_ends_by_itself() -> None:
    pause = made_for(1, PAUSE, DURING)
    assert state(a_step(), DURING - SECOND, pause) is WindowState.PAUSED
    assert state(a_step(), DURING, pause) is WindowState.OPEN


def test_extension_moves_the_deadline_and_no_late_mark_is_given_before_it() -> None:
    term = window(a_step(late_until=LATE), a_school(), at=AFTER, exceptions=[made_for(1, EXTENSION, AFTER)])
    assert (term.state, term.closes, term.late_until) == (WindowState.OPEN, AFTER, AFTER)
    assert state(a_step(late_until=LATE), AFTER + SECOND, made_for(1, EXTENSION, AFTER)) is WindowState.CLOSED


def test_extension_never_shortens_what_the_roadmap_gives() -> None:
    term = window(a_step(), a_school(), at=DURING, exceptions=[made_for(1, EXTENSION, DURING - SECOND)])
    assert (term.state, term.exception) == (WindowState.OPEN, None)
    assert term.closes == CLOSES.replace(tzinfo=ZoneInfo("Europe/Saratov"))


def test_of_two_extensions_for_one_school_the_newest_counts() -> None:
    newest, older = made_for(1, EXTENSION, AFTER), made_for(1, EXTENSION, AFTER + timedelta(days=5))
    assert window(a_step(), a_school(), at=DURING, exceptions=[newest, older]).closes == AFTER


def test_extending_the_region_does_not_shorten_what_one_school_was_granted() -> None:
    longer = AFTER + timedelta(days=5)
    region, school = made_for(3, EXTENSION, AFTER, Kind.REGION), made_for(1, EXTENSION, longer)
    assert window(a_step(), a_school(), at=DURING, exceptions=[region, school]).closes == longer


def test_pause_stands_over_an_extension_whichever_is_newer() -> None:
    pause, extension = made_for(1, PAUSE), made_for(3, EXTENSION, AFTER, Kind.REGION)
    assert state(a_step(), DURING, pause, extension) is WindowState.PAUSED
    assert state(a_step(), DURING, extension, pause) is WindowState.PAUSED


def test_newer_reopening_lifts_the_pause_for_whom_it_is_made_and_no_other() -> None:
    reopening = made_for(1, REOPENING, AFTER)
    assert state(a_step(), DURING, reopening, made_for(3, PAUSE, on=Kind.REGION)) is WindowState.OPEN
    assert state(a_step(), DURING, made_for(3, PAUSE, on=Kind.REGION), reopening) is WindowState.PAUSED
    region_opens = made_for(3, REOPENING, AFTER, Kind.REGION)
    assert state(a_step(), DURING, region_opens, made_for(1, PAUSE)) is WindowState.PAUSED


def test_reopening_opens_a_closed_step_until_its_term() -> None:
    reopening = made_for(1, REOPENING, AFTER)
    assert state(a_step(), AFTER, reopening) is WindowState.OPEN
    assert state(a_step(), AFTER + SECOND, reopening) is WindowState.CLOSED


exception_lists = st.lists(
    st.builds(
        made_for,
        st.sampled_from([1, 2, 3]),
        st.sampled_from([EXTENSION, REOPENING]),
        st.datetimes(datetime(2026, 4, 1), datetime(2026, 8, 1), timezones=st.just(UTC)),
    ),
    max_size=5,
)


@given(exceptions=exception_lists, zone=st.sampled_from(RUSSIAN_ZONES))
def test_extensions_only_ever_give_more_time(exceptions: list[StepException], zone: str) -> None:
    plain = window(a_step(late_until=LATE), a_school(zone), at=DURING, exceptions=())
    moved = window(a_step(late_until=LATE), a_school(zone), at=DURING, exceptions=exceptions)
    assert moved.opens <= plain.opens
    assert moved.closes >= plain.closes
    assert (moved.late_until or moved.closes) >= (plain.late_until or plain.closes)


@given(exceptions=exception_lists, place=st.integers(0, 5))
def test_pause_of_the_school_stops_it_unless_its_own_reopening_is_newer(
    exceptions: list[StepException], place: int
) -> None:
    newer = exceptions[:place]
    found = state(a_step(), DURING, *newer, made_for(1, PAUSE), *exceptions[place:])
    lifted = any(e.kind == REOPENING and e.organisation_id == 1 for e in newer)
    assert (found is WindowState.PAUSED) != lifted


# Exceptions as stored --------------------------------------------------------------------------------------


def store(world: Any, code: str, organisation: str, kind: str, **fields: Any) -> StepException:
    return StepException.everything.create(
        assessment=world.assessment,
        step=world.steps[code],
        organisation=world[organisation],
        kind=kind,
        reason="паводок",
        made_by=world.appointments["regional"].person,
        made_at=clock.now(),
        **fields,
    )


@pytest.mark.parametrize(
    ("paused", "stopped"),
    [
        ("school1", {"school1"}),
        ("mun1", {"school1", "school2"}),
        ("centre", {"state"}),
        ("region", {"school1", "school2", "school3", "state"}),
        ("fed", {"school1", "school2", "school3", "state", "school5"}),
    ],
)
def test_exception_reaches_those_below_by_supervision(world: Any, paused: str, stopped: set[str]) -> None:
    store(world, "rus4", paused, PAUSE)
    schools = ("school1", "school2", "school3", "state", "school5")
    step = world.steps["rus4"]
    found = {s for s in schools if window(step, world[s]).state is WindowState.PAUSED}
    assert found == stopped, "the state school stands in the municipality but answers to the centre"
    together = StandingExceptions(list(world.steps.values()))
    assert found == {s for s in schools if together.of(step, world[s])}, "read singly or together: the same"
    assert window(world.steps["mat4"], world["school1"]).state is WindowState.OPEN, "another step goes on"


def test_ended_exception_has_no_effect(world: Any) -> None:
    pause = store(world, "rus4", "school1", PAUSE)
    pause.ended_at = clock.now()
    pause.save()
    assert window(world.steps["rus4"], world["school1"]).state is WindowState.OPEN


def test_order_of_making_counts_even_when_the_rehearsal_clock_was_set_back(world: Any) -> None:
    far = clock.now() + timedelta(days=5000)
    store(world, "rus4", "school1", EXTENSION, until=far + timedelta(days=9))
    second = store(world, "rus4", "school1", EXTENSION, until=far)
    StepException.everything.filter(pk=second.pk).update(made_at=clock.now() - timedelta(days=300))
    assert window(world.steps["rus4"], world["school1"]).closes == far


def test_rehearsal_clock_decides_what_is_open_in_a_training(world: Any) -> None:
    step = world.steps["rus4"]
    before = datetime(2026, 4, 20, tzinfo=UTC)
    step.assessment.is_training = True
    step.assessment.rehearsal_offset = before - clock.now()
    assert window(step, world["school1"]).state is WindowState.NOT_OPEN
    step.assessment.rehearsal_offset = datetime(2037, 1, 1, tzinfo=UTC) - clock.now()
    assert window(step, world["school1"]).state is WindowState.CLOSED
