"""Signing in by login and password; no rights come from here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from oko.cabinet.people.models import Account


class AccountBackend:
    """Compares the password in the same time whether the login exists or not; the form tidies the login."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Account | None:
        if not username or password is None:
            return None
        account = Account.objects.filter(username=username).first()
        if account is None:
            Account().set_password(password)
            return None
        return account if account.check_password(password) and account.is_active else None

    def get_user(self, account_id: int) -> Account | None:
        return Account.objects.filter(pk=account_id, is_active=True).first()
