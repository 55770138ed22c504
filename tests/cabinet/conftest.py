"""A small world for the cabinet's tests: two regions, municipalities, a centre, schools, one assessment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from oko.cabinet.assessments.models import (
    Assessment,
    Item,
    MarkScale,
    Paper,
    Participation,
    RoadmapStep,
)
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import Account, Appointment, Order, Role
from oko.engines.papers import load_papers

PASSWORD = "очень-длинный-пароль-2026"

#: Fixtures of pytest-django through which a test reaches the database.
OPENS_DATABASE = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What never asks the test database is marked `once`: another server has nothing to say to it."""
    here = Path(__file__).parent
    for item in items:
        of_cabinet = isinstance(item, pytest.Function) and here in item.path.parents
        asks = not OPENS_DATABASE.isdisjoint(item.fixturenames) or item.get_closest_marker("django_db")
        if of_cabinet and not asks:
            item.add_marker(pytest.mark.once)


@dataclass
class World:
    """Everything by name, so that a test reads as a story."""

    organisations: dict[str, Organisation]
    assessment: Assessment
    papers: dict[str, Paper]
    steps: dict[str, RoadmapStep]
    appointments: dict[str, Appointment]

    def __getitem__(self, code: str) -> Organisation:
        return self.organisations[code]

    def acting(self, who: str) -> Acting:
        return self.appointments[who].acting()

    def client(self, who: str) -> Client:
        """A browser signed in as one of the appointed people."""
        client = Client()
        client.force_login(
            self.appointments[who].person, backend="oko.cabinet.people.backends.AccountBackend"
        )
        return client


def make_organisation(code: str, kind: str, supervisor: Organisation | None, **fields: Any) -> Organisation:
    region = fields.pop("region", None)
    if region is None and supervisor is not None and kind not in (Kind.FEDERAL, Kind.REGION):
        region = supervisor if supervisor.kind == Kind.REGION else supervisor.region
    municipality = fields.pop("municipality", None)
    if municipality is None and supervisor is not None and supervisor.kind == Kind.MUNICIPALITY:
        municipality = supervisor
    name = fields.pop("name", f"Организация {code}")
    return Organisation.everything.create(
        code=code,
        kind=kind,
        supervisor=supervisor,
        region=region,
        municipality=municipality,
        name=name,
        short_name=fields.pop("short_name", name),
        **fields,
    )


def make_paper(assessment: Assessment, code: str, on: date) -> Paper:
    shipped = next(p for p in load_papers() if p.code == code)
    paper = Paper.everything.create(
        assessment=assessment,
        code=code,
        subject=shipped.subject,
        grade=shipped.grade,
        date=on,
        minutes=list(shipped.minutes),
        parts=shipped.parts,
        variants=list(shipped.variants),
    )
    Item.objects.bulk_create(
        Item(paper=paper, position=n, code=i.code, maximum=i.maximum, level=i.level, skill=i.skill)
        for n, i in enumerate(shipped.items, start=1)
    )
    three, four, five = shipped.scale
    MarkScale.objects.create(paper=paper, year=2022, three=three, four=four, five=five)
    return paper


