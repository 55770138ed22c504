"""Asking the running cabinet one question of the matrix, and looking at everything that may give it away."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.cabinet.matrix.expected import CLOSED, Question
from tests.cabinet.matrix.stage import Stage, close_steps

#: Tables that are written whoever asks and whatever is answered: sessions, the journal, where one works from,
#: sums that are counted when somebody looks.
NOT_DATA = re.compile(
    r"session|^audit_|^procrastinate|^access_(accessrecord|knownbrowser|wrongguesses)|^assessments_progresssum"
)

#: What comes before a value that is another one at each request.
CHANGING = ('csrfmiddlewaretoken" value="', 'X-CSRFToken": "', 'nonce="', 'name="next" value="')


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    body: str
    #: Rows written, changed or removed in the tables that hold somebody's data.
    touched: int
    #: What the next page would say about what was done.
    said: str


class Undo(Exception):  # noqa: N818  # not an error
    """Raised at the end of a request that is tried: everything is put back as it was."""


def ask(stage: Stage, question: Question, client: Client | None = None) -> Answer:
    """One request; whatever it changed is undone."""
    answer: Answer | None = None
    try:
        with transaction.atomic():
            if question.thing.prepare:
                question.thing.prepare()
            if question.step == CLOSED:
                close_steps(stage.world)
            answer = _ask(stage, question, client or stage.client)
            raise Undo
    except Undo:
        pass
    assert answer is not None
    return answer


def _ask(stage: Stage, question: Question, client: Client) -> Answer:
    way = question.way
    url = reverse(question.name, kwargs=question.thing.values)
    kept = deepcopy(client.cookies)  # whoever signs out comes back as they were
    touched = 0
    if way.method == "GET":
        response: Any = client.get(url)
    else:
        before = written()
        response = client.post(url, way.payload(stage, question.thing) if way.payload else {})
        touched = written() - before
    client.cookies = kept
    return Answer(status_of(response), body_of(response), touched, said_by(response))


def status_of(response: HttpResponse) -> str:
    """The number, and for the two doors in front of everything, which of them it was."""
    if response.status_code == 302:
        target = urlsplit(response.headers["Location"])
        if target.path == reverse("sign-in") and "next=" in target.query:
            return "302 вход"
        if target.path == reverse("no-appointment"):
            return "302 нет назначения"
    return str(response.status_code)


def body_of(response: Any) -> str:
    """The body without what differs from request to request: path, tokens, nonces, the clock."""
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    text = raw.decode("utf-8", "replace")
    text = re.sub(rf'({"|".join(CHANGING)})[^"]*', r"\1…", text)
    text = re.sub(r"<footer.*?</footer>", "", text, flags=re.DOTALL)
    text = re.sub(r"\b\d{1,2}:\d{2}\b", "…", text)  # a minute may pass between two requests
    return text.replace(' aria-current="page"', "")


def said_by(response: Any) -> str:
    """What the next page would say."""
    return "; ".join(str(message) for message in get_messages(response.wsgi_request))


def written() -> int:
    """Rows written in this transaction so far, those of savepoints that were undone too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_stat_get_xact_tuples_inserted(one) + pg_stat_get_xact_tuples_updated(one)"
            " + pg_stat_get_xact_tuples_deleted(one)) FROM unnest(%s::oid[]) AS one",
            [_tables_of_data()],
        )
        return int(cursor.fetchone()[0])


@cache
def _tables_of_data() -> list[int]:
    """Looked up once: to count by the names of tables, the server reads its whole catalogue each time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid FROM pg_stat_user_tables WHERE relname !~ %s", [NOT_DATA.pattern])
        return [relid for (relid,) in cursor.fetchall()]
