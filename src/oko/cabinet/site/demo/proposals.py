"""What the demo's coordinators have begun: proposals that wait, orders with and without a signature, a
delegation, lists of responsible people that some have sent and others not.
"""

from __future__ import annotations

import hashlib

import typst

from oko.cabinet.appointments import actions, delegations, lists
from oko.cabinet.appointments.actions import Terms
from oko.cabinet.appointments.persons import Person
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Appointment, Order, Role
from oko.cabinet.site.demo.places import Places

Staff = dict[tuple[str, int], Appointment]

#: Every so many schools has not had its order signed yet; the well-known one has not either.
UNSIGNED_EVERY = 9
#: So many schools of the first municipality have sent their list.
SENT = 14

_SCAN = """
#set page("a5")
#set text(font: ("DejaVu Sans", "Liberation Sans", "Libertinus Serif"), lang: "ru")
#align(center)[*Приказ {number}*]
О назначении ответственных. Скан придуман для демонстрации.
"""


def begin_work(places: Places, staff: Staff) -> None:
    """Everything through the actions that people use, so that the history and the journal have it."""
    _sign_orders(places)
    _propose(places, staff)
    _delegate(places.schools[0], staff)
    _send_lists(places, staff)


def _sign_orders(places: Places) -> None:
    """Paper orders with a scan; a few schools are behind."""
    behind = {school.pk for school in places.schools[::UNSIGNED_EVERY]}
    orders = list(Order.everything.exclude(organisation__in=behind))
    scan = typst.compile(_SCAN.format(number=orders[0].number).encode(), format="pdf")
    assert isinstance(scan, bytes)  # noqa: S101  # one file, since no template for many pages was given
    for order in orders:
        order.scan_name, order.scan = "приказ.pdf", scan
        order.scan_sha256 = hashlib.sha256(scan).hexdigest()
    Order.everything.bulk_update(orders, ["scan_name", "scan", "scan_sha256"], batch_size=50)


def _propose(places: Places, staff: Staff) -> None:
    """Observers wait for the municipality, an expert for the federal organiser."""
    school, region = places.schools[0], places.regions[0]
    coordinator = staff[Role.SCHOOL_COORDINATOR, school.pk].acting()
    for number, name in enumerate(("Туманова Л. И.", "Ручьёва Н. С."), start=1):
        actions.appoint(
            coordinator,
            Person(name, phone=f"+7 900 100-00-{number:02}", position="родитель"),
            Role.PUBLIC_OBSERVER,
            school,
            Terms(),
        )
    actions.appoint(
        coordinator,
        Person("Зорина Е. М.", phone="+7 900 100-00-03", workplace=school, subjects=("физика",)),
        Role.ROOM_ORGANISER,
        school,
        Terms(room="12", subject="Русский язык"),
    )
    actions.appoint(
        staff[Role.REGIONAL_COORDINATOR, region.pk].acting(),
        Person("Полянская О. В.", phone="+7 900 100-00-04", subjects=("русский язык", "литература")),
        Role.EXPERT,
        region,
        Terms(subject="Русский язык"),
    )


def _delegate(school: Organisation, staff: Staff) -> None:
    """The technical specialist of the well-known school may work in its coordinator's cabinet."""
    coordinator = staff[Role.SCHOOL_COORDINATOR, school.pk]
    delegations.delegate(coordinator.acting(), staff[Role.TECHNICAL_SPECIALIST, school.pk], None)


def _send_lists(places: Places, staff: Staff) -> None:
    """The first schools of the first municipality, without the well-known one; and one municipality."""
    first, second = places.municipalities[:2]
    schools = [school for school in places.schools[1:] if school.supervisor_id == first.pk][:SENT]
    senders = [(Role.SCHOOL_COORDINATOR, school) for school in schools]
    for role, organisation in (*senders, (Role.MUNICIPAL_COORDINATOR, second)):
        acting = staff[role, organisation.pk].acting()
        lists.send(acting, lists.digest(lists.rows_now(acting)))
