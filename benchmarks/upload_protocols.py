"""2,000 protocols uploaded by 50 clients at once to the running product: none lost, none doubled, no 5xx.

Starts `oko serve` on an embedded PostgreSQL in a temporary folder, uploads over real HTTP connections on this
machine, then looks into the database. Beside it, in the same run: the same bytes put into the same PostgreSQL
by bare INSERTs, each committed to the disk (the floor that storing costs), and the bare reading and check of
the same files in one process (the floor that judging costs). Exit 1 if anything was lost, doubled or failed.

    python benchmarks/upload_protocols.py [--quick]
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from multiprocessing import get_context
from typing import Any

from oko.engines.forms import Work, read_protocol
from oko.engines.forms.build import build_protocol
from oko.engines.papers import Paper, load_papers
from oko.engines.psychometrics.simulation import simulate_school

PROTOCOLS, CLIENTS, RESENT = 2_000, 50, 200
QUICK_PROTOCOLS, QUICK_RESENT = 150, 30
WORKERS = 2
PUPILS = 25
PASSWORD = "benchmark-password-2026"
LONGEST = 900  # seconds for any one phase


@dataclass(frozen=True, slots=True)
class Upload:
    """One filled protocol and who sends it."""

    school: str
    paper: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    upload: Upload
    status: int
    body: dict[str, Any]
    seconds: float


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="150 protocols instead of 2,000")
    quick = options.parse_args().quick
    protocols, resent = (QUICK_PROTOCOLS, QUICK_RESENT) if quick else (PROTOCOLS, RESENT)
    papers = load_papers()
    schools = [f"edu96{number:04}" for number in range(1, -(-protocols // len(papers)) + 1)]

    uploads = list(islice(fill_protocols(papers, schools), protocols))
    size = sum(len(upload.content) for upload in uploads) / protocols
    print(
        f"{protocols} protocols of {PUPILS} participants, {size / 1024:.0f} KB each; {os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["OKO_STATE"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "oko.cabinet.site.settings"
        os.environ.pop("DATABASE_URL", None)
        return measure(uploads, papers, schools, resent)


def measure(uploads: list[Upload], papers: Sequence[Paper], schools: list[str], resent: int) -> int:
    import django

    django.setup()
    prepare_database(papers, schools)
    port = free_port()
    with serving(port):
        sessions = sign_in_all(port, schools)
        print(
            f"{len(sessions)} technical specialists signed in; {CLIENTS} clients, {WORKERS} worker processes"
        )
        started = time.perf_counter()
        answers = send_all(port, uploads, sessions)
        seconds = time.perf_counter() - started
        again = send_all(port, uploads[:resent], sessions)
    troubles = [*check_answers(answers), *check_database(uploads), *check_repeated(again)]
    floor = insert_all(uploads)
    reading = read_some(uploads[:200], papers)
    report(answers, seconds, floor, reading)
    for trouble in troubles:
        print(f"WRONG: {trouble}")
    if not troubles:
        print(f"none lost, none doubled, no 5xx; {resent} sent once more: all recognised, none doubled")
    return int(bool(troubles))


# Before: files, database, server, sessions -----------------------------------------------------------------


def fill_protocols(papers: Sequence[Paper], schools: Iterable[str]) -> Iterable[Upload]:
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from pool.map(fill_one, [(s, p) for s in schools for p in papers], chunksize=16)


def fill_one(of: tuple[str, Paper]) -> Upload:
    school, paper = of
    participants = participants_of(paper)
    works = simulate_school(
        paper,
        [(code, label) for code, label, _ in participants],
        school_effect=0.0,
        seed=int(school.removeprefix("edu")),
    )
    content = build_protocol(
        paper,
        organisation_code=school,
        organisation_name=f"Школа {school}",
        participants=participants,
        assessment_title="Нагрузка",
        deadline_text="",
        works=[Work(**work) for work in works],
    )
    return Upload(school, paper.code, content)


def participants_of(paper: Paper) -> list[tuple[str, str, int]]:
    return [(str(paper.grade * 10_000 + n), f"{paper.grade}А", 1) for n in range(1, PUPILS + 1)]


def prepare_database(papers: Sequence[Paper], schools: list[str]) -> None:
    from django.contrib.auth.hashers import make_password

    from oko.cabinet.assessments.models import Assessment, Participation, RoadmapStep
    from oko.cabinet.organisations.models import Kind, Organisation, stored_sort_key
    from oko.cabinet.people.models import Account, Appointment, Role
    from oko.cabinet.site.database import addresses
    from oko.cabinet.site.serving import prepare

    prepare(addresses())
    federal = Organisation.everything.create(code="fed", kind=Kind.FEDERAL, name="Ф", short_name="Ф")
    region = Organisation.everything.create(
        code="reg96", kind=Kind.REGION, name="Р", short_name="Р", supervisor=federal
    )
    here = Organisation.everything.create(
        code="mun9601", kind=Kind.MUNICIPALITY, name="М", short_name="М", supervisor=region, region=region
    )
    places = Organisation.everything.bulk_create(
        Organisation(
            code=code,
            kind=Kind.SCHOOL,
            name=f"Школа {code}",
            short_name=code,
            sort_key=stored_sort_key(code),
            supervisor=here,
            region=region,
            municipality=here,
            ownership="municipal",
        )
        for code in schools
    )
    assessment = Assessment.everything.create(
        code="load", title="Нагрузка", year=2026, starts_on=date(2026, 1, 1), ends_on=date(2099, 1, 1)
    )
    for position, shipped in enumerate(papers, start=1):
        paper = write_paper(assessment, shipped)
        RoadmapStep.everything.create(
            assessment=assessment,
            paper=paper,
            position=position,
            title=shipped.title,
            action=RoadmapStep.Action.RESULTS_PROTOCOL,
            roles=[Role.TECHNICAL_SPECIALIST],
            opens=datetime(2020, 1, 1, 8, 0),  # noqa: DTZ001  # a wall-clock time
            closes=datetime(2099, 1, 1, 18, 0),  # noqa: DTZ001
        )
        codes = [code for code, _, _ in participants_of(shipped)]
        Participation.everything.bulk_create(
            Participation(
                assessment=assessment,
                paper=paper,
                organisation=school,
                class_label=f"{shipped.grade}А",
                class_number=1,
                codes=codes,
            )
            for school in places
        )
    password = make_password(PASSWORD)
    people = Account.objects.bulk_create(
        Account(username=school.code, password=password, full_name="И. И.") for school in places
    )
    Appointment.everything.bulk_create(
        Appointment(person=p, role=Role.TECHNICAL_SPECIALIST, organisation=school, assessment=assessment)
        for p, school in zip(people, places, strict=True)
    )


def write_paper(assessment: Any, shipped: Paper) -> Any:
    from oko.cabinet.assessments import models

    paper = models.Paper.everything.create(
        assessment=assessment,
        code=shipped.code,
        subject=shipped.subject,
        grade=shipped.grade,
        minutes=list(shipped.minutes),
        parts=shipped.parts,
        variants=list(shipped.variants),
    )
    models.Item.objects.bulk_create(
        models.Item(paper=paper, position=n, code=i.code, maximum=i.maximum, level=i.level, skill=i.skill)
        for n, i in enumerate(shipped.items, start=1)
    )
    three, four, five = shipped.scale
    models.MarkScale.objects.create(paper=paper, year=2022, three=three, four=four, five=five)
    return paper


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class serving:  # noqa: N801  # used as a context
    """`oko serve` in a process of its own, for as long as the block lasts."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __enter__(self) -> None:
        command = [
            "from oko.cli import main; main()",
            "serve",
            "--port",
            str(self.port),
            "--workers",
            str(WORKERS),
        ]
        self.process = subprocess.Popen([sys.executable, "-c", *command], stdout=subprocess.DEVNULL)
        from oko.cabinet.site.serving import is_healthy

        deadline = time.monotonic() + 60
        while not is_healthy("127.0.0.1", self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise SystemExit("The product did not start.")
            time.sleep(0.2)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)


