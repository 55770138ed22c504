"""Sessions: fixed, stolen, replayed, of the day before; ended by their owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client

from oko.cabinet.access import sessions
from oko.cabinet.access.models import AccessRecord, CabinetSession
from oko.cabinet.audit.models import Event
from tests.cabinet.access.conftest import MovedClock, person, sign_in
from tests.cabinet.conftest import PASSWORD, World

COOKIE = settings.SESSION_COOKIE_NAME
MOSCOW = ZoneInfo("Europe/Moscow")


def is_in(client: Client, **more: str) -> bool:
    return client.get("/", **more).status_code == 200  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("worked", "released"),
    [
        ("2026-04-20 17:30", "2026-04-21 08:00"),  # the day before
        ("2026-04-17 16:00", "2026-04-20 08:00"),  # Friday to Monday
        ("2026-04-30 17:00", "2026-05-05 08:00"),  # the long weekend of May
    ],
)
def test_session_of_the_working_day_before_lives_through_the_release(
    with_passwords: World, moved_clock: MovedClock, worked: str, released: str
) -> None:
    moved_clock.at = datetime.fromisoformat(worked).replace(tzinfo=MOSCOW)
    client = Client()
    sign_in(client, "school")
    moved_clock.at = datetime.fromisoformat(released).replace(tzinfo=MOSCOW)
    assert is_in(client)
    moved_clock.forward(hours=4)
    assert is_in(client)


def test_session_ends_by_itself_only_on_a_sunday_or_after_five_idle_days() -> None:
    start = datetime(2026, 4, 1, 8, 0, tzinfo=MOSCOW)
    for hours in range(0, 24 * 21, 7):
        begun = start + timedelta(hours=hours)
        ends = sessions.last_moment(begun).astimezone(MOSCOW)
        assert (ends.weekday(), ends.hour) == (6, 0)
        assert timedelta(days=14) <= ends - begun < timedelta(days=22)


def test_idle_session_ends(with_passwords: World, moved_clock: MovedClock) -> None:
    client = Client()
    sign_in(client, "school")
    moved_clock.forward(days=5, minutes=1)
    assert not is_in(client)


def test_session_in_use_ends_all_the_same_after_two_weeks(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    client = Client()
    sign_in(client, "school")
    for _day in range(14):
        moved_clock.forward(days=1)
        assert is_in(client)
    moved_clock.forward(days=4)
    is_in(client)
    moved_clock.forward(days=4)
    assert not is_in(client)


def test_session_does_not_end_when_the_clock_steps_back(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    client = Client()
    sign_in(client, "school")
    moved_clock.back(hours=3)
    assert is_in(client)


def test_ended_session_does_not_begin_again_when_the_clock_steps_back(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    client = Client()
    sign_in(client, "school")
    kept = client.cookies[COOKIE].value
    moved_clock.forward(days=5, minutes=1)
    assert not is_in(client)
    moved_clock.back(days=1)
    replayed = Client()
    replayed.cookies[COOKIE] = kept
    assert not is_in(replayed)


def test_session_fixed_by_a_stranger_is_worth_nothing_after_the_sign_in(with_passwords: World) -> None:
    stranger = Client()
    stranger.get("/activate/password/")
    session = stranger.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    victim = Client()
    victim.cookies[COOKIE] = str(planted)
    sign_in(victim, "school")
    assert victim.cookies[COOKIE].value != planted
    thief = Client()
    thief.cookies[COOKIE] = str(planted)
    assert not is_in(thief)


def test_invented_session_key_is_never_taken_over(with_passwords: World) -> None:
    client = Client()
    client.cookies[COOKIE] = "a" * 32
    sign_in(client, "school")
    assert client.cookies[COOKIE].value != "a" * 32
    for broken in ("\x00", "é", "a" * 5000, ""):
        client = Client()
        client.cookies[COOKIE] = broken
        assert client.get("/sign-in/").status_code == 200


def test_cookie_kept_from_before_the_sign_out_opens_nothing(with_passwords: World) -> None:
    client = Client()
    sign_in(client, "school")
    kept = client.cookies[COOKIE].value
    client.post("/sign-out/")
    replayed = Client()
    replayed.cookies[COOKIE] = kept
    assert not is_in(replayed)
    assert not CabinetSession.objects.filter(session_key=kept).exists()


def test_session_ended_elsewhere_does_not_come_back(with_passwords: World, moved_clock: MovedClock) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here, "school")
    sign_in(elsewhere, "school")
    number = CabinetSession.objects.get(session_key=elsewhere.session.session_key).number
    here.post(f"/security/sessions/{number}/end/")
    moved_clock.forward(minutes=6)
    assert not is_in(elsewhere)
    assert is_in(here)


def test_sessions_are_seen_and_all_others_ended_at_once(with_passwords: World) -> None:
    here = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0")
    sign_in(here, "school", address="10.0.0.1")
    others = [Client() for _one in range(3)]
    for other in others:
        sign_in(other, "school", address="10.0.0.2")
    page = here.get("/security/").content.decode()
    assert "Firefox, Windows" in page
    assert "этот браузер" in page
    assert page.count("10.0.0.2") >= 3
    assert here.session.session_key not in page, "the key is the secret"
    here.post("/security/sessions/end-others/")
    assert [is_in(other) for other in others] == [False, False, False]
    assert is_in(here)


def test_nobody_ends_a_session_of_somebody_else(with_passwords: World) -> None:
    mine, theirs = Client(), Client()
    sign_in(mine, "school")
    sign_in(theirs, "technician")
    number = CabinetSession.objects.get(account=person(with_passwords, "technician")).number
    assert mine.post(f"/security/sessions/{number}/end/").status_code == 404
    assert is_in(theirs)


def test_work_is_noted_once_in_five_minutes(with_passwords: World, moved_clock: MovedClock) -> None:
    client = Client()
    sign_in(client, "school")
    row = CabinetSession.objects.get(account=person(with_passwords, "school"))
    moved_clock.forward(minutes=4)
    is_in(client, REMOTE_ADDR="10.0.0.1")
    assert CabinetSession.objects.get(pk=row.pk).seen_at == row.seen_at
    moved_clock.forward(minutes=2)
    is_in(client, REMOTE_ADDR="10.0.0.1")
    assert CabinetSession.objects.get(pk=row.pk).seen_at == moved_clock.at


def test_telephone_on_its_way_changes_addresses_and_works_on(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    client = Client()
    sign_in(client, "school", address="10.0.0.1")
    for last in range(2, 6):
        moved_clock.forward(minutes=3)
        assert is_in(client, REMOTE_ADDR=f"10.0.0.{last}")
    assert not AccessRecord.objects.filter(two_places_at__isnull=False).exists()


def test_stolen_session_is_seen_as_two_places(with_passwords: World, moved_clock: MovedClock) -> None:
    client = Client()
    sign_in(
        client, "school", address="10.0.0.1", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
    )
    thief = Client(HTTP_USER_AGENT="curl/8.0")
    thief.cookies[COOKIE] = client.cookies[COOKIE].value
    moved_clock.forward(minutes=2)
    assert is_in(thief, REMOTE_ADDR="203.0.113.66")
    told = Event.everything.get(verb="access.two_places")
    assert "10.0.0.1 и 203.0.113.66" in told.body
    assert "в двух местах сразу" in client.get("/security/").content.decode()


def test_one_login_in_two_places_is_noticed(with_passwords: World, moved_clock: MovedClock) -> None:
    one, two = Client(), Client()
    sign_in(one, "school", address="10.0.0.1")
    sign_in(two, "school", address="203.0.113.66")
    moved_clock.forward(minutes=6)
    is_in(one, REMOTE_ADDR="10.0.0.1")
    record = AccessRecord.objects.get(account=person(with_passwords, "school"))
    assert record.two_places_at == moved_clock.at
    assert PASSWORD not in "".join(Event.everything.values_list("body", flat=True))
