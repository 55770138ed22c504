"""Wrong guesses are counted by who makes them, so that nobody but the guesser has to wait.

A guess comes from a *source*: a known browser (for it, nobody else's guesses count) or, where the browser is
not known for this login, from an address. Ten wrong ones from one source about one login, and this source
waits a quarter of an hour about this login. A whole municipality sits behind one address: the neighbours'
logins, and the same login in a known browser, are other pairs.

Guesses about one login from very many addresses are slowed down together: after a hundred within an hour,
an address from which this login has never been used waits too. Known browsers and known addresses do not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest

from oko.cabinet.access import journal
from oko.cabinet.access.browsers import address_of, known_browser
from oko.cabinet.access.models import KnownBrowser, WrongGuesses
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation import clock
from oko.cabinet.people.models import Account

LIMIT = 10
WAIT = timedelta(minutes=15)
STRANGERS_LIMIT = 100
STRANGERS_WINDOW = timedelta(hours=1)
#: Wrong guesses about logins that do not exist share one counter an address in the journal.
UNKNOWN = "?"
KEPT = timedelta(days=1)

#: Asked at every sign-in, so not composed anew each time.
_COUNTED = """
SELECT * FROM access_wrongguesses WHERE login = %s AND source = ANY(%s) AND last_at > %s AND last_at <= %s
"""
_COUNT_ONE_MORE = """
INSERT INTO access_wrongguesses (login, source, count, since, last_at) VALUES (%s, %s, 1, %s, %s)
ON CONFLICT (login, source) DO UPDATE SET
    count = CASE WHEN access_wrongguesses.last_at BETWEEN %s AND EXCLUDED.last_at
                 THEN access_wrongguesses.count + 1 ELSE 1 END,
    since = CASE WHEN access_wrongguesses.last_at BETWEEN %s AND EXCLUDED.last_at
                 THEN access_wrongguesses.since ELSE EXCLUDED.since END,
    last_at = EXCLUDED.last_at
RETURNING count
"""


@dataclass(slots=True)
class Source:
    """Who guesses, about which login."""

    login: str
    name: str
    strangers: str
    address: str
    account: Account | None
    known: bool
    rows: dict[str, WrongGuesses] = field(default_factory=dict)

    def waits_until(self) -> datetime | None:
        """Until when this source has to wait, if it has to. A clock that was set back frees, not binds."""
        now = clock.now()
        names = [self.name] if self.known else [self.name, self.strangers]
        found = WrongGuesses.objects.raw(_COUNTED, [self.login, names, now - STRANGERS_WINDOW, now])
        self.rows = {row.source: row for row in found}
        own, strangers = self.rows.get(self.name), self.rows.get(self.strangers)
        if own and own.count >= LIMIT and own.last_at + WAIT > now:
            return own.last_at + WAIT
        if strangers and strangers.count >= STRANGERS_LIMIT and strangers.last_at + WAIT > now:
            return None if self._comes_from_a_known_place() else strangers.last_at + WAIT
        return None

    def count_wrong(self, what: str = journal.SIGN_IN_FAILED) -> bool:
        """One wrong guess more; whether the source has to wait from now on."""
        count = _one_more(self.login, self.name, WAIT)
        if not self.known:
            _one_more(self.login, self.strangers, STRANGERS_WINDOW)
        self._record(count, what)
        return count >= LIMIT

    def forgive(self) -> None:
        """It was right: its wrong guesses were slips. (Costs nothing where there were none.)"""
        if self.name in self.rows:
            self.rows[self.name].delete()

    def _comes_from_a_known_place(self) -> bool:
        return (
            self.account is not None
            and KnownBrowser.objects.filter(account=self.account, address=self.address or None).exists()
        )

    def _record(self, count: int, what: str) -> None:
        """In the journal: the first wrong guess of a source and its lock. For logins that do not exist, one
        counter an address, told at 1, 10, 100…: whoever tries a million of them leaves seven events.
        """
        if self.account is not None:
            if count == 1:
                record(what, account=self.account)
            elif count == LIMIT:
                record(journal.SIGN_IN_LOCKED, account=self.account)
            return
        if tells_a_stranger(self.address):
            record(journal.SIGN_IN_FAILED, note="логина нет; о следующих с этого адреса — на 10-й, 100-й раз")


def source_of(request: HttpRequest, login: str, account: Account | None, about: str = "") -> Source:
    """`about` sets guesses at something else than the password apart («factor»)."""
    address = address_of(request)
    browser = known_browser(request, account) if account is not None else None
    name = f"browser:{browser.pk}" if browser else f"address:{address}"
    return Source(
        login=login[:60],
        name=f"{about}{name}",
        strangers=f"{about}strangers",
        address=address,
        account=account,
        known=browser is not None,
    )


def tells_a_stranger(address: str, about: str = "") -> bool:
    """Count one wrong try at nothing that exists; whether it is one to be told (the 1st, 10th, 100th…)."""
    count = _one_more(UNKNOWN, f"{about}address:{address}", KEPT)
    return count == 10 ** (len(str(count)) - 1)


def forget_old() -> int:
    return WrongGuesses.objects.filter(last_at__lt=clock.now() - KEPT).delete()[0]


def _one_more(login: str, source: str, window: timedelta) -> int:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ONE_MORE, [login, source, now, now, now - window, now - window])
        return int(cursor.fetchone()[0])
