"""How far a batch is: a bar on a terminal, plain lines in a file."""

from __future__ import annotations

import io

import pytest

from oko.engines.recognition.batch import progress
from oko.engines.recognition.batch.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that shows what stands in the list."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_terminal_shows_a_bar_with_speed_and_time_left(clock: list[float]) -> None:
    stream = Terminal()
    bar = Progress(100, done=50, stream=stream)
    for _ in range(25):
        clock[0] += 0.125
        bar.step()
    assert "74 из 100 страниц, 8.0 в секунду, осталось 0:03" in stream.getvalue().split("\r")[-1]
    assert f"[{'#' * 22}{'.' * 8}]" in stream.getvalue()
    assert "\n" not in stream.getvalue()
    bar.finish()
    assert stream.getvalue().endswith("\n")


def test_a_file_gets_few_plain_lines(clock: list[float]) -> None:
    stream = io.StringIO()
    bar = Progress(40_000, stream=stream)
    for _ in range(960):
        clock[0] += 0.0625
        bar.step()
    bar.finish()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 6  # the last state is not said twice
    assert lines[-1] == "960 из 40000 страниц, 16.0 в секунду, осталось 40:40"
    assert "\r" not in stream.getvalue()


def test_nothing_to_read_is_no_division_by_zero(clock: list[float]) -> None:
    stream = Terminal()
    Progress(0, stream=stream).finish()
    assert "0 из 0 страниц" in stream.getvalue()
