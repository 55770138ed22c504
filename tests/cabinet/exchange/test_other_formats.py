"""Real files of other years and programs, sent by the school whose codes stand in them, are taken."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep
from oko.cabinet.exchange.models import Submission
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.results.models import ProtocolWorks
from oko.engines.forms import ProtocolReading, read_protocol
from oko.engines.papers import load_papers
from tests.cabinet.conftest import World, make_paper
from tests.engines.forms.conftest import OLD_FORMAT, SAMPLES
from tests.engines.forms.test_hostile_files import ods, sample_rows


def expecting(world: World, reading: ProtocolReading) -> str:
    """Make the first school the one whose file this is; the address to which it sends."""
    code = str(reading.paper)
    if code in world.papers:
        paper = world.papers[code]
    else:
        paper = make_paper(world.assessment, code, date(2026, 4, 22))
        add_step(world, paper)
    school = world["school1"]
    if reading.logins:
        Organisation.everything.filter(pk=school.pk).update(code=reading.logins[0].replace("sch", "edu"))
        school.refresh_from_db()
    Participation.everything.filter(paper=paper, organisation=school).delete()
    labels = sorted({work.class_label for work in reading.works})
    for number, label in enumerate(labels, start=1):
        codes = [work.participant for work in reading.works if work.class_label == label]
        Participation.everything.create(
            assessment=world.assessment,
            paper=paper,
            organisation=school,
            class_label=label,
            class_number=number,
            codes=codes,
        )
    return f"/protocols/{code}/{school.code}/upload"


def add_step(world: World, paper: Paper) -> None:
    RoadmapStep.everything.create(
        assessment=world.assessment,
        paper=paper,
        position=10,
        title=str(paper),
        action=RoadmapStep.Action.RESULTS_PROTOCOL,
        roles=["technical_specialist"],
        opens=datetime.fromisoformat("2026-04-21 08:00"),
        closes=datetime.fromisoformat("2036-05-20 18:00"),
    )


def taken(world: World, filename: str, content: bytes) -> Submission:
    reading = read_protocol(content, load_papers())
    url = expecting(world, reading)
    answer = world.client("technician").post(url, {"file": SimpleUploadedFile(filename, content)})
    assert answer.status_code == 302
    submission: Submission = Submission.everything.select_related("file").get()
    assert bytes(submission.file.content) == content
    assert submission.findings == []
    assert submission.state == Submission.State.ACCEPTED
    assert submission.summary["sum_of_totals"] == reading.sum_of_totals
    assert ProtocolWorks.everything.get().present == reading.present
    return submission


@pytest.mark.parametrize("layout", ["y2020", "y2021", "y2022", "recent", "f1"])
def test_layout_of_every_year_is_taken(world: World, layout: str) -> None:
    path = SAMPLES / f"{layout}-mat4.xlsx"
    assert taken(world, path.name, path.read_bytes()).summary["layout"] == layout


@pytest.mark.parametrize("path", sorted(OLD_FORMAT.glob("*-*[45].xls")), ids=lambda path: path.name)
def test_old_xls_is_taken(world: World, path: Path) -> None:
    taken(world, path.name, path.read_bytes())


def test_ods_is_taken(world: World) -> None:
    taken(world, "протокол.ods", ods(sample_rows("recent-mat5.xlsx")))
