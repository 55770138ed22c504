"""Sign-ins per second of the running product on two cores, beside the bare cost of the password hash.

Starts `oko serve` with two worker processes on an embedded PostgreSQL in a temporary folder; clients send the
sign-in form (login, password, CSRF token) of many accounts over real HTTP connections. In turns with it: the
same hasher comparing the same password in two processes with as many threads as there are clients, without a
network or a database (the ceiling). Clients, server and database share the two cores. Exit 1 below 85 %.

Beside the rate the CPU time is told that one sign-in costs in server, database and clients together, and that
one bare comparison costs: on a machine that has other work to do, their ratio is the steadier figure.

    python benchmarks/sign_in.py [--quick]
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode

import psutil

WORKERS, CLIENTS, ACCOUNTS = 2, 8, 400
TURNS = 4
SECONDS, QUICK_SECONDS = 10.0, 2.5  # of each turn
WANTED = 0.85
PASSWORD = "benchmark-password-2026"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="turns of 2.5 seconds instead of 10")
    seconds = QUICK_SECONDS if options.parse_args().quick else SECONDS
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["OKO_STATE"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "oko.cabinet.site.settings"
        os.environ.pop("DATABASE_URL", None)
        return measure(seconds)


def measure(seconds: float) -> int:
    import django

    django.setup()
    port = free_port()
    with serving(port):
        encoded = make_accounts()
        sign_in_for(port, 2.0)  # connections opened, modules imported
        bares, turns, spent = [], [], 0.0
        for _turn in range(TURNS):
            bares.append(bare_hashes(encoded, seconds))
            began = cpu_time()
            turns.append((bares[-1][0], *sign_in_for(port, seconds)))
            spent += cpu_time() - began
    ceiling = sum(bare for bare, _ in bares) / TURNS
    each, hashed = spent / sum(done for _, done, _ in turns), sum(cpu for _, cpu in bares) / TURNS
    rate = sum(done for _, done, _ in turns) / TURNS / seconds
    failed = sum(failed for _, _, failed in turns)
    ratio = rate / ceiling
    print(f"{os.cpu_count()} cores, {WORKERS} worker processes, {CLIENTS} clients, {TURNS} turns")
    for bare, done, _failed in turns:
        print(f"  bare hash {bare:6.1f} a second; sign-ins {done / seconds:6.1f} a second")
    print(f"bare hash: {ceiling:.1f} a second in {WORKERS} processes")
    print(f"sign-ins: {rate:.1f} a second; {failed} failed; ratio {ratio:.3f} (at least {WANTED})")
    print(
        f"CPU time: {each * 1000:.1f} ms a sign-in, {hashed * 1000:.1f} ms a bare hash; {hashed / each:.3f}"
    )
    return int(ratio < WANTED or failed > 0)


def cpu_time() -> float:
    """CPU seconds spent so far by this process, the server and the database of this folder."""
    family = {psutil.Process(), *psutil.Process().children(recursive=True)}
    for process in psutil.process_iter(["cmdline"]):
        if str(Path(os.environ["OKO_STATE"]) / "postgres") in (process.info["cmdline"] or []):
            family |= {process, *process.children(recursive=True)}
    return float(sum(sum(process.cpu_times()[:2]) for process in family))


def make_accounts() -> str:
    """Accounts with one and the same stored password; returns it."""
    from django.contrib.auth.hashers import make_password

    from oko.cabinet.people.models import Account

    encoded = make_password(PASSWORD)
    Account.objects.bulk_create(
        Account(username=f"user{number}", full_name=f"Сотрудник {number}", password=encoded)
        for number in range(ACCOUNTS)
    )
    return encoded


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(port: int) -> Iterator[None]:
    command = [
        *(sys.executable, "-c", "from oko.cli import main; main()"),
        *("serve", "--port", str(port), "--workers", str(WORKERS), "--end-with-parent"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_it_answers(port, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health/", headers={"Host": "localhost"})
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        finally:
            connection.close()
    raise SystemExit("oko serve did not start")


def sign_in_for(port: int, seconds: float) -> tuple[int, int]:
    """How many sign-ins succeeded and failed, by all clients together."""
    numbers = count()
    until = time.monotonic() + seconds
    results: list[tuple[int, int]] = []
    threads = [
        threading.Thread(target=lambda: results.append(one_client(port, numbers, until)))
        for _client in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done for done, _ in results), sum(failed for _, failed in results)


def one_client(port: int, numbers: Iterator[int], until: float) -> tuple[int, int]:
    """A browser that has opened the form once, and signs in again and again as somebody new."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/sign-in/", headers={"Host": "localhost"})
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
    assert found
    headers = {
        "Host": "localhost",
        "Cookie": cookie,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    done = failed = 0
    while time.monotonic() < until:
        form = {
            "csrfmiddlewaretoken": found[1],
            "username": f"user{next(numbers) % ACCOUNTS}",
            "password": PASSWORD,
        }
        connection.request("POST", "/sign-in/", urlencode(form), headers)
        answer = connection.getresponse()
        answer.read()
        done, failed = (done + 1, failed) if answer.status == http.HTTPStatus.FOUND else (done, failed + 1)
    connection.close()
    return done, failed


def bare_hashes(encoded: str, seconds: float) -> tuple[float, float]:
    """Comparisons a second of two processes that do nothing else, and the CPU seconds of one."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        list(pool.map(compare_for, [(encoded, 0.5)] * WORKERS))  # started and warm
        found = list(pool.map(compare_for, [(encoded, seconds)] * WORKERS))
    done = sum(count for count, _, _ in found)
    return sum(count / took for count, took, _ in found), sum(cpu for _, _, cpu in found) / done


def compare_for(task: tuple[str, float]) -> tuple[int, float, float]:
    """How many comparisons, in what time, with what CPU time.

    As many threads as a worker process serves clients: the hash frees the interpreter.
    """
    from oko.cabinet.people.hashers import TunedArgon2

    encoded, seconds = task
    hasher, done = TunedArgon2(), count()
    started, began = time.perf_counter(), time.process_time()

    def compare() -> None:
        while time.perf_counter() - started < seconds:
            assert hasher.verify(PASSWORD, encoded)
            next(done)

    threads = [threading.Thread(target=compare) for _thread in range(CLIENTS // WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return next(done), time.perf_counter() - started, time.process_time() - began


if __name__ == "__main__":
    raise SystemExit(main())
