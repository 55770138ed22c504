"""Home page and progress board with 40,000 organisations × 12 steps × 60,000 people, beside 70 organisations.

Fills two databases of an embedded PostgreSQL in a temporary folder by bulk SQL: one with 70 organisations and
105 people (as many as the demo has), one with 89 regions, 2,492 municipalities and 37,418 schools. In both,
by turns, the home page and the board are opened by a federal organiser, regional and municipal coordinators
and a technical specialist of a school, through the whole of Django but not over the network. Printed are the
number of queries, p50 and p95 of both, and the ratio of the p95. Exit 1 where a page needs more queries than
with 70 organisations, or more than 3 times as long.

    python benchmarks/pages_at_scale.py [--rounds 30] [--profile]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from statistics import median
from typing import Any

MOST = 3.0
PAPERS = 10
WARM_UP = 3
TURN = 5
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"


@dataclass(frozen=True, slots=True)
class Size:
    """A country; schools are spread evenly over municipalities, municipalities over regions."""

    regions: int
    municipalities: int  # in each region
    schools: int
    coordinators: int  # schools that have a school coordinator beside the technical specialist

    @property
    def organisations(self) -> int:
        return 1 + self.regions * (1 + self.municipalities) + self.schools

    @property
    def people(self) -> int:
        return 1 + self.regions * (1 + self.municipalities) + self.schools + self.coordinators


SMALL = Size(regions=2, municipalities=3, schools=61, coordinators=35)
LARGE = Size(regions=89, municipalities=28, schools=37_418, coordinators=20_000)
COUNTRIES = {"small": SMALL, "large": LARGE}

#: Who opens which pages. A school has no board.
PEOPLE = {"federal": "fed", "regional": "reg01", "municipal": "mun0101", "school": "edu000001"}
PAGES = {"home": "/", "board": "/board/"}


@dataclass(frozen=True, slots=True)
class Measured:
    queries: int
    seconds: list[float]

    @property
    def p50(self) -> float:
        return median(self.seconds)

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=30, help="how often each page is opened")
    options.add_argument("--profile", action="store_true", help="print the slowest queries of each page")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["OKO_STATE"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "oko.cabinet.site.settings"
        os.environ["OKO_HOSTS"] = "testserver"
        os.environ.pop("DATABASE_URL", None)
        return measure(chosen.rounds, chosen.profile)


def measure(rounds: int, profile: bool) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN_STATIC}}
    settings.SECOND_FACTOR_COMPULSORY = False  # pages are timed, not the way in
    make_databases(lambda: call_command("migrate", verbosity=0))
    for name, size in COUNTRIES.items():
        connect(name)
        started = time.perf_counter()
        fill(size)
        print(
            f"{size.organisations:,} organisations, {size.people:,} people: "
            f"filled in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
    return report(open_all(rounds, profile=profile))


def make_databases(migrate: Callable[[], None]) -> None:
    """One for each country, beside the server's own; the second is a copy of the first, still empty one."""
    from django.db import connection

    own = connection.settings_dict["NAME"]
    for country in COUNTRIES:
        template = f"TEMPLATE {next(iter(COUNTRIES))}" if country != next(iter(COUNTRIES)) else ""
        connect(own)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {country} {template}")
        if not template:
            connect(country)
            migrate()


def connect(database: str) -> None:
    from django.core.cache import cache
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = database
    cache.clear()


# The country ------------------------------------------------------------------------------------------------


def fill(size: Size) -> None:
    """Everything by bulk SQL; the same in kind at both sizes."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        fill_organisations(cursor, size)
        fill_assessment()
        fill_people(cursor, size)
        fill_progress(cursor)
        fill_readings(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


#: From the top down; the parameters are those of `Size`.
ORGANISATIONS = """
INSERT INTO places (code, kind, name, supervisor, region, municipality)
VALUES ('fed', 'federal', 'Федерация', NULL, NULL, NULL);
INSERT INTO places (code, kind, name, supervisor)
SELECT 'reg' || lpad(r::text, 2, '0'), 'region', 'Регион ' || r, 'fed' FROM generate_series(1, %(regions)s) r;
INSERT INTO places (code, kind, name, supervisor, region)
SELECT 'mun' || right(p.code, 2) || lpad(m::text, 2, '0'), 'municipality', 'Район ' || m, p.code, p.code
FROM places p, generate_series(1, %(municipalities)s) m WHERE p.kind = 'region';
INSERT INTO places (code, kind, name, supervisor, region, municipality)
SELECT 'edu' || lpad(s::text, 6, '0'), 'school', 'Школа № ' || s, m.code, m.region, m.code
FROM generate_series(1, %(schools)s) s
JOIN (SELECT code, region, row_number() OVER (ORDER BY code) - 1 AS n FROM places
      WHERE kind = 'municipality') m ON m.n = (s - 1) %% (%(regions)s * %(municipalities)s);
