"""New people, and those who are known already."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db import connection
from django.db.models import Q, QuerySet

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation, within
from oko.cabinet.people.models import Account, Appointment

#: Only one transaction at a time makes accounts: so neither a login nor a person is made twice.
_MAKING_ACCOUNTS = 6_403_001
#: A telephone is the same whether it begins with +7 or with 8.
_DIGITS_THAT_COUNT = 10
MOST_FOUND = 20


def lock_making() -> None:
    """Until the end of the transaction nobody else makes accounts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING_ACCOUNTS])


def new_account(
    organisation: Organisation,
    full_name: str,
    *,
    phone: str = "",
    email: str = "",
    workplace: Organisation | None = None,
    position: str = "",
    subjects: Collection[str] = (),
) -> Account:
    """An account with a login of the organisation («edu640012-3») and no password.

    It signs in once its holder has set a password by an activation letter. Called after `lock_making`.
    """
    return Account.objects.create_user(
        next_login(organisation),
        None,
        full_name=full_name,
        phone=phone,
        email=email,
        workplace=workplace,
        position=position,
        subjects=list(subjects),
    )


def next_login(organisation: Organisation) -> str:
    """The organisation's code and the first number that nobody has had."""
    taken = Account.objects.filter(username__startswith=f"{organisation.code}-").values_list(
        "username", flat=True
    )
    numbers = [int(tail) for login in taken if (tail := login.rpartition("-")[2]).isdigit()]
    return f"{organisation.code}-{max(numbers, default=0) + 1}"


def visible_people(acting: Acting) -> QuerySet[Account]:
    """Who has, or had, an appointment in what one sees, in any assessment, or works there."""
    there = Appointment.everything.filter(within(acting, "organisation")).values("person")
    return Account.objects.filter(Q(pk__in=there) | within(acting, "workplace") & Q(workplace__isnull=False))


def same_phone(phone: str) -> str:
    """The digits that count; empty where these are too few to tell anybody."""
    digits = re.sub(r"\D", "", phone)
    return digits[-_DIGITS_THAT_COUNT:] if len(digits) >= _DIGITS_THAT_COUNT else ""


def people_like(acting: Acting, text: str) -> QuerySet[Account]:
    """Visible people by every word of a name, a telephone, an e-mail or a login."""
    found = visible_people(acting).filter(is_active=True)
    words = text.replace("\x00", "").split()
    if not words:
        return found.none()
    for word in words[:6]:
        asked = (
            Q(full_name__icontains=word)
            | Q(email__icontains=word)
            | Q(username__icontains=word)
            | Q(phone__icontains=word)
        )
        found = found.filter(asked)
    return found.select_related("workplace").order_by("full_name", "pk")


def known_by_contacts(acting: Acting, phone: str, email: str) -> list[Account]:
    """Visible people with the same telephone or e-mail, however these are written."""
    asked = Q()
    if email:
        asked |= Q(email__iexact=email)
    digits = same_phone(phone)
    if digits:
        asked |= Q(phone__iregex=r"\D*".join(digits))
    if not asked:
        return []
    return list(visible_people(acting).filter(asked).select_related("workplace").order_by("full_name", "pk"))
