"""The words in which refusals, layouts and kinds of findings are said."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from oko.cabinet.assessments.deadlines import Window, WindowState
from oko.cabinet.assessments.models import RoadmapStep
from oko.cabinet.assessments.words import for_step
from oko.cabinet.organisations.models import Organisation
from oko.engines.forms.kinds import SENTENCES, Kind
from oko.engines.forms.layouts import vocabulary


def refusal_words(window: Window, step: RoadmapStep, organisation: Organisation) -> str:
    """Why nothing may be sent now, and who can help."""
    if window.state is WindowState.NOT_OPEN:
        return _("Приём ещё не открыт: он начнётся {opens}. Файл не сохранён.").format(
            opens=for_step(window.opens, step, organisation)
        )
    if window.state is WindowState.PAUSED:
        return _(
            "Приём приостановлен: {reason}. Файл не сохранён; отправьте его, когда приём возобновят. "
            "Следите за новостями в кабинете."
        ).format(reason=window.exception.reason.rstrip(".") if window.exception else "")
    last = max(window.closes, window.late_until or window.closes)
    return _("Срок истёк {closes}. Файл не сохранён. Продлить срок может региональный координатор.").format(
        closes=for_step(last, step, organisation)
    )


def layout_title(code: str) -> str:
    """A layout by its name: «электронный протокол последних лет»."""
    layout = vocabulary().layout(code) if code else None
    return layout.title if layout else ""


def kind_title(kind: str) -> str:
    """The name of a kind of finding: its sentence without what was found."""
    try:
        sentence = SENTENCES[Kind(kind)].what
    except (ValueError, KeyError):
        return kind
    title = re.sub(r"[:,]?\s*\{\w+\}", "", sentence).strip(" —,:")
    return title[:1].upper() + title[1:]
