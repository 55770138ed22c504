"""The home page of those who supervise: whom to call, by when, and where it will fail.

Up to four steps have a card each. More are put together: what is over, the three nearest deadlines,
the rest, what
is not open yet, what is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from oko.cabinet.assessments import board, progress, words
from oko.cabinet.assessments.deadlines import Window
from oko.cabinet.assessments.models import RoadmapStep
from oko.cabinet.assessments.progress import Counts
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.registry import HomeCard, Urgency
from oko.cabinet.organisations.models import Organisation

SEPARATE_STEPS = 4
SEPARATE_DEADLINES = 3
MOST_NAMED = 3
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Followed:
    """One step as the acting person follows it."""

    step: RoadmapStep
    term: Window
    counts: Counts

    @property
    def urgency(self) -> Urgency:
        if not self.counts.missing:
            return Urgency.DONE
        if self.term.has_opened and self.counts.behind:
            return Urgency.WRONG if self.term.is_overdue else Urgency.DUE
        return Urgency.WAITING


def coordinator_cards(acting: Acting, own: Organisation, at: datetime) -> list[HomeCard]:
    steps = progress.board_steps(acting)
    windows = board.Windows(steps, at)
    shown = board.board(acting, board.Wanted(under=own), steps, windows)
    followed = [
        Followed(step, windows.of(step, own), counts)
        for step, counts in zip(shown.steps, shown.by_step, strict=True)
        if counts.expected
    ]
    if not followed:
        return []
    if not may(acting, "assessments.call"):
        return [_overview(shown)]
    return [_card(bundle, shown, own, at) for bundle in _bundles(followed)]


def _bundles(followed: Sequence[Followed]) -> list[list[Followed]]:
    if len(followed) <= SEPARATE_STEPS:
        return [[one] for one in followed]
    bundles = []
    for urgency in Urgency:
        some = [one for one in followed if one.urgency is urgency]
        if urgency is Urgency.DUE:
            some.sort(key=lambda one: one.term.closes)
            by_deadline = [list(group) for _closes, group in groupby(some, key=lambda one: one.term.closes)]
            bundles += by_deadline[:SEPARATE_DEADLINES]
            some = [one for group in by_deadline[SEPARATE_DEADLINES:] for one in group]
        if some:
            bundles.append(some)
    return bundles


def _card(bundle: Sequence[Followed], shown: board.Board, own: Organisation, at: datetime) -> HomeCard:
    urgency = bundle[0].urgency
    total = progress.overall(one.counts for one in bundle)
    steps = {one.step.pk for one in bundle}
    text = board.counted(total)
    calls = urgency in (Urgency.WRONG, Urgency.DUE)
    if calls:
        text += "\n" + _whom(shown, steps)
    query = {"state": "behind"} if calls else {}
    if len(bundle) == 1:
        query["step"] = str(bundle[0].step.pk)
    nearest = min(bundle, key=lambda one: one.term.closes)
    return HomeCard(
        title=_title(bundle, urgency),
        text=text,
        urgency=urgency,
        url=reverse("call-list" if calls else "board") + (f"?{urlencode(query)}" if query else ""),
        action=_("Кому звонить") if calls else _("Ход работ"),
        deadline=nearest.term.closes if urgency is not Urgency.DONE else None,
        deadline_text=_term(bundle, nearest, urgency, own, at),
    )


def _title(bundle: Sequence[Followed], urgency: Urgency) -> str:
    if len(bundle) == 1:
        return bundle[0].step.title
    titles = {
        Urgency.WRONG: _("Срок прошёл, не всё прислано: шагов %s"),
        Urgency.DUE: _("Идёт приём: шагов %s"),
        Urgency.WAITING: _("Ещё не открыто, приостановлено или проверяется: шагов %s"),
        Urgency.DONE: _("Всё принято: шагов %s"),
    }
    return titles[urgency] % len(bundle)


def _term(
    bundle: Sequence[Followed], nearest: Followed, urgency: Urgency, own: Organisation, at: datetime
) -> str:
    if urgency is Urgency.DONE or (urgency is not Urgency.DUE and len(bundle) > 1):
        return ""
    text = words.deadline(nearest.term, nearest.step, own, at)
    several = len({one.term.closes for one in bundle}) > 1
    return f"{_('Ближайший срок:')} {text}" if several and urgency is Urgency.DUE else text


def _whom(shown: board.Board, steps: set[int]) -> str:
    """Those with most missing, each in its line, and how many more there are."""
    behind = []
    for row in shown.rows:
        number = sum(part.behind for step, part in row.behind.items() if step.pk in steps)
        if number:
            behind.append(
                (-number, row.organisation.sort_key, f"{shortened(row.organisation.short_name)} — {number}")
            )
    behind.sort()
    return _("Больше всего не хватает:") + "\n" + words.listed((line for *_key, line in behind), MOST_NAMED)


def shortened(name: str) -> str:
    """A name that fits into a card: the middle goes, since the number of a school stands at its end."""
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half].rstrip()}…{name[-half:].lstrip()}"


def _overview(shown: board.Board) -> HomeCard:
    """For an analyst: where the collection stands, without anything to do."""
    return HomeCard(
        title=_("Ход сбора данных"),
        text=board.headline(shown.total),
        urgency=Urgency.INFORMATION,
        url=reverse("board"),
        action=_("Ход работ"),
    )
