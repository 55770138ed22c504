"""What this app puts on everybody's desk: the menu, who waits to be confirmed, what waits to be signed."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.appointments import lists, queries
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.registry import (
    PEOPLE_ROOM,
    HomeCard,
    MenuItem,
    Urgency,
    register_home_cards,
    register_menu,
)
from oko.cabinet.people.models import Order


def waiting_for_me(acting: Acting) -> list[HomeCard]:
    """«Ждут моего подтверждения», with how many."""
    if not may(acting, "appointments.confirm"):
        return []
    count = queries.waiting(acting).count()
    if not count:
        return []
    return [
        HomeCard(
            title=_now("Ждут вашего подтверждения: %(count)s") % {"count": count},
            text=_now("Пока вы не подтвердите, эти люди не могут войти в своей роли."),
            urgency=Urgency.DUE,
            url=reverse("waiting-appointments"),
            action=_now("Проверить и подтвердить"),
        )
    ]


def unsigned_orders(acting: Acting) -> list[HomeCard]:
    """For the head: which orders wait for a signature."""
    if not may(acting, "appointments.sign"):
        return []
    visible: QuerySet[Order] = Order.objects.visible_to(acting)
    orders = visible.filter(organisation=acting.organisation_id, signed_at=None, scan_sha256="").defer("scan")
    return [
        HomeCard(
            title=_now("Приказ %(order)s ждёт подписи") % {"order": order},
            text=_now("Проверьте, кто назначен, и подпишите в кабинете или на бумаге."),
            urgency=Urgency.DUE,
            url=reverse("order", args=[order.pk]),
            action=_now("Открыть приказ"),
        )
        for order in orders.order_by("pk")[:3]
    ]


def list_not_sent(acting: Acting) -> list[HomeCard]:
    """Until the first list of responsible people has gone upwards."""
    if not may(acting, "appointments.send_list") or lists.has_sent(acting):
        return []
    return [
        HomeCard(
            title=_now("Список ответственных не отправлен"),
            text=_now("Проверьте людей, телефоны и приказы и отправьте список наверх."),
            urgency=Urgency.WAITING,
            url=reverse("send-responsible-list"),
            action=_now("Проверить и отправить"),
        )
    ]


register_menu(
    MenuItem(
        _("Назначения"), "appointments", 68, lambda acting: may(acting, "appointments.read"), PEOPLE_ROOM
    )
)
for _source in (waiting_for_me, unsigned_orders, list_not_sent):
    register_home_cards(_source)
