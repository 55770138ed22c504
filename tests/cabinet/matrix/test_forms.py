"""Ids inside forms, filters and files: a foreign one is refused without being named, and nothing touches it.

Every form of every page that a role may open is sent with ids of the other region in each field that holds
ids; every filter is asked for them; every table is taken as a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.urls import reverse

from oko.cabinet.foundation.access import may
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment, Order, Role
from tests.cabinet.conftest import World
from tests.cabinet.matrix.asking import NOT_DATA, Undo, body_of, said_by, written
from tests.cabinet.matrix.described import opened
from tests.cabinet.matrix.forms import Field, Form, forms_of
from tests.cabinet.matrix.of_access import appointed
from tests.cabinet.matrix.of_exchange import accepted, unsorted
from tests.cabinet.matrix.stage import Stage, another_assessment, another_paper, each, stage_for, step

#: Those with the most forms; what one of them is refused, the roles below them are not even offered.
ACTORS = (
    "regional_coordinator",
    "municipal_coordinator",
    "school_coordinator",
    "technical_specialist",
    "head",
)
#: About the page itself, or the same on every page.
NOT_IDS = {"csrfmiddlewaretoken", "next", "language", "export", "page", "sort", "seen"}


@dataclass(frozen=True, slots=True)
class Foreign:
    """Things of the second region and of another procedure, by what names them in a form."""

    keys: tuple[int, ...]
    organisation: str
    paper: str
    names: tuple[str, ...]
    #: Model → primary keys of its foreign rows.
    rows: dict[type[models.Model], tuple[int, ...]]

    @classmethod
    def of(cls, stage: Stage) -> Foreign:
        world = stage.world
        specialist = appointed(stage, "school5", Role.TECHNICAL_SPECIALIST)
        Account.objects.filter(pk=specialist.person_id).update(full_name="Посторонний из школы пять")
        order = Order.everything.create(
            assessment=world.assessment, organisation=world["school5"], number="чужой"
        )
        places = [world[name] for name in ("region2", "mun3", "school5")]
        rows: dict[type[models.Model], tuple[int, ...]] = {
            Organisation: tuple(one.pk for one in places),
            Account: (specialist.person_id, world.appointments["regional2"].person_id),
            Appointment: (specialist.pk, world.appointments["regional2"].pk),
            Order: (order.pk,),
            type(accepted(stage, "school5")[1]): (accepted(stage, "school5")[1].pk,),
            type(unsorted(stage, "school5")[1]): (unsorted(stage, "school5")[1].pk,),
        }
        their_step = step(stage, another_assessment(stage), "read", title="Чужой шаг")
        rows[type(their_step)] = (their_step.pk,)
        rows[type(another_paper(stage))] = (another_paper(stage).pk,)
        return cls(
            keys=tuple({pks[-1] for pks in rows.values()}),
            organisation=world["school5"].code,
            paper=another_paper(stage).code,
            names=(
                "Школа № 5",
                "Соседний район",
                "соседней области",
                "Посторонний",
                "Чужой шаг",
                "География",
            ),
            rows=rows,
        )

    def touched(self) -> tuple[Any, ...]:
        """How many rows point at the foreign things, and those things themselves."""
        with connection.cursor() as cursor:
            cursor.execute(self._pointing())
            pointing = tuple(cursor.fetchall())
        return pointing, *(
            tuple(model._base_manager.filter(pk__in=keys).order_by("pk").values_list())
            for model, keys in self.rows.items()
        )

    def _pointing(self) -> str:
        counts = []
        for model in apps.get_models():
            if NOT_DATA.search(model._meta.db_table):
                continue
            for one in model._meta.concrete_fields:
                keys = self.rows.get(one.related_model) if one.is_relation else None  # type: ignore[arg-type]
                if keys:
                    listed = ", ".join(str(key) for key in keys)
                    counts.append(
                        f'SELECT count(*) FROM "{model._meta.db_table}" WHERE "{one.column}" IN ({listed})'  # noqa: S608
                    )
        return " UNION ALL ".join(counts)


def with_the_second_page_of_a_form(stage: Stage) -> Iterator[tuple[str, str]]:
    yield from opened(stage)
    if may(stage.acting, "appointments.propose"):
        yield "new-appointment", f"{reverse('new-appointment')}?new=1"


def sent(stage: Stage, method: str, path: str, data: dict[str, Any]) -> tuple[int, str, Any]:
    """Status, everything that is said, and how foreign things stand then; undone afterwards.

    They are looked at only where anything at all was written: nothing else can have touched them.
    """
    result: tuple[int, str, Any] | None = None
    foreign: Foreign = stage.once("foreign", lambda: Foreign.of(stage))
    try:
        with transaction.atomic():
            before = written()
            response: Any = getattr(stage.client, method)(path, data)
            words = body_of(response) + said_by(response)
            wrote = method == "post" and written() > before
            result = response.status_code, words, foreign.touched() if wrote else None
            raise Undo
    except Undo:
        stage.client.cookies.pop("messages", None)
    assert result is not None
    return result


def tokens(one: Field, foreign: Foreign, world: World) -> tuple[Any, ...]:
    """What a field that holds ids is given; nothing for a field that holds something else."""
    if one.name in NOT_IDS or one.kind in ("submit", "button", "file", "password"):
        return ()
    known = [choice for choice in (*one.choices, one.value) if choice]
    if known and all(choice.isdigit() for choice in known):
        return foreign.keys
    codes = {organisation.code for organisation in world.organisations.values()}
    if codes & set(known) or one.suggests or one.name in ("organisation", "supervisor", "territory", "under"):
        return (foreign.organisation,)
    return (foreign.paper,) if set(known) & set(world.papers) else ()


@pytest.mark.parametrize("actor", each(ACTORS))
def test_foreign_id_in_a_form_is_refused_unnamed_and_untouched(world: World, actor: str) -> None:
    stage = stage_for(world, actor)
    foreign: Foreign = stage.once("foreign", lambda: Foreign.of(stage))
    pages = list(with_the_second_page_of_a_form(stage))
    before, failures, tried = foreign.touched(), [], set()
    for name, path in pages:
        page = stage.client.get(path)
        if "text/html" not in page.headers.get("Content-Type", ""):
            continue
        for form, one, token in _attempts(forms_of(page.content.decode(), path), foreign, world, tried, name):
            status, words, after = sent(stage, form.method, form.action, {**form.filled(), one.name: token})
            where = f"{name}: {form.method} {form.action} {one.name}={token}"
            failures += [f"{where} → {status}"] if status >= 500 else []
            failures += [f"{where} называет «{secret}»" for secret in foreign.names if secret in words]
            failures += [f"{where} коснулось чужого"] if after is not None and after != before else []
    assert not failures, "\n".join(failures)
    assert len(tried) >= 5, f"проверены поля: {sorted(tried)}"


def _attempts(
    forms: list[Form], foreign: Foreign, world: World, tried: set[tuple[str, str]], page: str
) -> Iterator[tuple[Form, Field, Any]]:
    """Each field of a form once, however many pages show the form."""
    for form in forms:
        for one in form.fields:
            key = (form.action if form.method == "post" else page, one.name)
            if key in tried:
                continue
            for token in tokens(one, foreign, world):
                tried.add(key)
                yield form, one, token


@pytest.mark.parametrize("actor", each(ACTORS))
def test_foreign_ids_among_those_ticked_are_passed_over(world: World, actor: str) -> None:
    """Lists of ids that a page sends from the boxes in its table, and ids that another page has passed on."""
    stage = stage_for(world, actor)
    foreign: Foreign = stage.once("foreign", lambda: Foreign.of(stage))
    before, failures = foreign.touched(), []
    person = {"role": Role.TECHNICAL_SPECIALIST, "organisation": foreign.organisation, "another": "1"}
    ticked: list[tuple[str, dict[str, Any]]] = [
        ("access-prepare", {"kind": "letters", "people": foreign.keys}),
        ("waiting-appointments", {"chosen": foreign.keys}),
        ("readings-remind", {"organisation": foreign.organisation, "state": "all"}),
        ("new-appointment", {"full_name": "Иванов Иван", "workplace": foreign.organisation, **person}),
        *(("new-appointment", {"person": key, **person}) for key in foreign.keys),
    ]
    for name, data in ticked:
        status, words, after = sent(stage, "post", reverse(name), data)
        failures += [f"{name} → {status}"] if status >= 500 else []
        failures += [f"{name} называет «{secret}»" for secret in foreign.names if secret in words]
        failures += [f"{name} коснулось чужого"] if after is not None and after != before else []
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("actor", each(ACTORS))
def test_neither_filter_nor_file_gives_anything_foreign(world: World, actor: str) -> None:
    stage = stage_for(world, actor)
    foreign: Foreign = stage.once("foreign", lambda: Foreign.of(stage))
    asked = dict.fromkeys(("q", "text", "organisation", "under", "supervisor", "who"), foreign.organisation)
    keys = {name: str(foreign.keys[0]) for name in ("step", "document", "region", "person", "account")}
    failures = []
    for name, path in with_the_second_page_of_a_form(stage):
        for query in ({**asked, **keys}, {"export": "csv"}):
            status, words, _none = sent(stage, "get", path, query)
            failures += [f"{name} {query} → {status}"] if status >= 500 else []
            failures += [f"{name} {query} называет «{secret}»" for secret in foreign.names if secret in words]
            if "export" in query:
                failures += [f"{name}: в файле «{one}»" for one in stage.hidden_names if one in words]
    assert not failures, "\n".join(failures)


def test_list_of_organisations_never_shows_what_a_foreign_code_stands_for(world: World) -> None:
    """A region loads a file that names a school and a municipality of its neighbour."""
    stage = stage_for(world, "regional_coordinator")
    rows = (
        "Код;Вид;Полное название;Код вышестоящей;Код территории;Собственность;Часовой пояс\n"
        "edu650005;Школа;Наша школа;mun6401;mun6401;муниципальная;Europe/Saratov\n"
        "edu640077;Школа;Новая школа;mun6501;mun6501;муниципальная;Europe/Saratov\n"
    )
    page = stage.client.post(
        reverse("import-organisations"),
        {"file": SimpleUploadedFile("список.csv", rows.encode())},
        follow=True,
    ).content.decode()
    assert "edu650005" in page, "строка файла названа"
    assert "Школа № 5" not in page
    assert "Соседний район" not in page
    assert not Organisation.everything.filter(code="edu640077").exists()


def test_list_of_appointments_never_shows_whose_a_foreign_code_is(world: World) -> None:
    stage = stage_for(world, "regional_coordinator")
    foreign = Foreign.of(stage)
    before = foreign.touched()
    rows = "ФИО;Роль;Код организации\nИванов Иван Иванович;Технический специалист;edu650005\n"
    page = stage.client.post(
        reverse("import-appointments"), {"file": SimpleUploadedFile("люди.csv", rows.encode())}, follow=True
    ).content.decode()
    assert not [secret for secret in foreign.names if secret in page]
    assert foreign.touched() == before
