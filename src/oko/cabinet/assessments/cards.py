"""The home page of school staff: what to do now, by when, what is wrong, what is done.

A school may have two dozen papers. So its steps are put together by what is to be done with them: one card of
what is wrong, one of what is due, one of what comes soon, one of what is done — each with its list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.assessments import queries, words
from oko.cabinet.assessments.deadlines import WindowState
from oko.cabinet.assessments.links import action_link
from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep, StepProgress
from oko.cabinet.assessments.queries import OwnStep
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.registry import HomeCard, Urgency
from oko.cabinet.organisations.models import Organisation

#: What opens later than this is not «soon», unless nothing else comes before.
SOON = timedelta(days=14)
#: So many closed steps are named before it is said who can open them again.
SHUT_LINES = 4


@dataclass(frozen=True, slots=True)
class Wording:
    """How an action is called on cards."""

    due: str | Promise
    wrong: str | Promise
    soon: str | Promise
    sent: str | Promise
    done: str | Promise
    button: str | Promise


WORDING = {
    RoadmapStep.Action.RESULTS_PROTOCOL: Wording(
        due=gettext_lazy("Загрузите электронные протоколы"),
        wrong=gettext_lazy("Исправьте или дошлите протоколы"),
        soon=gettext_lazy("Скоро: электронные протоколы"),
        sent=gettext_lazy("Протоколы проверяются"),
        done=gettext_lazy("Протоколы приняты"),
        button=gettext_lazy("К протоколам"),
    ),
    RoadmapStep.Action.RECEIVE_REPORT: Wording(
        due=gettext_lazy("Получите отчёты"),
        wrong=gettext_lazy("Отчёты не получены в срок"),
        soon=gettext_lazy("Скоро: отчёты"),
        sent=gettext_lazy("Отчёты готовятся"),
        done=gettext_lazy("Отчёты получены"),
        button=gettext_lazy("К отчётам"),
    ),
    RoadmapStep.Action.READ: Wording(
        due=gettext_lazy("Ознакомьтесь с материалами"),
        wrong=gettext_lazy("Ознакомление не подтверждено в срок"),
        soon=gettext_lazy("Скоро: материалы для ознакомления"),
        sent=gettext_lazy("Ознакомление проверяется"),
        done=gettext_lazy("Ознакомление подтверждено"),
        button=gettext_lazy("К материалам"),
    ),
}


def own_cards(acting: Acting, rows: Sequence[OwnStep], at: datetime) -> list[HomeCard]:
    """Cards of what this person's own organisation has to do."""
    mine = [r for r in rows if r.is_mine and (r.own.is_school or r.step.paper_id is None)]
    mine.sort(key=lambda row: str(row.step.action))
    cards = []
    for action, group in groupby(mine, key=lambda row: row.step.action):
        cards += _action_cards(acting, RoadmapStep.Action(action), list(group), at)
    return cards


def _action_cards(
    acting: Acting, action: RoadmapStep.Action, rows: Sequence[OwnStep], at: datetime
) -> list[HomeCard]:
    wording = WORDING[action]
    wrong = [r for r in rows if r.is_wrong and r.term.state is not WindowState.CLOSED]
    shut = [r for r in rows if r.is_wrong and r.term.state is WindowState.CLOSED]
    rest = [r for r in rows if not r.is_wrong and not r.is_sent]
    due = sorted((r for r in rest if r.term.state is WindowState.OPEN), key=lambda row: row.term.closes)
    paused = [r for r in rest if r.term.state is WindowState.PAUSED]
    sent = [r for r in rows if r.cell.state == StepProgress.State.SUBMITTED]
    done = [r for r in rows if r.cell.state == StepProgress.State.DONE]
    cards = []
    if wrong:
        first = min(wrong, key=lambda row: row.term.late_until or row.term.closes)
        lines = [f"{r.step.short_title} — {trouble(r)}" for r in wrong]
        cards.append(_card(acting, wording.wrong, wrong, lines, Urgency.WRONG, first, at))
    if shut:
        lines = [f"{r.step.short_title} — {_shut(r)}" for r in shut]
        lines.insert(SHUT_LINES, _("Открыть снова может региональный координатор."))
        cards.append(_card(acting, _("Срок прошёл, приём закрыт"), shut, lines, Urgency.WRONG, None, at))
    if due:
        cards.append(_card(acting, wording.due, due, _due_lines(due), Urgency.DUE, due[0], at))
    if paused:
        lines = [f"{r.step.short_title} — {r.label.text}" for r in paused]
        cards.append(_card(acting, _("Приостановлено"), paused, lines, Urgency.WAITING, None, at))
    soon = _soon(rest, at)
    if soon:
        lines = [f"{r.step.short_title} — {r.label.text}" for r in soon]
        cards.append(_card(acting, wording.soon, soon, lines, Urgency.WAITING, None, at))
    if sent:
        titles = [r.step.short_title for r in sent]
        cards.append(_card(acting, wording.sent, sent, titles, Urgency.WAITING, None, at))
    if done:
        title = f"{wording.done}: {_('%(done)s из %(all)s') % {'done': len(done), 'all': len(rows)}}"
        text = words.listed([r.step.short_title for r in done], 4)
        cards.append(HomeCard(title, text, Urgency.DONE, reverse("roadmap"), _("Посмотреть план-график")))
    return cards


