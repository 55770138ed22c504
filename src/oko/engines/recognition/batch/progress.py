"""How far a batch is, on standard error: a line that is drawn over itself, or plain lines in a file."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_BAR = 30
_REDRAWN_S = 0.2
_LINE_S = 10.0  # in a file: a line so often


class Progress:
    """Pages done of all, pages a second, time left.

    Args:
        done: pages that an earlier run has finished; they do not count in the speed.
    """

    def __init__(self, total: int, done: int = 0, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._on_terminal = self._stream.isatty()
        self._total, self._done, self._before = total, done, done
        self._told = -1
        self._began = self._shown = time.monotonic()

    def step(self) -> None:
        """One more page."""
        self._done += 1
        now = time.monotonic()
        if now - self._shown >= (_REDRAWN_S if self._on_terminal else _LINE_S):
            self._shown = now
            self._show(now)

    def finish(self) -> None:
        """The last state, and the end of the line."""
        if self._done != self._told:
            self._show(time.monotonic())
        if self._on_terminal:
            self._stream.write("\n")
            self._stream.flush()

    def _show(self, now: float) -> None:
        self._told = self._done
        took, pages = now - self._began, self._done - self._before
        speed = pages / took if took > 0 else 0.0
        text = f"{self._done} из {self._total} страниц"
        if pages:
            text += f", {speed:.1f} в секунду"
        if pages and self._done < self._total:
            text += f", осталось {_clock((self._total - self._done) / speed)}"
        if self._on_terminal:
            filled = _BAR * self._done // max(1, self._total)
            self._stream.write(f"\r[{'#' * filled}{'.' * (_BAR - filled)}] {text}\x1b[K")
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
