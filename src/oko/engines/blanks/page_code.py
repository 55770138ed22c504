"""What stands in the codes of a page, and beside them for people.

    O1*VPR-2026*ANSWERS-1.2*1*EDU640001*40001*K7Q2M

Format, assessment, blank and its version, page, organisation, serial of the set, check. Capitals, digits and
`$%*+-./:` only: such a text takes the fewest modules of a QR code. The check is made of a SHA-256 of the rest
(25 bits); with a key, of an HMAC (40 bits; the format is then K1): whoever does not know the key can print no
code that is taken for ours.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

_PLAIN, _KEYED = "O1", "K1"
_SEPARATOR = "*"
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter is taken for a digit
_PLAIN_LETTERS, _KEYED_LETTERS = 5, 8
_CODE = re.compile(r"[A-Z0-9._-]{1,30}")


class PageCodeError(ValueError):
    """A code that cannot be made, or is not whole; the message says why, in Russian."""


@dataclass(frozen=True, slots=True)
class PageCode:
    """Which page of which blank of whom. Codes are the same in capital and small letters: kept small."""

    assessment: str
    blank: str
    version: int
    page: int
    organisation: str
    serial: str


def looks_like_ours(text: str) -> bool:
    """Whether a code was meant to be Oko's, whole or not."""
    return text.startswith((_PLAIN + _SEPARATOR, _KEYED + _SEPARATOR))


def encode(code: PageCode, key: bytes | None = None) -> str:
    """The text of a code.

    Raises:
        PageCodeError: a part is empty, too long, or has letters that no code can hold.
    """
    parts = {
        "процедура": code.assessment,
        "организация": code.organisation,
        "код участника": code.serial,
    }
    for name, part in parts.items():
        if not _CODE.fullmatch(part.upper()):
            raise PageCodeError(
                f"{name} «{part}» не годится для кода страницы: латинские буквы, цифры, точка, дефис, "
                "подчёркивание, от 1 до 30 знаков"
            )
    body = _SEPARATOR.join(
        (
            _KEYED if key else _PLAIN,
            code.assessment.upper(),
            f"{code.blank.upper()}.{code.version}",
            str(code.page),
            code.organisation.upper(),
            code.serial.upper(),
        )
    ).replace("_", "%")
    return f"{body}{_SEPARATOR}{_check(body, key)}"


def decode(text: str, key: bytes | None = None) -> PageCode:
    """The parts of a code.

    Raises:
        PageCodeError: it is not Oko's, is damaged, or was not made with this key.
    """
    body, _, check = text.rpartition(_SEPARATOR)
    parts = body.split(_SEPARATOR)
    if len(parts) != 6 or parts[0] not in (_PLAIN, _KEYED):
        raise PageCodeError("это не код Око")
    if (parts[0] == _KEYED) != bool(key):
        raise PageCodeError("код сделан с ключом" if parts[0] == _KEYED else "код сделан без ключа")
    if not hmac.compare_digest(check, _check(body, key)):
        raise PageCodeError("контрольные знаки кода не сходятся")
    _, assessment, blank_and_version, page, organisation, serial = (part.replace("%", "_") for part in parts)
    blank, _, version = blank_and_version.rpartition(".")
    try:
        numbers = int(version), int(page)
    except ValueError as error:
        raise PageCodeError("это не код Око") from error
    return PageCode(assessment.lower(), blank.lower(), *numbers, organisation.lower(), serial)


def _check(body: str, key: bytes | None) -> str:
    content = body.encode("ascii", "replace")
    digest = hmac.digest(key, content, "sha256") if key else hashlib.sha256(content).digest()
    letters = _KEYED_LETTERS if key else _PLAIN_LETTERS
    number = int.from_bytes(digest[:8])
    return "".join(_BASE32[(number >> (5 * place)) & 31] for place in range(letters))
