"""Deadlines and counts in the words of the people who read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.assessments.deadlines import Window, WindowState
from oko.cabinet.assessments.models import RoadmapStep, StepException
from oko.cabinet.foundation.russian import plural
from oko.cabinet.foundation.templatetags.oko import show_moment, until
from oko.cabinet.foundation.wallclock import MOSCOW
from oko.cabinet.organisations.models import Organisation

#: What an organisation may do while a step is open, after «сможет».
ABLE_TO = {
    RoadmapStep.Action.RESULTS_PROTOCOL: gettext_lazy("загружать протокол"),
    RoadmapStep.Action.RECEIVE_REPORT: gettext_lazy("получать отчёт"),
    RoadmapStep.Action.READ: gettext_lazy("подтверждать ознакомление"),
}


@dataclass(frozen=True, slots=True)
class Label:
    """A state in words, with the colour class and the sign that go with it."""

    text: str
    css: str
    sign: str = ""


def on_clocks(moment: datetime, own: ZoneInfo, *, moscow: bool) -> str:
    """«20.05.2026, 22:00 по Новосибирску (18:00 по Москве)»: the own clock first, then Moscow's if asked."""
    text = show_moment(moment, own)
    there, here = moment.astimezone(MOSCOW), moment.astimezone(own)
    if not moscow or there.utcoffset() == here.utcoffset():
        return text
    shown = f"{there:%H:%M}" if there.date() == here.date() else f"{there:%d.%m.%Y, %H:%M}"
    return f"{text} ({shown} {_('по Москве')})"


def for_step(moment: datetime, step: RoadmapStep, organisation: Organisation) -> str:
    """A moment of a step on the organisation's clock, and on Moscow's where the step follows it."""
    moscow = step.zone_rule == RoadmapStep.ZoneRule.MOSCOW
    return on_clocks(moment, ZoneInfo(organisation.time_zone), moscow=moscow)


def window_label(window: Window, step: RoadmapStep, organisation: Organisation) -> Label:
    """What holds for the organisation now: one plain deadline, late, closed or paused."""
    if window.state is WindowState.NOT_OPEN:
        return Label(_("откроется %s") % for_step(window.opens, step, organisation), "none")
    if window.state is WindowState.OPEN:
        return Label(_("до %s") % for_step(window.closes, step, organisation), "due")
    if window.state is WindowState.LATE and window.late_until:
        return Label(
            _("принимается с опозданием до %s") % for_step(window.late_until, step, organisation), "bad"
        )
    if window.state is WindowState.PAUSED and window.exception:
        term = window.exception.until
        ends = _(" (до %s)") % for_step(term, step, organisation) if term else ""
        return Label(_("приостановлено: %s") % window.exception.reason + ends, "wait")
    return Label(_("закрыто %s") % for_step(window.late_until or window.closes, step, organisation), "bad")


def deadline(window: Window, step: RoadmapStep, organisation: Organisation, at: datetime) -> str:
    """The deadline for a card: «до 20.05.2026, 18:00 по Саратову — осталось 2 ч 10 мин»."""
    text = window_label(window, step, organisation).text
    if window.state is WindowState.OPEN:
        return f"{text} — {until(window.closes, at)}"
    if window.state is WindowState.LATE and window.late_until:
        return f"{text} — {until(window.late_until, at)}"
    return text


def consequence(
    step: RoadmapStep, organisation: Organisation, kind: str, term: datetime | None, below: int
) -> str:
    """What an exception will do, in one sentence, before it is done."""
    words = {
        "who": organisation.short_name,
        "able": _("сможет") if kind != StepException.Kind.PAUSE else _("не сможет"),
        "doing": ABLE_TO[RoadmapStep.Action(step.action)],
        "until": on_clocks(term, ZoneInfo(organisation.time_zone), moscow=True) if term else "",
    }
    if below:
        supervised = plural(
            below,
            _("подведомственная организация"),
            _("подведомственные организации"),
            _("подведомственных организаций"),
        )
        words["who"] = _("%(who)s и %(supervised)s") % {"who": words["who"], "supervised": supervised}
        words["able"] = _("смогут") if kind != StepException.Kind.PAUSE else _("не смогут")
    if kind != StepException.Kind.PAUSE:
        return _("%(who)s %(able)s %(doing)s до %(until)s.") % words
    if term:
        return (
            _("%(who)s %(able)s %(doing)s до %(until)s. Потом приём продолжится сам; срок не сдвигается.")
            % words
        )
    return _("%(who)s %(able)s %(doing)s, пока приостановку не снимут. Срок не сдвигается.") % words


def number(value: int) -> str:
    """1 488: thousands set apart by a space that does not break."""
    return f"{value:,}".replace(",", "\u00a0")


def documents(count: int) -> str:
    return plural(count, _("документ"), _("документа"), _("документов"))


def listed(lines: Iterable[str], at_most: int = 6) -> str:
    """One line each, and how many more there are."""
    every = list(lines)
    shown = every[:at_most]
    if len(every) > at_most:
        shown.append(_("и ещё %s") % (len(every) - at_most))
    return "\n".join(shown)


def duration(start: datetime, end: datetime) -> str:
    """«2 ч 10 мин», or whole days from two days on."""
    minutes = max(int((end - start).total_seconds()), 0) // 60
    days, rest = divmod(minutes, 24 * 60)
    if days >= 2:
        return plural(days, _("день"), _("дня"), _("дней"))
    return f"{days * 24 + rest // 60} {_('ч')} {rest % 60:02d} {_('мин')}"