def trouble(row: OwnStep) -> str:
    """What is wrong with a step that still can be mended, and until when, as short as a line of a list."""
    if row.cell.state == StepProgress.State.HAS_FINDINGS:
        what = row.cell.note or _("есть замечания")
    elif row.cell.state == StepProgress.State.RETURNED:
        what = _("возвращён") + (f": {row.cell.note}" if row.cell.note else "")
    else:
        what = _("нет данных")
    term = row.term.late_until if row.term.state is WindowState.LATE else row.term.closes
    if term is None or not row.term.accepts:
        return f"{what}; {row.label.text}"
    late = _("с опозданием до") if row.term.state is WindowState.LATE else _("до")
    return f"{what}, {late} {short_moment(term, row)}"


def short_moment(moment: datetime, row: OwnStep) -> str:
    """Day and time on the organisation's clock; the zone stands once below the list."""
    return f"{moment.astimezone(ZoneInfo(row.own.time_zone)):%d.%m, %H:%M}"


def _shut(row: OwnStep) -> str:
    what = {"has_findings": _("остались замечания"), "returned": _("возвращён и не исправлен")}
    return what.get(row.cell.state, _("нет данных"))


def _due_lines(due: Sequence[OwnStep]) -> list[str]:
    """Titles alone where all have the same deadline, else each with its own."""
    if len({row.term.closes for row in due}) == 1:
        return [row.step.short_title for row in due]
    return [f"{row.step.short_title} — {_('до')} {short_moment(row.term.closes, row)}" for row in due]


def _soon(rows: Sequence[OwnStep], at: datetime) -> list[OwnStep]:
    coming = sorted(
        (row for row in rows if row.term.state is WindowState.NOT_OPEN), key=lambda row: row.term.opens
    )
    near = [row for row in coming if row.term.opens - at <= SOON]
    return near or coming[:1]


def _card(
    acting: Acting,
    title: str | Promise,
    rows: Sequence[OwnStep],
    lines: Sequence[str],
    urgency: Urgency,
    nearest: OwnStep | None,
    at: datetime,
) -> HomeCard:
    """One card for some steps of one action: a single step under its own name, several under the action's."""
    step = rows[0].step
    wording = WORDING[RoadmapStep.Action(step.action)]
    url = rows[0].link if len(rows) == 1 else None
    by_when = _nearest_term(nearest, at) if nearest else ""
    if len(rows) == 1:
        text = "\n".join(lines) if urgency is not Urgency.DUE else step.instructions or str(title)
        title = step.title if urgency is Urgency.DUE else title
    else:
        title, text = f"{title}: {len(rows)}", words.listed(lines)
        if by_when and len({row.term.closes for row in rows}) > 1:
            by_when = f"{_('Ближайший срок:')} {by_when}"
    return HomeCard(
        title=str(title),
        text=text,
        urgency=urgency,
        url=url or action_link(step.action, acting),
        action=str(wording.button),
        deadline=nearest.term.closes if nearest else None,
        deadline_text=by_when,
    )


def _nearest_term(row: OwnStep, at: datetime) -> str:
    return words.deadline(row.term, row.step, row.own, at)


# Those who have nothing to send -----------------------------------------------------------------------------


def looking_on_cards(acting: Acting, rows: Sequence[OwnStep], own: Organisation) -> list[HomeCard]:
    """For teachers, room organisers and observers of a school: when it writes, and how far its
    protocols are.
    """
    cards = []
    coming = _coming_papers(acting, own)
    if coming:
        text = words.listed(f"{paper.date:%d.%m.%Y} — {paper}" for paper in coming)
        cards.append(
            HomeCard(_("Ближайшие работы"), text, Urgency.INFORMATION, reverse("assessment"), _("О работах"))
        )
    protocols = [r for r in rows if r.step.action == RoadmapStep.Action.RESULTS_PROTOCOL]
    if protocols and not any(r.is_mine for r in protocols):
        done = sum(r.cell.state == StepProgress.State.DONE for r in protocols)
        text = _("Принято протоколов: %(done)s из %(all)s.") % {"done": done, "all": len(protocols)}
        cards.append(
            HomeCard(
                _("Результаты вашей организации"),
                text,
                Urgency.INFORMATION,
                reverse("roadmap"),
                _("План-график"),
            )
        )
    return cards


def _coming_papers(acting: Acting, own: Organisation) -> list[Paper]:
    written = Participation.objects.visible_to(acting).filter(organisation=own).values("paper_id")
    today = now(queries.assessment_of(acting)).date()
    return list(
        Paper.objects.visible_to(acting).filter(pk__in=written, date__gte=today).order_by("date", "grade")
    )


# News and documents -----------------------------------------------------------------------------------------


def publication_cards(acting: Acting, at: datetime) -> list[HomeCard]:
    """What has been published lately, for everybody."""
    cards = []
    news = list(queries.news(acting).filter(published_at__gte=at - queries.FRESH)[:5])
    if news:
        text = words.listed((f"{n.published_at:%d.%m} — {n.title}" for n in news), 4)
        cards.append(HomeCard(_("Новости"), text, Urgency.INFORMATION, reverse("publications"), _("Читать")))
    fresh = queries.documents(acting).filter(published_at__gte=at - queries.FRESH)[:20]
    documents = [d for d in fresh if not d.is_for(acting)]  # those to be confirmed have a card of their own
    if documents:
        text = words.listed(d.title for d in documents)
        url = reverse("publications") + "#documents"
        cards.append(HomeCard(_("Новые документы"), text, Urgency.INFORMATION, url, _("К документам")))
    return cards
