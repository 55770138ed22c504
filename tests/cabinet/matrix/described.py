"""Every address of the project, and how it is tried; each app's own stand in its module here."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from tests.cabinet.matrix import (
    of_access,
    of_appointments,
    of_assessments,
    of_audit,
    of_exchange,
    of_organisations,
    of_people,
    of_reports,
)
from tests.cabinet.matrix.expected import Question, Tried, expected, questions
from tests.cabinet.matrix.stage import Stage

#: The order is that of the printed matrix.
TRIED: dict[str, Tried] = {
    **of_audit.TRIED,
    **of_people.TRIED,
    **of_access.TRIED,
    **of_organisations.TRIED,
    **of_appointments.TRIED,
    **of_assessments.TRIED,
    **of_exchange.TRIED,
    **of_reports.TRIED,
}


def opened(stage: Stage) -> Iterator[tuple[str, str]]:
    """Every page that the actor may open, by its name and path: one of each address."""
    for name, tried in TRIED.items():
        for question in questions(name, tried, stage):
            if _is_open(stage, question):
                yield name, reverse(name, kwargs=question.thing.values)
                break


def _is_open(stage: Stage, question: Question) -> bool:
    return question.way.method == "GET" and expected(stage.acting, question) == "200"
