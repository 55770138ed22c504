"""How the addresses of an assessment are tried: its steps, papers, exceptions and publications."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from oko.cabinet.assessments.models import Assessment, Document, News, RoadmapStep, StepException
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Role
from tests.cabinet.matrix.expected import Tried, act, asks_first, form, page
from tests.cabinet.matrix.stage import (
    ABOVE,
    BELOW,
    NONE,
    NOTHING,
    OF_ANOTHER,
    ORGANISATIONS,
    Stage,
    Thing,
    Things,
    another_assessment,
    another_paper,
    of_organisations,
    step,
)

OF_THIS = "этой процедуры"
FOR_THE_ROLE, FOR_ANOTHER_ROLE = "для роли", "для другой роли"
OF_THE_COUNTRY, OF_OWN_REGION, OF_ANOTHER_REGION = "федеральный", "своего региона", "чужого региона"
TO_READ = RoadmapStep.Action.READ


def steps(stage: Stage) -> Things:
    """A step in which nobody has done anything yet."""

    def make() -> Things:
        mine = step(stage, stage.world.assessment, TO_READ)
        others = step(stage, another_assessment(stage), TO_READ)
        return {
            OF_THIS: Thing({"pk": mine.pk}, mine),
            OF_ANOTHER: Thing({"pk": others.pk}, others, seen=False),
            NONE: Thing({"pk": 10**9}, seen=False),
        }

    found: Things = stage.once("steps", make)
    return found


def steps_to_confirm(stage: Stage) -> Things:
    def make() -> Things:
        another = next(role for role in Role.values if role != stage.role)
        not_mine = step(stage, stage.world.assessment, TO_READ, roles=[another])
        return {
            FOR_THE_ROLE: steps(stage)[OF_THIS],
            FOR_ANOTHER_ROLE: Thing({"pk": not_mine.pk}, not_mine),
            **{key: steps(stage)[key] for key in (OF_ANOTHER, NONE)},
        }

    found: Things = stage.once("steps to confirm", make)
    return found


def exceptions(stage: Stage) -> Things:
    """One made above holds here and is seen here; only its own level ends it."""

    def make() -> Things:
        found = {}
        for relation, name in ORGANISATIONS[stage.place].items():
            exception = _exception(stage, stage.world[name])
            found[relation] = Thing(
                {"pk": exception.pk}, exception, stage.sees(relation) or relation == ABOVE
            )
        return {**found, NONE: Thing({"pk": 10**9}, seen=False)}

    found: Things = stage.once("exceptions", make)
    return found


def _exception(stage: Stage, organisation: Organisation) -> StepException:
    return StepException.everything.create(
        assessment=stage.world.assessment,
        step=stage.once("excepted step", lambda: step(stage, stage.world.assessment, TO_READ)),
        organisation=organisation,
        kind=StepException.Kind.EXTENSION,
        until=datetime(2036, 6, 1, tzinfo=UTC),
        reason="Ремонт",
        made_by=stage.world.appointments["federal"].person,
        made_at=timezone.now(),
    )


def papers(stage: Stage) -> Things:
    mine = stage.world.papers["rus4"]
    return {
        OF_THIS: Thing({"code": mine.code}, mine),
        OF_ANOTHER: Thing({"code": another_paper(stage).code}, another_paper(stage), seen=False),
        NONE: Thing({"code": "nothing1"}, seen=False),
    }


def _regions(stage: Stage) -> dict[str, tuple[Organisation | None, bool]]:
    """Whose a publication is, and whether it is for this actor."""
    return {
        OF_THE_COUNTRY: (None, True),
        OF_OWN_REGION: (stage.world["region"], True),
        OF_ANOTHER_REGION: (stage.world["region2"], stage.is_federal),
    }


def news(stage: Stage) -> Things:
    def make() -> Things:
        found = {}
        for relation, (region, seen) in _regions(stage).items():
            one = _news(stage, organisation=region)
            found[relation] = Thing({"pk": one.pk}, one, seen)
        others = _news(stage, assessment=another_assessment(stage))
        found[OF_ANOTHER] = Thing({"pk": others.pk}, others, seen=False)
        found[NONE] = Thing({"pk": 10**9}, seen=False)
        return found

    found: Things = stage.once("news", make)
    return found


def _news(stage: Stage, **fields: Any) -> News:
    return News.everything.create(
        **{"assessment": stage.world.assessment, **fields},
        title="Новость",
        body="…",
        published_at=timezone.now(),
        author=stage.world.appointments["federal"].person,
    )


def documents(stage: Stage) -> Things:
    """Who publishes sees it whatever the role it is for."""

    def make() -> Things:
        found = {}
        for relation, (region, seen) in _regions(stage).items():
            one = _document(stage, organisation=region)
            found[relation] = Thing({"pk": one.pk}, one, seen)
        another = Role.EXPERT if stage.role != Role.EXPERT else Role.TEACHER
        for relation, region in (
            (f"{OF_THE_COUNTRY}, {FOR_ANOTHER_ROLE}", None),
            (f"{OF_OWN_REGION}, {FOR_ANOTHER_ROLE}", stage.world["region"]),
        ):
            one = _document(stage, organisation=region, roles=[another])
            publishes = stage.role == Role.REGIONAL_COORDINATOR and region is not None
            found[relation] = Thing({"pk": one.pk}, one, stage.is_federal or publishes)
        others = _document(stage, assessment=another_assessment(stage))
        found[OF_ANOTHER] = Thing({"pk": others.pk}, others, seen=False)
        found[NONE] = Thing({"pk": 10**9}, seen=False)
        return found

    found: Things = stage.once("documents", make)
    return found


def _document(stage: Stage, **fields: Any) -> Document:
    return Document.everything.create(
        **{"assessment": stage.world.assessment, **fields},
        title="Приказ",
        filename="приказ.pdf",
        content=b"%PDF-1.4",
        published_at=timezone.now(),
    )


def clocks(stage: Stage) -> Things:
    """The clock of a real assessment cannot be moved by anybody."""
    real = stage.world.assessment
    training = Assessment.everything.get(pk=real.pk)
    training.is_training = True

    def rehearse() -> None:
        Assessment.everything.filter(pk=real.pk).update(is_training=True)

    return {"настоящая": Thing({}, real), "тренировка": Thing({}, training, prepare=rehearse)}


def reminding(stage: Stage) -> Things:
    """There is somebody to remind: a colleague who has a document to confirm."""
    documents(stage)
    return NOTHING


def a_news(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {"title": "Новость дня", "body": "Приём открыт."}


def a_title(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {"title": "Приказ с изменениями"}


def a_date(stage: Stage, _thing: Thing) -> dict[str, Any]:
    parts = stage.world.papers["rus4"].parts
    return {"date": "2026-04-22", "minutes": ", ".join(["45"] * parts), "variants": "1, 2"}


def a_moment(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {"set": "1", "to": "2026-04-21T09:00"}


def a_scale(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {"year": 2027, "three": 5, "four": 9, "five": 13}


def a_step(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {
        "position": 77,
        "title": "Ознакомиться с порядком",
        "action": TO_READ,
        "roles": [Role.TEACHER],
        "zone_rule": "local",
        "opens": "2026-05-01T08:00",
        "closes": "2026-05-02T08:00",
    }


def an_extension(stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {
        "step": stage.world.steps["mat4"].pk,
        "organisation": stage.world[ORGANISATIONS[stage.place].get(BELOW, stage.place)].code,
        "kind": "extension",
        "until": "2036-07-01T08:00",
        "reason": "Карантин",
        "confirm": "1",
    }


def board_places(stage: Stage) -> Things:
    """Only a school has a page of its own on the board."""
    everything = of_organisations()(stage)
    return {
        relation: thing
        for relation, thing in everything.items()
        if thing.subject is None or thing.subject.is_school or not thing.seen
    }


TRIED: dict[str, Tried] = {
    "roadmap": page(),
    "step-new": form(payload=a_step),
    "step-edit": form(steps, a_step),
    "step-delete": asks_first(steps),
    "step-confirm": act(steps_to_confirm, closed=302, closed_word="закрыт"),
    "exceptions": page(),
    "exception-new": form(payload=an_extension),
    "exception-end": asks_first(exceptions),
    "board": page(),
    "call-list": page(),
    "board-school": page(board_places),
    "assessment": page(),
    "rehearsal-clock": form(clocks, a_moment),
    "papers-import": form(),
    "paper": page(papers),
    "paper-edit": form(papers, a_date),
    "paper-scale": form(papers, a_scale),
    "publications": page(),
    "news-new": form(payload=a_news),
    "news-edit": form(news, a_news),
    "news-delete": asks_first(news),
    "readings": page(),
    "readings-remind": act(reminding),
    "document-confirm": act(documents, changes=False),
    "document-new": form(),
    "document": page(documents),
    "document-edit": form(documents, a_title),
    "document-delete": asks_first(documents),
    "public-news": page(),
}
