"""A batch from its files to its tables: count pages, read them, write the tables."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from oko.engines.blanks.layout import place
from oko.engines.recognition.batch.journal import Journal, JournalBusyError
from oko.engines.recognition.batch.pool import Lost, Pool, PoolError
from oko.engines.recognition.batch.sources import Source
from oko.engines.recognition.batch.tables import Outputs, PlacedPages, Totals, write_tables
from oko.engines.recognition.batch.tasks import (
    Answer,
    Counted,
    FileJob,
    Kept,
    PageJob,
    Setup,
    Start,
    lost_page,
    prepare,
)

_MOST_IN_A_BLOCK = 8  # pages of one file go to one worker together: it keeps the file open
_FILES_IN_A_BLOCK = 32
_BLOCKS_OF_EACH = 4  # at least so many for each worker, so that none stands idle at the end


class BatchError(RuntimeError):
    """A batch that cannot go on; the message is a sentence in Russian. What was read is kept."""


class StoppedError(RuntimeError):
    """Ctrl-C: what was read is kept."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__()
        self.done, self.total = done, total


class Watcher(Protocol):
    """Who is told how a batch goes."""

    def resumed(self, done: int, begun_anew: str) -> None:
        """So many pages were finished earlier; or earlier work is of no use, and why."""

    def begins(self, total: int, done: int) -> None:
        """The pages are counted."""

    def page(self) -> None:
        """One more page is finished."""

    def ends(self) -> None:
        """No more pages come."""


@dataclass(frozen=True)
class Order:
    """What is to be done."""

    sources: tuple[Source, ...]
    setup: Setup
    out: Outputs
    workers: int
    patience_s: float = 300

    @property
    def journal(self) -> Path:
        return self.out.fields.with_name(f"{self.out.fields.name}.part")


def read_batch(order: Order, watcher: Watcher, start: Start | None = None) -> Totals:
    """Read all pages of all sources; each ends in a row of the tables.

    Args:
        start: makes a worker ready; by default the real reader.

    Raises:
        BatchError: the tables or pictures cannot be written, or no worker starts.
        StoppedError: interrupted by the user.
    """
    try:
        journal = Journal(order.journal, header_of(order))
    except JournalBusyError as error:
        raise BatchError(f"Таблицу «{order.out.fields}» сейчас пишет другая команда.") from error
    except OSError as error:
        raise _unwritten(order, error) from error
    try:
        return _read(order, journal, watcher, start or partial(prepare, order.setup))
    except OSError as error:
        raise _unwritten(order, error) from error
    except PoolError as error:
        raise BatchError(f"Чтение не запускается: {error}.") from error
    finally:
        journal.close()


def _unwritten(order: Order, error: OSError) -> BatchError:
    return BatchError(f"Не удалось записать «{error.filename or order.out.fields}»: {error.strerror}.")


def _read(order: Order, journal: Journal, watcher: Watcher, start: Start) -> Totals:
    if journal.finished or journal.begun_anew:
        watcher.resumed(journal.finished, journal.begun_anew)
    counts: list[int] = []
    done = 0
    try:
        with Pool[FileJob | PageJob, Answer](start, order.workers, order.patience_s) as pool:
            counts = _count_pages(pool, order, journal)
            done = sum(journal.has(*where) for where in _all_pages(counts))
            watcher.begins(sum(counts), done)
            for _ in _read_pages(pool, order, journal, counts):
                done += 1
                watcher.page()
            watcher.ends()
    except KeyboardInterrupt:
        raise StoppedError(done, sum(counts)) from None
    totals = write_tables(journal, order.sources, counts, _placed(order), order.out)
    journal.remove()
    return totals


def _count_pages(pool: Pool[FileJob | PageJob, Answer], order: Order, journal: Journal) -> list[int]:
    """How many pages each source has. A file that has none gets one, of which is said why."""
    counts = [1] * len(order.sources)
    jobs = [FileJob(number, str(source.path)) for number, source in enumerate(order.sources)]
    size = _block_size(len(jobs), order.workers, _FILES_IN_A_BLOCK)
    for job, answer in pool.run(_blocks(jobs, size)):
        match answer:
            case Counted(pages) if pages:
                counts[job.source] = pages
            case Counted(_, sentence):
                journal.add(job.source, 1, lost_page(job.source, 1, sentence))
            case Lost(why):
                journal.add(job.source, 1, lost_page(job.source, 1, f"Файл не открывается: {why}."))
    return counts


def _read_pages(
    pool: Pool[FileJob | PageJob, Answer], order: Order, journal: Journal, counts: Sequence[int]
) -> Iterator[None]:
    left = sum(not journal.has(*where) for where in _all_pages(counts))
    jobs = (
        PageJob(source, page, str(order.sources[source].path), order.sources[source].folder)
        for source, page in _all_pages(counts)
        if not journal.has(source, page)
    )
    size = _block_size(left, order.workers, _MOST_IN_A_BLOCK)
    for job, answer in pool.run(_blocks(jobs, size)):
        match job, answer:
            case _, Kept(_, trouble) if trouble:
                raise BatchError(trouble)
            case PageJob(source, page), Kept(line):
                journal.add(source, page, line)
            case PageJob(source, page), Lost(why):
                journal.add(source, page, lost_page(source, page, f"Страница не читается: {why}."))
        yield


def _all_pages(counts: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((source, page) for source, count in enumerate(counts) for page in range(1, count + 1))


def _block_size(jobs: int, workers: int, most: int) -> int:
    return max(1, min(most, jobs // (workers * _BLOCKS_OF_EACH)))


def _blocks(jobs: Iterable[FileJob | PageJob], size: int) -> Iterator[Sequence[FileJob | PageJob]]:
    block: list[FileJob | PageJob] = []
    for job in jobs:
        block.append(job)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


# What the tables follow from -------------------------------------------------------------------------------


def header_of(order: Order) -> dict[str, str]:
    """Whatever a changed value of makes earlier pages worthless."""
    definitions = sorted(
        f"{one.blank}.{one.version}={_digest(one.model_dump_json())}" for one in order.setup.definitions
    )
    sources = "\n".join(f"{one.name}\0{one.size}\0{one.changed_ns}" for one in order.sources)
    key = order.setup.key
    return {
        "oko": version("oko"),
        "definitions": " ".join(definitions),
        "key": hmac.digest(key, b"oko blank read", "sha256").hex() if key else "",
        "sources": _digest(sources),
        "crops": str(order.setup.crops or ""),
        "overlay": str(order.setup.overlay or ""),
        "matches": _digest(repr(sorted(order.setup.matches.items()))),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _placed(order: Order) -> PlacedPages:
    return {
        (one.blank, one.version, page.number): page for one in order.setup.definitions for page in place(one)
    }
