"""Whose session it is. The password is compared in `access.sign_in`; no rights come from here."""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend

from oko.cabinet.people.models import Account


class AccountBackend(BaseBackend):
    """An account that is switched off is out at the next request."""

    def get_user(self, account_id: int) -> Account | None:
        return Account.objects.filter(pk=account_id, is_active=True).first()
