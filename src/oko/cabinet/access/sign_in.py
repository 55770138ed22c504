"""Signing in and out, and what else begins or ends a session."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth import login, logout
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest

from oko.cabinet.access import journal, second_factor
from oko.cabinet.access.browsers import address_of, agent_of, remember
from oko.cabinet.access.guessing import source_of
from oko.cabinet.access.models import AccessRecord, CabinetSession
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation import clock
from oko.cabinet.people.models import Account

BACKEND = "oko.cabinet.people.backends.AccountBackend"
#: For so long after the password was given it is not asked again before a change of secrets.
CONFIRMED_FOR = timedelta(minutes=15)
CONFIRMED_AT = "confirmed_at"


#: Said in SQL once, not composed anew at each sign-in: everything but the hash has to cost next to nothing.
_ACCOUNT = f"""
SELECT account.*, EXISTS (
    SELECT FROM {Authenticator._meta.db_table} factor
    WHERE factor.user_id = account.id AND factor.type <> '{Authenticator.Type.RECOVERY_CODES.value}'
) AS has_factor
FROM {Account._meta.db_table} account WHERE account.username = %s
"""  # noqa: S608  # names of our own tables


class TooManyGuessesError(Exception):
    """This source has to wait before it may guess at this login again."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__("too many wrong guesses")
        self.until = until


class WrongPasswordError(Exception):
    """The login and the password do not belong together."""


def sign_in(request: HttpRequest, username: str, password: str) -> Account:
    """Compare login and password, in the same time whether the login exists or not, and begin a session.

    Raises:
        WrongPasswordError: they do not belong together, or the account is switched off.
        TooManyGuessesError: this source guessed wrong too often; the password was not even looked at.
    """
    account = next(iter(Account.objects.raw(_ACCOUNT, [username])), None)
    source = source_of(request, username, account)
    until = source.waits_until()
    if until:
        raise TooManyGuessesError(until)
    if account is None:
        make_password(password)  # as long as a comparison takes
    if account is None or not account.check_password(password) or not account.is_active:
        if source.count_wrong():
            raise TooManyGuessesError(source.waits_until())
        raise WrongPasswordError
    source.forgive()
    enter(request, account, has_factor=account.has_factor)  # type: ignore[attr-defined]  # from the query
    return account


@transaction.atomic
def enter(request: HttpRequest, account: Account, *, has_factor: bool) -> None:
    """Begin a session under a new key; with a second factor still to be shown where the person has one."""
    login(request, account, backend=BACKEND)
    request.session["address"], request.session["agent"] = address_of(request) or None, agent_of(request)
    confirm(request)
    second_factor.begin(request, has_factor=has_factor)
    if not has_factor:
        remember(request, account)
    record(journal.SIGNED_IN, account=account, after={"second_factor": "нужен"} if has_factor else None)


@transaction.atomic
def sign_out(request: HttpRequest) -> None:
    """End the session on the server: the cookie of it opens nothing any more."""
    if isinstance(request.user, Account):
        record(journal.SIGNED_OUT, account=request.user)
    logout(request)


def confirm(request: HttpRequest) -> None:
    """The password was given just now."""
    request.session[CONFIRMED_AT] = clock.now().timestamp()


def is_confirmed(request: HttpRequest) -> bool:
    given = request.session.get(CONFIRMED_AT, 0)
    now = clock.now().timestamp()
    return bool(given <= now < given + CONFIRMED_FOR.total_seconds())


@transaction.atomic
def password_was_set(account: Account) -> None:
    AccessRecord.objects.update_or_create(account=account, defaults={"password_set_at": clock.now()})


@transaction.atomic
def end_session(account: Account, number: UUID) -> bool:
    """One of one's own sessions; whether there was such a one."""
    ended, _each = CabinetSession.objects.filter(account=account, number=number).delete()
    if ended:
        record(journal.SESSIONS_ENDED, account=account, after={"sessions": ended})
    return bool(ended)


@transaction.atomic
def end_other_sessions(request: HttpRequest, account: Account) -> int:
    """All sessions of an account but the one that asks."""
    others = CabinetSession.objects.filter(account=account)
    if request.session.session_key:
        others = others.exclude(pk=request.session.session_key)
    ended, _each = others.delete()
    if ended:
        record(journal.SESSIONS_ENDED, account=account, after={"sessions": ended})
    return ended


def end_all_sessions(account: Account) -> int:
    return CabinetSession.objects.filter(account=account).delete()[0]