INSERT INTO organisations_organisation (id, code, kind, name, short_name, sort_key, supervisor_id, region_id,
    municipality_id, ownership, settlement, levels, time_zone, delivery_address, active)
OVERRIDING SYSTEM VALUE
SELECT p.id, p.code, p.kind, p.name, p.name, lower(p.name), s.id, r.id, m.id, 'municipal', 'city', '{}',
    'Europe/Saratov', '', TRUE
FROM places p LEFT JOIN places s ON s.code = p.supervisor LEFT JOIN places r ON r.code = p.region
LEFT JOIN places m ON m.code = p.municipality
"""


def fill_organisations(cursor: Any, size: Size) -> None:
    cursor.execute(
        """CREATE TEMPORARY TABLE places (id bigserial, code text, kind text, name text, supervisor text,
               region text, municipality text) ON COMMIT DROP"""
    )
    for statement in ORGANISATIONS.split(";"):
        cursor.execute(statement, asdict(size))


def fill_assessment() -> None:
    """Ten papers with their protocols, materials to read, reports to receive; three documents."""
    from django.utils import timezone

    from oko.cabinet.assessments.models import Assessment, Document, News, Paper, RoadmapStep
    from oko.cabinet.people.models import Account, Role

    assessment = Assessment.everything.create(
        code="scale", title="Вся страна", year=2026, starts_on=date(2026, 1, 1), ends_on=date(2099, 1, 1)
    )
    staff = [Role.TECHNICAL_SPECIALIST, Role.SCHOOL_COORDINATOR]
    papers: list[Paper | None] = [
        Paper.everything.create(
            assessment=assessment, code=f"p{n}", subject=f"Предмет {n}", grade=4, minutes=[45], variants=[1]
        )
        for n in range(1, PAPERS + 1)
    ]
    steps = [(RoadmapStep.Action.RESULTS_PROTOCOL, paper) for paper in papers]
    steps += [(RoadmapStep.Action.READ, None), (RoadmapStep.Action.RECEIVE_REPORT, None)]
    for position, (action, paper) in enumerate(steps, start=1):
        RoadmapStep.everything.create(
            assessment=assessment,
            paper=paper,
            position=position,
            title=f"Шаг {position}",
            action=action,
            roles=staff,
            opens=datetime(2020, 1, 1, 8),  # noqa: DTZ001  # a wall-clock time
            closes=datetime(2021 if position % 3 == 0 else 2090 + position % 2, 1, 1, 18),  # noqa: DTZ001
            late_until=datetime(2099, 1, 1, 18),  # noqa: DTZ001
        )
    author = Account.objects.create(username="author", full_name="А. А.")
    for n in range(3):
        Document.everything.create(
            assessment=assessment,
            title=f"Документ {n}",
            filename="a.pdf",
            content=b"%PDF-1.4" + bytes([48 + n]) * 50_000,
            roles=staff if n else [],
            published_at=timezone.now(),
        )
        News.everything.create(
            assessment=assessment, title=f"Новость {n}", body="…", published_at=timezone.now(), author=author
        )


def fill_people(cursor: Any, size: Size) -> None:
    cursor.execute(
        """INSERT INTO people_account (username, password, full_name, phone, email, position, subjects,
               is_active, created_at)
           SELECT code, '!', 'Сотрудник ' || code, '+7 900 000-00-00', '', '', '{}'::varchar[], TRUE, now()
           FROM organisations_organisation
           UNION ALL
           SELECT code || 'k', '!', 'Координатор ' || code, '', '', '', '{}'::varchar[], TRUE, now()
           FROM organisations_organisation WHERE kind = 'school' AND right(code, 6)::int <= %s""",
        [size.coordinators],
    )
    cursor.execute(
        """INSERT INTO people_appointment (person_id, role, organisation_id, assessment_id, room, subject,
               state, created_at)
           SELECT p.id, CASE WHEN p.username <> o.code THEN 'school_coordinator'
                             WHEN o.kind = 'federal' THEN 'federal_organiser'
                             WHEN o.kind = 'region' THEN 'regional_coordinator'
                             WHEN o.kind = 'municipality' THEN 'municipal_coordinator'
                             ELSE 'technical_specialist' END,
               o.id, (SELECT id FROM assessments_assessment), '', '', 'confirmed', now()
           FROM people_account p JOIN organisations_organisation o ON p.username IN (o.code, o.code || 'k')"""
    )


def fill_progress(cursor: Any) -> None:
    """Every school writes all papers, every second one with two classes; seven in ten steps are done."""
    cursor.execute(
        """INSERT INTO assessments_participation (assessment_id, paper_id, organisation_id, class_label,
               class_number, codes)
           SELECT p.assessment_id, p.id, o.id, '4' || c, c, '{40001,40002,40003,40004,40005}'
           FROM assessments_paper p, organisations_organisation o, generate_series(1, 2) c
           WHERE o.kind = 'school' AND (c = 1 OR o.id %% 2 = 0)""",
        [],
    )
    cursor.execute(
        """INSERT INTO assessments_stepprogress (assessment_id, step_id, organisation_id, state, late, note,
               changed_at)
           SELECT s.assessment_id, s.id, o.id,
               (ARRAY['done','done','done','done','done','done','done','submitted','has_findings','returned'])
                   [1 + (o.id * 7 + s.position * 3) %% 10],
               o.id %% 11 = 0, '', now()
           FROM assessments_roadmapstep s, organisations_organisation o
           WHERE o.kind = 'school' AND (o.id + s.position) %% 5 <> 0""",
        [],
    )


def fill_readings(cursor: Any) -> None:
    cursor.execute(
        """INSERT INTO assessments_documentreading (document_id, appointment_id, sha256, opened_at,
               confirmed_at)
           SELECT d.id, a.id, d.sha256, now(), CASE WHEN a.id %% 7 = 0 THEN NULL ELSE now() END
           FROM assessments_document d, people_appointment a WHERE (a.id + d.id) %% 4 <> 0""",
        [],
    )


# Opening pages ----------------------------------------------------------------------------------------------


def open_all(rounds: int, *, profile: bool) -> dict[tuple[str, str], dict[str, Measured]]:
    """Each page by turns in both countries, so that whatever else this machine does falls on both."""
    return {
        (who, page): open_by_turns(login, PAGES[page], rounds, profile=profile)
        for page in PAGES
        for who, login in PEOPLE.items()
        if (who, page) != ("school", "board")
    }


def open_by_turns(login: str, address: str, rounds: int, *, profile: bool) -> dict[str, Measured]:
    clients, queries = {}, {}
    for country in COUNTRIES:
        connect(country)
        clients[country] = signed_in(login)
        open_some(clients[country], address, WARM_UP)
        queries[country] = count_queries(clients[country], address, f"{login} {address}" if profile else "")
    seconds: dict[str, list[float]] = {country: [] for country in COUNTRIES}
    for _turn in range(max(rounds // TURN, 1)):
        for country in COUNTRIES:
            connect(country)
            open_some(clients[country], address, 1)  # a new connection, and what is kept for some minutes
            seconds[country] += open_some(clients[country], address, TURN)
    return {country: Measured(queries[country], seconds[country]) for country in COUNTRIES}


def signed_in(login: str) -> Any:
    from django.test import Client

    from oko.cabinet.people.models import Account

    client = Client()
    client.force_login(Account.objects.get(username=login), "oko.cabinet.people.backends.AccountBackend")
    return client


def open_some(client: Any, address: str, times: int) -> list[float]:
    seconds = []
    for _time in range(times):
        started = time.perf_counter()
        answer = client.get(address)
        seconds.append(time.perf_counter() - started)
        if answer.status_code != 200:
            raise SystemExit(f"{answer.status_code} at {address}")
    return seconds


def count_queries(client: Any, address: str, title: str) -> int:
    """How many there are; with a title, the slowest are printed."""
    from django.db import connection

    taken: list[tuple[float, str]] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            taken.append((time.perf_counter() - started, sql))

    with connection.execute_wrapper(watch):
        client.get(address)
    for took, sql in sorted(taken, reverse=True)[:3] if title else ():
        print(f"  {title} {took * 1000:.0f} ms: {sql[:300]}")
    return len(taken)


def report(opened: dict[tuple[str, str], dict[str, Measured]]) -> int:
    failed = False
    print(f"{'page':<18}{'queries':>12}{'p50, ms':>15}{'p95, ms':>15}{'ratio of p95':>14}")
    for key, countries in opened.items():
        before, after = countries["small"], countries["large"]
        ratio = after.p95 / before.p95
        failed = failed or ratio > MOST or after.queries > before.queries
        print(
            f"{' '.join(key):<18}{before.queries:>6} → {after.queries:<3}"
            f"{before.p50 * 1000:>8.0f} → {after.p50 * 1000:<4.0f}"
            f"{before.p95 * 1000:>8.0f} → {after.p95 * 1000:<4.0f}{ratio:>14.2f}"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
