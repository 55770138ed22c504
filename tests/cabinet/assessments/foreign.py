"""For the walk of every address: things of another assessment, and a special deadline of the second
region.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from oko.cabinet.assessments.models import Assessment, Document, News, Paper, RoadmapStep, StepException
from tests.cabinet.conftest import World

Find = Callable[[World], Any]


def _other_assessment() -> Assessment:
    other, _made = Assessment.everything.get_or_create(
        code="other",
        defaults={
            "title": "Чужая процедура",
            "year": 2026,
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2026, 12, 31),
        },
    )
    return other


def foreign_step(_world: World) -> int:
    step, _made = RoadmapStep.everything.get_or_create(
        assessment=_other_assessment(),
        position=1,
        defaults={
            "title": "Чужой шаг",
            "action": RoadmapStep.Action.READ,
            "roles": [],
            "opens": datetime.fromisoformat("2026-04-21 08:00"),
            "closes": datetime.fromisoformat("2036-04-21 08:00"),
        },
    )
    return int(step.pk)


def foreign_exception(world: World) -> int:
    exception, _made = StepException.everything.get_or_create(
        assessment=world.assessment,
        step=world.steps["rus4"],
        organisation=world["school5"],
        kind=StepException.Kind.PAUSE,
        defaults={
            "reason": "Ремонт",
            "made_by": world.appointments["regional2"].person,
            "made_at": timezone.now(),
        },
    )
    return int(exception.pk)


def foreign_paper(_world: World) -> str:
    paper, _made = Paper.everything.get_or_create(
        assessment=_other_assessment(),
        code="geo9",
        defaults={"subject": "География", "grade": 9, "minutes": [45], "variants": [1]},
    )
    return str(paper.code)


def foreign_news(world: World) -> int:
    news, _made = News.everything.get_or_create(
        assessment=_other_assessment(),
        title="Чужая новость",
        defaults={
            "body": "…",
            "published_at": timezone.now(),
            "author": world.appointments["federal"].person,
        },
    )
    return int(news.pk)


def foreign_document(_world: World) -> int:
    document, _made = Document.everything.get_or_create(
        assessment=_other_assessment(),
        title="Чужой документ",
        defaults={"filename": "приказ.pdf", "content": b"%PDF-1.4", "published_at": timezone.now()},
    )
    return int(document.pk)


STEP: dict[str, Find] = {"pk": foreign_step}
PAPER: dict[str, Find] = {"code": foreign_paper}
NEWS: dict[str, Find] = {"pk": foreign_news}
DOCUMENT: dict[str, Find] = {"pk": foreign_document}

#: address name → parameter → how to find the foreign value
ADDRESSES: dict[str, dict[str, Find]] = {
    "step-edit": STEP,
    "step-delete": STEP,
    "step-confirm": STEP,
    "exception-end": {"pk": foreign_exception},
    "board-school": {"code": lambda world: world["school5"].code},
    "paper": PAPER,
    "paper-edit": PAPER,
    "paper-scale": PAPER,
    "news-edit": NEWS,
    "news-delete": NEWS,
    "document": DOCUMENT,
    "document-confirm": DOCUMENT,
    "document-edit": DOCUMENT,
    "document-delete": DOCUMENT,
}
