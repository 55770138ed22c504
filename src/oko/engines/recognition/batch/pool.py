"""Processes that work through jobs, of which any may die without taking more than its own job along.

The standard pools give up when a worker is killed (`ProcessPoolExecutor`: BrokenProcessPool) or wait for it
without end (`multiprocessing.Pool`). Here each worker has its own pipe: the parent knows which job it was at.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")

_BLOCKS_AHEAD = 2  # of each worker: one in work, one at hand
_TRIES = 2  # of a job at which a worker dies: it may have been killed for what a neighbour took
_STARTS = 3  # of a worker, in vain
_LOOK_ROUND_S = 1.0
_FIRST_TO_KILL = 500  # of 1000: when memory ends, the system should end a worker and not the parent
_READY = b"ready"
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Lost(NamedTuple):
    """Instead of an answer: the job could not be done, in Russian why."""

    why: str


class PoolError(RuntimeError):
    """No worker starts."""


class _Hand(Generic[Job]):
    """One worker process as the parent knows it."""

    def __init__(self, start: Callable[[], Callable[[Any], Any]]) -> None:
        # Not forked: a worker begins without the parent's locks, open files and threads, the same everywhere.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, start), daemon=True)
        with _interrupts_ignored(), _one_thread():  # a worker inherits both from its first instruction on
            self.process.start()
        theirs.close()
        self.blocks: deque[deque[Job]] = deque()
        self.is_ready = False
        self.is_late = False
        self.heard_of = time.monotonic()

    def take(self, block: Sequence[Job]) -> bool:
        """Hand a block over; the worker may have died meanwhile."""
        if not self.blocks:
            self.heard_of = time.monotonic()
        try:
            self.connection.send(list(block))
        except OSError:
            return False
        self.blocks.append(deque(block))
        return True

    def answered(self) -> Job:
        """The job that an answer belongs to: jobs are answered in turn."""
        job = self.blocks[0].popleft()
        if not self.blocks[0]:
            self.blocks.popleft()
        return job

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.join()

    def last_words(self, patience_s: float) -> str:
        if self.is_late:
            return f"страница читалась дольше {patience_s:g} с"
        self.process.join(timeout=5)
        code = self.process.exitcode or 0
        return f"программа чтения прервалась (сигнал {-code})" if code < 0 else "программа чтения прервалась"


class Pool(Generic[Job, Answer]):
    """So many workers, each made ready by `start`, which returns what answers a job."""

    def __init__(
        self, start: Callable[[], Callable[[Job], Answer]], workers: int, patience_s: float = 300
    ) -> None:
        self._start = start
        self._workers = workers
        self._patience_s = patience_s
        self._hands: list[_Hand[Job]] = []
        self._starts_in_vain = 0

    def __enter__(self) -> Pool[Job, Answer]:
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self._hands:
            hand.end()
        self._hands.clear()

    def run(self, blocks: Iterable[Sequence[Job]]) -> Iterator[tuple[Job, Answer | Lost]]:
        """Each job with its answer, as they come. Blocks are taken from `blocks` only as workers need them.

        Raises:
            PoolError: workers die before they are ready.
        """
        coming = iter(blocks)
        again: deque[Sequence[Job]] = deque()
        deaths: Counter[Job] = Counter()
        while self._hand_out(coming, again):
            for hand in self._heard():
                try:
                    answer = hand.connection.recv()
                except (EOFError, OSError):
                    yield from self._bury(hand, again, deaths)
                    continue
                hand.heard_of = time.monotonic()
                if hand.is_ready:
                    yield hand.answered(), answer
                else:
                    hand.is_ready = True
                    self._starts_in_vain = 0

    def _hand_out(self, coming: Iterator[Sequence[Job]], again: deque[Sequence[Job]]) -> bool:
        """Keep each worker supplied; whether any has something to do."""
        for rank in range(_BLOCKS_AHEAD):
            for place in range(self._workers):
                if place < len(self._hands) and len(self._hands[place].blocks) > rank:
                    continue
                block = again.popleft() if again else next(coming, None)
                if block is None:
                    return any(hand.blocks for hand in self._hands)
                if place >= len(self._hands):
                    self._hands.append(_Hand(self._start))
                    place = len(self._hands) - 1
                if not self._hands[place].take(block):
                    again.appendleft(block)
        return True

    def _heard(self) -> Iterator[_Hand[Job]]:
        """Workers that said something or died; one that is silent for too long is ended."""
        by_connection = {hand.connection: hand for hand in self._hands}
        for connection in wait(list(by_connection), _LOOK_ROUND_S):
            if isinstance(connection, Connection):
                yield by_connection[connection]
        for hand in self._hands:
            if hand.blocks and time.monotonic() - hand.heard_of > self._patience_s and not hand.is_late:
                hand.is_late = True
                hand.process.kill()

    def _bury(
        self, hand: _Hand[Job], again: deque[Sequence[Job]], deaths: Counter[Job]
    ) -> Iterator[tuple[Job, Lost]]:
        """A worker died: what it was at is tried once more, alone; what it had not begun goes to others."""
        why = hand.last_words(self._patience_s)
        self._hands.remove(hand)
        hand.end()
        if not hand.is_ready:
            self._starts_in_vain += 1
            if self._starts_in_vain >= _STARTS * self._workers:
                raise PoolError(why)
            again.extend(tuple(block) for block in hand.blocks)
            return
        if not hand.blocks:
            return
        job = hand.answered()
        again.extend(tuple(block) for block in hand.blocks)
        deaths[job] += 1
        if deaths[job] < _TRIES and not hand.is_late:
            again.appendleft((job,))
        else:
            yield job, Lost(why)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there may signals be set
        yield
        return
    kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, kept)


@contextmanager
def _one_thread() -> Iterator[None]:
    """A worker is one core: threads inside of a product of matrices would only wait for each other."""
    kept = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


# In the worker --------------------------------------------------------------------------------------------


def _serve(connection: Any, start: Callable[[], Callable[[Any], Any]]) -> None:
    """Answer jobs until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    with suppress(OSError), Path("/proc/self/oom_score_adj").open("w") as file:
        file.write(str(_FIRST_TO_KILL))
    answer = start()
    _silence_libraries()
    with suppress(EOFError, OSError):
        connection.send(_READY)
        while True:
            for job in connection.recv():
                connection.send(answer(job))


def _silence_libraries() -> None:
    """Decoders write warnings to descriptor 2 on their own: into the progress bar, and by the thousand."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
