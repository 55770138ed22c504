"""Nothing is changed, taken or looked at from outside without an event: read from the source, then walked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver

from oko.cabinet.assessments import urls as assessments_urls
from oko.cabinet.assessments.models import Document, News, Participation, RoadmapStep, StepException
from oko.cabinet.audit.models import Event
from oko.cabinet.audit.verbs import RECORDED, Sort
from oko.cabinet.exchange import actions
from oko.cabinet.exchange import urls as exchange_urls
from oko.cabinet.exchange.models import Submission, UnsortedFile
from oko.cabinet.foundation import clock
from oko.cabinet.organisations import urls as organisations_urls
from oko.cabinet.organisations.models import ImportDraft, Organisation
from oko.cabinet.people.notices import notify
from oko.cabinet.reports import urls as reports_urls
from oko.cabinet.reports.models import ReportPackage
from oko.cabinet.reports.packages import store
from oko.engines.papers import SHIPPED_PAPERS
from tests.cabinet.audit_coverage.callgraph import functions
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled
from tests.cabinet.organisations.test_import import HEAD, book
from tests.cabinet.reports.test_reports import season  # noqa: F401  # works for the reports

# What the source says -------------------------------------------------------------------------------------

#: Writers that leave no event of their own, each with the reason.
SILENT = {
    "assessments.actions.record_progress": "a part of the action that calls it, which says what was done",
    "exchange.actions.keep": "a part of the actions that store a file",
    "exchange.settling.write_progress": "a part of the actions on protocols",
    "organisations.actions.save_facts": "a part of the actions that have checked the facts",
    "organisations.actions.forget_old_drafts": "an upload that nobody confirmed goes after a day, as it said",
    "organisations.tasks.forget_old_drafts": "calls the one above",
    "organisations.models.Organisation.save": "how a row is written; actions call it",
    "people.models.AccountManager.create_user": "how a row is written; actions call it",
    "people.notices.notify": "a word about an action, which is the event",
    "people.notices.notify_all": "a word about an action, which is the event",
    "results.actions.count_protocol": "follows from «Проверен протокол», in the same transaction",
    "results.actions.withdraw_protocol": "follows from «Возвращён протокол», in the same transaction",
    "results.listening.on_accepted": "calls the one above it says",
    "results.listening.on_withdrawn": "calls the one above it says",
}
#: Parts of access: sessions, remembered browsers and counters of guesses are traces, not data.
TRACES_OF_VISITS = ("access.browsers.", "access.guessing.", "access.sessions.", "access.tasks.")
#: Parts of actions of access and appointments that record under the action's own verb.
PARTS = {
    "access.factors.forget_all",
    "access.issuing.void_codes",
    "access.sign_in.password_was_set",
    "access.sign_in.end_all_sessions",
    "appointments.words.tell_the_appointed",
    "appointments.words.tell_those_who_confirm",
    "appointments.words.tell_of_decision",
}
#: A file between its upload and its confirmation changes nobody's data: writing what it says is the event.
DRAFTS = {
    "appointments.import_actions.keep_draft",
    "appointments.import_actions.drop_draft",
    "appointments.import_actions.forget_old_drafts",
    "appointments.imports.upload",
    "appointments.imports.cancel",
    "appointments.tasks.forget_old_drafts",
}


def _short(path: str) -> str:
    return path.removeprefix("oko.cabinet.")


def test_every_function_that_writes_records() -> None:
    silent = {
        _short(function.path)
        for function in functions().values()
        if function.writes and not function.records and function.is_public
    }
    unknown = {
        path for path in silent - SILENT.keys() - PARTS - DRAFTS if not path.startswith(TRACES_OF_VISITS)
    }
    assert not unknown, "пишет в базу без события журнала: " + ", ".join(sorted(unknown))


def test_list_of_silent_writers_holds_nothing_that_is_gone_or_records() -> None:
    found = {_short(function.path): function for function in functions().values()}
    stale = [path for path in SILENT if path not in found or found[path].records or not found[path].writes]
    assert not stale


def test_every_verb_of_the_journal_has_words_of_its_own() -> None:
    titles = [str(verb.title) for verb in RECORDED.values()]
    assert all(title and title[0].isupper() for title in titles)
    assert len(titles) == len(set(titles)), "two verbs that a reader cannot tell apart"


# What people do -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """Who does it, by which address, with what; which event it leaves, of which organisation (its code)."""

    who: str
    address: Callable[[World], str]
    verb: str
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    of: str | None = None


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def submission(world: World, state: str = "accepted") -> Submission:
    content = filled.protocol(world)
    if state == "has_findings":
        content = filled.spoiled(content)
    if state == "withheld":
        content = filled.with_names(content)
    sent = actions.submit_protocol(
        world.acting("technician"), world.papers["rus4"], world["school1"], "п.xlsx", content
    ).submission
    if state == "returned":
        actions.return_protocol(world.acting("municipal"), sent, "Проверьте.")
    return sent


def unsorted(world: World) -> UnsortedFile:
    """A good protocol of mathematics, sent while the school was not known to write it."""
    classes = list(Participation.everything.filter(paper=world.papers["mat4"]))
    content = filled.protocol(world, paper="mat4")
    Participation.everything.filter(paper=world.papers["mat4"]).delete()
    world.client("technician").post("/protocols/upload/", {"files": [file("п.xlsx", content)]})
    Participation.everything.bulk_create(classes)
    found: UnsortedFile = UnsortedFile.everything.get()
    return found


NEW_DISTRICT: list[object] = ["mun6499", "Муниципалитет", "Новый район", "reg64", "", "", ""]


def draft(world: World) -> ImportDraft:
    world.client("regional").post(
        "/organisations/import/", {"file": file("с.xlsx", book(HEAD, NEW_DISTRICT))}
    )
    found: ImportDraft = ImportDraft.everything.get()
    return found


def digest(world: World) -> str:
    page = world.client("regional").get(f"/organisations/import/{ImportDraft.everything.get().pk}/")
    return str(page.context["plan"].digest)


def news(world: World) -> News:
    made, _new = News.everything.get_or_create(
        assessment=world.assessment,
        organisation=world["region"],
        title="Новость",
        body="…",
        defaults={"published_at": clock.now(), "author": world.appointments["regional"].person},
    )
    return made


def document(world: World, *, opened: bool = False) -> Document:
    made, _new = Document.everything.get_or_create(
        assessment=world.assessment,
        organisation=world["region"],
        title="Порядок",
        defaults={"filename": "a.pdf", "content": b"%PDF-1.4", "published_at": clock.now()},
    )
    if opened:
        world.client("technician").get(f"/documents/{made.pk}/")
    return made


def step(world: World, action: str = "read") -> RoadmapStep:
    made, _new = RoadmapStep.everything.get_or_create(
        assessment=world.assessment,
        position=8,
        defaults={
            "title": "Шаг",
            "action": action,
            "roles": ["school_coordinator"],
            "opens": clock.now().replace(tzinfo=None).replace(year=2025),
            "closes": clock.now().replace(tzinfo=None).replace(year=2036),
        },
    )
    return made


def package(world: World, state: str = "ready") -> ReportPackage:
    """A package that the municipality has ordered."""
    made: ReportPackage = ReportPackage.everything.create(
        assessment=world.assessment,
        organisation=world["mun1"],
        ordered_in=world["mun1"],
        ordered_by=world.appointments["municipal"].person,
        appointment=world.appointments["municipal"],
        papers=["mat4"],
        ordered_at=clock.now(),
        alive_at=clock.now(),
        finished_at=clock.now(),
        state=state,
    )
    store.finished(made.pk).write_bytes(b"PK")
    return made


def exception(world: World) -> StepException:
    made, _new = StepException.everything.get_or_create(
        assessment=world.assessment,
        step=world.steps["rus4"],
        organisation=world["school1"],
        kind="pause",
        reason="Паводок",
        defaults={"made_by": world.appointments["regional"].person, "made_at": clock.now()},
    )
    return made


def step_form(world: World) -> dict[str, Any]:
    return {
        "position": "9", "title": "Новый шаг", "action": "read", "paper": "", "instructions": "",
        "roles": ["teacher"], "zone_rule": "local", "opens": "2026-06-01T08:00", "closes": "2036-06-10T18:00",
        "late_until": "",
    }  # fmt: skip


def exception_form(world: World) -> dict[str, Any]:
    return {
        "step": str(world.steps["rus4"].pk), "organisation": "edu640001", "kind": "extension",
        "until": "2037-05-22T18:00", "reason": "Паводок, приказ № 7", "confirm": "1",
    }  # fmt: skip


LYCEUM = {
    "code": "edu640050", "kind": "school", "name": "Лицей", "short_name": "Лицей", "supervisor": "mun6401",
    "territory": "mun6401", "ownership": "municipal", "settlement": "city", "levels": ["ooo"],
    "time_zone": "Europe/Saratov", "delivery_address": "", "active": "on",
}  # fmt: skip


def training(world: World) -> dict[str, Any]:
    type(world.assessment).everything.update(is_training=True)
    return {"set": "1", "to": "2026-04-21T08:00"}


#: Every address that changes something, by its name.
DEEDS: dict[str, Deed] = {
    "new-organisation": Deed("regional", lambda w: "/organisations/new/", "organisations.created",
                             lambda w: LYCEUM, of="edu640050"),
    "change-organisation": Deed("school", lambda w: "/organisations/edu640001/change/",
                                "organisations.changed", lambda w: {"delivery_address": "ул. Новая, 7"},
                                of="edu640001"),
    "import-organisations": Deed("regional", lambda w: "/organisations/import/", "organisations.draft_kept",
                                 lambda w: {"file": file("с.xlsx", book(HEAD, NEW_DISTRICT))}, of="reg64"),
    "review-organisations": Deed("regional", lambda w: f"/organisations/import/{draft(w).pk}/",
                                 "organisations.list_applied", lambda w: {"seen": digest(w)}, of="reg64"),
    "cancel-organisations": Deed("regional", lambda w: f"/organisations/import/{draft(w).pk}/cancel/",
                                 "organisations.draft_dropped", of="reg64"),
    "step-new": Deed("federal", lambda w: "/roadmap/new/", "assessments.step_added", step_form),
    "step-edit": Deed("federal", lambda w: f"/roadmap/{step(w).pk}/", "assessments.step_changed", step_form),
    "step-delete": Deed("federal", lambda w: f"/roadmap/{step(w).pk}/delete/", "assessments.step_deleted"),
    "step-confirm": Deed("school", lambda w: f"/roadmap/{step(w).pk}/confirm/", "assessments.step_confirmed",
                         of="edu640001"),
    "exception-new": Deed("regional", lambda w: "/exceptions/new/", "assessments.exception_made",
                          exception_form, of="edu640001"),
    "exception-end": Deed("regional", lambda w: f"/exceptions/{exception(w).pk}/end/",
                          "assessments.exception_ended", of="edu640001"),
    "rehearsal-clock": Deed("regional", lambda w: "/assessment/clock/", "assessments.clock_set", training),
    "papers-import": Deed("federal", lambda w: "/papers/import/", "assessments.papers_imported",
                          lambda w: {"file": file("p.json", SHIPPED_PAPERS.read_bytes())}),
    "paper-edit": Deed("federal", lambda w: "/papers/rus4/edit/", "assessments.paper_changed",
                       lambda w: {"date": "2026-04-22", "minutes": "45, 45", "variants": "1, 2, 3"}),
    "paper-scale": Deed("federal", lambda w: "/papers/rus4/scale/", "assessments.scale_set",
                        lambda w: {"year": "2026", "three": "10", "four": "18", "five": "25"}),
    "news-new": Deed("regional", lambda w: "/news/new/", "assessments.news_published",
                     lambda w: {"title": "Новость", "body": "…"}, of="reg64"),
    "news-edit": Deed("regional", lambda w: f"/news/{news(w).pk}/", "assessments.news_changed",
                      lambda w: {"title": "Другая", "body": "…"}, of="reg64"),
    "news-delete": Deed("regional", lambda w: f"/news/{news(w).pk}/delete/", "assessments.news_withdrawn",
                        of="reg64"),
    "document-new": Deed("regional", lambda w: "/documents/new/", "assessments.document_published",
                         lambda w: {"title": "Порядок", "file": file("a.pdf", b"%PDF-1.4")}, of="reg64"),
    "document-edit": Deed("regional", lambda w: f"/documents/{document(w).pk}/edit/",
                          "assessments.document_changed", lambda w: {"title": "Иной"}, of="reg64"),
    "document-delete": Deed("regional", lambda w: f"/documents/{document(w).pk}/delete/",
                            "assessments.document_withdrawn", of="reg64"),
    "document-confirm": Deed("technician", lambda w: f"/documents/{document(w, opened=True).pk}/confirm/",
                             "assessments.document_confirmed", of="reg64"),
    "readings-remind": Deed("regional", lambda w: f"/documents/readings/remind/?{document(w).pk}",
                            "assessments.reminded"),
    "protocol-upload": Deed("technician", lambda w: "/protocols/rus4/edu640001/upload", "exchange.submitted",
                            lambda w: {"file": file("п.xlsx", filled.protocol(w))}, of="edu640001"),
    "protocols-upload": Deed("technician", lambda w: "/protocols/upload/", "exchange.unsorted_kept",
                             lambda w: {"files": [file("ф.jpg", b"picture")]}, of="edu640001"),
    "unsorted-sort": Deed("technician", lambda w: f"/unsorted/{unsorted(w).pk}/sort",
                          "exchange.unsorted_sorted", lambda w: {"paper": "mat4"}, of="edu640001"),
    "unsorted-set-aside": Deed("technician", lambda w: f"/unsorted/{unsorted(w).pk}/set-aside",
                               "exchange.unsorted_set_aside", of="edu640001"),
    "submission-send-cleaned": Deed("technician",
                                    lambda w: f"/submissions/{submission(w, 'withheld').pk}/send-cleaned",
                                    "exchange.submitted", of="edu640001"),
    "submission-return": Deed("municipal", lambda w: f"/submissions/{submission(w).pk}/return",
                              "exchange.returned", lambda w: {"comment": "Проверьте."}, of="edu640001"),
    "submission-undo-return": Deed("municipal",
                                   lambda w: f"/submissions/{submission(w, 'returned').pk}/undo-return",
                                   "exchange.return_undone", of="edu640001"),
    "report-received": Deed("school", lambda w: f"/reports/mat4/received/?{step(w, 'receive_report').pk}",
                            "reports.receipt_confirmed", of="edu640001"),
    "report-receipts-remind": Deed("municipal",
                                   lambda w: f"/reports/receipts/remind/?{step(w, 'receive_report').pk}",
                                   "reports.receipts_reminded"),
    "report-packages": Deed("municipal", lambda w: "/reports/packages/", "reports.package_ordered",
                            lambda w: {"place": "mun6401", "paper": ["mat4"]}, of="mun6401"),
    "report-package-cancel": Deed("municipal",
                                  lambda w: f"/reports/packages/{package(w, 'making').pk}/cancel/",
                                  "reports.package_cancelled", of="mun6401"),
    "notice-read": Deed("technician",
                        lambda w: f"/notices/{notify(w.appointments['technician'], 'Слово').pk}/read/",
                        "people.read_notice"),
}  # fmt: skip

#: Every address that answers with a file.
DOWNLOADS: dict[str, Deed] = {
    "document": Deed("technician", lambda w: f"/documents/{document(w).pk}/", "assessments.document_opened",
                     of="reg64"),
    "protocol-form": Deed("municipal", lambda w: "/protocols/rus4/edu640001/form", "exchange.form_downloaded",
                          of="edu640001"),
    "submission-original": Deed("municipal", lambda w: f"/submissions/{submission(w).pk}/original",
                                "exchange.original_downloaded", of="edu640001"),
    "submission-marked": Deed("municipal",
                              lambda w: f"/submissions/{submission(w, 'has_findings').pk}/marked",
                              "exchange.marked_downloaded", of="edu640001"),
    "submission-cleaned": Deed("technician", lambda w: f"/submissions/{submission(w, 'withheld').pk}/cleaned",
                               "exchange.cleaned_downloaded", of="edu640001"),
    "unsorted-original": Deed("municipal", lambda w: f"/unsorted/{unsorted(w).pk}/original",
                              "exchange.unsorted_downloaded", of="edu640001"),
    "report-workbook": Deed("municipal", lambda w: "/reports/mat4/workbook/edu640001/",
                            "reports.report_downloaded", of="edu640001"),
    "organisations": Deed("regional", lambda w: "/organisations/?export=xlsx",
                          "organisations.list_downloaded", of="reg64"),
    "board": Deed("regional", lambda w: "/board/?under=mun6401&export=csv", "assessments.board_exported",
                  of="mun6401"),
    "call-list": Deed("regional", lambda w: "/board/calls/?under=mun6401&export=csv", "audit.file_taken",
                      of="mun6401"),
    "exceptions": Deed("regional", lambda w: "/exceptions/?export=csv", "audit.file_taken", of="reg64"),
    "readings": Deed("municipal", lambda w: f"/documents/readings/?export=csv&{document(w).pk}",
                     "audit.file_taken", of="mun6401"),
    "organisation": Deed("regional", lambda w: "/organisations/mun6401/?export=xlsx", "audit.file_taken",
                         of="mun6401"),
    "protocols": Deed("municipal", lambda w: "/protocols/?export=csv", "audit.file_taken", of="mun6401"),
    "protocols-unsorted": Deed("municipal", lambda w: "/protocols/unsorted/?export=csv", "audit.file_taken",
                               of="mun6401"),
    "submission": Deed("municipal", lambda w: f"/submissions/{submission(w, 'has_findings').pk}/?export=csv",
                       "audit.file_taken", of="edu640001"),
    "report": Deed("municipal", lambda w: "/reports/mat4/marks/edu640001/?export=csv",
                   "audit.file_taken", of="edu640001"),
    "report-works": Deed("municipal", lambda w: "/reports/mat4/works/edu640001/?export=csv",
                         "audit.file_taken", of="edu640001"),
    "report-download": Deed("municipal", lambda w: "/reports/mat4/download/edu640001/marks.csv",
                            "reports.report_downloaded", of="edu640001"),
    "report-behind": Deed("municipal", lambda w: "/reports/mat4/behind/edu640001/?export=csv",
                          "audit.file_taken", of="edu640001"),
    "report-package-download": Deed("municipal", lambda w: f"/reports/packages/{package(w).pk}/download/",
                                    "reports.package_downloaded", of="mun6401"),
    "report-receipts": Deed("municipal",
                            lambda w: f"/reports/receipts/?export=csv&{step(w, 'receive_report').pk}",
                            "audit.file_taken", of="mun6401"),
}  # fmt: skip

#: Every page with one organisation's data, opened by somebody who acts in another.
LOOKS: dict[str, Deed] = {
    "organisation": Deed("municipal", lambda w: "/organisations/edu640001/", "organisations.card_looked_at"),
    "board-school": Deed("municipal", lambda w: "/board/edu640001/", "assessments.school_looked_at"),
    "protocol": Deed("municipal", lambda w: "/protocols/rus4/edu640001/", "exchange.protocol_looked_at"),
    "submission": Deed("municipal", lambda w: f"/submissions/{submission(w).pk}/",
                       "exchange.submission_looked_at"),
    "report": Deed("municipal", lambda w: "/reports/mat4/marks/edu640001/", "reports.report_looked_at"),
    "report-summary": Deed("municipal", lambda w: "/reports/mat4/summary/edu640001/",
                           "reports.report_looked_at"),
    "report-behind": Deed("municipal", lambda w: "/reports/mat4/behind/edu640001/",
                          "reports.report_looked_at"),
}  # fmt: skip

#: Pages that change nothing, give no file, and show no single organisation but one's own.
PAGES = {
    "own-organisation", "roadmap", "assessment", "paper", "publications", "public-news", "reports",
    "submission-state", "report-package",
}  # fmt: skip


def _events(verb: str, of: str | None) -> list[Event]:
    events = Event.everything.filter(verb=verb)
    if of is not None:
        events = events.filter(organisation=Organisation.everything.get(code=of).pk)
    return list(events)


def _is_known(event: Event, world: World, who: str) -> bool:
    acting = world.acting(who)
    return (event.account, event.role) == (acting.account_id, acting.role)


@pytest.mark.parametrize("name", DEEDS)
def test_what_changes_something_leaves_an_event(world: World, name: str) -> None:
    deed = DEEDS[name]
    address, data = deed.address(world), deed.data(world)
    before = Event.everything.count()
    answer = world.client(deed.who).post(address, data)
    assert answer.status_code in (200, 302), f"{address} → {answer.status_code}"
    assert Event.everything.count() > before
    event = _events(deed.verb, deed.of)[0]
    assert RECORDED[event.verb].sort is Sort.CHANGE
    assert _is_known(event, world, deed.who)


@pytest.mark.parametrize("name", DOWNLOADS)
def test_file_that_is_taken_leaves_an_event_with_its_organisation(season: World, name: str) -> None:  # noqa: F811
    deed = DOWNLOADS[name]
    address = deed.address(season)
    answer = season.client(deed.who).get(address)
    assert answer.status_code == 200
    assert answer.has_header("Content-Disposition")
    event = next(one for one in _events(deed.verb, deed.of) if _is_known(one, season, deed.who))
    assert RECORDED[event.verb].sort is Sort.DOWNLOAD
    files = [e for e in Event.everything.all() if RECORDED[e.verb].sort is Sort.DOWNLOAD]
    assert len(files) == 1, "one file, one event"


@pytest.mark.parametrize("name", LOOKS)
def test_look_from_outside_leaves_one_event_an_hour(season: World, name: str) -> None:  # noqa: F811
    deed = LOOKS[name]
    address, client = deed.address(season), season.client(deed.who)
    for _time in range(3):
        assert client.get(address).status_code == 200
    (event,) = _events(deed.verb, "edu640001")
    assert RECORDED[event.verb].sort is Sort.READING
    assert _is_known(event, season, deed.who)
    other = "regional"
    season.client(other).get(address)
    assert len(_events(deed.verb, "edu640001")) == 2
    season.client("school").get(address)
    assert len(_events(deed.verb, "edu640001")) == 2, "a look at one's own data is none from outside"


def test_no_address_of_these_apps_is_forgotten() -> None:
    known = DEEDS.keys() | DOWNLOADS.keys() | LOOKS.keys() | PAGES
    for app in (organisations_urls, assessments_urls, exchange_urls, reports_urls):
        for pattern in app.urlpatterns:
            assert pattern.name in known, f"адрес «{pattern.name}»: скажите, какое событие он оставляет"
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert known <= names
