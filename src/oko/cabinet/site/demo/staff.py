"""The people of the demo: one well-known login a role, and the staff of every organisation. No children."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from oko.cabinet.appointments.ways import OBSERVERS
from oko.cabinet.assessments.models import Assessment
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment, Order, Role
from oko.cabinet.site.demo.places import Places
from oko.cabinet.site.demo.proposals import begin_work

#: Known to everybody who reads this. It is stored so that only the demo understands it (see `hashers`).
PASSWORD = "demo-oko-2026"  # noqa: S105
ORDER = "01-15/демо"
ROOM = "7"
SUBJECTS: dict[str, str] = {Role.ROOM_ORGANISER: "Математика", Role.EXPERT: "Математика"}

#: One login a role; roles without pages of their own yet can sign in all the same.
LOGINS: dict[str, str] = {
    Role.HEAD: "head",
    Role.FEDERAL_ORGANISER: "federal",
    Role.REGIONAL_COORDINATOR: "region",
    Role.MUNICIPAL_COORDINATOR: "municipality",
    Role.RESPONSIBLE_COORDINATOR: "centre",
    Role.SCHOOL_COORDINATOR: "school",
    Role.TECHNICAL_SPECIALIST: "technician",
    Role.TEACHER: "teacher",
    Role.ANALYST: "analyst",
    Role.ROOM_ORGANISER: "room",
    Role.PUBLIC_OBSERVER: "observer",
    Role.INDEPENDENT_OBSERVER: "independent",
    Role.SCANNING_SPECIALIST: "scanner",
    Role.EXPERT: "expert",
}
_SURNAMES = (
    *(
        "Иванова",
        "Петрова",
        "Сидорова",
        "Кузнецова",
        "Смирнова",
        "Васильева",
        "Попова",
        "Новикова",
        "Фёдорова",
    ),
    *(
        "Морозова",
        "Волкова",
        "Алексеева",
        "Лебедева",
        "Семёнова",
        "Егорова",
        "Павлова",
        "Козлова",
        "Степанова",
    ),
)
_INITIALS = "АВГЕИЛМНОПРСТ"


@dataclass(frozen=True, slots=True)
class Post:
    """Who does what, where."""

    login: str
    role: str
    organisation: Organisation


def known_posts(places: Places) -> list[Post]:
    """The posts of the printed logins: in the first region, its first municipality and school."""
    school, centre = places.schools[0], places.centre or places.federal
    where: dict[str, Organisation] = {
        Role.FEDERAL_ORGANISER: places.federal,
        Role.REGIONAL_COORDINATOR: places.regions[0],
        Role.MUNICIPAL_COORDINATOR: places.municipalities[0],
        Role.RESPONSIBLE_COORDINATOR: centre,
        Role.ANALYST: places.regions[0],
        Role.SCANNING_SPECIALIST: centre,
        Role.EXPERT: places.regions[0],
        Role.INDEPENDENT_OBSERVER: places.schools[1],
    }
    return [Post(login, role, where.get(role, school)) for role, login in LOGINS.items()]


def appoint_staff(places: Places, assessment: Assessment, on: date) -> dict[tuple[str, int], Appointment]:
    """Accounts and appointments of everybody; returns the appointments by role and organisation."""
    known = known_posts(places)
    taken = {(post.role, post.organisation.pk) for post in known}
    posts = known + [post for post in _usual_posts(places) if (post.role, post.organisation.pk) not in taken]
    chance = random.Random("staff")  # noqa: S311  # not a secret
    password = make_password(PASSWORD)
    accounts = Account.objects.bulk_create(
        Account(
            username=post.login,
            password=make_password(None) if _waits_for_a_letter(number, post) else password,
            full_name=_name(chance),
            phone=f"+7 900 000-{number // 100:02}-{number % 100:02}",
            email=f"{post.login}@example.org",
            workplace=None if post.role in OBSERVERS else post.organisation,
        )
        for number, post in enumerate(posts)
    )
    orders = _orders((post.organisation for post in posts), assessment, on)
    appointments = Appointment.everything.bulk_create(
        Appointment(
            person=account,
            role=post.role,
            organisation=post.organisation,
            assessment=assessment,
            order=orders[post.organisation.pk],
            room=ROOM if post.role == Role.ROOM_ORGANISER else "",
            subject=SUBJECTS.get(post.role, ""),
        )
        for account, post in zip(accounts, posts, strict=True)
    )
    staff = {(post.role, post.organisation.pk): a for post, a in zip(posts, appointments, strict=True)}
    begin_work(places, staff)
    return staff


def appoint_again(
    appointments: list[Appointment], assessment: Assessment
) -> dict[tuple[str, int], Appointment]:
    """The same people in the same roles, in another assessment; by role and organisation."""
    orders = _orders((one.organisation for one in appointments), assessment, appointments[0].order_date)
    again = Appointment.everything.bulk_create(
        Appointment(
            person=standing.person,
            role=standing.role,
            organisation=standing.organisation,
            assessment=assessment,
            order=orders[standing.organisation.pk],
            room=standing.room,
            subject=standing.subject,
        )
        for standing in appointments
    )
    return {(one.role, one.organisation_id): one for one in again}


def _orders(
    organisations: Iterable[Organisation], assessment: Assessment, on: date | None
) -> dict[int, Order]:
    """One order for each organisation, by its key."""
    made = Order.everything.bulk_create(
        Order(assessment=assessment, organisation_id=pk, number=ORDER, date=on)
        for pk in dict.fromkeys(organisation.pk for organisation in organisations)
    )
    return {order.organisation_id: order for order in made}


def _usual_posts(places: Places) -> list[Post]:
    posts = [Post(region.code, Role.REGIONAL_COORDINATOR, region) for region in places.regions]
    posts += [Post(here.code, Role.MUNICIPAL_COORDINATOR, here) for here in places.municipalities]
    for school in (*places.schools, *places.colleges):
        posts.append(Post(school.code, Role.TECHNICAL_SPECIALIST, school))
        posts.append(Post(f"{school.code}k", Role.SCHOOL_COORDINATOR, school))
    return posts


def _waits_for_a_letter(number: int, post: Post) -> bool:
    """Some coordinators have no access yet: the level above has letters to issue."""
    return (
        post.login not in LOGINS.values()
        and post.role in (Role.MUNICIPAL_COORDINATOR, Role.SCHOOL_COORDINATOR)
        and number % 5 == 0
    )


def _name(chance: random.Random) -> str:
    return f"{chance.choice(_SURNAMES)} {chance.choice(_INITIALS)}. {chance.choice(_INITIALS)}."
