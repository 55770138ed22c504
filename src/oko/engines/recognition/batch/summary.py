"""A batch told to people on standard error: how it goes, and what is to be done after it."""

from __future__ import annotations

from collections.abc import Callable

from oko.engines.recognition.batch.progress import Progress
from oko.engines.recognition.batch.tables import Totals
from oko.engines.recognition.model import REASONS_RU, Reason

Say = Callable[[str], None]


class Told:
    """Watches a batch and says in Russian how it goes."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._progress: Progress | None = None

    def resumed(self, done: int, begun_anew: str) -> None:
        if begun_anew:
            self._say(f"Чтение начато заново: {begun_anew}.")
        else:
            self._say(f"Продолжение: готово страниц — {done}.")

    def begins(self, total: int, done: int) -> None:
        self._progress = Progress(total, done)

    def page(self) -> None:
        if self._progress:
            self._progress.step()

    def ends(self) -> None:
        if self._progress:
            self._progress.finish()


def tell_totals(totals: Totals, say: Say) -> None:
    """What was read, what was not and why, and what waits for people."""
    say(f"Страниц: {totals.pages}, прочитано: {totals.read}, отклонено: {totals.pages - totals.read}.")
    for reason, count in totals.reasons.most_common():
        say(f"  {count} — {REASONS_RU[Reason(reason)]} Например: {totals.examples[reason]}.")
    for sentence in totals.unreadable:
        say(f"  {sentence}")
    if totals.to_people:
        share = totals.to_people / totals.cells
        say(
            f"На проверку человеку: клеток {totals.to_people} из {totals.cells} ({share:.2%}), "
            f"страниц с ними — {totals.pages_to_people}. В таблице полей у них review = 1."
        )
    elif totals.cells:
        say(f"Клеток: {totals.cells}, проверять вручную нечего.")
