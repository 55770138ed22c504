"""A school says that it has its report; the coordinator sees who has not, and reminds them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from oko.cabinet.assessments.models import Participation, RoadmapStep, StepException, StepProgress
from oko.cabinet.audit.models import Event
from oko.cabinet.exchange.actions import return_protocol, submit_protocol, undo_return
from oko.cabinet.exchange.models import Submission
from oko.cabinet.foundation.clock import now
from oko.cabinet.people.models import Appointment, Notice, Role
from oko.cabinet.reports import actions
from oko.cabinet.reports.models import ReportReceipt
from oko.cabinet.reports.receipts import own, queries
from oko.cabinet.results.actions import write_partition
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled

SENDERS = [Role.SCHOOL_COORDINATOR, Role.TECHNICAL_SPECIALIST, Role.MUNICIPAL_COORDINATOR]


def receive(world: World, paper: str | None = None, **fields: Any) -> RoadmapStep:
    """The step in which the report (of one paper, or of all) is received; open for ten years."""
    return RoadmapStep.everything.create(
        assessment=world.assessment,
        paper=world.papers[paper] if paper else None,
        position=RoadmapStep.everything.count() + 1,
        title="Получить отчёт",
        action=RoadmapStep.Action.RECEIVE_REPORT,
        **{
            "roles": SENDERS,
            "opens": datetime.fromisoformat("2026-04-21 08:00"),
            "closes": datetime.fromisoformat("2036-05-20 18:00"),
            **fields,
        },
    )


def confirm(world: World, who: str, paper: str = "mat4", **more: Any) -> ReportReceipt:
    person = world.appointments[who].person
    return actions.confirm_receipt(world.acting(who), world.papers[paper], person, **more)


def open_report(world: World, who: str, place: str, paper: str = "mat4") -> None:
    actions.note_opened(world.acting(who), world.papers[paper], world[place])


def progress(step: RoadmapStep, world: World, place: str = "school1") -> StepProgress:
    found: StepProgress = StepProgress.everything.get(step=step, organisation=world[place])
    return found


def states(world: World, who: str, **wanted: Any) -> dict[tuple[str, str], str]:
    acting = world.acting(who)
    papers = [one.paper for one in queries.out(acting)]
    found = queries.rows(acting, papers, queries.Wanted(**{"state": queries.ALL, **wanted}))
    return {(row.organisation.short_name, row.paper.code): row.state for row in found}


def send_protocol(world: World, *, points: int = 1) -> Submission:
    content = filled.protocol(world, paper="mat4", points=points)
    sent = submit_protocol(
        world.acting("technician"), world.papers["mat4"], world["school1"], "п.xlsx", content
    )
    write_partition(world.papers["mat4"], world["region"])
    return sent.submission


# Confirming -------------------------------------------------------------------------------------------------


def test_step_of_one_paper_is_done_when_its_report_is_confirmed(world: World) -> None:
    step = receive(world, "mat4")
    receipt = confirm(world, "school")
    assert (receipt.confirmed_by, receipt.late) == (world.appointments["school"].person, False)
    assert progress(step, world).state == StepProgress.State.DONE
    event = Event.everything.get(verb="reports.receipt_confirmed")
    assert event.organisation == world["school1"].pk


def test_step_of_all_papers_is_done_with_the_last_of_them(world: World) -> None:
    step = receive(world)
    confirm(world, "school", "mat4")
    half = progress(step, world)
    assert half.state == StepProgress.State.NOT_STARTED
    assert half.note == "подтверждены отчёты: 1 из 2; Сотрудник school"
    confirm(world, "technician", "rus4")
    assert progress(step, world).state == StepProgress.State.DONE


def test_step_of_all_papers_leaves_out_those_not_written_and_those_with_a_step_of_their_own(
    world: World,
) -> None:
    general = receive(world)
    receive(world, "rus4")
    confirm(world, "school", "mat4")
    assert progress(general, world).state == StepProgress.State.DONE, "Russian has its own step"
    Participation.everything.filter(organisation=world["school2"], paper=world.papers["rus4"]).delete()
    confirm(world, "technician2", "mat4")
    assert progress(general, world, "school2").state == StepProgress.State.DONE


def test_second_click_changes_nothing_and_says_who_was_first(world: World) -> None:
    receive(world)
    first = confirm(world, "school")
    page = world.client("technician").post("/reports/mat4/received/", follow=True)
    assert "уже подтверждено: Сотрудник school" in page.content.decode()
    assert ReportReceipt.everything.get() == first
    assert Event.everything.filter(verb="reports.receipt_confirmed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_whole_school_clicks_at_once_on_two_papers(world: World) -> None:
    """Four clicks by two people, all at the same moment: two receipts, two events, one step done."""
    step = receive(world)
    clicks = [(who, paper) for who in ("school", "technician") for paper in ("mat4", "rus4")]
    start = Barrier(len(clicks))

    def click(who: str, paper: str) -> ReportReceipt:
        try:
            start.wait(timeout=60)
            return confirm(world, who, paper)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clicks)) as pool:
        receipts = [future.result() for future in [pool.submit(click, *one) for one in clicks]]
    assert len({receipt.pk for receipt in receipts}) == 2
    assert ReportReceipt.everything.filter(confirmed_at__isnull=False).count() == 2
    assert Event.everything.filter(verb="reports.receipt_confirmed").count() == 2
    assert progress(step, world).state == StepProgress.State.DONE


def test_confirmation_before_the_step_opens_or_after_it_closes_is_refused(world: World) -> None:
    step = receive(world, opens=datetime.fromisoformat("2036-01-01 08:00"))
    with pytest.raises(ValidationError, match=r"откроется 01\.01\.2036"):
        confirm(world, "school")
    closed = {"opens": datetime.fromisoformat("2026-01-12 08:00")}
    closed["closes"] = datetime.fromisoformat("2026-01-13 18:00")
    RoadmapStep.everything.filter(pk=step.pk).update(**closed)
    with pytest.raises(ValidationError, match=r"закрыто 13\.01\.2026"):
        confirm(world, "school")
    page = world.client("school").post("/reports/mat4/received/", follow=True)
    assert "Сейчас шаг закрыт" in page.content.decode()
    assert not ReportReceipt.everything.exists()


def test_paused_school_waits_and_its_neighbour_does_not(world: World) -> None:
    step = receive(world)
    StepException.everything.create(
        assessment=world.assessment,
        step=step,
        organisation=world["school1"],
        kind=StepException.Kind.PAUSE,
        reason="Паводок",
        made_by=world.appointments["regional"].person,
        made_at=now(),
    )
    with pytest.raises(ValidationError, match="приостановлено: Паводок"):
        confirm(world, "school")
    assert confirm(world, "technician2").confirmed_at


def test_who_is_not_named_in_the_step_does_not_confirm(world: World) -> None:
    receive(world, roles=[Role.SCHOOL_COORDINATOR])
    for who in ("technician", "municipal", "teacher"):
        with pytest.raises(PermissionDenied):
            confirm(world, who)
    assert world.client("municipal").post("/reports/mat4/received/").status_code == 403
    assert confirm(world, "school").confirmed_at


def test_municipality_named_in_the_step_confirms_for_itself_and_for_no_school(world: World) -> None:
    step = receive(world, "mat4")
    receipt = confirm(world, "municipal")
    assert receipt.organisation == world["mun1"]
    assert progress(step, world, "mun1").state == StepProgress.State.DONE
    assert set(states(world, "municipal").values()) == {"unopened"}, "the board counts schools"


def test_without_a_step_there_is_nothing_to_confirm(world: World) -> None:
    with pytest.raises(ValidationError, match="ещё нет шага"):
        confirm(world, "school")


# A report that changes --------------------------------------------------------------------------------------


def test_replaced_protocol_asks_for_another_confirmation(world: World) -> None:
    step = receive(world, "mat4")
    first = send_protocol(world)
    receipt = confirm(world, "school")
    assert (receipt.works_state, receipt.works) == (first.sha256, first.summary["present"])
    key = ("Школа № 1", "mat4")
    assert states(world, "municipal")[key] == "confirmed"

    second = send_protocol(world, points=0)
    assert states(world, "municipal")[key] == "updated"
    assert progress(step, world).state == StepProgress.State.DONE, "it was received all the same"
    home = world.client("school").get("/").content.decode()
    assert "Отчёт обновлён после подтверждения" in home

    confirm(world, "technician")
    assert states(world, "municipal")[key] == "confirmed"
    history = ReportReceipt.everything.order_by("pk").values_list("works_state", "confirmed_by__username")
    assert list(history) == [(first.sha256, "school"), (second.sha256, "technician")]
    assert "Отчёт обновлён после подтверждения" not in world.client("school").get("/").content.decode()


def test_returned_protocol_asks_for_another_confirmation_until_the_return_is_undone(world: World) -> None:
    receive(world)
    sent = send_protocol(world)
    confirm(world, "school")
    return_protocol(world.acting("municipal"), sent, "Проверьте.")
    assert states(world, "municipal")["Школа № 1", "mat4"] == "updated"
    undo_return(world.acting("municipal"), sent)
    assert states(world, "municipal")["Школа № 1", "mat4"] == "confirmed"


def test_neighbours_new_protocol_touches_nobody_else(world: World) -> None:
    receive(world)
    confirm(world, "technician2")
    send_protocol(world)
    assert states(world, "municipal")["Школа № 2", "mat4"] == "confirmed"


def test_report_that_changed_while_the_page_was_open_is_looked_at_again(world: World) -> None:
    receive(world)
    send_protocol(world)
    with pytest.raises(ValidationError, match="Посмотрите его ещё раз"):
        confirm(world, "school", seen="")
    page = world.client("school").post("/reports/mat4/received/", {"seen": "\x00" * 99}, follow=True)
    assert "отчёт обновился" in page.content.decode()
    assert not ReportReceipt.everything.filter(confirmed_at__isnull=False).exists()


def test_report_whose_works_are_still_being_written_is_confirmed_a_minute_later(world: World) -> None:
    receive(world)
    content = filled.protocol(world, paper="mat4")
    submit_protocol(world.acting("technician"), world.papers["mat4"], world["school1"], "п.xlsx", content)
    with pytest.raises(ValidationError, match="сейчас обновляется"):
        confirm(world, "school")
    open_report(world, "school", "school1")
    assert not ReportReceipt.everything.exists()
    write_partition(world.papers["mat4"], world["region"])
    assert confirm(world, "school").confirmed_at


# Opening ----------------------------------------------------------------------------------------------------


def test_first_opening_by_the_school_itself_counts(world: World) -> None:
    receive(world)
    open_report(world, "municipal", "school1")
    assert states(world, "municipal")["Школа № 1", "mat4"] == "unopened", (
        "a coordinator's look is not its own"
    )
    open_report(world, "teacher", "school1")
    open_report(world, "school", "school1")
    assert states(world, "municipal")["Школа № 1", "mat4"] == "opened"
    assert ReportReceipt.everything.get().opened_by == world.appointments["teacher"].person
    assert Event.everything.filter(verb="reports.report_opened").count() == 1


def test_school_sees_where_it_stands_with_its_report(world: World) -> None:
    receive(world)
    acting = world.acting("school")
    assert [one.state for one in own.to_confirm(acting, world["school1"])] == ["unopened", "unopened"]
    open_report(world, "school", "school1")
    confirm(world, "school", "rus4")
    (left,) = own.to_confirm(acting, world["school1"])
    assert (left.paper.code, left.state) == ("mat4", "opened")
    assert own.to_confirm(world.acting("teacher"), world["school1"]) == []
    assert own.own_receipt(world.acting("municipal"), world.papers["mat4"], world["school1"]) is None


def test_home_page_of_the_school_names_the_reports_that_are_out(world: World) -> None:
    receive(world)
    home = world.client("school").get("/").content.decode()
    assert "Отчёты открыты: посмотрите и подтвердите (2)" in home
    confirm(world, "technician", "rus4")
    home = world.client("school").get("/").content.decode()
    assert "Отчёт открыт: посмотрите и подтвердите" in home
    confirm(world, "technician", "mat4")
    assert "посмотрите и подтвердите" not in world.client("school").get("/").content.decode()


# The coordinator --------------------------------------------------------------------------------------------


def test_coordinator_sees_who_has_not_confirmed(world: World) -> None:
    receive(world, "mat4")
    confirm(world, "technician2")
    open_report(world, "teacher", "school1")
    page = world.client("municipal").get("/reports/receipts/")
    text = page.content.decode()
    assert "Подтвердили 1 из 2" in text
    assert [row.organisation.short_name for row in page.context["table"].data] == ["Школа № 1"]
    assert "Лицей-интернат" not in text, "it stands on the territory, and answers to the centre"
    assert "rus4" not in text, "its report has not come out"
    everybody = world.client("municipal").get("/reports/receipts/?state=all").content.decode()
    assert "Сотрудник technician2" in everybody


def test_table_is_filtered_sorted_and_taken_as_a_file(world: World) -> None:
    receive(world)
    confirm(world, "school", "rus4")
    client = world.client("regional")
    assert states(world, "regional", text="№ 3", paper="mat4") == {("Школа № 3", "mat4"): "unopened"}
    assert list(states(world, "regional", state="confirmed")) == [("Школа № 1", "rus4")]
    for sort in ("organisation", "-paper", "state", "-opened_at", "confirmed_at", "-reminded_at"):
        assert client.get(f"/reports/receipts/?state=all&sort={sort}").status_code == 200
    answer = client.get("/reports/receipts/?state=all&export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert len(rows) == 1 + 8, "four schools with two papers each"
    confirmed = next(row for row in rows if row[3] == "подтвердили")
    assert confirmed[:3] == ("Школа № 1", "edu640001", "Русский язык, 4 класс")
    assert "Сотрудник school" in confirmed[5]


@pytest.mark.parametrize(
    "query",
    ["q=%00", "paper=нет", "state=%00", "region=reg65", "page=99999999999999", "sort=нет", "q=" + "я" * 5000],
)
def test_senseless_filters_are_left_out(world: World, query: str) -> None:
    receive(world)
    page = world.client("regional").get(f"/reports/receipts/?{query}")
    assert page.status_code == 200
    assert "Школа № 5" not in page.content.decode()


def test_country_counts_regions_and_opens_one(world: World) -> None:
    receive(world, "mat4")
    confirm(world, "technician3")
    client = world.client("federal")
    page = client.get("/reports/receipts/")
    counted = {row["region"]: (row["confirmed"], row["expected"]) for row in page.context["table"].data}
    assert counted == {"Министерство образования области": (1, 4), "Министерство соседней области": (0, 1)}
    inside = client.get("/reports/receipts/?region=reg65&state=all").content.decode()
    assert "Школа № 5" in inside
    assert "Школа № 3" not in inside


def test_two_classes_of_a_school_are_one_report(world: World) -> None:
    receive(world, "mat4")
    Participation.everything.create(
        assessment=world.assessment,
        paper=world.papers["mat4"],
        organisation=world["school1"],
        class_label="4Б",
        class_number=2,
        codes=["40501"],
    )
    counts = queries.counts(world.acting("municipal"), [world.papers["mat4"]])
    assert (counts.expected, counts.missing) == (2, 2)


def test_page_without_open_reports_says_when_they_come(world: World) -> None:
    receive(world, opens=datetime.fromisoformat("2036-01-01 08:00"))
    page = world.client("municipal").get("/reports/receipts/").content.decode()
    assert "Ни один отчёт ещё не открыт." in page
    assert "не подтвердил" not in world.client("municipal").get("/").content.decode()


@pytest.mark.parametrize("who", ["school", "teacher", "analyst"])
def test_others_do_not_follow_receipts(world: World, who: str) -> None:
    assert world.client(who).get("/reports/receipts/").status_code == 403
    assert world.client(who).post("/reports/receipts/remind/").status_code == 403


def test_home_page_of_the_coordinator_counts_schools(world: World) -> None:
    receive(world)
    confirm(world, "technician2", "mat4")
    home = world.client("municipal").get("/").content.decode().replace("\xa0", " ")
    assert "2 школы не подтвердили получение отчёта" in home
    assert "Математика, 4 класс: подтвердили 1 из 2" in home


# Reminders --------------------------------------------------------------------------------------------------


def remind(world: World, who: str = "municipal", **wanted: Any) -> actions.Reminded:
    return actions.remind(world.acting(who), queries.Wanted(**wanted))


def test_reminder_reaches_those_who_confirm_in_schools_that_have_not(world: World) -> None:
    receive(world)
    confirm(world, "technician2", "mat4")
    confirm(world, "technician2", "rus4")
    assert remind(world) == actions.Reminded(now=2, lately=0, nobody=0)
    notices = Notice.everything.order_by("appointment__person__username")
    assert [n.appointment.person.username for n in notices] == ["school", "technician"]
    assert notices[0].text.endswith("Математика, 4 класс; Русский язык, 4 класс.")
    assert notices[0].sent_by == world.appointments["municipal"].person
    event = Event.everything.get(verb="reports.receipts_reminded")
    assert json.loads(event.body)["after"] == {"people": 2, "schools": 1, "paper": ""}
    table = world.client("municipal").get("/reports/receipts/").context["table"]
    assert all(row.reminded_at for row in table.data)


def test_nobody_is_reminded_twice_a_day(world: World) -> None:
    receive(world)
    remind(world)
    assert remind(world) == actions.Reminded(now=0, lately=3, nobody=0)
    assert remind(world, "regional").lately == 3, "another coordinator's reminder counts too"
    Notice.everything.update(sent_at=now() - timedelta(days=1, minutes=1))
    assert remind(world).now == 3
    assert Event.everything.filter(verb="reports.receipts_reminded").count() == 3


def test_school_without_people_is_named_to_the_coordinator(world: World) -> None:
    receive(world)
    Appointment.everything.filter(organisation=world["school2"]).update(state=Appointment.State.WITHDRAWN)
    page = world.client("municipal").post("/reports/receipts/remind/", {"q": "№ 2"}, follow=True)
    assert "напоминать некому, потому что никто не назначен: 1" in page.content.decode()
    assert page.redirect_chain[-1][0].startswith("/reports/receipts/?q=")


def test_country_reminds_region_by_region(world: World) -> None:
    receive(world)
    with pytest.raises(ValidationError, match="Выберите регион"):
        remind(world, "federal")
    assert remind(world, "federal", region=world["region2"]) == actions.Reminded(0, 0, nobody=1)


def test_coordinator_reminds_only_their_own_schools(world: World) -> None:
    receive(world)
    remind(world, "municipal2")
    assert set(Notice.everything.values_list("appointment__organisation__code", flat=True)) == {"edu640003"}


def test_after_the_step_has_closed_nobody_is_reminded(world: World) -> None:
    receive(world, closes=datetime.fromisoformat("2026-05-01 18:00"))
    with pytest.raises(ValidationError, match="напоминать не о чем"):
        remind(world)


CLICKS = 4


@pytest.mark.django_db(transaction=True)
def test_coordinators_who_press_at_once_remind_each_person_once(world: World) -> None:
    receive(world)
    start = Barrier(CLICKS)

    def press(work: Callable[[], actions.Reminded]) -> actions.Reminded:
        try:
            start.wait(timeout=60)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(press, [lambda: remind(world)] * CLICKS))
    assert sum(answer.now for answer in answers) == 3
    assert Notice.everything.count() == 3
