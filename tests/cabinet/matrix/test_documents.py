"""What is written down of the rule set is what the code says. After a change of rules: `make access-docs`."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from django.utils import translation

from oko.cabinet.site import rulebook
from oko.cabinet.site.addresses import ADDRESSES
from tests.cabinet.conftest import World
from tests.cabinet.matrix.described import TRIED
from tests.cabinet.matrix.expected import (
    STRANGER,
    UNAPPOINTED,
    expected,
    expected_of_a_stranger,
    expected_without_appointment,
    questions,
)
from tests.cabinet.matrix.stage import ACTORS, stage_for

DOCS = Path(__file__).parents[3] / "docs"
STALE = "правила изменились: выполните make access-docs и проверьте, что поменялось"


def test_table_of_rights_is_what_the_rules_say() -> None:
    with translation.override("ru"):
        page = rulebook.page()
    assert (DOCS / "access.md").read_text("utf-8") == page, STALE


def test_matrix_of_answers_is_what_the_rules_say(world: World) -> None:
    """Written anew where OKO_WRITE_MATRIX is set: so `make access-docs` does it."""
    text = matrix(world)
    file = DOCS / "access-matrix.csv"
    if os.environ.get("OKO_WRITE_MATRIX"):
        file.write_text(text, "utf-8")
    assert file.read_text("utf-8") == text, STALE


def test_matrix_says_what_an_upload_by_somebody_else_is_answered() -> None:
    """A row is worked out by hand, so that the way of working it out is itself held against something."""
    text = (DOCS / "access-matrix.csv").read_text("utf-8")  # as it is worked out: see the test above
    rows = {row[:4]: row[4:] for row in (tuple(line) for line in csv.reader(io.StringIO(text)))}
    head = rows["адрес", "запрос", "чья вещь", "шаг"]
    row = dict(zip(head, rows["protocol-upload", "POST с данными", "своя", "открыт"], strict=True))
    assert row["head"] == row["teacher"] == "403"
    assert row["technical_specialist"] == row["school_coordinator"] == "302"
    assert row["municipal_coordinator"] == "", "у муниципалитета нет своих протоколов"
    assert row[STRANGER] == ""


def matrix(world: World) -> str:
    """The expected answers: a row for each question, a column for each role."""
    columns: dict[tuple[str, ...], dict[str, str]] = {}
    for actor in ACTORS:
        stage = stage_for(world, actor)
        for name, tried in TRIED.items():
            for question in questions(name, tried, stage):
                row = columns.setdefault(question.row, {})
                row[actor] = expected(stage.acting, question)
                if actor == "federal_organiser":
                    row[STRANGER] = expected_of_a_stranger(ADDRESSES[name], question.way)
                    row[UNAPPOINTED] = expected_without_appointment(ADDRESSES[name], question.way)
    order = {name: place for place, name in enumerate(TRIED)}
    names = [*ACTORS, UNAPPOINTED, STRANGER]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["адрес", "запрос", "чья вещь", "шаг", *names])
    for key in sorted(columns, key=lambda key: (order[key[0]], key[1])):
        writer.writerow([*key, *(columns[key].get(name, "") for name in names)])
    return text.getvalue()