def sign_in_all(port: int, schools: list[str]) -> dict[str, dict[str, str]]:
    with ThreadPoolExecutor(8) as pool:
        return dict(zip(schools, pool.map(lambda school: sign_in(port, school), schools), strict=True))


def sign_in(port: int, username: str) -> dict[str, str]:
    """The cookies of a person who has signed in as people do, through the form."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/sign-in/")
    page = connection.getresponse()
    cookies = read_cookies(page)
    page.read()
    form = f"username={username}&password={PASSWORD}&csrfmiddlewaretoken={cookies['oko_csrf']}"
    connection.request("POST", "/sign-in/", form, headers_for(cookies) | FORM)
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.HTTPStatus.FOUND:
        raise SystemExit(f"{username} could not sign in: {answer.status}")
    connection.close()
    return cookies | read_cookies(answer)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def read_cookies(answer: http.client.HTTPResponse) -> dict[str, str]:
    lines = answer.headers.get_all("Set-Cookie") or []
    return dict(match.groups() for line in lines if (match := re.match(r"([^=]+)=([^;]*)", line)))


def headers_for(cookies: dict[str, str]) -> dict[str, str]:
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["oko_csrf"],
        "Accept": "application/json",
    }


# The race --------------------------------------------------------------------------------------------------


def send_all(port: int, uploads: Sequence[Upload], sessions: dict[str, dict[str, str]]) -> list[Answer]:
    """All uploads, by 50 clients that start together; each takes the next one when it has its answer."""
    waiting: queue.SimpleQueue[Upload] = queue.SimpleQueue()
    for upload in uploads:
        waiting.put(upload)
    answers: list[Answer] = []
    start = threading.Barrier(CLIENTS)

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        start.wait()
        while True:
            try:
                upload = waiting.get_nowait()
            except queue.Empty:
                break
            answers.append(send(connection, upload, sessions[upload.school]))
        connection.close()

    clients = [threading.Thread(target=client, daemon=True) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join(timeout=LONGEST)
    return answers


def send(connection: http.client.HTTPConnection, upload: Upload, cookies: dict[str, str]) -> Answer:
    boundary = uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="protocol.xlsx"\r\n'
        "Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\r\n\r\n"
    )
    body = head.encode() + upload.content + f"\r\n--{boundary}--\r\n".encode()
    content_type = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    started = time.perf_counter()
    try:
        connection.request(
            "POST",
            f"/protocols/{upload.paper}/{upload.school}/upload",
            body,
            headers_for(cookies) | content_type,
        )
        response = connection.getresponse()
        text = response.read()
        status = response.status
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return Answer(upload, 0, {"error": repr(error)}, time.perf_counter() - started)
    seconds = time.perf_counter() - started
    try:
        return Answer(upload, status, json.loads(text), seconds)
    except ValueError:
        return Answer(upload, status, {"error": text[:200]}, seconds)


# After: what became of them, and the floors ----------------------------------------------------------------


def check_answers(answers: list[Answer]) -> Iterable[str]:
    statuses = Counter(answer.status for answer in answers)
    if set(statuses) != {http.HTTPStatus.OK}:
        wrong = next(answer for answer in answers if answer.status != http.HTTPStatus.OK)
        yield f"answers by status: {dict(statuses)}; one of them: {wrong.body}"
    states = Counter(str(answer.body.get("state")) for answer in answers)
    if set(states) != {"accepted"}:
        yield f"states: {dict(states)}"


def check_database(uploads: list[Upload]) -> Iterable[str]:
    from oko.cabinet.exchange.models import Submission
    from oko.cabinet.results.models import ProtocolWorks

    stored = Submission.everything.select_related("organisation", "paper", "file").iterator(chunk_size=200)
    found: Counter[tuple[str, str, str]] = Counter()
    for row in stored:
        content = bytes(row.file.content) if row.file else b""
        found[row.organisation.code, row.paper.code, hashlib.sha256(content).hexdigest()] += 1
    sent = Counter((upload.school, upload.paper, upload.sha256) for upload in uploads)
    if lost := sent - found:
        yield f"{lost.total()} lost"
    if more := found - sent:
        yield f"{more.total()} doubled or foreign"
    counted = ProtocolWorks.everything.count()
    if counted != len(uploads):
        yield f"{counted} protocols counted in the results instead of {len(uploads)}"


def check_repeated(again: list[Answer]) -> Iterable[str]:
    taken_anew = [answer for answer in again if not answer.body.get("repeated")]
    if taken_anew:
        yield f"{len(taken_anew)} of {len(again)} sent once more were not recognised: {taken_anew[0].body}"


def insert_all(uploads: list[Upload]) -> float:
    """Seconds for the same bytes in the same database: one INSERT and commit each, one connection a core."""
    import psycopg
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE benchmark_floor (sha256 text PRIMARY KEY, content bytea NOT NULL)")
    database = settings.DATABASES["default"]
    cores = os.cpu_count() or 1

    def insert(part: list[Upload]) -> None:
        with psycopg.connect(
            host=database["HOST"], user=database["USER"], dbname=database["NAME"], autocommit=True
        ) as own:
            for upload in part:
                own.execute("INSERT INTO benchmark_floor VALUES (%s, %s)", (upload.sha256, upload.content))

    started = time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(insert, [uploads[core::cores] for core in range(cores)]))
    return time.perf_counter() - started


def read_some(uploads: list[Upload], papers: Sequence[Paper]) -> float:
    """Seconds a protocol takes to be read and checked, alone in one process."""
    started = time.perf_counter()
    for upload in uploads:
        read_protocol(upload.content, papers, paper=upload.paper)
    return (time.perf_counter() - started) / len(uploads)


def report(answers: list[Answer], seconds: float, floor: float, reading: float) -> None:
    latencies = sorted(answer.seconds for answer in answers)
    rate, bare, judged = len(answers) / seconds, len(answers) / floor, (os.cpu_count() or 1) / reading
    print(f"oko, {CLIENTS} clients at once    {rate:7.1f} uploads/s   ({seconds:.1f} s)")
    print(
        f"latency                    p50 {latencies[len(latencies) // 2] * 1000:.0f} ms, "
        f"p99 {latencies[int(len(latencies) * 0.99)] * 1000:.0f} ms, longest {latencies[-1] * 1000:.0f} ms"
    )
    print(f"bare INSERT, same bytes    {bare:7.1f} /s   ratio {bare / rate:.1f}")
    print(f"bare reading on all cores  {judged:7.1f} /s   ratio {judged / rate:.1f}")


if __name__ == "__main__":
    sys.exit(main())
