"""Words to appointed people: shown on the home page until they are read. Nothing secret stands in them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.audit.recording import record
from oko.cabinet.audit.verbs import Sort, recorded
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.registry import HomeCard, Urgency, register_home_cards
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.people.models import Account, Appointment, Notice

READ = recorded("people.read_notice", Sort.CHANGE, gettext_lazy("Прочитано извещение"))

LONGEST_TEXT = 400
LONGEST_ADDRESS = 200
#: So many unread ones have a card each; the others wait on the page of notices.
MOST_CARDS = 3
BATCH = 1000


def notify(appointment: Appointment, text: str, address: str = "", sent_by: Account | None = None) -> Notice:
    """Say something to one appointed person; `address` is the page where it is dealt with.

    Called inside the action's transaction, whose event says what was done: the word itself is no event.
    """
    return notify_all([(appointment.pk, text)], address, sent_by.pk if sent_by else None)[0]


def notify_all(
    words: Iterable[tuple[int, str]], address: str = "", sent_by_id: int | None = None
) -> list[Notice]:
    """The same to many: pairs of an appointment's key and the text for it, a statement for each thousand."""
    moment_of_sending = now()
    return Notice.everything.bulk_create(
        (
            Notice(
                appointment_id=pk,
                text=_storable(text, LONGEST_TEXT),
                address=address[:LONGEST_ADDRESS],
                sent_by_id=sent_by_id,
                sent_at=moment_of_sending,
            )
            for pk, text in words
        ),
        batch_size=BATCH,
    )


def _storable(text: str, longest: int) -> str:
    clean = text.replace("\x00", "")
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"


def of(acting: Acting) -> QuerySet[Notice]:
    """The notices of the appointment in which one acts, the newest first."""
    found: QuerySet[Notice] = Notice.objects.visible_to(acting)
    return found.select_related("sent_by")


@transaction.atomic
def mark_read(acting: Acting, notice: Notice) -> None:
    """«Прочитано»: the card goes; the notice stays in the list. A second time changes nothing.

    A technical specialist in a coordinator's cabinet does not read in the coordinator's stead.

    Raises:
        PermissionDenied: see `people.read_notices`.
    """
    _read(acting, [notice.pk])


@transaction.atomic
def mark_all_read(acting: Acting) -> int:
    """Returns how many there were.

    Raises:
        PermissionDenied: see `people.read_notices`.
    """
    return _read(acting, list(of(acting).filter(read_at=None).values_list("pk", flat=True)))


def _read(acting: Acting, keys: list[int]) -> int:
    require(acting, "people.read_notices")
    changed = of(acting).filter(pk__in=keys, read_at=None).update(read_at=now())
    if changed:
        record(READ, acting=acting, after={"notices": keys})
    return changed


def cards(acting: Acting) -> list[HomeCard]:
    """Unread notices, the newest first; when there are many, where the others are."""
    unread = list(of(acting).filter(read_at=None)[: MOST_CARDS + 1])
    shown = [_card(notice) for notice in unread[:MOST_CARDS]]
    if len(unread) > MOST_CARDS:
        text = _("Есть ещё непрочитанные извещения.")
        shown.append(HomeCard(_("Извещения"), text, Urgency.DUE, reverse("notices"), _("Все извещения")))
    return shown


def _card(notice: Notice) -> HomeCard:
    sender = f"\n{notice.sent_by.full_name}, {moment(notice.sent_at)}" if notice.sent_by else ""
    return HomeCard(
        title=_("Вам пишут") if notice.sent_by else _("Извещение"),
        text=notice.text + (sender or f"\n{moment(notice.sent_at)}"),
        urgency=Urgency.DUE,
        url=notice.address,
        action=_("Перейти") if notice.address else "",
        post_url=reverse("notice-read", args=[notice.pk]),
        post_action=_("Прочитано"),
    )


register_home_cards(cards)
