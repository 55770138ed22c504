"""Single-use codes: made from 80 random bits, read back however they were typed from paper."""

from __future__ import annotations

import secrets

from oko.cabinet.access import keys

#: 32 signs, 5 bits each: without I, L, O and U, which are mistaken for others (or make words).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16  # 80 bits
GROUP = 4

#: What the eye takes for another sign, and Cyrillic letters that look like Latin ones.
_MEANT = str.maketrans("ILOUАВЕЗКМНОРСТУХЁ", "110VABE3KMH0PCTYXE")


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))


def grouped(code: str) -> str:
    """«K7QM-2XW9-…»: as it is printed."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def as_meant(typed: str) -> str:
    """The code without spaces, dashes and case; look-alikes are what they look like."""
    upper = typed.upper().translate(_MEANT)
    return "".join(sign for sign in upper if sign in ALPHABET)[: LENGTH + 1]


def digest_of(code: str) -> bytes:
    return keys.digest("activation-code", code)


def new_link_token() -> str:
    """What a link carries: it says who is meant and opens nothing without the code."""
    return secrets.token_urlsafe(16)
