"""Keys of this app: what is kept is of no use to whoever only has the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class WrongKeyError(RuntimeError):
    """Something kept was encrypted under another key than this installation has now."""


def digest(purpose: str, text: str) -> bytes:
    """HMAC-SHA256 under a key of its own for each purpose."""
    return hmac.digest(_derived(settings.ACCESS_KEY, purpose), text.encode(), hashlib.sha256)


def encrypt(text: str) -> str:
    return _fernet(settings.ACCESS_KEY).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """What `encrypt` made.

    Raises:
        WrongKeyError: it was made under another key.
    """
    try:
        return _fernet(settings.ACCESS_KEY).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise WrongKeyError(
            "Второй фактор зашифрован другим ключом: верните прежний OKO_ACCESS_KEY или сбросьте доступ."
        ) from error


@cache
def _derived(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"oko.access.{purpose}".encode(), hashlib.sha256)


@cache
def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(key, "second-factor")))
