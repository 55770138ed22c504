"""How the addresses of reports are tried."""

from __future__ import annotations

from typing import Any

from oko.cabinet.assessments.models import RoadmapStep
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.models import ReportPackage
from oko.cabinet.reports.packages import store
from oko.cabinet.reports.receipts.steps import Receiving
from tests.cabinet.matrix.expected import Tried, act, form, page, read_only
from tests.cabinet.matrix.stage import (
    NONE,
    NOTHING,
    OF_ANOTHER,
    ORGANISATIONS,
    Stage,
    Thing,
    Things,
    another_paper,
    of_organisations,
    step,
)

OF_THIS = "этой процедуры"


def places(stage: Stage) -> Things:
    """The report of a paper for any organisation that one sees."""
    found = {
        relation: Thing({"paper": "mat4", **thing.values}, thing.subject, thing.seen)
        for relation, thing in of_organisations()(stage).items()
    }
    own = stage.world[next(iter(ORGANISATIONS[stage.place].values()))]
    found[OF_ANOTHER] = Thing({"paper": another_paper(stage).code, "code": own.code}, seen=False)
    return found


def directions(stage: Stage) -> Things:
    """One of the directions: they are all asked alike."""
    return _with(places(stage), direction="marks")


def workbooks(stage: Stage) -> Things:
    return _with(places(stage), file="workbook.xlsx")


def _with(things: Things, **values: str) -> Things:
    return {
        relation: Thing({**thing.values, **values}, thing.subject, thing.seen)
        for relation, thing in things.items()
    }


def received(stage: Stage) -> Things:
    """The roadmap has its step."""
    receive = stage.once(
        "receipt", lambda: step(stage, stage.world.assessment, RoadmapStep.Action.RECEIVE_REPORT)
    )
    subject = Receiving(stage.own, stage.world.papers["mat4"], receive)
    return {
        OF_THIS: Thing({"paper": "mat4"}, subject),
        OF_ANOTHER: Thing({"paper": another_paper(stage).code}, seen=False),
        NONE: Thing({"paper": "nothing1"}, seen=False),
    }


def reminded(stage: Stage) -> Things:
    """The roadmap has the step in which reports are received."""
    received(stage)
    return NOTHING


def packages(stage: Stage) -> Things:
    """A finished package, ordered in one's own organisation; one of a neighbour is not there."""
    neighbour = stage.world["region2"]
    return {
        "своей организации": Thing({"pk": _package(stage, stage.own)}, stage.own),
        "другой организации": Thing({"pk": _package(stage, neighbour)}, seen=False),
        NONE: Thing({"pk": 10**9}, seen=False),
    }


def packages_under_way(stage: Stage) -> Things:
    found = packages(stage)
    own = found["своей организации"]
    orders = ReportPackage.everything.filter(pk=own.values["pk"])
    making = Thing(own.values, own.subject, prepare=lambda: orders.update(state="making"))
    return {**found, "своей организации": making}


def packages_to_take(stage: Stage) -> Things:
    found = packages(stage)
    own = found["своей организации"]
    file = store.finished(own.values["pk"])
    ready = Thing(own.values, own.subject, prepare=lambda: file.write_bytes(b"PK"))
    return {**found, "своей организации": ready}


def _package(stage: Stage, ordered_in: Organisation) -> int:
    def make() -> ReportPackage:
        made: ReportPackage = ReportPackage.everything.create(
            assessment=stage.world.assessment,
            organisation=ordered_in,
            ordered_in=ordered_in,
            ordered_by=stage.person,
            appointment=stage.appointment,
            papers=["mat4"],
            ordered_at=now(),
            alive_at=now(),
            finished_at=now(),
            state=ReportPackage.State.READY,
        )
        return made

    package: ReportPackage = stage.once(("package", ordered_in.pk), make)
    return package.pk


def ordered(stage: Stage, thing: Thing) -> dict[str, Any]:
    return {"place": "reg64" if stage.is_federal else stage.own.code, "paper": ["mat4"]}


TRIED: dict[str, Tried] = {
    "reports": page(),
    "report-summary": page(places),
    "report": page(directions),
    "report-works": page(places),
    "report-workbook": page(places),
    "report-download": page(workbooks),
    "report-behind": page(places),
    "report-receipts": page(),
    "report-receipts-remind": act(reminded, changes=False),
    "report-packages": form(payload=ordered),
    "report-package": read_only(packages),
    "report-package-cancel": act(packages_under_way),
    "report-package-download": read_only(packages_to_take),
    "report-received": act(received, closed=302, closed_word="закрыт"),
}
