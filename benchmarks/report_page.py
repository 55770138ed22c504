"""A school's report pages under 50 concurrent readers of the running product: median and p99.

Starts `oko serve` with two worker processes on an embedded PostgreSQL in a temporary folder: a region of 600
schools whose 54,000 works lie in Parquet. 50 technical specialists of different schools are signed in; each
opens the pages of the own school's report over a connection of its own, the next one as soon as the last has
come. First all pages once, when nothing has been computed yet; then again and again. The floor: the same 50
connections opening the sign-in page, which is drawn from a template and reads no report. They take turns.
Exit 1 where an answer is not a page.

    python benchmarks/report_page.py [--quick]
"""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median

from oko.engines.papers import load_papers
from oko.engines.psychometrics.season import SchoolClass, simulate_works
from oko.engines.statistics.works import write_works
from simulated_country import CLASSES
from upload_protocols import free_port, headers_for, prepare_database, serving, sign_in_all

SCHOOLS, READERS = 600, 50
TURNS = 3
SECONDS, QUICK_SECONDS = 10.0, 2.0  # of each turn
PAPER = load_papers()[0]  # of 20 items
ADDRESS = f"/reports/{PAPER.code}/{{page}}/{{school}}/"
PAGES = ("marks", "items")
FLOOR = "/sign-in/"


@dataclass(frozen=True, slots=True)
class Opened:
    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Reader:
    """A signed-in browser and what it opens, one after another."""

    addresses: Sequence[str]
    headers: dict[str, str]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="turns of 2 seconds instead of 10")
    seconds = QUICK_SECONDS if options.parse_args().quick else SECONDS
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["OKO_STATE"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "oko.cabinet.site.settings"
        os.environ.pop("DATABASE_URL", None)
        return measure(seconds)


def measure(seconds: float) -> int:
    import django

    django.setup()
    schools = [f"edu96{number:04}" for number in range(1, SCHOOLS + 1)]
    prepare_database([PAPER], schools)
    write_region_of(schools)
    port = free_port()
    with serving(port):
        sessions = sign_in_all(port, schools[:READERS])
        readers = [
            Reader(
                [ADDRESS.format(page=page, school=school) for page in PAGES],
                headers_for(cookies) | {"Accept": "text/html"},
            )
            for school, cookies in sessions.items()
        ]
        strangers = [Reader([FLOOR], {"Accept": "text/html"})] * READERS
        first = read(port, readers, lambda opened: len(opened) < len(PAGES))
        floor, pages, reading = [], [], 0.0
        for _turn in range(TURNS):
            floor += read(port, strangers, until(seconds))
            started = time.perf_counter()
            pages += read(port, readers, until(seconds))
            reading += time.perf_counter() - started
    print(f"{READERS} readers, {SCHOOLS} schools, pages {', '.join(PAGES)}; {os.cpu_count()} cores")
    show("pages, the first time", first)
    show(f"pages, {len(pages) / reading:.1f} a second", pages)
    show("floor: the sign-in page", floor)
    print(f"ratio of the medians {middle(pages) / middle(floor):.2f}")
    return int(any(opened.status != http.HTTPStatus.OK for opened in (*first, *floor, *pages)))


def write_region_of(schools: Sequence[str]) -> None:
    from django.conf import settings

    classes = [
        SchoolClass(school, "mun9601", label, pupils) for school in schools for label, pupils in CLASSES
    ]
    write_works(Path(settings.WORKS_ROOT), "load", PAPER, "96", simulate_works(PAPER, classes, seed=1))


def until(seconds: float) -> Callable[[Sequence[Opened]], bool]:
    end = time.monotonic() + seconds
    return lambda _opened: time.monotonic() < end


def read(port: int, readers: Sequence[Reader], goes_on: Callable[[Sequence[Opened]], bool]) -> list[Opened]:
    """What all readers opened, each for as long as it is told to go on."""
    opened: list[list[Opened]] = [[] for _reader in readers]

    def one(reader: Reader, own: list[Opened]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        for address in cycle(reader.addresses):
            if not goes_on(own):
                break
            started = time.perf_counter()
            connection.request("GET", address, headers=reader.headers)
            answer = connection.getresponse()
            answer.read()
            own.append(Opened(answer.status, time.perf_counter() - started))
        connection.close()

    threads = [
        threading.Thread(target=one, args=(reader, own)) for reader, own in zip(readers, opened, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [each for own in opened for each in own]


def middle(opened: Sequence[Opened]) -> float:
    return median(each.seconds for each in opened)


def show(title: str, opened: Sequence[Opened]) -> None:
    times = sorted(each.seconds for each in opened)
    failed = sum(each.status != http.HTTPStatus.OK for each in opened)
    print(
        f"{title}: {len(opened)} opened, median {middle(opened) * 1000:.0f} ms, "
        f"p99 {times[int(len(times) * 0.99)] * 1000:.0f} ms, {failed} failed"
    )


if __name__ == "__main__":
    sys.exit(main())
