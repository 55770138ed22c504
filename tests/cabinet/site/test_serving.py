"""The running product as a person has it: started, left alone, stopped; with real processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from oko.cabinet.site.serving import CannotServeError, check_port, is_healthy

HERE = "127.0.0.1"
PATIENCE = 60.0  # seconds; only a hanging product needs them all


class Product:
    """`oko serve` in a terminal of its own."""

    def __init__(self, state: Path, log: Path) -> None:
        with socket.create_server((HERE, 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment["OKO_STATE"] = str(state)
        self.state, self.log = state, log

    def command(self) -> list[str]:
        return [sys.executable, "-c", "from oko.cli import main; main()", "serve", "--port", str(self.port)]

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command(), env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        until(lambda: self.process.poll() is not None or is_healthy(HERE, self.port))
        assert self.process.poll() is None, self.log.read_text()

    def family(self) -> list[psutil.Process]:
        """The product, all below it, and its database."""
        product = psutil.Process(self.process.pid)
        return [product, *product.children(recursive=True), *self.database()]

    def database(self) -> list[psutil.Process]:
        return [
            process
            for process in psutil.process_iter(["name", "cmdline"])
            if process.info["name"] == "postgres"
            and str(self.state / "postgres") in (process.info["cmdline"] or [])
        ]

    def worker(self) -> psutil.Process | None:
        children = alive(psutil.Process(self.process.pid).children())
        return next((child for child in children if "oko.cabinet.site.worker" in child.cmdline()), None)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.1)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; an ended one that nobody has buried yet does not."""
    running = []
    for process in processes:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                running.append(process)
        except psutil.NoSuchProcess:
            continue
    return running


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    product = Product(tmp_path / "state", tmp_path / "log")
    product.start()
    yield product
    if product.process.poll() is None:
        product.process.terminate()
        product.process.wait(PATIENCE)


def test_product_mends_itself_and_leaves_nothing_behind(product: Product) -> None:
    a_second_one_on_the_same_port_says_so(product)
    a_dead_worker_is_replaced(product)
    ctrl_c_at_the_parent_alone_ends_all(product)
    product.start()
    ctrl_c_in_the_terminal_ends_all(product)
    product.start()
    without_the_web_all_ends(product)


def a_second_one_on_the_same_port_says_so(product: Product) -> None:
    second = subprocess.run(
        product.command(), env=product.environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert second.returncode == 2
    assert str(product.port) in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def a_dead_worker_is_replaced(product: Product) -> None:
    first = product.worker()
    assert first
    first.kill()
    until(lambda: (now := product.worker()) is not None and now.pid != first.pid)
    assert is_healthy(HERE, product.port)


def ctrl_c_at_the_parent_alone_ends_all(product: Product) -> None:
    everybody = product.family()
    assert product.database()
    product.process.send_signal(signal.SIGINT)
    assert product.process.wait(PATIENCE) == 0
    until(lambda: not alive(everybody))


def ctrl_c_in_the_terminal_ends_all(product: Product) -> None:
    everybody = product.family()
    os.killpg(product.process.pid, signal.SIGINT)
    assert product.process.wait(PATIENCE) == 0
    until(lambda: not alive(everybody))


def without_the_web_all_ends(product: Product) -> None:
    time.sleep(1.5)  # it notes its processes every second
    everybody = product.family()
    web = next(process for process in everybody if "granian" in process.cmdline())
    web.kill()
    assert product.process.wait(PATIENCE) == 1
    until(lambda: not alive(everybody))


def test_taken_port_is_told_before_anything_starts() -> None:
    with (
        socket.create_server((HERE, 0)) as taken,
        pytest.raises(CannotServeError, match=str(taken.getsockname()[1])),
    ):
        check_port(HERE, taken.getsockname()[1])
