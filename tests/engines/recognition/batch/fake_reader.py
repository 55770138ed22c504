"""A reader for batches without pictures: a «scan» is a text, each line a page.

40001 A B     page of participant 40001 with these values
cat           a page that is rejected
die           the worker is killed
die-once FILE the worker is killed if FILE is not there, and makes it; else like `40009 A`
hang          an answer never comes
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from oko.engines.blanks.page_code import PageCode
from oko.engines.recognition.batch.record import CellRecord, FieldRecord, PageRecord, to_line
from oko.engines.recognition.batch.tasks import Answer, Counted, FileJob, Kept, PageJob


def start() -> Callable[[FileJob | PageJob], Answer]:
    return answer


def start_slowly() -> Callable[[FileJob | PageJob], Answer]:
    """Twenty pages a second."""

    def slow(job: FileJob | PageJob) -> Answer:
        time.sleep(0.05 if isinstance(job, PageJob) else 0)
        return answer(job)

    return slow


def start_in_vain() -> Callable[[FileJob | PageJob], Answer]:
    os._exit(1)


def answer(job: FileJob | PageJob) -> Answer:
    return page(job) if isinstance(job, PageJob) else _counted(job)


def page(job: PageJob) -> Kept:
    return Kept(to_line(_page(job, _lines(job.path)[job.page - 1].split())))


def _counted(job: FileJob) -> Counted:
    lines = _lines(job.path)
    return Counted(len(lines), "" if lines else "Файл пуст.")


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _page(job: PageJob, words: list[str]) -> PageRecord:
    match words:
        case ["cat"]:
            return PageRecord(job.source, job.page, "no code", "Кода нет.")
        case ["die"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["die-once", file] if not Path(file).exists():
            Path(file).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        case ["die-once", _]:
            return _page(job, ["40009", "A"])
        case ["hang"]:
            time.sleep(600)
    serial, *values = words
    cells = tuple(CellRecord(value, 0.999, value == "?", "marked") for value in values)
    code = PageCode("vpr-2026", "answers-1", 1, 1, "edu640001", serial)
    field = FieldRecord("a1", "marks", "answered", cells)
    return PageRecord(job.source, job.page, "", "", code, "O1*", 0, 300.0, 0.9, (), (field,))
