"""What a person does with their own secrets."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from oko.cabinet.access import journal, sign_in
from oko.cabinet.access.guessing import source_of
from oko.cabinet.audit.recording import record
from oko.cabinet.people.models import Account


def change_password(request: HttpRequest, person: Account, old: str, new: str) -> None:
    """Set a new password and end the other sessions.

    Raises:
        WrongPasswordError: the old password is not theirs.
        TooManyGuessesError: it was guessed at too often.
    """
    source = source_of(request, person.username, person)
    until = source.waits_until()
    if until:
        raise sign_in.TooManyGuessesError(until)
    if not person.check_password(old):
        if source.count_wrong():
            raise sign_in.TooManyGuessesError(source.waits_until())
        raise sign_in.WrongPasswordError
    source.forgive()
    with transaction.atomic():
        person.set_password(new)
        person.save(update_fields=["password"])
        sign_in.password_was_set(person)
        sign_in.end_other_sessions(request, person)
        record(journal.PASSWORD_CHANGED, account=person)