@pytest.fixture
def world(db: None) -> World:
    o: dict[str, Organisation] = {}
    o["fed"] = make_organisation("fed", Kind.FEDERAL, None, name="Федеральный организатор")
    o["region"] = make_organisation("reg64", Kind.REGION, o["fed"], name="Министерство образования области")
    o["region2"] = make_organisation(
        "reg65", Kind.REGION, o["fed"], name="Министерство соседней области", time_zone="Asia/Novosibirsk"
    )
    o["centre"] = make_organisation("rcoko64", Kind.CENTRE, o["region"], name="РЦОКО")
    o["mun1"] = make_organisation("mun6401", Kind.MUNICIPALITY, o["region"], name="Приреченский район")
    o["mun2"] = make_organisation("mun6402", Kind.MUNICIPALITY, o["region"], name="Заречный район")
    o["mun3"] = make_organisation("mun6501", Kind.MUNICIPALITY, o["region2"], name="Соседний район")
    o["school1"] = make_organisation(
        "edu640001", Kind.SCHOOL, o["mun1"], short_name="Школа № 1", ownership="municipal"
    )
    o["school2"] = make_organisation(
        "edu640002", Kind.SCHOOL, o["mun1"], short_name="Школа № 2", ownership="municipal"
    )
    o["school3"] = make_organisation(
        "edu640003", Kind.SCHOOL, o["mun2"], short_name="Школа № 3", ownership="municipal"
    )
    o["state"] = make_organisation(
        "edu640004",
        Kind.SCHOOL,
        o["centre"],
        municipality=o["mun1"],
        short_name="Лицей-интернат",
        ownership="state",
    )
    o["school5"] = make_organisation(
        "edu650005",
        Kind.SCHOOL,
        o["mun3"],
        short_name="Школа № 5",
        ownership="municipal",
        time_zone="Asia/Novosibirsk",
    )
    assessment = Assessment.everything.create(
        code="vpr-2026", title="ВПР 2026", year=2026, starts_on=date(2026, 4, 20), ends_on=date(2026, 12, 31)
    )
    papers = {c: make_paper(assessment, c, date(2026, 4, 21)) for c in ("rus4", "mat4")}
    steps = {
        code: RoadmapStep.everything.create(
            assessment=assessment,
            paper=paper,
            position=n,
            title=f"Электронный протокол: {paper}",
            action=RoadmapStep.Action.RESULTS_PROTOCOL,
            roles=[Role.TECHNICAL_SPECIALIST, Role.SCHOOL_COORDINATOR],
            opens=datetime.fromisoformat("2026-04-21 08:00"),
            closes=datetime.fromisoformat("2036-05-20 18:00"),
        )
        for n, (code, paper) in enumerate(papers.items(), start=1)
    }
    Participation.everything.bulk_create(
        Participation(
            assessment=assessment,
            paper=paper,
            organisation=o[name],
            class_label="4А",
            class_number=1,
            codes=[str(40001 + start * 100 + n) for n in range(12)],
        )
        for name in ("school1", "school2", "school3", "state", "school5")
        for start, paper in enumerate(papers.values())
    )
    people = {
        "federal": (Role.FEDERAL_ORGANISER, "fed"),
        "regional": (Role.REGIONAL_COORDINATOR, "region"),
        "regional2": (Role.REGIONAL_COORDINATOR, "region2"),
        "municipal": (Role.MUNICIPAL_COORDINATOR, "mun1"),
        "municipal2": (Role.MUNICIPAL_COORDINATOR, "mun2"),
        "responsible": (Role.RESPONSIBLE_COORDINATOR, "centre"),
        "school": (Role.SCHOOL_COORDINATOR, "school1"),
        "technician": (Role.TECHNICAL_SPECIALIST, "school1"),
        "technician2": (Role.TECHNICAL_SPECIALIST, "school2"),
        "technician3": (Role.TECHNICAL_SPECIALIST, "school3"),
        "teacher": (Role.TEACHER, "school1"),
        "analyst": (Role.ANALYST, "region"),
    }
    orders = {
        where: Order(assessment=assessment, organisation=o[where], number="1")
        for where in dict.fromkeys(where for _role, where in people.values())
    }
    Order.everything.bulk_create(orders.values())
    accounts = {who: Account(username=who, full_name=f"Сотрудник {who}") for who in people}
    for account in accounts.values():
        account.set_unusable_password()
    Account.objects.bulk_create(accounts.values())
    appointments = {
        who: Appointment(
            person=accounts[who], role=role, organisation=o[where], assessment=assessment, order=orders[where]
        )
        for who, (role, where) in people.items()
    }
    Appointment.everything.bulk_create(appointments.values())
    return World(o, assessment, papers, steps, appointments)


@pytest.fixture(autouse=True)
def _plain_static(settings: Any, tmp_path: Path) -> None:
    """No built static files, and works in a folder of this test's own."""
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WORKS_ROOT = tmp_path / "works"
    settings.PACKAGES_ROOT = tmp_path / "packages"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECOND_FACTOR_COMPULSORY = False  # tests/cabinet/access has its own
