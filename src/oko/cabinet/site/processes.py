"""Several processes kept as one: started together, watched, and ended together with all they have started."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

import psutil

TICK = 0.2  # seconds between looks at the processes
LOOK_EVERY = 1.0  # seconds between walks over all processes
GRACE = 8.0  # seconds in which a process may finish what it is doing
LONGEST_PAUSE = 30.0  # seconds before a process that keeps dying is started again


@dataclass
class Member:
    """One process. With `vital`, its end is the end of all; otherwise it is started again."""

    name: str
    command: Sequence[str]
    vital: bool
    environment: Mapping[str, str] | None = None  # its own; without, that of this process
    process: subprocess.Popen[bytes] | None = None
    pause: float = 1.0
    start_again_at: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=self.environment)  # noqa: S603  # our own programs
        self.start_again_at = 0.0

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def stop_on_signals() -> threading.Event:
    """An event that Ctrl-C, a polite kill and a closed terminal set; it replaces what they did before."""
    stop = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in _endings():
        signal.signal(number, note)
    return stop


def exit_on_signals() -> None:
    """While preparing: leave in order, so that the embedded database stops too."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in _endings():
        signal.signal(number, leave)


def _endings() -> list[signal.Signals]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def keep_running(
    members: Sequence[Member],
    stop: threading.Event,
    *,
    ready: Callable[[], bool],
    announce: Callable[[], None],
    say: Callable[[str], None],
    end_with_parent: bool = False,
) -> int:
    """Run all members until `stop` is set or a vital one dies; returns the exit code.

    `announce` is called once, when `ready` first says yes. With `end_with_parent` all ends too when the
    process that started this one is gone (a `make` that was killed).
    """
    parent = os.getppid()
    announced = False
    family = Family(members)
    try:
        for member in members:
            member.start()
        while not stop.wait(TICK):
            family.look()
            for member in members:
                if not member.running and member.vital:
                    say(f"Остановился процесс «{member.name}»: работа завершается.")
                    return 1
                _look_after(member, say)
            if not announced and ready():
                announced = True
                announce()
            if end_with_parent and os.getppid() != parent:
                return 0
        return 0
    finally:
        family.look(at_once=True)
        family.end()


def _look_after(member: Member, say: Callable[[str], None]) -> None:
    """Start a dead member again, the later the oftener it has died."""
    if member.running:
        return
    now = time.monotonic()
    if not member.start_again_at:
        say(f"Остановился процесс «{member.name}»: запускаю снова.")
        member.start_again_at = now + member.pause
        member.pause = min(member.pause * 2, LONGEST_PAUSE)
    elif now >= member.start_again_at:
        member.start()


class Family:
    """The members and all processes below them, also those whose own parent has died since."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members
        self._known: set[psutil.Process] = set()
        self._looked_at = 0.0

    def look(self, *, at_once: bool = False) -> None:
        """Note who is there; not at every call, since it costs a walk over all processes of the machine."""
        if not at_once and time.monotonic() - self._looked_at < LOOK_EVERY:
            return
        self._known = {process for process in self._known if process.is_running()}
        for member in self._members:
            if member.process is not None and member.running:
                with suppress(psutil.NoSuchProcess):
                    head = psutil.Process(member.process.pid)
                    self._known.update((head, *head.children(recursive=True)))
        self._looked_at = time.monotonic()

    def end(self) -> None:
        """Ask everybody to end, wait a little, and end those that do not."""
        for process in self._known:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        _gone, stubborn = psutil.wait_procs(self._known, timeout=GRACE)
        for process in stubborn:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(stubborn, timeout=GRACE)
