"""How the addresses of reports are tried."""

from __future__ import annotations

from oko.cabinet.assessments.models import RoadmapStep
from oko.cabinet.reports.receipts.steps import Receiving
from tests.cabinet.matrix.expected import Tried, act, page
from tests.cabinet.matrix.stage import (
    NONE,
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


TRIED: dict[str, Tried] = {
    "reports": page(),
    "report-marks": page(places),
    "report-items": page(places),
    "report-workbook": page(places),
    "report-behind": page(places),
    "report-receipts": page(),
    "report-receipts-remind": act(),
    "report-received": act(received, closed=302, closed_word="закрыт"),
}
