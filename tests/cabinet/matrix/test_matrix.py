"""The matrix: every address × every role × whose things × open and closed step.

What is expected follows from the rule set (`expected.py`); here it is held against what the addresses
answer. Every answer is also searched for names that its reader must not know, and every refusal must leave
the data as it was and say the same as if the thing did not exist.
"""

from __future__ import annotations

import pytest
from django.test import Client

from oko.cabinet.people.models import Account
from oko.cabinet.site.addresses import ADDRESSES, Door
from oko.cabinet.site.rulebook import routes
from tests.cabinet.conftest import World
from tests.cabinet.matrix.asking import Answer, ask
from tests.cabinet.matrix.described import TRIED
from tests.cabinet.matrix.expected import (
    CLOSED,
    MISSING,
    REFUSED,
    Question,
    expected,
    expected_of_a_stranger,
    expected_without_appointment,
    questions,
    worth_asking,
)
from tests.cabinet.matrix.stage import ACTORS, Stage, each, stage_for


def test_every_address_is_in_the_rule_book_and_in_the_matrix() -> None:
    names = {name for name, _route, _pattern in routes()}
    assert names == set(ADDRESSES), "адрес должен быть описан в oko/cabinet/site/addresses.py"
    assert names == set(TRIED), "адрес должен быть описан в tests/cabinet/matrix/of_<приложение>.py"


@pytest.mark.parametrize("actor", each(ACTORS))
def test_each_role_is_answered_as_the_rule_set_says(world: World, actor: str) -> None:
    stage = stage_for(world, actor)
    bodies: dict[str, str] = {}
    failures: list[str] = []
    for name, tried in TRIED.items():
        for question in worth_asking(stage.acting, list(questions(name, tried, stage))):
            wanted = expected(stage.acting, question)
            answer = ask(stage, question)
            place = f"{' / '.join(part for part in question.row if part)}"
            failures += [f"{place}: {fault}" for fault in faults(stage, question, wanted, answer, bodies)]
    assert not failures, f"{len(failures)}:\n" + "\n".join(failures)


def faults(
    stage: Stage, question: Question, wanted: str, answer: Answer, bodies: dict[str, str]
) -> list[str]:
    """Everything that is wrong with one answer. `bodies`: what a refusal has said so far, by its status."""
    found = []
    if answer.status != wanted:
        found.append(f"ожидалось {wanted}, ответ {answer.status} {answer.said}")
    kind = f"{wanted} {question.name} {question.relation if question.thing.prepare else ''}"
    if wanted in (MISSING, REFUSED) and answer.body != bodies.setdefault(kind, answer.body):
        found.append(f"{wanted} отличается от остальных таких же")
    refused_in_words = question.step == CLOSED and bool(question.way.closed_word)
    if refused_in_words and wanted == str(question.way.closed):
        if question.way.closed_word not in answer.body + answer.said:
            found.append(f"закрытый шаг не назван: {answer.said}")
    elif question.way.changes and wanted == str(question.way.answer) and not answer.touched:
        found.append(f"ничего не изменилось: {answer.said}")
    if answer.touched and (refused_in_words or wanted in (MISSING, REFUSED)):
        found.append(f"отказано, но записано строк: {answer.touched}")
    found += [f"назван «{name}»" for name in stage.hidden_names if name in answer.body + answer.said]
    return found


def test_stranger_opens_only_what_is_open_to_the_street(world: World) -> None:
    stage = stage_for(world, "federal_organiser")
    failures = []
    for name, tried in TRIED.items():
        for question in questions(name, tried, stage):
            wanted = expected_of_a_stranger(ADDRESSES[name], question.way)
            answer = ask(stage, question, Client())
            if name != "sign-in" and answer.status != wanted:
                failures.append(f"{question.row}: ожидалось {wanted}, ответ {answer.status}")
    assert not failures, "\n".join(failures)


def test_person_without_appointment_reaches_only_what_is_about_oneself(world: World) -> None:
    stage = stage_for(world, "federal_organiser")
    client = Client()
    client.force_login(
        Account.objects.create_user("nobody", None, full_name="Никто"),
        backend="oko.cabinet.people.backends.AccountBackend",
    )
    failures = []
    for name, tried in TRIED.items():
        for question in questions(name, tried, stage):
            about_another = ADDRESSES[name].door is Door.PERSON and question.thing.values
            if name == "no-appointment" or about_another:
                continue
            wanted = expected_without_appointment(ADDRESSES[name], question.way)
            answer = ask(stage, question, client)
            if answer.status != wanted:
                failures.append(f"{question.row}: ожидалось {wanted}, ответ {answer.status}")
    assert not failures, "\n".join(failures)
