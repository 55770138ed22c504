"""What several pages need."""

from __future__ import annotations

from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.people.models import Account


def person(request: ActingRequest) -> Account:
    """Who does it: the middleware lets nobody else through."""
    account: Account = request.user  # type: ignore[assignment]  # signed in, see ActingMiddleware
    return account
